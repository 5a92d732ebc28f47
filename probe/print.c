#include "probe/print.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/explain_why.h"
#include "probe/print_alert.h"
#include "probe/print_held.h"
#include "probe/print_intervals.h"
#include "probe/print_json.h"
#include "probe/print_observation.h"
#include "probe/print_peers.h"
#include "probe/print_text.h"
#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_csv.h"
#include "web/record_json.h"

enum {
	SECTION_MAX = 4 << 20, /* bytes of a section; a longer one is printed in parts */
	WRITE_AT = 64 << 10,   /* bytes gathered before they are written */
};

/* What is listed apart from the calls, at the end. */
enum section {
	SECTION_STREAMS,
	SECTION_REPORTS,
	SECTION_REGISTRATIONS,
	SECTION_EVENTS,
	SECTION_OBSERVATIONS,
	SECTION_ENCRYPTED,
	SECTION_ALERTS,
	SECTION_COUNT
};

static const char *const section_titles[SECTION_COUNT] = {
	[SECTION_STREAMS] = "Streams without a call",
	[SECTION_REPORTS] = "Quality as endpoints claim it",
	[SECTION_REGISTRATIONS] = "Registrations",
	[SECTION_EVENTS] = "Peers",
	[SECTION_OBSERVATIONS] = "Security",
	[SECTION_ENCRYPTED] = "Encrypted signalling",
	[SECTION_ALERTS] = "Alerts",
};

struct printer {
	struct print_options options;
	struct buffer out;                     /* finished lines */
	struct buffer first, second;           /* scratch */
	struct buffer sections[SECTION_COUNT]; /* text only */
	struct held_lines *held;               /* text only; owned */
	bool failed;
};

bool print_wants_colour(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR");
	return isatty(fileno(out)) && (!no_colour || !no_colour[0]);
}

bool print_csv_kind(const char *name, enum record_kind *out)
{
	static const enum record_kind kinds[] = {
		RECORD_LEG,       RECORD_STREAM,  RECORD_CALL,    RECORD_REGISTRATION,
		RECORD_ENCRYPTED, RECORD_REPORT,  RECORD_BINDING, RECORD_PEER,
		RECORD_EVENT,     RECORD_FINDING, RECORD_KPI,     RECORD_OBSERVATION,
		RECORD_ALERT
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(record_kind_names[kinds[i]], name) == 0) {
			*out = kinds[i];
			return true;
		}
	}
	return false;
}

enum status printer_new(const struct print_options *options, struct printer **out)
{
	struct printer *printer = calloc(1, sizeof *printer);
	if (!printer)
		return ERR_NOMEM;
	printer->options = *options;
	if (options->mode == PRINT_TEXT && held_new(&printer->held) != OK) {
		printer_free(printer);
		return ERR_NOMEM;
	}
	if (options->mode == PRINT_CSV)
		csv_add_header(&printer->out, options->csv_kind);
	*out = printer;
	return OK;
}

static void write_out(struct printer *printer)
{
	if (printer->out.len > 0 || printer->out.failed)
		printer->failed |= !buffer_write(&printer->out, printer->options.out);
}

static void print_section(struct printer *printer, enum section section)
{
	struct buffer *lines = &printer->sections[section];
	if (lines->len > 0) {
		buffer_format(&printer->out, "%s\n", section_titles[section]);
		buffer_add(&printer->out, buffer_text(lines));
		buffer_add_char(&printer->out, '\n');
	}
	printer->failed |= lines->failed;
	lines->len = 0;
}

static struct buffer *section_line(struct printer *printer, enum section section)
{
	if (printer->sections[section].len > SECTION_MAX)
		print_section(printer, section);
	buffer_add_blanks(&printer->sections[section], 4);
	return &printer->sections[section];
}

static void add_indented(struct printer *printer, size_t blanks, struct text line)
{
	buffer_add_blanks(&printer->out, blanks);
	buffer_add(&printer->out, line);
	buffer_add_char(&printer->out, '\n');
}

static void add_call_line(struct printer *printer, const struct call_record *call)
{
	const bool colour = printer->options.colour;
	buffer_add_string(&printer->out, "    ");
	buffer_add_string(&printer->out, text_style(STYLE_FAINT, colour));
	text_add_call(&printer->out, call);
	buffer_add_string(&printer->out, text_style(STYLE_PLAIN, colour));
	buffer_add_char(&printer->out, '\n');
}

/*
 * A leg's outcome begins the call; further legs of the call have theirs indented.
 */
static void print_lines(struct printer *printer, const struct held_line *line,
                        const struct call_record *call)
{
	bool first = true;
	for (; line; line = line->next, first = false) {
		const struct text one = { line->text, line->first_len };
		const struct text two = { line->text + line->first_len, line->second_len };
		if (line->is_leg)
			add_indented(printer, first ? 0 : 2, one);
		if (first && call)
			add_call_line(printer, call);
		add_indented(printer, 4, line->is_leg ? two : one);
	}
	buffer_add_char(&printer->out, '\n');
}

static void print_call(struct printer *printer, const struct record *record)
{
	struct held_line *lines = held_take(printer->held, record->call.id);
	if (lines && record->call.state == CALL_MEDIA_ONLY) {
		text_add_media_only(&printer->first, record, printer->options.colour);
		add_indented(printer, 0, buffer_text(&printer->first));
	}
	if (lines)
		print_lines(printer, lines, &record->call);
	held_free_list(lines);
}

/* What cannot be held is printed at once, under the id of its call. */
static void hold(struct printer *printer, const struct held_line *head)
{
	const struct text first = buffer_text(&printer->first);
	const struct text second = buffer_text(&printer->second);
	printer->failed |= printer->first.failed || printer->second.failed;
	if (printer->failed || held_add(printer->held, head, first, second))
		return;
	if (head->is_leg)
		add_indented(printer, 0, first);
	add_call_line(printer, &(struct call_record){ .id = head->call });
	add_indented(printer, 4, head->is_leg ? second : first);
}

static void text_leg(struct printer *printer, const struct record *record)
{
	const struct held_line head = { .call = record->leg.call,
		                        .leg = record->leg.id,
		                        .start = record->leg.start,
		                        .is_leg = true };
	text_add_outcome(&printer->first, record, printer->options.colour);
	text_add_signalling(&printer->second, record);
	text_add_facts(&printer->second, record);
	text_add_audio(&printer->second, record, printer->options.colour);
	hold(printer, &head);
}

static void text_stream(struct printer *printer, const struct record *record)
{
	const struct held_line head = { .call = record->stream.call,
		                        .leg = record->stream.leg,
		                        .start = record->stream.first };
	text_add_stream(&printer->first, record, printer->options.colour);
	if (!isfinite(record->stream.mos_lq))
		buffer_format(&printer->first, "\n      %s",
		              explain_why_not_scored(&record->stream));
	if (record->stream.call) {
		hold(printer, &head);
		return;
	}
	struct buffer *line = section_line(printer, SECTION_STREAMS);
	buffer_add(line, buffer_text(&printer->first));
	buffer_add_char(line, '\n');
}

/* Behind all else of its call, in the order of rank. */
static void text_finding(struct printer *printer, const struct record *record)
{
	const struct held_line head = {
		.call = record->finding.call,
		.start = INT64_MAX - FINDINGS_PER_CALL + (nstime)record->finding.rank,
	};
	text_add_finding(&printer->first, record, printer->options.colour);
	hold(printer, &head);
}

/* Records of a section of their own, one line each. */
static const struct {
	enum section section;
	void (*add)(struct buffer *to, const struct record *record);
} sections[RECORD_KIND_COUNT] = {
	[RECORD_REPORT] = { SECTION_REPORTS, text_add_report },
	[RECORD_REGISTRATION] = { SECTION_REGISTRATIONS, text_add_registration },
	[RECORD_ENCRYPTED] = { SECTION_ENCRYPTED, text_add_encrypted },
	[RECORD_EVENT] = { SECTION_EVENTS, text_add_event },
	[RECORD_OBSERVATION] = { SECTION_OBSERVATIONS, text_add_observation },
};

static void text_alert(struct printer *printer, const struct record *record)
{
	struct buffer *line = section_line(printer, SECTION_ALERTS);
	text_add_alert(line, record, printer->options.colour);
	buffer_add_char(line, '\n');
}

static void text_record(struct printer *printer, const struct record *record)
{
	printer->first.len = 0;
	printer->second.len = 0;
	if (record->kind == RECORD_OBSERVATION && !record->observation.over)
		return; /* it comes again */
	if (sections[record->kind].add) {
		struct buffer *line = section_line(printer, sections[record->kind].section);
		sections[record->kind].add(line, record);
		buffer_add_char(line, '\n');
	} else if (record->kind == RECORD_LEG) {
		text_leg(printer, record);
	} else if (record->kind == RECORD_STREAM) {
		text_stream(printer, record);
	} else if (record->kind == RECORD_FINDING) {
		text_finding(printer, record);
	} else if (record->kind == RECORD_CALL) {
		print_call(printer, record);
	} else if (record->kind == RECORD_ALERT) {
		text_alert(printer, record);
	}
}

void printer_record(struct printer *printer, const struct record *record)
{
	const struct print_options *options = &printer->options;
	if (options->mode == PRINT_TEXT)
		text_record(printer, record);
	else if (options->mode == PRINT_CSV && record->kind == options->csv_kind)
		csv_add_record(&printer->out, record);
	else if (options->mode == PRINT_JSON &&
	         (record->kind != RECORD_MESSAGE || options->messages) &&
	         (record->kind != RECORD_KPI || options->kpis))
		json_add_record(&printer->out, record);
	if (options->mode == PRINT_JSON && options->intervals &&
	    record->kind == RECORD_STREAM)
		json_add_intervals(&printer->out, record);
	if (printer->out.len >= WRITE_AT)
		write_out(printer);
}

static void print_rest(struct printer *printer)
{
	struct held_line *lines = printer->held ? held_take_rest(printer->held) : NULL;
	if (lines) {
		buffer_add_string(&printer->out, "Of calls without a record\n");
		print_lines(printer, lines, NULL);
	}
	held_free_list(lines);
	for (unsigned int section = 0; section < SECTION_COUNT; section++)
		print_section(printer, section);
}

void printer_summary(struct printer *printer, const struct summary *summary)
{
	print_rest(printer);
	if (printer->options.mode == PRINT_TEXT)
		text_add_summary(&printer->out, summary);
	else if (printer->options.mode == PRINT_JSON)
		json_add_summary(&printer->out, summary);
}

bool printer_finish(struct printer *printer)
{
	print_rest(printer);
	write_out(printer);
	return fflush(printer->options.out) == 0 && !printer->failed;
}

void printer_free(struct printer *printer)
{
	if (!printer)
		return;
	buffer_free(&printer->out);
	buffer_free(&printer->first);
	buffer_free(&printer->second);
	for (size_t section = 0; section < SECTION_COUNT; section++)
		buffer_free(&printer->sections[section]);
	held_free(printer->held);
	free(printer);
}
