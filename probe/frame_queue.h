/*
 * frame_queue.h - frames from the thread that reads them to another one, in their order, as
 * copies, hundreds at a time.
 */
#ifndef EARSHOT_PROBE_FRAME_QUEUE_H
#define EARSHOT_PROBE_FRAME_QUEUE_H

#include "probe/frame.h"
#include "probe/kept_bytes.h"
#include "probe/queue.h"

enum { FRAME_BATCH = 256, FRAME_BATCHES = 8 };

struct frame_batch {
	size_t count;
	struct kept_bytes kept;
	struct frame frames[FRAME_BATCH]; /* they borrow from kept */
};

struct frame_queue {
	struct queue queue;
	struct frame_batch *batches; /* owned, FRAME_BATCHES */
};

/* Borrows the bells.  ERR_NOMEM: it can be freed all the same. */
MUST_CHECK enum status frame_queue_init(struct frame_queue *queue, struct bell *reader,
                                        struct bell *writer);
void frame_queue_free(struct frame_queue *queue); /* what it owns; zeroed is fine */

/*
 * The writer's: some of the frames, at least one, how many; the rest when the reader has
 * made room.  0: there is none yet.
 */
size_t frame_queue_add(struct frame_queue *queue, const struct frame *frames, size_t count);
/* What was added goes, and the reader shall look. */
void frame_queue_flush(struct frame_queue *queue);

/* The reader's: the next batch, until frame_queue_done; NULL: there is none. */
struct frame_batch *frame_queue_next(struct frame_queue *queue);
void frame_queue_done(struct frame_queue *queue);

#endif
