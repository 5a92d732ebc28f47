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

/* Is there a row?  Ends the statement; `code` says whether it was prepared and bound. */
static enum status any_row(struct store *store, sqlite3_stmt *statement, int code,
                           bool *any)
{
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	*any = code == SQLITE_ROW;
	const enum status status =
	        code == SQLITE_ROW || code == SQLITE_DONE ? OK : store_failed(store);
	sqlite3_finalize(statement);
	return status;
}

/* A message's row is in its leg's ladder; a table of its own has the bytes, if kept. */
static const char insert_raw[] =
        "INSERT INTO message_raw (run, message, raw, raw_cut, at) VALUES (?, ?, ?, ?, ?)";

/* Which fields it has, as insert_compose leaves them out. */
static void list_fields(struct insert *insert, enum record_kind kind, bool quick)
{
	const struct field_table table = record_fields(kind);
	for (size_t i = 0; i < table.count; i++) {
		if (!quick || !table.fields[i].rare)
			insert->fields[insert->field_count++] = &table.fields[i];
		else
			insert->fields[table.count - ++insert->left_out] = &table.fields[i];
	}
}

static enum status prepare_insert(struct store *store, enum record_kind kind, bool quick,
                                  struct insert *out)
{
	char composed[INSERT_SQL_MAX];
	const char *sql = insert_raw;
	if (kind != RECORD_MESSAGE) {
		insert_compose(kind, quick, composed);
		sql = composed;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
	                       &out->statement, NULL) != SQLITE_OK)
		return store_failed(store);
	const int count = sqlite3_bind_parameter_count(out->statement);
	out->held = calloc((size_t)count + 1, sizeof *out->held);
	out->fields = calloc(record_fields(kind).count, sizeof(void *));
	if (out->held && out->fields) {
		list_fields(out, kind, quick);
		return OK;
	}
	snprintf(store->error.text, sizeof store->error.text, "%s: out of memory",
	         store->path);
	return store->status = ERR_NOMEM;
}

static void drop_insert(struct insert *insert)
{
	sqlite3_finalize(insert->statement);
	free(insert->held);
	free(insert->fields);
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

static enum status open_for_runs(const char *path, int busy_ms, sqlite3 **out,
                                 struct db_error *error)
{
	const enum status status = db_open_write(path, busy_ms, out, error);
	if (status == OK)
		kpi_rollup_by_hand(*out);
	return status;
}

enum status store_open(const char *path, struct store **out, struct db_error *error)
{
	const enum status status = store_open_by(open_for_runs, path, out, error);
	if (status == OK)
		(*out)->notes_hours = true;
	return status;
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

/* --- indexes -------------------------------------------------------------------------- */

/* Of the tables that get a row or more of each call. */
static const enum record_kind indexed_late[] = { RECORD_MESSAGE, RECORD_REPORT,
	                                         RECORD_STREAM,  RECORD_LEG,
	                                         RECORD_FINDING, RECORD_CALL };

static enum status put_indexes_of_off(struct store *store, enum record_kind kind)
{
	static const char ask[] =
	        "SELECT group_concat(sql, ';'), group_concat('DROP INDEX ' || name, ';') "
	        "FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND "
	        "tbl_name = ?1";
	const char *table =
	        kind == RECORD_MESSAGE ? "message_raw" : record_kind_names[kind];
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(store->db, ask, -1, &statement, NULL) != SQLITE_OK ||
	    sqlite3_bind_text(statement, 1, table, -1, SQLITE_STATIC) != SQLITE_OK ||
	    sqlite3_step(statement) != SQLITE_ROW) {
		sqlite3_finalize(statement);
		return store_failed(store);
	}
	const char *make = (const char *)sqlite3_column_text(statement, 0);
	const char *drop = (const char *)sqlite3_column_text(statement, 1);
	char *drop_copy = drop ? strdup(drop) : NULL;
	store->indexes[kind] = make && drop_copy ? strdup(make) : NULL;
	sqlite3_finalize(statement); /* a table being read cannot lose an index */
	const enum status status = store->indexes[kind] ? run_sql(store, drop_copy) : OK;
	free(drop_copy);
	return status;
}

static enum status is_first_run(struct store *store, bool *first)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(store->db, "SELECT 1 FROM run WHERE id <> ?1", -1,
	                              &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, store->run);
	bool any = false;
	const enum status status = any_row(store, statement, code, &any);
	*first = !any;
	return status;
}

/*
 * Into an empty file the rows go first and the indexes are made of them at the end, sorted:
 * half the work of keeping them up row by row.  All in the run's transaction.
 */
static enum status put_indexes_off(struct store *store)
{
	bool first = false;
	enum status status = is_first_run(store, &first);
	for (size_t i = 0; status == OK && first && i < ARRAY_LEN(indexed_late); i++)
		status = put_indexes_of_off(store, indexed_late[i]);
	return status;
}

static enum status make_indexes_of(struct store *store, enum record_kind kind)
{
	const enum status status =
	        store->indexes[kind] ? run_sql(store, store->indexes[kind]) : OK;
	free(store->indexes[kind]);
	store->indexes[kind] = NULL;
	return status;
}

static enum status make_indexes(struct store *store)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < ARRAY_LEN(indexed_late); i++)
		status = make_indexes_of(store, indexed_late[i]);
	return status;
}

static void forget_indexes(struct store *store)
{
	for (size_t i = 0; i < ARRAY_LEN(indexed_late); i++) {
		free(store->indexes[indexed_late[i]]);
		store->indexes[indexed_late[i]] = NULL;
	}
}

/*
 * At the end of its input the analyzer tells all streams, then all legs, and so on, and has
 * work to do in between.  After that many in a row they are all there, or nearly.
 */
static enum status make_indexes_early(struct store *store, enum record_kind kind)
{
	enum { MANY = 2048 };
	enum status status = OK;
	if (kind != store->last) {
		if (store->in_a_row >= MANY)
			status = make_indexes_of(store, store->last);
		store->last = kind;
		store->in_a_row = 0;
	}
	store->in_a_row++;
	return status;
}

/* --- a run ---------------------------------------------------------------------------- */

enum status store_begin_run(struct store *store, const struct run_info *info)
{
	assert(!store->run);
	store->status = OK;
	store->hour = INT64_MIN;
	store->in_a_row = 0;
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

static enum status insert_bound(struct store *store, struct insert *insert, bool bound)
{
	if (!bound || sqlite3_step(insert->statement) != SQLITE_DONE)
		store_failed(store);
	sqlite3_reset(insert->statement);
	return store->status;
}

static enum status add_message(struct store *store, const struct record *record)
{
	/* What a full ladder leaves out, leg.messages tells. */
	const enum status kept = ladders_add(&store->ladders, &record->message);
	if (kept == ERR_NOMEM || record->tail.len == 0 ||
	    !ladders_allow_raw(&store->ladders, record->message.leg, record->tail.len))
		return OK;
	return insert_bound(store, &store->inserts[RECORD_MESSAGE],
	                    store_bind_message(store, record));
}

enum status store_add(struct store *store, const struct record *record)
{
	return store_insert(store, record, true);
}

/* Buckets come by time: an hour is noted once, or few times. */
static enum status note_hour(struct store *store, nstime start)
{
	const int64_t hour = kpi_rollup_hour(start);
	if (!store->notes_hours || start == NSTIME_NONE || hour == store->hour)
		return OK;
	store->hour = hour;
	return kpi_rollup_note(store->db, hour) == SQLITE_OK ? OK : store_failed(store);
}

enum status store_insert(struct store *store, const struct record *record, bool over)
{
	assert(store->run);
	if (store->status != OK)
		return store->status;
	if (record->kind == RECORD_MESSAGE)
		return add_message(store, record);
	struct insert *full = &store->inserts[record->kind];
	struct insert *quick = &store->quick_inserts[record->kind];
	struct insert *insert =
	        quick->statement && store_insert_does(quick, record) ? quick : full;
	enum status status = make_indexes_early(store, record->kind);
	if (status == OK)
		status = insert_bound(store, insert,
		                      store_bind_record(store, record, insert));
	if (status == OK && record->kind == RECORD_KPI && sqlite3_changes(store->db) == 0)
		status = insert_bound(store, full, store_bind_record(store, record, full));
	if (status == OK && record->kind == RECORD_KPI)
		status = note_hour(store, record->kpi.key.start);
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
	return any_row(store, statement, code, found);
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
	aliases_free(&store->aliases);
	if (store->status != OK || *already_there)
		undo_run(store);
	forget_indexes(store);
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
		drop_insert(&store->inserts[kind]);
		drop_insert(&store->quick_inserts[kind]);
	}
	db_close(store->db);
	ladders_free(&store->ladders);
	message_packer_free(store->packer);
	aliases_free(&store->aliases);
	free(store->path);
	free(store);
}
