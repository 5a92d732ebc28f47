#include "analyzer/track/signalling.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/quality/emodel.h"
#include "analyzer/track/close_fetch.h"

enum status signalling_init(struct signalling *s, struct context *context,
                            struct media *media)
{
	const struct limits *limits = &context->settings.limits;
	s->context = context;
	s->media = media;
	pool_init(&s->dialog_sets, sizeof(struct dialog_set), (uint32_t)limits->calls);
	pool_init(&s->calls, sizeof(struct call), (uint32_t)limits->calls);
	pool_init(&s->legs, sizeof(struct leg), (uint32_t)limits->legs);
	enum status status = map_init(&s->dialog_set_map);
	if (status == OK)
		status = correlation_init(&s->correlation, &context->settings);
	if (status == OK)
		status = registrations_init(&s->registrations, context);
	if (status == OK)
		status = watch_init(&s->watch, context);
	if (status == OK)
		status = trunk_load_init(&s->trunk_load, context->settings.trunks);
	return status;
}

void signalling_free(struct signalling *s)
{
	/* First: it takes its deadlines out from among those of calls and legs. */
	registrations_free(&s->registrations);
	watch_free(&s->watch);
	trunk_load_free(&s->trunk_load);
	for (uint32_t i = 0; i < s->dialog_sets.reach; i++) {
		struct dialog_set *set = pool_live(&s->dialog_sets, i);
		if (set)
			free(set->sip_call_id);
	}
	for (uint32_t i = 0; i < s->legs.reach; i++) {
		struct leg *leg = pool_live(&s->legs, i);
		if (leg)
			leg_free_texts(leg);
	}
	for (uint32_t i = 0; i < s->calls.reach; i++) {
		struct call *call = pool_live(&s->calls, i);
		if (call)
			diagnosis_free(call->diagnosis);
	}
	correlation_free(&s->correlation);
	pool_free(&s->dialog_sets);
	pool_free(&s->calls);
	pool_free(&s->legs);
	map_free(&s->dialog_set_map);
}

/* --- which leg a message is of -------------------------------------------------------- */

/* May this message be the first that we see of a leg? */
static bool may_begin(const struct signalling *s, const struct sip_message *message)
{
	const bool bye = s->context->settings.take_up_byes && message->is_request &&
	                 message->method == SIP_BYE;
	return (message->method == SIP_INVITE || bye) && message->call_id.len > 0;
}

/*
 * Nothing of this Call-ID is open any more.  A new try begins a call; while other legs of
 * its call still are, it is one more of them.
 */
static bool begins_anew(const struct signalling *s, const struct dialog_set *set,
                        const struct sip_message *message)
{
	return may_begin(s, message) && message->is_request && message->to.tag.len == 0 &&
	       message->cseq > set->last_cseq;
}

/* The set of the message, made if it may be; MAP_NONE: it is of none that is alive. */
static uint32_t set_of(struct signalling *s, const struct sip_event *event)
{
	uint32_t number = dialog_set_find(s, event->message->call_id, event->call_id);
	if (number == MAP_NONE)
		return may_begin(s, event->message)
		               ? dialog_set_open(s, event, event->call_id)
		               : MAP_NONE;
	const struct dialog_set *set = dialog_set_at(s, number);
	if (set->first_leg)
		return number;
	if (!begins_anew(s, set, event->message))
		return MAP_NONE;
	if (set->call != MAP_NONE)
		return number;
	dialog_set_drop(s, number);
	return dialog_set_open(s, event, event->call_id);
}

static void feed_dialog(struct signalling *s, struct sip_event *event)
{
	const struct sip_message *message = event->message;
	const uint32_t number = set_of(s, event);
	if (number == MAP_NONE) {
		count(s->context, COUNT_SIP_STRAY);
		return;
	}
	struct dialog_set *set = dialog_set_at(s, number);
	uint32_t leg = dialog_set_find_leg(s, number, event);
	const bool begins = leg == MAP_NONE && may_begin(s, message);
	if (begins)
		leg = call_open_leg(s, number, event);
	if (leg == MAP_NONE) {
		count(s->context, COUNT_SIP_STRAY);
		if (call_at(s, set->call)->leg_count == 0)
			call_abandon(s, set->call); /* its first leg found no room */
		return;
	}
	if (message->method == SIP_INVITE && message->cseq > set->last_cseq)
		set->last_cseq = message->cseq;
	leg_feed(s, leg, event);
	if (message->method == SIP_INVITE && (begins || message->session_id.len > 0))
		correlate_feed(s, number, event);
}

/* What it says is known; where it came by is not. */
static void note_elsewhere(struct signalling *s, const struct sip_event *event)
{
	const uint32_t number = dialog_set_find(s, event->message->call_id, event->call_id);
	const uint32_t leg =
	        number == MAP_NONE ? MAP_NONE : dialog_set_find_leg(s, number, event);
	const bool copy = event->packet->flags & PACKET_COPY;
	count(s->context, copy ? COUNT_SIP_COPIES : COUNT_SIP_ELSEWHERE);
	if (leg == MAP_NONE)
		return;
	leg_feed_point(leg_at(s, leg), event->packet);
	leg_at(s, leg)->span_copies += copy;
}

/* What cannot be read as SIP. */
static void note_fault(struct signalling *s, const struct packet *packet,
                       const struct sip_glance *glance)
{
	if (glance->carrier == SIP_DATAGRAM_CUT) {
		count(s->context, COUNT_SIP_CUT);
		return;
	}
	s->tally.faults[glance->fault]++;
	attacks_note_malformed(&s->watch.attacks, packet);
	count(s->context, COUNT_SIP_MALFORMED);
}

static void feed(struct signalling *s, const struct packet *packet,
                 const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	if (glance->status != OK) {
		note_fault(s, packet, glance);
		return;
	}
	sip_tally_add(&s->tally, message);
	count(s->context, COUNT_SIP_MESSAGES);
	struct sip_event event = {
		.packet = packet,
		.message = message,
		.glance = glance,
		.call_id = glance->call_id,
		.from_tag = glance->from_tag,
		.to_tag = glance->to_tag,
		.digest = glance->digest,
		.at = packet->at,
	};
	if (packet->flags & PACKET_ELSEWHERE) {
		note_elsewhere(s, &event);
		return;
	}
	if (message->method == SIP_REGISTER)
		event.thing =
		        registrations_feed(&s->registrations, packet, message, packet->at);
	else
		feed_dialog(s, &event);
	watch_message(&s->watch, packet, glance, event.thing, packet->at);
	if (message->is_request && message->body.len > 0)
		vq_feed(s, &event);
}

bool signalling_claims(const struct signalling *s, const struct packet *packet)
{
	return packet->glance.shows == SHOWS_SIP ||
	       sip_glance_claims(s->context->settings.sip_ports, packet);
}

void signalling_feed(struct signalling *s, const struct packet *packet)
{
	struct sip_glance own;
	if (packet->glance.shows == SHOWS_SIP) {
		feed(s, packet, packet->glance.sip);
		return;
	}
	sip_glance_at(&s->context->settings.key, packet, &s->sdp, &own);
	feed(s, packet, &own);
}

/* --- what its turn will touch --------------------------------------------------------- */

enum { HEAD_BYTES = 8 * CACHE_LINE };

void signalling_foresee(const struct signalling *s, const struct packet *packet)
{
	const struct span text = packet->payload;
	map_prefetch(&s->dialog_set_map, packet->glance.hash);
	fetch(packet->glance.sip, sizeof *packet->glance.sip);
	fetch(text.at, text.len < HEAD_BYTES ? text.len : HEAD_BYTES);
}

uint32_t signalling_find_ahead(const struct signalling *s, const struct packet *packet)
{
	struct map_cursor cursor = map_cursor_of(packet->glance.hash);
	const uint32_t number = map_next(&s->dialog_set_map, &cursor);
	if (number != MAP_NONE)
		pool_prefetch(&s->dialog_sets, number);
	asks_foresee(&s->watch.asks, packet->glance.sip);
	return number;
}

void signalling_fetch_ahead(const struct signalling *s, const struct packet *packet,
                            uint32_t set)
{
	const struct dialog_set *known =
	        set == MAP_NONE ? NULL : pool_live(&s->dialog_sets, set);
	asks_fetch_ahead(&s->watch.asks, packet->glance.sip);
	if (known && known->first_leg) {
		fetch_line(known->sip_call_id);
		pool_prefetch(&s->legs, known->first_leg - 1);
	}
}

/* --- time ----------------------------------------------------------------------------- */

static void leg_deadline(struct signalling *s, uint32_t number, nstime at)
{
	struct leg *leg = leg_at(s, number);
	const bool talking = leg->answered != NSTIME_NONE || !leg->has_invite;
	if (talking && leg->ended == NSTIME_NONE && leg->sibling_ended == NSTIME_NONE) {
		const nstime idle = s->context->settings.limits.leg_idle;
		const nstime media_last = media_leg_last(s->media, leg->media);
		const nstime last = media_last > leg->last ? media_last : leg->last;
		if (last + idle > at &&
		    deadline_set(&s->context->deadlines, &leg->deadline, last + idle) == OK)
			return;
		leg->ended = last;
		leg->ended_by = ENDED_BY_TIMEOUT;
	}
	leg->timed_out = leg->ended == NSTIME_NONE;
	const nstime answer_due = leg_bye_due(leg);
	if (answer_due > at) {
		call_close_media(s, number, at);
		leg_feed_deadline(s, leg, answer_due);
		return;
	}
	call_close_leg(s, number, at);
}

void signalling_deadline(struct signalling *s, struct deadline *deadline)
{
	if (deadline->kind == DEADLINE_REGISTRATION)
		registrations_deadline(&s->registrations, deadline);
	else if (deadline->kind == DEADLINE_BINDING)
		bindings_deadline(&s->registrations.bindings, deadline);
	else if (deadline->kind == DEADLINE_ASK || deadline->kind == DEADLINE_FAILOVER ||
	         deadline->kind == DEADLINE_WATCHED)
		watch_deadline(&s->watch, deadline);
	else if (deadline->kind == DEADLINE_DIALOG_SET)
		dialog_set_drop(s, deadline->number);
	else if (deadline->kind == DEADLINE_MATCH)
		correlate_media(s);
	else
		leg_deadline(s, deadline->number, deadline->at);
}

/* Those behind the first `at`: each two calls further than the step behind it. */
static void fetch_ahead(const struct signalling *s, uint32_t at)
{
	enum { APART = 2 };
	for (unsigned int step = 0; step < CLOSE_FETCH_STEPS; step++)
		fetch_closing(s, at + APART * (CLOSE_FETCH_STEPS - step), step);
}

void signalling_finish(struct signalling *s, nstime at)
{
	correlate_media(s);
	for (uint32_t i = 0; i < s->dialog_sets.reach; i++) {
		const struct dialog_set *set = pool_live(&s->dialog_sets, i);
		if (set && set->first_leg)
			correlate_numbers(s, i);
	}
	for (uint32_t i = 0; i < s->calls.reach; i++) {
		const struct call *call = pool_live(&s->calls, i);
		fetch_ahead(s, i);
		if (call && call->open_legs > 0)
			call_close(s, i, 0, at);
	}
	registrations_finish(&s->registrations, at);
}

/* --- streams come back ---------------------------------------------------------------- */

void signalling_note_stream(struct signalling *s, uint32_t number,
                            struct stream_record *stream, const struct stream_facts *facts)
{
	struct leg *leg = leg_at(s, number);
	struct call *call = call_at(s, dialog_set_at(s, leg->set)->call);
	stream->call = call->id;
	failovers_note_stream(&s->watch.failovers, &leg->src, &leg->dst, leg->start,
	                      stream);
	for (uint8_t i = 0; i < facts->used.count; i++)
		used_codecs_add(&leg->codecs, facts->used.codecs[i], facts->used.firsts[i]);
	const bool early = leg->has_invite &&
	                   (leg->answered == NSTIME_NONE || stream->first < leg->answered);
	if (early)
		stream->flags |= STREAM_EARLY;
	leg_offers_stream(&leg->offers, stream, &facts->used, early);
	if (diagnosis_note_stream(&call->diagnosis, stream, facts) != OK ||
	    diagnosis_note_stream_trunks(&call->diagnosis, s->context->settings.trunks,
	                                 stream) != OK)
		count(s->context, COUNT_NO_MEMORY);
	call_watch_media(s, leg, call, stream);
	call->capture_loss |= (stream->flags & STREAM_CAPTURE_LOSS) != 0;
	const double common = emodel_common_r(stream->band, stream->r);
	if (isnan(common) || common >= call->worst_common_r)
		return;
	call->worst_common_r = common;
	call->mos_lq_min = stream->mos_lq;
	call->mos_lq_min_band = stream->band;
	call->mos_lq_min_stream = stream->id;
}
