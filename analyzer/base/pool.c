#include "analyzer/base/pool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { CACHE_LINE = 64 };

void pool_init(struct pool *pool, uint32_t size, uint32_t cap)
{
	*pool = (struct pool){ .size = size, .cap = cap };
	while ((size_t)size << (pool->shift + 1) <= POOL_CHUNK_BYTES)
		pool->shift++;
}

void pool_free(struct pool *pool)
{
	for (size_t i = 0; i < pool->chunk_count; i++)
		free(pool->chunks[i].allocation);
	free(pool->chunks);
	free(pool->used);
	*pool = (struct pool){ 0 };
}

/* Where the chunk's objects begin in memory that is twice as large: on a huge page. */
static unsigned char *huge_page_in(void *allocation)
{
	unsigned char *page = allocation;
	page += -(uintptr_t)page % POOL_CHUNK_BYTES;
	madvise(page, POOL_CHUNK_BYTES, MADV_HUGEPAGE);
	return page;
}

/*
 * One chunk's memory.  A small capture shall not pay for a whole huge page, so the first
 * chunk is none.  The kernel gives a huge page only where one fits as a whole: what lies
 * around it is never touched and costs no memory.
 */
static struct pool_chunk new_chunk(bool huge)
{
	/* calloc: memory that is new to the process is zero already. */
	void *allocation =
	        calloc(1, huge ? 2 * POOL_CHUNK_BYTES : POOL_CHUNK_BYTES + CACHE_LINE);
	unsigned char *objects = allocation;
	if (objects && huge)
		objects = huge_page_in(allocation);
	else if (objects)
		objects += -(uintptr_t)objects % CACHE_LINE;
	return (struct pool_chunk){ objects, allocation };
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
	const struct pool_chunk chunk = new_chunk(pool->huge && count > 1);
	if (!chunk.allocation)
		return ERR_NOMEM;
	pool->chunks[pool->chunk_count++] = chunk;
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
		memset(pool_at(pool, taken), 0, pool->size);
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
	*object = pool_at(pool, taken);
	return OK;
}

/* As good as new: what a crowd has left behind goes back. */
static void start_over(struct pool *pool)
{
	while (pool->chunk_count > 0)
		free(pool->chunks[--pool->chunk_count].allocation);
	pool->reach = 0;
	pool->free_head = 0;
}

void pool_give(struct pool *pool, uint32_t number)
{
	memcpy(pool_at(pool, number), &pool->free_head, sizeof pool->free_head);
	pool->free_head = number + 1;
	pool->used[number] = 0;
	pool->live--;
	if (pool->live == 0 && pool->chunk_count > 1)
		start_over(pool);
}
