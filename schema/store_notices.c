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

/* A statement about a receiver (?1) and a number (?2); it need not name both. */
static enum status change(struct store_live *live, const char *sql, const char *receiver,
                          int64_t number)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = prepare(live, sql, &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, receiver, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, number);
	return run(live, statement);
}

/* How many rows the last statement changed, if it was one that worked. */
static uint64_t changed(struct store_live *live, enum status status)
{
	return status == OK ? (uint64_t)sqlite3_changes(live_db(live)) : 0;
}

enum status store_notice_add(struct store_live *live, const struct stored_notice *notice)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = prepare(
	        live,
	        "INSERT INTO notice (receiver, alert, delivery, at, state, form, text) "
	        "VALUES (?1, ?2, ?3, ?4, ?6, ?7, ?5)",
	        &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, notice->receiver, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, (int64_t)notice->alert);
	sqlite3_bind_int64(statement, 3, (int64_t)notice->delivery);
	sqlite3_bind_int64(statement, 4, notice->at / NS_PER_US);
	sqlite3_bind_text(statement, 5, notice->text.at, (int)notice->text.len,
	                  SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, notice->together ? "together" : "waiting", -1,
	                  SQLITE_STATIC);
	sqlite3_bind_text(statement, 7, notice->form, -1, SQLITE_STATIC);
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
	return change(
	        live,
	        "DELETE FROM notice WHERE receiver = ?1 AND state = 'waiting' AND seq <= ?2",
	        receiver, (int64_t)seq);
}

enum status store_notice_refused(struct store_live *live, uint64_t seq)
{
	return change(live, "UPDATE notice SET state = 'dead' WHERE seq = ?2", NULL,
	              (int64_t)seq);
}

static const char *const states[NOTICE_STATE_COUNT] = {
	[NOTICE_WAITING] = "waiting",
	[NOTICE_TOGETHER] = "together",
	[NOTICE_DEAD] = "dead",
	[NOTICE_STRANDED] = "stranded",
};

enum status store_notices_whose(struct store_live *live, enum notice_state state,
                                void (*hand)(void *self, const char *receiver,
                                             const char *form, uint64_t count),
                                void *self)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(live_db(live),
	                              "SELECT receiver, form, count(*) FROM notice WHERE "
	                              "state = ?1 GROUP BY receiver, form",
	                              -1, &statement, NULL);
	if (code == SQLITE_OK)
		sqlite3_bind_text(statement, 1, states[state], -1, SQLITE_STATIC);
	while (statement && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		const char *receiver = (const char *)sqlite3_column_text(statement, 0);
		const char *form = (const char *)sqlite3_column_text(statement, 1);
		if (receiver && form)
			hand(self, receiver, form,
			     (uint64_t)sqlite3_column_int64(statement, 2));
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? OK : live_failed(live);
}

enum status store_notices_move(struct store_live *live, const struct stored_notice *like,
                               enum notice_state from, enum notice_state to,
                               uint64_t *count)
{
	sqlite3_stmt *statement = NULL;
	enum status status = prepare(live,
	                             "UPDATE notice SET state = ?5 WHERE receiver = ?1 AND "
	                             "state = ?4 AND form = ?2 AND at >= ?3",
	                             &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, like->receiver, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, like->form, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, like->at / NS_PER_US);
	sqlite3_bind_text(statement, 4, states[from], -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, states[to], -1, SQLITE_STATIC);
	status = run(live, statement);
	*count = changed(live, status);
	return status;
}

enum status store_notices_expire(struct store_live *live, const char *receiver,
                                 nstime before, uint64_t *count)
{
	const enum status status = change(live,
	                                  "UPDATE notice SET state = 'dead' WHERE "
	                                  "receiver = ?1 AND state = 'waiting' AND at < ?2",
	                                  receiver, before / NS_PER_US);
	*count = changed(live, status);
	return status;
}

enum status store_notices_forget_dead(struct store_live *live, nstime before)
{
	return change(live, "DELETE FROM notice WHERE state != 'waiting' AND at < ?2", NULL,
	              before / NS_PER_US);
}

/* The one number that it gives; it is gone then.  A question that fails undoes nothing. */
static enum status number_of(sqlite3_stmt *statement, uint64_t *number)
{
	const bool row = sqlite3_step(statement) == SQLITE_ROW;
	*number = row ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return row ? OK : ERR_IO;
}

enum status store_notices_count(struct store_live *live, const char *receiver,
                                enum notice_state state, nstime since, uint64_t *count)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(live_db(live),
	                       "SELECT count(*) FROM notice WHERE receiver = ?1 AND "
	                       "state = ?2 AND at >= ?3",
	                       -1, &statement, NULL) != SQLITE_OK)
		return ERR_IO;
	sqlite3_bind_text(statement, 1, receiver, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, states[state], -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, since / NS_PER_US);
	return number_of(statement, count);
}

enum status store_notices_together(struct store_live *live, const char *receiver,
                                   void (*sum)(void *self, struct text rule,
                                               uint64_t count),
                                   void *self)
{
	sqlite3_stmt *statement = NULL;
	const enum status status =
	        prepare(live,
	                "SELECT text, count(*) FROM notice WHERE receiver = ?1 "
	                "AND state = 'together' GROUP BY text ORDER BY 2 DESC, 1",
	                &statement);
	if (status != OK)
		return status;
	sqlite3_bind_text(statement, 1, receiver, -1, SQLITE_STATIC);
	while (sqlite3_step(statement) == SQLITE_ROW)
		sum(self,
		    (struct text){ (const char *)sqlite3_column_text(statement, 0),
		                   (size_t)sqlite3_column_bytes(statement, 0) },
		    (uint64_t)sqlite3_column_int64(statement, 1));
	sqlite3_finalize(statement);
	return change(live, "DELETE FROM notice WHERE receiver = ?1 AND state = 'together'",
	              receiver, 0);
}

enum status store_notices_calls(struct store_live *live, uint64_t *calls)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(live_db(live),
	                       "SELECT count(*) FROM in_progress WHERE kind = 'call' AND "
	                       "run = (SELECT max(id) FROM run WHERE state = 'running')",
	                       -1, &statement, NULL) != SQLITE_OK)
		return ERR_IO;
	return number_of(statement, calls);
}
