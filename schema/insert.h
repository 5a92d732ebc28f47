/* insert.h - the statements that put records into their tables. */
#ifndef EARSHOT_SCHEMA_INSERT_H
#define EARSHOT_SCHEMA_INSERT_H

#include "analyzer/model/record.h"

enum { INSERT_SQL_MAX = 8192 };

/*
 * INSERT INTO "leg" (run, "id", ...) VALUES (?, ?, ...): the run, the fields in their
 * order, then what the row has beside them: a leg its ladder, a stream its timeline.  A
 * `lean` row has not the rare fields: in most records they are NULL or what the column is
 * by default, and each costs time. A KPI bucket that is there already has the figures
 * added, by kpi_merge (schema/kpi.h).
 */
void insert_compose(enum record_kind kind, bool lean, char sql[INSERT_SQL_MAX]);

#endif
