/*
 * store_live_parts.h - what the store of a probe that listens is made of, for those that
 * write it: records (store_live.c), their runs (store_live_run.c), and the files that they
 * are from (store_watch.c).
 */
#ifndef EARSHOT_SCHEMA_STORE_LIVE_PARTS_H
#define EARSHOT_SCHEMA_STORE_LIVE_PARTS_H

#include "schema/store_live.h"
#include "schema/store_parts.h"

/* A writer that waits longer than that for somebody else stands still for its engine. */
enum { LIVE_BUSY_MS = 1000 };

enum live_statement {
	FIND_RUN,
	BEGIN_RUN,
	REPLACE_LEG,
	REPLACE_CALL,
	REPLACE_STREAM,
	PROGRESS,
	PROGRESS_LADDER,
	PROGRESS_OVER,
	EVENT,
	HEALTH,
	ACCOUNT,
	DURABLE,
	LADDERS,
	RUNNING,
	INTERRUPT_LEGS,
	INTERRUPT_CALLS,
	INTERRUPT_STREAMS,
	FORGET_PROGRESS,
	CLOSE_RUN,
	UNDO,
	STATEMENT_COUNT
};

struct store_live {
	struct store *store;                     /* owned */
	enum live_trouble trouble;               /* of the last failure */
	sqlite3_stmt *prepared[STATEMENT_COUNT]; /* owned */
	bool in_batch;
	uint64_t durable; /* committed */
	uint64_t latest;  /* of the batch */
	uint64_t *dirty;  /* owned; legs with messages in the batch */
	size_t dirty_count, dirty_room;
	nstime kpis_at;              /* when buckets came last; NSTIME_NONE: none yet */
	nstime added_up;             /* the same when their hours were last added up */
	bool watching;               /* the run is one over a folder (store_watch.h) */
	struct retention *retention; /* owned; NULL: nothing is ever deleted */
	uint64_t gone[64];           /* calls that were put together with earlier ones */
	size_t gone_count;
	nstime checked_out; /* monotonic; the journal into the file */
	bool finishing;     /* its end: what comes is to be taken back if it goes on */
};

static inline sqlite3 *live_db(const struct store_live *live)
{
	return live->store->db;
}

/* The batch is gone: everything is again as it was at the last commit.  Returns why. */
enum status live_failed(struct store_live *live);
MUST_CHECK enum status live_need_batch(struct store_live *live);

/* A statement that gives no row: ?1 is the run, the others are bound. */
MUST_CHECK enum status live_finish(struct store_live *live, enum live_statement which);

/* The ladders of legs that are open, of the batch: kept; as they were at the last commit.
 */
MUST_CHECK enum status live_keep_ladders(struct store_live *live);
MUST_CHECK enum status live_reload_ladders(struct store_live *live);
/* To put it into the file takes a moment, and not seconds. */
bool live_journal_is_small(const struct store_live *live);
/*
 * The hours that are over by then.  Calls that end add to minutes of hours past: those are
 * added up again with the next ones.
 */
MUST_CHECK enum status live_add_up_hours(struct store_live *live, nstime until);

/* store_continue.c: the call is over; it may be the end of one that was interrupted. */
MUST_CHECK enum status live_continue(struct store_live *live,
                                     const struct call_record *call);
/* Nothing more is to be kept of that one. */
bool live_is_gone(const struct store_live *live, uint64_t call);

/* store_watch.c: before and after a record of the run's end is put into its table. */
MUST_CHECK enum status watch_before_insert(struct store_live *live,
                                           const struct record *record);
MUST_CHECK enum status watch_after_insert(struct store_live *live,
                                          const struct record *record);
/* The run that was begun or found is one over a folder; as far as it was. */
MUST_CHECK enum status watch_load(struct store_live *live);
/* The batch was undone. */
void watch_reload(struct store_live *live);

#endif
