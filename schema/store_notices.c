#include "schema/store_notices.h"

#include "schema/store_live_parts.h"

/* They are rare: a statement for each is prepared when it is needed. */
static enum status prepare(struct store_live *live, const char *sql, sqlite3_stmt **out)
{
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	return sqlite3_prepare_v2(live_db(live), sql, -1, out, NULL) == SQLITE_OK
	               ? OK
	               : live_failed(live);
}

static enum status run(struct store_live *live, sqlite3_stmt *statement)
{
	const bool done = sqlite3_step(statement) == SQLITE_DONE;
	sqlite3_finalize(statement);
	return done ? OK : live_failed(live);
}

enum status store_notice_add(struct store_live *live, const struct stored_notice *notice)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = prepare(
	        live,
	        "INSERT INTO notice (receiver, alert, delivery, at, state, text) VALUES "
	        "(?1, ?2, ?3, ?4, 'waiting', ?5)",
	        &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, notice->receiver, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (int64_t)notice->alert);
	sqlite3_bind_int64(statement, 3, (int64_t)notice->delivery);
	sqlite3_bind_int64(statement, 4, notice->at / NS_PER_US);
	sqlite3_bind_text(statement, 5, notice->text.at, (int)notice->text.len,
	                  SQLITE_STATIC);
	return run(live, statement);
}

enum status store_notices(struct store_live *live, const char *receiver, uint64_t after,
                          bool (*hand)(void *self, const struct stored_notice *notice),
                          void *self)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(
	        live_db(live),
	        "SELECT seq, text, delivery FROM notice WHERE receiver = ?1 AND "
	        "state = 'waiting' AND seq > ?2 ORDER BY seq",
	        -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_text(statement, 1, receiver, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 2, (int64_t)after);
	}
	while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct stored_notice notice = {
			.seq = (uint64_t)sqlite3_column_int64(statement, 0),
			.receiver = receiver,
			.delivery = (uint64_t)sqlite3_column_int64(statement, 2),
			.text = { (const char *)sqlite3_column_text(statement, 1),
			          (size_t)sqlite3_column_bytes(statement, 1) },
		};
		if (!hand(self, &notice)) {
			code = SQLITE_DONE;
			break;
		}
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? OK : live_failed(live);
}

enum status store_notices_delivered(struct store_live *live, const char *receiver,
                                    uint64_t seq)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = prepare(
	        live,
	        "DELETE FROM notice WHERE receiver = ?1 AND state = 'waiting' AND seq <= ?2",
	        &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, receiver, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (int64_t)seq);
	return run(live, statement);
}

enum status store_notice_refused(struct store_live *live, uint64_t seq)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = prepare(
	        live, "UPDATE notice SET state = 'dead' WHERE seq = ?1", &statement);
	if (status != OK)
		return status;
	sqlite3_bind_int64(statement, 1, (int64_t)seq);
	return run(live, statement);
}

enum status store_notices_expire(struct store_live *live, nstime before, uint64_t *dead)
{
	sqlite3_stmt *statement = NULL;
	enum status status = prepare(live,
	                             "UPDATE notice SET state = 'dead' WHERE state = "
	                             "'waiting' AND at < ?1",
	                             &statement);
	if (status != OK)
		return status;
	sqlite3_bind_int64(statement, 1, before / NS_PER_US);
	status = run(live, statement);
	if (status != OK)
		return status;
	status = prepare(live, "SELECT count(*) FROM notice WHERE state = 'dead'",
	                 &statement);
	if (status != OK)
		return status;
	if (sqlite3_step(statement) == SQLITE_ROW)
		*dead = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return OK;
}
