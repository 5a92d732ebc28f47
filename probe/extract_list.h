/*
 * extract_list.h - lists that grow, for what `earshot extract` remembers of a capture.
 */
#ifndef EARSHOT_PROBE_EXTRACT_LIST_H
#define EARSHOT_PROBE_EXTRACT_LIST_H

#include <stdint.h>
#include <stdlib.h>

/*
 * The list with room for one more than `count` items of `size` bytes, moved if need be;
 * NULL when memory ran out: the list is as it was.
 */
static inline void *extract_list_grow(void *list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return list;
	const size_t more = *room ? *room * 2 : 64;
	if (more > SIZE_MAX / size)
		return NULL;
	void *moved = realloc(list, more * size);
	if (moved)
		*room = more;
	return moved;
}

#endif
