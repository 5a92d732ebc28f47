#include "schema/sla_times.h"

#include <stdlib.h>
#include <string.h>

enum { PEERS_MAX = 1000 };
#define SEAM_NS (5 * NS_PER_SEC) /* between two minutes of the probe's own account */
#define QUIET_NS (3600 * NS_PER_SEC)

void sla_times_free(struct sla_times *times)
{
	spans_free(&times->counted);
}

static nstime of_us(sqlite3_stmt *row, int column)
{
	const int64_t us = sqlite3_column_int64(row, column);
	const bool known = sqlite3_column_type(row, column) != SQLITE_NULL &&
	                   us < INT64_MAX / NS_PER_US && us > INT64_MIN / NS_PER_US;
	return known ? us * NS_PER_US : NSTIME_NONE;
}

static enum status prepare(struct query *query, const char *sql,
                           const struct sla_report *report, sqlite3_stmt **out)
{
	int code = sqlite3_prepare_v2(query_db(query), sql, -1, out, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(*out, 1, report->from / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(*out, 2, report->until / NS_PER_US);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(*out) > 2)
		code = sqlite3_bind_text(*out, 3, report->trunk, -1, SQLITE_STATIC);
	return code == SQLITE_OK ? OK : query_failed(query);
}

/* --- when the probe watched ----------------------------------------------------------- */

static enum status add_clipped(struct spans *to, const struct sla_report *report,
                               nstime from, nstime until)
{
	if (from < report->from)
		from = report->from;
	if (until > report->until)
		until = report->until;
	return spans_add(to, from, until);
}

/* The probe's own account, minute by minute. */
static enum status read_health(struct query *query, const struct sla_report *report,
                               struct spans *watched)
{
	static const char sql[] =
	        "SELECT at, seconds FROM health WHERE source IS NULL AND run IS NOT NULL AND "
	        "at > ?1 AND at < ?2 + 86400000000 ORDER BY at";
	sqlite3_stmt *row = NULL;
	int code = SQLITE_DONE;
	enum status status = prepare(query, sql, report, &row);
	while (status == OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		const nstime at = of_us(row, 0);
		const double seconds = sqlite3_column_double(row, 1);
		if (at != NSTIME_NONE && seconds > 0 && seconds < 86400)
			status = add_clipped(watched, report,
			                     at - (nstime)(seconds * (double)NS_PER_SEC),
			                     at);
	}
	if (status == OK && code != SQLITE_DONE)
		status = query_failed(query);
	sqlite3_finalize(row);
	spans_unite(watched, SEAM_NS);
	return status;
}

/* Of captures: the minutes that have anything, and no more than an hour in between. */
static enum status read_packets(struct query *query, const struct sla_report *report,
                                struct spans *watched)
{
	static const char sql[] =
	        "WITH RECURSIVE minutes(at) AS (SELECT min(start) FROM kpi WHERE start >= ?1 AND "
	        "start < ?2 UNION ALL SELECT (SELECT min(start) FROM kpi WHERE start > minutes.at "
	        "AND start < ?2) FROM minutes WHERE at IS NOT NULL) SELECT at FROM minutes WHERE "
	        "at IS NOT NULL";
	sqlite3_stmt *row = NULL;
	int code = SQLITE_DONE;
	enum status status = prepare(query, sql, report, &row);
	while (status == OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		const nstime at = of_us(row, 0);
		status = add_clipped(watched, report, at, at + KPI_MINUTE_S * NS_PER_SEC);
	}
	if (status == OK && code != SQLITE_DONE)
		status = query_failed(query);
	sqlite3_finalize(row);
	spans_unite(watched, QUIET_NS);
	return status;
}

/* When it was deaf although it ran: an interface that is gone is so until it is back. */
static enum status read_gaps(struct query *query, const struct sla_report *report,
                             struct spans *gaps)
{
	static const char sql[] =
	        "SELECT g.at, CASE g.what WHEN 'engine_gap' THEN g.until ELSE coalesce((SELECT "
	        "min(b.at) FROM probe_event AS b WHERE b.what = 'interface_back' AND b.at >= "
	        "g.at AND b.subject IS g.subject), ?2) END FROM probe_event AS g WHERE g.at < "
	        "?2 AND g.what IN ('engine_gap', 'interface_gone') AND (g.what <> 'engine_gap' "
	        "OR g.until > ?1)";
	sqlite3_stmt *row = NULL;
	int code = SQLITE_DONE;
	enum status status = prepare(query, sql, report, &row);
	while (status == OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		const nstime from = of_us(row, 0);
		const nstime until = of_us(row, 1);
		if (from != NSTIME_NONE && until != NSTIME_NONE)
			status = add_clipped(gaps, report, from, until);
	}
	if (status == OK && code != SQLITE_DONE)
		status = query_failed(query);
	sqlite3_finalize(row);
	spans_unite(gaps, 0);
	return status;
}

static enum status add_windows(const struct sla_settings *settings,
                               const struct sla_report *report, struct spans *to)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < settings->window_count; i++) {
		const struct sla_window *window = &settings->windows[i];
		if (!window->trunk[0] || strcmp(window->trunk, report->trunk) == 0)
			status = add_clipped(to, report, window->from, window->to);
	}
	spans_unite(to, 0);
	return status;
}

/* Into *measured: watched, without gaps and maintenance. */
static enum status find_measured(struct query *query, const struct spans *excluded,
                                 struct sla_report *out, const struct spans *counted,
                                 struct spans *measured)
{
	struct spans watched = { 0 };
	struct spans gaps = { 0 };
	struct spans seen = { 0 };
	enum status status = read_health(query, out, &watched);
	out->of_health = watched.count > 0;
	if (status == OK && !out->of_health)
		status = read_packets(query, out, &watched);
	if (status == OK)
		status = read_gaps(query, out, &gaps);
	if (status == OK)
		status = spans_subtract(&watched, &gaps, &seen);
	if (status == OK)
		status = spans_subtract(&seen, excluded, measured);
	out->excluded = spans_length(excluded);
	out->measured = spans_length(measured);
	out->blind = spans_length(counted) - out->measured;
	spans_free(&watched);
	spans_free(&gaps);
	spans_free(&seen);
	return status;
}

/* --- when the trunk did not answer ---------------------------------------------------- */

struct outages {
	struct query *query;
	struct sla_report *report;
	const struct spans *measured, *excluded;
	struct spans *down; /* owned; one for each peer */
	size_t peers, room;
	char peer[ENDPOINT_TEXT_SIZE]; /* of the last of them */
	int64_t run;
	struct sla_incident open; /* began NSTIME_NONE: none is */
	nstime heard;             /* when its run last heard of the peer */
	bool running;             /* that run goes on */
};

static enum status next_peer(struct outages *o, const char *peer)
{
	if (o->peers == o->room) {
		const size_t room = o->room ? o->room * 2 : 16;
		struct spans *down = realloc(o->down, room * sizeof *down);
		if (!down)
			return query_no_memory(o->query);
		o->down = down;
		o->room = room;
	}
	o->down[o->peers++] = (struct spans){ 0 };
	text_copy(o->peer, sizeof o->peer, text_from(peer));
	return OK;
}

static enum status keep_incident(struct outages *o)
{
	struct sla_report *report = o->report;
	if (report->incident_count == SLA_INCIDENTS) {
		report->incidents_left_out++;
		return OK;
	}
	if (report->incident_count % 16 == 0) {
		struct sla_incident *list = realloc(
		        report->incidents, (report->incident_count + 16) * sizeof *list);
		if (!list)
			return query_no_memory(o->query);
		report->incidents = list;
	}
	report->incidents[report->incident_count++] = o->open;
	return OK;
}

/* Is all of it within maintenance? */
static bool is_excluded(const struct outages *o, nstime from, nstime to)
{
	for (size_t i = 0; i < o->excluded->count; i++) {
		if (o->excluded->list[i].from <= from && o->excluded->list[i].to >= to)
			return true;
	}
	return false;
}

/* The outage that goes on is over, or nothing more is known of it. */
static enum status end_outage(struct outages *o, nstime ended)
{
	struct sla_incident *open = &o->open;
	const nstime last = ended != NSTIME_NONE ? ended
	                    : o->running         ? o->report->until
	                                         : o->heard;
	enum status status = OK;
	if (open->began == NSTIME_NONE)
		return OK;
	open->ended = ended;
	if (last > o->report->from && open->began < o->report->until) {
		status = add_clipped(&o->down[o->peers - 1], o->report, open->began, last);
		open->excluded = is_excluded(o, open->began, last);
		if (status == OK)
			status = keep_incident(o);
	}
	open->began = NSTIME_NONE;
	return status;
}

static void begin_outage(struct outages *o, sqlite3_stmt *row)
{
	if (o->open.began != NSTIME_NONE)
		return; /* it refuses first, then it is silent: one outage */
	const char *cause = (const char *)sqlite3_column_text(row, 5);
	o->open = (struct sla_incident){ .began = of_us(row, 3),
		                         .detected = of_us(row, 4),
		                         .ended = NSTIME_NONE };
	text_copy(o->open.peer, sizeof o->open.peer, text_from(o->peer));
	text_copy(o->open.cause, sizeof o->open.cause, text_from(cause ? cause : ""));
}

/* Columns: peer, run, type, began, detected, cause, heard, running. */
static enum status take_event(struct outages *o, sqlite3_stmt *row)
{
	const char *peer = (const char *)sqlite3_column_text(row, 0);
	const char *type = (const char *)sqlite3_column_text(row, 2);
	const int64_t run = sqlite3_column_int64(row, 1);
	enum status status = OK;
	if (o->peers == 0 || strcmp(o->peer, peer) != 0 || o->run != run)
		status = end_outage(o, NSTIME_NONE);
	if (status == OK && (o->peers == 0 || strcmp(o->peer, peer) != 0))
		status = next_peer(o, peer);
	o->run = run;
	o->heard = of_us(row, 6);
	o->running = sqlite3_column_int(row, 7);
	if (status != OK || !type || of_us(row, 3) == NSTIME_NONE)
		return status;
	if (strcmp(type, "peer_up") == 0)
		return end_outage(o, of_us(row, 3));
	begin_outage(o, row);
	return OK;
}

/* Peers without events, too: a row without a type. */
static const char peer_events[] =
        "WITH seen AS (SELECT peer, run, min(first) AS first, max(last) AS last FROM peer "
        "WHERE trunk = ?3 AND last >= ?1 AND first < ?2 GROUP BY peer, run) "
        "SELECT s.peer, s.run, e.type, e.began, e.detected, e.cause, s.last, (SELECT state = "
        "'running' FROM run WHERE id = s.run) FROM seen AS s LEFT JOIN event AS e ON e.peer = "
        "s.peer AND e.run = s.run AND e.type IN ('peer_down', 'peer_refusing', 'peer_up') AND "
        "e.run = (SELECT max(run) FROM event AS other WHERE other.id = e.id) "
        "ORDER BY s.peer, s.first, s.run, e.detected, e.seq";

static enum status read_outages(struct outages *o)
{
	sqlite3_stmt *row = NULL;
	int code = SQLITE_DONE;
	enum status status = prepare(o->query, peer_events, o->report, &row);
	while (status == OK && (code = sqlite3_step(row)) == SQLITE_ROW &&
	       o->peers < PEERS_MAX)
		status = take_event(o, row);
	if (status == OK && code != SQLITE_DONE && code != SQLITE_ROW)
		status = query_failed(o->query);
	sqlite3_finalize(row);
	return status == OK ? end_outage(o, NSTIME_NONE) : status;
}

static int by_begin(const void *a, const void *b)
{
	const struct sla_incident *left = a;
	const struct sla_incident *right = b;
	return (left->began > right->began) - (left->began < right->began);
}

static enum status find_outages(struct outages *o)
{
	struct spans all = { 0 };
	struct spans within = { 0 };
	enum status status = read_outages(o);
	for (size_t i = 0; i < o->peers; i++)
		spans_unite(&o->down[i], 0);
	if (status == OK && o->peers > 0)
		status = spans_overlap(o->down, o->peers, o->peers, &all);
	if (status == OK)
		status = spans_intersect(&all, o->measured, &within);
	o->report->unavailable = spans_length(&within);
	o->report->peers = o->peers;
	if (o->report->incident_count > 0)
		qsort(o->report->incidents, o->report->incident_count,
		      sizeof *o->report->incidents, by_begin);
	spans_free(&all);
	spans_free(&within);
	for (size_t i = 0; i < o->peers; i++)
		spans_free(&o->down[i]);
	free(o->down);
	return status;
}

/* --- all of it ------------------------------------------------------------------------ */

static enum status check_trunk(struct query *query, const struct sla_report *report)
{
	static const char sql[] =
	        "SELECT 1 WHERE ?1 <= ?2 AND (EXISTS (SELECT 1 FROM trunk WHERE name = ?3) OR "
	        "EXISTS (SELECT 1 FROM peer WHERE trunk = ?3))";
	sqlite3_stmt *row = NULL;
	enum status status = prepare(query, sql, report, &row);
	const int code = status == OK ? sqlite3_step(row) : SQLITE_ERROR;
	if (status == OK && code != SQLITE_ROW)
		status = code == SQLITE_DONE ? ERR_NOT_FOUND : query_failed(query);
	sqlite3_finalize(row);
	return status;
}

enum status sla_times_ask(struct query *query, const struct sla_settings *settings,
                          struct sla_report *out, struct sla_times *times)
{
	struct spans month = { 0 };
	struct spans excluded = { 0 };
	struct spans measured = { 0 };
	enum status status = check_trunk(query, out);
	if (status == OK)
		status = spans_add(&month, out->from, out->until);
	if (status == OK)
		status = add_windows(settings, out, &excluded);
	if (status == OK)
		status = spans_subtract(&month, &excluded, &times->counted);
	if (status == OK)
		status = find_measured(query, &excluded, out, &times->counted, &measured);
	if (status == OK) {
		struct outages o = { .query = query,
			             .report = out,
			             .measured = &measured,
			             .excluded = &excluded,
			             .open = { .began = NSTIME_NONE } };
		status = find_outages(&o);
	}
	spans_free(&month);
	spans_free(&excluded);
	spans_free(&measured);
	return status;
}
