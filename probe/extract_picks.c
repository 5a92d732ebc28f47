#include "probe/extract_picks.h"

#include "probe/extract_list.h"

void extract_picks_add(struct extract_picks *picks, const struct extract_pick *pick)
{
	void *moved = extract_list_grow(picks->list, picks->count, &picks->room,
	                                sizeof *picks->list);
	if (!moved) {
		picks->no_memory = true;
		return;
	}
	picks->list = moved;
	picks->list[picks->count++] = *pick;
}

static int by_frame(const void *left, const void *right)
{
	const struct extract_pick *a = left, *b = right;
	if (a->frame != b->frame)
		return a->frame < b->frame ? -1 : 1;
	return a->blank - b->blank;
}

void extract_picks_sort(struct extract_picks *picks)
{
	size_t kept = 0;
	if (picks->count == 0)
		return;
	qsort(picks->list, picks->count, sizeof *picks->list, by_frame);
	for (size_t i = 1; i < picks->count; i++) {
		if (picks->list[i].frame != picks->list[kept].frame)
			picks->list[++kept] = picks->list[i];
	}
	picks->count = kept + 1;
}

void extract_picks_free(struct extract_picks *picks)
{
	free(picks->list);
}
