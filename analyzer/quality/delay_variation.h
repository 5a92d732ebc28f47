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

/*
 * The first bins by themselves, small enough to lie with what every packet touches; they
 * are emptied into the whole before they could overflow, and when it is read.
 */
enum { DELAY_VARIATION_NEAR = 6 };

struct delay_variation_near {
	uint16_t counts[DELAY_VARIATION_NEAR];
};

void delay_variation_settle(struct delay_variation *d, struct delay_variation_near *near);

/* So many packets more have room in each of these bins. */
uint32_t delay_variation_room(const struct delay_variation_near *near);

/* The bin of what transit_offset_ms says of a packet; below DELAY_VARIATION_NEAR a near
 * one. */
unsigned int delay_variation_bin(double offset_ms);

/* Takes what transit_offset_ms says of a packet. */
void delay_variation_update(struct delay_variation *d, struct delay_variation_near *near,
                            double offset_ms);

/* What has come since `before`. */
void delay_variation_since(const struct delay_variation *d,
                           const struct delay_variation *before,
                           struct delay_variation *out);

/*
 * The offset that `percent` of the packets do not exceed.  Inside a bin packets are taken
 * to be spread evenly, so it is interpolated between the bin's bounds; the last bin has no
 * upper one, so there it is 500 ms, which means "more than".  NAN without packets.
 */
double delay_variation_percentile_ms(const struct delay_variation *d, double percent);

#endif
