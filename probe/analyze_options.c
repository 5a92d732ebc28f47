#include "probe/analyze_options.h"

#include <err.h>
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/config_option.h"
#include "probe/config_table.h"
#include "probe/filter_option.h"
#include "probe/options.h"
#include "probe/points.h"
#include "probe/print_json.h"
#include "probe/quality_options.h"
#include "probe/rtp_map.h"
#include "probe/version.h"

static const char usage[] =
        "usage: earshot analyze [options] FILE...\n"
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
        "examples:\n"
        "  earshot analyze trace.pcap\n"
        "  earshot analyze --html report.html trace.pcap\n"
        "  earshot analyze --filter 'status = 503 and start > -2h' trace.pcap\n"
        "  earshot analyze --db calls.db span-*.pcap.gz\n"
        "  earshot analyze --json trace.pcapng | jq 'select(.kind == \"stream\")'\n"
        "  earshot analyze --rtp-map 97=opus/48000 media-only.pcap\n"
        "  earshot analyze --codec opus=11,20,fb --jitter-buffers 40,120,20-300 trace.pcap\n"
        "  tcpdump -w - udp | earshot analyze -\n";

static bool take_mos(void *into, char *text)
{
	struct analyze_options *o = into;
	char *end;
	o->fail_below = strtod(text, &end);
	if (end != text && *end == '\0' && o->fail_below >= 1 && o->fail_below <= 5)
		return true;
	warnx("--fail-below: '%s' is no MOS between 1 and 5", text);
	return false;
}

static bool take_csv(void *into, char *kind)
{
	struct analyze_options *o = into;
	o->print.mode = PRINT_CSV;
	o->print.csv_kind = RECORD_LEG;
	if (!kind || print_csv_kind(kind, &o->print.csv_kind))
		return true;
	warnx("--csv: '%s' is none of leg, stream, call, report, finding, registration, "
	      "binding, peer, event, observation, kpi, encrypted, alert",
	      kind);
	return false;
}

static bool take_sensor(void *into, char *name)
{
	struct analyze_options *o = into;
	return sensor_option(&o->pipeline.settings, name);
}

static bool take_memory_cap(void *into, char *size)
{
	struct analyze_options *o = into;
	struct settings *settings = &o->config->settings;
	struct option_error error;
	const bool good = config_take(config_key_find(TEXT("limits.memory_cap")), o->config,
	                              size, &error);
	config_share_memory(o->config);
	o->pipeline.settings.memory_cap = settings->memory_cap;
	o->pipeline.settings.limits = settings->limits;
	return option_said("memory-cap", good, &error);
}

static bool add_file(struct analyze_options *o, char *path, uint8_t point)
{
	o->files[o->file_count] = path;
	o->file_points[o->file_count++] = point;
	return true;
}

/* The name of the file lies in the argument. */
static bool take_point(void *into, char *argument)
{
	struct analyze_options *o = into;
	char *file = strchr(argument, '=');
	const struct text label = { argument, file ? (size_t)(file - argument) : 0 };
	const uint8_t point =
	        label.len && file[1] ? points_enter(&o->pipeline.settings, label) : 0;
	if (point)
		return add_file(o, file + 1, point);
	warnx("--point: LABEL=FILE, at most %d different labels of 1 to %d characters",
	      LIMIT_POINTS, POINT_NAME - 1);
	return false;
}

static bool take_html(void *into, char *path)
{
	struct analyze_options *o = into;
	o->html = path;
	if (path[0] && strcmp(path, "-") != 0)
		return true;
	warnx("--html: the name of a file, please");
	return false;
}

static bool take_filter(void *into, char *text)
{
	struct analyze_options *o = into;
	filter_free(o->filter);
	o->filter = filter_option("analyze", text, RECORD_CALL);
	return o->filter != NULL;
}

static bool take_rtp_map(void *into, char *argument)
{
	struct analyze_options *o = into;
	struct option_error error;
	return option_said("rtp-map",
	                   rtp_map_add(o->pipeline.settings.rtp_map, argument, &error),
	                   &error);
}

static bool take_codec(void *into, char *argument)
{
	struct analyze_options *o = into;
	struct option_error error;
	return option_said("codec",
	                   quality_set_codec(&o->pipeline.settings, argument, &error),
	                   &error);
}

static bool take_buffers(void *into, char *argument)
{
	struct analyze_options *o = into;
	struct option_error error;
	return option_said("jitter-buffers",
	                   quality_set_buffers(&o->pipeline.settings, argument, &error),
	                   &error);
}

static bool take_interval(void *into, char *argument)
{
	struct analyze_options *o = into;
	struct option_error error;
	return option_said("interval",
	                   quality_set_interval(&o->pipeline.settings, argument, &error),
	                   &error);
}

/* clang-format off */
#define AT(member) offsetof(struct analyze_options, member)
static const struct option_row option_rows[] = {
	{ "json", 'j', OPTION_SET, AT(print.mode), .value = PRINT_JSON },
	{ "csv", 'C', OPTION_MAY_TAKE, .take = take_csv },
	{ "messages", 'm', OPTION_FLAG, AT(print.messages) },
	{ "kpis", 'K', OPTION_FLAG, AT(print.kpis) },
	{ "alerts", 'A', OPTION_FLAG, AT(alerts) },
	{ "intervals", 'I', OPTION_FLAG, AT(print.intervals) },
	{ "html", 'H', OPTION_TAKE, .take = take_html },
	{ "db", 'd', OPTION_WORD, AT(db) },
	{ "filter", 'F', OPTION_TAKE, .take = take_filter },
	{ "point", 'P', OPTION_TAKE, .take = take_point },
	{ "bpf", 'f', OPTION_WORD, AT(pipeline.bpf) },
	{ "audio", 'a', OPTION_FLAG, AT(pipeline.settings.audio_facts) },
	{ "rtp-map", 'r', OPTION_TAKE, .take = take_rtp_map },
	{ "config", 'c', OPTION_READ },
	{ "codec", 'k', OPTION_TAKE, .take = take_codec },
	{ "no-plc", 'p', OPTION_FLAG, AT(pipeline.settings.no_plc) },
	{ "no-ndpi", 'N', OPTION_NO_FLAG, AT(pipeline.applications) },
	{ "jitter-buffers", 'J', OPTION_TAKE, .take = take_buffers },
	{ "interval", 'i', OPTION_TAKE, .take = take_interval },
	{ "memory-cap", 'M', OPTION_TAKE, .take = take_memory_cap },
	{ "fail-below", 'b', OPTION_TAKE, .take = take_mos },
	{ "workers", 'w', OPTION_NUMBER, AT(workers), .least = 1, .most = PIPELINE_WORKERS },
	{ "sensor", 's', OPTION_TAKE, .take = take_sensor },
	{ "no-progress", 'n', OPTION_NO_FLAG, AT(progress) },
	{ "help", 'h', OPTION_HELP },
};
/* clang-format on */

/* What the options say together. */
static void settle(struct analyze_options *o)
{
	struct settings *settings = &o->pipeline.settings;
	const bool csv = o->print.mode == PRINT_CSV;
	o->pipeline.workers = (unsigned int)o->workers;
	o->print.colour = print_wants_colour(stdout);
	o->alerts |= csv && o->print.csv_kind == RECORD_ALERT;
	if (o->alerts)
		settings->kpi_every = KPI_TICK_S * NS_PER_SEC;
	settings->keep_kpis = o->db || o->print.kpis || o->alerts ||
	                      (csv && o->print.csv_kind == RECORD_KPI);
	settings->keep_messages =
	        o->db || o->html || (o->print.mode == PRINT_JSON && o->print.messages);
	settings->keep_message_bytes = o->db && o->print.messages;
}

static bool begin(struct analyze_options *o, int argc)
{
	*o = (struct analyze_options){
		.print = { .mode = PRINT_TEXT, .out = stdout },
		.config = config_new(),
		.fail_below = NAN,
		.progress = true,
	};
	o->files = calloc((size_t)argc + 1, sizeof *o->files);
	o->file_points = calloc((size_t)argc + 1, sizeof *o->file_points);
	if (o->config && o->files && o->file_points)
		return true;
	warnx("memory ran out");
	return false;
}

bool analyze_options_read(struct analyze_options *o, int argc, char **argv,
                          int *exit_status)
{
	*exit_status = EXIT_FAILURE;
	if (!begin(o, argc))
		return false;
	*exit_status = EXIT_USAGE;
	if (!config_option(o->config, option_rows, ARRAY_LEN(option_rows), argc, argv))
		return false;
	o->pipeline.settings = o->config->settings;
	o->pipeline.applications = o->config->ndpi;
	o->pipeline.hep_in_udp = true;
	const enum option_outcome outcome =
	        option_table_read(option_rows, ARRAY_LEN(option_rows), argc, argv, o);
	if (outcome != OPTIONS_GOOD) {
		*exit_status = option_table_stop(outcome, "analyze", usage);
		return false;
	}
	while (optind < argc)
		add_file(o, argv[optind++], 0);
	if (o->file_count == 0) {
		warnx("no capture file given; see earshot analyze --help");
		return false;
	}
	settle(o);
	return true;
}

void analyze_options_describe(const struct analyze_options *o, char *to, size_t size)
{
	char map[2048], quality[4096];
	quality_describe(&o->pipeline.settings, quality, sizeof quality);
	rtp_map_describe(o->pipeline.settings.rtp_map, map, sizeof map);
	snprintf(to, size,
	         "version=%s messages=%d config=%016" PRIx64
	         " audio=%d alerts=%d %s rtp-map=%s bpf=%s",
	         EARSHOT_VERSION, o->print.messages, o->config->digest,
	         o->pipeline.settings.audio_facts, o->alerts, quality, map,
	         o->pipeline.bpf ? o->pipeline.bpf : "");
}

void analyze_options_free(struct analyze_options *o)
{
	free(o->files);
	free(o->file_points);
	filter_free(o->filter);
	config_free(o->config);
}
