#include "analyzer/track/stream.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/track/stream_types.h"

#define COPY_WITHIN (2 * NS_PER_MS) /* quality.md section 9, duplicates */
#define OUTAGE_AGREE 0.05           /* quality.md section 9, real outage */

struct delay_variation stream_delay_variation(const struct stream *stream)
{
	struct delay_variation all = stream->delay_variation;
	struct delay_variation_near near = stream->hot->near;
	delay_variation_settle(&all, &near);
	return all;
}

/* Times an audio packet; which buffers discard it. */
EVERY_PACKET static unsigned int play(struct stream_hot *hot,
                                      const struct settings *settings,
                                      const struct timing *timing)
{
	struct stream *stream = hot->stream;
	struct transit *transit = &hot->transit;
	const struct jitter_step step =
	        jitter_update(&hot->jitter, &stream->jitter, timing);
	if (__builtin_expect(step.restart, 0)) {
		transit_reset(transit, &stream->transit, timing->arrival);
		playout_reset(&hot->playout, &stream->playout, &settings->playout);
	}
	transit_update(transit, &stream->transit, timing->arrival, step.d_ms);
	delay_variation_update(&stream->delay_variation, &hot->near,
	                       transit_offset_ms(transit));
	const struct playout_packet packet = { transit, &stream->transit,
		                               jitter_ptime_ms(&hot->jitter) };
	return playout_update(&hot->playout, &stream->playout, &settings->playout, &packet);
}

/*
 * What a unique packet does to the figures, once its type is known, if it ever will be.
 * `restart`: a segment begins with it.
 */
EVERY_PACKET static void account(struct stream_hot *hot, const struct settings *settings,
                                 const struct timing *timing, bool timed, bool restart)
{
	if (__builtin_expect(timing->arrival >= hot->interval_end, 0))
		stream_close_interval(hot->stream, settings, timing->arrival);
	if (__builtin_expect(restart, 0))
		jitter_restart(&hot->jitter);
	const unsigned int discarded = timed ? play(hot, settings, timing) : 0;
	if (__builtin_expect(restart, 0))
		fate_begin(&hot->fate, &hot->stream->fate, timing->extended, discarded);
	else
		fate_take(&hot->fate, &hot->stream->fate, timing->extended, discarded);
}

SELDOM static void account_other(struct stream_hot *hot, const struct settings *settings,
                                 const struct timing *timing, bool timed, bool restart)
{
	account(hot, settings, timing, timed, restart);
}

SELDOM static void replay(struct stream *stream, const struct settings *settings)
{
	struct held_headers *held = stream->held;
	for (uint32_t i = 0; i < held->count; i++) {
		const struct stream_type *type =
		        stream_type(stream, held->list[i].payload_type);
		const struct timing timing = { held->list[i].arrival,
			                       held->list[i].extended,
			                       held->list[i].timestamp,
			                       type ? type->meaning.clock_hz : 0,
			                       held->list[i].payload_type };
		account_other(stream->hot, settings, &timing, type && type->timed,
		              held->list[i].restart);
	}
	held->count = 0;
	stream->hot->holding = false;
}

void stream_begin(struct stream *stream, struct stream_hot *hot,
                  const struct settings *settings, nstime at)
{
	stream->hot = hot;
	hot->stream = stream;
	hot->now.index = STREAM_NO_TYPE;
	stream->first = hot->last = at;
	hot->interval_end =
	        (timeline_slot(at, settings->interval) + 1) * settings->interval;
	stream->worst.r = NAN;
}

void stream_explain(struct stream *stream, const struct settings *settings,
                    struct stream_type *type, const struct payload_meaning *meaning)
{
	stream_give_meaning(stream, type, meaning);
	if (stream->hot->holding && !stream_any_undecided(stream))
		replay(stream, settings);
}

void stream_decide(struct stream *stream, const struct settings *settings)
{
	if (!stream->held)
		return;
	stream_guess_clocks(stream);
	replay(stream, settings);
}

SELDOM static void hold(struct stream *stream, const struct settings *settings,
                        const struct timing *timing, bool restart)
{
	struct held_headers *held = stream->held;
	const uint32_t at = held->count++;
	held->list[at].arrival = timing->arrival;
	held->list[at].extended = timing->extended;
	held->list[at].timestamp = timing->timestamp;
	held->list[at].payload_type = timing->payload_type;
	held->list[at].restart = restart;
	stream->hot->holding = true;
	if (held->count == HELD_HEADERS)
		stream_decide(stream, settings);
}

static bool waits_for_clock(const struct stream_hot *hot, const struct stream_now *now)
{
	return hot->holding || (now->undecided && hot->stream->held);
}

/*
 * A jump that was no jump: numbers, timestamps and the clock on the wall agree that so
 * many packets were sent and none came (quality.md section 9, real outage).
 */
static void charge_outage(struct stream *stream, int64_t max_before)
{
	struct stream_hot *hot = stream->hot;
	const struct jitter *j = &hot->jitter;
	if (!stream->jumped_now.timed || !j->has_reference)
		return;
	const uint16_t ahead = (uint16_t)(hot->sequence.held - (uint16_t)max_before);
	const double gap_ms = ns_to_ms(stream->jumped.arrival - j->arrival);
	const double due_ms = ahead * jitter_ptime_ms(j);
	const uint32_t ticks = stream->jumped.timestamp - j->timestamp;
	const double step_ms = ticks * 1000.0 / stream->jumped_now.clock_hz;
	if (gap_ms > 0 && fabs(due_ms / gap_ms - 1) <= OUTAGE_AGREE &&
	    fabs(step_ms / gap_ms - 1) <= OUTAGE_AGREE) {
		stream->outage_lost += ahead - 1u;
		fate_outage(&hot->fate, &stream->fate, ahead - 1u);
	}
}

/* The payload type that is heard: inside RFC 2198, not the packet's own. */
static uint8_t heard_type(const struct stream_hot *hot)
{
	const struct stream_now *now = &hot->now;
	return now->carried && now->index != STREAM_NO_TYPE
	               ? stream_type_at(hot->stream, now->index)->payload_type
	               : now->payload_type;
}

static struct timing timing_of(const struct stream_hot *hot,
                               const struct stream_packet *packet, int64_t extended)
{
	return (struct timing){ packet->arrival, extended, packet->timestamp,
		                hot->now.clock_hz, heard_type(hot) };
}

EVERY_PACKET static void note_delta(struct stream_hot *hot, const struct timing *timing,
                                    bool marker, const struct stream_now *now)
{
	struct timing own = *timing;
	own.payload_type = now->payload_type;
	delta_update(&hot->delta, &hot->stream->delta, &own, marker,
	             now->kind != CODEC_KIND_COMFORT_NOISE);
}

static void note_unheard(struct stream *stream, const struct stream_now *now, uint32_t by)
{
	if (now->index != STREAM_NO_TYPE)
		stream_type_at(stream, now->index)->unheard += by;
}

SELDOM static void hold_jump(struct stream_hot *hot, const struct stream_packet *packet)
{
	struct stream *stream = hot->stream;
	stream->jumped = timing_of(hot, packet, 0);
	stream->jumped_now = hot->now;
	stream->jumped_marker = packet->marker;
	note_unheard(stream, &hot->now, 1);
}

/* The held packet was the first of a new segment after all. */
SELDOM static void begin_segment(struct stream_hot *hot, const struct settings *settings,
                                 int64_t extended, int64_t max_before)
{
	struct stream *stream = hot->stream;
	charge_outage(stream, max_before);
	delta_restart(&hot->delta);
	stream->jumped.extended = extended;
	hot->interval_flags |= INTERVAL_RESTART;
	note_unheard(stream, &stream->jumped_now, UINT32_MAX); /* heard after all */
	note_delta(hot, &stream->jumped, stream->jumped_marker, &stream->jumped_now);
	if (waits_for_clock(hot, &stream->jumped_now))
		hold(stream, settings, &stream->jumped, true);
	else
		account_other(hot, settings, &stream->jumped, stream->jumped_now.timed,
		              true);
}

/*
 * A mirror of several ports gives the same IP packet again, at once and with the same
 * identification; without one, time alone must do.  What a sender repeats has another.
 */
SELDOM static bool is_copy(struct stream_hot *hot, const struct stream_packet *packet,
                           uint16_t previous_ip_id)
{
	const nstime since = packet->arrival - hot->delta.arrival;
	if (since > COPY_WITHIN || since < -COPY_WITHIN)
		return false;
	hot->stream->close_copies++;
	if (packet->ip_id != previous_ip_id)
		return false;
	hot->stream->span_copies++;
	return true;
}

/* What the packet's own IP header says, beside that of the latest one. */
SELDOM static void note_ip_change(struct stream_hot *hot,
                                  const struct stream_packet *packet)
{
	struct stream *stream = hot->stream;
	if (stream->first_ttl == 0 && stream->first_dscp == 0 && hot->ttl == 0) {
		stream->first_dscp = packet->dscp;
		stream->first_ttl = packet->ttl;
	} else {
		stream->dscp_changes += packet->dscp != hot->dscp;
		stream->ttl_changes += packet->ttl != hot->ttl;
	}
	hot->dscp = packet->dscp;
	hot->ttl = packet->ttl;
}

static void note_time(struct stream_hot *hot, nstime arrival)
{
	if (__builtin_expect(arrival > hot->last, 1)) {
		hot->last = arrival;
	} else if (arrival < hot->last) {
		hot->stream->backwards++;
		hot->interval_flags |= INTERVAL_BACKWARDS;
	}
}

void stream_update(struct stream_hot *hot, const struct settings *settings,
                   const struct stream_packet *packet)
{
	const int64_t max_before = hot->sequence.max;
	hot->steady = false;
	const struct sequence_step step =
	        sequence_update(&hot->sequence, &hot->stream->counts, packet->sequence);
	const uint16_t previous_ip_id = hot->ip_id;
	hot->ip_id = packet->ip_id;
	hot->now.packets++;
	if (__builtin_expect(packet->arrival - hot->last > COVERAGE_LEAST_GAP, 0))
		stream_note_gap(hot, packet, max_before);
	note_time(hot, packet->arrival);
	if (step.dropped_held) /* it was the previous packet, and has no number */
		delta_restart(&hot->delta);
	if (__builtin_expect(step.verdict != SEQUENCE_NEXT, 0)) {
		if (step.verdict == SEQUENCE_HELD) {
			hold_jump(hot, packet);
			return;
		}
		if (step.verdict == SEQUENCE_DUPLICATE) {
			note_unheard(hot->stream, &hot->now, 1);
			if (is_copy(hot, packet, previous_ip_id))
				return; /* what a mirror adds touches nothing else */
		}
		if (step.verdict == SEQUENCE_LATE)
			loss_gaps_fill(&hot->stream->gaps, packet->sequence);
		if (step.verdict == SEQUENCE_RESTART)
			begin_segment(hot, settings, step.extended - 1, max_before);
	}
	const struct timing timing = timing_of(hot, packet, step.extended);
	note_delta(hot, &timing, packet->marker, &hot->now);
	if (step.verdict != SEQUENCE_DUPLICATE) {
		if (__builtin_expect(waits_for_clock(hot, &hot->now), 0))
			hold(hot->stream, settings, &timing, hot->interrupted);
		else
			account(hot, settings, &timing, hot->now.timed, hot->interrupted);
		hot->interrupted = false;
	}
	hot->octets += packet->ip_len;
	if (__builtin_expect(packet->dscp != hot->dscp || packet->ttl != hot->ttl, 0))
		note_ip_change(hot, packet);
	hot->steady = stream_is_steady(hot);
}

void stream_interrupt(struct stream *stream)
{
	stream->hot->steady = false;
	sequence_interrupt(&stream->hot->sequence, &stream->counts);
	delta_restart(&stream->hot->delta);
	stream->hot->interrupted = true;
}

void stream_answered(struct stream *stream)
{
	struct burst_figures views[FATE_VIEWS];
	fate_stream(&stream->hot->fate, &stream->fate, views);
	const struct burst_figures *view = &views[PLAYOUT_ADAPTIVE];
	stream->early = (struct early_media){
		(uint32_t)view->expected,
		(uint32_t)view->bad,
		view->runs,
	};
}

void stream_drop(struct stream *stream)
{
	free(stream->rtcp);
	free(stream->modes);
	free(stream->more_types);
	free(stream->suspects.list);
	free(stream->suspects.marked);
	fate_drop(&stream->fate);
	loss_gaps_free(&stream->gaps);
	const size_t room = stream->timeline.room;
	timeline_free(&stream->timeline);
	stream_charge_timeline(stream, room);
}

void stream_end(struct stream *stream, const struct settings *settings)
{
	stream_settle_types(stream);
	stream_decide(stream, settings);
	stream_close_interval(stream, settings, stream->hot->last);
}
