#include "probe/queue.h"

#include <assert.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A few hundred nanoseconds: what the other side needs that is about to be done. */
enum { LOOKS_BEFORE_SLEEP = 256 };

static_assert(sizeof(atomic_uint) == sizeof(unsigned int),
              "the kernel reads it as a number");

unsigned int bell_heard(struct bell *bell)
{
	return atomic_load(&bell->rings);
}

static void breathe(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#endif
}

void bell_wait(struct bell *bell, unsigned int heard)
{
	for (unsigned int i = 0; i < LOOKS_BEFORE_SLEEP; i++) {
		if (atomic_load_explicit(&bell->rings, memory_order_acquire) != heard)
			return;
		breathe();
	}
	/* Who rings looks at `awaited` behind the ring: one of both sees the other. */
	atomic_store(&bell->awaited, 1);
	while (atomic_load(&bell->rings) == heard)
		syscall(SYS_futex, &bell->rings, FUTEX_WAIT_PRIVATE, heard, NULL, NULL, 0);
	atomic_store(&bell->awaited, 0);
}

void bell_ring(struct bell *bell)
{
	atomic_fetch_add(&bell->rings, 1);
	if (atomic_load(&bell->awaited))
		syscall(SYS_futex, &bell->rings, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL,
		        0);
}

void queue_init(struct queue *queue, size_t slots, struct bell *reader, struct bell *writer)
{
	atomic_init(&queue->put, 0);
	atomic_init(&queue->taken, 0);
	atomic_init(&queue->most, 0);
	queue->slots = slots;
	queue->reader = reader;
	queue->writer = writer;
}

bool queue_has_room(struct queue *queue, size_t *slot)
{
	const size_t put = atomic_load_explicit(&queue->put, memory_order_relaxed);
	const size_t taken = atomic_load_explicit(&queue->taken, memory_order_acquire);
	*slot = put % queue->slots;
	return put - taken < queue->slots;
}

void queue_put(struct queue *queue)
{
	const size_t put = atomic_load_explicit(&queue->put, memory_order_relaxed) + 1;
	const size_t depth =
	        put - atomic_load_explicit(&queue->taken, memory_order_relaxed);
	if (depth > atomic_load_explicit(&queue->most, memory_order_relaxed))
		atomic_store_explicit(&queue->most, depth, memory_order_relaxed);
	atomic_store_explicit(&queue->put, put, memory_order_release);
	if (depth >= queue->slots / 2)
		bell_ring(queue->reader);
}

void queue_urge(struct queue *queue)
{
	bell_ring(queue->reader);
}

size_t queue_all_put(struct queue *queue)
{
	return atomic_load_explicit(&queue->put, memory_order_relaxed);
}

bool queue_has_taken(struct queue *queue, size_t count)
{
	return atomic_load_explicit(&queue->taken, memory_order_acquire) >= count;
}

bool queue_is_empty(struct queue *queue)
{
	return queue_has_taken(queue, queue_all_put(queue));
}

bool queue_has_next(struct queue *queue, size_t *slot)
{
	const size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed);
	*slot = taken % queue->slots;
	return atomic_load_explicit(&queue->put, memory_order_acquire) != taken;
}

bool queue_has_more(struct queue *queue)
{
	return atomic_load_explicit(&queue->put, memory_order_acquire) -
	               atomic_load_explicit(&queue->taken, memory_order_relaxed) >
	       1;
}

void queue_take(struct queue *queue)
{
	const size_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed) + 1;
	atomic_store_explicit(&queue->taken, taken, memory_order_release);
	/* A writer that was woken for each slot would sleep again for the next one. */
	if (atomic_load_explicit(&queue->put, memory_order_acquire) - taken <=
	    queue->slots / 2)
		bell_ring(queue->writer);
}

size_t queue_depth(struct queue *queue)
{
	const size_t taken = atomic_load_explicit(&queue->taken, memory_order_acquire);
	const size_t put = atomic_load_explicit(&queue->put, memory_order_relaxed);
	return put - taken;
}

size_t queue_most(struct queue *queue)
{
	return atomic_load_explicit(&queue->most, memory_order_relaxed);
}
