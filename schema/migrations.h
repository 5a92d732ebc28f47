/*
 * migrations.h - the steps that bring a database to today's form; made by schema/embed.sh
 * out of schema/migrations/, and of schema/state/ for the accounts beside it.
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

extern const struct migration state_migrations[];
extern const size_t state_migration_count;

#endif
