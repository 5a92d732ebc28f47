/*
 * watch_distinct.h - how many different things were there, in little memory: the smallest
 * hashes of them are kept (Bar-Yossef et al. 2002, "Counting Distinct Elements in a Data
 * Stream", algorithm 2).  Exact while all of them fit, within some 20 % above (twice the
 * standard error, 1 / sqrt(DISTINCT_KEPT)).
 */
#ifndef EARSHOT_TRACK_WATCH_DISTINCT_H
#define EARSHOT_TRACK_WATCH_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

enum { DISTINCT_KEPT = 128 };

struct distinct {
	uint32_t count;
	bool overflowed;
	uint32_t least[DISTINCT_KEPT]; /* rising */
};

/* `hash` is keyed: nobody may choose it. */
void distinct_add(struct distinct *d, uint64_t hash);
uint64_t distinct_count(const struct distinct *d);

#endif
