/* store_upkeep.c - what keeps the file of a probe that listens in order (store_live.h). */
#include "schema/store_live_parts.h"

#include <stdio.h>
#include <sys/stat.h>

enum { WAL_MOST = 64 << 20, WAL_SMALL = 8 << 20, CHECKPOINT_BUSY_MS = 20 };
#define CHECKPOINT_EVERY (60 * NS_PER_SEC)

enum status store_live_limit(struct store_live *live, const struct retention_limits *limits)
{
	if (!live->retention)
		return retention_new(live_db(live), limits, &live->retention);
	retention_set_limits(live->retention, limits);
	return OK;
}

static int64_t size_of(const char *path, const char *end)
{
	char name[4096];
	struct stat file;
	const int len = snprintf(name, sizeof name, "%s%s", path, end);
	return len > 0 && (size_t)len < sizeof name && stat(name, &file) == 0 ? file.st_size
	                                                                      : 0;
}

bool live_journal_is_small(const struct store_live *live)
{
	return size_of(live->store->path, "-wal") <= WAL_SMALL;
}

/* A reader that stays long keeps the journal from being used again: then it grows. */
static void checkpoint(struct store_live *live, nstime monotonic)
{
	if (monotonic - live->checked_out < CHECKPOINT_EVERY)
		return;
	live->checked_out = monotonic;
	const bool large = size_of(live->store->path, "-wal") > WAL_MOST;
	sqlite3_busy_timeout(live_db(live), CHECKPOINT_BUSY_MS);
	(void)sqlite3_wal_checkpoint_v2(
	        live_db(live), NULL,
	        large ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	sqlite3_busy_timeout(live_db(live), LIVE_BUSY_MS);
}

bool store_live_upkeep(struct store_live *live, nstime wall, nstime monotonic,
                       bool disk_low, nstime budget)
{
	if (live->in_batch || !live->retention)
		return false;
	checkpoint(live, monotonic);
	return retention_work(live->retention, wall, monotonic, disk_low, budget);
}

void store_live_hurry(struct store_live *live)
{
	/* Each checkpoint waits for the disk twice, and writes the same pages again and
	 * again that records of random ids touch.  And what a reader has kept in a journal
	 * that is large already is more than there is time to copy: the next start has. */
	const bool large = size_of(live->store->path, "-wal") > WAL_MOST;
	(void)sqlite3_exec(
	        live_db(live),
	        large ? "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -32768"
	              : "PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -32768",
	        NULL, NULL, NULL);
}

void store_live_last_seconds(struct store_live *live)
{
	(void)sqlite3_exec(live_db(live), "PRAGMA wal_autocheckpoint = 0", NULL, NULL,
	                   NULL);
}

struct retention_facts store_live_facts(const struct store_live *live)
{
	return live->retention ? retention_facts(live->retention)
	                       : (struct retention_facts){ .longest = 0 };
}

int64_t store_live_bytes(const struct store_live *live)
{
	return size_of(live->store->path, "") + size_of(live->store->path, "-wal");
}

static sqlite3_stmt *ask_of_run(struct store_live *live, const char *sql, const char *text)
{
	sqlite3_stmt *row = NULL;
	if (sqlite3_prepare_v2(live_db(live), sql, -1, &row, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_int64(row, 1, live->store->run);
	sqlite3_bind_text(row, 2, text, -1, SQLITE_STATIC);
	return row;
}

enum status store_live_health_so_far(struct store_live *live, const char *source,
                                     int64_t sums[LIVE_SUMS])
{
	sqlite3_stmt *row = ask_of_run(
	        live,
	        "SELECT sum(frames), sum(parsed), sum(not_ours), sum(malformed), "
	        "sum(dropped), sum(kernel_dropped), sum(interface_dropped), sum(lost), "
	        "sum(capture_lost), sum(not_kept) FROM health WHERE run = ?1 AND source IS "
	        "?2",
	        source);
	const bool found = row && sqlite3_step(row) == SQLITE_ROW;
	for (int i = 0; found && i < LIVE_SUMS; i++)
		sums[i] = sqlite3_column_int64(row, i);
	sqlite3_finalize(row);
	return found ? OK : live_failed(live);
}

enum status store_live_events_so_far(struct store_live *live, enum live_what what,
                                     const char *subject, uint64_t *count)
{
	sqlite3_stmt *row = ask_of_run(live,
	                               "SELECT sum(count) FROM probe_event WHERE run = ?1 "
	                               "AND subject = ?2 AND what = ?3",
	                               subject);
	if (row)
		sqlite3_bind_text(row, 3, live_what_names[what], -1, SQLITE_STATIC);
	const bool found = row && sqlite3_step(row) == SQLITE_ROW;
	*count = found ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
	sqlite3_finalize(row);
	return found ? OK : live_failed(live);
}

/* A figure that is not known is negative. */
static void bind_figure(sqlite3_stmt *statement, int parameter, int64_t figure)
{
	if (figure >= 0)
		sqlite3_bind_int64(statement, parameter, figure);
}

enum status store_live_health(struct store_live *live, const struct live_health *health)
{
	sqlite3_stmt *statement = live->prepared[HEALTH];
	const enum status status = live_need_batch(live);
	if (status != OK)
		return status;
	sqlite3_bind_int64(statement, 2, health->at / NS_PER_US);
	sqlite3_bind_double(statement, 3, (double)health->length / NS_PER_SEC);
	sqlite3_bind_text(statement, 4, health->source, -1, SQLITE_STATIC);
	for (int i = 0; i < LIVE_FIGURES; i++)
		bind_figure(statement, 5 + i, health->figures[i]);
	return live_finish(live, HEALTH);
}
