#include "schema/db.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "schema/blank.h"
#include "schema/migrations.h"

/*
 * Defence against a file that somebody prepared: no code in its schema runs with our
 * rights, damage is noticed, no text is longer than anything we write.
 */
static const char guards[] = "PRAGMA trusted_schema = OFF;"
                             "PRAGMA cell_size_check = ON;"
                             "PRAGMA mmap_size = 0;";

/*
 * 16 KiB pages, as measured: messages of some 700 bytes waste less of a page and need fewer
 * writes.  In 8 MiB the pages stay that rows are being added to; with three times as much a
 * run of 20,000 calls took more memory, and no less time.
 */
static const char writer_settings[] =
        "PRAGMA page_size = 16384; PRAGMA cache_size = -8192; PRAGMA synchronous = NORMAL;";

enum { LENGTH_MAX = 1 << 20 }; /* of any text or blob, bytes */

__attribute__((format(printf, 3, 4))) static enum status fail(enum status status,
                                                              struct db_error *error,
                                                              const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(error->text, sizeof error->text, format, arguments);
	va_end(arguments);
	error->damaged = false;
	return status;
}

enum status db_failed(sqlite3 *db, const char *path, struct db_error *error)
{
	const int code = sqlite3_errcode(db) & 0xff;
	if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return fail(ERR_FULL, error, "%s: another process is writing to it", path);
	if (code == SQLITE_NOTADB) {
		fail(ERR_UNSUPPORTED, error, "%s: not an earshot database", path);
		error->damaged = true;
		return ERR_UNSUPPORTED;
	}
	if (code == SQLITE_CORRUPT) {
		fail(ERR_IO, error, "%s: %s", path, sqlite3_errmsg(db));
		error->damaged = true;
		return ERR_IO;
	}
	if (code == SQLITE_CANTOPEN && sqlite3_system_errno(db))
		return fail(ERR_IO, error, "%s: %s", path,
		            strerror(sqlite3_system_errno(db)));
	return fail(code == SQLITE_NOMEM ? ERR_NOMEM : ERR_IO, error, "%s: %s", path,
	            sqlite3_errmsg(db));
}

void db_alone(void)
{
	/* Too late is no harm: then it stays slower. */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static enum status db_connect(const char *path, int flags, int busy_ms, sqlite3 **out,
                              struct db_error *error)
{
	sqlite3 *db = NULL;
	const int code = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	*out = db;
	if (!db)
		return fail(ERR_NOMEM, error, "%s: out of memory", path);
	if (code != SQLITE_OK)
		return db_failed(db, path, error);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, busy_ms);
	sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
	if (sqlite3_exec(db, guards, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, path, error);
	return OK;
}

/* One number that the database answers to `sql`. */
static int ask(sqlite3 *db, const char *sql, int *out)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		*out = sqlite3_column_int(statement, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code;
}

/* What a file is, by its header, and the steps to today's form of it. */
struct form {
	const char *what;
	int application;
	const struct migration *migrations;
	const size_t *count;
};

static const struct form calls_form = { "an earshot database", DB_APPLICATION_ID,
	                                migrations, &migration_count };
static const struct form state_form = { "earshot's accounts", DB_STATE_APPLICATION_ID,
	                                state_migrations, &state_migration_count };

/* The form that a file has after all migrations. */
static int newest_version(const struct form *form)
{
	return form->migrations[*form->count - 1].version;
}

/* The first one that a file of that form has not seen; NULL: it has seen all. */
static const struct migration *next_migration(const struct form *form, int version)
{
	for (size_t i = 0; i < *form->count; i++)
		if (form->migrations[i].version > version)
			return &form->migrations[i];
	return NULL;
}

/* Whose file it is and which migrations it has seen; a new file has seen none. */
static enum status db_version(sqlite3 *db, const char *path, const struct form *form,
                              int *version, struct db_error *error)
{
	int application = 0;
	int tables = 0;
	if (ask(db, "PRAGMA user_version", version) != SQLITE_OK ||
	    ask(db, "PRAGMA application_id", &application) != SQLITE_OK ||
	    ask(db, "SELECT count(*) FROM sqlite_master", &tables) != SQLITE_OK)
		return db_failed(db, path, error);
	if (application != form->application && (application || tables || *version))
		return fail(ERR_UNSUPPORTED, error, "%s: not %s", path, form->what);
	if (*version > newest_version(form))
		return fail(ERR_UNSUPPORTED, error,
		            "%s: written by a newer earshot (form %d, this one knows %d)",
		            path, *version, newest_version(form));
	return OK;
}

/* All migrations that a file of that version has not seen, within a transaction. */
static int migrate_on(sqlite3 *db, const struct form *form, int version)
{
	char stamp[96];
	const struct migration *next;
	int code = SQLITE_OK;
	while (code == SQLITE_OK && (next = next_migration(form, version))) {
		code = sqlite3_exec(db, next->sql, NULL, NULL, NULL);
		version = next->version;
	}
	snprintf(stamp, sizeof stamp,
	         "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
	         form->application, version);
	return code == SQLITE_OK ? sqlite3_exec(db, stamp, NULL, NULL, NULL) : code;
}

/*
 * In one transaction, for to create a file in several would cost several times as much.
 * The version is read again inside of it: two may create at once.
 */
static enum status migrate(sqlite3 *db, const char *path, const struct form *form,
                           struct db_error *error)
{
	int version = 0;
	enum status status = db_version(db, path, form, &version, error);
	if (status != OK || !next_migration(form, version))
		return status;
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, path, error);
	status = db_version(db, path, form, &version, error);
	if (status == OK && migrate_on(db, form, version) != SQLITE_OK)
		status = db_failed(db, path, error);
	if (status != OK)
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

/* Outside WAL mode the file can be read from a read-only folder, and no file lies beside
 * it. */
static enum status leave_wal(sqlite3 *db, const char *path, struct db_error *error)
{
	if (sqlite3_exec(db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, path, error);
	return OK;
}

/*
 * Readers go on while the one writer commits.  A commit that a power cut may undo is the
 * price of not waiting for the disk at each: a killed process loses nothing.  The journal
 * goes into the file each 4 MiB, so that no commit has to wait for long.
 */
static const char live_settings[] = "PRAGMA journal_mode = WAL;"
                                    "PRAGMA wal_autocheckpoint = 256;"
                                    "PRAGMA journal_size_limit = 67108864;";

/*
 * Of a file that has no table yet: pages that become free can be given back later.  Where
 * that is so, to say it again would take the lock of a writer, which somebody else may
 * have.  And the keeper may write beside its file and nowhere else.
 */
static bool prepare_live(sqlite3 *db)
{
	enum { NONE = 0 };
	int mode = NONE;
	if (ask(db, "PRAGMA auto_vacuum", &mode) != SQLITE_OK)
		return false;
	const char *settings = mode == NONE ? "PRAGMA auto_vacuum = INCREMENTAL;"
	                                      "PRAGMA temp_store = MEMORY;"
	                                    : "PRAGMA temp_store = MEMORY;";
	return sqlite3_exec(db, settings, NULL, NULL, NULL) == SQLITE_OK;
}

static enum status stay_in_wal(sqlite3 *db, const char *path, struct db_error *error)
{
	if (sqlite3_exec(db, live_settings, NULL, NULL, NULL) != SQLITE_OK)
		return db_failed(db, path, error);
	return OK;
}

static enum status open_write(const char *path, const struct form *form, int busy_ms,
                              enum status (*journal)(sqlite3 *, const char *,
                                                     struct db_error *),
                              sqlite3 **out, struct db_error *error)
{
	sqlite3 *db = NULL;
	enum status status = db_connect(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	                                busy_ms, &db, error);
	if (status == OK &&
	    (sqlite3_exec(db, writer_settings, NULL, NULL, NULL) != SQLITE_OK ||
	     (journal == stay_in_wal && !prepare_live(db))))
		status = db_failed(db, path, error);
	if (status == OK)
		status = migrate(db, path, form, error);
	if (status == OK)
		status = journal(db, path, error);
	if (status != OK) {
		db_close(db);
		return status;
	}
	*out = db;
	return OK;
}

enum status db_open_write(const char *path, int busy_ms, sqlite3 **out,
                          struct db_error *error)
{
	(void)blank_copy_to(path); /* else the migrations make it */
	return open_write(path, &calls_form, busy_ms, leave_wal, out, error);
}

enum status db_open_live(const char *path, int busy_ms, sqlite3 **out,
                         struct db_error *error)
{
	return open_write(path, &calls_form, busy_ms, stay_in_wal, out, error);
}

enum status db_open_state(const char *path, sqlite3 **out, struct db_error *error)
{
	enum status status =
	        open_write(path, &state_form, DB_BUSY_MS, leave_wal, out, error);
	if (status == OK &&
	    sqlite3_exec(*out, "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON", NULL,
	                 NULL, NULL) != SQLITE_OK) {
		status = db_failed(*out, path, error);
		db_close(*out);
	}
	return status;
}

static enum status stay_as_it_is(sqlite3 *db, const char *path, struct db_error *error)
{
	(void)db;
	(void)path;
	(void)error;
	return OK;
}

enum status db_open_keep(const char *path, int busy_ms, sqlite3 **out,
                         struct db_error *error)
{
	return open_write(path, &calls_form, busy_ms, stay_as_it_is, out, error);
}

/* SQLite rolls back what a dead writer left as soon as somebody who may write reads. */
static void recover(const char *path)
{
	struct db_error ignored = { "" };
	sqlite3 *db = NULL;
	int version = 0;
	if (db_connect(path, SQLITE_OPEN_READWRITE, DB_BUSY_MS, &db, &ignored) == OK)
		(void)ask(db, "PRAGMA user_version", &version);
	db_close(db);
}

static enum status open_read(const char *path, sqlite3 **out, struct db_error *error,
                             bool *needs_recovery)
{
	int version = 0;
	enum status status = db_connect(path, SQLITE_OPEN_READONLY, DB_BUSY_MS, out, error);
	if (status == OK)
		status = db_version(*out, path, &calls_form, &version, error);
	if (status == OK && version < newest_version(&calls_form))
		status = fail(
		        ERR_UNSUPPORTED, error,
		        version ? "%s: written by an older earshot; `earshot analyze --db` "
		                  "brings it up to date"
		                : "%s: empty, no run has been kept in it",
		        path);
	*needs_recovery = status != OK && *out &&
	                  sqlite3_extended_errcode(*out) == SQLITE_READONLY_ROLLBACK;
	return status;
}

enum status db_open_read(const char *path, sqlite3 **out, struct db_error *error)
{
	bool needs_recovery = false;
	sqlite3 *db = NULL;
	enum status status = open_read(path, &db, error, &needs_recovery);
	if (needs_recovery) {
		db_close(db);
		recover(path);
		status = open_read(path, &db, error, &needs_recovery);
	}
	if (status != OK) {
		db_close(db);
		return status;
	}
	sqlite3_exec(db, "PRAGMA query_only = ON", NULL, NULL, NULL);
	*out = db;
	return OK;
}

void db_close(sqlite3 *db)
{
	sqlite3_close(db);
}
