/*
 * stream_steady.c - the packet that nearly every one is: the next in order, of the same
 * type, as long after the one before as its timestamp says, but for some jitter.
 *
 * What it does to the figures is what stream_update does with any other; only the questions
 * are fewer, for most of them have been answered by the packet before, and what grows by
 * one with each packet is counted once for all.
 */
#include <math.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/track/stream.h"

/* All that stream_take_steady does not ask of each packet. */
static bool may_be_followed(const struct stream *stream)
{
	const struct stream_state *state = &stream->state;
	const struct stream_now *now = &state->now;
	const struct jitter *jitter = &state->jitter;
	const struct delta *delta = &state->delta;
	const nstime last = stream->hot->last;
	const int64_t newest = state->sequence.max;
	return now->timed && !now->carried && !state->holding && !state->interrupted &&
	       state->sequence.started && !state->sequence.is_held &&
	       jitter->step_ticks > 0 && jitter->has_reference &&
	       jitter->clock_hz == now->clock_hz &&
	       jitter->payload_type == now->payload_type &&
	       jitter->extended == (uint32_t)newest && jitter->arrival == last &&
	       delta->has_previous && delta->payload_type == now->payload_type &&
	       delta->extended == (uint32_t)newest && delta->arrival == last &&
	       state->fate.newest == newest && state->fate.expected > 0 &&
	       !state->playout.unusual;
}

static uint32_t least_of(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* That many steady packets change nothing but what a run counts. */
static uint32_t room_for(const struct stream *stream)
{
	const struct fate *fate = &stream->state.fate;
	return fate->expected < fate->leaves
	               ? least_of(fate->leaves - fate->expected,
	                          delay_variation_room(&stream->hot->near))
	               : 0;
}

void stream_begin_run(struct stream *stream)
{
	const struct stream_state *state = &stream->state;
	const struct jitter *jitter = &state->jitter;
	struct stream_hot *hot = stream->hot;
	hot->received = (uint16_t)least_of(state->sequence.received, UINT16_MAX);
	if (!may_be_followed(stream))
		return;
	hot->most = room_for(stream);
	hot->until = state->interval_end < state->transit.turn_at ? state->interval_end
	                                                          : state->transit.turn_at;
	hot->step_ticks = jitter->step_ticks;
	hot->timestamp = jitter->timestamp + jitter->step_ticks;
	hot->step_us = jitter->step_us;
	hot->sequence = (uint16_t)(state->sequence.max + 1);
	hot->payload_type = state->now.payload_type;
	hot->transit = state->transit.level;
	hot->jitter = jitter->level;
	hot->delta_max_ms = state->delta.max_ms;
	hot->playout = state->playout.level;
}

void stream_settle(struct stream *stream)
{
	struct stream_state *state = &stream->state;
	struct stream_hot *hot = stream->hot;
	const uint32_t packets = hot->run;
	if (packets == 0)
		return;
	state->now.packets += packets;
	sequence_ran(&state->sequence, packets);
	fate_ran(&state->fate, packets);
	jitter_ran(&state->jitter, packets, hot->last);
	state->jitter.level = hot->jitter;
	delta_ran(&state->delta, packets, hot->last);
	state->delta.max_ms = hot->delta_max_ms;
	state->transit.level = hot->transit;
	state->playout.packets += packets;
	state->playout.level = hot->playout;
	hot->received = (uint16_t)least_of(state->sequence.received, UINT16_MAX);
	hot->most -= packets;
	hot->run = 0;
}

bool stream_prolong_run(struct stream *stream, uint16_t sequence)
{
	struct stream_state *state = &stream->state;
	struct stream_hot *hot = stream->hot;
	if (hot->most == 0 || sequence != hot->sequence)
		return false;
	stream_settle(stream);
	fate_make_way(&state->fate, &stream->fate);
	hot->most = room_for(stream);
	return hot->most > 0;
}

void stream_end_run(struct stream *stream)
{
	stream_settle(stream);
	stream->hot->most = 0;
}

/*
 * Not zero: it is another than the next, or has the marker bit.  Without a branch for each
 * difference.
 */
EVERY_PACKET static uint32_t differs(const struct stream_hot *hot,
                                     const struct packet *packet,
                                     const struct packet_glance *glance)
{
	return (glance->timestamp ^ hot->timestamp) |
	       (uint32_t)(glance->sequence ^ hot->sequence) |
	       (uint32_t)(glance->type_octet ^ hot->payload_type) |
	       (uint32_t)(packet->dscp ^ hot->dscp) | (uint32_t)(packet->ttl ^ hot->ttl);
}

EVERY_PACKET static bool is_in_time(const struct stream_hot *hot, nstime arrival)
{
	return arrival > hot->last && arrival - hot->last <= COVERAGE_LEAST_GAP &&
	       arrival < hot->until;
}

EVERY_PACKET enum stream_step stream_take_steady(struct stream_hot *hot,
                                                 const struct playout_sizes *sizes,
                                                 const struct packet *packet,
                                                 const struct packet_glance *glance)
{
	const nstime arrival = packet->at;
	if (hot->run >= hot->most || differs(hot, packet, glance) ||
	    !is_in_time(hot, arrival))
		return STREAM_OTHER;
	const double gap_ms = ns_to_ms(arrival - hot->last);
	const double ptime_ms = hot->step_us / 1000.0;
	const double d_ms = gap_ms - ptime_ms;
	struct transit_level transit = hot->transit;
	transit.ms += d_ms;
	const bool least = transit_lower(&transit);
	const double offset_ms = transit_offset_ms(&transit);
	const unsigned int bin = delay_variation_bin(offset_ms);
	if (fabs(d_ms) > JITTER_RESYNC_MS || bin >= DELAY_VARIATION_NEAR ||
	    !playout_is_on_time(&hot->playout, sizes, offset_ms))
		return STREAM_OTHER;
	hot->last = arrival;
	hot->octets += packet->ip_len;
	hot->ip_id = packet->ip_id;
	hot->run++;
	hot->sequence++;
	hot->timestamp += hot->step_ticks;
	hot->transit = transit;
	hot->near.counts[bin]++;
	hot->delta_max_ms = gap_ms > hot->delta_max_ms ? gap_ms : hot->delta_max_ms;
	jitter_next(&hot->jitter, d_ms);
	playout_next(&hot->playout, sizes, offset_ms, ptime_ms);
	return least ? STREAM_LEAST : STREAM_STEADY;
}
