#include "schema/store_watch.h"

#include <stdio.h>

#include "schema/store_live_parts.h"

/* Far more than any folder has at a time. */
enum { FILES_REMEMBERED = 200000 };
/* What belongs to a leg may be a little older than it: a registration, a retransmission. */
#define BEFORE_A_LEG (60 * NS_PER_SEC)

/* --- statements ----------------------------------------------------------------------- */

/* They are few in a minute: none is kept prepared. */
static sqlite3_stmt *prepare(struct store_live *live, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(live_db(live), sql, -1, &statement, NULL) != SQLITE_OK)
		sqlite3_finalize(statement);
	return statement;
}

static void bind_number(sqlite3_stmt *statement, int parameter, uint64_t number)
{
	sqlite3_bind_int64(statement, parameter, (int64_t)number);
}

static void bind_time(sqlite3_stmt *statement, int parameter, nstime at)
{
	if (at != NSTIME_NONE)
		sqlite3_bind_int64(statement, parameter, at);
}

/* A statement that gives no row. */
static enum status run(struct store_live *live, sqlite3_stmt *statement)
{
	const int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
	const enum status status = code == SQLITE_DONE ? OK : live_failed(live);
	sqlite3_finalize(statement);
	return status;
}

/* Likewise, of the run alone. */
static enum status run_of(struct store_live *live, int64_t of, const char *sql)
{
	sqlite3_stmt *statement = prepare(live, sql);
	sqlite3_bind_int64(statement, 1, of);
	return run(live, statement);
}

/* --- the run -------------------------------------------------------------------------- */

void watch_reload(struct store_live *live)
{
	if (!live->watching)
		return;
	sqlite3_stmt *statement =
	        prepare(live, "SELECT finishing FROM watch_run WHERE run = ?1");
	sqlite3_bind_int64(statement, 1, live->store->run);
	if (sqlite3_step(statement) == SQLITE_ROW)
		live->finishing = sqlite3_column_int(statement, 0) != 0;
	sqlite3_finalize(statement);
}

enum status watch_load(struct store_live *live)
{
	const enum status status =
	        run_of(live, live->store->run,
	               "INSERT INTO watch_run (run, number, frames, steps, finishing) "
	               "VALUES (?1, 0, 0, 0, 0) ON CONFLICT DO NOTHING");
	live->watching = status == OK;
	watch_reload(live);
	return status;
}

enum status store_watch_find(struct store_live *live, const char *options,
                             const char *sensor, struct watch_plan *out)
{
	sqlite3_stmt *statement = prepare(
	        live, "SELECT digest, number, watch_run.frames, steps FROM run "
	              "JOIN watch_run ON run = id WHERE id = (SELECT max(id) FROM run "
	              "JOIN watch_run ON run = id) AND options = ?1 AND sensor = ?2 AND "
	              "state IN ('running', 'complete') AND length(digest) = 16");
	sqlite3_bind_text(statement, 1, options, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, sensor, -1, SQLITE_STATIC);
	const int code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		memcpy(out->engine, sqlite3_column_blob(statement, 0), sizeof out->engine);
		out->position = (struct watch_position){
			.number = (uint64_t)sqlite3_column_int64(statement, 1),
			.frames = (uint64_t)sqlite3_column_int64(statement, 2),
			.steps = (uint64_t)sqlite3_column_int64(statement, 3),
		};
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
}

/* 0: there is none. */
static int64_t run_of_engine(struct store_live *live, const uint8_t engine[LIVE_ENGINE_ID])
{
	sqlite3_stmt *statement = prepare(
	        live, "SELECT id FROM run JOIN watch_run ON run = id WHERE digest = ?1");
	sqlite3_bind_blob(statement, 1, engine, LIVE_ENGINE_ID, SQLITE_STATIC);
	const int64_t id = sqlite3_step(statement) == SQLITE_ROW
	                           ? sqlite3_column_int64(statement, 0)
	                           : 0;
	sqlite3_finalize(statement);
	return id;
}

static void read_file(sqlite3_stmt *statement, struct watch_step *step)
{
	const char *name = (const char *)sqlite3_column_text(statement, 3);
	const void *digest = sqlite3_column_blob(statement, 8);
	struct watch_file *file = &step->file;
	*step = (struct watch_step){
		.id = (uint64_t)sqlite3_column_int64(statement, 0),
		.place = (uint64_t)sqlite3_column_int64(statement, 1),
		.before = (uint64_t)sqlite3_column_int64(statement, 2),
		.file.device = (uint64_t)sqlite3_column_int64(statement, 4),
		.file.inode = (uint64_t)sqlite3_column_int64(statement, 5),
		.file.size = (uint64_t)sqlite3_column_int64(statement, 6),
		.file.modified = sqlite3_column_int64(statement, 7),
	};
	text_copy(file->name, sizeof file->name, text_from(name ? name : ""));
	if (digest && sqlite3_column_bytes(statement, 8) == WATCH_DIGEST)
		memcpy(file->digest, digest, WATCH_DIGEST);
}

enum status store_watch_files(struct store_live *live, const struct watch_plan *plan,
                              uint64_t bytes,
                              bool (*accept)(void *self, const struct watch_step *step),
                              void *self)
{
	/* The last one that ended says how far back the open legs reach. */
	static const char sql[] =
	        "WITH needed AS (SELECT coalesce(needed, last) - ?2 AS since FROM "
	        "watch_file WHERE run = ?1 AND state = 'done' ORDER BY place DESC LIMIT 1) "
	        "SELECT id, place, before, name, device, inode, size, modified, digest, "
	        "coalesce(last >= (SELECT since FROM needed), 1) "
	        "FROM watch_file WHERE run = ?1 AND state IN ('reading', 'done') "
	        "ORDER BY place DESC";
	sqlite3_stmt *statement = prepare(live, sql);
	enum status status = OK;
	uint64_t sum = 0;
	int code;
	sqlite3_bind_int64(statement, 1, run_of_engine(live, plan->engine));
	sqlite3_bind_int64(statement, 2, BEFORE_A_LEG);
	while (status == OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct watch_step step;
		read_file(statement, &step);
		sum += step.file.size;
		if (sqlite3_column_int(statement, 9) == 0 && sum > bytes) {
			code = SQLITE_DONE;
			break;
		}
		status = accept(self, &step) ? OK : ERR_FULL;
	}
	sqlite3_finalize(statement);
	return status != OK ? status : code == SQLITE_DONE ? OK : ERR_IO;
}

/* Rows of the run's end go; the ladders of its legs are those of legs in progress again. */
static enum status take_back(struct store_live *live, int64_t of)
{
	static const char *const others[] = {
		"INSERT INTO in_progress (run, kind, id, ladder) SELECT run, 'leg', id, "
		"ladder FROM leg WHERE run = ?1 AND seq IN (SELECT row FROM watch_undo WHERE "
		"run = ?1 AND kind = 'leg') ON CONFLICT DO UPDATE SET ladder = "
		"excluded.ladder",
		"DELETE FROM kpi WHERE run = ?1 AND start IN (SELECT row FROM watch_undo "
		"WHERE run = ?1 AND kind = 'kpi')",
		"INSERT INTO kpi SELECT * FROM watch_kpi WHERE run = ?1",
		"DELETE FROM watch_kpi WHERE run = ?1",
		"DELETE FROM message_raw WHERE run = ?1 AND message IN (SELECT row FROM "
		"watch_undo WHERE run = ?1 AND kind = 'message')",
	};
	enum status status = OK;
	for (size_t i = 0; status == OK && i < ARRAY_LEN(others); i++)
		status = run_of(live, of, others[i]);
	for (unsigned int kind = 0; status == OK && kind < RECORD_KIND_COUNT; kind++) {
		char sql[256];
		if (kind == RECORD_KPI || kind == RECORD_MESSAGE)
			continue;
		snprintf(sql, sizeof sql,
		         "DELETE FROM \"%s\" WHERE seq IN (SELECT row FROM watch_undo "
		         "WHERE run = ?1 AND kind = '%s')",
		         record_kind_names[kind], record_kind_names[kind]);
		status = run_of(live, of, sql);
	}
	if (status == OK)
		status = run_of(live, of, "DELETE FROM watch_undo WHERE run = ?1");
	return status;
}

/* They have no beginning any more in what will be read. */
static enum status interrupt_older(struct store_live *live, int64_t of, uint64_t place)
{
	static const char *const steps[] = {
		"UPDATE leg SET state = 'interrupted' WHERE run = ?1 AND state = "
		"'in_progress' AND id IN (SELECT id FROM in_progress WHERE run = ?1 AND kind "
		"= 'leg') AND start * 1000 < (SELECT max(last) FROM watch_file WHERE run = ?1 "
		"AND place < ?2)",
		"DELETE FROM in_progress WHERE run = ?1 AND kind = 'leg' AND id IN (SELECT id "
		"FROM leg WHERE run = ?1 AND state = 'interrupted')",
	};
	enum status status = OK;
	for (size_t i = 0; status == OK && i < ARRAY_LEN(steps); i++) {
		sqlite3_stmt *statement = prepare(live, steps[i]);
		sqlite3_bind_int64(statement, 1, of);
		if (sqlite3_bind_parameter_count(statement) > 1)
			bind_number(statement, 2, place);
		status = run(live, statement);
	}
	return status;
}

enum status store_watch_reopen(struct store_live *live, const struct watch_plan *plan,
                               uint64_t place)
{
	const int64_t of = run_of_engine(live, plan->engine);
	enum status status = store_live_commit(live);
	if (status == OK)
		status = live_need_batch(live);
	if (status == OK)
		status = take_back(live, of);
	if (status == OK)
		status = interrupt_older(live, of, place);
	if (status == OK)
		status = run_of(live, of,
		                "UPDATE run SET state = 'running', durable = iif((SELECT "
		                "finishing FROM watch_run WHERE run = ?1), (SELECT number "
		                "FROM watch_run WHERE run = ?1), durable) WHERE id = ?1");
	if (status == OK)
		status = run_of(live, of,
		                "UPDATE watch_run SET finishing = 0 WHERE run = ?1");
	return status == OK ? store_live_commit(live) : status;
}

/* --- files ---------------------------------------------------------------------------- */

/* A packed file is named like what is in it, and keeps its time (gzip, zstd). */
static struct text stem_of(const char *name)
{
	static const char *const endings[] = { ".gz", ".zst" };
	struct text stem = text_from(name);
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		const struct text ending = text_from(endings[i]);
		if (stem.len > ending.len &&
		    text_equal(text_skip(stem, stem.len - ending.len), ending))
			return text_head(stem, stem.len - ending.len);
	}
	return stem;
}

static enum status find_file(struct store_live *live, const struct watch_file *file,
                             uint64_t *id, bool *known)
{
	static const char sql[] =
	        "SELECT id, state IN ('done', 'given_up') AS known FROM watch_file "
	        "WHERE (digest = ?1 AND size = ?2) OR "
	        "(name IN (?3, ?3 || '.gz', ?3 || '.zst') AND modified = ?4) "
	        "ORDER BY known DESC, id DESC LIMIT 1";
	const struct text stem = stem_of(file->name);
	sqlite3_stmt *statement = prepare(live, sql);
	sqlite3_bind_blob(statement, 1, file->digest, WATCH_DIGEST, SQLITE_STATIC);
	bind_number(statement, 2, file->size);
	sqlite3_bind_text(statement, 3, stem.at, (int)stem.len, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, file->modified);
	const int code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		*id = (uint64_t)sqlite3_column_int64(statement, 0);
		*known = sqlite3_column_int(statement, 1) != 0;
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW ? OK : code == SQLITE_DONE ? ERR_NOT_FOUND : ERR_IO;
}

static enum status add_file(struct store_live *live, const struct watch_file *file,
                            uint64_t *id)
{
	sqlite3_stmt *statement = prepare(
	        live,
	        "INSERT INTO watch_file (name, device, inode, size, modified, digest, "
	        "state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'found')");
	sqlite3_bind_text(statement, 1, file->name, -1, SQLITE_STATIC);
	bind_number(statement, 2, file->device);
	bind_number(statement, 3, file->inode);
	bind_number(statement, 4, file->size);
	sqlite3_bind_int64(statement, 5, file->modified);
	sqlite3_bind_blob(statement, 6, file->digest, WATCH_DIGEST, SQLITE_STATIC);
	enum status status = run(live, statement);
	*id = (uint64_t)sqlite3_last_insert_rowid(live_db(live));
	if (status != OK || *id <= FILES_REMEMBERED)
		return status;
	statement = prepare(live, "DELETE FROM watch_file WHERE id <= ?1");
	bind_number(statement, 1, *id - FILES_REMEMBERED);
	return run(live, statement);
}

enum status store_watch_know(struct store_live *live, const struct watch_file *file,
                             uint64_t *id, bool *known)
{
	*known = false;
	enum status status = find_file(live, file, id, known);
	if (status != ERR_NOT_FOUND)
		return status;
	status = live_need_batch(live);
	return status == OK ? add_file(live, file, id) : status;
}

enum status store_watch_give_up(struct store_live *live, uint64_t id)
{
	enum status status = live_need_batch(live);
	sqlite3_stmt *statement = prepare(
	        live, "UPDATE watch_file SET state = 'given_up', damage = 'the engine dies "
	              "of it' WHERE id = ?1 AND state <> 'done'");
	bind_number(statement, 1, id);
	if (status == OK)
		return run(live, statement);
	sqlite3_finalize(statement);
	return status;
}

/* --- what the engine tells ------------------------------------------------------------ */

/* A statement about the run, ?1, whose number is that of a record. */
static enum status tell(struct store_live *live, uint64_t number, sqlite3_stmt *statement)
{
	if (number <= live->latest || !live->watching) {
		sqlite3_finalize(statement);
		return OK;
	}
	sqlite3_bind_int64(statement, 1, live->store->run);
	const enum status status = run(live, statement);
	if (status == OK)
		live->latest = number;
	return status;
}

enum status store_watch_begin(struct store_live *live, uint64_t number,
                              const struct watch_step *step)
{
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_stmt *statement = prepare(
	        live, "UPDATE watch_file SET state = 'reading', run = ?1, place = ?2, "
	              "before = ?3 WHERE id = ?4 AND state IN ('found', 'reading')");
	bind_number(statement, 2, step->place);
	bind_number(statement, 3, step->before);
	bind_number(statement, 4, step->id);
	return tell(live, number, statement);
}

enum status store_watch_end(struct store_live *live, uint64_t number,
                            const struct watch_end *end)
{
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_stmt *statement = prepare(
	        live, "UPDATE watch_file SET state = 'done', frames = ?2, last = ?3, "
	              "needed = ?4, damage = ?5 WHERE id = ?6 AND run = ?1");
	bind_number(statement, 2, end->frames);
	bind_time(statement, 3, end->last);
	bind_time(statement, 4, end->needed);
	if (end->damage.len)
		sqlite3_bind_text(statement, 5, end->damage.at, (int)end->damage.len,
		                  SQLITE_STATIC);
	bind_number(statement, 6, end->id);
	return tell(live, number, statement);
}

enum status store_watch_position(struct store_live *live,
                                 const struct watch_position *position)
{
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_stmt *statement =
	        prepare(live, "UPDATE watch_run SET number = ?2, frames = ?3, steps = ?4 "
	                      "WHERE run = ?1");
	bind_number(statement, 2, position->number);
	bind_number(statement, 3, position->frames);
	bind_number(statement, 4, position->steps);
	return tell(live, position->number, statement);
}

enum status store_watch_finishing(struct store_live *live, uint64_t number)
{
	const bool news = number > live->latest;
	enum status status = live_need_batch(live);
	if (status == OK)
		status =
		        tell(live, number,
		             prepare(live, "UPDATE watch_run SET finishing = 1 WHERE run = "
		                           "?1"));
	if (status == OK && news)
		live->finishing = live->watching;
	return status;
}

/* --- the end of the run, for it to be taken back -------------------------------------- */

enum status watch_before_insert(struct store_live *live, const struct record *record)
{
	if (record->kind != RECORD_KPI)
		return OK;
	/* A bucket that is there has the figures added, which nothing could undo. */
	sqlite3_stmt *statement = prepare(
	        live,
	        "INSERT INTO watch_kpi SELECT * FROM kpi WHERE run = ?1 AND start = ?2 "
	        "AND NOT EXISTS (SELECT 1 FROM watch_undo WHERE run = ?1 AND kind = "
	        "'kpi' AND row = ?2)");
	sqlite3_bind_int64(statement, 1, live->store->run);
	sqlite3_bind_int64(statement, 2, ns_to_us(record->kpi.key.start));
	return run(live, statement);
}

static int64_t row_of(struct store_live *live, const struct record *record)
{
	switch (record->kind) {
	case RECORD_KPI:
		return ns_to_us(record->kpi.key.start);
	case RECORD_MESSAGE:
		return (int64_t)record->message.id;
	default:
		return sqlite3_last_insert_rowid(live_db(live));
	}
}

enum status watch_after_insert(struct store_live *live, const struct record *record)
{
	sqlite3_stmt *statement = live->prepared[UNDO];
	sqlite3_bind_text(statement, 2, record_kind_names[record->kind], -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, row_of(live, record));
	return live_finish(live, UNDO);
}
