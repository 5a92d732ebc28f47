/*
 * clock.h - time as the packets tell it.  `nstime` counts nanoseconds since
 * 1970-01-01 UTC and is the only time in the analyzer; nothing here asks a clock.
 */
#ifndef EARSHOT_BASE_CLOCK_H
#define EARSHOT_BASE_CLOCK_H

#include <stdint.h>

typedef int64_t nstime;

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_SEC INT64_C(1000000000)
#define NSTIME_NONE INT64_MIN  /* not known, never happened */
#define NSTIME_NEVER INT64_MAX /* a deadline that does not come */

/* Whole ones, rounded down, before 1970, too. */
static inline int64_t ns_to_us(nstime t)
{
	return t / NS_PER_US - (t % NS_PER_US < 0);
}

static inline double ns_to_ms(nstime t)
{
	return (double)t * 1e-6; /* on the path of every packet: no division */
}

static inline double ns_to_s(nstime t)
{
	return (double)t / (double)NS_PER_SEC;
}

#endif
