/*
 * kpi_rollup.h - keeps the hours and days of KPIs equal to their minutes.
 *
 * Triggers of the database note each hour whose minutes change, whoever changes them; the
 * functions here add those up again, in the transaction of who calls them.  So hours and
 * days, of all runs together, are always what merging the minutes gives, or known not to
 * be.
 */
#ifndef EARSHOT_SCHEMA_KPI_ROLLUP_H
#define EARSHOT_SCHEMA_KPI_ROLLUP_H

#include "schema/kpi_zone.h"

/*
 * What the statements that write buckets call, made known to this connection:
 * kpi_merge(bins, bins), kpi_roll(minute, occupied_us, bins).
 */
MUST_CHECK int kpi_functions(sqlite3 *db);

/*
 * From here on hours and days are of that zone; with another than before all of them are
 * stale.  NULL: no zone is known; the one there is stays.  A result code of SQLite, here
 * and below.
 */
MUST_CHECK int kpi_rollup_zone(sqlite3 *db, const struct kpi_zone *zone);

/*
 * From here on the triggers note nothing that this connection does: whoever writes many
 * buckets does it himself, for a trigger costs as much again.  To be called before
 * statements are prepared.
 */
void kpi_rollup_by_hand(sqlite3 *db);

/* The hour (UTC, microseconds) that a bucket is noted by; and the note. */
int64_t kpi_rollup_hour(nstime start);
MUST_CHECK int kpi_rollup_note(sqlite3 *db, int64_t hour);

/* Adds up what is stale; of hours that end after `until` (NSTIME_NEVER: none) it is left
 * so. */
MUST_CHECK int kpi_rollup(sqlite3 *db, nstime until);

/* Rows of minutes that are read in some ten milliseconds, like as many of hours. */
#define KPI_STALE_MAX 8192

/*
 * Adds all of it up once that many rows of minutes are of stale hours.  Fewer cost whoever
 * asks hardly more than the hours would; to add them up after each short capture costs
 * more than all that is asked of it.
 */
MUST_CHECK int kpi_rollup_many(sqlite3 *db);

#endif
