/*
 * command_calls.c - `earshot calls`: the calls of a database, newest first.
 */
#include "probe/commands.h"

#include <math.h>
#include <stdlib.h>

#include "probe/list.h"
#include "probe/print_text.h"
#include "schema/field_text.h"

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
	char id[ID_TEXT_SIZE];
	list_cell_time(table, call->start);
	list_cell_wire(table, id_format(call->id, id));
	text_add_state(cells, call->state);
	table_end_cell(table);
	list_cell_real(table, leg && leg->status ? (double)leg->status : NAN, 0);
	list_cell_real(table, leg ? leg->duration_s : media_only_s(call), 3);
	list_cell_real(table, leg ? leg->pdd_ms : NAN, 0);
	text_add_mos(cells, call->mos_lq_min, call->mos_lq_min_band);
	table_end_cell(table);
	buffer_add_string(cells, call->one_way ? "one-way" : "");
	table_end_cell(table);
	list_cell_real(table, call->legs.count, 0);
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

static const struct list calls = { .kind = RECORD_CALL,
	                           .columns = ARRAY_LEN(titles),
	                           .titles = titles,
	                           .right = right,
	                           .ask_row = add_call };

int command_calls(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .list = true };
	static const struct list *const lists[] = { &calls };
	struct options options;
	int exit_status = EXIT_SUCCESS;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	return list_command(argv[0], &options, lists, ARRAY_LEN(lists));
}
