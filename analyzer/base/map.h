/*
 * map.h - a hash index: from a 64-bit keyed hash to the small numbers of the objects that
 * carry it.  The objects live elsewhere (pool.h); the caller compares keys.
 *
 * Open addressing, linear probing, eight bytes a slot, at most 3/4 full; deletion shifts
 * back, so that there are no tombstones.  Grows by doubling; what bounds
 * it is the pool of the objects.
 */
#ifndef EARSHOT_BASE_MAP_H
#define EARSHOT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/base/fetch.h"
#include "analyzer/base/status.h"

struct map_slot {
	uint32_t hash;   /* upper half of the hash */
	uint32_t number; /* the object's number + 1; 0 = free */
};

struct map {
	struct map_slot *slots;
	uint32_t mask; /* slots - 1 */
	uint32_t used;
	void *allocation; /* owned; the slots lie in it */
	bool hot;
};

#define MAP_NONE UINT32_MAX

MUST_CHECK enum status map_init(struct map *map);
/*
 * Of one that every packet looks into: once it is large it lies on huge pages, because
 * processors drop a prefetch that misses the TLB, and then wait for the memory.
 */
MUST_CHECK enum status map_init_hot(struct map *map);
void map_free(struct map *map);

/* Two objects may carry the same hash.  ERR_NOMEM when it cannot grow. */
MUST_CHECK enum status map_insert(struct map *map, uint64_t hash, uint32_t number);
/* Removes that very entry, if it is there. */
void map_remove(struct map *map, uint64_t hash, uint32_t number);

struct map_cursor {
	uint32_t hash;
	uint32_t at;
};

/* First and next number that carries this hash, MAP_NONE past the last. */
static inline uint32_t map_next(const struct map *map, struct map_cursor *cursor)
{
	for (;;) {
		const struct map_slot slot = map->slots[cursor->at & map->mask];
		if (slot.number == 0)
			return MAP_NONE;
		cursor->at++;
		if (slot.hash == cursor->hash)
			return slot.number - 1;
	}
}

static inline struct map_cursor map_cursor_of(uint64_t hash)
{
	const uint32_t upper = (uint32_t)(hash >> 32);
	return (struct map_cursor){ .hash = upper, .at = upper };
}

EVERY_PACKET static void map_prefetch(const struct map *map, uint64_t hash)
{
	fetch_line(&map->slots[(uint32_t)(hash >> 32) & map->mask]);
}

#endif
