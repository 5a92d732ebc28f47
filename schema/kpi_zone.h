/*
 * kpi_zone.h - the time zone that the hours and days of a database are of, kept in it: so
 * that who reads needs to know nothing of zones.
 */
#ifndef EARSHOT_SCHEMA_KPI_ZONE_H
#define EARSHOT_SCHEMA_KPI_ZONE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "analyzer/base/status.h"
#include "analyzer/model/local_time.h"

enum { KPI_ZONE_NAME = 64 };

struct kpi_zone {
	char name[KPI_ZONE_NAME]; /* IANA */
	struct local_time time;
};

/* Of that name, as the program knows it. */
void kpi_zone_of(const char *name, const struct local_time *time, struct kpi_zone *out);

/* A result code of SQLite, SQLITE_DONE if none is kept: then it is UTC. */
MUST_CHECK int kpi_zone_read(sqlite3 *db, struct kpi_zone *out);
MUST_CHECK int kpi_zone_write(sqlite3 *db, const struct kpi_zone *zone);

bool kpi_zone_equal(const struct kpi_zone *a, const struct kpi_zone *b);

#endif
