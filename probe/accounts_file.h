/* accounts_file.h - FILE.state, the accounts beside a database of calls. */
#ifndef EARSHOT_PROBE_ACCOUNTS_FILE_H
#define EARSHOT_PROBE_ACCOUNTS_FILE_H

#include "schema/accounts.h"

/* Its path, owned by the caller; NULL: no memory. */
char *accounts_file_path(const char *db);

/*
 * Opens or creates it.  What root makes beside a file of somebody else becomes theirs, or a
 * probe that runs with fewer rights could not use it.
 */
MUST_CHECK enum status accounts_file_open(const char *db, struct accounts **out,
                                          struct db_error *error);

#endif
