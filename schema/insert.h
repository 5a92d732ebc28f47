/* insert.h - the statements that put records into their tables. */
#ifndef EARSHOT_SCHEMA_INSERT_H
#define EARSHOT_SCHEMA_INSERT_H

#include "analyzer/model/record.h"

enum { INSERT_SQL_MAX = 8192 };

/*
 * INSERT INTO "leg" (run, "id", ...) VALUES (?, ?, ...): the run, the fields in their
 * order, then what the row has beside them: a leg its ladder, a stream its timeline.  A KPI
 * bucket that is there already has the figures added, by kpi_merge (schema/kpi.h).
 *
 * The `quick` way takes most records.  Of legs and streams it leaves the rare fields out:
 * nearly always they are NULL or what the column is by default, and each costs time.  A
 * bucket it takes only if none is there: since nothing that it does may have to be undone
 * in part, SQLite need not copy each page before it writes to it.
 */
void insert_compose(enum record_kind kind, bool quick, char sql[INSERT_SQL_MAX]);

#endif
