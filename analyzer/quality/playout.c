#include "analyzer/quality/playout.h"

#include <math.h>
#include <string.h>

#include "analyzer/base/every_packet.h"

#define SLACK_MS 0.0005 /* equal is on time, however the last bits were rounded */
#define RE_ANCHOR_US 500000
#define START_SPREAD_MS 15.0
#define WEIGHT (1.0 / 16)
#define SHRINK 0.01 /* of the packet's time: 10 ms per second */

void playout_reset(struct playout *p, struct playout_runs *runs,
                   const struct playout_sizes *sizes)
{
	memset(runs, 0, sizeof *runs);
	p->unusual = false;
	p->level.mean_ms = 0;
	p->level.spread_ms = START_SPREAD_MS;
	p->level.depth_ms = sizes->start_ms;
}

static double offset_in(struct playout_runs *runs, unsigned int buffer,
                        const struct playout_packet *packet)
{
	const struct transit *t = packet->transit;
	if (runs->of[buffer].own_until <= packet->past->turns)
		return transit_offset_ms(&t->level);
	double *base_ms = &runs->of[buffer].base_ms;
	if (t->level.ms < *base_ms)
		*base_ms = t->level.ms;
	return t->level.ms - *base_ms;
}

/* Bounded, so that the sum cannot wrap, whatever a sender makes of its packet time. */
static uint32_t media_us(double ptime_ms)
{
	return (uint32_t)lround(fmin(ptime_ms * 1000, RE_ANCHOR_US));
}

static void note_late(struct playout_runs *runs, unsigned int buffer,
                      const struct playout_packet *packet)
{
	double *least_ms = &runs->of[buffer].least_late_ms;
	if (runs->of[buffer].late_us == 0 || packet->transit->level.ms < *least_ms)
		*least_ms = packet->transit->level.ms;
	runs->of[buffer].late_us += media_us(packet->ptime_ms);
	if (runs->of[buffer].late_us >= RE_ANCHOR_US) {
		runs->of[buffer].late_us = 0;
		runs->of[buffer].own_until = packet->past->turns + 2;
		runs->of[buffer].base_ms = *least_ms;
	}
}

/* Behind the end of that buffer?  Keeps its run of late packets. */
static bool is_late(struct playout_runs *runs, unsigned int buffer, double behind_ms,
                    const struct playout_packet *packet)
{
	if (behind_ms > SLACK_MS) {
		note_late(runs, buffer, packet);
		return true;
	}
	runs->of[buffer].late_us = 0;
	return false;
}

EVERY_PACKET static double limit(double value, double least, double most)
{
	return value < least ? least : value > most ? most : value;
}

EVERY_PACKET static void adapt(struct playout_level *level,
                               const struct playout_sizes *sizes, double ptime_ms)
{
	const double target_ms = limit(level->mean_ms + 4 * level->spread_ms,
	                               sizes->least_ms, sizes->most_ms);
	level->depth_ms = limit(target_ms, level->depth_ms - ptime_ms * SHRINK,
	                        level->depth_ms + ptime_ms);
}

EVERY_PACKET static void follow(struct playout_level *level, double offset_ms)
{
	level->spread_ms += (fabs(offset_ms - level->mean_ms) - level->spread_ms) * WEIGHT;
	level->mean_ms += (offset_ms - level->mean_ms) * WEIGHT;
}

/* Some buffer is late, was late, or has a base of its own. */
static unsigned int update_unusual(struct playout *p, struct playout_runs *runs,
                                   const struct playout_sizes *sizes,
                                   const struct playout_packet *packet)
{
	unsigned int late = 0;
	for (unsigned int b = 0; b < PLAYOUT_ADAPTIVE; b++) {
		const double behind_ms = offset_in(runs, b, packet) - sizes->fixed_ms[b];
		late |= (unsigned int)is_late(runs, b, behind_ms, packet) << b;
	}
	const double offset_ms = offset_in(runs, PLAYOUT_ADAPTIVE, packet);
	struct playout_level *level = &p->level;
	follow(level, offset_ms);
	const bool too_late =
	        is_late(runs, PLAYOUT_ADAPTIVE, offset_ms - level->depth_ms, packet);
	if (too_late)
		level->depth_ms = fmin(sizes->most_ms, offset_ms + packet->ptime_ms);
	else
		adapt(level, sizes, packet->ptime_ms);
	level->depth_sum_ms += level->depth_ms;
	late |= (unsigned int)too_late << PLAYOUT_ADAPTIVE;

	p->unusual = false;
	for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++)
		p->unusual |= runs->of[b].late_us > 0 ||
		              runs->of[b].own_until > packet->past->turns;
	return late;
}

EVERY_PACKET bool playout_is_on_time(const struct playout_level *level,
                                     const struct playout_sizes *sizes, double offset_ms)
{
	const double first_ms = sizes->fixed_ms[0];
	const double room_ms = first_ms < level->depth_ms ? first_ms : level->depth_ms;
	return offset_ms <= room_ms + SLACK_MS;
}

EVERY_PACKET void playout_next(struct playout_level *level,
                               const struct playout_sizes *sizes, double offset_ms,
                               double ptime_ms)
{
	follow(level, offset_ms);
	adapt(level, sizes, ptime_ms);
	level->depth_sum_ms += level->depth_ms;
}

unsigned int playout_update(struct playout *p, struct playout_runs *runs,
                            const struct playout_sizes *sizes,
                            const struct playout_packet *packet)
{
	const double offset_ms = transit_offset_ms(&packet->transit->level);
	p->packets++;
	if (p->unusual || !playout_is_on_time(&p->level, sizes, offset_ms))
		return update_unusual(p, runs, sizes, packet);
	playout_next(&p->level, sizes, offset_ms, packet->ptime_ms);
	return 0;
}

double playout_mean_depth_ms(const struct playout *p)
{
	return p->packets ? p->level.depth_sum_ms / p->packets : NAN;
}
