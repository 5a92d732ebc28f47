#include "web/display.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/utf8.h"

static const char hex[] = "0123456789abcdef";

static const uint32_t replacement = 0xfffd;

/* Unicode 15: what has an effect of its own and no looks, and what is blank without being a
 * blank; variation selectors aside, which stand behind what they belong to. */
static const struct {
	uint32_t first, last;
} acting[] = {
	{ 0x00, 0x1f },       /* C0 */
	{ 0x7f, 0x9f },       /* DEL, C1 */
	{ 0xad, 0xad },       /* soft hyphen */
	{ 0x34f, 0x34f },     /* combining grapheme joiner */
	{ 0x61c, 0x61c },     /* Arabic letter mark */
	{ 0x115f, 0x1160 },   /* Hangul fillers */
	{ 0x17b4, 0x17b5 },   /* Khmer vowels that are not seen */
	{ 0x180e, 0x180e },   /* Mongolian vowel separator */
	{ 0x200b, 0x200f },   /* zero-width blanks and joiners, direction marks */
	{ 0x2028, 0x202e },   /* line and paragraph separator, embeddings, overrides */
	{ 0x2060, 0x206f },   /* word joiner, invisible operators, isolates */
	{ 0x2800, 0x2800 },   /* Braille without dots */
	{ 0x3164, 0x3164 },   /* Hangul filler */
	{ 0xfeff, 0xfeff },   /* zero-width no-break space */
	{ 0xffa0, 0xffa0 },   /* Hangul filler */
	{ 0xfff0, 0xfffb },   /* not assigned, interlinear annotation */
	{ 0x1bca0, 0x1bca3 }, /* shorthand format controls */
	{ 0x1d173, 0x1d17a }, /* of musical notes */
	{ 0xe0000, 0xe00ff }, /* tags */
	{ 0xe01f0, 0xe0fff }, /* not assigned, and not shown */
};

bool display_acts(uint32_t code_point)
{
	for (size_t i = 0; i < ARRAY_LEN(acting) && acting[i].first <= code_point; i++) {
		if (code_point <= acting[i].last)
			return true;
	}
	return false;
}

/* How many characters at the front are plain in every kind of output. */
static size_t plain_run(struct text t)
{
	size_t len = 0;
	while (len < t.len && t.at[len] >= ' ' && t.at[len] <= '~' && t.at[len] != '"' &&
	       t.at[len] != '\\' && t.at[len] != '<' && t.at[len] != '>' &&
	       t.at[len] != '&')
		len++;
	return len;
}

static void add_code_point(struct buffer *to, uint32_t code_point)
{
	char bytes[UTF8_MAX];
	buffer_add(to, (struct text){ bytes, utf8_encode(code_point, bytes) });
}

static void add_hex_byte(struct buffer *to, uint32_t byte)
{
	const char escape[] = { '\\', 'x', hex[byte >> 4 & 0xf], hex[byte & 0xf] };
	buffer_add(to, (struct text){ escape, sizeof escape });
}

static void add_json_unit(struct buffer *to, uint32_t unit)
{
	const char escape[] = { '\\',
		                'u',
		                hex[unit >> 12 & 0xf],
		                hex[unit >> 8 & 0xf],
		                hex[unit >> 4 & 0xf],
		                hex[unit & 0xf] };
	buffer_add(to, (struct text){ escape, sizeof escape });
}

/* Takes a code point off the front; what is invalid becomes U+FFFD. */
static uint32_t cut_code_point(struct text *rest)
{
	size_t len;
	const uint32_t code_point = utf8_next(*rest, &len);
	*rest = text_skip(*rest, len);
	return code_point == UTF8_INVALID ? replacement : code_point;
}

static void add_visible(struct buffer *to, uint32_t code_point)
{
	if (!display_acts(code_point))
		add_code_point(to, code_point);
	else if (code_point < 0x100)
		add_hex_byte(to, code_point);
	else
		buffer_format(to, "\\u{%x}", (unsigned int)code_point);
}

void display_text(struct buffer *to, struct text t)
{
	while (t.len > 0) {
		const size_t plain = plain_run(t);
		buffer_add(to, text_head(t, plain));
		t = text_skip(t, plain);
		if (t.len > 0)
			add_visible(to, cut_code_point(&t));
	}
}

/* The reference that stands for c; NULL where none is needed. */
static const char *html_reference(uint32_t code_point)
{
	switch (code_point) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '`':
		return "&#96;";
	default:
		return NULL;
	}
}

void display_html(struct buffer *to, struct text t)
{
	while (t.len > 0) {
		const uint32_t code_point = cut_code_point(&t);
		const char *reference = html_reference(code_point);
		if (reference)
			buffer_add_string(to, reference);
		else
			add_visible(to, code_point);
	}
}

size_t display_width(struct text t)
{
	size_t width = 0;
	for (size_t i = 0; i < t.len; i++)
		width += ((uint8_t)t.at[i] & 0xc0) != 0x80;
	return width;
}

static void add_json_code_point(struct buffer *to, uint32_t code_point)
{
	if (code_point == '"' || code_point == '\\') {
		buffer_add_char(to, '\\');
		buffer_add_char(to, (char)code_point);
	} else if (code_point >= 0x10000 && display_acts(code_point)) {
		add_json_unit(to, 0xd800 + ((code_point - 0x10000) >> 10));
		add_json_unit(to, 0xdc00 + ((code_point - 0x10000) & 0x3ff));
	} else if (display_acts(code_point) || code_point == '<' || code_point == '>' ||
	           code_point == '&') {
		add_json_unit(to, code_point);
	} else {
		add_code_point(to, code_point);
	}
}

void display_json(struct buffer *to, struct text t)
{
	buffer_add_char(to, '"');
	while (t.len > 0) {
		const size_t plain = plain_run(t);
		buffer_add(to, text_head(t, plain));
		t = text_skip(t, plain);
		if (t.len > 0)
			add_json_code_point(to, cut_code_point(&t));
	}
	buffer_add_char(to, '"');
}

/* Also the wide forms, which spreadsheets of East Asia take for the others. */
static bool begins_formula(struct text t)
{
	static const char *const beginnings[] = { "=",      "+",      "-",     "@",
		                                  "\t",     "\r",     "\n",    "\uff1d",
		                                  "\uff0b", "\uff0d", "\uff20" };
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (text_starts(t, text_from(beginnings[i])))
			return true;
	return false;
}

void display_csv(struct buffer *to, struct text t)
{
	buffer_add_char(to, '"');
	if (begins_formula(t))
		buffer_add_char(to, '\'');
	while (t.len > 0) {
		const size_t plain = plain_run(t);
		buffer_add(to, text_head(t, plain));
		t = text_skip(t, plain);
		if (t.len > 0 && t.at[0] == '"')
			buffer_add_char(to, '"');
		if (t.len > 0)
			add_visible(to, cut_code_point(&t));
	}
	buffer_add_char(to, '"');
}

void display_log(struct buffer *to, struct text t)
{
	size_t shown = 0;
	for (size_t i = 0; i < t.len; i++) {
		const bool plain = t.at[i] >= ' ' && t.at[i] <= '~' && t.at[i] != '\\';
		shown += plain ? 1 : 4;
		if (shown > DISPLAY_LOG_MAX)
			return;
		if (plain)
			buffer_add_char(to, t.at[i]);
		else
			add_hex_byte(to, (uint8_t)t.at[i]);
	}
}

static void put_digits(char *to, unsigned int count, uint64_t number)
{
	for (unsigned int i = count; i > 0; i--) {
		to[i - 1] = (char)('0' + number % 10);
		number /= 10;
	}
}

struct date {
	int64_t year;
	unsigned int month, day;
};

/* Days since 1970-01-01 to the Gregorian calendar; years begin in March, eras of 400 years.
 */
static struct date date_of(int64_t days)
{
	days += 719468; /* since 0000-03-01 */
	const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	const unsigned int of_era = (unsigned int)(days - era * 146097);
	const unsigned int year_of_era =
	        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	const unsigned int of_year =
	        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const unsigned int month = (5 * of_year + 2) / 153; /* 0 is March */
	return (struct date){
		.year = (int64_t)year_of_era + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

void display_time(struct buffer *to, nstime t, unsigned int digits)
{
	const int64_t second = t / NS_PER_SEC - (t % NS_PER_SEC < 0);
	uint64_t fraction = (uint64_t)(t - second * NS_PER_SEC);
	const int64_t day = second / 86400 - (second % 86400 < 0);
	const uint64_t of_day = (uint64_t)(second - day * 86400);
	const struct date date = date_of(day);
	char text[] = "0000-00-00T00:00:00.000000000Z";
	put_digits(text, 4, (uint64_t)date.year);
	put_digits(text + 5, 2, date.month);
	put_digits(text + 8, 2, date.day);
	put_digits(text + 11, 2, of_day / 3600);
	put_digits(text + 14, 2, of_day / 60 % 60);
	put_digits(text + 17, 2, of_day % 60);
	put_digits(text + 20, 9, fraction);
	const size_t end = digits ? 20 + digits : 19; /* no point before nothing */
	text[end] = 'Z';
	buffer_add(to, (struct text){ text, end + 1 });
}

void display_json_count(struct buffer *to, uint64_t value)
{
	const bool exact = value <= UINT64_C(1) << 53;
	if (!exact)
		buffer_add_char(to, '"');
	buffer_add_number(to, value);
	if (!exact)
		buffer_add_char(to, '"');
}

void display_json_real(struct buffer *to, double value)
{
	char text[32];
	if (!isfinite(value)) {
		buffer_add_string(to, "null");
		return;
	}
	if (value >= 0 && value < 1e15 && value == floor(value) && !signbit(value)) {
		buffer_add_number(to, (uint64_t)value);
		return;
	}
	for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	buffer_add_string(to, text);
}
