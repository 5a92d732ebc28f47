/*
 * coverage.h - how much of a time was covered by media, or by silence that the sender
 * announced: by comfort noise before it, or by timestamps that went on with the clock on
 * the wall.  A stream that is silent unannounced lies to every MOS, for what was never sent
 * is never lost.
 *
 * Only gaps between arrivals that are longer than coverage_is_gap says come here: few.
 */
#ifndef EARSHOT_QUALITY_COVERAGE_H
#define EARSHOT_QUALITY_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/clock.h"

#define COVERAGE_LEAST_GAP (200 * NS_PER_MS) /* longer than ten packets of most senders */

enum { COVERAGE_GAPS = 3 };

struct coverage {
	nstime uncovered;     /* sum of what gaps leave uncovered */
	nstime longest_pause; /* that was announced */
	struct {
		nstime at, length;
	} gaps[COVERAGE_GAPS]; /* the longest uncovered, longest first; length 0 = none */
};

/* Two packets that follow each other, `length` apart. */
struct coverage_gap {
	nstime at; /* arrival of the first */
	nstime length;
	nstime ticks_over; /* time since the audio packet before ... */
	uint32_t ticks;    /* ... over which the timestamp went on by so many */
	uint32_t clock_hz; /* 0 = unknown: then timestamps say nothing against the sender */
	uint32_t missing;  /* packets between them, by sequence numbers */
	double ptime_ms;   /* above 0 */
	bool comfort_noise; /* the first one was */
};

/* Is this worth a coverage_add? */
static inline bool coverage_is_gap(nstime length, double ptime_ms)
{
	return length > COVERAGE_LEAST_GAP && ns_to_ms(length) > 3 * ptime_ms;
}

void coverage_add(struct coverage *c, const struct coverage_gap *gap);

/*
 * Time within [from, to) that a stream with packets from `first` to `last` covers.  Of gaps
 * that are not among the longest each second bears its share.
 */
nstime coverage_within(const struct coverage *c, nstime first, nstime last, nstime from,
                       nstime to);

/* Percent of `wanted`, at most 100; NAN when nothing is wanted. */
double coverage_pct(nstime covered, nstime wanted);

#endif
