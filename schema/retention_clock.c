/* retention_clock.c - how old rows are (retention.h). */
#include <stdio.h>

#include "analyzer/base/text.h"
#include "schema/retention_parts.h"

#define HOUR (3600 * NS_PER_SEC)
#define DAY (24 * HOUR)
/* A probe may be off for so long, and the clock is believed when it is back. */
#define PAUSE_MOST (180 * DAY)
#define SAVE_EVERY (60 * NS_PER_SEC)
/* Longer steps between two ticks are a clock that was set, or a machine that slept. */
#define STEP_MOST HOUR
enum { CATCH_UP = 24, MARKS_OF_AGE = 16 };

/* --- the clock ------------------------------------------------------------------------ */

static void save(struct retention *r)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(r->db,
	                       "INSERT INTO upkeep VALUES ('clock', ?1) ON CONFLICT DO "
	                       "UPDATE SET value = excluded.value",
	                       -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, r->clock / NS_PER_US);
		if (sqlite3_step(statement) == SQLITE_DONE)
			r->last_saved = r->clock;
	}
	sqlite3_finalize(statement);
}

/* What the newest call says, where the file has no clock yet. */
static nstime newest_stamp(const struct retention *r)
{
	return retention_ask(r->db, "SELECT max(start) FROM call") * NS_PER_US;
}

static void start_clock(struct retention *r, nstime wall)
{
	const nstime before = r->clock ? r->clock : newest_stamp(r);
	const bool plausible = !before || (wall >= before && wall - before <= PAUSE_MOST);
	r->clock = plausible ? wall : before;
}

static void advance_clock(struct retention *r, nstime wall, nstime passed)
{
	r->clock += passed;
	if (wall <= r->clock)
		return;
	/* A machine that slept, or a clock that was set: who knows. */
	const nstime gap = wall - r->clock;
	const nstime step = CATCH_UP * passed;
	r->clock += gap < step ? gap : step;
}

/* --- marks ---------------------------------------------------------------------------- */

bool upkeep_ends(const struct retention *r, size_t table, int64_t *first, int64_t *last)
{
	const struct retention_table *t = &retention_tables[table];
	char sql[160];
	snprintf(sql, sizeof sql, "SELECT min(seq) FROM \"%s\" WHERE seq > %lld%s%s%s",
	         t->name, t->column ? (long long)r->done[table] : 0LL,
	         t->column ? " AND \"" : "", t->column ? t->column : "",
	         t->column ? "\" IS NOT NULL" : "");
	*first = retention_ask(r->db, sql);
	snprintf(sql, sizeof sql, "SELECT max(seq) FROM \"%s\"", t->name);
	*last = retention_ask(r->db, sql);
	return *first > 0;
}

static bool make_mark(struct retention *r)
{
	char json[64 * RETENTION_TABLES] = "[";
	size_t len = 1;
	sqlite3_stmt *statement = NULL;
	for (size_t i = 0; i < RETENTION_TABLES; i++) {
		char sql[96];
		snprintf(sql, sizeof sql, "SELECT max(seq) FROM \"%s\"",
		         retention_tables[i].name);
		const int added =
		        snprintf(json + len, sizeof json - len, "%s%lld", i ? "," : "",
		                 (long long)retention_ask(r->db, sql));
		len += added > 0 ? (size_t)added : 0;
	}
	snprintf(json + len, sizeof json - len, "]");
	int code = sqlite3_prepare_v2(r->db,
	                              "INSERT INTO upkeep_mark VALUES (?1, ?2) ON CONFLICT "
	                              "DO UPDATE SET seqs = excluded.seqs",
	                              -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, r->clock / NS_PER_US);
		sqlite3_bind_text(statement, 2, json, -1, SQLITE_STATIC);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

static void read_seqs(struct text json, int64_t seqs[RETENTION_TABLES])
{
	struct text rest = text_skip(json, 1);
	rest = text_head(rest, rest.len ? rest.len - 1 : 0);
	for (size_t i = 0; i < RETENTION_TABLES; i++) {
		uint64_t number = 0;
		if (text_number(text_cut(&rest, ','), INT64_MAX, &number) != OK)
			number = 0;
		seqs[i] = (int64_t)number;
	}
}

static bool read_mark(const struct retention *r, const char *sql, nstime clock,
                      int64_t seqs[RETENTION_TABLES])
{
	sqlite3_stmt *statement = NULL;
	bool found = false;
	if (sqlite3_prepare_v2(r->db, sql, -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, clock / NS_PER_US);
		found = sqlite3_step(statement) == SQLITE_ROW;
	}
	if (found) {
		const char *json = (const char *)sqlite3_column_text(statement, 0);
		read_seqs((struct text){ json, (size_t)sqlite3_column_bytes(statement, 0) },
		          seqs);
	}
	sqlite3_finalize(statement);
	return found;
}

bool upkeep_seqs_at(const struct retention *r, nstime clock, int64_t seqs[RETENTION_TABLES])
{
	return read_mark(r,
	                 "SELECT seqs FROM upkeep_mark WHERE clock <= ?1 "
	                 "ORDER BY clock DESC LIMIT 1",
	                 clock, seqs);
}

/* Marks of before the oldest age tell nothing that the oldest of the others does not. */
static void drop_marks(struct retention *r)
{
	nstime oldest = DAY;
	sqlite3_stmt *statement = NULL;
	for (size_t i = 0; i < RETENTION_CLASS_COUNT; i++)
		if (r->limits.age[i] > oldest)
			oldest = r->limits.age[i];
	if (sqlite3_prepare_v2(r->db,
	                       "DELETE FROM upkeep_mark WHERE clock < (SELECT max(clock) "
	                       "FROM upkeep_mark WHERE clock <= ?1)",
	                       -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, (r->clock - oldest) / NS_PER_US);
		(void)sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
}

/* An hour; where ages are short, for a test say, as often as they need it. */
static nstime mark_every(const struct retention *r)
{
	nstime every = HOUR;
	for (size_t i = 0; i < RETENTION_CLASS_COUNT; i++) {
		const nstime age = r->limits.age[i];
		if (age && age / MARKS_OF_AGE < every)
			every = age / MARKS_OF_AGE;
	}
	return every;
}

/* --- both ----------------------------------------------------------------------------- */

void upkeep_load(struct retention *r)
{
	r->clock = retention_ask(r->db, "SELECT value FROM upkeep WHERE name = 'clock'") *
	           NS_PER_US;
	r->last_mark =
	        retention_ask(r->db, "SELECT max(clock) FROM upkeep_mark") * NS_PER_US;
	(void)read_mark(r, "SELECT seqs FROM upkeep_mark ORDER BY clock LIMIT 1", 0,
	                r->first);
}

void upkeep_tick(struct retention *r, nstime wall, nstime monotonic)
{
	if (!r->monotonic)
		start_clock(r, wall);
	else
		advance_clock(r, wall, monotonic - r->monotonic);
	r->monotonic = monotonic;
	if (r->clock - r->last_saved >= SAVE_EVERY)
		save(r);
	if (!r->last_mark || r->clock - r->last_mark >= mark_every(r)) {
		const bool first = !r->last_mark;
		if (!make_mark(r))
			return;
		r->last_mark = r->clock;
		if (first)
			(void)upkeep_seqs_at(r, r->clock, r->first);
		drop_marks(r);
	}
	if (r->clock - r->last_look >= HOUR) {
		r->last_look = r->clock;
		for (size_t i = 0; i < RETENTION_TABLES; i++)
			r->looked[i] = 0;
	}
}

int retention_add_bytes(sqlite3 *db, int64_t messages, int64_t timelines)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(
	        db,
	        "UPDATE upkeep SET value = max(0, value + iif(name = 'messages', ?1, ?2)) "
	        "WHERE name IN ('messages', 'timelines')",
	        -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, messages);
		sqlite3_bind_int64(statement, 2, timelines);
		code = sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}
