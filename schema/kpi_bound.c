#include "schema/kpi_bound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/query_rows.h"

#define HOUR_NS (3600 * NS_PER_SEC)
#define MINUTE_NS (KPI_MINUTE_S * NS_PER_SEC)

/* The one number that the statement has; 0: no row. */
static enum status ask(struct query *query, const char *sql, nstime from, nstime to,
                       int64_t rows, int64_t *out)
{
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(query->db, sql, -1, &row, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 1, from / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 2, to / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 3, rows);
	if (code == SQLITE_OK)
		code = sqlite3_step(row);
	*out = code == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
	const enum status status = code == SQLITE_ROW    ? OK
	                           : code == SQLITE_DONE ? ERR_NOT_FOUND
	                                                 : query_failed(query);
	sqlite3_finalize(row);
	return status;
}

/* Each of these goes along an index alone. */
#define BETWEEN "start >= ?1 AND start < ?2"
static const char *const views[KPI_VIEW_COUNT] = {
	[KPI_VIEW_LEG] = "'leg'",
	[KPI_VIEW_TRUNK] = "'trunk'",
	[KPI_VIEW_CALL] = "'call'",
	[KPI_VIEW_PEER] = "'trunk', 'peer'",
};

static const char *source_of(const struct kpi_request *request, enum kpi_level level,
                             char to[128])
{
	const char *table = kpi_request_is_by_end(request) ? "kpi_hour" : "kpi_hour_whole";
	if (level == KPI_MINUTES)
		return "kpi WHERE " BETWEEN;
	snprintf(to, 128, "%s WHERE \"view\" IN (%s) AND " BETWEEN, table,
	         views[request->view]);
	return to;
}

static enum status count(struct query *query, const char *source, nstime from, nstime to,
                         int64_t most, int64_t *out)
{
	char sql[256];
	snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT 1 FROM %s LIMIT ?3)",
	         source);
	return ask(query, sql, from, to, most, out);
}

enum status kpi_minutes_are_few(struct query *query, nstime from, nstime to, bool *out)
{
	int64_t rows = 0;
	const enum status status =
	        count(query, "kpi WHERE " BETWEEN, from, to, KPI_MINUTES_MAX + 1, &rows);
	*out = rows <= KPI_MINUTES_MAX;
	return status;
}

/* Behind the bucket with which there are too many. */
static enum status find_cut(struct query *query, const struct kpi_part *part,
                            const char *source, int64_t rows, nstime *out)
{
	char sql[256];
	int64_t us = 0;
	snprintf(sql, sizeof sql,
	         "SELECT start FROM %s ORDER BY start DESC LIMIT 1 OFFSET ?3", source);
	const enum status status = ask(query, sql, part->from, part->to, rows, &us);
	*out = us * NS_PER_US + (part->level == KPI_MINUTES ? MINUTE_NS : HOUR_NS);
	if (*out > part->to)
		*out = part->to;
	return status;
}

enum status kpi_bound_plan(struct query *query, const struct kpi_request *request,
                           struct kpi_plan *plan, nstime *reached)
{
	char text[128];
	const bool grouped = request->by && request->step != KPI_STEP_NONE;
	int64_t left[KPI_LEVEL_COUNT] = {
		[KPI_MINUTES] = grouped ? KPI_MINUTES_MAX_GROUPED : KPI_MINUTES_MAX,
		[KPI_HOURS] = grouped ? KPI_HOURS_MAX_GROUPED : KPI_HOURS_MAX
	};
	enum status status = OK;
	*reached = NSTIME_NONE;
	for (size_t i = plan->count; status == OK && i > 0; i--) {
		struct kpi_part *part = &plan->list[i - 1];
		int64_t rows = 0;
		if (part->level == KPI_DAYS)
			continue;
		const char *source = source_of(request, part->level, text);
		int64_t *most = &left[part->level];
		status = count(query, source, part->from, part->to, *most + 1, &rows);
		if (status == OK && rows > *most) {
			status = find_cut(query, part, source, *most, reached);
			part->from = *reached;
			plan->count -= i - 1;
			memmove(plan->list, part, plan->count * sizeof *part);
			return status;
		}
		*most -= rows;
	}
	return status;
}

/* --- rows ----------------------------------------------------------------------------- */

static int compare_times(const void *left, const void *right)
{
	const nstime a = *(const nstime *)left;
	const nstime b = *(const nstime *)right;
	return (a < b) - (a > b);
}

/* Of one step all rows stay, however many these are. */
static nstime newest_steps(const struct kpi_rows *rows, nstime *starts)
{
	for (size_t i = 0; i < rows->count; i++)
		starts[i] = rows->list[i].key.start;
	qsort(starts, rows->count, sizeof *starts, compare_times);
	const nstime over = starts[KPI_ROWS_MAX];
	size_t i = KPI_ROWS_MAX;
	while (i > 0 && starts[i] == over)
		i--;
	return starts[i];
}

enum status kpi_bound_rows(struct kpi_rows *rows)
{
	size_t kept = 0;
	if (rows->count <= KPI_ROWS_MAX)
		return OK;
	nstime *starts = malloc(rows->count * sizeof *starts);
	if (!starts)
		return ERR_NOMEM;
	const nstime from = newest_steps(rows, starts);
	free(starts);
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->list[i].key.start >= from)
			rows->list[kept++] = rows->list[i];
		else
			kpi_sum_free(&rows->list[i].sum);
	}
	if (kept < rows->count)
		rows->from = rows->reached = from;
	rows->count = kept;
	return OK;
}
