#include "schema/db_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { STEPS = 4000 /* of SQLite's machine, between two looks at the clock */ };

struct brake {
	const atomic_bool *stop;
	nstime until; /* monotonic; 0 = none */
};

static nstime monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static int is_over(void *self)
{
	const struct brake *brake = self;
	return (brake->stop && atomic_load(brake->stop)) ||
	       (brake->until && monotonic_now() > brake->until);
}

/* One row: "ok", or the first thing that is wrong. */
static enum status look(sqlite3 *db, const char *path, enum db_check_depth depth,
                        struct db_error *error)
{
	sqlite3_stmt *statement = NULL;
	const char *sql = depth == DB_CHECK_QUICK ? "PRAGMA quick_check(1)"
	                                          : "PRAGMA integrity_check(1)";
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	enum status status = OK;
	if (code == SQLITE_INTERRUPT) {
		status = ERR_TOO_LONG;
	} else if (code != SQLITE_ROW) {
		status = db_failed(db, path, error);
		status = error->damaged ? ERR_MALFORMED : status;
	} else {
		const char *said = (const char *)sqlite3_column_text(statement, 0);
		if (!said || strcmp(said, "ok") != 0) {
			snprintf(error->text, sizeof error->text, "%s: damaged: %s", path,
			         said ? said : "out of memory");
			error->damaged = true;
			status = ERR_MALFORMED;
		}
	}
	sqlite3_finalize(statement);
	return status;
}

enum status db_check(sqlite3 *db, const char *path, enum db_check_depth depth, int most_ms,
                     const atomic_bool *stop, struct db_error *error)
{
	struct brake brake = { .stop = stop };
	if (most_ms)
		brake.until = monotonic_now() + (nstime)most_ms * NS_PER_MS;
	sqlite3_progress_handler(db, STEPS, is_over, &brake);
	const enum status status = look(db, path, depth, error);
	sqlite3_progress_handler(db, 0, NULL, NULL);
	return status;
}

enum status db_check_file(const char *path, enum db_check_depth depth, int most_ms,
                          const atomic_bool *stop, struct db_error *error)
{
	sqlite3 *db = NULL;
	*error = (struct db_error){ .damaged = false };
	enum status status = db_open_read(path, &db, error);
	if (status != OK)
		return error->damaged ? ERR_MALFORMED : status;
	status = db_check(db, path, depth, most_ms, stop, error);
	db_close(db);
	return status;
}

/* Of one that is there, and true where there is none. */
static bool move(const char *path, const char *to, const char *end)
{
	char from_end[4096];
	char to_end[4096];
	const int from_len = snprintf(from_end, sizeof from_end, "%s%s", path, end);
	const int to_len = snprintf(to_end, sizeof to_end, "%s%s", to, end);
	if (from_len < 0 || to_len < 0 || (size_t)from_len >= sizeof from_end ||
	    (size_t)to_len >= sizeof to_end) {
		errno = ENAMETOOLONG;
		return false;
	}
	return rename(from_end, to_end) == 0 || errno == ENOENT;
}

enum status db_set_aside(const char *path, nstime now, char *to, size_t size)
{
	const time_t seconds = now / NS_PER_SEC;
	struct tm date;
	char stamp[32];
	if (!gmtime_r(&seconds, &date) ||
	    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &date) == 0)
		return ERR_IO;
	const int len = snprintf(to, size, "%s.damaged-%s", path, stamp);
	if (len < 0 || (size_t)len >= size) {
		errno = ENAMETOOLONG;
		return ERR_IO;
	}
	/* The journal first: without its file it is worth nothing, but a new file must
	 * never find an old journal. */
	return move(path, to, "-wal") && move(path, to, "-shm") &&
	                       move(path, to, "-journal") && move(path, to, "")
	               ? OK
	               : ERR_IO;
}
