/*
 * db.h - the database file: created, brought up to date, or opened for reading only.
 */
#ifndef EARSHOT_SCHEMA_DB_H
#define EARSHOT_SCHEMA_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "analyzer/base/status.h"

enum {
	DB_BUSY_MS = 5000,                    /* how long to wait for another process */
	DB_APPLICATION_ID = 0x45415253,       /* "EARS", in the file's header */
	DB_STATE_APPLICATION_ID = 0x45415241, /* "EARA": accounts */
};

/* Why it did not work, for people: it names the file. */
struct db_error {
	char text[512];
	bool damaged; /* the file is no database any more, or holds what none may hold */
};

/*
 * To be called before anything else of SQLite, by a process that uses it from one thread at
 * a time: it takes no locks and keeps no account of its memory.
 */
void db_alone(void);

/*
 * Opens for writing; creates the file when there is none and applies the migrations it
 * lacks.  ERR_UNSUPPORTED: the file is no database of ours, or a newer earshot's. ERR_FULL:
 * somebody else is writing; waits busy_ms for them first.  ERR_IO for the rest.
 */
MUST_CHECK enum status db_open_write(const char *path, int busy_ms, sqlite3 **out,
                                     struct db_error *error);

/* The same for a probe that writes for months while others read: in WAL mode. */
MUST_CHECK enum status db_open_live(const char *path, int busy_ms, sqlite3 **out,
                                    struct db_error *error);

/* Accounts and what belongs to them, for reading and writing; as db_open_write. */
MUST_CHECK enum status db_open_state(const char *path, sqlite3 **out,
                                     struct db_error *error);

/* The same, and the file stays in the mode that it is in. */
MUST_CHECK enum status db_open_keep(const char *path, int busy_ms, sqlite3 **out,
                                    struct db_error *error);

/*
 * Opens for reading.  Nothing is written, with one exception: where a writer died in the
 * middle, its leftovers are rolled back first, as SQLite demands before anybody reads.
 */
MUST_CHECK enum status db_open_read(const char *path, sqlite3 **out,
                                    struct db_error *error);

/* Fills *error from the connection's last failure and returns the status it stands for. */
enum status db_failed(sqlite3 *db, const char *path, struct db_error *error);

void db_close(sqlite3 *db); /* NULL is fine */

#endif
