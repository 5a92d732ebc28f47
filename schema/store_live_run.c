/* store_live_run.c - the run of an engine: begun, found again, closed (store_live.h). */
#include "schema/store_live_parts.h"

#include "schema/kpi_rollup.h"
#include "schema/trunk_rows.h"

static enum status set_state(struct store_live *live, const char *state)
{
	sqlite3_bind_text(live->prepared[CLOSE_RUN], 2, state, -1, SQLITE_STATIC);
	return live_finish(live, CLOSE_RUN);
}

/* In a batch: that run is closed, and what it had in progress is marked. */
static enum status close_run(struct store_live *live, int64_t run, bool over)
{
	static const enum live_statement steps[] = { INTERRUPT_LEGS, INTERRUPT_CALLS,
		                                     INTERRUPT_STREAMS, FORGET_PROGRESS };
	const int64_t own = live->store->run;
	enum status status = OK;
	live->store->run = run;
	/* Of an orderly end nothing is left in progress but what had no time to be told. */
	for (size_t i = 0; status == OK && i < ARRAY_LEN(steps); i++)
		status = live_finish(live, steps[i]);
	if (status == OK)
		status = set_state(live, over ? "complete" : "interrupted");
	live->store->run = own;
	return status;
}

static enum status interrupt_others(struct store_live *live)
{
	enum status status = OK;
	sqlite3_stmt *statement = live->prepared[RUNNING];
	for (;;) {
		sqlite3_bind_int64(statement, 1, live->store->run);
		const int code = sqlite3_step(statement);
		const int64_t run = sqlite3_column_int64(statement, 0);
		sqlite3_reset(statement);
		if (code == SQLITE_DONE || status != OK)
			return status;
		status = code == SQLITE_ROW ? close_run(live, run, false)
		                            : live_failed(live);
		if (status != OK)
			return status;
	}
}

static enum status find_run(struct store_live *live, const struct live_run *run)
{
	sqlite3_stmt *statement = live->prepared[FIND_RUN];
	sqlite3_bind_blob(statement, 1, run->engine, LIVE_ENGINE_ID, SQLITE_STATIC);
	const int code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		live->store->run = sqlite3_column_int64(statement, 0);
		live->durable = (uint64_t)sqlite3_column_int64(statement, 1);
	}
	sqlite3_reset(statement);
	return code == SQLITE_ROW    ? OK
	       : code == SQLITE_DONE ? ERR_NOT_FOUND
	                             : live_failed(live);
}

static enum status new_run(struct store_live *live, const struct live_run *run, nstime now)
{
	sqlite3_stmt *statement = live->prepared[BEGIN_RUN];
	sqlite3_bind_blob(statement, 1, run->engine, LIVE_ENGINE_ID, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, run->options, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, run->sensor, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, run->program, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 5, ns_to_us(now));
	const int code = sqlite3_step(statement);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	if (code != SQLITE_DONE)
		return live_failed(live);
	live->store->run = sqlite3_last_insert_rowid(live_db(live));
	if (trunk_rows_write(live_db(live), live->store->run, run->trunks) != SQLITE_OK ||
	    kpi_rollup_zone(live_db(live), run->zone) != SQLITE_OK)
		return live_failed(live);
	return OK;
}

enum status store_live_begin(struct store_live *live, const struct live_run *run,
                             nstime now, uint64_t *durable)
{
	enum status status = store_live_commit(live);
	live->store->run = 0;
	live->durable = 0;
	live->watching = live->finishing = false;
	if (status == OK)
		status = live_need_batch(live);
	if (status == OK && (status = find_run(live, run)) == ERR_NOT_FOUND)
		status = new_run(live, run, now);
	else if (status == OK)
		status = set_state(live, "running"); /* it may have waited */
	if (status == OK && run->watching)
		status = watch_load(live);
	if (status == OK)
		status = interrupt_others(live);
	live->latest = live->durable;
	if (status == OK)
		status = store_live_commit(live);
	if (status == OK)
		status = live_reload_ladders(live);
	if (status != OK)
		live->store->run = 0;
	*durable = live->durable;
	return status;
}

enum status store_live_trunks(struct store_live *live, const struct trunks *trunks)
{
	const enum status status = live_need_batch(live);
	if (status != OK || !live->store->run)
		return status;
	return trunk_rows_write(live_db(live), live->store->run, trunks) == SQLITE_OK
	               ? OK
	               : live_failed(live);
}

enum status store_live_wait(struct store_live *live)
{
	enum status status = live->store->run ? live_need_batch(live) : OK;
	if (status == OK && live->store->run)
		status = set_state(live, "waiting");
	return status == OK ? store_live_commit(live) : status;
}

enum status store_live_end(struct store_live *live, uint64_t number)
{
	/* A run over a folder goes on with the next engine. */
	const bool closes = live->store->run && (number || !live->watching);
	enum status status = closes ? live_need_batch(live) : OK;
	if (status == OK && closes)
		status = live_keep_ladders(live);
	if (status == OK && closes)
		status = close_run(live, live->store->run, number != 0);
	if (status == OK && live->store->run)
		status = live_add_up_hours(live, NSTIME_NEVER);
	if (status != OK)
		return status;
	if (number > live->latest)
		live->latest = number;
	status = store_live_commit(live);
	if (status == OK)
		live->store->run = 0;
	return status;
}
