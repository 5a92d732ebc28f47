/*
 * stream_steady.c - the packet that nearly every one is: the next in order, of the same
 * type, as long after the one before as its timestamp says, but for some jitter.
 *
 * What it does to the figures is what stream_update does with any other; only the questions
 * are fewer, for most of them have been answered by the packet before.
 */
#include <math.h>

#include "analyzer/base/every_packet.h"
#include "analyzer/track/stream.h"

/* All that stream_take_steady does not ask of each packet. */
bool stream_is_steady(const struct stream_hot *hot)
{
	const struct stream_now *now = &hot->now;
	const struct jitter *jitter = &hot->jitter;
	const struct delta *delta = &hot->delta;
	const int64_t newest = hot->sequence.max;
	return now->timed && !now->carried && !hot->holding && !hot->interrupted &&
	       hot->sequence.started && !hot->sequence.is_held && jitter->step_ticks > 0 &&
	       jitter->has_reference && jitter->clock_hz == now->clock_hz &&
	       jitter->payload_type == now->payload_type &&
	       jitter->extended == (uint32_t)newest && jitter->arrival == hot->last &&
	       delta->has_previous && delta->payload_type == now->payload_type &&
	       delta->extended == (uint32_t)newest && delta->arrival == hot->last &&
	       hot->fate.newest == newest && hot->fate.expected > 0;
}

/* Not zero: it is another than the next.  Without a branch for each difference. */
EVERY_PACKET static uint32_t differs(const struct stream_hot *hot,
                                     const struct stream_packet *packet)
{
	const struct jitter *jitter = &hot->jitter;
	const uint32_t ticks = packet->timestamp - jitter->timestamp;
	return (uint16_t)(packet->sequence - (uint16_t)hot->sequence.max - 1) |
	       (ticks ^ jitter->step_ticks) |
	       (uint32_t)(packet->payload_type ^ hot->now.payload_type) |
	       (uint32_t)packet->marker | (uint32_t)(packet->dscp ^ hot->dscp) |
	       (uint32_t)(packet->ttl ^ hot->ttl) | (uint32_t)!hot->steady;
}

EVERY_PACKET static bool is_in_time(const struct stream_hot *hot, nstime arrival)
{
	return arrival > hot->last && arrival - hot->last <= COVERAGE_LEAST_GAP &&
	       arrival < hot->interval_end && arrival < hot->transit.turn_at;
}

EVERY_PACKET bool stream_take_steady(struct stream_hot *hot,
                                     const struct settings *settings,
                                     const struct stream_packet *packet)
{
	const nstime arrival = packet->arrival;
	if (differs(hot, packet) || !is_in_time(hot, arrival) ||
	    hot->fate.expected >= hot->fate.leaves)
		return false;
	const double gap_ms = ns_to_ms(arrival - hot->last);
	const double ptime_ms = jitter_ptime_ms(&hot->jitter);
	const double d_ms = gap_ms - ptime_ms;
	const double transit_ms = hot->transit.ms + d_ms;
	const double offset_ms = transit_ms - hot->transit.base_ms;
	if (fabs(d_ms) > JITTER_RESYNC_MS || transit_ms < hot->transit.least_ms ||
	    !playout_is_usual(&hot->playout, &settings->playout, offset_ms))
		return false;
	hot->last = arrival;
	hot->octets += packet->ip_len;
	hot->ip_id = packet->ip_id;
	hot->now.packets++;
	hot->transit.ms = transit_ms;
	hot->fate.newest++;
	hot->fate.expected++;
	sequence_next(&hot->sequence);
	delta_next(&hot->delta, arrival, gap_ms);
	jitter_next(&hot->jitter, arrival, d_ms);
	delay_variation_update(&hot->stream->delay_variation, &hot->near, offset_ms);
	playout_next(&hot->playout, &settings->playout, offset_ms, ptime_ms);
	return true;
}
