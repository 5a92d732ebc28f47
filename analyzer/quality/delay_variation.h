/*
 * delay_variation.h - how far packets came behind the fastest ones: a histogram and its
 * percentiles (quality.md 4.7; PDV of RFC 5481).  Given numbers, no packets.
 */
#ifndef EARSHOT_QUALITY_DELAY_VARIATION_H
#define EARSHOT_QUALITY_DELAY_VARIATION_H

#include <stdbool.h>
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

/* A packet that is behind the first bound by that much. */
void delay_variation_add_late(struct delay_variation *d, double offset_ms);

#define DELAY_VARIATION_FIRST_MS 5
#define DELAY_VARIATION_SLACK_MS 0.0005 /* as in a de-jitter buffer: equal is equal */

static inline bool delay_variation_is_prompt(double offset_ms)
{
	return offset_ms <= DELAY_VARIATION_FIRST_MS + DELAY_VARIATION_SLACK_MS;
}

/* Takes what transit_offset_ms says of a packet. */
static inline void delay_variation_update(struct delay_variation *d, double offset_ms)
{
	if (delay_variation_is_prompt(offset_ms))
		d->counts[0]++;
	else
		delay_variation_add_late(d, offset_ms);
}

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
