#include "analyzer/track/watch_distinct.h"

#include <string.h>

/* Where it is, or would have to be. */
static uint32_t place_of(const struct distinct *d, uint32_t value)
{
	uint32_t low = 0, high = d->count;
	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		if (d->least[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void distinct_add(struct distinct *d, uint64_t hash)
{
	const uint32_t value = (uint32_t)(hash >> 32);
	const uint32_t place = place_of(d, value);
	if (place < d->count && d->least[place] == value)
		return;
	if (d->count == DISTINCT_KEPT) {
		d->overflowed = true;
		if (place == DISTINCT_KEPT)
			return;
		d->count--; /* the largest goes */
	}
	memmove(&d->least[place + 1], &d->least[place],
	        (d->count - place) * sizeof d->least[0]);
	d->least[place] = value;
	d->count++;
}

uint64_t distinct_count(const struct distinct *d)
{
	if (!d->overflowed)
		return d->count;
	const double largest = (double)d->least[DISTINCT_KEPT - 1] + 1;
	return (uint64_t)((DISTINCT_KEPT - 1) * (double)(UINT64_C(1) << 32) / largest);
}
