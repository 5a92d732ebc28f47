/* query_list.c - lists: filtered, sorted, a page at a time. */
#include "schema/query_rows.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parameters of the statement. */
enum {
	PARAMETER_LIMIT = 1,
	PARAMETER_FROM,
	PARAMETER_UNTIL,
	PARAMETER_VALUE,
	PARAMETER_ID,
	PARAMETER_FILTER
};

/*
 * Of what has several rows the one of the latest run counts; where runs give another id to
 * the same thing, the one that was seen last.  By time, unless it says otherwise.
 */
#define LATEST_RUN(table)                                                                  \
	"run = (SELECT max(run) FROM \"" table "\" AS other WHERE other.id = t.id)"
static const struct {
	const char *which, *order;
} lists[RECORD_KIND_COUNT] = {
	[RECORD_CALL] = { LATEST_RUN("call") },
	[RECORD_LEG] = { LATEST_RUN("leg") },
	[RECORD_STREAM] = { LATEST_RUN("stream") },
	[RECORD_REPORT] = { LATEST_RUN("report") },
	[RECORD_REGISTRATION] = { LATEST_RUN("registration") },
	[RECORD_ENCRYPTED] = { LATEST_RUN("encrypted") },
	[RECORD_EVENT] = { LATEST_RUN("event") },
	/* One that went on was written several times. */
	[RECORD_OBSERVATION] = { "seq = (SELECT max(seq) FROM observation AS other WHERE "
	                         "other.id = t.id)" },
	/* Each change of state is a row. */
	[RECORD_ALERT] = { "seq = (SELECT max(seq) FROM alert AS other WHERE other.id = t.id "
	                   "AND other.run = t.run) AND " LATEST_RUN("alert") },
	[RECORD_BINDING] = { "NOT EXISTS (SELECT 1 FROM binding AS other WHERE other.aor = "
	                     "t.aor AND other.contact = t.contact AND other.registrar = "
	                     "t.registrar AND (other.last, other.seq) > (t.last, t.seq))",
	                     "last DESC, id DESC" },
	[RECORD_PEER] = { "NOT EXISTS (SELECT 1 FROM peer AS other WHERE other.peer = t.peer "
	                  "AND (other.last, other.seq) > (t.last, t.seq))",
	                  "peer, id" },
	[RECORD_FINDING] = { "run = (SELECT max(run) FROM call AS other WHERE other.id = t.call)",
	                     "at DESC, call DESC, rank" },
};

/* The time that a list goes by. */
static const struct field *time_of_kind(enum record_kind kind)
{
	const struct field_table table = record_fields(kind);
	const char *name = kind == RECORD_BINDING || kind == RECORD_PEER ? "last" : NULL;
	size_t i = 0;
	while (table.fields[i].type != FIELD_TIME ||
	       (name && strcmp(table.fields[i].name, name) != 0))
		i++;
	return table.fields + i;
}

static bool is_sortable(const struct field *field)
{
	return field->type == FIELD_TIME || field->type == FIELD_REAL ||
	       field->type == FIELD_COUNT || field->type == FIELD_NUMBER;
}

const struct field *query_sort_field(enum record_kind kind, struct text name)
{
	const struct field_table table = record_fields(kind);
	if (name.len == 0)
		return time_of_kind(kind);
	for (size_t i = 0; i < table.count; i++) {
		if (is_sortable(&table.fields[i]) &&
		    text_equal(text_from(table.fields[i].name), name))
			return table.fields + i;
	}
	return NULL;
}

bool query_is_time(enum record_kind kind, const struct field *field)
{
	return field == time_of_kind(kind);
}

bool query_has_order(enum record_kind kind, const struct field *field)
{
	return query_is_time(kind, field) ||
	       (kind == RECORD_CALL && strcmp(field->name, "mos_lq_min") == 0);
}

struct query_place query_place(const struct field *sort, const struct record *record)
{
	const void *value = field_at(record, sort);
	struct query_place place = { .id = record_id(record) };
	switch (sort->type) {
	case FIELD_TIME:
		place.known = *(const nstime *)value != NSTIME_NONE;
		place.number = place.known ? *(const nstime *)value / NS_PER_US : 0;
		break;
	case FIELD_REAL:
		place.real = *(const double *)value;
		place.known = !isnan(place.real);
		place.is_real = true;
		break;
	default:
		assert(is_sortable(sort));
		place.number = (int64_t) * (const uint64_t *)value;
		place.known = sort->type == FIELD_COUNT || place.number != 0;
		break;
	}
	return place;
}

static bool is_by_time(const struct query_list *list)
{
	return !list->sort || query_is_time(list->kind, list->sort);
}

/* What is compared and sorted by; a count that the store left out is none. */
static void format_key(const struct field *sort, char *to, size_t size)
{
	snprintf(to, size, sort->type == FIELD_COUNT ? "coalesce(t.\"%s\", 0)" : "t.\"%s\"",
	         sort->name);
}

/* Is there a row whose place in that order is not known?  An index says it at once. */
static bool has_unknown(struct query *query, const struct query_list *list)
{
	char sql[160];
	sqlite3_stmt *row = NULL;
	if (list->few || !list->sort || !query_has_order(list->kind, list->sort))
		return true;
	snprintf(sql, sizeof sql, "SELECT 1 FROM \"%s\" WHERE \"%s\" IS NULL LIMIT 1",
	         record_kind_names[list->kind], list->sort->name);
	const bool none = sqlite3_prepare_v2(query->db, sql, -1, &row, NULL) == SQLITE_OK &&
	                  sqlite3_step(row) == SQLITE_DONE;
	sqlite3_finalize(row);
	return !none;
}

/*
 * Behind that place: what is not known comes last either way, but for the time of a list,
 * where it is below everything.  Where nothing is not known that is not said: SQLite would
 * go through all that is in front.
 */
static void add_after(FILE *out, const struct query_list *list, const char *key,
                      bool unknown)
{
	const char sign = list->ascending ? '>' : '<';
	if (!list->after)
		return;
	if (!list->after->known && list->ascending && is_by_time(list))
		fprintf(out, " AND (%s IS NOT NULL OR t.id > ?%d)", key, PARAMETER_ID);
	else if (!list->after->known)
		fprintf(out, " AND %s IS NULL AND t.id %c ?%d", key, sign, PARAMETER_ID);
	else
		fprintf(out, " AND (%s %c= ?%d AND (%s %c ?%d OR t.id %c ?%d)%s%s%s)", key,
		        sign, PARAMETER_VALUE, key, sign, PARAMETER_VALUE, sign,
		        PARAMETER_ID, unknown ? " OR " : "", unknown ? key : "",
		        unknown ? " IS NULL" : "");
}

/* What is behind a place is within the bound that is in front of it; said twice, SQLite
 * might go by the other one. */
static void add_times(FILE *out, const struct query_list *list)
{
	const struct field *time = time_of_kind(list->kind);
	const bool behind = list->after && list->after->known && list->sort == time;
	if (list->from && !(behind && list->ascending))
		fprintf(out, " AND t.\"%s\" >= ?%d", time->name, PARAMETER_FROM);
	if (list->until && !(behind && !list->ascending))
		fprintf(out, " AND t.\"%s\" < ?%d", time->name, PARAMETER_UNTIL);
}

static void add_order(FILE *out, const struct query_list *list, const char *key)
{
	const char *down = list->ascending ? "" : " DESC";
	if (!list->sort && lists[list->kind].order)
		fprintf(out, " ORDER BY %s", lists[list->kind].order);
	else
		fprintf(out, " ORDER BY %s%s%s%s, t.id%s", list->few ? "+" : "", key, down,
		        list->ascending && !is_by_time(list) ? " NULLS LAST" : "", down);
}

/* They are in place of what bounds the list. */
static void add_among(FILE *out, const struct query_front *among, const char *condition)
{
	fputs("WHERE t.seq IN (", out);
	for (size_t i = 0; i < among->count; i++)
		fprintf(out, "%s%" PRId64, i ? "," : "", among->seqs[i]);
	fprintf(out, ") AND %s", condition ? condition : "1");
}

static const char *which_of(const struct query_list *list)
{
	return list->every_state ? LATEST_RUN("alert") : lists[list->kind].which;
}

/* The condition may be NULL: all of them. */
static void add_rows(FILE *out, const struct query_list *list, const char *condition,
                     const char *key, bool unknown)
{
	fprintf(out, "WHERE %s AND %s", condition ? condition : "1", which_of(list));
	add_times(out, list);
	add_after(out, list, key, unknown);
	add_order(out, list, key);
	fprintf(out, " LIMIT ?%d OFFSET %" PRIu64, PARAMETER_LIMIT, list->offset);
}

/*
 * Without an index that has the order: of all rows that are looked at only what names them
 * is put in order (a row has a hundred columns), and only of the first of them it is asked
 * whether a later run has them, too, which takes a look elsewhere.  The inner LIMIT keeps
 * SQLite from asking that of all.
 */
static void add_few_rows(FILE *out, const struct query_list *list, const char *condition,
                         const char *key, bool unknown)
{
	fprintf(out,
	        "WHERE t.seq IN (SELECT t.seq FROM (SELECT t.seq, t.run, t.id%s FROM "
	        "\"%s\" AS t WHERE %s",
	        list->kind == RECORD_FINDING ? ", t.call" : "",
	        record_kind_names[list->kind], condition ? condition : "1");
	add_times(out, list);
	add_after(out, list, key, unknown);
	add_order(out, list, key);
	fprintf(out, " LIMIT -1) AS t WHERE %s LIMIT ?%d)", which_of(list),
	        PARAMETER_LIMIT);
	add_order(out, list, key);
}

/* WHERE which [AND conditions] ORDER BY ... LIMIT; the caller frees it.  NULL: no memory.
 */
static char *compose_list(struct query *query, const struct query_list *list)
{
	const bool last = !list->ascending || !is_by_time(list);
	const bool unknown = list->after && last && has_unknown(query, list);
	char *tail = NULL;
	size_t len = 0;
	char key[128];
	char *condition = NULL;
	FILE *out = open_memstream(&tail, &len);
	if (!out)
		return NULL;
	if (list->filter)
		condition = filter_condition(list->filter, PARAMETER_FILTER);
	format_key(list->sort ? list->sort : time_of_kind(list->kind), key, sizeof key);
	if (list->among) {
		add_among(out, list->among, condition);
		fprintf(out, " AND %s", which_of(list));
		add_order(out, list, key);
		fprintf(out, " LIMIT ?%d", PARAMETER_LIMIT);
	} else if (list->few)
		add_few_rows(out, list, condition, key, unknown);
	else
		add_rows(out, list, condition, key, unknown);
	const bool whole = !ferror(out) && (condition || !list->filter);
	free(condition);
	if (fclose(out) == 0 && whole)
		return tail;
	free(tail);
	return NULL;
}

/* Only what the statement has: SQLite refuses the rest. */
static int bind_place(sqlite3_stmt *statement, const struct query_place *after)
{
	int code = sqlite3_bind_int64(statement, PARAMETER_ID, (int64_t)after->id);
	if (code == SQLITE_OK && after->known)
		code = after->is_real ? sqlite3_bind_double(statement, PARAMETER_VALUE,
		                                            after->real)
		                      : sqlite3_bind_int64(statement, PARAMETER_VALUE,
		                                           after->number);
	return code;
}

static enum status bind_list(struct query *query, const struct query_list *list,
                             struct rows *out)
{
	sqlite3_stmt *statement = out->statement;
	const bool bounded = !list->among;
	int code = sqlite3_bind_int64(statement, PARAMETER_LIMIT, (int64_t)list->limit);
	if (code == SQLITE_OK && bounded && list->from)
		code = sqlite3_bind_int64(statement, PARAMETER_FROM,
		                          list->from / NS_PER_US);
	if (code == SQLITE_OK && bounded && list->until)
		code = sqlite3_bind_int64(statement, PARAMETER_UNTIL,
		                          list->until / NS_PER_US);
	if (code == SQLITE_OK && bounded && list->after)
		code = bind_place(statement, list->after);
	if (code == SQLITE_OK && list->filter)
		code = filter_bind(list->filter, statement, PARAMETER_FILTER, list->now);
	return code == SQLITE_OK ? OK : query_failed(query);
}

enum status query_list(struct query *query, const struct query_list *list, struct rows *out)
{
	assert(lists[list->kind].which);
	*out = (struct rows){ .query = query, .kind = list->kind };
	char *tail = compose_list(query, list);
	if (!tail)
		return query_no_memory(query);
	const enum status status = query_select(query, list->kind, tail, out);
	free(tail);
	return status == OK ? bind_list(query, list, out) : status;
}

/* --- how far to look ------------------------------------------------------------------ */

/* In time order from where the page begins; otherwise back from the end. */
static int compose_reach(const struct query_list *list, bool by_time, char *to, size_t size)
{
	const char *time = time_of_kind(list->kind)->name;
	const bool ascending = by_time && list->ascending;
	const bool after = by_time && list->after && list->after->known;
	return snprintf(to, size,
	                "SELECT \"%s\" FROM \"%s\" WHERE \"%s\" >= ?%d AND \"%s\" < ?%d "
	                "AND \"%s\" %s ?%d ORDER BY \"%s\"%s LIMIT 1 OFFSET ?%d",
	                time, record_kind_names[list->kind], time, PARAMETER_FROM, time,
	                PARAMETER_UNTIL, time,
	                ascending || !after ? ">=" : "<=", PARAMETER_VALUE, time,
	                ascending ? "" : " DESC", PARAMETER_LIMIT);
}

static int bind_reach(sqlite3_stmt *statement, const struct query_list *list, bool by_time,
                      size_t rows)
{
	const bool after = by_time && list->after && list->after->known;
	const int64_t until = list->until ? list->until / NS_PER_US : INT64_MAX;
	int code = sqlite3_bind_int64(statement, PARAMETER_LIMIT, (int64_t)rows);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, PARAMETER_FROM,
		                          list->from ? list->from / NS_PER_US : INT64_MIN);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, PARAMETER_UNTIL, until);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, PARAMETER_VALUE,
		                          after ? list->after->number : INT64_MIN);
	return code;
}

enum status query_reach(struct query *query, const struct query_list *list, size_t rows,
                        nstime *out)
{
	char sql[512];
	sqlite3_stmt *statement = NULL;
	const bool by_time = query_is_time(list->kind, list->sort);
	const int len = compose_reach(list, by_time, sql, sizeof sql);
	assert(len > 0 && (size_t)len < sizeof sql);
	int code = sqlite3_prepare_v2(query->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = bind_reach(statement, list, by_time, rows);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	enum status status = ERR_NOT_FOUND;
	const int64_t us = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	if (code == SQLITE_ROW && us > 0 && us < INT64_MAX / NS_PER_US)
		status = OK;
	else if (code != SQLITE_ROW && code != SQLITE_DONE)
		status = query_failed(query);
	*out = status == OK ? us * NS_PER_US : 0;
	sqlite3_finalize(statement);
	return status;
}

/* --- all of them, as they were written ------------------------------------------------ */

static char *compose_walk(const struct query_walk *walk)
{
	char *tail = NULL;
	char *condition =
	        walk->filter ? filter_condition(walk->filter, PARAMETER_FILTER) : NULL;
	if (condition || !walk->filter) {
		const int len = asprintf(
		        &tail, "WHERE t.seq > ?%d AND %s%s%s ORDER BY t.seq LIMIT ?%d",
		        PARAMETER_ID, condition ? condition : "", condition ? " AND " : "",
		        lists[walk->kind].which, PARAMETER_LIMIT);
		if (len < 0)
			tail = NULL;
	}
	free(condition);
	return tail;
}

enum status query_walk(struct query *query, const struct query_walk *walk, struct rows *out)
{
	assert(lists[walk->kind].which);
	*out = (struct rows){ .query = query, .kind = walk->kind };
	char *tail = compose_walk(walk);
	if (!tail)
		return query_no_memory(query);
	const enum status status = query_select_places(query, walk->kind, tail, out);
	free(tail);
	if (status != OK)
		return status;
	sqlite3_stmt *statement = out->statement;
	int code = sqlite3_bind_int64(statement, PARAMETER_LIMIT, (int64_t)walk->limit);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, PARAMETER_ID, walk->after);
	if (code == SQLITE_OK && walk->filter)
		code = filter_bind(walk->filter, statement, PARAMETER_FILTER, walk->now);
	return code == SQLITE_OK ? OK : query_failed(query);
}
