/*
 * migrations.h - the steps that bring a database to today's form; made out of
 * schema/migrations/ by schema/embed.sh.
 */
#ifndef EARSHOT_SCHEMA_MIGRATIONS_H
#define EARSHOT_SCHEMA_MIGRATIONS_H

#include <stddef.h>

struct migration {
	int version; /* PRAGMA user_version after it; they ascend */
	const char *sql;
};

extern const struct migration migrations[];
extern const size_t migration_count;

#endif
