/*
 * pool.h - objects of one size that never move, known by small numbers.  Memory comes in
 * chunks and is kept for reuse until nothing is in use; the cap bounds it.
 */
#ifndef EARSHOT_BASE_POOL_H
#define EARSHOT_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/fetch.h"
#include "analyzer/base/status.h"

/*
 * Bytes of a chunk at most.  All but the first few lie on huge pages: objects met at random
 * cost few TLB misses, and memory few page faults.
 */
#define POOL_CHUNK_BYTES ((size_t)256 << 10)

struct pool_chunk {
	unsigned char *objects; /* aligned to a cache line */
	void *allocation;       /* owned; NULL: it is part of that of a chunk before */
};

struct pool {
	uint32_t size;      /* of an object, bytes */
	uint32_t shift;     /* a chunk holds 1 << shift objects */
	uint32_t within;    /* these bits of a number are that of an object in its chunk */
	uint32_t cap;       /* objects at most */
	uint32_t live;      /* in use now */
	uint32_t reach;     /* numbers below this have been given out at some time */
	uint32_t free_head; /* first free number + 1; chained through the objects */
	size_t chunk_count;
	uint32_t chunks_ahead; /* behind the last chunk there is room for so many */
	struct pool_chunk *chunks;
	unsigned char *used; /* a byte for each number below reach: in use? */
};

/* size: at least 4, at most 64 KiB, and aligned for what it holds. */
void pool_init(struct pool *pool, uint32_t size, uint32_t cap);
void pool_free(struct pool *pool);

/* A zeroed object and its number.  ERR_FULL at the cap, ERR_NOMEM. */
MUST_CHECK enum status pool_take(struct pool *pool, void **object, uint32_t *number);
/* With the last one in use, the memory of all of them may go. */
void pool_give(struct pool *pool, uint32_t number);

/*
 * Is it time to evict?  What is evicted gives its place back only when its record is out,
 * after the packet that asked for one: so there is a reserve.
 */
static inline bool pool_is_tight(const struct pool *pool)
{
	return pool->live + pool->cap / 64 + 1 >= pool->cap;
}

static inline void *pool_at(const struct pool *pool, uint32_t number)
{
	return pool->chunks[number >> pool->shift].objects +
	       (size_t)(number & pool->within) * pool->size;
}

/* The object if that number is in use, else NULL: to walk all numbers below pool->reach. */
static inline void *pool_live(const struct pool *pool, uint32_t number)
{
	return number < pool->reach && pool->used[number] ? pool_at(pool, number) : NULL;
}

/* Fetches an object that will be needed soon, all of it. */
static inline void pool_prefetch(const struct pool *pool, uint32_t number)
{
	fetch(pool_at(pool, number), pool->size);
}

#endif
