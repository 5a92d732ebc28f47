/*
 * command_alerts.c - `earshot alerts`: the alerts of a database, the rules that there are,
 * and what they would have made of a capture.
 */
#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/alert_rules.h"
#include "probe/alert_send_test.h"
#include "probe/commands.h"
#include "probe/list.h"
#include "schema/field_text.h"
#include "schema/learnt.h"

static const char help[] =
        "usage: earshot alerts --db FILE [options]\n"
        "       earshot alerts rules [CONFIG]\n"
        "       earshot alerts test [options] CONFIG FILE...\n"
        "       earshot alerts send-test CONFIG [RECEIVER]\n"
        "\n"
        "The alerts kept in a database, newest first, each as it stood last; the rules of a\n"
        "configuration, or those that are shipped; or what the rules of a configuration make\n"
        "of captures (see earshot alerts test --help); or a test message to its receivers.\n"
        "Below the alerts stands what rules that compare with past weeks know of these.\n"
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

/* Rules that say nothing, or not all they could, for want of past weeks. */
static void print_learning(const struct options *options)
{
	struct query *query = NULL;
	struct db_error error;
	struct learnt *list = NULL;
	size_t count = 0;
	if (query_open(options->db, &query, &error) != OK ||
	    query_learnt(query, &list, &count) != OK)
		count = 0;
	for (size_t i = 0; i < count; i++) {
		const unsigned int missing = learnt_missing_weeks(&list[i]);
		if (missing)
			printf("%s is learning what is usual: %u week%s missing before it can "
			       "say anything\n",
			       list[i].rule, missing, missing == 1 ? " is" : "s are");
		else
			printf("%s knows what is usual at %.0f %% of the hours of the week "
			       "of %llu\n",
			       list[i].rule, list[i].known_pct,
			       (unsigned long long)list[i].subjects);
	}
	free(list);
	query_close(query);
}

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
	exit_status = list_command(argv[0], &options, lists, ARRAY_LEN(lists));
	if (exit_status == EXIT_SUCCESS && options.mode == PRINT_TEXT && !options.filter)
		print_learning(&options);
	return exit_status;
}
