/*
 * query_guard.c - what a reading connection may not do: anything but SELECT from the tables
 * of records, and take longer than it was given.  SQL is ours and constant, so neither is
 * expected; both are here for the day when that was a mistake.
 */
#include "schema/query_rows.h"

#include <string.h>
#include <time.h>

enum { PROGRESS_STEPS = 4000 }; /* of SQLite's machine: about 0.1 ms */

static nstime monotonic_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

static int is_too_late(void *self)
{
	const struct query *query = self;
	return query->brake_ms > 0 && monotonic_now() > query->deadline;
}

void query_brake(struct query *query, unsigned int ms)
{
	query->brake_ms = ms;
	query->deadline = monotonic_now() + (nstime)ms * NS_PER_MS;
	sqlite3_busy_timeout(query->db, ms ? (int)ms : DB_BUSY_MS);
	sqlite3_progress_handler(query->db, ms ? PROGRESS_STEPS : 0, is_too_late, query);
}

bool query_was_braked(const struct query *query)
{
	return is_too_late((void *)query);
}

void query_interrupt(struct query *query)
{
	sqlite3_interrupt(query->db);
}

static bool is_table(const char *name)
{
	static const char *const others[] = { "kpi_hour",      "kpi_hour_whole", "kpi_day",
		                              "kpi_day_whole", "kpi_peak",       "kpi_zone",
		                              "kpi_stale",     "alert_baseline" };
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (strcmp(name, others[i]) == 0)
			return true;
	}
	if (strcmp(name, "sqlite_master") == 0 || strcmp(name, "message_raw") == 0 ||
	    strcmp(name, "json_each") == 0 || strcmp(name, "run") == 0 ||
	    strcmp(name, "in_progress") == 0 || strcmp(name, "trunk") == 0 ||
	    strcmp(name, "health") == 0 || strcmp(name, "probe_event") == 0)
		return true;
	for (size_t i = 0; i < RECORD_KIND_COUNT; i++) {
		if (strcmp(name, record_kind_names[i]) == 0)
			return true;
	}
	return false;
}

static bool is_function(const char *name)
{
	static const char *const known[] = {
		"abs",    "avg",       "coalesce",     "count",      "iif",
		"instr",  "json_each", "json_extract", "json_valid", "length",
		"likely", "lower",     "matches",      "max",        "min",
		"nullif", "printf",    "round",        "row_number", "substr",
		"sum",    "total",     "unixepoch",    "unlikely",   "within",
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(name, known[i]) == 0)
			return true;
	}
	return false;
}

static int authorize(void *self, int action, const char *first, const char *second,
                     const char *database, const char *by)
{
	(void)self;
	(void)database;
	(void)by;
	bool allowed = false;
	if (action == SQLITE_SELECT || action == SQLITE_TRANSACTION ||
	    action == SQLITE_RECURSIVE)
		allowed = true;
	else if (action == SQLITE_READ)
		allowed = first && is_table(first);
	else if (action == SQLITE_FUNCTION)
		allowed = second && is_function(second);
	/* json_each declares itself so on its first use; it is said, not done, and the
	 * connection could not do it. */
	else if (action == SQLITE_UPDATE)
		allowed = first && strcmp(first, "sqlite_master") == 0;
	return allowed ? SQLITE_OK : SQLITE_DENY;
}

int query_confine(struct query *query)
{
	return sqlite3_set_authorizer(query->db, authorize, NULL);
}
