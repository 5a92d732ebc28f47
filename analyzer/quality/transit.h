/*
 * transit.h - how long packets were on their way, as far as one clock can tell: the lower
 * envelope of the transit times, from which delay variation and de-jitter buffers are
 * measured (quality.md 4.7, 6.1), and the skew of the sender's clock against the capture's
 * (4.8).  Given numbers, no packets.
 *
 * A packet's transit is arrival - S on a timeline that starts anew at every reset; only its
 * changes mean anything.  Its offset is transit - base; base is the least transit of the
 * running and the previous 10 s.
 *
 * Queues only ever add to a transit, so the least one in every 5 s shows the bare path; its
 * drift is that of the clocks.  A line is fitted through those minima by least squares,
 * each at the time it arrived.  It takes six full buckets; the last one need not be full.
 */
#ifndef EARSHOT_QUALITY_TRANSIT_H
#define EARSHOT_QUALITY_TRANSIT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/clock.h"

/* Least squares through the 5 s minima of one timeline, and the best one before it. */
struct skew {
	uint32_t points;
	uint32_t best_points;                /* of the longest timeline before this one */
	double sum_x, sum_y, sum_xx, sum_xy; /* x in s from the start, y in ms */
	double sum_yy;
	float best_ppm, best_error_ms; /* see struct transit_line */
};

/* What every packet may change, and beside it what only every 5 s do. */
struct transit_level {
	double ms; /* of the latest packet; 0 at a reset */
	double base_ms;
	double least_ms; /* in the running 5 s */
};

struct transit {
	struct transit_level level;
	nstime turn_at; /* when they end */
};

struct transit_past {
	nstime least_at;
	nstime start; /* of the timeline */
	double ten_ms,
	        ten_before_ms; /* in the whole 5 s of the running 10; in the last 10 */
	uint32_t turns;        /* of the 10 s since the reset; two at most at once */
	struct skew skew;
};

/*
 * The next packet, which arrives at `arrival`, is the first of a new timeline: at the
 * stream's start, a segment's start, a timestamp discontinuity, a change of the clock rate.
 */
void transit_reset(struct transit *t, struct transit_past *past, nstime arrival);

/* The running 5 s are over at `arrival`. */
void transit_turn(struct transit *t, struct transit_past *past, nstime arrival);

/* Is the latest packet the fastest of the running 5 s?  Then it is the least. */
static inline bool transit_lower(struct transit_level *level)
{
	if (__builtin_expect(level->ms >= level->least_ms, 1))
		return false;
	level->least_ms = level->ms;
	if (level->ms < level->base_ms)
		level->base_ms = level->ms;
	return true;
}

/*
 * Takes the next audio packet that is no duplicate, in arrival order.  `d_ms` is RFC 3550's
 * D between the packet before and this one, 0 for the first after a reset: their sum is the
 * transit, true to a nanosecond over days.  A stamp that goes back opens no bucket again.
 */
static inline void transit_update(struct transit *t, struct transit_past *past,
                                  nstime arrival, double d_ms)
{
	t->level.ms += d_ms;
	if (__builtin_expect(arrival >= t->turn_at, 0))
		transit_turn(t, past, arrival);
	if (transit_lower(&t->level))
		past->least_at = arrival;
}

/* Delay variation of the latest packet (PDV of RFC 5481); 0 or more. */
static inline double transit_offset_ms(const struct transit_level *level)
{
	return level->ms - level->base_ms;
}

struct transit_line {
	double ppm;      /* positive: the sender's clock is slower than the capture's */
	double error_ms; /* how far the minima are from the line, root of mean square: a
	                  * clock that jumped once fits none */
};

/*
 * Of several timelines, that of the one with most buckets, of equals the first.  NAN where
 * none has 6, so 30 s.  Over 200 is worth a warning; over 1000 the clock rate is probably
 * not what it is said to be.
 */
struct transit_line transit_skew(const struct transit *t, const struct transit_past *past);

#endif
