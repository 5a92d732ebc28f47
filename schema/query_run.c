/* query_run.c - one thing by its id, and the run that wrote it all. */
#include "schema/query_rows.h"

enum status query_by_id(struct query *query, enum record_kind kind, uint64_t id,
                        struct found *out)
{
	static const char *const sql[RECORD_KIND_COUNT] = {
		[RECORD_CALL] = "SELECT id, max(run) FROM call WHERE id = ?1 GROUP BY id",
		[RECORD_LEG] = "SELECT call, max(run) FROM leg WHERE id = ?1 GROUP BY id",
		[RECORD_STREAM] =
		        "SELECT call, max(run) FROM stream WHERE id = ?1 GROUP BY id",
	};
	sqlite3_stmt *statement = NULL;
	enum status status = OK;
	int code = sqlite3_prepare_v2(query->db, sql[kind], -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, (int64_t)id);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW)
		*out = (struct found){ .kind = kind,
			               .id = id,
			               .call = (uint64_t)sqlite3_column_int64(statement, 0),
			               .run = sqlite3_column_int64(statement, 1) };
	else
		status = code == SQLITE_DONE ? ERR_NOT_FOUND : query_failed(query);
	sqlite3_finalize(statement);
	return status;
}

enum status query_in_progress(struct query *query, uint64_t *calls)
{
	static const char sql[] =
	        "SELECT count(*) FROM in_progress WHERE kind = 'call' AND "
	        "run = (SELECT max(id) FROM run WHERE state = 'running')";
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(query->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	const enum status status = code == SQLITE_ROW ? OK : query_failed(query);
	if (status == OK)
		*calls = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return status;
}

static struct text column(sqlite3_stmt *row, int n)
{
	const void *bytes = sqlite3_column_blob(row, n);
	return (struct text){ bytes, bytes ? (size_t)sqlite3_column_bytes(row, n) : 0 };
}

enum status query_run(struct query *query, struct run_facts *out)
{
	static const char sql[] =
	        "SELECT (SELECT count(*) FROM run), frames, written, files, "
	        "summary, program FROM run ORDER BY id DESC LIMIT 1";
	*out = (struct run_facts){ .written = NSTIME_NONE };
	int code = sqlite3_prepare_v2(query->db, sql, -1, &out->statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(out->statement);
	if (code != SQLITE_ROW)
		return code == SQLITE_DONE ? ERR_NOT_FOUND : query_failed(query);
	out->runs = (uint64_t)sqlite3_column_int64(out->statement, 0);
	out->frames = sqlite3_column_int64(out->statement, 1);
	out->written = sqlite3_column_int64(out->statement, 2) * NS_PER_US;
	out->files = column(out->statement, 3);
	out->summary = column(out->statement, 4);
	out->program = column(out->statement, 5);
	return OK;
}

void run_facts_end(struct run_facts *facts)
{
	sqlite3_finalize(facts->statement);
	facts->statement = NULL;
}
