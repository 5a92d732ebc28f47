#include "schema/retention.h"

#include <stdio.h>
#include <stdlib.h>

#include "schema/retention_parts.h"

/* A transaction is to take about so long; and the writer waits for no longer one. */
#define STEP_TIME (10 * NS_PER_MS)
enum {
	ROWS_FIRST = 64,
	ROWS_LEAST = 8,
	ROWS_MOST = 4096,
	PAGES_FIRST = 16, /* given back at once */
	PAGES_MOST = 1024,
	PAGES_SPARE = 256, /* that stay for what comes next: 4 MiB */
	BUSY_MS = 20,
};

static void end_step(struct retention *r, nstime begun, int *size, int least, int most)
{
	const nstime took = retention_monotonic() - begun;
	if (took > r->facts.longest)
		r->facts.longest = took;
	if (took > STEP_TIME && *size > least)
		*size /= 2;
	else if (took < STEP_TIME / 4 && *size < most)
		*size *= 2;
}

/* --- rows ----------------------------------------------------------------------------- */

static bool run_sql(struct retention *r, const char *sql)
{
	return sqlite3_exec(r->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool count_bytes(struct retention *r, const struct retention_table *table,
                        int64_t bytes)
{
	const bool messages = table->class == RETENTION_MESSAGES;
	return !table->bytes || !bytes ||
	       retention_add_bytes(r->db, messages ? -bytes : 0, messages ? 0 : -bytes) ==
	               SQLITE_OK;
}

/* One transaction.  False: it failed. */
static bool step_rows(struct retention *r, size_t i, struct retention_range *range)
{
	const struct retention_table *table = &retention_tables[i];
	const nstime begun = retention_monotonic();
	int64_t rows = 0;
	int64_t bytes = 0;
	int64_t at = 0;
	range->most = r->rows;
	if (!run_sql(r, "BEGIN IMMEDIATE"))
		return false;
	if (retention_delete(r->db, table, range, &rows, &bytes, &at) != SQLITE_OK ||
	    !count_bytes(r, table, bytes) || !run_sql(r, "COMMIT")) {
		run_sql(r, "ROLLBACK");
		return false;
	}
	range->from = at;
	r->facts.deleted[table->class] += (uint64_t)rows;
	end_step(r, begun, &r->rows, ROWS_LEAST, ROWS_MOST);
	return true;
}

static bool is_over(const struct retention *r)
{
	return retention_monotonic() >= r->until;
}

/* Rows of that table up to a number; true: there are more and it may go on. */
static bool clear_up_to(struct retention *r, size_t i, int64_t to)
{
	struct retention_range range = { .from = r->done[i], .to = to };
	while (range.from < to && !is_over(r)) {
		if (!step_rows(r, i, &range))
			return false;
		r->done[i] = range.from;
	}
	return range.from < to;
}

/* Rows of before the first mark, by their stamps: looked through once an hour. */
static bool clear_by_stamps(struct retention *r, size_t i, nstime before)
{
	struct retention_range range = { .from = r->looked[i],
		                         .to = r->first[i],
		                         .by_time = true,
		                         .before = before / NS_PER_US };
	while (range.from < range.to && !is_over(r)) {
		if (!step_rows(r, i, &range))
			return false;
		r->looked[i] = range.from;
	}
	return range.from < range.to;
}

/* What is older than that, of one class. */
static bool clear_class(struct retention *r, enum retention_class class, nstime age)
{
	int64_t seqs[RETENTION_TABLES] = { 0 };
	bool more = false;
	if (!upkeep_seqs_at(r, r->clock - age, seqs))
		for (size_t i = 0; i < RETENTION_TABLES; i++)
			seqs[i] = 0;
	for (size_t i = 0; i < RETENTION_TABLES && !more; i++) {
		if (retention_tables[i].class != class)
			continue;
		more = clear_up_to(r, i, seqs[i]) || clear_by_stamps(r, i, r->clock - age);
	}
	return more;
}

/* --- bytes ---------------------------------------------------------------------------- */

static void measure(struct retention *r)
{
	uint64_t *bytes = r->facts.bytes;
	bytes[RETENTION_MESSAGES] = (uint64_t)retention_ask(
	        r->db, "SELECT value FROM upkeep WHERE name = 'messages'");
	bytes[RETENTION_TIMELINES] = (uint64_t)retention_ask(
	        r->db, "SELECT value FROM upkeep WHERE name = 'timelines'");
	r->free_pages = retention_ask(r->db, "PRAGMA freelist_count");
	const int64_t pages = retention_ask(r->db, "PRAGMA page_count") - r->free_pages;
	const uint64_t all =
	        (uint64_t)pages * (uint64_t)retention_ask(r->db, "PRAGMA page_size");
	const uint64_t apart = bytes[RETENTION_MESSAGES] + bytes[RETENTION_TIMELINES];
	bytes[RETENTION_CALLS] = all > apart ? all - apart : 0;
}

/* The oldest `part` of 64 of each table of that class, but what is younger than `least`. */
static bool clear_oldest(struct retention *r, enum retention_class class, nstime least)
{
	int64_t keep[RETENTION_TABLES] = { 0 };
	bool more = false;
	if (least && !upkeep_seqs_at(r, r->clock - least, keep))
		return false;
	for (size_t i = 0; i < RETENTION_TABLES && !is_over(r); i++) {
		int64_t first;
		int64_t last;
		if (retention_tables[i].class != class || !upkeep_ends(r, i, &first, &last))
			continue;
		int64_t to = first + (last - first) / 64;
		if (least && to > keep[i])
			to = keep[i];
		if (to < first)
			continue;
		if (r->done[i] < first - 1)
			r->done[i] = first - 1;
		more = clear_up_to(r, i, to) || more || to < last;
	}
	return more;
}

static bool clear_too_much(struct retention *r)
{
	for (unsigned int class = 0; class < RETENTION_KPIS; class ++) {
		const uint64_t most = r->limits.bytes[class];
		if (most && r->facts.bytes[class] > most)
			return clear_oldest(r, (enum retention_class) class, 0);
	}
	return false;
}

/* Detail first. */
static bool clear_for_room(struct retention *r)
{
	for (unsigned int class = 0; class < RETENTION_KPIS; class ++)
		if (clear_oldest(r, (enum retention_class) class, r->limits.least))
			return true;
	return false;
}

/* --- space ---------------------------------------------------------------------------- */

static bool give_pages_back(struct retention *r, bool disk_low)
{
	const int64_t spare = disk_low ? 0 : PAGES_SPARE;
	char sql[64];
	if (!r->gives_back)
		return false;
	while (r->free_pages > spare && !is_over(r)) {
		const nstime begun = retention_monotonic();
		snprintf(sql, sizeof sql, "PRAGMA incremental_vacuum(%d)", r->pages);
		if (!run_sql(r, sql))
			return false;
		const int64_t left = retention_ask(r->db, "PRAGMA freelist_count");
		end_step(r, begun, &r->pages, 1, PAGES_MOST);
		if (left >= r->free_pages)
			return false;
		r->free_pages = left;
	}
	return r->free_pages > spare;
}

/* --- all of it ------------------------------------------------------------------------ */

bool retention_work(struct retention *r, nstime wall, nstime monotonic, bool disk_low,
                    nstime budget)
{
	bool more = false;
	const int busy = (int)retention_ask(r->db, "PRAGMA busy_timeout");
	r->until = retention_monotonic() + budget;
	sqlite3_busy_timeout(r->db, BUSY_MS);
	upkeep_tick(r, wall, monotonic);
	for (unsigned int class = 0; class < RETENTION_CLASS_COUNT && !more; class ++)
		if (r->limits.age[class])
			more = clear_class(r, (enum retention_class) class,
			                   r->limits.age[class]);
	measure(r);
	more = more || clear_too_much(r);
	if (disk_low)
		more = clear_for_room(r) || more;
	more = give_pages_back(r, disk_low) || more;
	sqlite3_busy_timeout(r->db, busy);
	return more;
}

struct retention_facts retention_facts(const struct retention *retention)
{
	return retention->facts;
}

enum status retention_new(sqlite3 *db, const struct retention_limits *limits,
                          struct retention **out)
{
	struct retention *r = calloc(1, sizeof *r);
	if (!r)
		return ERR_NOMEM;
	r->db = db;
	r->limits = *limits;
	r->rows = ROWS_FIRST;
	r->pages = PAGES_FIRST;
	r->gives_back = retention_ask(db, "PRAGMA auto_vacuum") == 2;
	upkeep_load(r);
	measure(r);
	*out = r;
	return OK;
}

void retention_set_limits(struct retention *retention,
                          const struct retention_limits *limits)
{
	retention->limits = *limits;
}

void retention_free(struct retention *retention)
{
	free(retention);
}
