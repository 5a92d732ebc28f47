/*
 * nearest.h - the whole number next to a real one, halves away from zero, as lround() has
 * it.  Without -ffast-math that is a call for each, and an interval has dozens of them.
 */
#ifndef EARSHOT_BASE_NEAREST_H
#define EARSHOT_BASE_NEAREST_H

#include <stdint.h>

/* Of less than 2^63; a number, not NAN. */
static inline int64_t nearest(double value)
{
	const int64_t whole = (int64_t)value;
	const double rest = value - (double)whole; /* exact */
	return whole + (rest >= 0.5) - (rest <= -0.5);
}

#endif
