#include "probe/report_html_parts.h"

#include <math.h>
#include <string.h>

#include "probe/report_html_kept.h"
#include "schema/field_text.h"
#include "web/display.h"

#define UNKNOWN "\u2013"

void html_text(struct buffer *to, const char *bytes)
{
	if (bytes[0])
		display_html(to, text_from(bytes));
	else
		buffer_add_string(to, UNKNOWN);
}

void html_real(struct buffer *to, double value, int decimals)
{
	if (isfinite(value))
		buffer_format(to, "%.*f", decimals, value);
	else
		buffer_add_string(to, UNKNOWN);
}

void html_count(struct buffer *to, uint64_t number)
{
	buffer_add_number(to, number);
}

void html_things(struct buffer *to, uint64_t number, const char *thing)
{
	buffer_add_number(to, number);
	buffer_format(to, " %s%s", thing, number == 1 ? "" : "s");
}

/* "2024-05-01T10:00:00.123Z" */
enum { DATE_END = 10, CLOCK_AT = 11, CLOCK_END = 19, MS_END = 23 };

static void format_time(nstime t, char text[32])
{
	struct buffer whole = { 0 };
	display_time(&whole, t, 3);
	text_copy(text, 32, buffer_text(&whole));
	buffer_free(&whole);
}

void html_time(struct buffer *to, nstime t)
{
	char text[32];
	if (t == NSTIME_NONE) {
		buffer_add_string(to, UNKNOWN);
		return;
	}
	format_time(t, text);
	buffer_format(to, "<time datetime=\"%s\">%.*s %.*s</time>", text, DATE_END, text,
	              MS_END - CLOCK_AT, text + CLOCK_AT);
}

void html_clock(struct buffer *to, nstime t)
{
	char text[32];
	if (t == NSTIME_NONE) {
		buffer_add_string(to, UNKNOWN);
		return;
	}
	format_time(t, text);
	buffer_format(to, "%.*s", CLOCK_END - CLOCK_AT, text + CLOCK_AT);
}

void html_duration(struct buffer *to, double seconds)
{
	if (!isfinite(seconds) || seconds < 0 || seconds > 1e9) {
		buffer_add_string(to, UNKNOWN);
	} else if (seconds < 60) {
		buffer_format(to, "%.1f s", seconds);
	} else {
		const unsigned long whole = (unsigned long)(seconds + 0.5);
		if (whole >= 3600)
			buffer_format(to, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60,
			              whole % 60);
		else
			buffer_format(to, "%lu:%02lu min", whole / 60, whole % 60);
	}
}

void html_route(struct buffer *to, const struct endpoint *src, const struct endpoint *dst)
{
	char text[ENDPOINT_TEXT_SIZE];
	buffer_add_string(to, endpoint_format(src, text));
	buffer_add_string(to, " \u2192 ");
	buffer_add_string(to, endpoint_format(dst, text));
}

const char *html_rating(double common_r)
{
	enum { REPORT_R_VERY_BAD = 60 };
	if (!isfinite(common_r))
		return "none";
	if (common_r < REPORT_R_VERY_BAD)
		return "bad";
	if (common_r < REPORT_R_BAD)
		return "poor";
	return common_r < REPORT_R_FAIR ? "fair" : "good";
}

void html_mos(struct buffer *to, double mos, enum band band, double r)
{
	buffer_format(to, "<span class=\"mos %s\">", html_rating(r));
	html_real(to, mos, 2);
	buffer_add_string(to, "</span>");
	if (isfinite(mos))
		buffer_format(to, " <small>%s</small>", band_name(band));
}

void html_pre(struct buffer *to, struct text text)
{
	buffer_add_string(to, "<pre tabindex=\"0\">");
	while (text.len > 0) {
		display_html(to, text_cut(&text, '\n'));
		buffer_add_char(to, '\n');
	}
	buffer_add_string(to, "</pre>\n");
}

static const struct field *field_called(const struct record *record, const char *name)
{
	const size_t count = record_fields(record->kind).count;
	const struct field *fields = record_fields(record->kind).fields;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i].name, name) == 0)
			return fields + i;
	}
	return NULL;
}

const char *report_word(const struct record *record, const char *name)
{
	const struct field *field = field_called(record, name);
	return field ? field_name_of(field, record) : NULL;
}

void report_flags(struct buffer *to, const struct record *record, const char *name)
{
	char list[FIELD_LIST_SIZE];
	const struct field *field = field_called(record, name);
	const size_t len = field ? field_format_list(field, record, list) : 0;
	for (size_t i = 1; i + 1 < len; i++) {
		if (list[i] == ',')
			buffer_add_string(to, ", ");
		else if (list[i] != '"')
			buffer_add_char(to, list[i] == '_' ? ' ' : list[i]);
	}
}
