/*
 * far_end.h - what the receiver of a stream says of it in its report blocks, beside what we
 * counted ourselves up to the same packet: RTCP as a second witness (quality.md 7.4).
 * Given numbers, no packets.
 *
 * Cumulative figures are never taken as they stand, only their growth from one report to
 * the next, so that a receiver may begin anew, when only the time between two reports is
 * left out, and we may have begun late.  What lies before the first report counts when the
 * whole of the stream was seen.
 *
 * Both witnesses are compared at one number, the highest that the report names, and to the
 * packet: sequence_lost_until leaves out what has passed us since.  Where it cannot, the
 * report is passed over; the next one holds what it said.  Not exact are two things: a
 * packet that comes to us later than the report on it stays lost in `ours`, and a receiver
 * that missed the stream's first packets does not count them.
 *
 * A receiver as RFC 3550 wants it takes a duplicate for one loss less; `copies` tells how
 * many of those passed here.
 */
#ifndef EARSHOT_QUALITY_FAR_END_H
#define EARSHOT_QUALITY_FAR_END_H

#include "analyzer/quality/sequence.h"

struct far_end_block {
	uint32_t reporter; /* its SSRC */
	uint32_t highest;  /* extended highest sequence number received */
	int32_t lost;      /* cumulative, signed 24 bit */
	uint32_t jitter_ticks;
};

/* The packets between two reports, or what lies before the first. */
struct far_end_span {
	int64_t expected, lost; /* as the receiver says: those sent, those it lacks */
	int64_t ours;           /* lost on the way to us */
	int64_t copies;         /* duplicates that passed us, the mirror's aside */
};

/* All zero is none seen. */
struct far_end {
	struct far_end_span first, later;
	int64_t high, ours; /* at the last report */
	uint64_t copies, segment;
	uint32_t reporter;
	int32_t lost;
	uint16_t cycles; /* as the reporter counts them */
	bool has_last;   /* the last report can be gone on from */
	uint32_t reports, resets;
	uint32_t jitter_reports, jitter_max;
	uint64_t jitter_sum;
};

/*
 * A report passes; `ours`, its counts and `copies` as they are now.  What is new since the
 * one before; empty when that cannot be told, and for what lies before the first.
 */
struct far_end_span far_end_take(struct far_end *far, const struct far_end_block *block,
                                 const struct sequence *ours,
                                 const struct sequence_counts *counts, uint64_t copies);

/* All that was reported on; `from_start`: the first packet that we saw was the first. */
struct far_end_span far_end_total(const struct far_end *far, bool from_start);

/* In ticks; NAN before the first report. */
double far_end_jitter_mean(const struct far_end *far);
double far_end_jitter_max(const struct far_end *far);

/*
 * Packets that we lack although the receiver does not: the capture lost them.  0 when the
 * receiver lacks as many or more, which may hide some.
 */
int64_t far_end_unconfirmed(const struct far_end_span *span);

#endif
