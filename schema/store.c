#include "schema/store_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/insert.h"
#include "schema/kpi.h"
#include "schema/kpi_rollup.h"
#include "schema/retention.h"
#include "schema/trunk_rows.h"

static enum status store_failed(struct store *store)
{
	return store->status = db_failed(store->db, store->path, &store->error);
}

static enum status run_sql(struct store *store, const char *sql)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_failed(store);
	return OK;
}

/* A message's row is in its leg's ladder; a table of its own has the bytes, if kept. */
static const char insert_raw[] =
        "INSERT INTO message_raw (run, message, raw, raw_cut, at) VALUES (?, ?, ?, ?, ?)";

static enum status prepare_insert(struct store *store, enum record_kind kind, bool quick,
                                  sqlite3_stmt **out)
{
	char composed[INSERT_SQL_MAX];
	const char *sql = insert_raw;
	if (kind != RECORD_MESSAGE) {
		insert_compose(kind, quick, composed);
		sql = composed;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) !=
	    SQLITE_OK)
		return store_failed(store);
	return OK;
}

static enum status store_prepare(struct store *store)
{
	for (unsigned int kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		if (prepare_insert(store, kind, false, &store->inserts[kind]) != OK ||
		    ((kind == RECORD_LEG || kind == RECORD_STREAM || kind == RECORD_KPI) &&
		     prepare_insert(store, kind, true, &store->quick_inserts[kind]) != OK))
			return store->status;
	}
	return OK;
}

enum status store_open(const char *path, struct store **out, struct db_error *error)
{
	return store_open_by(db_open_write, path, out, error);
}

enum status store_open_by(enum status (*open)(const char *path, int busy_ms, sqlite3 **out,
                                              struct db_error *error),
                          const char *path, struct store **out, struct db_error *error)
{
	struct store *store = calloc(1, sizeof *store);
	if (!store || !(store->path = strdup(path))) {
		free(store);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	if (ladders_init(&store->ladders) != OK ||
	    message_packer_new(&store->packer) != OK) {
		store_close(store);
		snprintf(error->text, sizeof error->text, "%s: out of memory", path);
		return ERR_NOMEM;
	}
	enum status status = open(path, DB_BUSY_MS, &store->db, error);
	if (status == OK) {
		status = kpi_functions(store->db) == SQLITE_OK ? store_prepare(store)
		                                               : store_failed(store);
		if (status != OK)
			*error = store->error;
	}
	if (status != OK) {
		store_close(store);
		return status;
	}
	*out = store;
	return OK;
}

static enum status insert_run(struct store *store, const struct run_info *info)
{
	static const char sql[] =
	        "INSERT INTO run (digest, options, files, sensor, program, "
	        "frames, written) VALUES (x'', ?, '[]', ?, ?, 0, 0)";
	sqlite3_stmt *statement = NULL;
	const bool done =
	        sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	        sqlite3_bind_text(statement, 1, info->options, -1, SQLITE_STATIC) ==
	                SQLITE_OK &&
	        sqlite3_bind_text(statement, 2, info->sensor, -1, SQLITE_STATIC) ==
	                SQLITE_OK &&
	        sqlite3_bind_text(statement, 3, info->program, -1, SQLITE_STATIC) ==
	                SQLITE_OK &&
	        sqlite3_step(statement) == SQLITE_DONE;
	const enum status status = done ? OK : store_failed(store);
	sqlite3_finalize(statement);
	store->run = done ? sqlite3_last_insert_rowid(store->db) : 0;
	return status;
}

static enum status add_file(struct store *store, const char *file)
{
	static const char sql[] = "UPDATE run SET files = json_insert(files, '$[#]', ?) "
	                          "WHERE id = ?";
	sqlite3_stmt *statement = NULL;
	const bool done =
	        sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	        sqlite3_bind_text(statement, 1, file, -1, SQLITE_STATIC) == SQLITE_OK &&
	        sqlite3_bind_int64(statement, 2, store->run) == SQLITE_OK &&
	        sqlite3_step(statement) == SQLITE_DONE;
	const enum status status = done ? OK : store_failed(store);
	sqlite3_finalize(statement);
	return status;
}

/*
 * Into an empty file the rows go first and the indexes are made of them at the end, sorted:
 * half the work of keeping them up row by row.  All in the run's transaction.
 */
static enum status put_indexes_off(struct store *store)
{
	static const char ask[] =
	        "SELECT group_concat(sql, ';'), group_concat('DROP INDEX ' || name, ';') "
	        "FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND "
	        "tbl_name <> 'run' AND (SELECT count(*) FROM run) = 1";
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(store->db, ask, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW) {
		sqlite3_finalize(statement);
		return store_failed(store);
	}
	const char *make = (const char *)sqlite3_column_text(statement, 0);
	const char *drop = (const char *)sqlite3_column_text(statement, 1);
	char *drop_copy = drop ? strdup(drop) : NULL;
	store->indexes = make && drop_copy ? strdup(make) : NULL;
	sqlite3_finalize(statement); /* a table being read cannot lose an index */
	const enum status status = store->indexes ? run_sql(store, drop_copy) : OK;
	free(drop_copy);
	return status;
}

/* Each index is made of all rows of its table: those of 10,000 calls stay in memory. */
static enum status make_indexes(struct store *store)
{
	if (!store->indexes || run_sql(store, "PRAGMA cache_size = -24576") != OK ||
	    run_sql(store, store->indexes) != OK)
		return store->status;
	return run_sql(store, DB_CACHE_SIZE);
}

static void forget_indexes(struct store *store)
{
	free(store->indexes);
	store->indexes = NULL;
}

enum status store_begin_run(struct store *store, const struct run_info *info)
{
	assert(!store->run);
	store->status = OK;
	if (run_sql(store, "BEGIN IMMEDIATE") != OK || insert_run(store, info) != OK)
		return store->status;
	for (size_t i = 0; i < info->file_count; i++) {
		if (add_file(store, info->files[i]) != OK)
			return store->status;
	}
	if (trunk_rows_write(store->db, store->run, info->trunks) != SQLITE_OK ||
	    kpi_rollup_zone(store->db, info->zone) != SQLITE_OK)
		return store_failed(store);
	return put_indexes_off(store);
}

static enum status insert_bound(struct store *store, sqlite3_stmt *insert, bool bound)
{
	if (!bound || sqlite3_step(insert) != SQLITE_DONE)
		store_failed(store);
	sqlite3_reset(insert);
	return store->status;
}

static enum status add_message(struct store *store, const struct record *record)
{
	/* What a full ladder leaves out, leg.messages tells. */
	const enum status kept = ladders_add(&store->ladders, &record->message);
	if (kept == ERR_NOMEM || record->tail.len == 0 ||
	    !ladders_allow_raw(&store->ladders, record->message.leg, record->tail.len))
		return OK;
	return insert_bound(store, store->inserts[RECORD_MESSAGE],
	                    store_bind_message(store, record));
}

enum status store_add(struct store *store, const struct record *record)
{
	return store_insert(store, record, true);
}

enum status store_insert(struct store *store, const struct record *record, bool over)
{
	assert(store->run);
	if (store->status != OK)
		return store->status;
	if (record->kind == RECORD_MESSAGE)
		return add_message(store, record);
	sqlite3_stmt *full = store->inserts[record->kind];
	sqlite3_stmt *quick = store->quick_inserts[record->kind];
	sqlite3_stmt *insert = quick && store_is_lean(record) ? quick : full;
	enum status status =
	        insert_bound(store, insert, store_bind_record(store, record, insert));
	if (status == OK && record->kind == RECORD_KPI && sqlite3_changes(store->db) == 0)
		status = insert_bound(store, full, store_bind_record(store, record, full));
	if (record->kind == RECORD_STREAM)
		store->added[1] += (int64_t)record->tail.len;
	if (record->kind == RECORD_LEG && over)
		ladders_drop(&store->ladders, record->leg.id);
	if (record->kind == RECORD_CALL && status == OK &&
	    aliases_note(&store->aliases, &record->call) != OK)
		return store->status = ERR_NOMEM;
	return status;
}

/* Has a run of these frames, with this run's options and sensor, been completed before? */
static enum status find_same(struct store *store, const uint8_t *digest, bool *found)
{
	static const char sql[] =
	        "SELECT 1 FROM run WHERE digest = ? AND (options, sensor) = "
	        "(SELECT options, sensor FROM run WHERE id = ?)";
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob(statement, 1, digest, 16, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 2, store->run);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	*found = code == SQLITE_ROW;
	const enum status status =
	        code == SQLITE_ROW || code == SQLITE_DONE ? OK : store_failed(store);
	sqlite3_finalize(statement);
	return status;
}

static enum status complete_run(struct store *store, const struct run_result *result)
{
	static const char sql[] = "UPDATE run SET digest = ?, frames = ?, written = ?, "
	                          "summary = ? WHERE id = ?";
	sqlite3_stmt *statement = NULL;
	const bool done =
	        sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	        sqlite3_bind_blob(statement, 1, result->digest, sizeof result->digest,
	                          SQLITE_STATIC) == SQLITE_OK &&
	        sqlite3_bind_int64(statement, 2, (int64_t)result->frames) == SQLITE_OK &&
	        sqlite3_bind_int64(statement, 3, result->written_us) == SQLITE_OK &&
	        sqlite3_bind_text(statement, 4, result->summary, -1, SQLITE_STATIC) ==
	                SQLITE_OK &&
	        sqlite3_bind_int64(statement, 5, store->run) == SQLITE_OK &&
	        sqlite3_step(statement) == SQLITE_DONE;
	const enum status status = done ? OK : store_failed(store);
	sqlite3_finalize(statement);
	return status;
}

static void undo_run(struct store *store)
{
	store->added[0] = store->added[1] = 0;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	store->run = 0;
}

static enum status name_calls(struct store *store)
{
	if (aliases_apply(&store->aliases, store->db, store->run) != SQLITE_OK)
		return store_failed(store);
	return OK;
}

static enum status add_up(struct store *store)
{
	return kpi_rollup_many(store->db) == SQLITE_OK ? OK : store_failed(store);
}

enum status store_end_run(struct store *store, const struct run_result *result,
                          bool *already_there)
{
	*already_there = false;
	if (store->status == OK)
		store->status = find_same(store, result->digest, already_there);
	if (store->status == OK && !*already_there && make_indexes(store) == OK &&
	    name_calls(store) == OK && add_up(store) == OK &&
	    store_count_bytes(store) == OK && complete_run(store, result) == OK)
		run_sql(store, "COMMIT");
	forget_indexes(store);
	aliases_free(&store->aliases);
	if (store->status != OK || *already_there)
		undo_run(store);
	store->run = 0;
	return store->status;
}

enum status store_count_bytes(struct store *store)
{
	const bool any = store->added[0] || store->added[1];
	if (any &&
	    retention_add_bytes(store->db, store->added[0], store->added[1]) != SQLITE_OK)
		return store_failed(store);
	store->added[0] = store->added[1] = 0;
	return OK;
}

const char *store_error(const struct store *store)
{
	return store->error.text;
}

void store_close(struct store *store)
{
	if (!store)
		return;
	if (store->run)
		undo_run(store);
	forget_indexes(store);
	for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		sqlite3_finalize(store->inserts[kind]);
		sqlite3_finalize(store->quick_inserts[kind]);
	}
	db_close(store->db);
	ladders_free(&store->ladders);
	message_packer_free(store->packer);
	aliases_free(&store->aliases);
	free(store->path);
	free(store);
}
