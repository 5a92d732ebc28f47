/*
 * metrics.c - figures of this server for Prometheus: OpenMetrics 1.0 when it is asked for,
 * the text format 0.0.4 otherwise.  Labels come from fixed lists alone.
 */
#include "web/metrics.h"

#include <string.h>
#include <sys/stat.h>

#include "analyzer/model/pressure.h"
#include "web/display.h"
#include "web/receivers.h"

void metrics_family(struct metrics *m, const char *name, const char *type, const char *help)
{
	const char *suffix = !m->open && strcmp(type, "counter") == 0 ? "_total" : "";
	/* The older format has no type of its own for constant labels. */
	if (!m->open && strcmp(type, "info") == 0) {
		suffix = "_info";
		type = "gauge";
	}
	/* Nor of histograms that may shrink. */
	if (m->open && strcmp(type, "histogram") == 0)
		type = "gaugehistogram";
	buffer_format(m->to, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name,
	              suffix, type);
}

static void add_answers(struct metrics *m, struct site *site)
{
	metrics_family(m, "earshot_http_responses", "counter",
	               "Answers by class of status.");
	for (unsigned int i = 1; i < SITE_STATUS_CLASSES; i++)
		buffer_format(m->to, "earshot_http_responses_total{class=\"%uxx\"} %llu\n",
		              i, (unsigned long long)atomic_load(&site->answers[i]));
}

static void add_counter(struct metrics *m, const char *name, const char *help,
                        uint64_t value)
{
	metrics_family(m, name, "counter", help);
	buffer_format(m->to, "%s_total %llu\n", name, (unsigned long long)value);
}

void metrics_value(struct metrics *m, double value)
{
	buffer_add_char(m->to, ' ');
	display_json_real(m->to, value);
	buffer_add_char(m->to, '\n');
}

void metrics_gauge(struct metrics *m, const char *name, const char *help, double value)
{
	metrics_family(m, name, "gauge", help);
	buffer_add_string(m->to, name);
	metrics_value(m, value);
}

static void add_label(struct buffer *to, const char *value)
{
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			buffer_add_char(to, '\\');
		buffer_add_char(to, *value);
	}
}

void metrics_labels(struct metrics *m, const char *name, const struct kpi_key *key)
{
	static const char *const directions[KPI_DIRECTION_COUNT] = { "none", "inbound",
		                                                     "outbound" };
	buffer_format(m->to, "%s{trunk=\"", name);
	add_label(m->to, key->trunk[0] ? key->trunk : "unknown");
	buffer_format(m->to, "\",direction=\"%s\"", directions[key->direction]);
}

static double in_seconds(nstime t)
{
	return (double)t / (double)NS_PER_SEC;
}

static bool add_database(struct metrics *m, struct exchange *x)
{
	struct run_facts facts;
	struct stat file;
	const enum status status = query_run(x->query, &facts);
	run_facts_end(&facts);
	if (status != OK && status != ERR_NOT_FOUND)
		return handler_failed(x);
	if (stat(readers_path(x->site->readers), &file) == 0)
		metrics_gauge(m, "earshot_database_size_bytes",
		              "Size of the database file.", (double)file.st_size);
	metrics_gauge(m, "earshot_database_runs", "Runs kept in the database.",
	              (double)facts.runs);
	if (status == OK) {
		metrics_gauge(m, "earshot_database_written_timestamp_seconds",
		              "When the latest run ended.", in_seconds(facts.written));
		metrics_gauge(m, "earshot_run_frames", "Frames that the latest run read.",
		              (double)facts.frames);
	}
	return true;
}

/* Labels are from a fixed list: the probe's own names of its tables. */
static bool add_pressure(struct metrics *m, struct exchange *x)
{
	static const char on[] = "earshot_probe_pressure";
	static const char times[] = "earshot_probe_pressures";
	static const char changed[] = "earshot_probe_pressure_changed_timestamp_seconds";
	struct pressure_facts known[QUERY_PRESSURES];
	struct pressure_facts facts[PRESSURE_TABLES] = { 0 };
	size_t count;
	if (query_pressure(x->query, known, &count) != OK)
		return handler_failed(x);
	for (size_t i = 0; i < PRESSURE_TABLES; i++)
		for (size_t n = 0; n < count; n++)
			if (strcmp(known[n].table, pressure_names[i]) == 0)
				facts[i] = known[n];
	metrics_family(m, on, "gauge",
	               "1: four fifths of that table were in use, and it is not "
	               "down to seven tenths yet.");
	for (size_t i = 0; i < PRESSURE_TABLES; i++)
		buffer_format(m->to, "%s{table=\"%s\"} %d\n", on, pressure_names[i],
		              facts[i].on);
	metrics_family(m, times, "counter", "Times that it was, in the latest run.");
	for (size_t i = 0; i < PRESSURE_TABLES; i++)
		buffer_format(m->to, "%s_total{table=\"%s\"} %llu\n", times,
		              pressure_names[i], (unsigned long long)facts[i].times);
	metrics_family(m, changed, "gauge", "When that began last, or was over.");
	for (size_t i = 0; i < PRESSURE_TABLES; i++) {
		if (!facts[i].times)
			continue;
		buffer_format(m->to, "%s{table=\"%s\"}", changed, pressure_names[i]);
		metrics_value(m, in_seconds(facts[i].changed));
	}
	return true;
}

static bool add_probe(struct metrics *m, struct exchange *x)
{
	static const char frames[] = "earshot_probe_frames";
	static const char drops[] = "earshot_probe_dropped_frames";
	struct health_hour hour;
	uint64_t calls;
	if (query_in_progress(x->query, &calls) != OK)
		return handler_failed(x);
	metrics_gauge(m, "earshot_calls_in_progress", "Calls going on now.", (double)calls);
	const enum status status = query_health_hour(x->query, &hour);
	if (status != OK)
		return status == ERR_NOT_FOUND || handler_failed(x);
	metrics_gauge(m, "earshot_probe_reported_timestamp_seconds",
	              "When the probe last said how it fares.", in_seconds(hour.at));
	metrics_family(m, frames, "gauge", "Frames that it took in the hour until then.");
	for (enum health_frames i = 0; i < HEALTH_KERNEL; i++) {
		buffer_format(m->to, "%s{fate=\"%s\"}", frames, health_frame_names[i]);
		metrics_value(m, (double)hour.frames[i]);
	}
	metrics_family(m, drops, "gauge", "Frames that it did not get in that hour.");
	for (enum health_frames i = HEALTH_KERNEL; i < HEALTH_FRAMES_COUNT; i++) {
		buffer_format(m->to, "%s{by=\"%s\"}", drops, health_frame_names[i]);
		metrics_value(m, (double)hour.frames[i]);
	}
	metrics_gauge(m, "earshot_probe_not_kept_records",
	              "Records, or parts of them, that found no room in that hour.",
	              (double)hour.not_kept);
	if (hour.free_bytes >= 0)
		metrics_gauge(m, "earshot_database_disk_free_bytes",
		              "Left on the disk of the database.", (double)hour.free_bytes);
	return true;
}

bool handle_metrics(struct exchange *x)
{
	struct site *site = x->site;
	struct metrics m = { .to = &x->response->body,
		             .open = strncmp(x->response->type, "application", 11) == 0 };
	metrics_family(&m, "earshot_build", "info", "The program.");
	buffer_format(m.to, "earshot_build_info{version=\"%s\"} 1\n", site->version);
	metrics_gauge(&m, "earshot_start_time_seconds", "When the server was started.",
	              in_seconds(site->started));
	add_counter(&m, "earshot_http_requests", "Requests, good or bad.",
	            atomic_load(&site->requests));
	add_answers(&m, site);
	add_counter(&m, "earshot_http_slow_connections", "Connections cut for being slow.",
	            atomic_load(&site->too_slow));
	if (!add_database(&m, x) || !add_pressure(&m, x) || !add_probe(&m, x) ||
	    !metrics_kpis(&m, x))
		return false;
	metrics_receivers(&m, site);
	if (m.open)
		buffer_add_string(m.to, "# EOF\n");
	return true;
}
