#include "analyzer/track/deadlines.h"

#include <stdlib.h>

enum { FIRST_ROOM = 256 };

void deadlines_free(struct deadlines *deadlines)
{
	free(deadlines->heap);
	*deadlines = (struct deadlines){ 0 };
}

static void put(struct deadlines *d, size_t position, struct deadline_entry entry)
{
	d->heap[position] = entry;
	entry.deadline->position = (uint32_t)position;
}

static void sift_up(struct deadlines *d, size_t position, struct deadline_entry entry)
{
	for (; position > 1 && d->heap[position / 2].at > entry.at; position /= 2)
		put(d, position, d->heap[position / 2]);
	put(d, position, entry);
}

static void sift_down(struct deadlines *d, size_t position, struct deadline_entry entry)
{
	for (;;) {
		size_t child = position * 2;
		if (child > d->count)
			break;
		if (child < d->count && d->heap[child + 1].at < d->heap[child].at)
			child++;
		if (d->heap[child].at >= entry.at)
			break;
		put(d, position, d->heap[child]);
		position = child;
	}
	put(d, position, entry);
}

static enum status make_room(struct deadlines *d)
{
	if (d->count + 1 < d->room)
		return OK;
	const size_t room = d->room ? d->room * 2 : FIRST_ROOM;
	struct deadline_entry *heap = realloc(d->heap, room * sizeof *heap);
	if (!heap)
		return ERR_NOMEM;
	d->heap = heap;
	d->room = room;
	return OK;
}

/* Puts it where its time belongs, beginning at the hole `position`. */
static void settle(struct deadlines *d, size_t position, struct deadline_entry entry)
{
	if (position > 1 && d->heap[position / 2].at > entry.at)
		sift_up(d, position, entry);
	else
		sift_down(d, position, entry);
}

enum status deadline_set(struct deadlines *deadlines, struct deadline *deadline, nstime at)
{
	const size_t position = deadline->position;
	if (position == 0 && make_room(deadlines) != OK)
		return ERR_NOMEM;
	deadline->at = at;
	settle(deadlines, position ? position : ++deadlines->count,
	       (struct deadline_entry){ at, deadline });
	return OK;
}

void deadline_clear(struct deadlines *deadlines, struct deadline *deadline)
{
	const size_t position = deadline->position;
	if (position == 0)
		return;
	deadline->position = 0;
	const struct deadline_entry last = deadlines->heap[deadlines->count--];
	if (last.deadline != deadline)
		settle(deadlines, position, last);
}

struct deadline *deadlines_pop(struct deadlines *deadlines, nstime now)
{
	if (deadlines_next(deadlines) > now)
		return NULL;
	struct deadline *first = deadlines->heap[1].deadline;
	deadline_clear(deadlines, first);
	return first;
}
