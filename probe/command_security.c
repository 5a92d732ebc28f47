/*
 * command_security.c - `earshot security`: what looks like an attack, or like security
 * given up.
 */
#include "probe/commands.h"

#include "probe/list.h"
#include "probe/print_observation.h"

static const char help[] =
        "usage: earshot security --db FILE [options]\n"
        "\n"
        "What looks like an attack, or like security given up, newest first: passwords that are\n"
        "guessed, scans, floods, toll fraud, media in clear, SIP without TLS.  The bounds are in\n"
        "the section \"security\" of the configuration.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -f, --filter EXPR only those that match; see FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot security --db calls.db\n"
        "  earshot security --db calls.db --filter 'type = brute_force and events > 100'\n";

static void add_observation(struct table *table, const struct record *record)
{
	const struct observation_record *o = &record->observation;
	list_cell_time(table, o->first);
	list_cell_time(table, o->last);
	list_cell_word(table, record, "type");
	list_cell_endpoint(table, &o->src);
	list_cell_endpoint(table, &o->dst);
	list_cell_count(table, o->sources);
	list_cell_count(table, o->targets);
	list_cell_count(table, o->events);
	list_cell_count(table, o->others);
	list_cell_count(table, o->peak_per_min);
	list_cell_wire(table, o->subject);
	list_cell_wire(table, o->software);
}

static const char *const titles[] = {
	"first",   "last",   "what",   "from",       "to",      "sources",
	"targets", "events", "others", "per minute", "subject", "software",
};
static const bool right[] = { false, false, false, false, false, true,
	                      true,  true,  true,  true,  false, false };
static const struct list observations = { RECORD_OBSERVATION, ARRAY_LEN(titles), titles,
	                                  right, add_observation };

int command_security(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .list = true };
	static const struct list *const lists[] = { &observations };
	struct options options;
	int exit_status = 0;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	return list_command(argv[0], &options, lists, 1);
}
