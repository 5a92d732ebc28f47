/*
 * command_kpis.c - `earshot kpis`: key performance indicators of a database.
 */
#include "probe/commands.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "probe/kpi_options.h"
#include "probe/options.h"
#include "probe/print_text.h"
#include "probe/table.h"
#include "schema/field_text.h"
#include "web/display.h"
#include "web/record_json.h"

static const char help[] =
        "usage: earshot kpis --db FILE [options]\n"
        "\n"
        "Ratios, delays, traffic and quality of what `earshot analyze --db` has kept, by the\n"
        "standards; `earshot explain kpi NAME` says how each is defined.\n"
        "\n"
        "  -d, --db FILE        the database\n"
        "  -g, --group-by LIST  a row for each trunk, direction, prefix, codec, code (final SIP\n"
        "                       status), hour-of-week; several with commas\n"
        "  -s, --step STEP      a row for each minute, hour or day\n"
        "  -v, --view VIEW      leg: each leg once (default); trunk: each leg at either end's\n"
        "                       trunk (default when grouped by trunk or direction); call:\n"
        "                       what the caller got, however many legs it took\n"
        "  -f, --from TIME      only minutes from then on: 2024-05-01T10:00:00Z, -2h\n"
        "  -t, --to TIME        only minutes before\n"
        "  -k, --kpi LIST       these figures (see earshot explain kpi)\n"
        "  -z, --time-zone NAME hours, days and hours of the week are of this zone, as\n"
        "                       Europe/Berlin; else of the system's\n"
        "  -C, --config FILE    take the time zone of this configuration\n"
        "  -j, --json           one JSON object a line, all figures\n"
        "  -c, --csv            comma-separated values under a line of names\n"
        "  -h, --help           this text\n"
        "\n"
        "examples:\n"
        "  earshot kpis --db calls.db\n"
        "  earshot kpis --db calls.db --view call --step hour\n"
        "  earshot kpis --db calls.db --group-by trunk,direction --kpi asr,ner,acd_s\n"
        "  earshot kpis --db calls.db --group-by prefix,trunk,code --json\n";

/* What a table shows when nobody says. */
static const char *const usual[] = { "seizures",        "asr",        "ner",      "acd_s",
	                             "pdd_ms",          "pdd_p95_ms", "cps_peak", "erlang",
	                             "concurrent_peak", "mos_nb_p50", "loss_pct" };

/* --- what is known of a row ------------------------------------------------------------
 */

struct group_column {
	unsigned int by; /* 0: of the step */
	const char *name;
};

static const struct group_column group_columns[] = {
	{ 0, "from" },
	{ KPI_BY_HOUR_OF_WEEK, "hour_of_week" },
	{ KPI_BY_TRUNK, "trunk" },
	{ KPI_BY_DIRECTION, "direction" },
	{ KPI_BY_PREFIX, "prefix" },
	{ KPI_BY_CODEC, "codec" },
	{ KPI_BY_CODE, "code" },
};

/* A minute needs no fraction of a second. */
static void add_minute(struct buffer *to, nstime at)
{
	struct buffer text = { 0 };
	display_time(&text, at, 1);
	buffer_add(to, text_head(buffer_text(&text), sizeof "2024-05-01T10:00:00" - 1));
	buffer_add_char(to, 'Z');
	buffer_free(&text);
}

static bool is_shown(const struct kpi_request *request, const struct group_column *column)
{
	return column->by ? (request->by & column->by) != 0
	                  : request->step != KPI_STEP_NONE;
}

static const char *direction_of(const struct kpi_row *row)
{
	return row->key.direction == KPI_INBOUND    ? "inbound"
	       : row->key.direction == KPI_OUTBOUND ? "outbound"
	                                            : "";
}

static const char *codec_of(const struct kpi_row *row)
{
	return row->key.codec == CODEC_UNKNOWN ? "" : codec_name(row->key.codec);
}

/* Text of ours or of the configuration; empty: not known. */
static void add_group(struct buffer *to, const struct kpi_row *row, unsigned int by)
{
	static const char *const days[] = {
		"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"
	};
	switch (by) {
	case 0:
		add_minute(to, row->key.start);
		break;
	case KPI_BY_HOUR_OF_WEEK:
		buffer_format(to, "%s %02d", days[row->hour_of_week / 24],
		              row->hour_of_week % 24);
		break;
	case KPI_BY_TRUNK:
		display_text(to, text_from(row->key.trunk));
		break;
	case KPI_BY_DIRECTION:
		buffer_add_string(to, direction_of(row));
		break;
	case KPI_BY_PREFIX:
		display_text(to, text_from(row->key.prefix));
		break;
	case KPI_BY_CODEC:
		buffer_add_string(to, codec_of(row));
		break;
	case KPI_BY_CODE:
		if (row->key.status)
			buffer_add_number(to, row->key.status);
		break;
	default:
		break;
	}
}

static double value_of(const struct kpi_options *options, const struct kpi_definition *d,
                       const struct kpi_row *row)
{
	if (options->request.by & (KPI_BY_CODEC | KPI_BY_CODE) && !d->every_group)
		return NAN;
	if (d->of_calls && options->request.view != KPI_VIEW_CALL)
		return NAN;
	return kpi_value(d, &row->sum);
}

enum { WIDTH = 10 }; /* of a value */

/* --- text ------------------------------------------------------------------------------
 */

static int decimals_of(const struct kpi_definition *d)
{
	const struct text unit = text_from(d->unit);
	if (text_starts(text_from(d->name), TEXT("mos")) || d->form == KPI_FORM_RATIO)
		return 2;
	if (unit.len == 0 || d->form == KPI_FORM_PEAK)
		return 0;
	return text_equal(unit, TEXT("ms")) ? 0 : text_equal(unit, TEXT("s")) ? 1 : 2;
}

static void add_value(struct buffer *to, const struct kpi_definition *d, double value)
{
	text_add_real(to, value, 0, decimals_of(d));
}

/* All figures of one row, each with what it is. */
static void add_account(struct buffer *to, const struct kpi_options *options,
                        const struct kpi_row *row)
{
	add_minute(to, row->key.start);
	buffer_add(to, TEXT(" to "));
	add_minute(to, row->end);
	buffer_add_char(to, '\n');
	for (size_t i = 0; i < options->column_count; i++) {
		const struct kpi_definition *d = options->columns[i];
		struct buffer value = { 0 };
		add_value(&value, d, value_of(options, d, row));
		buffer_format(to, "  %-18s ", d->name);
		const size_t width = display_width(buffer_text(&value));
		buffer_add_blanks(to, width < WIDTH ? WIDTH - width : 0);
		buffer_add(to, buffer_text(&value));
		buffer_format(to, " %-7s %s\n", d->unit, d->title);
		to->failed |= value.failed;
		buffer_free(&value);
	}
}

static void add_table(struct buffer *to, const struct kpi_options *options,
                      const struct kpi_rows *rows)
{
	const char *titles[TABLE_MAX_COLUMNS];
	bool right[TABLE_MAX_COLUMNS] = { false };
	size_t columns = 0;
	size_t groups = 0;
	struct table table;
	for (size_t i = 0; i < ARRAY_LEN(group_columns); i++) {
		if (is_shown(&options->request, &group_columns[i]))
			titles[columns++] = group_columns[i].name;
	}
	groups = columns;
	for (size_t i = 0; i < options->column_count && columns < TABLE_MAX_COLUMNS; i++) {
		right[columns] = true;
		titles[columns++] = options->columns[i]->name;
	}
	table_begin(&table, columns, titles, right);
	for (size_t r = 0; r < rows->count; r++) {
		for (size_t i = 0; i < ARRAY_LEN(group_columns); i++) {
			if (!is_shown(&options->request, &group_columns[i]))
				continue;
			add_group(&table.cells, &rows->list[r], group_columns[i].by);
			table_end_cell(&table);
		}
		for (size_t i = 0; i < columns - groups; i++) {
			add_value(&table.cells, options->columns[i],
			          value_of(options, options->columns[i], &rows->list[r]));
			table_end_cell(&table);
		}
	}
	table_add_to(&table, to, print_wants_colour(stdout));
	table_free(&table);
}

/* --- for programs ----------------------------------------------------------------------
 */

static void add_member_text(struct buffer *to, const char *name, const char *text)
{
	json_add_name(to, name);
	if (*text)
		display_json(to, text_from(text));
	else
		buffer_add(to, TEXT("null"));
}

static void add_member_time(struct buffer *to, const char *name, nstime at)
{
	json_add_name(to, name);
	buffer_add_char(to, '"');
	display_time(to, at, 6);
	buffer_add_char(to, '"');
}

static void add_json_group(struct buffer *to, const struct kpi_row *row, unsigned int by)
{
	if (by & KPI_BY_HOUR_OF_WEEK) {
		json_add_name(to, "hour_of_week");
		buffer_add_number(to, (uint64_t)row->hour_of_week);
	}
	if (by & KPI_BY_TRUNK)
		add_member_text(to, "trunk", row->key.trunk);
	if (by & KPI_BY_DIRECTION)
		add_member_text(to, "direction", direction_of(row));
	if (by & KPI_BY_PREFIX)
		add_member_text(to, "prefix", row->key.prefix);
	if (by & KPI_BY_CODEC)
		add_member_text(to, "codec", codec_of(row));
	if (by & KPI_BY_CODE) {
		json_add_name(to, "code");
		if (row->key.status)
			buffer_add_number(to, row->key.status);
		else
			buffer_add(to, TEXT("null"));
	}
}

static void add_json(struct buffer *to, const struct kpi_options *options,
                     const struct kpi_row *row)
{
	static const char *const view_names[] = { "", "leg", "trunk", "call" };
	buffer_add(to, TEXT("{\"kind\":\"kpis\""));
	add_member_text(to, "view", view_names[options->request.view]);
	add_member_time(to, "from", row->key.start);
	add_member_time(to, "to", row->end);
	json_add_name(to, "seconds");
	display_json_real(to, row->sum.seconds);
	add_json_group(to, row, options->request.by);
	for (size_t i = 0; i < options->column_count; i++) {
		json_add_name(to, options->columns[i]->name);
		display_json_real(to, value_of(options, options->columns[i], row));
	}
	json_add_name(to, "busy_hour");
	if (row->sum.busy_hour == NSTIME_NONE) {
		buffer_add(to, TEXT("null"));
	} else {
		buffer_add_char(to, '"');
		display_time(to, row->sum.busy_hour, 6);
		buffer_add_char(to, '"');
	}
	json_add_name(to, "counts");
	buffer_add_char(to, '{');
	for (size_t i = 0; i < KPI_COUNT_COUNT; i++) {
		json_add_name(to, kpi_count_names[i]);
		display_json_count(to, row->sum.counts[i]);
	}
	buffer_add(to, TEXT("}}\n"));
}

static unsigned int csv_decimals_of(const struct kpi_definition *d)
{
	const bool whole = d->form == KPI_FORM_COUNT || d->form == KPI_FORM_PEAK ||
	                   d->form == KPI_FORM_CHANNELS;
	return whole ? 0 : 3;
}

static void add_csv(struct buffer *to, const struct kpi_options *options,
                    const struct kpi_row *row)
{
	struct buffer cell = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(group_columns); i++) {
		if (!is_shown(&options->request, &group_columns[i]))
			continue;
		cell.len = 0;
		add_group(&cell, row, group_columns[i].by);
		display_csv(to, buffer_text(&cell));
		buffer_add_char(to, ',');
	}
	for (size_t i = 0; i < options->column_count; i++) {
		const double value = value_of(options, options->columns[i], row);
		buffer_add_string(to, i ? ",\"" : "\"");
		if (isfinite(value))
			buffer_add_fixed(to, 0, csv_decimals_of(options->columns[i]),
			                 value);
		buffer_add_char(to, '"');
	}
	buffer_add_char(to, '\n');
	to->failed |= cell.failed;
	buffer_free(&cell);
}

static void add_csv_header(struct buffer *to, const struct kpi_options *options)
{
	for (size_t i = 0; i < ARRAY_LEN(group_columns); i++) {
		if (is_shown(&options->request, &group_columns[i]))
			buffer_format(to, "\"%s\",", group_columns[i].name);
	}
	for (size_t i = 0; i < options->column_count; i++)
		buffer_format(to, "%s\"%s\"", i ? "," : "", options->columns[i]->name);
	buffer_add_char(to, '\n');
}

/* --- the command ------------------------------------------------------------------------
 */

static void choose_columns(struct kpi_options *options)
{
	const bool table = options->mode == PRINT_TEXT &&
	                   (options->request.by || options->request.step);
	if (options->column_count > 0)
		return;
	for (size_t i = 0; table && i < ARRAY_LEN(usual); i++)
		options->columns[options->column_count++] =
		        kpi_definition_find(text_from(usual[i]));
	for (size_t i = 0; !table && i < kpi_definition_count; i++)
		options->columns[options->column_count++] = &kpi_definitions[i];
}

static bool print(const struct kpi_options *options, const struct kpi_rows *rows)
{
	struct buffer out = { 0 };
	const bool table = options->request.by || options->request.step;
	if (options->mode == PRINT_TEXT && table)
		add_table(&out, options, rows);
	if (options->mode == PRINT_CSV)
		add_csv_header(&out, options);
	for (size_t i = 0; i < rows->count; i++) {
		if (options->mode == PRINT_JSON)
			add_json(&out, options, &rows->list[i]);
		else if (options->mode == PRINT_CSV)
			add_csv(&out, options, &rows->list[i]);
		else if (!table)
			add_account(&out, options, &rows->list[i]);
	}
	const bool written = buffer_write(&out, stdout);
	buffer_free(&out);
	return written;
}

int command_kpis(int argc, char **argv)
{
	struct kpi_options options;
	struct kpi_rows rows;
	struct db_error error;
	struct query *query = NULL;
	if (!kpi_options_read(argc, argv, &options)) {
		fprintf(stderr, "Try 'earshot %s --help'.\n", argv[0]);
		return EXIT_USAGE;
	}
	if (options.help) {
		fputs(help, stdout);
		return options_flush_stdout();
	}
	if (options.time_zone[0] && setenv("TZ", options.time_zone, 1) != 0)
		err(EXIT_FAILURE, "%s", argv[0]);
	tzset();
	if (query_open(options.db, &query, &error) != OK) {
		warnx("%s: %s", argv[0], error.text);
		return EXIT_FAILURE;
	}
	choose_columns(&options);
	const enum status status = kpi_ask(query, &options.request, &rows);
	bool done = status == OK;
	if (!done)
		warnx("%s: %s", argv[0],
		      status == ERR_NOMEM ? "out of memory" : query_error(query));
	else if (!(done = print(&options, &rows)))
		warnx("%s: out of memory or the output is closed", argv[0]);
	kpi_rows_free(&rows);
	query_close(query);
	return done ? options_flush_stdout() : EXIT_FAILURE;
}
