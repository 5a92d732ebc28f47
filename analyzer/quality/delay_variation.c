#include "analyzer/quality/delay_variation.h"

#include <math.h>

#include "analyzer/base/every_packet.h"

#define SLACK_MS 0.0005 /* as in a de-jitter buffer: equal is equal despite rounding */

const double delay_variation_bounds_ms[DELAY_VARIATION_BINS - 1] = {
	5, 10, 20, 30, 50, 70, 90, 120, 150, 200, 300, 500,
};

void delay_variation_settle(struct delay_variation *d, struct delay_variation_near *near)
{
	for (unsigned int bin = 0; bin < DELAY_VARIATION_NEAR; bin++) {
		d->counts[bin] += near->counts[bin];
		near->counts[bin] = 0;
	}
}

uint32_t delay_variation_room(const struct delay_variation_near *near)
{
	uint16_t most = 0;
	for (unsigned int bin = 0; bin < DELAY_VARIATION_NEAR; bin++)
		most = near->counts[bin] > most ? near->counts[bin] : most;
	return UINT16_MAX - 1u - most;
}

EVERY_PACKET unsigned int delay_variation_bin(double offset_ms)
{
	unsigned int bin = 0;
	while (bin < DELAY_VARIATION_BINS - 1 &&
	       offset_ms > delay_variation_bounds_ms[bin] + SLACK_MS)
		bin++;
	return bin;
}

void delay_variation_update(struct delay_variation *d, struct delay_variation_near *near,
                            double offset_ms)
{
	const unsigned int bin = delay_variation_bin(offset_ms);
	if (__builtin_expect(bin >= DELAY_VARIATION_NEAR, 0))
		d->counts[bin]++;
	else if (__builtin_expect(++near->counts[bin] == UINT16_MAX, 0))
		delay_variation_settle(d, near);
}

void delay_variation_since(const struct delay_variation *d,
                           const struct delay_variation *before,
                           struct delay_variation *out)
{
	for (unsigned int bin = 0; bin < DELAY_VARIATION_BINS; bin++)
		out->counts[bin] = d->counts[bin] - before->counts[bin];
}

double delay_variation_percentile_ms(const struct delay_variation *d, double percent)
{
	uint64_t total = 0;
	for (unsigned int bin = 0; bin < DELAY_VARIATION_BINS; bin++)
		total += d->counts[bin];
	if (total == 0)
		return NAN;

	const double rank = (double)total * percent / 100;
	double below = 0;
	double lower_ms = 0;
	for (unsigned int bin = 0; bin < DELAY_VARIATION_BINS - 1; bin++) {
		const double upper_ms = delay_variation_bounds_ms[bin];
		const double count = d->counts[bin];
		if (count > 0 && below + count >= rank)
			return lower_ms + (upper_ms - lower_ms) * (rank - below) / count;
		below += count;
		lower_ms = upper_ms;
	}
	return lower_ms;
}
