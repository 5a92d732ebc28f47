#include "analyzer/track/finals.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

enum status finals_add(struct finals *finals, struct final what)
{
	if (finals->count == finals->room) {
		const size_t room = finals->room ? finals->room * 2 : FIRST_ROOM;
		struct final *list = realloc(finals->list, 2 * room * sizeof *list);
		if (!list)
			return ERR_NOMEM;
		finals->list = list;
		finals->room = room;
	}
	finals->list[finals->count++] = what;
	return OK;
}

static inline bool is_before(const struct final *a, const struct final *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	if (a->id != b->id)
		return a->id < b->id;
	return a->number < b->number;
}

enum { RUN = 8 };

static void sort_run(struct final *list, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const struct final one = list[i];
		size_t at = i;
		for (; at > 0 && is_before(&one, &list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = one;
	}
}

/* Of two ordered parts, one behind the other, one. */
static void merge(const struct final *from, size_t middle, size_t count, struct final *to)
{
	const struct final *a = from, *b = from + middle;
	const struct final *const a_end = b, *const b_end = from + count;
	while (a < a_end && b < b_end) {
		const bool second = is_before(b, a);
		*to++ = *(second ? b : a);
		a += !second;
		b += second;
	}
	memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
	memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

void finals_sort(struct finals *finals, size_t from)
{
	const size_t count = finals->count - from;
	struct final *list = finals->list + from;
	struct final *other = finals->list + finals->room + from;
	for (size_t i = 0; i < count; i += RUN)
		sort_run(list + i, least(RUN, count - i));
	for (size_t run = RUN; run < count; run *= 2) {
		for (size_t i = 0; i < count; i += 2 * run) {
			const size_t left = count - i;
			merge(list + i, least(run, left), least(2 * run, left), other + i);
		}
		struct final *sorted = other;
		other = list;
		list = sorted;
	}
	if (list != finals->list + from)
		memcpy(finals->list + from, list, count * sizeof *list);
}

void finals_free(struct finals *finals)
{
	free(finals->list);
	*finals = (struct finals){ 0 };
}
