/*
 * retention.h - what is too old, or too much, leaves the database a little at a time.
 *
 * Age is not told by the stamps of records, for a clock that jumps would have everything
 * deleted, but by a clock of the database's own: it goes on while the probe runs, follows
 * the wall clock at once where that seems to be right (after a pause of up to half a year)
 * and at 24 times its speed where it jumped, and never goes back.  From time to time the
 * numbers that rows have then are noted down; rows of before the first note are as old as
 * their stamps say.
 *
 * Space of deleted rows goes back to the file system where the file was made for it
 * (db_open_live).
 */
#ifndef EARSHOT_SCHEMA_RETENTION_H
#define EARSHOT_SCHEMA_RETENTION_H

#include "analyzer/base/clock.h"
#include "schema/db.h"

enum retention_class {
	RETENTION_MESSAGES,  /* messages kept whole */
	RETENTION_TIMELINES, /* of streams */
	RETENTION_CALLS,     /* all else */
	RETENTION_KPIS,
	RETENTION_CLASS_COUNT
};

extern const char *const retention_class_names[RETENTION_CLASS_COUNT];

struct retention_limits {
	nstime age[RETENTION_CLASS_COUNT];     /* 0 = none */
	uint64_t bytes[RETENTION_CLASS_COUNT]; /* 0 = none; not of RETENTION_KPIS */
	nstime least; /* what is younger stays though the disk be full */
};

struct retention;

/* Borrows the connection, in which no transaction is open when a function is called. */
MUST_CHECK enum status retention_new(sqlite3 *db, const struct retention_limits *limits,
                                     struct retention **out);
/* Others, from the next work on. */
void retention_set_limits(struct retention *retention,
                          const struct retention_limits *limits);
void retention_free(struct retention *retention); /* NULL is fine */

/*
 * For at most so long, some of what is due at that time; in transactions of some 10 ms.
 * disk_low: the oldest detail goes, too, then the oldest calls.  Returns whether there is
 * more to do at once.  What fails will be tried again.
 */
bool retention_work(struct retention *retention, nstime wall, nstime monotonic,
                    bool disk_low, nstime budget);

struct retention_facts {
	uint64_t deleted[RETENTION_CLASS_COUNT]; /* rows, since it was made */
	uint64_t bytes[RETENTION_CLASS_COUNT];   /* kept; 0 = not known */
	nstime longest;                          /* transaction */
};
struct retention_facts retention_facts(const struct retention *retention);

/* Bytes that a batch adds, in its transaction. */
int retention_add_bytes(sqlite3 *db, int64_t messages, int64_t timelines);

/*
 * All of those classes (a bit for each) that is older than `age`, counted from the newest
 * packet that is not in the future, in transactions of some 10 ms.  *deleted: rows.
 */
MUST_CHECK enum status retention_prune(sqlite3 *db, unsigned int classes, nstime age,
                                       nstime wall, uint64_t *deleted);

#endif
