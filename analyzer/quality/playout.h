/*
 * playout.h - emulated de-jitter buffers: what a listener would have lost because it came
 * too late.  Three per stream, side by side: two of a fixed length and an adaptive one, as
 * quality.md section 6 defines them.  Given numbers, no packets.
 *
 * A packet's transit is arrival - S on a timeline that starts anew at every reset.  Its
 * offset is transit - base; base is the least transit of the running and the previous 10 s.
 * A buffer of N ms plays at base + N: whatever is further behind is late, thus discarded.
 * Differs from VoIPmonitor's buffers on purpose: those anchor on the first frame, so that
 * their result depends on that one packet's luck.
 *
 * One base serves all buffers.  A buffer that was late for 500 ms on end anchors anew, and
 * from then on has a base of its own; but two turns of the 10 s later both look at the same
 * packets again, so it needs to be kept only that long.
 */
#ifndef EARSHOT_QUALITY_PLAYOUT_H
#define EARSHOT_QUALITY_PLAYOUT_H

#include <stdint.h>

#include "analyzer/base/clock.h"

enum {
	PLAYOUT_FIXED_0,
	PLAYOUT_FIXED_1,
	PLAYOUT_ADAPTIVE,
	PLAYOUT_BUFFERS,
};

struct playout_sizes {
	double fixed_ms[PLAYOUT_ADAPTIVE];
	double least_ms, most_ms, start_ms; /* of the adaptive one */
};

/* 50 and 200 ms; 20 to 500 ms starting at 60: VoIPmonitor's f1, f2 and about its adapt. */
extern const struct playout_sizes playout_usual_sizes;

struct playout {
	double transit_ms;                /* of the latest packet; 0 at a reset */
	double least_ms, least_before_ms; /* transit in the running and the previous 10 s */
	nstime turn_at;                   /* when the running 10 s end */
	uint32_t turns;   /* of the 10 s since the reset; two at most at once */
	uint32_t packets; /* in depth_sum_ms */
	struct {
		uint32_t late_us;   /* media that came late, with nothing on time between */
		uint32_t own_until; /* turn up to which its base is its own */
	} runs[PLAYOUT_BUFFERS];
	/* The adaptive one: of the offset, and its length. */
	double mean_ms, spread_ms, depth_ms;
	double depth_sum_ms; /* over packets, also across resets */

	/* 96 bytes up to here, for every packet; these for late ones and for own bases. */
	struct {
		double base_ms;
		double least_late_ms; /* transit in the run of late packets */
	} own[PLAYOUT_BUFFERS];
};

/*
 * The next packet, which arrives at `arrival`, is the first of a new timeline: at the
 * stream's start, a segment's start, a timestamp discontinuity, a change of the clock rate.
 * The sum of lengths goes on.
 */
void playout_reset(struct playout *p, const struct playout_sizes *sizes, nstime arrival);

/*
 * Takes the next audio packet that is no duplicate, in arrival order.  `d_ms` is RFC 3550's
 * D between the packet before and this one, 0 for the first after a reset: their sum is the
 * transit, true to a nanosecond over days.  Of two stamps that run backwards, the 10 s keep
 * the later.  Returns which buffers discard the packet: bit b for buffer b.
 */
unsigned int playout_update(struct playout *p, const struct playout_sizes *sizes,
                            nstime arrival, double d_ms, double ptime_ms);

/*
 * Delay variation of the latest packet (quality.md 4.7): its offset from the common base,
 * which no buffer has anchored anew.  0 or more.
 */
static inline double playout_offset_ms(const struct playout *p)
{
	const double base =
	        p->least_ms < p->least_before_ms ? p->least_ms : p->least_before_ms;
	return p->transit_ms - base;
}

/* Mean length of the adaptive buffer, as each packet left it; NAN before the first. */
double playout_mean_depth_ms(const struct playout *p);

#endif
