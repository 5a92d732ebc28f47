#include "analyzer/track/finals.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

enum status finals_add(struct finals *finals, struct final what)
{
	if (finals->count == finals->room) {
		const size_t room = finals->room ? finals->room * 2 : FIRST_ROOM;
		struct final *list = realloc(finals->list, room * sizeof *list);
		if (!list)
			return ERR_NOMEM;
		finals->list = list;
		finals->room = room;
	}
	finals->list[finals->count++] = what;
	return OK;
}

static int compare(const void *left, const void *right)
{
	const struct final *a = left;
	const struct final *b = right;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

void finals_sort(struct finals *finals, size_t from)
{
	if (finals->count > from + 1)
		qsort(finals->list + from, finals->count - from, sizeof *finals->list,
		      compare);
}

void finals_free(struct finals *finals)
{
	free(finals->list);
	*finals = (struct finals){ 0 };
}
