/* retention_parts.h - between the files of retention.h. */
#ifndef EARSHOT_SCHEMA_RETENTION_PARTS_H
#define EARSHOT_SCHEMA_RETENTION_PARTS_H

#include "schema/retention_tables.h"

struct retention {
	sqlite3 *db; /* borrowed */
	struct retention_limits limits;
	struct retention_facts facts;
	bool gives_back; /* the file can become shorter */

	nstime clock;                 /* by which rows age */
	nstime monotonic, last_saved; /* of the last tick; by clock */
	nstime last_mark;             /* by clock */
	nstime last_look;             /* by clock: rows of before the first mark */

	int64_t first[RETENTION_TABLES];  /* number of the last row before the first mark */
	int64_t looked[RETENTION_TABLES]; /* how far these were looked at */
	int64_t done[RETENTION_TABLES];   /* up to there none is left */
	int64_t free_pages;
	int rows, pages; /* of one step */
	nstime until;    /* monotonic: the budget's end */
};

/* --- retention_clock.c ---------------------------------------------------------------- */

/* The clock and the first mark as they were left. */
void upkeep_load(struct retention *r);
/* Time goes on; marks are made when they are due. */
void upkeep_tick(struct retention *r, nstime wall, nstime monotonic);
/* The last numbers that rows had at that time; false: no mark is that old. */
bool upkeep_seqs_at(const struct retention *r, nstime clock,
                    int64_t seqs[RETENTION_TABLES]);
/* First and last number of a table, of what is not cleared; false: it is empty. */
bool upkeep_ends(const struct retention *r, size_t table, int64_t *first, int64_t *last);

#endif
