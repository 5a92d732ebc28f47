/*
 * read_ahead.h - a source, read by a thread of its own.
 */
#ifndef EARSHOT_PROBE_READ_AHEAD_H
#define EARSHOT_PROBE_READ_AHEAD_H

#include "probe/progress.h"
#include "probe/source.h"

struct read_ahead;

/* Borrows the source, which is the thread's until read_ahead_end.  ERR_NOMEM: of threads,
 * too.  progress: see progress.h. */
MUST_CHECK enum status read_ahead_begin(struct source *source, bool progress,
                                        struct read_ahead **out);

/*
 * The next frames, which stay until the next call: *count 0 with OK is the end.  Otherwise
 * as source_next.
 */
MUST_CHECK enum status read_ahead_next(struct read_ahead *ahead, struct frame **frames,
                                       size_t *count);

/* The source is the caller's again. */
void read_ahead_end(struct read_ahead *ahead); /* NULL is fine */

#endif
