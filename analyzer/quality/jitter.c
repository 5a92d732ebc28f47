#include "analyzer/quality/jitter.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define DEFAULT_PTIME_MS 20.0
#define RESYNC_MS 200.0 /* quality.md 4.4 */
#define LONGEST_PTIME_MS 60000.0
#define CLOCK_JUMP_MS 10000.0 /* hardening.md section 4, rule 10 */

static_assert(offsetof(struct jitter, resyncs) == 64, "what every packet touches");

void jitter_restart(struct jitter *j)
{
	j->has_reference = false;
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
	return j->updates ? j->sum_ms / j->updates : NAN;
}

double jitter_max_ms(const struct jitter *j)
{
	return j->updates ? fmax(j->max_ms, j->max_before_ms) : NAN;
}

/* The most frequent step of the interval that ends now, ties to the smaller. */
static double interval_ptime_ms(struct jitter *j)
{
	uint32_t most = 0;
	uint32_t step_us = 0;
	j->votes[j->best_vote].count = j->step_count;
	for (unsigned int i = 0; i < PTIME_VOTES; i++) {
		const uint32_t count = j->votes[i].count - j->votes[i].before;
		if (count > most || (count == most && j->votes[i].step_us < step_us)) {
			most = count;
			step_us = j->votes[i].step_us;
		}
		j->votes[i].before = j->votes[i].count;
	}
	return most ? step_us / 1000.0 : NAN;
}

struct jitter_interval jitter_close_interval(struct jitter *j)
{
	const uint32_t updates = j->updates - j->updates_before;
	struct jitter_interval interval = { NAN, NAN, NAN, interval_ptime_ms(j) };
	if (updates) {
		interval.last_ms = j->last_ms;
		interval.mean_ms = (j->sum_ms - j->sum_before_ms) / updates;
		interval.max_ms = j->max_ms;
	}
	j->max_before_ms = fmax(j->max_ms, j->max_before_ms);
	j->max_ms = 0;
	j->updates_before = j->updates;
	j->sum_before_ms = j->sum_ms;
	return interval;
}

/* Most frequent step, ties to the smaller.  The rarest vote makes room for a new step. */
static void vote_for_other(struct jitter *j, uint32_t step_us)
{
	unsigned int at = 0;
	j->votes[j->best_vote].count = j->step_count;
	for (unsigned int i = 0; i < PTIME_VOTES; i++) {
		if (j->votes[i].step_us == step_us) {
			at = i;
			break;
		}
		if (j->votes[i].count < j->votes[at].count)
			at = i;
	}
	if (j->votes[at].step_us != step_us) {
		j->votes[at].step_us = step_us;
		j->votes[at].count = j->votes[at].before = 0;
	}
	const uint32_t count = ++j->votes[at].count;
	if (count > j->step_count || (count == j->step_count && step_us < j->step_us)) {
		j->best_vote = (uint8_t)at;
		j->step_us = step_us;
		j->step_count = count;
	}
}

static void vote_ptime(struct jitter *j, uint32_t step_us)
{
	if (j->step_us == step_us && j->step_count > 0)
		j->step_count++;
	else
		vote_for_other(j, step_us);
}

/* A source switch: the stall and the timestamp step do not belong together. */
static bool is_discontinuity(const struct jitter *j, double d_ms, double step_ms,
                             int64_t packets)
{
	if (fabs(d_ms) <= RESYNC_MS)
		return false;
	if (fabs(d_ms) > CLOCK_JUMP_MS)
		return true; /* the capture's clock, whatever the numbers say */
	const double ptime = jitter_ptime_ms(j);
	const double due_ms = (double)packets * ptime;
	return fabs(step_ms - due_ms) > fmax(ptime, fabs(due_ms) / 2);
}

struct jitter_step jitter_update(struct jitter *j, const struct timing *packet)
{
	const bool comparable = j->has_reference && j->clock_hz == packet->clock_hz;
	const bool same_type = j->payload_type == packet->payload_type;
	const int32_t step_ticks = (int32_t)(packet->timestamp - j->timestamp);
	const nstime gap = packet->arrival - j->arrival;
	const int64_t packets = packet->extended - j->extended;
	j->arrival = packet->arrival;
	j->extended = packet->extended;
	j->timestamp = packet->timestamp;
	j->clock_hz = packet->clock_hz;
	j->payload_type = packet->payload_type;
	j->has_reference = true;
	if (!comparable)
		return (struct jitter_step){ .restart = true };

	const double step_ms = step_ticks * 1000.0 / packet->clock_hz;
	const double d_ms = ns_to_ms(gap) - step_ms;
	if (is_discontinuity(j, d_ms, step_ms, packets)) {
		j->resyncs++;
		return (struct jitter_step){ .restart = true };
	}
	if (packets == 1 && step_ticks > 0 && step_ms < LONGEST_PTIME_MS && same_type)
		vote_ptime(j, (uint32_t)(step_ms * 1000.0 + 0.5));
	j->last_ms += (fabs(d_ms) - j->last_ms) / 16;
	j->sum_ms += j->last_ms;
	j->updates++;
	if (j->last_ms > j->max_ms)
		j->max_ms = j->last_ms;
	return (struct jitter_step){ .d_ms = d_ms };
}

void delta_restart(struct delta *d)
{
	d->has_previous = false;
}

void delta_update(struct delta *d, nstime arrival, int64_t extended, uint8_t payload_type,
                  bool marker, bool counts)
{
	const bool in_order = d->has_previous && d->payload_type == payload_type &&
	                      extended > d->extended;
	d->packets++;
	d->marked += marker;
	const double ms = ns_to_ms(arrival - d->arrival);
	if (in_order && counts && ms > -CLOCK_JUMP_MS) {
		double *max_ms = marker ? &d->marked_max_ms : &d->max_ms;
		*(marker ? &d->marked_sum_ms : &d->sum_ms) += ms;
		*(marker ? &d->marked_count : &d->count) += 1;
		*max_ms = ms > *max_ms ? ms : *max_ms;
	}
	d->arrival = arrival;
	d->extended = extended;
	d->payload_type = payload_type;
	d->has_previous = true;
}

static bool mostly_marked(const struct delta *d)
{
	return d->marked > d->packets / 2;
}

double delta_max_ms(const struct delta *d)
{
	const double max_ms = fmax(d->max_ms, d->max_before_ms);
	if (mostly_marked(d) && d->marked_count)
		return fmax(max_ms, d->marked_max_ms);
	return d->count ? max_ms : NAN;
}

double delta_close_interval(struct delta *d)
{
	const double max_ms = d->max_ms;
	d->max_before_ms = fmax(max_ms, d->max_before_ms);
	d->max_ms = 0;
	return max_ms;
}

double delta_mean_ms(const struct delta *d)
{
	if (mostly_marked(d) && d->marked_count)
		return (d->sum_ms + d->marked_sum_ms) / (d->count + d->marked_count);
	return d->count ? d->sum_ms / d->count : NAN;
}
