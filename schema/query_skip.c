/* query_skip.c - into the middle of a list that an index has in order: the index alone is
 * gone along, and no row is looked at.
 */
#include "schema/query_rows.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

struct bounds {
	int64_t from, until; /* microseconds */
};

static struct bounds bounds_of(const struct query_list *list)
{
	return (struct bounds){ list->from ? list->from / NS_PER_US : INT64_MIN,
		                list->until ? list->until / NS_PER_US : INT64_MAX };
}

/* A row of numbers of ours: so many as there are in `out`. */
static enum status ask(struct query *query, const char *sql, const struct bounds *bounds,
                       int64_t rows, sqlite3_stmt **out)
{
	int code = sqlite3_prepare_v2(query->db, sql, -1, out, NULL);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(*out) >= 2) {
		sqlite3_bind_int64(*out, 1, bounds->from);
		sqlite3_bind_int64(*out, 2, bounds->until);
	}
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(*out) >= 3)
		sqlite3_bind_int64(*out, 3, rows);
	if (code == SQLITE_OK)
		code = sqlite3_step(*out);
	return code == SQLITE_ROW    ? OK
	       : code == SQLITE_DONE ? ERR_NOT_FOUND
	                             : query_failed(query);
}

/* All of a table are counted in a moment; and few come behind a time that has just been. */
static enum status count_between(struct query *query, const struct query_list *list,
                                 const struct bounds *bounds, uint64_t *out)
{
	char sql[256];
	sqlite3_stmt *row = NULL;
	const char *time = query_sort_field(list->kind, (struct text){ 0 })->name;
	const char *table = record_kind_names[list->kind];
	if (bounds->from == INT64_MIN && bounds->until == INT64_MAX)
		snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", table);
	else if (bounds->from == INT64_MIN)
		snprintf(
		        sql, sizeof sql,
		        "SELECT (SELECT count(*) FROM \"%s\") - (SELECT count(*) FROM \"%s\" "
		        "WHERE \"%s\" >= ?2) - (SELECT count(*) FROM \"%s\" WHERE \"%s\" IS "
		        "NULL)",
		        table, table, time, table, time);
	else
		snprintf(sql, sizeof sql,
		         "SELECT count(*) FROM \"%s\" WHERE \"%s\" >= ?1 AND \"%s\" < ?2",
		         table, time, time);
	const enum status status = ask(query, sql, bounds, 0, &row);
	*out = status == OK ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
	sqlite3_finalize(row);
	return status;
}

enum { NEWEST = 1000 };

/* A file that was analysed twice, with other options, has all of its calls again. */
static enum status check_unique(struct query *query, const struct query_list *list,
                                const struct bounds *bounds)
{
	char sql[256];
	sqlite3_stmt *row = NULL;
	const char *time = query_sort_field(list->kind, (struct text){ 0 })->name;
	snprintf(sql, sizeof sql,
	         "SELECT count(*) - count(DISTINCT id) FROM (SELECT id FROM \"%s\" WHERE "
	         "\"%s\" >= ?1 AND \"%s\" < ?2 ORDER BY \"%s\" DESC LIMIT %d)",
	         record_kind_names[list->kind], time, time, time, NEWEST);
	enum status status = ask(query, sql, bounds, 0, &row);
	if (status == OK && sqlite3_column_int64(row, 0) > 0)
		status = ERR_UNSUPPORTED;
	sqlite3_finalize(row);
	return status;
}

enum status query_count(struct query *query, const struct query_list *list, uint64_t *out)
{
	const struct bounds bounds = bounds_of(list);
	const enum status status = check_unique(query, list, &bounds);
	return status == OK ? count_between(query, list, &bounds, out) : status;
}

/* Rows at the same time that are told apart without counting all others. */
enum { WINDOW = 100 };

/*
 * The time of the row behind so many, from either end, and how many of those right in front
 * of it have the same; WINDOW: that many at least.  ERR_NOT_FOUND: there are not so many.
 */
static enum status time_behind(struct query *query, const struct query_list *list,
                               bool ascending, uint64_t rows, int64_t *at, uint64_t *alike)
{
	char sql[256];
	sqlite3_stmt *row = NULL;
	const struct bounds bounds = bounds_of(list);
	const char *time = list->sort->name;
	const uint64_t first = rows > WINDOW ? rows - WINDOW : 0;
	snprintf(sql, sizeof sql,
	         "SELECT \"%s\" FROM \"%s\" WHERE \"%s\" >= ?1 AND \"%s\" < ?2 ORDER BY "
	         "\"%s\"%s LIMIT %" PRIu64 " OFFSET ?3",
	         time, record_kind_names[list->kind], time, time, time,
	         ascending ? "" : " DESC", rows - first + 1);
	enum status status = ask(query, sql, &bounds, (int64_t)first, &row);
	uint64_t seen = 0;
	for (*alike = 0; status == OK; seen++) {
		const int64_t this = sqlite3_column_int64(row, 0);
		*alike = seen && this == *at ? *alike + 1 : 0;
		*at = this;
		const int code = sqlite3_step(row);
		if (code != SQLITE_ROW)
			status = code == SQLITE_DONE ? ERR_NOT_FOUND : query_failed(query);
	}
	sqlite3_finalize(row);
	return status == ERR_NOT_FOUND && seen == rows - first + 1 ? OK : status;
}

static struct bounds in_front_of(const struct query_list *list, int64_t at)
{
	const struct bounds all = bounds_of(list);
	return (struct bounds){ list->ascending ? all.from : at + 1,
		                list->ascending ? at : all.until };
}

/* The index goes by the time alone: of those at the same time some are in front. */
static enum status find_place(struct query *query, const struct query_list *list,
                              uint64_t rows, uint64_t total, int64_t *at, uint64_t *offset)
{
	const bool from_end = rows > total / 2;
	const bool ascending = list->ascending != from_end;
	uint64_t count = 0;
	enum status status = time_behind(query, list, ascending,
	                                 from_end ? total - 1 - rows : rows, at, offset);
	if (status != OK)
		return status;
	if (*offset < WINDOW && from_end) {
		const struct bounds same = { *at, *at + 1 };
		status = count_between(query, list, &same, &count);
		*offset = count - 1 - *offset;
	} else if (*offset == WINDOW) {
		const struct bounds in_front = in_front_of(list, *at);
		status = count_between(query, list, &in_front, &count);
		*offset = rows - count;
	}
	return status;
}

static enum status skip_by_time(struct query *query, const struct query_list *list,
                                uint64_t rows, struct query_place *after, uint64_t *offset)
{
	const struct bounds all = bounds_of(list);
	uint64_t total;
	int64_t at = 0;
	enum status status = count_between(query, list, &all, &total);
	if (status == OK)
		status = rows < total ? find_place(query, list, rows, total, &at, offset)
		                      : ERR_NOT_FOUND;
	*after = (struct query_place){ .known = true,
		                       .number = at,
		                       .id = (uint64_t)(list->ascending ? INT64_MIN
		                                                        : INT64_MAX) };
	return status;
}

/* The index has the id, too: the last row that is left out is the place. */
static enum status skip_by_value(struct query *query, const struct query_list *list,
                                 int64_t rows, struct query_place *after)
{
	char sql[256];
	sqlite3_stmt *row = NULL;
	const char *down = list->ascending ? "" : " DESC";
	const struct bounds none = { 0 };
	snprintf(sql, sizeof sql,
	         "SELECT \"%s\", id FROM \"%s\" ORDER BY \"%s\"%s NULLS LAST, id%s LIMIT 1 "
	         "OFFSET %lld",
	         list->sort->name, record_kind_names[list->kind], list->sort->name, down,
	         down, (long long)rows - 1);
	const enum status status = ask(query, sql, &none, 0, &row);
	if (status == OK)
		*after = (struct query_place){
			.known = sqlite3_column_type(row, 0) != SQLITE_NULL,
			.is_real = true,
			.real = sqlite3_column_double(row, 0),
			.id = (uint64_t)sqlite3_column_int64(row, 1),
		};
	sqlite3_finalize(row);
	return status;
}

enum status query_skip(struct query *query, const struct query_list *list, uint64_t rows,
                       struct query_place *after, uint64_t *offset)
{
	assert(query_has_order(list->kind, list->sort) && rows > 0 && rows < INT64_MAX);
	*offset = 0;
	if (query_is_time(list->kind, list->sort))
		return skip_by_time(query, list, rows, after, offset);
	return skip_by_value(query, list, (int64_t)rows, after);
}
