/*
 * command_findings.c - `earshot findings`: what went wrong in the calls of a database.
 */
#include "probe/commands.h"

#include "probe/list.h"
#include "schema/field_text.h"

static const char help[] =
        "usage: earshot findings --db FILE [options]\n"
        "\n"
        "What most probably went wrong in the calls kept in a database, newest first: at\n"
        "most three findings a call, the best one first, each with its evidence.  Most\n"
        "calls have none.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -f, --filter EXPR only the findings that match; see FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many findings (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot findings --db calls.db --limit 20\n"
        "  earshot findings --db calls.db --filter 'code = sip_alg and confidence > 0.7'\n";

static const char *const titles[] = { "at",         "call",      "rank",    "code",
	                              "confidence", "points to", "sentence" };
static const bool right[] = { false, false, true, false, true, false, false };

static void add_row(struct table *table, const struct record *record)
{
	const struct finding_record *finding = &record->finding;
	char id[ID_TEXT_SIZE];
	list_cell_time(table, finding->at);
	list_cell_wire(table, id_format(finding->call, id));
	list_cell_count(table, finding->rank);
	list_cell_word(table, record, "code");
	list_cell_real(table, finding->confidence, 2);
	list_cell_word(table, record, "points_to");
	list_cell_wire(table, finding->sentence);
}

static const struct list findings = { RECORD_FINDING, ARRAY_LEN(titles), titles, right,
	                              add_row };

int command_findings(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .list = true };
	static const struct list *const lists[] = { &findings };
	struct options options;
	int exit_status = 0;
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	return list_command(argv[0], &options, lists, ARRAY_LEN(lists));
}
