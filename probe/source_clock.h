/*
 * source_clock.h - may a source's time stamps be believed?  Those of a clock that is off by
 * more than 2 s from ours when they arrive, or that jumps by more than 10 s, may not: what
 * such a source tells is taken at the time of its arrival, until its clock has been right
 * for a minute.  And no stamp is taken that lies in the future: it would end calls early.
 */
#ifndef EARSHOT_PROBE_SOURCE_CLOCK_H
#define EARSHOT_PROBE_SOURCE_CLOCK_H

#include <stdbool.h>

#include "analyzer/base/clock.h"

struct source_clock {
	nstime stamp, arrival; /* the latest; of the stamp NSTIME_NONE before it */
	nstime wrong_at;       /* arrival of the latest that was wrong */
	bool begun, flagged;
	uint64_t skewed, jumps; /* stamps that were off, and that leapt */
};

/* The time to take it at.  stamp: NSTIME_NONE = it has none. */
nstime source_clock_take(struct source_clock *clock, nstime stamp, nstime arrival);

#endif
