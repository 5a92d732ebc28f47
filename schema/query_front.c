/*
 * query_front.c - the first rows of a list that goes by a value: one index has all rows in
 * that order, another has each hour's, so that the worst of a day are found without looking
 * at the day.
 */
#include "schema/query_rows.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_US INT64_C(3600000000)

/* One statement finds those that have a value, another those that have none. */
enum part { KNOWN, UNKNOWN };

struct found_row {
	int64_t seq, id;
	double value;
};

struct searching {
	struct query *query;
	const struct query_list *list;
	enum part part;
	sqlite3_stmt *statement;   /* owned */
	int64_t from, until;       /* microseconds */
	struct found_row *list_of; /* owned; the first of them, in order */
	size_t count, room, most;
};

enum { HOUR = 1, FROM, UNTIL, LEAST, LEAST_ID, MOST_VALUE, ROWS };

static bool has_times(const struct query_list *list)
{
	return list->from || list->until;
}

/* Parameters that a statement does not have are left out of it, not of its numbers. */
static enum status prepare(struct searching *s)
{
	char sql[640];
	const char *sign = s->list->ascending ? ">" : "<";
	const char *back = s->list->ascending ? "<" : ">";
	const char *down = s->list->ascending ? "" : " DESC";
	const char *name = s->list->sort->name;
	const char *table = record_kind_names[s->list->kind];
	char of_hour[128] = "";
	char place[256];
	if (has_times(s->list))
		snprintf(of_hour, sizeof of_hour,
		         "start / 3600000000 = ?1 AND start >= ?2 AND start < ?3 AND ");
	if (s->part == KNOWN)
		snprintf(place, sizeof place,
		         "\"%s\" %s= ?4 AND (\"%s\" %s ?4 OR id %s ?5) AND \"%s\" %s= ?6",
		         name, sign, name, sign, sign, name, back);
	else
		snprintf(place, sizeof place, "\"%s\" IS NULL AND id %s ?5 AND ?6 IS ?6",
		         name, sign);
	snprintf(sql, sizeof sql,
	         "SELECT seq, id, \"%s\" FROM \"%s\" INDEXED BY %s WHERE %s%s ORDER BY "
	         "\"%s\"%s, id%s LIMIT ?7",
	         name, table, has_times(s->list) ? "call_hour_mos" : "call_mos", of_hour,
	         place, name, down, down);
	sqlite3_finalize(s->statement);
	s->statement = NULL;
	return sqlite3_prepare_v2(s->query->db, sql, -1, &s->statement, NULL) == SQLITE_OK
	               ? OK
	               : query_failed(s->query);
}

/* --- those found so far --------------------------------------------------------------- */

static int compare(const struct found_row *a, const struct found_row *b)
{
	if (a->value != b->value && !isnan(a->value) && !isnan(b->value))
		return a->value < b->value ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static int compare_up(const void *a, const void *b)
{
	return compare(a, b);
}

static int compare_down(const void *a, const void *b)
{
	return compare(b, a);
}

static bool keep(struct searching *s, const struct found_row *row)
{
	if (s->count == s->room) {
		const size_t room = s->room ? 2 * s->room : 256;
		struct found_row *list = realloc(s->list_of, room * sizeof *list);
		if (!list)
			return false;
		s->list_of = list;
		s->room = room;
	}
	s->list_of[s->count++] = *row;
	return true;
}

/* What comes behind `first` is of one part: it is put in order, and the rest left out. */
static void cut(struct searching *s, size_t first)
{
	if (s->count > first + 1)
		qsort(s->list_of + first, s->count - first, sizeof *s->list_of,
		      s->list->ascending ? compare_up : compare_down);
	if (s->count > s->most)
		s->count = s->most;
}

/* --- looking -------------------------------------------------------------------------- */

/* Behind the place, and not behind the last of as many as are wanted. */
static void bind_bounds(struct searching *s, size_t first)
{
	const struct query_place *after = s->list->after;
	const bool up = s->list->ascending;
	const bool here = after && (after->known == (s->part == KNOWN));
	const bool full = s->part == KNOWN && s->count == s->most && s->count > first;
	const double start = up ? -INFINITY : INFINITY;
	sqlite3_bind_double(s->statement, LEAST,
	                    here && after->known ? after->real : start);
	sqlite3_bind_int64(s->statement, LEAST_ID,
	                   here ? (int64_t)after->id
	                   : up ? INT64_MIN
	                        : INT64_MAX);
	sqlite3_bind_double(s->statement, MOST_VALUE,
	                    full ? s->list_of[s->count - 1].value : -start);
	sqlite3_bind_int64(s->statement, ROWS, (int64_t)(s->most - first));
}

static enum status look(struct searching *s, size_t first, int64_t hour, bool *any)
{
	int code;
	sqlite3_reset(s->statement);
	if (has_times(s->list)) {
		sqlite3_bind_int64(s->statement, HOUR, hour);
		sqlite3_bind_int64(s->statement, FROM, s->from);
		sqlite3_bind_int64(s->statement, UNTIL, s->until);
	}
	bind_bounds(s, first);
	*any = false;
	while ((code = sqlite3_step(s->statement)) == SQLITE_ROW) {
		const bool known = sqlite3_column_type(s->statement, 2) != SQLITE_NULL;
		const struct found_row row = {
			.seq = sqlite3_column_int64(s->statement, 0),
			.id = sqlite3_column_int64(s->statement, 1),
			.value = known ? sqlite3_column_double(s->statement, 2)
			               : (double)NAN,
		};
		*any = true;
		if (!keep(s, &row))
			return query_no_memory(s->query);
	}
	if (*any)
		cut(s, first);
	return code == SQLITE_DONE ? OK : query_failed(s->query);
}

/* The latest time before `us` that a row has; ERR_NOT_FOUND: none between the bounds. */
static enum status latest_before(struct searching *s, int64_t us, int64_t *out)
{
	sqlite3_stmt *row = NULL;
	int code =
	        sqlite3_prepare_v2(s->query->db,
	                           "SELECT start FROM call WHERE start >= ?1 AND start < "
	                           "?2 ORDER BY start DESC LIMIT 1",
	                           -1, &row, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(row, 1, s->from);
		sqlite3_bind_int64(row, 2, us);
		code = sqlite3_step(row);
	}
	*out = code == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
	sqlite3_finalize(row);
	return code == SQLITE_ROW    ? OK
	       : code == SQLITE_DONE ? ERR_NOT_FOUND
	                             : query_failed(s->query);
}

/* When that hour begins; SQLite divides towards 0. */
static int64_t begin_of(int64_t hour)
{
	return hour > 0 ? hour * HOUR_US : (hour - 1) * HOUR_US + 1;
}

/* Hour by hour back, over those in which nothing began. */
static enum status look_by_hours(struct searching *s, size_t first)
{
	int64_t at = s->until;
	int64_t begun;
	enum status status = OK;
	while ((status = latest_before(s, at, &begun)) == OK) {
		const int64_t hour = begun / HOUR_US;
		bool any;
		if ((status = look(s, first, hour, &any)) != OK)
			return status;
		at = begin_of(hour);
	}
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status look_for(struct searching *s, enum part part)
{
	const size_t first = s->count;
	bool any;
	s->part = part;
	if (first == s->most)
		return OK;
	const enum status status = prepare(s);
	if (status != OK)
		return status;
	return has_times(s->list) ? look_by_hours(s, first) : look(s, first, 0, &any);
}

/* What is not known comes last. */
static enum status look_for_both(struct searching *s)
{
	const struct query_place *after = s->list->after;
	const enum status status = after && !after->known ? OK : look_for(s, KNOWN);
	return status == OK ? look_for(s, UNKNOWN) : status;
}

static enum status give(const struct searching *s, struct query_front *out)
{
	out->seqs = malloc((s->count + 1) * sizeof *out->seqs);
	if (!out->seqs)
		return query_no_memory(s->query);
	for (size_t i = 0; i < s->count; i++)
		out->seqs[i] = s->list_of[i].seq;
	out->count = s->count;
	if (s->count == 0)
		return OK;
	const struct found_row *last = &s->list_of[s->count - 1];
	out->last = (struct query_place){ .known = !isnan(last->value),
		                          .is_real = true,
		                          .real = isnan(last->value) ? 0 : last->value,
		                          .id = (uint64_t)last->id };
	return OK;
}

enum status query_front(struct query *query, const struct query_list *list, size_t rows,
                        struct query_front *out)
{
	struct searching s = { .query = query, .list = list, .most = rows };
	assert(query_has_order(list->kind, list->sort) &&
	       !query_is_time(list->kind, list->sort));
	*out = (struct query_front){ 0 };
	s.from = list->from ? list->from / NS_PER_US : INT64_MIN;
	s.until = list->until ? list->until / NS_PER_US : INT64_MAX;
	enum status status = look_for_both(&s);
	if (status == OK)
		status = give(&s, out);
	sqlite3_finalize(s.statement);
	free(s.list_of);
	return status;
}

void query_front_free(struct query_front *front)
{
	free(front->seqs);
	*front = (struct query_front){ 0 };
}
