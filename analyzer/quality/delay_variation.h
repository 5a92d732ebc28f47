/*
 * delay_variation.h - how far packets came behind the fastest ones: a histogram and its
 * percentiles (quality.md 4.7; PDV of RFC 5481).  Given numbers, no packets.
 */
#ifndef EARSHOT_QUALITY_DELAY_VARIATION_H
#define EARSHOT_QUALITY_DELAY_VARIATION_H

#include <stdint.h>

enum { DELAY_VARIATION_BINS = 13 };

/*
 * A bin holds what is above the bound before it and at most its own, as a de-jitter buffer
 * has what is equal on time.  The last one has none: it holds all above 500 ms.
 */
extern const double delay_variation_bounds_ms[DELAY_VARIATION_BINS - 1];

struct delay_variation {
	uint32_t counts[DELAY_VARIATION_BINS];
};

/* Takes what playout_offset_ms says of a packet. */
void delay_variation_update(struct delay_variation *d, double offset_ms);

/* The same as if both had been one from the start. */
void delay_variation_add(struct delay_variation *d, const struct delay_variation *other);

/*
 * The offset that `percent` of the packets do not exceed.  Inside a bin packets are taken
 * to be spread evenly, so it is interpolated between the bin's bounds; the last bin has no
 * upper one, so there it is 500 ms, which means "more than".  NAN without packets.
 */
double delay_variation_percentile_ms(const struct delay_variation *d, double percent);

#endif
