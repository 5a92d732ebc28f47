/* accounts_parts.h - for the files schema/accounts*.c alone. */
#ifndef EARSHOT_SCHEMA_ACCOUNTS_PARTS_H
#define EARSHOT_SCHEMA_ACCOUNTS_PARTS_H

#include "schema/accounts.h"

struct accounts {
	char *path;  /* owned */
	sqlite3 *db; /* owned */
	struct db_error error;
};

enum status accounts_failed(struct accounts *accounts);

/* One parameter for each letter: t a struct text, i an int64_t, h a hash. */
MUST_CHECK enum status accounts_prepare(struct accounts *accounts, sqlite3_stmt **out,
                                        const char *sql, const char *types, ...);

/*
 * Executes what accounts_prepare made, and ends it.  ERR_NOT_FOUND: nothing was changed;
 * ERR_UNSUPPORTED: a constraint stands against it.
 */
MUST_CHECK enum status accounts_run(struct accounts *accounts, sqlite3_stmt *statement,
                                    enum status prepared);

/* name, role, pii, created of the one row, and column 4 if `password` is not NULL. */
MUST_CHECK enum status accounts_read_one(struct accounts *accounts, sqlite3_stmt *statement,
                                         enum status prepared, struct account *out,
                                         char password[ACCOUNT_PASSWORD]);

#endif
