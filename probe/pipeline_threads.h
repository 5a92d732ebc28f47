/*
 * pipeline_threads.h - the two halves of the pipeline in threads of their own: the caller's
 * reads and decodes and keeps records when there are any, another analyses; from three on,
 * one more keeps the records.
 *
 *   front ──packets──▶ back ──records──▶ sink
 *
 * All goes in order, so that records are the same as with one thread.
 */
#ifndef EARSHOT_PROBE_PIPELINE_THREADS_H
#define EARSHOT_PROBE_PIPELINE_THREADS_H

#include "probe/pipeline_back.h"
#include "probe/pipeline_front.h"

struct pipeline_threads;

/* Borrows the sink.  ERR_NOMEM: of threads, too. */
MUST_CHECK enum status pipeline_threads_new(const struct sink *sink, bool sink_thread,
                                            struct pipeline_threads **out);

/* Where the records of the back go. */
const struct sink *pipeline_threads_sink(struct pipeline_threads *threads);
/*
 * The next of some rooms that a source reads to, in turn (source.h): when all packets that
 * borrow from it have been analysed.  NULL: some are still in the batch that is being
 * filled, and it is to be delivered first.
 */
uint8_t *pipeline_threads_next_room(struct pipeline_threads *threads);

/* What the front fills first, and where its batches go. */
struct packet_batch *pipeline_threads_first(struct pipeline_threads *threads);
struct front_outlet pipeline_threads_outlet(struct pipeline_threads *threads);

/* Borrows *back, which is theirs from now on. */
MUST_CHECK enum status pipeline_threads_begin(struct pipeline_threads *threads,
                                              struct back *back);

/*
 * All that was delivered has been analysed, and its records given: until the next delivery,
 * the back is the caller's.
 */
void pipeline_threads_settle(struct pipeline_threads *threads);

struct pipeline_depth pipeline_threads_depth(struct pipeline_threads *threads);

/* Ends them; without having begun, too. */
void pipeline_threads_free(struct pipeline_threads *threads); /* NULL is fine */

#endif
