/*
 * db_check.h - is the file whole?  And what becomes of one that is not.
 */
#ifndef EARSHOT_SCHEMA_DB_CHECK_H
#define EARSHOT_SCHEMA_DB_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/clock.h"
#include "schema/db.h"

/* quick: every page, but not whether indexes and tables agree. */
enum db_check_depth { DB_CHECK_QUICK, DB_CHECK_FULL };

/*
 * ERR_MALFORMED: it is damaged, *error says how.  ERR_TOO_LONG: no damage was found so far
 * when most_ms (0 = none) were over, or *stop (may be NULL) became true.
 */
MUST_CHECK enum status db_check(sqlite3 *db, const char *path, enum db_check_depth depth,
                                int most_ms, const atomic_bool *stop,
                                struct db_error *error);

/* The same by a connection of its own, for reading; its errors as those of db_open_read. */
MUST_CHECK enum status db_check_file(const char *path, enum db_check_depth depth,
                                     int most_ms, const atomic_bool *stop,
                                     struct db_error *error);

/*
 * Gives the file, and what lies beside it, another name: that with the date behind it,
 * which goes to `to`.  ERR_IO: it cannot be moved, errno says why.
 */
MUST_CHECK enum status db_set_aside(const char *path, nstime now, char *to, size_t size);

#endif
