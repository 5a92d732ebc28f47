/*
 * skew.h - how much slower the sender's clock runs than that of the capture, from the lower
 * envelope of the transit times (quality.md 4.8).  Given numbers, no packets.
 *
 * Queues only ever add to a transit, so the least one in every 5 s shows the bare path; its
 * drift is that of the clocks.  A line is fitted through those minima by least squares,
 * each at the time it arrived.  A bucket counts once a packet has come at or after its end:
 * few packets make a poor minimum, and the last one weighs most.
 */
#ifndef EARSHOT_QUALITY_SKEW_H
#define EARSHOT_QUALITY_SKEW_H

#include <stdint.h>

#include "analyzer/base/clock.h"

struct skew {
	nstime turn_at;  /* when the running 5 s end */
	double least_ms; /* transit in them */
	nstime least_at;
	/* All above is for every packet, what follows for every 5 s. */
	nstime start; /* of the timeline */
	uint32_t points;
	uint32_t best_points;                /* of the longest timeline before this one */
	double sum_x, sum_y, sum_xx, sum_xy; /* x in s from `start`, y in ms */
	double best_ppm;
};

/* A new timeline begins, as in playout_reset: no line is drawn across. */
void skew_reset(struct skew *s, nstime arrival);

/* The running 5 s are over at `arrival`. */
void skew_turn(struct skew *s, nstime arrival);

/* Takes the next audio packet that is no duplicate, in arrival order. */
static inline void skew_update(struct skew *s, nstime arrival, double transit_ms)
{
	if (__builtin_expect(arrival >= s->turn_at, 0))
		skew_turn(s, arrival);
	if (transit_ms < s->least_ms) {
		s->least_ms = transit_ms;
		s->least_at = arrival;
	}
}

/*
 * Positive: the sender's clock is slower than the capture's.  Of several timelines, that of
 * the one with most buckets, of equals the first.  NAN where none has 6, so 30 s.  Over 200
 * is worth a warning; over 1000 the clock rate is probably not what it is said to be.
 */
double skew_ppm(const struct skew *s);

#endif
