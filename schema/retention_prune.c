/* retention_prune.c - what is too old by its stamps, all at once: for people who ask for
 * it. */
#include <stdio.h>

#include "schema/retention_tables.h"

enum { ROWS_AT_ONCE = 2000 };

/* The newest packet; one of a clock that was wrong does not count. */
static nstime newest(sqlite3 *db, nstime wall)
{
	char sql[256];
	const long long now = (long long)(wall / NS_PER_US);
	snprintf(sql, sizeof sql,
	         "SELECT max(ifnull((SELECT max(start) FROM call WHERE start <= %lld), 0), "
	         "ifnull((SELECT max(first) FROM stream WHERE first <= %lld), 0))",
	         now, now);
	return retention_ask(db, sql) * NS_PER_US;
}

static enum status prune_table(sqlite3 *db, const struct retention_table *table,
                               nstime before, uint64_t *deleted)
{
	char sql[64];
	snprintf(sql, sizeof sql, "SELECT max(seq) FROM \"%s\"", table->name);
	struct retention_range range = { .to = retention_ask(db, sql),
		                         .by_time = true,
		                         .before = before / NS_PER_US,
		                         .most = ROWS_AT_ONCE };
	while (range.from < range.to) {
		int64_t rows = 0;
		int64_t bytes = 0;
		int64_t at = 0;
		const bool messages = table->class == RETENTION_MESSAGES;
		int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			code = retention_delete(db, table, &range, &rows, &bytes, &at);
		if (code == SQLITE_OK && table->bytes)
			code = retention_add_bytes(db, messages ? -bytes : 0,
			                           messages ? 0 : -bytes);
		if (code == SQLITE_OK)
			code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return ERR_IO;
		range.from = at;
		*deleted += (uint64_t)rows;
	}
	return OK;
}

enum status retention_prune(sqlite3 *db, unsigned int classes, nstime age, nstime wall,
                            uint64_t *deleted)
{
	const nstime before = newest(db, wall) - age;
	enum status status = OK;
	*deleted = 0;
	for (size_t i = 0; status == OK && i < RETENTION_TABLES; i++)
		if (classes & 1u << retention_tables[i].class)
			status = prune_table(db, &retention_tables[i], before, deleted);
	return status;
}
