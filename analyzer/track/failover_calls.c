/*
 * failover_calls.c - what became of the calls that a peer carried when it failed, and how
 * those sound that went over its backup.
 */
#include <math.h>

#include "analyzer/track/failover.h"

#define SILENCE (2 * NS_PER_SEC) /* of a call that stands, that is no pause */

/* Of a hop that carries signalling alone, the media belong to another one of its call. */
static bool is_known(enum audio_fate fate)
{
	return fate != AUDIO_FATE_UNKNOWN && fate != AUDIO_FATE_NOT_SEEN;
}

/*
 * Nothing more came that way from about the failure on, though the call stood: what stopped
 * later has another reason, and nobody waits for what is on hold.
 */
static bool has_died(const struct event_record *event, enum audio_fate fate, nstime until,
                     nstime ended)
{
	return until != NSTIME_NONE && fate != AUDIO_FATE_HELD &&
	       fate != AUDIO_FATE_MOVED && until <= event->detected &&
	       ended - until >= SILENCE;
}

static bool was_carried(const struct event_record *event, const struct past_call *call)
{
	const bool over_it = endpoint_equal(&call->dst, &event->peer) ||
	                     address_equal(&call->src.address, &event->peer.address);
	return over_it && call->answered < event->began &&
	       (call->ended == NSTIME_NONE || call->ended > event->began);
}

/* What `other`, a hop of the same call, knows better. */
static void learn(struct past_call *call, const struct past_call *other)
{
	if (!is_known(call->forward)) {
		call->forward = other->forward;
		call->forward_until = other->forward_until;
	}
	if (!is_known(call->reverse)) {
		call->reverse = other->reverse;
		call->reverse_until = other->reverse_until;
	}
}

static void judge(struct event_record *event, const struct past_call *call, nstime now)
{
	const nstime ended = call->ended == NSTIME_NONE ? now : call->ended;
	const bool to_peer = endpoint_equal(&call->dst, &event->peer);
	const nstime until = to_peer ? call->forward_until : call->reverse_until;
	const bool forward = has_died(event, call->forward, call->forward_until, ended);
	const bool reverse = has_died(event, call->reverse, call->reverse_until, ended);
	event->calls_carried++;
	if (forward && reverse)
		event->calls_silent++;
	else if (forward || reverse)
		event->calls_one_way++;
	else if (call->ended_by == ENDED_BY_TIMEOUT)
		event->calls_dropped++;
	else
		event->calls_survived++;
	const bool back_is_dead = to_peer ? reverse : forward;
	if (back_is_dead && until != NSTIME_NONE && until > event->began)
		event->rtp_after_s =
		        fmax(event->rtp_after_s, ns_to_s(until - event->began));
}

static void note_carried(const struct failovers *f, struct failover *failover,
                         const struct past_call *call)
{
	struct past_call known = *call;
	for (uint32_t i = 0; i < PAST_CALLS && i < f->past_at; i++)
		if (f->past[i].call == call->call)
			learn(&known, &f->past[i]);
	if (failover->carried_count < CARRIED_CALLS)
		failover->carried[failover->carried_count++] = known;
	else
		judge(&failover->event, &known, f->context->now);
}

void failovers_recall(const struct failovers *f, struct failover *failover)
{
	for (uint32_t i = 0; i < PAST_CALLS && i < f->past_at; i++)
		if (was_carried(&failover->event, &f->past[i]))
			note_carried(f, failover, &f->past[i]);
}

void failovers_sum_up(const struct failovers *f, struct failover *failover)
{
	for (uint32_t i = 0; i < failover->carried_count; i++)
		judge(&failover->event, &failover->carried[i], f->context->now);
	failover->carried_count = 0;
}

static void note_hop(const struct failovers *f, struct failover *failover,
                     const struct past_call *call)
{
	for (uint32_t i = 0; i < failover->carried_count; i++)
		if (failover->carried[i].call == call->call)
			learn(&failover->carried[i], call);
	if (was_carried(&failover->event, call))
		note_carried(f, failover, call);
}

void failovers_note_leg(struct failovers *f, const struct leg_record *leg)
{
	const struct past_call call = {
		.call = leg->call,
		.src = leg->src,
		.dst = leg->dst,
		.answered = leg->answered,
		.ended = leg->ended,
		.forward_until = leg->audio_forward_until,
		.reverse_until = leg->audio_reverse_until,
		.forward = leg->audio_forward,
		.reverse = leg->audio_reverse,
		.ended_by = leg->ended_by,
	};
	if (leg->answered == NSTIME_NONE)
		return;
	for (uint32_t i = 0; i < f->list.reach; i++) {
		struct failover *failover = pool_live(&f->list, i);
		if (failover)
			note_hop(f, failover, &call);
	}
	f->past[f->past_at++ % PAST_CALLS] = call;
}

static bool is_of_backup(const struct event_record *event, const struct endpoint *src,
                         const struct endpoint *dst, nstime begun)
{
	return address_equal(&event->src.address, &src->address) &&
	       endpoint_equal(&event->backup, dst) && begun >= event->began &&
	       (event->ended == NSTIME_NONE || begun <= event->ended);
}

void failovers_note_stream(struct failovers *f, const struct endpoint *src,
                           const struct endpoint *dst, nstime begun,
                           const struct stream_record *stream)
{
	bool standing_in = false;
	for (uint32_t i = 0; i < f->list.reach && !isnan(stream->mos_lq); i++) {
		struct failover *failover = pool_live(&f->list, i);
		if (!failover || !is_of_backup(&failover->event, src, dst, begun))
			continue;
		standing_in = true;
		sum_add(&failover->mos_lq, stream->mos_lq);
	}
	const uint32_t number = route_find(f, &src->address, dst);
	if (number != MAP_NONE && !standing_in)
		running_mean_add(&route_at(f, number)->mos_lq, stream->mos_lq);
}
