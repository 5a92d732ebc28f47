#include "analyzer/base/pool.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/huge_pages.h"

enum { CHUNKS_AT_ONCE = 64 };

/* Below this there is no huge page: on average half of the last one stays empty. */
static const size_t most_on_small_pages = (size_t)1 << 20;

void pool_init(struct pool *pool, uint32_t size, uint32_t cap)
{
	*pool = (struct pool){ .size = size, .cap = cap };
	while ((size_t)size << (pool->shift + 1) <= POOL_CHUNK_BYTES)
		pool->shift++;
	pool->within = (UINT32_C(1) << pool->shift) - 1;
}

static size_t chunk_bytes(const struct pool *pool)
{
	return (size_t)pool->size << pool->shift;
}

static void free_chunks(struct pool *pool)
{
	while (pool->chunk_count > 0)
		free(pool->chunks[--pool->chunk_count].allocation);
	pool->chunks_ahead = 0;
}

void pool_free(struct pool *pool)
{
	free_chunks(pool);
	free(pool->chunks);
	free(pool->used);
	*pool = (struct pool){ 0 };
}

/*
 * Room for several chunks, one behind the other, on huge pages.  Objects fill it from its
 * beginning: what is never reached is never touched, and costs no memory.
 */
static bool begin_huge(struct pool *pool, struct pool_chunk *chunk)
{
	const size_t bytes = CHUNKS_AT_ONCE * chunk_bytes(pool);
	chunk->objects = huge_pages_take(bytes, &chunk->allocation);
	if (!chunk->objects)
		return false;
	pool->chunks_ahead = CHUNKS_AT_ONCE - 1;
	return true;
}

static bool new_chunk(struct pool *pool, struct pool_chunk *chunk)
{
	if (pool->chunks_ahead > 0) {
		pool->chunks_ahead--;
		const struct pool_chunk *before = &pool->chunks[pool->chunk_count - 1];
		*chunk = (struct pool_chunk){ before->objects + chunk_bytes(pool), NULL };
		return true;
	}
	if (pool->chunk_count * chunk_bytes(pool) >= most_on_small_pages)
		return begin_huge(pool, chunk);
	unsigned char *begin = malloc(chunk_bytes(pool) + CACHE_LINE);
	if (!begin)
		return false;
	chunk->allocation = begin;
	chunk->objects = begin + -(uintptr_t)begin % CACHE_LINE;
	return true;
}

/* Room for one more chunk in the two lists, then the chunk itself. */
static enum status add_chunk(struct pool *pool)
{
	const size_t count = pool->chunk_count + 1;
	struct pool_chunk *chunks = realloc(pool->chunks, count * sizeof *chunks);
	if (!chunks)
		return ERR_NOMEM;
	pool->chunks = chunks;
	unsigned char *used = realloc(pool->used, count << pool->shift);
	if (!used)
		return ERR_NOMEM;
	pool->used = used;
	if (!new_chunk(pool, &pool->chunks[pool->chunk_count]))
		return ERR_NOMEM;
	pool->chunk_count++;
	return OK;
}

enum status pool_take(struct pool *pool, void **object, uint32_t *number)
{
	uint32_t taken;
	if (pool->live >= pool->cap)
		return ERR_FULL;
	if (pool->free_head) {
		taken = pool->free_head - 1;
		memcpy(&pool->free_head, pool_at(pool, taken), sizeof pool->free_head);
	} else {
		if (pool->reach == pool->chunk_count << pool->shift) {
			const enum status status = add_chunk(pool);
			if (status != OK)
				return status;
		}
		taken = pool->reach++;
	}
	pool->used[taken] = 1;
	pool->live++;
	*number = taken;
	*object = memset(pool_at(pool, taken), 0, pool->size);
	return OK;
}

/*
 * As good as new: what a crowd has left behind goes back.  Numbers begin anew also where
 * there is but one chunk, so that two pools that are taken from together have the same.
 */
static void start_over(struct pool *pool)
{
	if (pool->chunk_count > 1)
		free_chunks(pool);
	pool->reach = 0;
	pool->free_head = 0;
}

void pool_give(struct pool *pool, uint32_t number)
{
	memcpy(pool_at(pool, number), &pool->free_head, sizeof pool->free_head);
	pool->free_head = number + 1;
	pool->used[number] = 0;
	pool->live--;
	if (pool->live == 0)
		start_over(pool);
}
