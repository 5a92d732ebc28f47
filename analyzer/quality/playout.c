#include "analyzer/quality/playout.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define BUCKET (10 * NS_PER_SEC)
#define SLACK_MS 0.0005 /* equal is on time, however the last bits were rounded */
#define RE_ANCHOR_US 500000
#define START_SPREAD_MS 15.0
#define WEIGHT (1.0 / 16)
#define SHRINK 0.01 /* of the packet's time: 10 ms per second */

static_assert(offsetof(struct playout, own) == 96, "what every packet touches");

const struct playout_sizes playout_usual_sizes = { { 50, 200 }, 20, 500, 60 };

void playout_reset(struct playout *p, const struct playout_sizes *sizes, nstime arrival)
{
	p->transit_ms = 0;
	p->least_ms = p->least_before_ms = INFINITY;
	p->turn_at = arrival + BUCKET;
	p->turns = 0;
	memset(p->runs, 0, sizeof p->runs);
	p->mean_ms = 0;
	p->spread_ms = START_SPREAD_MS;
	p->depth_ms = sizes->start_ms;
}

/* After a pause of 10 s or more there is no previous bucket. */
static void turn(struct playout *p, nstime arrival)
{
	const nstime over = (arrival - p->turn_at) / BUCKET;
	p->least_before_ms = over ? INFINITY : p->least_ms;
	p->least_ms = INFINITY;
	p->turn_at += (over + 1) * BUCKET;
	p->turns += over ? 2 : 1;
}

static double offset_in(struct playout *p, unsigned int buffer, double common_ms)
{
	if (__builtin_expect(p->runs[buffer].own_until <= p->turns, 1))
		return common_ms;
	double *base_ms = &p->own[buffer].base_ms;
	if (p->transit_ms < *base_ms)
		*base_ms = p->transit_ms;
	return p->transit_ms - *base_ms;
}

/* Bounded, so that the sum cannot wrap, whatever a sender makes of its packet time. */
static uint32_t media_us(double ptime_ms)
{
	return (uint32_t)lround(fmin(ptime_ms * 1000, RE_ANCHOR_US));
}

static void note_late(struct playout *p, unsigned int buffer, double ptime_ms)
{
	double *least_ms = &p->own[buffer].least_late_ms;
	if (p->runs[buffer].late_us == 0 || p->transit_ms < *least_ms)
		*least_ms = p->transit_ms;
	p->runs[buffer].late_us += media_us(ptime_ms);
	if (p->runs[buffer].late_us >= RE_ANCHOR_US) {
		p->runs[buffer].late_us = 0;
		p->runs[buffer].own_until = p->turns + 2;
		p->own[buffer].base_ms = *least_ms;
	}
}

static bool is_late(struct playout *p, unsigned int buffer, double behind_ms,
                    double ptime_ms)
{
	if (__builtin_expect(behind_ms > SLACK_MS, 0)) {
		note_late(p, buffer, ptime_ms);
		return true;
	}
	p->runs[buffer].late_us = 0;
	return false;
}

static double limit(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

static bool adapt(struct playout *p, const struct playout_sizes *sizes, double offset_ms,
                  double ptime_ms)
{
	p->spread_ms += (fabs(offset_ms - p->mean_ms) - p->spread_ms) * WEIGHT;
	p->mean_ms += (offset_ms - p->mean_ms) * WEIGHT;
	const bool late = is_late(p, PLAYOUT_ADAPTIVE, offset_ms - p->depth_ms, ptime_ms);
	if (late) {
		p->depth_ms = fmin(sizes->most_ms, offset_ms + ptime_ms);
	} else {
		const double target_ms = limit(p->mean_ms + 4 * p->spread_ms,
		                               sizes->least_ms, sizes->most_ms);
		p->depth_ms = limit(target_ms, p->depth_ms - ptime_ms * SHRINK,
		                    p->depth_ms + ptime_ms);
	}
	p->depth_sum_ms += p->depth_ms;
	p->packets++;
	return late;
}

unsigned int playout_update(struct playout *p, const struct playout_sizes *sizes,
                            nstime arrival, double d_ms, double ptime_ms)
{
	p->transit_ms += d_ms;
	if (__builtin_expect(arrival >= p->turn_at, 0))
		turn(p, arrival);
	if (p->transit_ms < p->least_ms)
		p->least_ms = p->transit_ms;

	const double common_ms = playout_offset_ms(p);
	unsigned int late = 0;
	for (unsigned int b = 0; b < PLAYOUT_ADAPTIVE; b++) {
		const double behind_ms = offset_in(p, b, common_ms) - sizes->fixed_ms[b];
		late |= (unsigned int)is_late(p, b, behind_ms, ptime_ms) << b;
	}
	const double offset_ms = offset_in(p, PLAYOUT_ADAPTIVE, common_ms);
	late |= (unsigned int)adapt(p, sizes, offset_ms, ptime_ms) << PLAYOUT_ADAPTIVE;
	return late;
}

double playout_mean_depth_ms(const struct playout *p)
{
	return p->packets ? p->depth_sum_ms / p->packets : NAN;
}
