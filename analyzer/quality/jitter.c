#include "analyzer/quality/jitter.h"

#include <math.h>

#include "analyzer/base/every_packet.h"

#define DEFAULT_PTIME_MS 20.0
#define LONGEST_PTIME_MS 60000.0
#define CLOCK_JUMP_MS 10000.0 /* no path has such a delay: a clock was set */

void jitter_restart(struct jitter *j)
{
	j->has_reference = false;
	j->step_ticks = 0;
}

double jitter_ptime_ms(const struct jitter *j)
{
	return jitter_has_ptime(j) ? j->step_us / 1000.0 : DEFAULT_PTIME_MS;
}

bool jitter_has_ptime(const struct jitter *j)
{
	return j->step_count > 0;
}

double jitter_mean_ms(const struct jitter *j)
{
	return j->updates ? j->level.sum_ms / j->updates : NAN;
}

double jitter_max_ms(const struct jitter *j, const struct jitter_past *past)
{
	return j->updates ? fmax(j->level.max_ms, past->max_before_ms) : NAN;
}

/* The most frequent step of the interval that ends now, ties to the smaller. */
static double interval_ptime_ms(const struct jitter *j, struct jitter_past *past)
{
	uint32_t most = 0;
	uint32_t step_us = 0;
	past->votes[j->best_vote].count = j->step_count;
	for (unsigned int i = 0; i < PTIME_VOTES; i++) {
		const uint32_t count = past->votes[i].count - past->votes[i].before;
		if (count > most || (count == most && past->votes[i].step_us < step_us)) {
			most = count;
			step_us = past->votes[i].step_us;
		}
		past->votes[i].before = past->votes[i].count;
	}
	return most ? step_us / 1000.0 : NAN;
}

struct jitter_interval jitter_close_interval(struct jitter *j, struct jitter_past *past)
{
	const uint32_t updates = j->updates - past->updates_before;
	struct jitter_interval interval = { NAN, NAN, NAN, interval_ptime_ms(j, past) };
	if (updates) {
		interval.last_ms = j->level.last_ms;
		interval.mean_ms = (j->level.sum_ms - past->sum_before_ms) / updates;
		interval.max_ms = j->level.max_ms;
	}
	past->max_before_ms = fmax(j->level.max_ms, past->max_before_ms);
	past->updates_before = j->updates;
	past->sum_before_ms = j->level.sum_ms;
	j->level.max_ms = 0;
	return interval;
}

/* Most frequent step, ties to the smaller.  The rarest vote makes room for a new step. */
SELDOM static void vote_for_other(struct jitter *j, struct jitter_past *past,
                                  uint32_t step_us)
{
	unsigned int at = 0;
	past->votes[j->best_vote].count = j->step_count;
	for (unsigned int i = 0; i < PTIME_VOTES; i++) {
		if (past->votes[i].step_us == step_us) {
			at = i;
			break;
		}
		if (past->votes[i].count < past->votes[at].count)
			at = i;
	}
	if (past->votes[at].step_us != step_us) {
		past->votes[at].step_us = step_us;
		past->votes[at].count = past->votes[at].before = 0;
	}
	const uint32_t count = ++past->votes[at].count;
	if (count > j->step_count || (count == j->step_count && step_us < j->step_us)) {
		j->best_vote = (uint8_t)at;
		j->step_us = step_us;
		j->step_count = count;
	}
}

static void vote_ptime(struct jitter *j, struct jitter_past *past, uint32_t step_us)
{
	if (j->step_us == step_us && j->step_count > 0)
		j->step_count++;
	else
		vote_for_other(j, past, step_us);
}

/* A source switch: the stall and the timestamp step do not belong together. */
static bool is_discontinuity(const struct jitter *j, double d_ms, double step_ms,
                             int32_t packets)
{
	if (fabs(d_ms) <= JITTER_RESYNC_MS)
		return false;
	if (fabs(d_ms) > CLOCK_JUMP_MS)
		return true; /* the capture's clock, whatever the numbers say */
	const double ptime = jitter_ptime_ms(j);
	const double due_ms = (double)packets * ptime;
	return fabs(step_ms - due_ms) > fmax(ptime, fabs(due_ms) / 2);
}

void jitter_resume(struct jitter *j, struct jitter_past *past, const struct timing *packet)
{
	if (!j->has_reference || j->clock_hz != packet->clock_hz)
		return;
	const int32_t ticks = (int32_t)(packet->timestamp - j->timestamp);
	const double step_ms = ticks * 1000.0 / packet->clock_hz;
	if (fabs(ns_to_ms(packet->arrival - j->arrival) - step_ms) <= JITTER_RESYNC_MS)
		return;
	past->resyncs++;
	jitter_restart(j);
}

EVERY_PACKET void jitter_next(struct jitter_level *level, double d_ms)
{
	level->last_ms += (fabs(d_ms) - level->last_ms) / 16;
	level->sum_ms += level->last_ms;
	if (level->last_ms > level->max_ms)
		level->max_ms = level->last_ms;
}

void jitter_ran(struct jitter *j, uint32_t packets, nstime arrival)
{
	j->arrival = arrival;
	j->extended += packets;
	j->timestamp += packets * j->step_ticks;
	j->step_count += packets;
	j->updates += packets;
}

struct jitter_step jitter_update(struct jitter *j, struct jitter_past *past,
                                 const struct timing *packet)
{
	const bool comparable = j->has_reference && j->clock_hz == packet->clock_hz;
	const bool same_type = j->payload_type == packet->payload_type;
	const int32_t step_ticks = (int32_t)(packet->timestamp - j->timestamp);
	const nstime gap = packet->arrival - j->arrival;
	const int32_t packets = (int32_t)((uint32_t)packet->extended - j->extended);
	const uint32_t usual_ticks = comparable && same_type ? j->step_ticks : 0;
	j->arrival = packet->arrival;
	j->extended = (uint32_t)packet->extended;
	j->timestamp = packet->timestamp;
	j->clock_hz = packet->clock_hz;
	j->payload_type = packet->payload_type;
	j->has_reference = true;
	j->step_ticks = 0;
	if (!comparable)
		return (struct jitter_step){ .restart = true };

	/* What most streams have is exact without a division, which takes long. */
	const double step_ms = __builtin_expect(packet->clock_hz == 8000, 1)
	                               ? step_ticks * 0.125
	                               : step_ticks * 1000.0 / packet->clock_hz;
	const double d_ms = ns_to_ms(gap) - step_ms;
	if (is_discontinuity(j, d_ms, step_ms, packets)) {
		past->resyncs++;
		return (struct jitter_step){ .restart = true };
	}
	if (packets != 1) {
		j->step_ticks = usual_ticks;
	} else if (step_ticks > 0 && step_ms < LONGEST_PTIME_MS && same_type) {
		vote_ptime(j, past, (uint32_t)(step_ms * 1000.0 + 0.5));
		if (step_ms == jitter_ptime_ms(j))
			j->step_ticks = (uint32_t)step_ticks;
	}
	jitter_next(&j->level, d_ms);
	j->updates++;
	return (struct jitter_step){ .d_ms = d_ms };
}

void delta_restart(struct delta *d)
{
	d->has_previous = false;
}

void delta_update(struct delta *d, struct delta_past *past, const struct timing *packet,
                  bool marker, bool counts)
{
	const int32_t step = (int32_t)((uint32_t)packet->extended - d->extended);
	const bool in_order =
	        d->has_previous && d->payload_type == packet->payload_type && step > 0;
	const nstime gap = packet->arrival - d->arrival;
	const double ms = ns_to_ms(gap);
	if (__builtin_expect(!in_order || !counts || ms <= -CLOCK_JUMP_MS, 0)) {
		past->others++;
		past->marked += marker;
	} else if (__builtin_expect(marker, 0)) {
		past->marked++;
		past->marked_count++;
		past->marked_sum_ms += ms;
		past->marked_max_ms = fmax(ms, past->marked_max_ms);
	} else {
		d->count++;
		d->sum += gap;
		d->max_ms = ms > d->max_ms ? ms : d->max_ms;
	}
	d->arrival = packet->arrival;
	d->extended = (uint32_t)packet->extended;
	d->payload_type = packet->payload_type;
	d->has_previous = true;
}

void delta_ran(struct delta *d, uint32_t packets, nstime arrival)
{
	d->sum += arrival - d->arrival;
	d->arrival = arrival;
	d->extended += packets;
	d->count += packets;
}

static bool mostly_marked(const struct delta *d, const struct delta_past *past)
{
	const uint32_t packets = d->count + past->marked_count + past->others;
	return past->marked_count && past->marked > packets / 2;
}

double delta_max_ms(const struct delta *d, const struct delta_past *past)
{
	const double max_ms = fmax(d->max_ms, past->max_before_ms);
	if (mostly_marked(d, past))
		return fmax(max_ms, past->marked_max_ms);
	return d->count ? max_ms : NAN;
}

double delta_mean_ms(const struct delta *d, const struct delta_past *past)
{
	if (mostly_marked(d, past))
		return (ns_to_ms(d->sum) + past->marked_sum_ms) /
		       (d->count + past->marked_count);
	return d->count ? ns_to_ms(d->sum) / d->count : NAN;
}

double delta_close_interval(struct delta *d, struct delta_past *past)
{
	const double max_ms = d->max_ms;
	past->max_before_ms = fmax(max_ms, past->max_before_ms);
	d->max_ms = 0;
	return max_ms;
}
