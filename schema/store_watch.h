/*
 * store_watch.h - what a probe that watches a folder of captures remembers of it: which
 * files were read, and up to where everything that came out of them is kept.
 *
 * Records follow from frames alone.  So an engine that takes the place of a dead one reads
 * some files again from their start, says nothing until it is at the position where all was
 * kept, and goes on from there under the same numbers: nothing is lost, nothing is there
 * twice.  The same holds for a probe that is started again: what its end made of calls in
 * progress is taken back then, and the run goes on.
 */
#ifndef EARSHOT_SCHEMA_STORE_WATCH_H
#define EARSHOT_SCHEMA_STORE_WATCH_H

#include "schema/store_live.h"

enum { WATCH_NAME = 256, WATCH_DIGEST = 16 };

/* What a file is known by: its digest and size; or its place on disk and when it was
 * changed; or its name, packed or not, and when it was changed. */
struct watch_file {
	char name[WATCH_NAME];
	uint64_t device, inode, size;
	nstime modified;
	uint8_t digest[WATCH_DIGEST];
};

/* How far all is kept. */
struct watch_position {
	uint64_t number; /* of the last record */
	uint64_t frames;
	uint64_t steps; /* files begun or ended, together */
};

/* A run that can go on. */
struct watch_plan {
	uint8_t engine[LIVE_ENGINE_ID];
	struct watch_position position;
};

/* One file of such a run. */
struct watch_step {
	uint64_t id;
	uint64_t place;  /* in the run, from 1 */
	uint64_t before; /* frames before it */
	struct watch_file file;
};

/* A run over that folder with these options is the newest there is, or ERR_NOT_FOUND. */
MUST_CHECK enum status store_watch_find(struct store_live *live, const char *options,
                                        const char *sensor, struct watch_plan *out);

/*
 * Its files, the latest first: those without which calls that are not over would lack their
 * beginning; and more, up to so many bytes together, so that what is counted over long
 * times is whole.  ERR_FULL: `accept` wanted no more.
 */
MUST_CHECK enum status store_watch_files(
        struct store_live *live, const struct watch_plan *plan, uint64_t bytes,
        bool (*accept)(void *self, const struct watch_step *step), void *self);

/*
 * The run goes on, from that file of it: its end is taken back.  Legs whose beginning was
 * in a file before it stay as they are, interrupted, when they were not over.  Kept at
 * once.
 */
MUST_CHECK enum status store_watch_reopen(struct store_live *live,
                                          const struct watch_plan *plan, uint64_t place);

/* Is it one that was read, or given up?  Its id all the same, from now on; in the batch. */
MUST_CHECK enum status store_watch_know(struct store_live *live,
                                        const struct watch_file *file, uint64_t *id,
                                        bool *known);
/* The engine has died of it, again and again; in the batch. */
MUST_CHECK enum status store_watch_give_up(struct store_live *live, uint64_t id);

/* --- what the engine tells, in the batch, numbered like records ----------------------- */

MUST_CHECK enum status store_watch_begin(struct store_live *live, uint64_t number,
                                         const struct watch_step *step);

struct watch_end {
	uint64_t id, frames;
	nstime last, needed; /* NSTIME_NONE: there is none */
	struct text damage;  /* empty: none */
};
MUST_CHECK enum status store_watch_end(struct store_live *live, uint64_t number,
                                       const struct watch_end *end);
MUST_CHECK enum status store_watch_position(struct store_live *live,
                                            const struct watch_position *position);
/* What comes from here on is what was not over when the run ended. */
MUST_CHECK enum status store_watch_finishing(struct store_live *live, uint64_t number);

#endif
