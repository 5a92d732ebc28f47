/*
 * capture_workers.h - threads that take frames off the rings of the interfaces, so that a
 * burst finds them ready whatever the analysis does meanwhile.  Each has its own ring of
 * each interface (live_source_ring), and a queue for each to the engine, which puts the
 * frames of an interface together in the order of their stamps.
 *
 * A ring that has nothing to show has shown all up to some time ago; its worker says when
 * that was.  The engine waits for it so long, but never for ever: what comes behind its
 * time is counted.
 */
#ifndef EARSHOT_PROBE_CAPTURE_WORKERS_H
#define EARSHOT_PROBE_CAPTURE_WORKERS_H

#include "probe/source_live.h"
#include "probe/steady_clock.h"

struct capture_workers;

struct capture_workers_state {
	size_t workers;
	size_t batches, most_batches,
	        all_batches; /* of the fullest queue: in use, ever, all */
	uint64_t late;       /* frames that came behind later ones of their interface */
};

/* Borrows the sources, NULL where there is none, and the clock by which their frames are
 * stamped.  ERR_NOMEM, ERR_IO. */
MUST_CHECK enum status capture_workers_new(struct live_source *const *sources,
                                           const struct steady_clock *clock,
                                           struct capture_workers **out);

/* The threads begin.  ERR_NOMEM: they cannot. */
MUST_CHECK enum status capture_workers_begin(struct capture_workers *workers);

/*
 * Up to LIVE_BATCH frames of the interface whose turn it is, borrowed until the next call
 * for it.  ERR_NOT_FOUND: the interface has gone, as live_ring_next says; what it had has
 * been given.  now: by that clock.
 */
MUST_CHECK enum status capture_workers_next(struct capture_workers *workers,
                                            size_t interface, nstime now,
                                            struct frame frames[LIVE_BATCH], size_t *count,
                                            char error[LIVE_ERROR_SIZE]);

/*
 * Another source for that interface, with a ring for each worker, borrowed; NULL: none any
 * more.  One change of an interface at a time.  Each worker changes when the ring that it
 * has is over (live_source_end_at) or gone.  ERR_NOMEM: nothing changes.
 */
MUST_CHECK enum status capture_workers_change(struct capture_workers *workers,
                                              size_t interface, struct live_source *source);
/* Nobody looks at the source before any more. */
bool capture_workers_have_changed(struct capture_workers *workers, size_t interface);

/* Frames are there, and may wait for others. */
bool capture_workers_have_frames(struct capture_workers *workers);

/* All frames up to that time (by that clock) have been given. */
bool capture_workers_have_shown(struct capture_workers *workers, nstime until);

/* To be polled for POLLIN by who is about to sleep: frames have come. */
int capture_workers_poll(struct capture_workers *workers);

struct capture_workers_state capture_workers_state(struct capture_workers *workers);

/* Ends them; NULL is fine. */
void capture_workers_free(struct capture_workers *workers);

#endif
