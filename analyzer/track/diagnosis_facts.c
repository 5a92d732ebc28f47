/*
 * diagnosis_facts.c - what is kept of a call's legs and streams until the rules have looked
 * at them, and where they find it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/quality/delay_variation.h"
#include "analyzer/track/diagnosis.h"

static enum status get(struct diagnosis **d)
{
	if (!*d)
		*d = calloc(1, sizeof **d);
	return *d ? OK : ERR_NOMEM;
}

enum status diagnosis_note_leg(struct diagnosis **d, const struct leg_record *leg,
                               const struct leg_trace *trace)
{
	if (get(d) != OK)
		return ERR_NOMEM;
	if ((*d)->leg_count == DIAGNOSIS_LEGS)
		return OK;
	const size_t count = (*d)->leg_count + 1u;
	void *moved = realloc((*d)->legs, count * sizeof *(*d)->legs);
	if (!moved)
		return ERR_NOMEM;
	(*d)->legs = moved;
	struct diagnosis_leg *to = &(*d)->legs[(*d)->leg_count++];
	*to = (struct diagnosis_leg){
		.id = leg->id,
		.src = leg->src,
		.dst = leg->dst,
		.start = leg->start,
		.ringing = leg->ringing,
		.answered = leg->answered,
		.ended = leg->ended,
		.until = { leg->audio_forward_until, leg->audio_reverse_until },
		.fates = { leg->audio_forward, leg->audio_reverse },
		.pdd_ms = leg->pdd_ms,
		.duration_s = leg->duration_s,
		.retransmissions = leg->retransmissions,
		.flags = leg->flags,
		.state = leg->state,
		.ended_by = leg->ended_by,
		.transport = leg->transport,
		.status = (uint16_t)leg->status,
		.session_s = (uint32_t)leg->session_expires_s,
		.q850 = (uint16_t)leg->q850,
		.bye_cause = leg->cause_in == CAUSE_IN_BYE ? (uint16_t)leg->sip_cause : 0,
		.one_way = leg->one_way,
		.trace = *trace,
	};
	text_copy(to->reason, sizeof to->reason, text_from(leg->reason));
	leg_trace_end(&to->trace);
	return OK;
}

/* Mean run of losses over what chance would give (quality.md section 5). */
static double burst_ratio(const struct loss_shape *losses, double loss_pct)
{
	if (losses->runs == 0)
		return 1;
	return fmax(1, (double)losses->lost / losses->runs * (1 - loss_pct / 100));
}

/* Most streams have no losses to be kept. */
static const struct loss_shape no_losses = {
	.period_ms = NAN, .before_ms = NAN, .after_ms = NAN, .stalled = NAN, .clumping = NAN
};

/* Of the times only as many as there are: one or two, mostly. */
static const struct loss_shape *keep_losses(const struct loss_shape *losses)
{
	const size_t size = offsetof(struct loss_shape, times) +
	                    losses->time_count * sizeof losses->times[0];
	if (losses->runs == 0)
		return &no_losses;
	void *kept = malloc(size);
	if (kept)
		memcpy(kept, losses, size);
	return kept;
}

void diagnosis_drop_facts(struct diagnosis *d)
{
	for (uint8_t i = 0; i < d->stream_count; i++)
		if (d->streams[i].losses != &no_losses)
			free((struct loss_shape *)d->streams[i].losses);
	free(d->legs);
	free(d->streams);
	free(d->breaches);
	d->legs = NULL;
	d->streams = NULL;
	d->breaches = NULL;
	d->leg_count = d->stream_count = d->breach_count = 0;
}

static struct diagnosis_stream facts_of(const struct stream_record *s,
                                        const struct stream_facts *facts)
{
	return (struct diagnosis_stream){
		.id = s->id,
		.leg = s->leg,
		.src = s->src,
		.dst = s->dst,
		.ssrc = s->ssrc,
		.flags = s->flags,
		.direction = (uint8_t)s->direction,
		.codec = (uint8_t)s->codec,
		.verdict = (uint8_t)s->loss_verdict,
		.dscp = (uint8_t)s->dscp,
		.last_dscp = facts->last_dscp,
		.dscp_changes = s->dscp_changes,
		.first = s->first,
		.last = s->last,
		.packets = (double)s->packets,
		.expected = (double)s->expected,
		.lost = (double)s->lost,
		.loss_pct = s->loss_pct,
		.suspect_lost = s->suspect_lost,
		.outage_lost = (double)s->outage_lost,
		.burstr = burst_ratio(&facts->losses, s->loss_pct),
		.discarded_pct = s->ppl - s->loss_pct,
		.ptime_ms = s->ptime_ms,
		.pdv_p50_ms = s->pdv_p50_ms,
		.pdv_p95_ms = s->pdv_p95_ms,
		.pdv_p99_ms = s->pdv_p99_ms,
		.jitter_mean_ms = s->jitter_mean_ms,
		.jitter_max_ms = s->jitter_max_ms,
		.upstream = s->upstream,
		.point = facts->point,
		.held_up = diagnosis_held_up(s, fmax(20, 0.6 * facts->losses.before_ms)),
		.lost_between = s->segment_lost_between,
		.segment_delay_ms = s->segment_delay_ms,
		.skew_ppm = s->skew_ppm,
		.skew_error_ms = facts->skew_error_ms,
		.pdv_spread = diagnosis_is_spread(s),
		.lost_after = s->lost_after,
		.unconfirmed_lost = s->unconfirmed_lost,
		.far_expected = s->far_expected,
		.far_jitter_mean_ms = s->far_jitter_mean_ms,
		.audio_dtmf = s->audio_dtmf,
		.reordered = s->reordered,
		.encrypted = s->encrypted,
		.unlisted = facts->unlisted,
		.events = facts->events,
	};
}

enum status diagnosis_note_stream(struct diagnosis **d, const struct stream_record *s,
                                  const struct stream_facts *facts)
{
	if (get(d) != OK)
		return ERR_NOMEM;
	if ((*d)->stream_count == DIAGNOSIS_STREAMS)
		return OK;
	const size_t count = (*d)->stream_count + 1u;
	void *moved = realloc((*d)->streams, count * sizeof *(*d)->streams);
	if (!moved)
		return ERR_NOMEM;
	(*d)->streams = moved;
	const struct loss_shape *losses = keep_losses(&facts->losses);
	if (!losses)
		return ERR_NOMEM;
	struct diagnosis_stream *to = &(*d)->streams[(*d)->stream_count++];
	*to = facts_of(s, facts);
	to->losses = losses;
	for (uint8_t i = 0, hop = 0; i < s->legs.count && hop < DIAGNOSIS_HOPS; i++)
		if (s->legs.ids[i] != s->leg)
			to->hops[hop++] = s->legs.ids[i];
	return OK;
}

void diagnosis_free(struct diagnosis *d)
{
	if (!d)
		return;
	diagnosis_drop_facts(d);
	free(d->findings);
	free(d);
}

static bool is_of_leg(const struct diagnosis_stream *s, uint64_t leg)
{
	bool found = leg == 0 || s->leg == leg;
	for (size_t i = 0; i < DIAGNOSIS_HOPS; i++)
		found = found || s->hops[i] == leg;
	return found;
}

const struct diagnosis_stream *diagnosis_stream_of(const struct diagnosis *d, uint64_t leg,
                                                   enum direction direction)
{
	const struct diagnosis_stream *best = NULL;
	for (uint8_t i = 0; i < d->stream_count; i++) {
		const struct diagnosis_stream *s = &d->streams[i];
		if (s->direction == direction && is_of_leg(s, leg) &&
		    (!best || s->packets > best->packets))
			best = s;
	}
	return best;
}

static enum direction opposite(enum direction direction)
{
	if (direction == DIRECTION_NONE)
		return DIRECTION_NONE;
	return direction == DIRECTION_FORWARD ? DIRECTION_REVERSE : DIRECTION_FORWARD;
}

const struct diagnosis_stream *diagnosis_opposite(const struct rule_subject *subject)
{
	const struct diagnosis_stream *s = subject->stream;
	if (s->direction == DIRECTION_NONE)
		return NULL;
	return diagnosis_stream_of(subject->all, s->leg,
	                           opposite((enum direction)s->direction));
}

const struct diagnosis_stream *diagnosis_upstream(const struct diagnosis *d,
                                                  const struct diagnosis_stream *stream)
{
	for (uint8_t i = 0; i < d->stream_count && stream->upstream; i++)
		if (d->streams[i].id == stream->upstream)
			return &d->streams[i];
	return NULL;
}

const struct diagnosis_stream *diagnosis_downstream(const struct diagnosis *d,
                                                    const struct diagnosis_stream *stream)
{
	for (uint8_t i = 0; i < d->stream_count; i++)
		if (d->streams[i].upstream == stream->id)
			return &d->streams[i];
	return NULL;
}

double diagnosis_held_up(const struct stream_record *s, double ms)
{
	double held_up = 0;
	for (size_t i = 1; i < RECORD_PDV_BINS; i++)
		if (delay_variation_bounds_ms[i - 1] >= ms)
			held_up += s->pdv.counts[i];
	return s->packets > 0 ? held_up / (double)s->packets : 0;
}

const struct diagnosis_leg *diagnosis_leg_of(const struct diagnosis *d, uint64_t leg)
{
	for (uint8_t i = 0; i < d->leg_count; i++)
		if (d->legs[i].id == leg)
			return &d->legs[i];
	return NULL;
}

#define HEALTHY_LOSS 0.004
#define LEAST_LOSS_PCT 0.7

bool diagnosis_is_lossy(const struct diagnosis_stream *s)
{
	const double by_chance = HEALTHY_LOSS * s->expected;
	return s->loss_pct >= LEAST_LOSS_PCT &&
	       s->lost > by_chance + 4.5 * sqrt(by_chance) + 3;
}
