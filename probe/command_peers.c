/*
 * command_peers.c - `earshot peers`: who answers and who does not, and what came of that.
 */
#include "probe/commands.h"

#include "probe/list.h"
#include "probe/print_peers.h"

static const char help[] =
        "usage: earshot peers --db FILE [options]\n"
        "\n"
        "The signalling addresses that requests are sent to, as they stood last, and the events\n"
        "about them, newest first: one is down or up again, or calls go to another one.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -e, --events      the events alone\n"
        "  -f, --filter EXPR only the peers (with --events: the events) that match; see\n"
        "                    FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many of each (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names; without --events\n"
        "                    the peers alone\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot peers --db calls.db\n"
        "  earshot peers --db calls.db --filter 'state = down or rtt_mean_ms > 100'\n"
        "  earshot peers --db calls.db --events --csv\n";

static void add_peer(struct table *table, const struct record *record)
{
	const struct peer_record *p = &record->peer;
	list_cell_endpoint(table, &p->peer);
	list_cell_wire(table, p->trunk);
	list_cell_word(table, record, "state");
	list_cell_time(table, p->since);
	list_cell_count(table, p->options);
	list_cell_count(table, p->options_unanswered);
	list_cell_real(table, p->rtt_mean_ms, 1);
	list_cell_count(table, p->invites);
	list_cell_count(table, p->invites_unanswered);
	list_cell_count(table, p->server_errors);
	list_cell_count(table, p->outages);
	list_cell_time(table, p->last);
	list_cell_wire(table, p->software);
}

static void add_event(struct table *table, const struct record *record)
{
	text_add_event(&table->cells, record);
	table_end_cell(table);
}

static const char *const peer_titles[] = {
	"peer",    "trunk",      "state", "since",   "OPTIONS", "unanswered", "RTT ms",
	"INVITEs", "unanswered", "5xx",   "outages", "last",    "software",
};
static const bool peer_right[] = { false, false, false, false, true,  true, true,
	                           true,  true,  true,  true,  false, false };
static const struct list peers = { RECORD_PEER, ARRAY_LEN(peer_titles), peer_titles,
	                           peer_right, add_peer };

static const char *const event_titles[] = { "events" };
static const bool event_right[] = { false };
static const struct list events = { RECORD_EVENT, 1, event_titles, event_right, add_event };

int command_peers(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help,
		                                      .list = true,
		                                      .second_letter = 'e' };
	static const struct list *const lists[] = { &peers, &events };
	struct options options;
	int exit_status = 0;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	if (options.second)
		return list_command(argv[0], &options, &lists[1], 1);
	return list_command(argv[0], &options, lists, options.mode == PRINT_CSV ? 1 : 2);
}
