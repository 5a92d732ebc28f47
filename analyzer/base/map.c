#include "analyzer/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/huge_pages.h"

enum { FIRST_SLOTS = 1024, HUGE_FROM_SLOTS = 16384 };

/* Free slots on whole huge pages: of the last one a part may be left unused. */
static enum status take_huge(struct map *map, size_t slots)
{
	const size_t bytes = slots * sizeof *map->slots;
	map->slots = huge_pages_take(bytes + -bytes % HUGE_PAGE_BYTES, &map->allocation);
	if (!map->slots)
		return ERR_NOMEM;
	memset(map->slots, 0, bytes);
	return OK;
}

static enum status take_slots(struct map *map, size_t slots)
{
	map->mask = (uint32_t)(slots - 1);
	if (map->hot && slots >= HUGE_FROM_SLOTS)
		return take_huge(map, slots);
	map->slots = map->allocation = calloc(slots, sizeof *map->slots);
	return map->slots ? OK : ERR_NOMEM;
}

enum status map_init(struct map *map)
{
	*map = (struct map){ 0 };
	return take_slots(map, FIRST_SLOTS);
}

enum status map_init_hot(struct map *map)
{
	*map = (struct map){ .hot = true };
	return take_slots(map, FIRST_SLOTS);
}

void map_free(struct map *map)
{
	free(map->allocation);
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
	const struct map old = *map;
	struct map wider = old;
	const size_t slots = ((size_t)old.mask + 1) * 2;
	if (slots > UINT32_C(1) << 31)
		return ERR_FULL;
	if (take_slots(&wider, slots) != OK)
		return ERR_NOMEM;
	*map = wider;
	for (size_t i = 0; i <= old.mask; i++)
		if (old.slots[i].number)
			place(map, old.slots[i]);
	free(old.allocation);
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
