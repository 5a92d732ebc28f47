/*
 * command_report.c - `earshot report sla`: what a trunk delivered in a month.
 */
#include "probe/commands.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "probe/config.h"
#include "probe/filter_option.h"
#include "probe/local_time_zone.h"
#include "probe/new_file.h"
#include "probe/option_table.h"
#include "probe/options.h"
#include "probe/report_sla.h"
#include "probe/version.h"
#include "web/sla_rows.h"

static const char help[] =
        "usage: earshot report sla --db FILE --trunk NAME --month YYYY-MM [options]\n"
        "\n"
        "What a trunk delivered in a month, beside the targets of the section `sla` of the\n"
        "configuration: availability, incidents, delays, loss, jitter and MOS, each with its\n"
        "samples; the minutes that were not watched, or were maintenance.\n"
        "\n"
        "  -d, --db FILE        the database\n"
        "  -t, --trunk NAME     the trunk\n"
        "  -m, --month YYYY-MM  the month, of the time zone\n"
        "  -C, --config FILE    targets, maintenance windows, point of measurement, time zone\n"
        "  -z, --time-zone NAME as Europe/Berlin; else of the configuration, or the sensor's\n"
        "  -p, --by-point       loss, jitter and MOS also at each point of the network\n"
        "  -H, --html FILE      one page, to be sent and printed; - is standard output\n"
        "  -j, --json           one JSON object\n"
        "  -c, --csv            a row for each figure (default)\n"
        "  -h, --help           this text\n"
        "\n"
        "examples:\n"
        "  earshot report sla --db calls.db -C earshot.yaml --trunk carrier-a --month 2026-03 \\\n"
        "      --html carrier-a.html\n"
        "  earshot report sla --db calls.db --trunk carrier-a --month 2026-03 --json\n";

struct report_options {
	const char *db, *trunk, *month, *config, *zone, *html;
	bool json, by_point;
	unsigned int year, number;
};

/* clang-format off */
#define AT(member) offsetof(struct report_options, member)
static const struct option_row option_rows[] = {
	{ "db", 'd', OPTION_WORD, AT(db) },
	{ "trunk", 't', OPTION_WORD, AT(trunk) },
	{ "month", 'm', OPTION_WORD, AT(month) },
	{ "config", 'C', OPTION_WORD, AT(config) },
	{ "time-zone", 'z', OPTION_WORD, AT(zone) },
	{ "by-point", 'p', OPTION_FLAG, AT(by_point) },
	{ "html", 'H', OPTION_WORD, AT(html) },
	{ "json", 'j', OPTION_FLAG, AT(json) },
	{ "csv", 'c', OPTION_NO_FLAG, AT(json) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* Says what is missing. */
static bool check_options(struct report_options *o, int argc, char **argv)
{
	if (optind + 1 != argc || strcmp(argv[optind], "sla") != 0)
		warnx("%s: which report? there is sla", argv[0]);
	else if (!o->db)
		warnx("%s: which database? give --db FILE", argv[0]);
	else if (!o->trunk)
		warnx("%s: which trunk? give --trunk NAME", argv[0]);
	else if (!o->month || !sla_read_month(text_from(o->month), &o->year, &o->number))
		warnx("%s: which month? give --month, as 2026-03", argv[0]);
	else if (o->zone && !local_time_is_zone(o->zone))
		warnx("%s: --time-zone: '%s' is no time zone, as Europe/Berlin is", argv[0],
		      o->zone);
	else
		return true;
	return false;
}

static bool write_page(const struct report_options *o, const struct sla_report *report,
                       const struct sla_settings *settings)
{
	struct new_file file;
	struct buffer page = { 0 };
	report_sla_add(&page, report, settings);
	bool done;
	if (strcmp(o->html, "-") == 0) {
		done = buffer_write(&page, stdout);
	} else {
		done = new_file_open(&file, o->html);
		if (done) {
			const bool whole = buffer_write(&page, file.out);
			done = new_file_close(&file, whole) && whole;
		}
	}
	if (!done)
		warn("report: %s", o->html);
	buffer_free(&page);
	return done;
}

static bool write_report(const struct report_options *o, const struct sla_report *report,
                         const struct sla_settings *settings)
{
	struct buffer text = { 0 };
	if (o->html)
		return write_page(o, report, settings);
	if (o->json)
		sla_add_json(&text, report, settings, EARSHOT_VERSION);
	else
		sla_add_csv(&text, report, settings, EARSHOT_VERSION);
	const bool done = buffer_write(&text, stdout);
	buffer_free(&text);
	return done;
}

static int report_sla(const struct report_options *o, const struct config *config)
{
	struct query *query = NULL;
	struct db_error error;
	struct sla_settings settings;
	struct kpi_zone zone;
	struct sla_report report;
	const char *name = o->zone ? o->zone : o->config ? config->time_zone : "";
	config_sla_settings(config, &settings);
	if (name[0]) {
		text_copy(zone.name, sizeof zone.name, text_from(name));
		local_time_of_zone(name, &zone.time);
	}
	if (query_open(o->db, &query, &error) != OK) {
		warnx("report: %s", error.text);
		return EXIT_FAILURE;
	}
	const struct sla_request request = { .trunk = text_from(o->trunk),
		                             .year = o->year,
		                             .month = o->number,
		                             .zone = name[0] ? &zone : NULL,
		                             .now = filter_option_now(),
		                             .settings = &settings,
		                             .by_point = o->by_point };
	const enum status status = sla_ask(query, &request, &report);
	bool done = status == OK;
	if (done)
		done = write_report(o, &report, &settings);
	else if (status == ERR_NOT_FOUND)
		warnx("report: no trunk is called '%s' in %s", o->trunk, o->db);
	else
		warnx("report: %s", query_error(query));
	sla_free(&report);
	query_close(query);
	const int flushed = options_flush_stdout();
	return done ? flushed : EXIT_FAILURE;
}

int command_report(int argc, char **argv)
{
	struct report_options o = { 0 };
	struct config_error error = { "memory ran out" };
	enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, &o);
	if (outcome == OPTIONS_GOOD && !check_options(&o, argc, argv))
		outcome = OPTIONS_WRONG;
	if (outcome != OPTIONS_GOOD)
		return option_table_stop(outcome, argv[0], help);
	struct config *config = config_new();
	int exit_status = EXIT_FAILURE;
	if (!config || (o.config && config_load(config, o.config, &error) != OK))
		warnx("%s", error.text);
	else
		exit_status = report_sla(&o, config);
	config_free(config);
	return exit_status;
}
