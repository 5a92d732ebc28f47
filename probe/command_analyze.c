/* command_analyze.c - `earshot analyze`: capture files in, calls out. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "probe/analyze_options.h"
#include "probe/call_filter.h"
#include "probe/commands.h"
#include "probe/new_file.h"
#include "probe/options.h"
#include "probe/print_json.h"
#include "probe/read_capture.h"
#include "probe/report_html.h"
#include "probe/source.h"
#include "probe/version.h"
#include "schema/store.h"

enum { EXIT_BELOW = 3 }; /* --fail-below: a call is */

struct analysis {
	struct analyze_options options; /* owned */
	struct printer *printer;        /* owned */
	struct store *store;            /* owned; NULL = none */
	struct html_report *report;     /* owned; NULL = none */
	struct call_filter *calls;      /* owned; NULL = all of them */
	struct sink shown;              /* what is to be printed */
	struct rules *rules;            /* owned; NULL = none */
	struct sink alerts;             /* where theirs go */
	bool store_failed;
	bool below;
	bool bad_filter;
};

static void show_record(void *self, const struct record *record)
{
	struct analysis *a = self;
	if (record->kind == RECORD_CALL && record->call.mos_lq_min < a->options.fail_below)
		a->below = true;
	printer_record(a->printer, record);
	if (a->report)
		html_report_record(a->report, record);
}

static void keep_record(struct analysis *a, const struct record *record)
{
	if (a->store && !a->store_failed && store_add(a->store, record) != OK) {
		warnx("%s", store_error(a->store));
		a->store_failed = true;
	}
}

/* Alerts are of no call: the filter has nothing to say about them. */
static void accept_alert(void *self, const struct record *record)
{
	show_record(self, record);
	keep_record(self, record);
}

static void accept_record(void *self, const struct record *record)
{
	struct analysis *a = self;
	if (a->rules)
		rules_record(a->rules, record);
	if (a->calls)
		call_filter_record(a->calls, record);
	else
		show_record(a, record);
	keep_record(a, record);
}

static bool begin_rules(struct analysis *a)
{
	struct rules_settings settings;
	if (!a->options.alerts)
		return true;
	config_rules_settings(a->options.config, &settings);
	rules_settings_from(&settings, &a->options.pipeline.settings);
	a->alerts = (struct sink){ accept_alert, a };
	if (rules_new(&settings, &a->alerts, &a->rules) == OK)
		return true;
	warnx("memory ran out");
	return false;
}

static bool begin_filter(struct analysis *a)
{
	struct filter *filter = a->options.filter;
	a->options.filter = NULL;
	a->shown = (struct sink){ show_record, a };
	return !filter || (a->calls = call_filter_new(filter, &a->shown));
}

static bool begin_store(struct analysis *a)
{
	struct db_error error;
	struct kpi_zone zone;
	char text[8192];
	if (!a->options.db)
		return true;
	db_alone();
	if (store_open(a->options.db, &a->store, &error) != OK) {
		warnx("%s", error.text);
		return false;
	}
	analyze_options_describe(&a->options, text, sizeof text);
	if (a->options.config->settings.local_time)
		kpi_zone_of(a->options.config->time_zone,
		            a->options.config->settings.local_time, &zone);
	const struct run_info info = {
		.options = text,
		.sensor = a->options.pipeline.settings.sensor,
		.program = EARSHOT_VERSION,
		.files = a->options.files,
		.file_count = a->options.file_count,
		.trunks = a->options.pipeline.settings.trunks,
		.zone = a->options.config->settings.local_time ? &zone : NULL,
	};
	if (store_begin_run(a->store, &info) == OK)
		return true;
	warnx("%s", store_error(a->store));
	return false;
}

/* What can not be written is said before the captures are read. */
static bool begin_report(struct analysis *a)
{
	if (!a->options.html)
		return true;
	if (!new_file_possible(a->options.html)) {
		warn("%s", a->options.html);
		return false;
	}
	if (html_report_new(&a->report) != OK) {
		warnx("memory ran out");
		return false;
	}
	for (size_t i = 0; i < a->options.file_count; i++)
		html_report_source(a->report, a->options.files[i]);
	return true;
}

static bool end_report(struct analysis *a, const struct summary *summary)
{
	char error[REPORT_ERROR_SIZE];
	if (!a->report)
		return true;
	html_report_summary(a->report, summary);
	if (html_report_write(a->report, a->options.html, error))
		return true;
	warnx("%s", error);
	return false;
}

static bool end_store(struct analysis *a, const struct pipeline *pipeline)
{
	if (!a->store)
		return true;
	if (a->store_failed)
		return false;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	const struct summary summary = pipeline_summary(pipeline);
	struct buffer text = { 0 };
	json_add_summary(&text, &summary);
	buffer_add_char(&text, '\0');
	struct run_result result = {
		.frames = summary.frames,
		.written_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000,
		.summary = text.failed ? NULL : text.at,
	};
	pipeline_digest(pipeline, result.digest);
	bool already_there;
	const enum status status = store_end_run(a->store, &result, &already_there);
	buffer_free(&text);
	if (status != OK) {
		warnx("%s", store_error(a->store));
		return false;
	}
	if (already_there)
		warnx("%s has these frames already; nothing was added", a->options.db);
	return true;
}

/* --- the run -------------------------------------------------------------------------- */

static bool run(struct analysis *a, struct source *source)
{
	struct pipeline *pipeline = NULL;
	char error[PIPELINE_ERROR_SIZE];
	const enum status status = pipeline_new(&a->options.pipeline, &pipeline, error);
	if (status != OK) {
		a->bad_filter = status == ERR_MALFORMED;
		warnx("%s: %s", a->bad_filter ? "--bpf" : "start",
		      a->bad_filter ? error : status_name(status));
		return false;
	}
	const bool whole =
	        (a->options.pipeline.workers < PIPELINE_WORKERS
	                 ? read_capture
	                 : read_capture_ahead)(source, pipeline, a->options.progress);
	pipeline_finish(pipeline);
	if (a->rules)
		rules_finish(a->rules);
	const bool filtered =
	        !a->calls || call_filter_finish(a->calls, pipeline_latest(pipeline));
	const struct summary summary = pipeline_summary(pipeline);
	printer_summary(a->printer, &summary);
	const bool kept = end_store(a, pipeline);
	const bool reported = end_report(a, &summary);
	const bool printed = printer_finish(a->printer);
	if (!printed)
		warnx("standard output: could not be written");
	pipeline_free(pipeline);
	return whole && filtered && kept && reported && printed;
}

/* A file that cannot even be opened: the account of nothing read. */
static void print_empty_summary(struct analysis *a)
{
	static const struct counters no_counters;
	static const struct sip_tally no_sip;
	const struct summary summary = { .counters = &no_counters, .sip = &no_sip };
	printer_summary(a->printer, &summary);
	if (!printer_finish(a->printer))
		warnx("standard output: could not be written");
}

static bool analyse(struct analysis *a)
{
	struct source *source = NULL;
	struct source_error error = { "" };
	const struct source_points points = { a->options.file_points,
		                              a->options.config->points };
	bool ok = false;
	if (printer_new(&a->options.print, &a->printer) != OK) {
		warnx("memory ran out");
	} else if (source_open_points(a->options.files, a->options.file_count, &points,
	                              &source, &error) != OK) {
		warnx("%s", error.text);
		if (a->options.print.mode == PRINT_JSON)
			print_empty_summary(a);
	} else if (begin_filter(a) && begin_rules(a) && begin_report(a) && begin_store(a)) {
		ok = run(a, source);
	}
	source_close(source);
	printer_free(a->printer);
	html_report_free(a->report);
	store_close(a->store);
	call_filter_free(a->calls);
	rules_free(a->rules);
	return ok;
}

int command_analyze(int argc, char **argv)
{
	struct analysis a = { .bad_filter = false };
	const struct sink sink = { accept_record, &a };
	int exit_status;
	if (analyze_options_read(&a.options, argc, argv, &exit_status)) {
		a.options.pipeline.sink = &sink;
		if (analyse(&a))
			exit_status = a.below ? EXIT_BELOW : EXIT_SUCCESS;
		else
			exit_status = a.bad_filter ? EXIT_USAGE : EXIT_FAILURE;
	}
	analyze_options_free(&a.options);
	return exit_status;
}
