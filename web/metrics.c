/*
 * metrics.c - figures of this server for Prometheus: OpenMetrics 1.0 when it is asked for,
 * the text format 0.0.4 otherwise.  Labels come from fixed lists alone.
 */
#include "web/handlers.h"

#include <string.h>
#include <sys/stat.h>

#include "web/display.h"

struct metrics {
	struct buffer *to;
	bool open; /* OpenMetrics: a counter's family has no _total */
};

static void add_family(struct metrics *m, const char *name, const char *type,
                       const char *help)
{
	const char *suffix = !m->open && strcmp(type, "counter") == 0 ? "_total" : "";
	/* The older format has no type of its own for constant labels. */
	if (!m->open && strcmp(type, "info") == 0) {
		suffix = "_info";
		type = "gauge";
	}
	buffer_format(m->to, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix, help, name,
	              suffix, type);
}

static void add_answers(struct metrics *m, struct site *site)
{
	add_family(m, "earshot_http_responses", "counter", "Answers by class of status.");
	for (unsigned int i = 1; i < SITE_STATUS_CLASSES; i++)
		buffer_format(m->to, "earshot_http_responses_total{class=\"%uxx\"} %llu\n",
		              i, (unsigned long long)atomic_load(&site->answers[i]));
}

static void add_counter(struct metrics *m, const char *name, const char *help,
                        uint64_t value)
{
	add_family(m, name, "counter", help);
	buffer_format(m->to, "%s_total %llu\n", name, (unsigned long long)value);
}

static void add_gauge(struct metrics *m, const char *name, const char *help, double value)
{
	add_family(m, name, "gauge", help);
	buffer_format(m->to, "%s ", name);
	display_json_real(m->to, value);
	buffer_add_char(m->to, '\n');
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
		add_gauge(m, "earshot_database_size_bytes", "Size of the database file.",
		          (double)file.st_size);
	add_gauge(m, "earshot_database_runs", "Runs kept in the database.",
	          (double)facts.runs);
	if (status == OK) {
		add_gauge(m, "earshot_database_written_timestamp_seconds",
		          "When the latest run ended.", in_seconds(facts.written));
		add_gauge(m, "earshot_run_frames", "Frames that the latest run read.",
		          (double)facts.frames);
	}
	return true;
}

bool handle_metrics(struct exchange *x)
{
	struct site *site = x->site;
	struct metrics m = { .to = &x->response->body,
		             .open = strncmp(x->response->type, "application", 11) == 0 };
	add_family(&m, "earshot_build", "info", "The program.");
	buffer_format(m.to, "earshot_build_info{version=\"%s\"} 1\n", site->version);
	add_gauge(&m, "earshot_start_time_seconds", "When the server was started.",
	          in_seconds(site->started));
	add_counter(&m, "earshot_http_requests", "Requests, good or bad.",
	            atomic_load(&site->requests));
	add_answers(&m, site);
	add_counter(&m, "earshot_http_slow_connections", "Connections cut for being slow.",
	            atomic_load(&site->too_slow));
	if (!add_database(&m, x))
		return false;
	if (m.open)
		buffer_add_string(m.to, "# EOF\n");
	return true;
}
