#include "schema/retention_tables.h"

#include <assert.h>
#include <stdio.h>
#include <time.h>

#include "analyzer/base/text.h"

const char *const retention_class_names[RETENTION_CLASS_COUNT] = {
	[RETENTION_MESSAGES] = "messages",
	[RETENTION_TIMELINES] = "timelines",
	[RETENTION_CALLS] = "calls",
	[RETENTION_KPIS] = "kpis",
};

/* clang-format off */
const struct retention_table retention_tables[RETENTION_TABLES] = {
	{ "message_raw",  RETENTION_MESSAGES,  "at",    NULL,       "raw" },
	{ "stream",       RETENTION_TIMELINES, "first", "timeline", "timeline" },
	{ "call",         RETENTION_CALLS,     "start", NULL,       NULL },
	{ "leg",          RETENTION_CALLS,     "start", NULL,       NULL },
	{ "stream",       RETENTION_CALLS,     "first", NULL,       "timeline" },
	{ "report",       RETENTION_CALLS,     "at",    NULL,       NULL },
	{ "finding",      RETENTION_CALLS,     "at",    NULL,       NULL },
	{ "registration", RETENTION_CALLS,     "at",    NULL,       NULL },
	{ "binding",      RETENTION_CALLS,     "last",  NULL,       NULL },
	{ "peer",         RETENTION_CALLS,     "last",  NULL,       NULL },
	{ "event",        RETENTION_CALLS,     "began", NULL,       NULL },
	{ "observation",  RETENTION_CALLS,     "last",  NULL,       NULL },
	{ "encrypted",    RETENTION_CALLS,     "last",  NULL,       NULL },
	{ "probe_event",  RETENTION_CALLS,     "at",    NULL,       NULL },
	{ "alert",        RETENTION_KPIS,      "at",    NULL,       NULL },
	{ "health",       RETENTION_KPIS,      "at",    NULL,       NULL },
	{ "kpi",          RETENTION_KPIS,      "start", NULL,       NULL },
};
/* clang-format on */

enum { SQL_MAX = 512 };

/* The rows that are looked at: `most` of the range, whatever their time. */
static const char window[] = "WITH w AS (SELECT seq, \"%s\" AS t, %s AS b FROM \"%s\" "
                             "WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3) ";
/* Of these, the ones that go. */
static const char choice[] = "FROM w WHERE ?4 = 0 OR t < ?5 OR t IS NULL";

static int compose(sqlite3 *db, const struct retention_table *table, const char *what,
                   sqlite3_stmt **out)
{
	char bytes[64] = "0";
	char sql[SQL_MAX];
	if (table->bytes)
		snprintf(bytes, sizeof bytes, "ifnull(length(\"%s\"), 0)", table->bytes);
	const int head = snprintf(sql, sizeof sql, window, table->time, bytes, table->name);
	assert(head > 0 && (size_t)head < sizeof sql);
	const int len = snprintf(sql + head, sizeof sql - (size_t)head, "%s", what);
	assert(len > 0 && (size_t)(head + len) < sizeof sql);
	return sqlite3_prepare_v2(db, sql, -1, out, NULL);
}

static void bind_range(sqlite3_stmt *statement, const struct retention_range *range)
{
	sqlite3_bind_int64(statement, 1, range->from);
	sqlite3_bind_int64(statement, 2, range->to);
	sqlite3_bind_int(statement, 3, range->most);
	if (sqlite3_bind_parameter_count(statement) < 4)
		return;
	sqlite3_bind_int(statement, 4, range->by_time);
	sqlite3_bind_int64(statement, 5, range->before);
}

/* How many rows there are, how far they go, and what goes. */
static int measure(sqlite3 *db, const struct retention_table *table,
                   const struct retention_range *range, int64_t *bytes, int64_t *at)
{
	sqlite3_stmt *statement = NULL;
	char what[SQL_MAX];
	snprintf(what, sizeof what, "SELECT count(*), max(seq), (SELECT sum(b) %s) FROM w",
	         choice);
	int code = compose(db, table, what, &statement);
	if (code == SQLITE_OK) {
		bind_range(statement, range);
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW) {
		/* Fewer than asked for: there are no more. */
		const bool all = sqlite3_column_int(statement, 0) < range->most;
		*at = all ? range->to : sqlite3_column_int64(statement, 1);
		*bytes = sqlite3_column_int64(statement, 2);
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code;
}

int retention_delete(sqlite3 *db, const struct retention_table *table,
                     const struct retention_range *range, int64_t *rows, int64_t *bytes,
                     int64_t *at)
{
	sqlite3_stmt *statement = NULL;
	char what[SQL_MAX];
	*rows = *bytes = 0;
	*at = range->from;
	int code = measure(db, table, range, bytes, at);
	if (table->column)
		snprintf(what, sizeof what,
		         "UPDATE \"%s\" SET \"%s\" = NULL WHERE \"%s\" IS NOT NULL AND "
		         "seq IN (SELECT seq %s)",
		         table->name, table->column, table->column, choice);
	else
		snprintf(what, sizeof what,
		         "DELETE FROM \"%s\" WHERE seq IN (SELECT seq %s)", table->name,
		         choice);
	if (code == SQLITE_OK)
		code = compose(db, table, what, &statement);
	if (code == SQLITE_OK) {
		bind_range(statement, range);
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_DONE) {
		*rows = sqlite3_changes(db);
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code;
}

int64_t retention_ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t answer = 0;
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return answer;
}

nstime retention_monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}
