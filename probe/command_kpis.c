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
#include "web/display.h"
#include "web/kpi_rows.h"

static const char help[] =
        "usage: earshot kpis --db FILE [options]\n"
        "\n"
        "Ratios, delays, traffic and quality of what `earshot analyze --db` has kept, by the\n"
        "standards; `earshot explain kpi NAME` says how each is defined.\n"
        "\n"
        "  -d, --db FILE        the database\n"
        "  -g, --group-by LIST  a row for each trunk, site (of trunks), peer (trunk, or address\n"
        "                       of what is of none), direction, prefix, codec, code (final SIP\n"
        "                       status), hour-of-week; several with commas\n"
        "  -s, --step STEP      a row for each minute, hour or day\n"
        "  -v, --view VIEW      leg: each leg once (default); trunk: each leg at either end's\n"
        "                       trunk (default when grouped by trunk, site or direction);\n"
        "                       peer: each leg at both ends, whoever that is (default when\n"
        "                       grouped by peer); call: what the caller got, however many\n"
        "                       legs it took\n"
        "  -F, --filter EXPR    only buckets that match, as in 'site = frankfurt and\n"
        "                       prefix != mobile'; see FILTERS in earshot(1)\n"
        "  -f, --from TIME      only minutes from then on: 2024-05-01T10:00:00Z, -2h\n"
        "  -t, --to TIME        only minutes before\n"
        "  -k, --kpi LIST       these figures (see earshot explain kpi)\n"
        "  -z, --time-zone NAME hours, days and hours of the week are of this zone, as\n"
        "                       Europe/Berlin; else of the sensor's\n"
        "  -C, --config FILE    take the time zone of this configuration\n"
        "  -j, --json           one JSON object a line, all figures\n"
        "  -c, --csv            comma-separated values under a line of names\n"
        "  -h, --help           this text\n"
        "\n"
        "examples:\n"
        "  earshot kpis --db calls.db\n"
        "  earshot kpis --db calls.db --view call --step hour\n"
        "  earshot kpis --db calls.db --group-by trunk,direction --kpi asr,ner,acd_s\n"
        "  earshot kpis --db calls.db --group-by prefix,site,code --json\n"
        "  earshot kpis --db calls.db --filter 'trunk = carrier-a' --step day\n";

/* What a table shows when nobody says. */
static const char *const usual[] = { "seizures",        "asr",        "ner",      "acd_s",
	                             "pdd_ms",          "pdd_p95_ms", "cps_peak", "erlang",
	                             "concurrent_peak", "mos_nb_p50", "loss_pct" };
/* Instead of some of them, where rows are of trunks or sites. */
static const char *const usual_of_trunks[] = { "seizures",
	                                       "asr",
	                                       "ner",
	                                       "acd_s",
	                                       "pdd_ms",
	                                       "erlang",
	                                       "concurrent_peak",
	                                       "channels_configured",
	                                       "channels_used_pct",
	                                       "channels",
	                                       "capacity_rejects",
	                                       "mos_nb_p50" };

enum { WIDTH = 10 }; /* of a value */

/* --- text ----------------------------------------------------------------------------- */

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
	kpi_add_minute(to, row->key.start);
	buffer_add(to, TEXT(" to "));
	kpi_add_minute(to, row->end);
	buffer_add_char(to, '\n');
	for (size_t i = 0; i < options->columns.count; i++) {
		const struct kpi_definition *d = options->columns.list[i];
		struct buffer value = { 0 };
		add_value(&value, d, kpi_row_value(&options->request, d, row));
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
	for (size_t i = 0; i < kpi_group_count; i++) {
		if (kpi_group_is_shown(&options->request, &kpi_groups[i]))
			titles[columns++] = kpi_groups[i].name;
	}
	groups = columns;
	for (size_t i = 0; i < options->columns.count && columns < TABLE_MAX_COLUMNS; i++) {
		right[columns] = true;
		titles[columns++] = options->columns.list[i]->name;
	}
	table_begin(&table, columns, titles, right);
	for (size_t r = 0; r < rows->count; r++) {
		for (size_t i = 0; i < kpi_group_count; i++) {
			if (!kpi_group_is_shown(&options->request, &kpi_groups[i]))
				continue;
			const size_t empty = table.cells.len;
			kpi_add_group(&table.cells, &rows->list[r], &kpi_groups[i]);
			if (table.cells.len == empty) /* of no trunk, say */
				buffer_add_string(&table.cells, "\u2013");
			table_end_cell(&table);
		}
		for (size_t i = 0; i < columns - groups; i++) {
			const struct kpi_definition *d = options->columns.list[i];
			add_value(&table.cells, d,
			          kpi_row_value(&options->request, d, &rows->list[r]));
			table_end_cell(&table);
		}
	}
	table_add_to(&table, to, print_wants_colour(stdout));
	table_free(&table);
}

/* --- the command ---------------------------------------------------------------------- */

static void add_columns(struct kpi_options *options, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		options->columns.list[options->columns.count++] =
		        kpi_definition_find(text_from(names[i]));
}

static void choose_columns(struct kpi_options *options)
{
	const struct kpi_request *request = &options->request;
	const bool of_trunks = request->by & (KPI_BY_TRUNK | KPI_BY_PEER | KPI_BY_SITE) &&
	                       !kpi_request_is_by_end(request) &&
	                       request->view != KPI_VIEW_CALL;
	if (options->columns.count > 0)
		return;
	if (options->mode != PRINT_TEXT || (!request->by && !request->step))
		kpi_all_columns(&options->columns);
	else if (of_trunks)
		add_columns(options, usual_of_trunks, ARRAY_LEN(usual_of_trunks));
	else
		add_columns(options, usual, ARRAY_LEN(usual));
}

static bool print(const struct kpi_options *options, const struct kpi_rows *rows)
{
	struct buffer out = { 0 };
	const bool table = options->request.by || options->request.step;
	if (options->mode == PRINT_TEXT && table)
		add_table(&out, options, rows);
	if (options->mode == PRINT_CSV)
		kpi_add_csv_header(&out, &options->request, &options->columns);
	for (size_t i = 0; i < rows->count; i++) {
		const struct kpi_row *row = &rows->list[i];
		if (options->mode == PRINT_JSON) {
			kpi_add_json(&out, &options->request, &options->columns, row);
			buffer_add_char(&out, '\n');
		} else if (options->mode == PRINT_CSV) {
			kpi_add_csv(&out, &options->request, &options->columns, row);
		} else if (!table) {
			add_account(&out, options, row);
		}
	}
	const bool written = buffer_write(&out, stdout);
	buffer_free(&out);
	return written;
}

static bool answer(const char *command, struct kpi_options *options)
{
	struct kpi_rows rows;
	struct query *query = NULL;
	struct db_error error;
	if (query_open(options->db, &query, &error) != OK) {
		warnx("%s: %s", command, error.text);
		return false;
	}
	choose_columns(options);
	kpi_request_columns(&options->request, &options->columns);
	const enum status status = kpi_ask(query, &options->request, &rows);
	bool done = status == OK;
	if (!done)
		warnx("%s: %s", command,
		      status == ERR_NOMEM ? "out of memory" : query_error(query));
	else if (!(done = print(options, &rows)))
		warnx("%s: out of memory or the output is closed", command);
	kpi_rows_free(&rows);
	query_close(query);
	return done;
}

int command_kpis(int argc, char **argv)
{
	struct kpi_options options;
	int exit_status = EXIT_FAILURE;
	const enum option_outcome outcome = kpi_options_read(argc, argv, &options);
	if (outcome != OPTIONS_GOOD)
		exit_status = option_table_stop(outcome, argv[0], help);
	else if (answer(argv[0], &options))
		exit_status = options_flush_stdout();
	kpi_options_free(&options);
	return exit_status;
}
