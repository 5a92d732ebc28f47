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
EVERY_PACKET static unsigned int play(struct stream *stream,
                                      const struct settings *settings,
                                      const struct timing *timing)
{
	struct transit *transit = &stream->state.transit;
	const struct jitter_step step =
	        jitter_update(&stream->state.jitter, &stream->jitter, timing);
	if (__builtin_expect(step.restart, 0)) {
		transit_reset(transit, &stream->transit, timing->arrival);
		playout_reset(&stream->state.playout, &stream->playout, &settings->playout);
	}
	transit_update(transit, &stream->transit, timing->arrival, step.d_ms);
	delay_variation_update(&stream->delay_variation, &stream->hot->near,
	                       transit_offset_ms(&transit->level));
	const struct playout_packet packet = { transit, &stream->transit,
		                               jitter_ptime_ms(&stream->state.jitter) };
	return playout_update(&stream->state.playout, &stream->playout, &settings->playout,
	                      &packet);
}

/*
 * What a unique packet does to the figures, once its type is known, if it ever will be.
 * `restart`: a segment begins with it.
 */
EVERY_PACKET static void account(struct stream *stream, const struct settings *settings,
                                 const struct timing *timing, bool timed, bool restart)
{
	if (__builtin_expect(timing->arrival >= stream->state.interval_end, 0))
		stream_close_interval(stream, settings, timing->arrival);
	if (__builtin_expect(restart, 0))
		jitter_restart(&stream->state.jitter);
	const unsigned int discarded = timed ? play(stream, settings, timing) : 0;
	if (__builtin_expect(restart, 0))
		fate_begin(&stream->state.fate, &stream->fate, timing->extended, discarded);
	else
		fate_take(&stream->state.fate, &stream->fate, timing->extended, discarded);
}

SELDOM static void account_other(struct stream *stream, const struct settings *settings,
                                 const struct timing *timing, bool timed, bool restart)
{
	account(stream, settings, timing, timed, restart);
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
		account_other(stream, settings, &timing, type && type->timed,
		              held->list[i].restart);
	}
	held->count = 0;
	stream->state.holding = false;
}

void stream_begin(struct stream *stream, struct stream_hot *hot,
                  const struct settings *settings, nstime at)
{
	stream->hot = hot;
	stream->state.now.index = STREAM_NO_TYPE;
	stream->first = stream->hot->last = at;
	stream->state.interval_end =
	        (timeline_slot(at, settings->interval) + 1) * settings->interval;
	stream->worst.r = NAN;
}

void stream_explain(struct stream *stream, const struct settings *settings,
                    struct stream_type *type, const struct payload_meaning *meaning)
{
	stream_give_meaning(stream, type, meaning);
	if (stream->state.holding && !stream_any_undecided(stream))
		replay(stream, settings);
}

/*
 * Guesses the clock of undecided types from what is held, replays, and empties the block:
 * when it is full and at the stream's end.
 */
static void decide_clocks(struct stream *stream, const struct settings *settings)
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
	stream->state.holding = true;
	if (held->count == HELD_HEADERS)
		decide_clocks(stream, settings);
}

static bool waits_for_clock(const struct stream *stream, const struct stream_now *now)
{
	return stream->state.holding || (now->undecided && stream->held);
}

/*
 * A jump that was no jump: numbers, timestamps and the clock on the wall agree that so
 * many packets were sent and none came (quality.md section 9, real outage).
 */
static void charge_outage(struct stream *stream, int64_t max_before)
{
	const struct jitter *j = &stream->state.jitter;
	if (!stream->jumped_now.timed || !j->has_reference)
		return;
	const uint16_t ahead =
	        (uint16_t)(stream->state.sequence.held - (uint16_t)max_before);
	const double gap_ms = ns_to_ms(stream->jumped.arrival - j->arrival);
	const double due_ms = ahead * jitter_ptime_ms(j);
	const uint32_t ticks = stream->jumped.timestamp - j->timestamp;
	const double step_ms = ticks * 1000.0 / stream->jumped_now.clock_hz;
	if (gap_ms > 0 && fabs(due_ms / gap_ms - 1) <= OUTAGE_AGREE &&
	    fabs(step_ms / gap_ms - 1) <= OUTAGE_AGREE) {
		stream->outage_lost += ahead - 1u;
		fate_outage(&stream->state.fate, &stream->fate, ahead - 1u);
	}
}

/* The payload type that is heard: inside RFC 2198, not the packet's own. */
static uint8_t heard_type(const struct stream *stream)
{
	const struct stream_now *now = &stream->state.now;
	return now->carried && now->index != STREAM_NO_TYPE
	               ? stream_type_at(stream, now->index)->payload_type
	               : now->payload_type;
}

static struct timing timing_of(const struct stream *stream,
                               const struct stream_packet *packet, int64_t extended)
{
	return (struct timing){ packet->arrival, extended, packet->timestamp,
		                stream->state.now.clock_hz, heard_type(stream) };
}

EVERY_PACKET static void note_delta(struct stream *stream, const struct timing *timing,
                                    bool marker, const struct stream_now *now)
{
	struct timing own = *timing;
	own.payload_type = now->payload_type;
	delta_update(&stream->state.delta, &stream->delta, &own, marker,
	             now->kind != CODEC_KIND_COMFORT_NOISE);
}

static void note_unheard(struct stream *stream, const struct stream_now *now, uint32_t by)
{
	if (now->index != STREAM_NO_TYPE)
		stream_type_at(stream, now->index)->unheard += by;
}

SELDOM static void hold_jump(struct stream *stream, const struct stream_packet *packet)
{
	stream->jumped = timing_of(stream, packet, 0);
	stream->jumped_now = stream->state.now;
	stream->jumped_marker = packet->marker;
	note_unheard(stream, &stream->state.now, 1);
}

/* The held packet was the first of a new segment after all. */
SELDOM static void begin_segment(struct stream *stream, const struct settings *settings,
                                 int64_t extended, int64_t max_before)
{
	charge_outage(stream, max_before);
	delta_restart(&stream->state.delta);
	stream->jumped.extended = extended;
	stream->state.interval_flags |= INTERVAL_RESTART;
	note_unheard(stream, &stream->jumped_now, UINT32_MAX); /* heard after all */
	note_delta(stream, &stream->jumped, stream->jumped_marker, &stream->jumped_now);
	if (waits_for_clock(stream, &stream->jumped_now))
		hold(stream, settings, &stream->jumped, true);
	else
		account_other(stream, settings, &stream->jumped, stream->jumped_now.timed,
		              true);
}

/*
 * A mirror of several ports gives the same IP packet again, at once and with the same
 * identification; without one, time alone must do.  What a sender repeats has another.
 */
SELDOM static bool is_copy(struct stream *stream, const struct stream_packet *packet,
                           uint16_t previous_ip_id)
{
	const nstime since = packet->arrival - stream->state.delta.arrival;
	if (since > COPY_WITHIN || since < -COPY_WITHIN)
		return false;
	stream->close_copies++;
	if (packet->ip_id != previous_ip_id)
		return false;
	stream->span_copies++;
	return true;
}

/* What the packet's own IP header says, beside that of the latest one. */
SELDOM static void note_ip_change(struct stream *stream, const struct stream_packet *packet)
{
	if (stream->first_ttl == 0 && stream->first_dscp == 0 && stream->hot->ttl == 0) {
		stream->first_dscp = packet->dscp;
		stream->first_ttl = packet->ttl;
	} else {
		stream->dscp_changes += packet->dscp != stream->hot->dscp;
		stream->ttl_changes += packet->ttl != stream->hot->ttl;
	}
	stream->hot->dscp = packet->dscp;
	stream->hot->ttl = packet->ttl;
}

static void note_time(struct stream *stream, nstime arrival)
{
	if (__builtin_expect(arrival > stream->hot->last, 1)) {
		stream->hot->last = arrival;
	} else if (arrival < stream->hot->last) {
		stream->backwards++;
		stream->state.interval_flags |= INTERVAL_BACKWARDS;
	}
}

void stream_update(struct stream *stream, const struct settings *settings,
                   const struct stream_packet *packet)
{
	stream_end_run(stream);
	const int64_t max_before = stream->state.sequence.max;
	const struct sequence_step step =
	        sequence_update(&stream->state.sequence, &stream->counts, packet->sequence);
	const uint16_t previous_ip_id = stream->hot->ip_id;
	stream->hot->ip_id = packet->ip_id;
	stream->state.now.packets++;
	if (__builtin_expect(packet->arrival - stream->hot->last > COVERAGE_LEAST_GAP, 0))
		stream_note_gap(stream, packet, max_before);
	note_time(stream, packet->arrival);
	if (step.dropped_held) /* it was the previous packet, and has no number */
		delta_restart(&stream->state.delta);
	if (__builtin_expect(step.verdict != SEQUENCE_NEXT, 0)) {
		if (step.verdict == SEQUENCE_HELD) {
			hold_jump(stream, packet);
			return;
		}
		if (step.verdict == SEQUENCE_DUPLICATE) {
			note_unheard(stream, &stream->state.now, 1);
			if (is_copy(stream, packet, previous_ip_id))
				return; /* what a mirror adds touches nothing else */
		}
		if (step.verdict == SEQUENCE_LATE)
			loss_gaps_fill(&stream->gaps, packet->sequence);
		if (step.verdict == SEQUENCE_RESTART)
			begin_segment(stream, settings, step.extended - 1, max_before);
	}
	const struct timing timing = timing_of(stream, packet, step.extended);
	note_delta(stream, &timing, packet->marker, &stream->state.now);
	if (step.verdict != SEQUENCE_DUPLICATE) {
		if (__builtin_expect(waits_for_clock(stream, &stream->state.now), 0))
			hold(stream, settings, &timing, stream->state.interrupted);
		else
			account(stream, settings, &timing, stream->state.now.timed,
			        stream->state.interrupted);
		stream->state.interrupted = false;
	}
	stream->hot->octets += packet->ip_len;
	if (__builtin_expect(packet->dscp != stream->hot->dscp ||
	                             packet->ttl != stream->hot->ttl,
	                     0))
		note_ip_change(stream, packet);
	stream_begin_run(stream);
}

void stream_interrupt(struct stream *stream)
{
	stream_end_run(stream);
	sequence_interrupt(&stream->state.sequence, &stream->counts);
	delta_restart(&stream->state.delta);
	stream->state.interrupted = true;
}

void stream_answered(struct stream *stream)
{
	struct burst_figures views[FATE_VIEWS];
	stream_settle(stream);
	fate_stream(&stream->state.fate, &stream->fate, views);
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
	decide_clocks(stream, settings);
	stream_close_interval(stream, settings, stream->hot->last);
}
