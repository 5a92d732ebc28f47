#include "schema/probe_events.h"

static const char sql[] =
        "SELECT seq, at, until, what, subject, count FROM probe_event WHERE seq < ?1 AND "
        "at >= ?2 AND at < ?3 ORDER BY seq DESC LIMIT ?4";

static struct text text_at(sqlite3_stmt *row, int column)
{
	const void *bytes = sqlite3_column_blob(row, column);
	return (struct text){ bytes,
		              bytes ? (size_t)sqlite3_column_bytes(row, column) : 0 };
}

static nstime time_at(sqlite3_stmt *row, int column)
{
	const int64_t us = sqlite3_column_int64(row, column);
	if (sqlite3_column_type(row, column) == SQLITE_NULL || us > INT64_MAX / NS_PER_US ||
	    us < -INT64_MAX / NS_PER_US)
		return NSTIME_NONE;
	return us * NS_PER_US;
}

static struct probe_event_row read_row(sqlite3_stmt *row)
{
	return (struct probe_event_row){
		.seq = sqlite3_column_int64(row, 0),
		.at = time_at(row, 1),
		.until = time_at(row, 2),
		.what = text_at(row, 3),
		.subject = text_at(row, 4),
		.count = sqlite3_column_type(row, 5) == SQLITE_NULL
		                 ? -1
		                 : sqlite3_column_int64(row, 5),
	};
}

enum status probe_events_ask(struct query *query, const struct probe_events_wanted *wanted,
                             void (*accept)(void *self, const struct probe_event_row *row),
                             void *self)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(query_db(query), sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, wanted->before);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(
		        statement, 2,
		        wanted->from == NSTIME_NONE ? INT64_MIN : wanted->from / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(
		        statement, 3,
		        wanted->to == NSTIME_NONE ? INT64_MAX : wanted->to / NS_PER_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 4, (int64_t)wanted->limit);
	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct probe_event_row row = read_row(statement);
		accept(self, &row);
		code = SQLITE_OK;
	}
	const enum status status = code == SQLITE_DONE ? OK : query_failed(query);
	sqlite3_finalize(statement);
	return status;
}
