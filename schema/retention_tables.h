/* retention_tables.h - which tables are of which class, for the files of retention.h. */
#ifndef EARSHOT_SCHEMA_RETENTION_TABLES_H
#define EARSHOT_SCHEMA_RETENTION_TABLES_H

#include "schema/retention.h"

/* A part of the database that gets old: the rows of a table, or one column of them. */
struct retention_table {
	const char *name;
	enum retention_class class;
	const char *time;   /* the column that says how old a row is */
	const char *column; /* that is emptied; NULL: the row goes */
	const char *bytes;  /* that counts for its class; NULL: not counted apart */
};

enum { RETENTION_TABLES = 17 };
extern const struct retention_table retention_tables[RETENTION_TABLES];

/*
 * Of a table: rows numbered above `from` up to `to` and, with a time, older than that
 * (microseconds), at most `most` of them.  *rows, *bytes: what went; *at: the number up to
 * which there is none left of these.  In the transaction that is open.  An SQLite code.
 */
struct retention_range {
	int64_t from, to;
	bool by_time;
	int64_t before;
	int most;
};
int retention_delete(sqlite3 *db, const struct retention_table *table,
                     const struct retention_range *range, int64_t *rows, int64_t *bytes,
                     int64_t *at);

/* One number that the database answers, or 0. */
int64_t retention_ask(sqlite3 *db, const char *sql);

nstime retention_monotonic(void);

#endif
