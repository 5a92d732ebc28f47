/*
 * queue.h - a bounded queue of one writer and one reader, and how either waits.
 *
 * The queue knows numbers of slots and nothing of what is in them: the writer fills the
 * slot that it is told and puts it, the reader uses what is there and takes it, which gives
 * the slot back.  Slots hold hundreds of packets, so that nothing here costs anything for
 * one. Only this file knows atomics.
 */
#ifndef EARSHOT_PROBE_QUEUE_H
#define EARSHOT_PROBE_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { QUEUE_CACHE_LINE = 64 };

/*
 * What a thread sleeps at: one waits, any number ring.  Who waits asks bell_heard first,
 * then looks at all that it waits for, and only then waits: no ring gets lost between.
 */
struct bell {
	_Alignas(QUEUE_CACHE_LINE) atomic_uint rings;
	atomic_uint awaited;
};

unsigned int bell_heard(struct bell *bell);
void bell_wait(struct bell *bell, unsigned int heard);
void bell_ring(struct bell *bell);

struct queue {
	_Alignas(QUEUE_CACHE_LINE) atomic_size_t put; /* the writer's; slots, in all */
	atomic_size_t most;
	_Alignas(QUEUE_CACHE_LINE) atomic_size_t taken; /* the reader's */
	_Alignas(QUEUE_CACHE_LINE) size_t slots;
	struct bell *reader, *writer; /* borrowed */
};

/* Each is rung when the other side did something. */
void queue_init(struct queue *queue, size_t slots, struct bell *reader,
                struct bell *writer);

/* The writer's.  False: all slots are in use. */
bool queue_has_room(struct queue *queue, size_t *slot);
void queue_put(struct queue *queue);
/* The reader shall look even at a few. */
void queue_urge(struct queue *queue);
/* How many slots were put, ever; of those, so many have been taken, and are done with. */
size_t queue_all_put(struct queue *queue);
bool queue_has_taken(struct queue *queue, size_t count);
/* All that was put is. */
bool queue_is_empty(struct queue *queue);

/* The reader's.  False: there is nothing. */
bool queue_has_next(struct queue *queue, size_t *slot);
/* There is more behind the next one. */
bool queue_has_more(struct queue *queue);
void queue_take(struct queue *queue);

/* Anybody's: slots in use, and the most that ever were. */
size_t queue_depth(struct queue *queue);
size_t queue_most(struct queue *queue);

#endif
