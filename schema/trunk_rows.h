/*
 * trunk_rows.h - what the configuration said of the trunks, kept with each run: so that who
 * reads the database knows sites, groups and channels without it.
 */
#ifndef EARSHOT_SCHEMA_TRUNK_ROWS_H
#define EARSHOT_SCHEMA_TRUNK_ROWS_H

#include "analyzer/model/trunk.h"
#include "schema/query.h"

/* In place of what is there of that run.  A result code of SQLite; trunks may be NULL:
 * none. */
MUST_CHECK int trunk_rows_write(sqlite3 *db, int64_t run, const struct trunks *trunks);

/*
 * Of each trunk what the latest run says that knew it: name, site, role, type, group,
 * redundancy, priority and channels; the rest is as trunk_default has it.
 */
struct trunk_rows {
	struct trunk *list; /* owned; by name */
	size_t count, room;
};
MUST_CHECK enum status trunk_rows_read(struct query *query, struct trunk_rows *out);
void trunk_rows_free(struct trunk_rows *rows);

/* NULL: none of that name. */
const struct trunk *trunk_rows_find(const struct trunk_rows *rows, struct text name);

#endif
