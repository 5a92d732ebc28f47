#include "analyzer/base/map.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

enum status map_init(struct map *map)
{
	map->slots = calloc(FIRST_SLOTS, sizeof *map->slots);
	map->mask = FIRST_SLOTS - 1;
	map->used = 0;
	return map->slots ? OK : ERR_NOMEM;
}

void map_free(struct map *map)
{
	free(map->slots);
	*map = (struct map){ 0 };
}

static void place(struct map *map, struct map_slot slot)
{
	uint32_t at = slot.hash & map->mask;
	while (map->slots[at].number)
		at = (at + 1) & map->mask;
	map->slots[at] = slot;
}

static enum status grow(struct map *map)
{
	const uint32_t old_mask = map->mask;
	struct map_slot *old = map->slots;
	const size_t slots = ((size_t)old_mask + 1) * 2;
	if (slots > UINT32_C(1) << 31)
		return ERR_FULL;
	struct map_slot *wider = calloc(slots, sizeof *wider);
	if (!wider)
		return ERR_NOMEM;
	map->slots = wider;
	map->mask = (uint32_t)(slots - 1);
	for (size_t i = 0; i <= old_mask; i++)
		if (old[i].number)
			place(map, old[i]);
	free(old);
	return OK;
}

enum status map_insert(struct map *map, uint64_t hash, uint32_t number)
{
	if (map->used >= map->mask / 4 * 3) {
		const enum status status = grow(map);
		if (status != OK && map->used >= map->mask)
			return status; /* one slot must stay free: it ends every search */
	}
	place(map, (struct map_slot){ (uint32_t)(hash >> 32), number + 1 });
	map->used++;
	return OK;
}

/* Moves later entries of the run into the hole, unless that would pass their home. */
static void close_gap(struct map *map, uint32_t hole)
{
	const uint32_t mask = map->mask;
	for (uint32_t at = (hole + 1) & mask; map->slots[at].number; at = (at + 1) & mask) {
		const uint32_t home = map->slots[at].hash & mask;
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			map->slots[hole] = map->slots[at];
			hole = at;
		}
	}
	map->slots[hole].number = 0;
}

void map_remove(struct map *map, uint64_t hash, uint32_t number)
{
	const uint32_t upper = (uint32_t)(hash >> 32);
	for (uint32_t at = upper & map->mask; map->slots[at].number;
	     at = (at + 1) & map->mask)
		if (map->slots[at].number == number + 1 && map->slots[at].hash == upper) {
			close_gap(map, at);
			map->used--;
			return;
		}
}
