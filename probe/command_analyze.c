/* command_analyze.c - `earshot analyze`: capture files in, calls out. */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/call_filter.h"
#include "probe/commands.h"
#include "probe/config_option.h"
#include "probe/config_table.h"
#include "probe/filter_option.h"
#include "probe/new_file.h"
#include "probe/pipeline.h"
#include "probe/points.h"
#include "probe/print.h"
#include "probe/print_json.h"
#include "probe/quality_options.h"
#include "probe/read_capture.h"
#include "probe/report_html.h"
#include "probe/rtp_map.h"
#include "probe/source.h"
#include "probe/version.h"
#include "schema/store.h"

static const char usage[] =
        "usage: earshot analyze [OPTION]... FILE...\n"
        "\n"
        "Reads captures (pcap, pcapng, also gzip or zstd; - is standard input), several in\n"
        "the order of time, and prints the calls in them with their legs and streams.\n"
        "\n"
        "  -j, --json             one JSON object a line\n"
        "  -C, --csv[=KIND]       CSV of one kind: leg (default), stream, call, report,\n"
        "                         finding, registration, binding, peer, event, observation,\n"
        "                         kpi, encrypted, alert\n"
        "  -m, --messages         with --json: a line for each SIP message of a leg too; with\n"
        "                         --db: keep the messages whole, not only their first lines\n"
        "  -K, --kpis             with --json: the KPI buckets too, by the minute; see earshot kpis\n"
        "  -A, --alerts           the alerts that the rules of the configuration, or those that\n"
        "                         are shipped, make of the capture; kept with --db\n"
        "  -I, --intervals        with --json: behind each stream a line for each 5 s of it\n"
        "  -H, --html FILE        write a page: the worst calls, why, with plots and ladders\n"
        "  -d, --db FILE          keep the results in this SQLite database\n"
        "  -F, --filter EXPR      print only calls that match, with what belongs to them, as in\n"
        "                         'mos_lq_min < 3.6 or one_way'; see FILTERS in earshot(1);\n"
        "                         --db and the summary are of everything all the same\n"
        "  -P, --point LABEL=FILE one more capture, made at that point of the network; of what is\n"
        "                         seen at two points it says what was lost between them\n"
        "  -f, --bpf EXPR         only frames that match, see pcap-filter(7)\n"
        "  -a, --audio            what streams of G.711 and L16 sound like: speech, silence, level,\n"
        "                         clipping, tones, in --json, --csv and --db; stores no sound\n"
        "  -r, --rtp-map PT=NAME/CLOCK\n"
        "                         what a dynamic payload type is where no SDP says it;\n"
        "                         may be repeated\n"
        "  -c, --config FILE      configuration: trunks, numbers, defaults of these options\n"
        "  -k, --codec NAME=IE,BPL[,BAND]\n"
        "                         score this codec with these figures of the E-model;\n"
        "                         NAME:MODE is one mode of it, as in AMR:12200, opus:8000;\n"
        "                         BAND is nb, wb or fb; may be repeated\n"
        "  -N, --no-ndpi          do not look for voice traffic of other applications\n"
        "  -p, --no-plc           receivers of G.711 do not conceal losses\n"
        "  -J, --jitter-buffers FIXED,FIXED,LEAST-MOST\n"
        "                         the de-jitter buffers to emulate, in ms (50,200,20-500)\n"
        "  -i, --interval SECONDS\n"
        "                         length of the intervals of the timelines, 1 to 60 (5)\n"
        "  -M, --memory-cap SIZE  memory for what is remembered of calls, streams and the rest,\n"
        "                         such as 2GiB (512MiB); what found no room is counted\n"
        "  -b, --fail-below MOS   exit 3 when the worst stream of any call is below\n"
        "  -w, --workers N        threads, 1 to 4 (1): the second analyses what the first reads, the\n"
        "                         third keeps the results, the fourth decodes; the results\n"
        "                         are the same\n"
        "  -s, --sensor NAME      name that the ids of records are made with (local)\n"
        "  -n, --no-progress      no progress on standard error\n"
        "  -h, --help             this text\n"
        "\n"
        "Exit status: 0 done, 1 failed (a damaged file gives what could be read), 2 wrong\n"
        "usage, 3 see --fail-below.\n"
        "\n"
        "Examples:\n"
        "  earshot analyze trace.pcap\n"
        "  earshot analyze --html report.html trace.pcap\n"
        "  earshot analyze --filter 'status = 503 and start > -2h' trace.pcap\n"
        "  earshot analyze --db calls.db span-*.pcap.gz\n"
        "  earshot analyze --json trace.pcapng | jq 'select(.kind == \"stream\")'\n"
        "  earshot analyze --rtp-map 97=opus/48000 media-only.pcap\n"
        "  earshot analyze --codec opus=11,20,fb --jitter-buffers 40,120,20-300 trace.pcap\n"
        "  tcpdump -w - udp | earshot analyze -\n";

struct analysis {
	struct print_options print;
	struct pipeline_options pipeline;
	struct config *config; /* owned */
	const char *db, *html;
	struct filter *filter; /* owned until `calls` has it; NULL = everything */
	double fail_below;     /* NAN = not asked for */
	bool progress;
	char **files;         /* owned list, not the names */
	uint8_t *file_points; /* owned, as many */
	size_t file_count;

	struct printer *printer;    /* owned */
	struct store *store;        /* owned; NULL = none */
	struct html_report *report; /* owned; NULL = none */
	struct call_filter *calls;  /* owned; NULL = all of them */
	struct sink shown;          /* what is to be printed */
	struct rules *rules;        /* owned; NULL = none */
	struct sink alerts;         /* where theirs go */
	bool alerts_wanted;
	bool store_failed;
	bool below;
	bool bad_filter;
};

/* --- options -------------------------------------------------------------------------- */

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "csv", optional_argument, NULL, 'C' },
	{ "messages", no_argument, NULL, 'm' },
	{ "kpis", no_argument, NULL, 'K' },
	{ "alerts", no_argument, NULL, 'A' },
	{ "intervals", no_argument, NULL, 'I' },
	{ "html", required_argument, NULL, 'H' },
	{ "db", required_argument, NULL, 'd' },
	{ "filter", required_argument, NULL, 'F' },
	{ "point", required_argument, NULL, 'P' },
	{ "bpf", required_argument, NULL, 'f' },
	{ "audio", no_argument, NULL, 'a' },
	{ "rtp-map", required_argument, NULL, 'r' },
	{ "config", required_argument, NULL, 'c' },
	{ "codec", required_argument, NULL, 'k' },
	{ "no-plc", no_argument, NULL, 'p' },
	{ "no-ndpi", no_argument, NULL, 'N' },
	{ "jitter-buffers", required_argument, NULL, 'J' },
	{ "interval", required_argument, NULL, 'i' },
	{ "memory-cap", required_argument, NULL, 'M' },
	{ "fail-below", required_argument, NULL, 'b' },
	{ "workers", required_argument, NULL, 'w' },
	{ "sensor", required_argument, NULL, 's' },
	{ "no-progress", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static const char option_letters[] = "jC::mKAIH:d:F:P:f:ar:c:k:pNJ:i:M:b:w:s:nh";

static bool take_mos(const char *text, double *out)
{
	char *end;
	*out = strtod(text, &end);
	if (end != text && *end == '\0' && *out >= 1 && *out <= 5)
		return true;
	warnx("--fail-below: '%s' is no MOS between 1 and 5", text);
	return false;
}

static bool take_csv(struct analysis *a, const char *kind)
{
	a->print.mode = PRINT_CSV;
	a->print.csv_kind = RECORD_LEG;
	if (!kind || print_csv_kind(kind, &a->print.csv_kind))
		return true;
	warnx("--csv: '%s' is none of leg, stream, call, report, finding, registration, "
	      "binding, peer, event, observation, kpi, encrypted, alert",
	      kind);
	return false;
}

static bool take_sensor(struct analysis *a, const char *name)
{
	struct settings *settings = &a->pipeline.settings;
	if (*name && text_copy(settings->sensor, sizeof settings->sensor, text_from(name)))
		return true;
	warnx("--sensor: a name of 1 to %zu characters", sizeof settings->sensor - 1);
	return false;
}

static bool take_memory_cap(struct analysis *a, const char *size)
{
	struct settings *settings = &a->config->settings;
	struct option_error error;
	const bool good = config_take(config_key_find(TEXT("limits.memory_cap")), a->config,
	                              size, &error);
	config_share_memory(a->config);
	a->pipeline.settings.memory_cap = settings->memory_cap;
	a->pipeline.settings.limits = settings->limits;
	return option_said("memory-cap", good, &error);
}

static bool take_workers(struct analysis *a, const char *text)
{
	uint64_t workers;
	if (text_number(text_from(text), PIPELINE_WORKERS, &workers) == OK && workers > 0) {
		a->pipeline.workers = (unsigned int)workers;
		return true;
	}
	warnx("--workers: a number from 1 to %d", PIPELINE_WORKERS);
	return false;
}

static bool add_file(struct analysis *a, char *path, uint8_t point)
{
	a->files[a->file_count] = path;
	a->file_points[a->file_count++] = point;
	return true;
}

/* The name of the file lies in the argument. */
static bool take_point(struct analysis *a, char *argument)
{
	char *file = strchr(argument, '=');
	const struct text label = { argument, file ? (size_t)(file - argument) : 0 };
	const uint8_t point =
	        label.len && file[1] ? points_enter(&a->pipeline.settings, label) : 0;
	if (point)
		return add_file(a, file + 1, point);
	warnx("--point: LABEL=FILE, at most %d different labels of 1 to %d characters",
	      LIMIT_POINTS, POINT_NAME - 1);
	return false;
}

static bool take_html(struct analysis *a, const char *path)
{
	a->html = path;
	if (path[0] && strcmp(path, "-") != 0)
		return true;
	warnx("--html: the name of a file, please");
	return false;
}

static bool take_filter(struct analysis *a, const char *text)
{
	filter_free(a->filter);
	a->filter = filter_option("analyze", text, RECORD_CALL);
	return a->filter != NULL;
}

static bool take_option(struct analysis *a, int option, char *argument)
{
	struct settings *settings = &a->pipeline.settings;
	struct option_error error;
	switch (option) {
	case 'j':
		a->print.mode = PRINT_JSON;
		return true;
	case 'C':
		return take_csv(a, argument);
	case 'm':
		a->print.messages = true;
		return true;
	case 'K':
		a->print.kpis = true;
		return true;
	case 'A':
		a->alerts_wanted = true;
		return true;
	case 'I':
		a->print.intervals = true;
		return true;
	case 'H':
		return take_html(a, argument);
	case 'd':
		a->db = argument;
		return true;
	case 'F':
		return take_filter(a, argument);
	case 'f':
		a->pipeline.bpf = argument;
		return true;
	case 'a':
		settings->audio_facts = true;
		return true;
	case 'r':
		return option_said("rtp-map",
		                   rtp_map_add(settings->rtp_map, argument, &error),
		                   &error);
	case 'c':
		return true; /* it was the first to be read */
	case 'k':
		return option_said("codec", quality_set_codec(settings, argument, &error),
		                   &error);
	case 'p':
		settings->no_plc = true;
		return true;
	case 'N':
		a->pipeline.applications = false;
		return true;
	case 'J':
		return option_said("jitter-buffers",
		                   quality_set_buffers(settings, argument, &error), &error);
	case 'i':
		return option_said("interval",
		                   quality_set_interval(settings, argument, &error),
		                   &error);
	case 'M':
		return take_memory_cap(a, argument);
	case 'P':
		return take_point(a, argument);
	case 'b':
		return take_mos(argument, &a->fail_below);
	case 'w':
		return take_workers(a, argument);
	case 's':
		return take_sensor(a, argument);
	case 'n':
		a->progress = false;
		return true;
	default:
		return false;
	}
}

/* 0: go on; else the exit status + 1. */
static int parse_options(struct analysis *a, int argc, char **argv)
{
	int option;
	if (!config_option(a->config, argc, argv, option_letters, options, 'c'))
		return 1 + 2;
	a->pipeline.settings = a->config->settings;
	a->pipeline.applications = a->config->ndpi;
	a->pipeline.hep_in_udp = true;
	while ((option = getopt_long(argc, argv, option_letters, options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 1 + 0;
		}
		if (!take_option(a, option, optarg))
			return 1 + 2;
	}
	while (optind < argc)
		add_file(a, argv[optind++], 0);
	if (a->file_count == 0) {
		warnx("no capture file given; see earshot analyze --help");
		return 1 + 2;
	}
	return 0;
}

/* --- where records go ----------------------------------------------------------------- */

static void show_record(void *self, const struct record *record)
{
	struct analysis *a = self;
	if (record->kind == RECORD_CALL && record->call.mos_lq_min < a->fail_below)
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
	if (!a->alerts_wanted)
		return true;
	config_rules_settings(a->config, &settings);
	rules_settings_from(&settings, &a->pipeline.settings);
	a->alerts = (struct sink){ accept_alert, a };
	if (rules_new(&settings, &a->alerts, &a->rules) == OK)
		return true;
	warnx("memory ran out");
	return false;
}

static bool begin_filter(struct analysis *a)
{
	struct filter *filter = a->filter;
	a->filter = NULL;
	a->shown = (struct sink){ show_record, a };
	return !filter || (a->calls = call_filter_new(filter, &a->shown));
}

/* What makes the same frames give other records. */
static void describe_options(const struct analysis *a, char *to, size_t size)
{
	char map[2048], quality[4096];
	quality_describe(&a->pipeline.settings, quality, sizeof quality);
	rtp_map_describe(a->pipeline.settings.rtp_map, map, sizeof map);
	snprintf(to, size,
	         "version=%s messages=%d config=%016" PRIx64
	         " audio=%d alerts=%d %s rtp-map=%s bpf=%s",
	         EARSHOT_VERSION, a->print.messages, a->config->digest,
	         a->pipeline.settings.audio_facts, a->alerts_wanted, quality, map,
	         a->pipeline.bpf ? a->pipeline.bpf : "");
}

static bool begin_store(struct analysis *a)
{
	struct db_error error;
	struct kpi_zone zone;
	char text[8192];
	if (!a->db)
		return true;
	if (store_open(a->db, &a->store, &error) != OK) {
		warnx("%s", error.text);
		return false;
	}
	describe_options(a, text, sizeof text);
	if (a->config->settings.local_time)
		kpi_zone_of(a->config->time_zone, a->config->settings.local_time, &zone);
	const struct run_info info = {
		.options = text,
		.sensor = a->pipeline.settings.sensor,
		.program = EARSHOT_VERSION,
		.files = a->files,
		.file_count = a->file_count,
		.trunks = a->pipeline.settings.trunks,
		.zone = a->config->settings.local_time ? &zone : NULL,
	};
	if (store_begin_run(a->store, &info) == OK)
		return true;
	warnx("%s", store_error(a->store));
	return false;
}

/* What can not be written is said before the captures are read. */
static bool begin_report(struct analysis *a)
{
	if (!a->html)
		return true;
	if (!new_file_possible(a->html)) {
		warn("%s", a->html);
		return false;
	}
	if (html_report_new(&a->report) != OK) {
		warnx("memory ran out");
		return false;
	}
	for (size_t i = 0; i < a->file_count; i++)
		html_report_source(a->report, a->files[i]);
	return true;
}

static bool end_report(struct analysis *a, const struct summary *summary)
{
	char error[REPORT_ERROR_SIZE];
	if (!a->report)
		return true;
	html_report_summary(a->report, summary);
	if (html_report_write(a->report, a->html, error))
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
		warnx("%s has these frames already; nothing was added", a->db);
	return true;
}

/* --- the run -------------------------------------------------------------------------- */

static bool run(struct analysis *a, struct source *source)
{
	struct pipeline *pipeline = NULL;
	char error[PIPELINE_ERROR_SIZE];
	const enum status status = pipeline_new(&a->pipeline, &pipeline, error);
	if (status != OK) {
		a->bad_filter = status == ERR_MALFORMED;
		warnx("%s: %s", a->bad_filter ? "--bpf" : "start",
		      a->bad_filter ? error : status_name(status));
		return false;
	}
	const bool whole = (a->pipeline.workers < PIPELINE_WORKERS
	                            ? read_capture
	                            : read_capture_ahead)(source, pipeline, a->progress);
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
	const struct source_points points = { a->file_points, a->config->points };
	bool ok = false;
	if (printer_new(&a->print, &a->printer) != OK) {
		warnx("memory ran out");
	} else if (source_open_points(a->files, a->file_count, &points, &source, &error) !=
	           OK) {
		warnx("%s", error.text);
		if (a->print.mode == PRINT_JSON)
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

static int run_command(struct analysis *a, int argc, char **argv)
{
	const int stop = parse_options(a, argc, argv);
	if (stop)
		return stop - 1;
	a->print.colour = print_wants_colour(stdout);
	a->pipeline.settings.keep_messages =
	        a->db || a->html || (a->print.mode == PRINT_JSON && a->print.messages);
	a->alerts_wanted |= a->print.mode == PRINT_CSV && a->print.csv_kind == RECORD_ALERT;
	if (a->alerts_wanted)
		a->pipeline.settings.kpi_every = KPI_TICK_S * NS_PER_SEC;
	a->pipeline.settings.keep_kpis =
	        a->db || a->print.kpis || a->alerts_wanted ||
	        (a->print.mode == PRINT_CSV && a->print.csv_kind == RECORD_KPI);
	a->pipeline.settings.keep_message_bytes = a->db && a->print.messages;
	if (!analyse(a))
		return a->bad_filter ? 2 : 1;
	return a->below ? 3 : 0;
}

int command_analyze(int argc, char **argv)
{
	struct analysis a = {
		.print = { .mode = PRINT_TEXT, .out = stdout },
		.config = config_new(),
		.fail_below = NAN,
		.progress = true,
	};
	const struct sink sink = { accept_record, &a };
	a.pipeline.sink = &sink;
	a.files = calloc((size_t)argc + 1, sizeof *a.files);
	a.file_points = calloc((size_t)argc + 1, sizeof *a.file_points);
	const bool have_memory = a.config && a.files && a.file_points;
	if (!have_memory)
		warnx("memory ran out");
	const int exit_status = have_memory ? run_command(&a, argc, argv) : 1;
	free(a.files);
	free(a.file_points);
	filter_free(a.filter);
	config_free(a.config);
	return exit_status;
}
