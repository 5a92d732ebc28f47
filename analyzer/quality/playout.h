/*
 * playout.h - emulated de-jitter buffers: what a listener would have lost because it came
 * too late.  Three per stream, side by side: two of a fixed length and an adaptive one, as
 * quality.md section 6 defines them.  Given numbers, no packets.
 *
 * A buffer of N ms plays at base + N (quality/transit.h): whatever is further behind is
 * late, thus discarded.  Differs from VoIPmonitor's buffers on purpose: those anchor on the
 * first frame, so that their result depends on that one packet's luck.
 *
 * One base serves all buffers.  A buffer that was late for 500 ms on end anchors anew, and
 * from then on has a base of its own; but two turns of the 10 s later both look at the same
 * packets again, so it needs to be kept only that long.
 */
#ifndef EARSHOT_QUALITY_PLAYOUT_H
#define EARSHOT_QUALITY_PLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/model/limits.h"
#include "analyzer/quality/transit.h"

enum {
	PLAYOUT_FIXED_0,
	PLAYOUT_FIXED_1,
	PLAYOUT_ADAPTIVE,
	PLAYOUT_BUFFERS,
};

/*
 * What every packet changes, and beside it what matters while a buffer is unusual.  The
 * adaptive one: of the offset, and its length.
 */
struct playout_level {
	double mean_ms, spread_ms, depth_ms;
	double depth_sum_ms; /* over packets, also across resets */
};

struct playout {
	struct playout_level level;
	uint32_t packets; /* in depth_sum_ms */
	bool unusual;     /* some buffer was late just now, or has a base of its own */
};

struct playout_runs {
	struct {
		uint32_t late_us;   /* media that came late, with nothing on time between */
		uint32_t own_until; /* turn up to which its base is its own */
		double base_ms;     /* that base */
		double least_late_ms; /* transit in the run of late packets */
	} of[PLAYOUT_BUFFERS];
};

/* A new timeline begins, as in transit_reset.  The sum of lengths goes on. */
void playout_reset(struct playout *p, struct playout_runs *runs,
                   const struct playout_sizes *sizes);

/* Will a packet so far behind the base be on time in every buffer, if none is unusual? */
bool playout_is_on_time(const struct playout_level *level,
                        const struct playout_sizes *sizes, double offset_ms);
/* What playout_update would do with such a packet, but for counting it. */
void playout_next(struct playout_level *level, const struct playout_sizes *sizes,
                  double offset_ms, double ptime_ms);

/* The packet that the transit was just updated with, of so much audio. */
struct playout_packet {
	const struct transit *transit;
	const struct transit_past *past;
	double ptime_ms;
};

/* Which buffers discard that packet: bit b for buffer b. */
unsigned int playout_update(struct playout *p, struct playout_runs *runs,
                            const struct playout_sizes *sizes,
                            const struct playout_packet *packet);

/* Mean length of the adaptive buffer, as each packet left it; NAN before the first. */
double playout_mean_depth_ms(const struct playout *p);

#endif
