/*
 * command_calls.c - `earshot calls`: the calls of a database, newest first.
 */
#include "probe/commands.h"

#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "probe/filter_option.h"
#include "probe/options.h"
#include "probe/print_text.h"
#include "probe/table.h"
#include "schema/field_text.h"
#include "web/display.h"

static const char help[] =
        "usage: earshot calls --db FILE [options]\n"
        "\n"
        "The calls kept in a database by `earshot analyze --db`, newest first.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -f, --filter EXPR only calls that match, as in 'mos_lq_min < 3.6 and status = 200';\n"
        "                    see FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many calls (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot calls --db calls.db --limit 20\n"
        "  earshot calls --db calls.db --filter 'mos_lq_min < 3.6 and start > -2h'\n"
        "  earshot calls --db calls.db --filter 'one_way or src in 198.18.0.0/15' --json\n";

static const char *const titles[] = { "start",      "id",     "state", "status",
	                              "duration s", "PDD ms", "MOS",   "audio",
	                              "legs",       "from",   "to" };
static const bool right[] = { false, false, false, true,  true, true,
	                      true,  false, true,  false, false };

static void add_id_cell(struct table *table, uint64_t id)
{
	char text[ID_TEXT_SIZE];
	buffer_add_string(&table->cells, id_format(id, text));
	table_end_cell(table);
}

static void add_real_cell(struct table *table, double value, int decimals)
{
	text_add_real(&table->cells, value, 0, decimals);
	table_end_cell(table);
}

/* Of a call without legs: where its media goes. */
static void add_ends(struct table *table, const struct stream_record *stream)
{
	char text[ENDPOINT_TEXT_SIZE];
	if (stream)
		buffer_add_string(&table->cells, endpoint_format(&stream->src, text));
	table_end_cell(table);
	if (stream)
		buffer_add_string(&table->cells, endpoint_format(&stream->dst, text));
	table_end_cell(table);
}

static double media_only_s(const struct call_record *call)
{
	return call->state == CALL_MEDIA_ONLY ? ns_to_s(call->ended - call->start) : NAN;
}

/* The call's first leg, or without one its first stream; NULL when there is none. */
static void add_row(struct table *table, const struct call_record *call,
                    const struct leg_record *leg, const struct stream_record *stream)
{
	struct buffer *cells = &table->cells;
	if (call->start != NSTIME_NONE)
		display_time(cells, call->start, 3);
	table_end_cell(table);
	add_id_cell(table, call->id);
	text_add_state(cells, call->state);
	table_end_cell(table);
	add_real_cell(table, leg && leg->status ? (double)leg->status : NAN, 0);
	add_real_cell(table, leg ? leg->duration_s : media_only_s(call), 3);
	add_real_cell(table, leg ? leg->pdd_ms : NAN, 0);
	text_add_mos(cells, call->mos_lq_min, call->mos_lq_min_band);
	table_end_cell(table);
	buffer_add_string(cells, call->one_way ? "one-way" : "");
	table_end_cell(table);
	add_real_cell(table, call->legs.count, 0);
	if (!leg) {
		add_ends(table, stream);
		return;
	}
	text_add_wire(cells, leg->from);
	table_end_cell(table);
	text_add_wire(cells, leg->to);
	table_end_cell(table);
}

/* ERR_NOT_FOUND when it has none of that kind. */
static enum status first_of_call(struct query *query, enum record_kind kind, uint64_t call,
                                 int64_t run, struct record *out)
{
	struct rows rows;
	enum status status = query_of_call(query, kind, call, run, &rows);
	if (status == OK)
		status = rows_next(&rows, out);
	rows_end(&rows);
	return status;
}

static enum status add_call(struct query *query, struct table *table,
                            const struct record *call, int64_t run)
{
	const uint64_t id = call->call.id;
	struct record first;
	enum status status = first_of_call(query, RECORD_LEG, id, run, &first);
	if (status == OK) {
		add_row(table, &call->call, &first.leg, NULL);
		return OK;
	}
	if (status == ERR_NOT_FOUND)
		status = first_of_call(query, RECORD_STREAM, id, run, &first);
	if (status == OK || status == ERR_NOT_FOUND)
		add_row(table, &call->call, NULL, status == OK ? &first.stream : NULL);
	return status == ERR_NOT_FOUND ? OK : status;
}

/* One more than the limit is asked for, to know whether the list was cut. */
static struct query_list wanted_calls(const struct options *options,
                                      const struct filter *filter)
{
	return (struct query_list){ .kind = RECORD_CALL,
		                    .filter = filter,
		                    .now = filter_option_now(),
		                    .limit = options->limit + 1 };
}

static enum status print_table(struct query *query, const struct options *options,
                               const struct filter *filter, bool *cut)
{
	const struct query_list list = wanted_calls(options, filter);
	struct record call;
	struct rows calls;
	struct table table;
	struct buffer out = { 0 };
	size_t count = 0;
	table_begin(&table, ARRAY_LEN(titles), titles, right);
	enum status status = query_list(query, &list, &calls);
	while (status == OK && (status = rows_next(&calls, &call)) == OK) {
		if (count++ == options->limit)
			break;
		status = add_call(query, &table, &call, calls.run);
	}
	rows_end(&calls);
	*cut = count > options->limit;
	table_add_to(&table, &out, print_wants_colour(stdout));
	if ((status == OK || status == ERR_NOT_FOUND) && !buffer_write(&out, stdout))
		warnx("calls: out of memory or the output is closed");
	buffer_free(&out);
	table_free(&table);
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status print_records(struct query *query, const struct options *options,
                                 const struct filter *filter, bool *cut)
{
	const struct query_list list = wanted_calls(options, filter);
	struct record call;
	struct rows calls;
	struct printer *printer = NULL;
	size_t count = 0;
	const struct print_options print = { .mode = options->mode,
		                             .out = stdout,
		                             .csv_kind = RECORD_CALL };
	enum status status = printer_new(&print, &printer);
	if (status != OK)
		return status;
	status = query_list(query, &list, &calls);
	while (status == OK && (status = rows_next(&calls, &call)) == OK) {
		if (count++ == options->limit)
			break;
		printer_record(printer, &call);
	}
	rows_end(&calls);
	*cut = count > options->limit;
	if (!printer_finish(printer))
		warnx("calls: out of memory or the output is closed");
	printer_free(printer);
	return status == ERR_NOT_FOUND ? OK : status;
}

static int print_calls(const char *command, const struct options *options,
                       const struct filter *filter)
{
	bool cut = false;
	struct query *query = options_open(command, options);
	if (!query)
		return EXIT_FAILURE;
	const enum status status = options->mode == PRINT_TEXT
	                                   ? print_table(query, options, filter, &cut)
	                                   : print_records(query, options, filter, &cut);
	if (status != OK)
		warnx("%s: %s", command, query_error(query));
	const int exit_status = options_flush_stdout();
	if (cut)
		warnx("%s: there are more than these %zu; see --limit", command,
		      options->limit);
	query_close(query);
	return status == OK ? exit_status : EXIT_FAILURE;
}

int command_calls(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .list = true };
	struct options options;
	struct filter *filter = NULL;
	int exit_status = EXIT_SUCCESS;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	if (options.filter &&
	    !(filter = filter_option(argv[0], options.filter, RECORD_CALL)))
		return EXIT_USAGE;
	exit_status = print_calls(argv[0], &options, filter);
	filter_free(filter);
	return exit_status;
}
