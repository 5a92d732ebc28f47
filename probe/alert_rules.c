#include "probe/alert_rules.h"

#include <err.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/alert_replay.h"
#include "probe/config.h"
#include "probe/options.h"
#include "probe/pipeline.h"
#include "probe/print.h"
#include "probe/read_capture.h"
#include "probe/source.h"
#include "web/buffer.h"

/* --- the rules as a page -------------------------------------------------------------- */

/* The last of a row. */
static void add_cell(struct buffer *out, const char *words)
{
	for (; *words; words++) {
		if (*words == '|')
			buffer_add_char(out, '\\');
		buffer_add_char(out, *words);
	}
	buffer_add_string(out, " |\n");
}

static void add_muters(struct buffer *out, const struct rule *rule)
{
	for (size_t i = 0; i < rule->muter_count; i++)
		buffer_format(out, "%s`%s`", i ? ", " : "", rule->muted_by[i]);
	buffer_add_string(out, rule->always_told   ? "nothing"
	                       : rule->muter_count ? ""
	                                           : "–");
	buffer_add_string(out, " | ");
}

static void add_condition(struct buffer *out, const struct rule *rule)
{
	const char *unit = rule->metric.unit;
	const bool level = rule->metric.kind == METRIC_EVENT ||
	                   rule->metric.kind == METRIC_OBSERVATION;
	const char *gap = unit[0] ? " " : "";
	if (level) {
		buffer_add_string(out, "while it goes on | ");
		return;
	}
	if (rule->condition == CONDITION_ABOVE || rule->condition == CONDITION_BELOW) {
		buffer_format(out, "%s %.15g%s%s", alert_condition_names[rule->condition],
		              rule->threshold, gap, unit);
		if (rule->certainty > 0)
			buffer_format(out, " by %.15g σ", rule->certainty);
		if (!isnan(rule->clear))
			buffer_format(out, ", over at %.15g%s%s", rule->clear, gap, unit);
	} else {
		buffer_format(out, "%s usual by %.15g σ and %.15g %%",
		              rule->condition == CONDITION_DEVIATES_BELOW ? "below"
		                                                          : "above",
		              rule->threshold, rule->least_pct);
	}
	buffer_add_string(out, " | ");
}

static void add_rule(struct buffer *out, const struct rule *rule)
{
	buffer_format(out, "| `%s` | %s | `%s` | %s | ", rule->name,
	              alert_severity_names[rule->severity], rule->metric_name,
	              alert_scope_names[rule->scope]);
	add_condition(out, rule);
	buffer_format(out, "%.0f, %.0f, %.0f | %llu | ", ns_to_s(rule->window),
	              ns_to_s(rule->raise_after), ns_to_s(rule->clear_after),
	              (unsigned long long)rule->min_samples);
	add_muters(out, rule);
	add_cell(out, rule->doc);
}

static void add_page(struct buffer *out, const struct rule_list *list)
{
	struct rule_metric metric;
	buffer_add_string(out,
	                  "| rule | severity | metric | scope | condition | window, raised "
	                  "after, over after (s) | least samples | muted by | why |\n"
	                  "|---|---|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < list->count; i++)
		if (list->rules[i].enabled)
			add_rule(out, &list->rules[i]);
	buffer_add_string(out, "\n| metric | unit | what |\n|---|---|---|\n");
	for (size_t i = 0; rule_metric_at(i, &metric); i++) {
		buffer_format(out, "| `%s` | %s | ", metric.name,
		              metric.unit[0] ? metric.unit : "–");
		add_cell(out, metric.title);
	}
}

/* The configuration of that file, or the defaults; NULL: said why not. */
static struct config *read_config(const char *path)
{
	struct config_error error = { "memory ran out" };
	struct config *config = config_new();
	if (config && (!path || config_load(config, path, &error) == OK))
		return config;
	warnx("%s", error.text);
	config_free(config);
	return NULL;
}

int alert_rules_list(int argc, char **argv)
{
	struct buffer out = { 0 };
	if (argc > 2 || (argc == 2 && argv[1][0] == '-' && argv[1][1])) {
		warnx("usage: earshot alerts rules [CONFIG]");
		return EXIT_USAGE;
	}
	struct config *config = read_config(argc == 2 ? argv[1] : NULL);
	if (!config)
		return EXIT_FAILURE;
	add_page(&out, &config->rules);
	const bool good = buffer_write(&out, stdout);
	buffer_free(&out);
	config_free(config);
	return good ? options_flush_stdout() : EXIT_FAILURE;
}

/* --- rules tried out ------------------------------------------------------------------ */

static const char test_help[] =
        "usage: earshot alerts test [options] CONFIG FILE...\n"
        "\n"
        "What the rules of a configuration make of captures, or of what a database keeps;\n"
        "nothing is stored, and nobody is told.  Of a database a call counts in the minute\n"
        "in which it began; live, and of a capture, when it ended.\n"
        "\n"
        "  -j, --json  one JSON object a line, for each change of state\n"
        "  -c, --csv   comma-separated values under a line of names\n"
        "  -h, --help  this text\n"
        "\n"
        "examples:\n"
        "  earshot alerts test earshot.yaml monday.pcap.gz\n"
        "  earshot alerts test --json earshot.yaml /var/lib/earshot/earshot.db\n";

struct trial {
	struct print_options print;
	struct config *config;   /* owned */
	struct printer *printer; /* owned */
	struct rules *rules;     /* owned */
	char *const *files;
	size_t file_count;
};

static void show_alert(void *self, const struct record *record)
{
	printer_record(self, record);
}

static void judge_record(void *self, const struct record *record)
{
	rules_record(self, record);
}

static bool try_captures(struct trial *t)
{
	const struct sink sink = { judge_record, t->rules };
	struct pipeline_options options = { .settings = t->config->settings,
		                            .sink = &sink };
	struct source *source = NULL;
	struct source_error error;
	struct pipeline *pipeline = NULL;
	char why[PIPELINE_ERROR_SIZE];
	options.settings.keep_kpis = true;
	options.settings.kpi_every = KPI_TICK_S * NS_PER_SEC;
	if (source_open_files(t->files, t->file_count, &source, &error) != OK) {
		warnx("%s", error.text);
		return false;
	}
	const enum status status = pipeline_new(&options, &pipeline, why);
	bool good = status == OK;
	if (good) {
		good = read_capture(source, pipeline, false);
		pipeline_finish(pipeline);
		rules_finish(t->rules);
	} else {
		warnx("start: %s", status_name(status));
	}
	pipeline_free(pipeline);
	source_close(source);
	return good;
}

static bool try_database(struct trial *t)
{
	struct query *query;
	struct db_error error;
	if (query_open(t->files[0], &query, &error) != OK) {
		warnx("%s", error.text);
		return false;
	}
	const bool good = alert_replay(query, t->rules) == OK;
	if (!good)
		warnx("%s", query_error(query));
	query_close(query);
	return good;
}

static bool try_rules(struct trial *t)
{
	struct rules_settings settings;
	config_rules_settings(t->config, &settings);
	t->print.colour = print_wants_colour(stdout);
	if (printer_new(&t->print, &t->printer) != OK) {
		warnx("memory ran out");
		return false;
	}
	const struct sink sink = { show_alert, t->printer };
	if (rules_new(&settings, &sink, &t->rules) != OK) {
		warnx("memory ran out");
		return false;
	}
	const bool database = t->file_count == 1 && alert_is_database(t->files[0]);
	const bool good = database ? try_database(t) : try_captures(t);
	return printer_finish(t->printer) && good;
}

/* 0: go on; else the exit status + 1. */
static int read_options(struct trial *t, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "csv", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;
	while ((option = getopt_long(argc, argv, "jch", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(test_help, stdout);
			return 1 + options_flush_stdout();
		}
		if (option != 'j' && option != 'c')
			return 1 + EXIT_USAGE;
		t->print.mode = option == 'j' ? PRINT_JSON : PRINT_CSV;
	}
	if (argc - optind < 2) {
		warnx("which rules, and which capture? see earshot alerts test --help");
		return 1 + EXIT_USAGE;
	}
	t->files = argv + optind + 1;
	t->file_count = (size_t)(argc - optind - 1);
	return (t->config = read_config(argv[optind])) ? 0 : 1 + EXIT_FAILURE;
}

int alert_rules_test(int argc, char **argv)
{
	struct trial t = {
		.print = { .mode = PRINT_TEXT, .out = stdout, .csv_kind = RECORD_ALERT },
	};
	const int stop = read_options(&t, argc, argv);
	const bool good = !stop && try_rules(&t);
	rules_free(t.rules);
	printer_free(t.printer);
	config_free(t.config);
	return stop ? stop - 1 : good ? EXIT_SUCCESS : EXIT_FAILURE;
}
