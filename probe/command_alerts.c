/*
 * command_alerts.c - `earshot alerts`: the alerts of a database, the rules that there are,
 * and what they would have made of a capture.
 */
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probe/alert_rules.h"
#include "probe/alert_send_test.h"
#include "probe/commands.h"
#include "probe/list.h"
#include "schema/field_text.h"

static const char help[] =
        "usage: earshot alerts --db FILE [options]\n"
        "       earshot alerts rules [CONFIG]\n"
        "       earshot alerts test [options] CONFIG FILE...\n"
        "       earshot alerts send-test CONFIG [RECEIVER]\n"
        "\n"
        "The alerts kept in a database, newest first, each as it stood last; the rules of a\n"
        "configuration, or those that are shipped; or what the rules of a configuration make\n"
        "of captures (see earshot alerts test --help); or a test message to its receivers.\n"
        "\n"
        "  -d, --db FILE     the database\n"
        "  -f, --filter EXPR only the alerts that match; see FILTERS in earshot(1)\n"
        "  -n, --limit N     at most so many alerts (default 100)\n"
        "  -j, --json        one JSON object a line\n"
        "  -c, --csv         comma-separated values under a line of names\n"
        "  -h, --help        this text\n"
        "\n"
        "examples:\n"
        "  earshot alerts --db calls.db --filter 'state = firing and severity = critical'\n"
        "  earshot alerts rules earshot.yaml\n"
        "  earshot alerts test earshot.yaml monday.pcap\n";

static const char *const titles[] = { "at",   "id",     "state",   "severity",
	                              "rule", "raised", "cleared", "summary" };
static const bool right[] = { false, false, false, false, false, false, false, false };

static void add_row(struct table *table, const struct record *record)
{
	const struct alert_record *alert = &record->alert;
	char id[ID_TEXT_SIZE];
	list_cell_time(table, alert->at);
	list_cell_wire(table, id_format(alert->id, id));
	list_cell_word(table, record, "state");
	list_cell_word(table, record, "severity");
	list_cell_wire(table, alert->rule);
	list_cell_time(table, alert->raised);
	list_cell_time(table, alert->cleared);
	list_cell_wire(table, alert->summary);
}

static const struct list alerts = { RECORD_ALERT, ARRAY_LEN(titles), titles, right,
	                            add_row };

int command_alerts(int argc, char **argv)
{
	static const struct options_wanted wanted = { .help = help, .list = true };
	static const struct list *const lists[] = { &alerts };
	struct options options;
	int exit_status = 0;
	if (argc > 1 && strcmp(argv[1], "rules") == 0)
		return alert_rules_list(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "test") == 0)
		return alert_rules_test(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "send-test") == 0)
		return alert_send_test(argc - 1, argv + 1);
	if (!options_read(argc, argv, &wanted, &options, &exit_status))
		return exit_status;
	return list_command(argv[0], &options, lists, ARRAY_LEN(lists));
}
