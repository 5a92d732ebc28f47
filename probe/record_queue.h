/*
 * record_queue.h - records from the thread that makes them to the one that keeps them, in
 * their order, many at a time.
 */
#ifndef EARSHOT_PROBE_RECORD_QUEUE_H
#define EARSHOT_PROBE_RECORD_QUEUE_H

#include "analyzer/base/status.h"
#include "analyzer/model/sink.h"
#include "probe/queue.h"

/* While the reader makes indexes of what it has, the writer need not wait for it. */
enum { RECORD_BLOCKS = 16 };

struct record_block {
	uint8_t *bytes; /* owned */
	size_t used, room;
};

struct record_queue {
	struct queue queue;
	struct bell
	        *writer; /* borrowed: the writer sleeps at it when all blocks are full */
	struct record_block blocks[RECORD_BLOCKS];
	struct record *shown; /* owned; the reader's */
};

/* Borrows the bells.  ERR_NOMEM: it can be freed all the same. */
MUST_CHECK enum status record_queue_init(struct record_queue *queue, struct bell *reader,
                                         struct bell *writer);
void record_queue_free(struct record_queue *queue); /* what it owns; zeroed is fine */

/* The writer's: takes records, and waits for the reader when it is far behind. */
struct sink record_queue_sink(struct record_queue *queue);
/* What it has goes, if there is anything. */
void record_queue_flush(struct record_queue *queue);
/* So much waits for the next flush that it is worth its while. */
bool record_queue_is_worth_it(struct record_queue *queue);

/* The reader's: gives the records of one block to *sink.  False: there is none. */
bool record_queue_give(struct record_queue *queue, const struct sink *sink);

#endif
