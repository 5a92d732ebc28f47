/* query_kpi.c - buckets of KPIs: which of them, and in which order. */
#include <stdio.h>
#include <stdlib.h>

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

enum status query_kpis(struct query *query, const struct kpi_span *span, struct rows *out)
{
	char *tail = compose(span, "ORDER BY t.start");
	*out = (struct rows){ .query = query, .kind = RECORD_KPI };
	if (!tail)
		return query_no_memory(query);
	const enum status status = query_select(query, RECORD_KPI, tail, out);
	free(tail);
	if (status == OK && bind(span, out->statement) != SQLITE_OK)
		return query_failed(query);
	return status;
}

/* One end of it: the index goes by the minute, so that little is read. */
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
