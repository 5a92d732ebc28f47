/* query_kpi.c - buckets of KPIs: which of them, and in which order. */
#include <stdio.h>
#include <stdlib.h>

#include "schema/kpi_request.h"
#include "schema/query_rows.h"

enum { FROM_PARAMETER = 1, TO_PARAMETER, FIRST_FILTERED };

/* Buckets at what is of no trunk are another view's, so that none is kept twice. */
static const char *const views[KPI_VIEW_COUNT] = {
	[KPI_VIEW_LEG] = "t.\"view\" = 'leg'",
	[KPI_VIEW_TRUNK] = "t.\"view\" = 'trunk'",
	[KPI_VIEW_CALL] = "t.\"view\" = 'call'",
	[KPI_VIEW_PEER] =
	        "t.\"view\" IN ('trunk', 'peer') AND (t.trunk <> '' OR t.peer <> '')",
};

/* "WHERE ..." and what follows it; NULL: no memory. */
static char *compose(const struct kpi_span *span, const char *tail)
{
	char *sql = NULL;
	char *condition =
	        span->filter ? filter_condition(span->filter, FIRST_FILTERED) : NULL;
	if (span->filter && !condition)
		return NULL;
	if (asprintf(&sql, "WHERE %s AND t.start >= ?1 AND t.start < ?2%s%s%s %s",
	             views[span->view], condition ? " AND (" : "",
	             condition ? condition : "", condition ? ")" : "", tail) < 0)
		sql = NULL;
	free(condition);
	return sql;
}

static int bind(const struct kpi_span *span, sqlite3_stmt *statement)
{
	int code = sqlite3_bind_int64(statement, FROM_PARAMETER,
	                              span->from == NSTIME_NONE ? INT64_MIN
	                                                        : span->from / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, TO_PARAMETER,
		                          span->to == NSTIME_NONE ? INT64_MAX
		                                                  : span->to / NS_PER_US);
	if (code == SQLITE_OK && span->filter)
		code = filter_bind(span->filter, statement, FIRST_FILTERED, span->now);
	return code;
}

/* Hours and days are of all runs, and have no id; last, of codecs and codes together. */
#define WITHOUT "(SELECT 0 AS run, 0 AS id, "
static const char *const sources[KPI_LEVEL_COUNT][2] = {
	[KPI_MINUTES] = { "kpi", "kpi" },
	[KPI_HOURS] = { WITHOUT "* FROM kpi_hour)",
	                WITHOUT "'' AS codec, 0 AS status, * FROM kpi_hour_whole)" },
	[KPI_DAYS] = { WITHOUT "* FROM kpi_day)",
	               WITHOUT "'' AS codec, 0 AS status, * FROM kpi_day_whole)" },
};

/*
 * Rows of two views, each of which an index has by time: SQLite merges what it is told
 * apart, and sorts what it is asked for at once.
 */
#define BOTH(what, table)                                                                  \
	"(SELECT " what " * FROM " table                                                   \
	" WHERE \"view\" = 'trunk' UNION ALL SELECT " what " * FROM " table                \
	" WHERE \"view\" = 'peer')"
static const char *const both_views[KPI_LEVEL_COUNT][2] = {
	[KPI_MINUTES] = { "kpi", "kpi" }, /* by time first, whatever the view */
	[KPI_HOURS] = { BOTH("0 AS run, 0 AS id,", "kpi_hour"),
	                BOTH("0 AS run, 0 AS id, '' AS codec, 0 AS status,",
	                     "kpi_hour_whole") },
	[KPI_DAYS] = { BOTH("0 AS run, 0 AS id,", "kpi_day"),
	               BOTH("0 AS run, 0 AS id, '' AS codec, 0 AS status,",
	                    "kpi_day_whole") },
};

enum status query_kpis(struct query *query, const struct kpi_span *span, struct rows *out)
{
	char *tail = compose(span, "ORDER BY t.start");
	*out = (struct rows){ .query = query, .kind = RECORD_KPI };
	if (!tail)
		return query_no_memory(query);
	const char *const *source = span->view == KPI_VIEW_PEER ? both_views[span->level]
	                                                        : sources[span->level];
	const enum status status =
	        query_select_from(query, RECORD_KPI, source[span->whole], tail, out);
	free(tail);
	if (status == OK && bind(span, out->statement) != SQLITE_OK)
		return query_failed(query);
	return status;
}

/* One end of it: the index goes by the time, so that little is read. */
static enum status find_end(struct query *query, const struct kpi_span *span,
                            const char *tail, nstime *out)
{
	char *sql = NULL;
	char *condition = compose(span, tail);
	sqlite3_stmt *statement = NULL;
	if (!condition ||
	    asprintf(&sql, "SELECT t.start FROM kpi AS t %s", condition) < 0) {
		free(condition);
		return query_no_memory(query);
	}
	free(condition);
	int code = sqlite3_prepare_v2(query->db, sql, -1, &statement, NULL);
	free(sql);
	if (code == SQLITE_OK)
		code = bind(span, statement);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*out = sqlite3_column_int64(statement, 0) * NS_PER_US;
	const enum status status = code == SQLITE_ROW    ? OK
	                           : code == SQLITE_DONE ? ERR_NOT_FOUND
	                                                 : query_failed(query);
	sqlite3_finalize(statement);
	return status;
}

enum status query_kpi_span(struct query *query, struct kpi_span *span)
{
	const enum status status =
	        find_end(query, span, "ORDER BY t.start LIMIT 1", &span->first);
	return status == OK
	               ? find_end(query, span, "ORDER BY t.start DESC LIMIT 1", &span->last)
	               : status;
}

/* --- peaks ---------------------------------------------------------------------------- */

enum peak_column { START, TRUNK, SITE, PEER, DIRECTION, PREFIX, FIRST_PEAK };

static struct text text_at(sqlite3_stmt *row, enum peak_column column)
{
	const void *bytes = sqlite3_column_blob(row, (int)column);
	return (struct text){ bytes ? bytes : "",
		              (size_t)sqlite3_column_bytes(row, (int)column) };
}

static void read_peaks(sqlite3_stmt *row, struct kpi_peaks *out)
{
	const struct text direction = text_at(row, DIRECTION);
	*out = (struct kpi_peaks){ .key.start =
		                           sqlite3_column_int64(row, START) * NS_PER_US };
	text_copy(out->key.trunk, sizeof out->key.trunk, text_at(row, TRUNK));
	text_copy(out->key.site, sizeof out->key.site, text_at(row, SITE));
	text_copy(out->key.peer, sizeof out->key.peer, text_at(row, PEER));
	text_copy(out->key.prefix, sizeof out->key.prefix, text_at(row, PREFIX));
	out->key.direction = text_equal(direction, TEXT("inbound"))    ? KPI_INBOUND
	                     : text_equal(direction, TEXT("outbound")) ? KPI_OUTBOUND
	                                                               : KPI_DIRECTION_NONE;
	for (int i = 0; i < KPI_PEAK_COUNT; i++)
		out->of[i] = sqlite3_column_int64(row, FIRST_PEAK + i);
}

/* As rows_next shows records. */
static void look_through(const struct query *query, struct kpi_key *key)
{
	struct record record = { .kind = RECORD_KPI, .kpi.key = *key };
	if (!query->lens.change)
		return;
	query->lens.change(query->lens.self, &record);
	*key = record.kpi.key;
}

static char *compose_peaks(const struct kpi_span *span, const char *grouped)
{
	char *sql = NULL;
	char *condition =
	        span->filter ? filter_condition(span->filter, FIRST_FILTERED) : NULL;
	if (span->filter && !condition)
		return NULL;
	if (asprintf(
	            &sql,
	            "SELECT start, trunk, site, peer, direction, prefix, starts, in_progress, "
	            "bits FROM kpi_peak AS t WHERE step = '%s' AND \"view\" = '%s' AND "
	            "grouped = '%s' AND start >= ?1 AND start < ?2%s%s%s ORDER BY start",
	            span->level == KPI_DAYS ? "day" : "hour",
	            kpi_word_of(KPI_WORD_VIEW, span->view), grouped,
	            condition ? " AND (" : "", condition ? condition : "",
	            condition ? ")" : "") < 0)
		sql = NULL;
	free(condition);
	return sql;
}

enum status query_kpi_peaks(struct query *query, const struct kpi_span *span,
                            const char *grouped,
                            bool (*accept)(void *self, const struct kpi_peaks *peaks),
                            void *self)
{
	struct kpi_peaks peaks;
	sqlite3_stmt *row = NULL;
	char *sql = compose_peaks(span, grouped);
	if (!sql)
		return query_no_memory(query);
	int code = sqlite3_prepare_v2(query->db, sql, -1, &row, NULL);
	free(sql);
	if (code == SQLITE_OK)
		code = bind(span, row);
	while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		read_peaks(row, &peaks);
		look_through(query, &peaks.key);
		code = accept(self, &peaks) ? SQLITE_OK : SQLITE_DONE;
	}
	const enum status status = code == SQLITE_DONE ? OK : query_failed(query);
	sqlite3_finalize(row);
	return status;
}
