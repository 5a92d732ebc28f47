/*
 * aliases.h - ids under which reports name a call that has turned out to be part of another
 * since.  They are put right when the run ends: nothing else names a call before its time.
 */
#ifndef EARSHOT_SCHEMA_ALIASES_H
#define EARSHOT_SCHEMA_ALIASES_H

#include <sqlite3.h>
#include <stddef.h>

#include "analyzer/model/record.h"

struct aliases {
	struct alias *list; /* owned */
	size_t count, room;
};

/* ERR_NOMEM: some reports will not be found with their call. */
MUST_CHECK enum status aliases_note(struct aliases *aliases,
                                    const struct call_record *call);
/* SQLITE_OK, or what went wrong; in the run's transaction, its indexes made. */
MUST_CHECK int aliases_apply(const struct aliases *aliases, sqlite3 *db, int64_t run);
void aliases_free(struct aliases *aliases);

#endif
