/*
 * steady_clock.h - the time of day as it was when the engine began, going on evenly: for
 * what a call's length and every timer come from must not move when somebody sets the clock
 * of the machine.  Small corrections are followed.  A clock that was set by more is not,
 * for as long as this engine lives: it shows in steady_clock_is_off, and the next one
 * begins with the right time.
 */
#ifndef EARSHOT_PROBE_STEADY_CLOCK_H
#define EARSHOT_PROBE_STEADY_CLOCK_H

#include <stdatomic.h>
#include <stdbool.h>

#include "analyzer/base/clock.h"

struct steady_clock {
	_Atomic nstime offset; /* to the monotonic clock */
	/* The looker's own. */
	nstime ahead; /* the wall clock, as it was set; 0 = it is right */
	nstime since; /* monotonic; that it is so */
	uint64_t jumps;
};

void steady_clock_init(struct steady_clock *clock);

/* Any thread's. */
nstime steady_clock_now(const struct steady_clock *clock);
/* That moment of the wall clock, which is about now: one before it was set, or behind. */
nstime steady_clock_of(const struct steady_clock *clock, nstime wall, nstime now);

/* Now; has the wall clock been set?  Of one thread. */
nstime steady_clock_look(struct steady_clock *clock);
/* It was, and is so for that long; monotonic lengths. */
bool steady_clock_is_off(const struct steady_clock *clock, nstime longer_than);

#endif
