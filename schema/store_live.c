#include "schema/store_live.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/db_check.h"
#include "schema/kpi_rollup.h"
#include "schema/store_live_parts.h"

enum { DIRTY_ROOM = 64 };
/* By the packets' time: that long are hours that are over read out of their minutes. */
#define ADD_UP_EVERY (600 * NS_PER_SEC)

/* clang-format off */
static const char *const statements[STATEMENT_COUNT] = {
	[FIND_RUN] = "SELECT id, durable FROM run WHERE digest = ?1 AND state IN ('running', 'waiting')",
	[BEGIN_RUN] =
		"INSERT INTO run (digest, options, files, sensor, program, frames, written, state, "
		"durable, begun) VALUES (?1, ?2, '[]', ?3, ?4, 0, ?5, 'running', 0, ?5)",
	[REPLACE_LEG] = "DELETE FROM leg WHERE id = ?2 AND run = ?1",
	[REPLACE_CALL] = "DELETE FROM call WHERE id = ?2 AND run = ?1",
	[REPLACE_STREAM] = "DELETE FROM stream WHERE id = ?2 AND run = ?1",
	[PROGRESS] = "INSERT INTO in_progress (run, kind, id) VALUES (?1, ?3, ?2) "
		"ON CONFLICT DO NOTHING",
	[PROGRESS_LADDER] = "INSERT INTO in_progress (run, kind, id, ladder) "
		"VALUES (?1, 'leg', ?2, ?3) ON CONFLICT DO UPDATE SET ladder = excluded.ladder",
	[PROGRESS_OVER] = "DELETE FROM in_progress WHERE run = ?1 AND kind = ?3 AND id = ?2",
	[EVENT] = "INSERT INTO probe_event (run, at, until, what, subject, count) "
		"VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, nullif(?6, 0))",
	[HEALTH] = "INSERT INTO health (run, at, seconds, source, frames, parsed, not_ours, "
		"malformed, dropped, kernel_dropped, interface_dropped, lost, capture_lost, not_kept, "
		"queue_bytes, queue_most_bytes, held_bytes, spill_bytes, lag_ms, stall_ms, engine_bytes, keeper_bytes, "
		"parent_bytes, db_bytes, free_bytes) VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, "
		"?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25)",
	[ACCOUNT] = "UPDATE run SET frames = ?2, written = ?3, "
		"summary = iif(json_valid(?4), ?4, summary) WHERE id = ?1",
	[DURABLE] = "UPDATE run SET durable = ?2 WHERE id = ?1",
	[LADDERS] = "SELECT id, ladder, json_extract(ladder, '$[0][3]'), "
		"json_extract(ladder, '$[0][4]') FROM in_progress "
		"WHERE run = ?1 AND kind = 'leg' AND ladder IS NOT NULL",
	[RUNNING] = "SELECT id FROM run WHERE state IN ('running', 'waiting') AND id <> ?1",
	[INTERRUPT_LEGS] = "UPDATE leg SET state = iif(state = 'in_progress', 'interrupted', state), ladder = coalesce((SELECT "
		"p.ladder FROM in_progress AS p WHERE p.run = leg.run AND p.kind = 'leg' AND "
		"p.id = leg.id), ladder) WHERE run = ?1 AND id IN "
		"(SELECT id FROM in_progress WHERE run = ?1 AND kind = 'leg')",
	[INTERRUPT_CALLS] = "UPDATE call SET state = 'interrupted' WHERE run = ?1 AND state = 'in_progress' AND id IN "
		"(SELECT id FROM in_progress WHERE run = ?1 AND kind = 'call')",
	[INTERRUPT_STREAMS] = "UPDATE stream SET flags = replace(flags, 'in_progress', "
		"'interrupted') WHERE run = ?1 AND id IN "
		"(SELECT id FROM in_progress WHERE run = ?1 AND kind = 'stream')",
	[FORGET_PROGRESS] = "DELETE FROM in_progress WHERE run = ?1",
	[CLOSE_RUN] = "UPDATE run SET state = ?2 WHERE id = ?1",
	[UNDO] = "INSERT INTO watch_undo (run, kind, row) VALUES (?1, ?2, ?3) "
		"ON CONFLICT DO NOTHING",
};

const char *const live_what_names[LIVE_WHAT_COUNT] = {
	[LIVE_ENGINE_GAP] = "engine_gap",
	[LIVE_KEEPER_GAP] = "keeper_gap",
	[LIVE_INTERFACE_GONE] = "interface_gone",
	[LIVE_INTERFACE_BACK] = "interface_back",
	[LIVE_NOT_KEPT] = "not_kept",
	[LIVE_FILE_DAMAGED] = "file_damaged",
	[LIVE_FILE_GIVEN_UP] = "file_given_up",
	[LIVE_STREAM_BEGUN] = "stream_begun",
	[LIVE_STREAM_ENDED] = "stream_ended",
	[LIVE_CLOCK_WRONG] = "clock_wrong",
	[LIVE_CLOCK_RIGHT] = "clock_right",
	[LIVE_SILENT] = "silent",
	[LIVE_HEARD] = "heard",
	[LIVE_ONE_SIDED] = "one_sided",
	[LIVE_TWO_SIDED] = "two_sided",
	[LIVE_STORE_WAITED] = "store_waited",
	[LIVE_STORE_REPLACED] = "store_replaced",
	[LIVE_STORE_CHECKED] = "store_checked",
	[LIVE_SPILL_LOST] = "spill_lost",
};
/* clang-format on */

const char *const live_trouble_names[LIVE_TROUBLE_COUNT] = {
	[LIVE_LOCKED] = "locked",
	[LIVE_FULL] = "full",
	[LIVE_DAMAGED] = "damaged",
	[LIVE_FAILING] = "failing",
};

static const char *const kept_kinds[RECORD_KIND_COUNT] = {
	[RECORD_LEG] = "leg",
	[RECORD_CALL] = "call",
	[RECORD_STREAM] = "stream",
};

enum status store_live_open(const char *path, struct store_live **out,
                            struct db_error *error)
{
	struct store_live *live = calloc(1, sizeof *live);
	if (!live) {
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	live->kpis_at = live->added_up = NSTIME_NONE;
	enum status status = store_open_by(db_open_live, path, &live->store, error);
	for (size_t i = 0; status == OK && i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(live_db(live), statements[i], -1,
		                       SQLITE_PREPARE_PERSISTENT, &live->prepared[i],
		                       NULL) != SQLITE_OK)
			status = db_failed(live_db(live), path, error);
	if (status != OK) {
		store_live_close(live, false);
		return status;
	}
	sqlite3_busy_timeout(live_db(live), LIVE_BUSY_MS);
	*out = live;
	return OK;
}

/* --- ladders of open legs ------------------------------------------------------------- */

static struct text column_text(sqlite3_stmt *statement, int column)
{
	const char *at = (const char *)sqlite3_column_text(statement, column);
	return (struct text){ at,
		              at ? (size_t)sqlite3_column_bytes(statement, column) : 0 };
}

enum status live_reload_ladders(struct store_live *live)
{
	struct store *store = live->store;
	sqlite3_stmt *statement = live->prepared[LADDERS];
	ladders_free(&store->ladders);
	const enum status status = ladders_init(&store->ladders);
	if (status != OK || !store->run)
		return status;
	sqlite3_bind_int64(statement, 1, store->run);
	while (sqlite3_step(statement) == SQLITE_ROW) {
		struct endpoint ends[2] = { 0 };
		if (endpoint_parse(column_text(statement, 2), &ends[0]) == OK &&
		    endpoint_parse(column_text(statement, 3), &ends[1]) == OK)
			ladders_restore(&store->ladders,
			                (uint64_t)sqlite3_column_int64(statement, 0),
			                column_text(statement, 1), ends);
	}
	sqlite3_reset(statement);
	return OK;
}

static enum status note_dirty(struct store_live *live, uint64_t leg)
{
	for (size_t i = live->dirty_count; i-- > 0;)
		if (live->dirty[i] == leg)
			return OK;
	if (live->dirty_count == live->dirty_room) {
		const size_t room = live->dirty_room ? 2 * live->dirty_room : DIRTY_ROOM;
		uint64_t *longer = realloc(live->dirty, room * sizeof *longer);
		if (!longer)
			return ERR_NOMEM;
		live->dirty = longer;
		live->dirty_room = room;
	}
	live->dirty[live->dirty_count++] = leg;
	return OK;
}

/* --- batches -------------------------------------------------------------------------- */

/* The batch is gone: everything is again as it was at the last commit. */
enum status live_failed(struct store_live *live)
{
	struct store *store = live->store;
	const int code = sqlite3_errcode(live_db(live)) & 0xff;
	const enum status status = db_failed(live_db(live), store->path, &store->error);
	live->trouble = store->error.damaged                           ? LIVE_DAMAGED
	                : code == SQLITE_FULL                          ? LIVE_FULL
	                : code == SQLITE_BUSY || code == SQLITE_LOCKED ? LIVE_LOCKED
	                                                               : LIVE_FAILING;
	sqlite3_exec(live_db(live), "ROLLBACK", NULL, NULL, NULL);
	store->status = OK;
	store->added[0] = store->added[1] = 0;
	live->in_batch = false;
	live->latest = live->durable;
	live->dirty_count = 0;
	watch_reload(live);
	return live_reload_ladders(live) == OK ? status : ERR_NOMEM;
}

enum status live_need_batch(struct store_live *live)
{
	if (live->in_batch)
		return OK;
	if (sqlite3_exec(live_db(live), "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return live_failed(live);
	live->in_batch = true;
	return OK;
}

enum status live_finish(struct store_live *live, enum live_statement which)
{
	sqlite3_stmt *statement = live->prepared[which];
	sqlite3_bind_int64(statement, 1, live->store->run);
	const int code = sqlite3_step(statement);
	const enum status status = code == SQLITE_DONE ? OK : live_failed(live);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return status;
}

static enum status of_thing(struct store_live *live, enum live_statement which,
                            enum record_kind kind, uint64_t id)
{
	sqlite3_stmt *statement = live->prepared[which];
	sqlite3_bind_int64(statement, 2, (int64_t)id);
	if (sqlite3_bind_parameter_count(statement) >= 3)
		sqlite3_bind_text(statement, 3, kept_kinds[kind], -1, SQLITE_STATIC);
	return live_finish(live, which);
}

/* Few streams last so long that they were told before; over a folder none is. */
static enum status replace_stream(struct store_live *live, bool over, uint64_t id)
{
	if (live->watching)
		return OK;
	const enum status status =
	        of_thing(live, over ? PROGRESS_OVER : PROGRESS, RECORD_STREAM, id);
	const bool is_noted = sqlite3_changes(live_db(live)) > 0;
	if (status != OK || is_noted != over)
		return status;
	return of_thing(live, REPLACE_STREAM, RECORD_STREAM, id);
}

/* The row of that id, if there is one, is of an earlier state. */
static enum status replace(struct store_live *live, bool over, enum record_kind kind,
                           uint64_t id)
{
	const enum live_statement row = kind == RECORD_LEG ? REPLACE_LEG : REPLACE_CALL;
	if (kind == RECORD_STREAM)
		return replace_stream(live, over, id);
	const enum status status = of_thing(live, row, kind, id);
	return status == OK ? of_thing(live, over ? PROGRESS_OVER : PROGRESS, kind, id)
	                    : status;
}

/* What was taken for calls of their own is part of this one. */
static enum status replace_aliases(struct store_live *live, const struct call_record *call)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < call->aliases.count; i++)
		status = replace(live, true, RECORD_CALL, call->aliases.ids[i]);
	return status;
}

/* Reports came under the ids that the call had before. */
static enum status name_reports(struct store_live *live)
{
	struct store *store = live->store;
	const bool done =
	        aliases_apply(&store->aliases, store->db, store->run) == SQLITE_OK;
	aliases_free(&store->aliases);
	return done ? OK : live_failed(live);
}

/* It began before this engine did. */
static bool may_continue(const struct store_live *live, const struct call_record *call)
{
	return !live->watching && call->state == LEG_INCOMPLETE;
}

enum status store_live_add(struct store_live *live, uint64_t number, bool over,
                           const struct record *record)
{
	/* Over a folder, how things stand has the number of the record before it. */
	const bool as_it_stands = live->watching && !over;
	if (number < live->latest || (number == live->latest && !as_it_stands))
		return OK;
	enum status status = live_need_batch(live);
	if (status == OK && live->finishing)
		status = watch_before_insert(live, record);
	if (record->kind == RECORD_FINDING && live_is_gone(live, record->finding.call)) {
		live->latest = number;
		return status;
	}
	if (status == OK && kept_kinds[record->kind])
		status = replace(live, over, record->kind, record_id(record));
	if (status == OK && record->kind == RECORD_CALL)
		status = replace_aliases(live, &record->call);
	if (status != OK)
		return status;
	if (store_insert(live->store, record, over) != OK)
		return live_failed(live);
	if (record->kind == RECORD_KPI)
		live->kpis_at = record->at;
	if (live->finishing && (status = watch_after_insert(live, record)) != OK)
		return status;
	if (record->kind == RECORD_CALL && (status = name_reports(live)) != OK)
		return status;
	if (record->kind == RECORD_CALL && over && may_continue(live, &record->call) &&
	    (status = live_continue(live, &record->call)) != OK)
		return status;
	live->latest = number;
	return record->kind == RECORD_MESSAGE ? note_dirty(live, record->message.leg) : OK;
}

enum status live_keep_ladders(struct store_live *live)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < live->dirty_count; i++) {
		const struct text ladder =
		        ladders_text(&live->store->ladders, live->dirty[i]);
		sqlite3_stmt *statement = live->prepared[PROGRESS_LADDER];
		if (ladder.len == 0)
			continue; /* it is over by now */
		sqlite3_bind_int64(statement, 2, (int64_t)live->dirty[i]);
		sqlite3_bind_text(statement, 3, ladder.at, (int)ladder.len, SQLITE_STATIC);
		status = live_finish(live, PROGRESS_LADDER);
	}
	live->dirty_count = status == OK ? 0 : live->dirty_count;
	return status;
}

enum status live_add_up_hours(struct store_live *live, nstime until)
{
	if (kpi_rollup(live_db(live), until) != SQLITE_OK)
		return live_failed(live);
	live->added_up = live->kpis_at;
	return OK;
}

static bool hours_are_due(const struct store_live *live)
{
	return live->kpis_at != NSTIME_NONE &&
	       (live->added_up == NSTIME_NONE ||
	        live->kpis_at - live->added_up >= ADD_UP_EVERY);
}

enum status store_live_commit(struct store_live *live)
{
	if (!live->in_batch)
		return OK;
	enum status status = live_keep_ladders(live);
	if (status == OK && hours_are_due(live))
		status = live_add_up_hours(live, live->kpis_at);
	if (status == OK && store_count_bytes(live->store) != OK)
		status = live_failed(live);
	if (status == OK) {
		sqlite3_bind_int64(live->prepared[DURABLE], 2, (int64_t)live->latest);
		status = live_finish(live, DURABLE);
	}
	if (status != OK)
		return status;
	if (sqlite3_exec(live_db(live), "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		return live_failed(live);
	live->in_batch = false;
	live->durable = live->latest;
	return OK;
}

/* --- what is told beside records --------------------------------------------------- */

enum status store_live_event(struct store_live *live, const struct live_event *event)
{
	sqlite3_stmt *statement = live->prepared[EVENT];
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_bind_int64(statement, 2, ns_to_us(event->at));
	if (event->until != NSTIME_NONE)
		sqlite3_bind_int64(statement, 3, ns_to_us(event->until));
	sqlite3_bind_text(statement, 4, live_what_names[event->what], -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 5, event->subject, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 6, (int64_t)event->count);
	return live_finish(live, EVENT);
}

enum status store_live_alert(struct store_live *live, const struct record *alert)
{
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	return store_insert(live->store, alert, true) == OK ? OK : live_failed(live);
}

enum status store_live_account(struct store_live *live, const struct live_account *account)
{
	sqlite3_stmt *statement = live->prepared[ACCOUNT];
	if (!account->ahead && (account->number < live->latest ||
	                        (account->number == live->latest && !live->watching)))
		return OK;
	enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_bind_int64(statement, 2, (int64_t)account->frames);
	sqlite3_bind_int64(statement, 3, ns_to_us(account->at));
	sqlite3_bind_text(statement, 4, account->summary.at, (int)account->summary.len,
	                  SQLITE_STATIC);
	status = live_finish(live, ACCOUNT);
	if (status == OK && !account->ahead)
		live->latest = account->number;
	return status;
}

uint64_t store_live_durable(const struct store_live *live)
{
	return live->durable;
}

const char *store_live_error(const struct store_live *live)
{
	return live->store->error.text;
}

enum live_trouble store_live_trouble(const struct store_live *live)
{
	return live->trouble;
}

enum status store_live_check(struct store_live *live, int most_ms, struct db_error *error)
{
	return db_check(live_db(live), live->store->path, DB_CHECK_QUICK, most_ms, NULL,
	                error);
}

void store_live_close(struct store_live *live, bool for_good)
{
	if (!live)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(live->prepared[i]);
	/* Outside WAL mode it can be read from anywhere; who reads just now may keep it in.
	 */
	if (for_good && live->store && !live->in_batch && live_journal_is_small(live))
		sqlite3_exec(live_db(live), "PRAGMA journal_mode = DELETE", NULL, NULL,
		             NULL);
	else if (live->store)
		sqlite3_db_config(live_db(live), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	retention_free(live->retention);
	store_close(live->store);
	free(live->dirty);
	free(live);
}
