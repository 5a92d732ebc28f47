/*
 * call_table.c - which call and which leg a message belongs to.
 *
 * A call is found by its Call-ID.  Within it a leg is found by the two signalling
 * addresses, and by the tags where a message takes a way of its own (an ACK or BYE that
 * passes a proxy by).
 */
#include "analyzer/track/signalling.h"

#include <math.h>
#include <stdlib.h>

#define TOMBSTONE_TIME (40 * NS_PER_SEC) /* BYE is repeated for 32 s, RFC 3261 17.1.2.2 */
enum { EVICTION_SEARCH = 64 };

struct call *call_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->calls, number);
}

struct leg *leg_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->legs, number);
}

static char *duplicate(struct signalling *s, struct text text, size_t size)
{
	if (text.len == 0)
		return NULL;
	const struct text kept = text_head(text, size - 1);
	char *copy = malloc(kept.len + 1);
	if (copy)
		context_copy(s->context, copy, kept.len + 1, kept);
	else
		count(s->context, COUNT_NO_MEMORY);
	if (kept.len < text.len)
		count(s->context, COUNT_TEXT_CUT);
	return copy;
}

/* --- calls ---------------------------------------------------------------------------- */

uint32_t call_find(const struct signalling *s, struct text sip_call_id, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&s->call_map, &cursor);
		if (number == MAP_NONE)
			return MAP_NONE;
		const struct call *call = call_at(s, number);
		/* The hash is of the whole Call-ID, so texts cut alike are told apart. */
		const struct text kept = { call->sip_call_id, call->sip_call_id_len };
		if (call->hash == hash &&
		    text_equal(kept, text_head(sip_call_id, RECORD_TEXT - 1)))
			return number;
	}
}

static bool is_answered(const struct signalling *s, const struct call *call)
{
	for (uint32_t l = call->first_leg; l; l = leg_at(s, l - 1)->next_of_call)
		if (leg_at(s, l - 1)->answered != NSTIME_NONE)
			return true;
	return false;
}

static void close_all(struct signalling *s, uint32_t number, nstime at)
{
	const struct call *call = call_at(s, number);
	for (uint32_t next, l = call->first_leg; l; l = next) {
		next = leg_at(s, l - 1)->next_of_call;
		leg_at(s, l - 1)->flags |= LEG_EVICTED;
		call_close_leg(s, l - 1, at);
	}
}

/* Tombstones go first, then the oldest unanswered; an answered call never does. */
static void evict(struct signalling *s)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && s->calls.reach; i++) {
		const uint32_t number = s->call_hand++ % s->calls.reach;
		const struct call *call = pool_live(&s->calls, number);
		if (!call || (call->open_legs == 0 && !call->over))
			continue; /* free, or waiting for its record */
		if (call->over) {
			call_drop(s, number);
			return;
		}
		if (!is_answered(s, call) &&
		    (victim == MAP_NONE || call->start < call_at(s, victim)->start))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(s->context, COUNT_CALLS_EVICTED);
	close_all(s, victim, s->context->now);
}

static uint64_t call_id_of(const struct signalling *s, const struct sip_event *event)
{
	struct id_builder id = id_begin(s->context, RECORD_CALL);
	id_add_text(&id, event->message->call_id);
	id_add_number(&id, (uint64_t)event->at);
	return id_end(&id);
}

uint32_t call_open(struct signalling *s, const struct sip_event *event, uint64_t hash)
{
	void *object;
	uint32_t number;
	if (pool_is_tight(&s->calls) || pool_is_tight(&s->legs))
		evict(s);
	enum status status = pool_take(&s->calls, &object, &number);
	if (status == OK) {
		struct call *call = object;
		call->sip_call_id = duplicate(s, event->message->call_id, RECORD_TEXT);
		status = call->sip_call_id ? map_insert(&s->call_map, hash, number)
		                           : ERR_NOMEM;
		if (status != OK) {
			free(call->sip_call_id);
			pool_give(&s->calls, number);
		}
	}
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_CALLS_NOT_TRACKED);
		return MAP_NONE;
	}
	struct call *call = object;
	call->hash = hash;
	call->sip_call_id_len = text_head(event->message->call_id, RECORD_TEXT - 1).len;
	call->id = call_id_of(s, event);
	call->start = event->at;
	call->ended = NSTIME_NONE;
	call->worst_common_r = call->mos_lq_min = NAN;
	call->deadline.kind = DEADLINE_CALL;
	call->deadline.number = number;
	count(s->context, COUNT_CALLS);
	return number;
}

void call_drop(struct signalling *s, uint32_t number)
{
	struct call *call = call_at(s, number);
	deadline_clear(&s->context->deadlines, &call->deadline);
	map_remove(&s->call_map, call->hash, number);
	free(call->sip_call_id);
	pool_give(&s->calls, number);
}

/* --- finding a leg -------------------------------------------------------------------- */

enum closeness {
	NOT_CLOSE,
	SAME_HOSTS, /* both addresses */
	SAME_PORT,  /* and the port at one side: the other's changed (TCP, NAT) */
	SAME_PATH,
};

static enum closeness compare(const struct endpoint *a, const struct endpoint *b,
                              const struct packet *packet)
{
	if (!address_equal(&a->address, &packet->src.address) ||
	    !address_equal(&b->address, &packet->dst.address))
		return NOT_CLOSE;
	const bool src = a->port == packet->src.port;
	const bool dst = b->port == packet->dst.port;
	if (src && dst)
		return SAME_PATH;
	return src || dst ? SAME_PORT : SAME_HOSTS;
}

static enum closeness closeness_of(const struct leg *leg, const struct packet *packet)
{
	const enum closeness forward = compare(&leg->src, &leg->dst, packet);
	const enum closeness back = compare(&leg->dst, &leg->src, packet);
	return forward > back ? forward : back;
}

/* An INVITE that begins something: again in a leg only on that leg's own way. */
static bool begins_again(const struct leg *leg, const struct sip_event *event)
{
	const enum closeness closeness = compare(&leg->src, &leg->dst, event->packet);
	return leg->from_tag == event->from_tag &&
	       (closeness == SAME_PATH ||
	        (closeness == SAME_PORT && leg->dst.port == event->packet->dst.port));
}

static bool is_initial_invite(const struct sip_message *message)
{
	return message->is_request && message->method == SIP_INVITE &&
	       message->to.tag.len == 0;
}

static bool shares_host(const struct leg *leg, const struct packet *packet)
{
	return address_equal(&leg->src.address, &packet->src.address) ||
	       address_equal(&leg->dst.address, &packet->dst.address) ||
	       address_equal(&leg->src.address, &packet->dst.address) ||
	       address_equal(&leg->dst.address, &packet->src.address);
}

/* How well the message fits the leg; 0 = not at all. */
static unsigned int fitness(const struct leg *leg, const struct sip_event *event)
{
	if (is_initial_invite(event->message))
		return begins_again(leg, event);
	const bool same_tag =
	        leg->from_tag == event->from_tag || leg->from_tag == event->to_tag;
	const enum closeness closeness = closeness_of(leg, event->packet);
	if (closeness != NOT_CLOSE)
		return 4u * closeness + (same_tag ? 2u : 0u);
	if (!same_tag)
		return 0;
	return shares_host(leg, event->packet) ? 2 : 1;
}

uint32_t call_find_leg(const struct signalling *s, uint32_t number,
                       const struct sip_event *event)
{
	uint32_t best = MAP_NONE;
	unsigned int best_fitness = 0;
	for (uint32_t l = call_at(s, number)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_call) {
		const unsigned int fits = fitness(leg_at(s, l - 1), event);
		if (fits > best_fitness) {
			best = l - 1;
			best_fitness = fits;
		}
	}
	return best;
}

/* --- opening and closing legs --------------------------------------------------------- */

static uint64_t leg_id_of(const struct signalling *s, const struct leg *leg,
                          const struct sip_event *event)
{
	struct id_builder id = id_begin(s->context, RECORD_LEG);
	id_add_text(&id, event->message->call_id);
	id_add_text(&id, event->message->from.tag);
	id_add_endpoint(&id, &leg->src);
	id_add_endpoint(&id, &leg->dst);
	id_add_number(&id, (uint64_t)leg->start);
	return id_end(&id);
}

static void begin_leg(struct signalling *s, struct leg *leg, const struct sip_event *event)
{
	const struct sip_message *message = event->message;
	const bool request = message->is_request;
	leg->src = request ? event->packet->src : event->packet->dst;
	leg->dst = request ? event->packet->dst : event->packet->src;
	leg->transport = event->packet->transport;
	leg->from_tag = event->from_tag;
	leg->start = leg->last = event->at;
	leg->invited = leg->ringing = leg->answered = leg->ended = NSTIME_NONE;
	leg->first_response = leg->sibling_ended = NSTIME_NONE;
	/* A response stands for the INVITE that was not seen; a re-INVITE for none. */
	leg->invite_cseq = request ? 0 : message->cseq;
	leg->from = duplicate(s, message->from.uri, RECORD_TEXT);
	leg->to = duplicate(s, message->to.uri, RECORD_TEXT);
	leg->id = leg_id_of(s, leg, event);
	leg->deadline.kind = DEADLINE_LEG;
}

uint32_t call_open_leg(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	struct call *call = call_at(s, number);
	void *object;
	uint32_t leg_number;
	enum status status = ERR_FULL;
	if (call->legs.count < RECORD_MAX_LEGS)
		status = pool_take(&s->legs, &object, &leg_number);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_LEGS_NOT_TRACKED);
		return MAP_NONE;
	}
	struct leg *leg = object;
	begin_leg(s, leg, event);
	leg->call = number;
	leg->deadline.number = leg_number;
	const struct media_leg media = {
		.leg = leg->id,
		.call = call->id,
		.start = leg->start,
		.incomplete = !is_initial_invite(event->message),
		.signalling_leg = leg_number,
	};
	status = media_leg_open(s->media, &media, &leg->media);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_LEGS_NOT_TRACKED);
		leg_free_texts(leg);
		pool_give(&s->legs, leg_number);
		return MAP_NONE;
	}
	leg->next_of_call = call->first_leg;
	call->first_leg = leg_number + 1;
	call->open_legs++;
	call->legs.ids[call->legs.count++] = leg->id;
	count(s->context, COUNT_LEGS);
	return leg_number;
}

/* Its end; of one that nobody was seen to end, the last that was seen of it. */
static nstime seen_until(const struct signalling *s, const struct leg *leg)
{
	const nstime media = media_leg_last(s->media, leg->media);
	if (leg->ended != NSTIME_NONE)
		return leg->ended;
	return media > leg->last ? media : leg->last;
}

void call_close_media(struct signalling *s, uint32_t number, nstime at)
{
	struct leg *leg = leg_at(s, number);
	if (leg->media_closed)
		return;
	media_leg_over(s->media, leg->media, seen_until(s, leg));
	media_leg_close(s->media, leg->media, at, &leg->audio);
	leg->media_closed = true;
}

void call_close_leg(struct signalling *s, uint32_t number, nstime at)
{
	struct leg *leg = leg_at(s, number);
	struct call *call = call_at(s, leg->call);
	deadline_clear(&s->context->deadlines, &leg->deadline);
	if (leg->ended == NSTIME_NONE && leg->sibling_ended != NSTIME_NONE) {
		leg->ended = leg->sibling_ended;
		leg->ended_by = leg->sibling_ended_by;
	}
	call_close_media(s, number, at);

	uint32_t *link = &call->first_leg;
	while (*link != number + 1)
		link = &leg_at(s, *link - 1)->next_of_call;
	*link = leg->next_of_call;
	call->states |= 1u << leg_state(leg);
	call->ended = leg->ended > call->ended ? leg->ended : call->ended;
	call->open_legs--;

	const struct final final_leg = { at, leg->id, number, RECORD_LEG };
	const struct final final_call = { at, call->id, leg->call, RECORD_CALL };
	enum status status = finals_add(&s->context->finals, final_leg);
	if (status == OK && call->open_legs == 0)
		status = finals_add(&s->context->finals, final_call);
	if (status != OK)
		count(s->context, COUNT_NO_MEMORY);
}

void call_spread_end(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	const struct leg *ended = leg_at(s, number);
	const bool direct = closeness_of(ended, event->packet) == NOT_CLOSE;
	for (uint32_t l = call_at(s, ended->call)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_call) {
		struct leg *leg = leg_at(s, l - 1);
		if (l - 1 == number || leg->from_tag != ended->from_tag ||
		    leg->answered == NSTIME_NONE || leg->ended != NSTIME_NONE)
			continue;
		leg->sibling_ended = ended->ended;
		leg->sibling_ended_by = ended->ended_by;
		if (direct) {
			leg->ended = ended->ended;
			leg->ended_by = ended->ended_by;
		}
		const nstime now = s->context->now;
		const nstime due = leg_due(leg, &s->context->settings.limits, now);
		if (deadline_set(&s->context->deadlines, &leg->deadline, due) != OK)
			count(s->context, COUNT_NO_MEMORY);
	}
}

/* --- records -------------------------------------------------------------------------- */

void signalling_leg_record(struct signalling *s, uint32_t number, struct leg_record *out)
{
	struct leg *leg = leg_at(s, number);
	struct call *call = call_at(s, leg->call);
	leg_record(leg, out);
	out->call = call->id;
	call->one_way = call->one_way || out->one_way;
	text_copy(out->sip_call_id, sizeof out->sip_call_id, text_from(call->sip_call_id));
	leg_free_texts(leg);
	pool_give(&s->legs, number);
}

/* The best that any leg came to. */
static enum leg_state best_state(uint32_t states)
{
	static const enum leg_state order[] = { LEG_COMPLETED,  LEG_IN_PROGRESS,
		                                LEG_INCOMPLETE, LEG_CANCELLED,
		                                LEG_NO_ANSWER,  LEG_FAILED,
		                                LEG_NO_RESPONSE };
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (states & 1u << order[i])
			return order[i];
	return LEG_STATE_NONE;
}

void signalling_call_record(struct signalling *s, uint32_t number, struct call_record *out)
{
	struct call *call = call_at(s, number);
	*out = (struct call_record){
		.id = call->id,
		.legs = call->legs,
		.start = call->start,
		.ended = call->ended,
		.state = best_state(call->states),
		.mos_lq_min = call->mos_lq_min,
		.mos_lq_min_band = call->mos_lq_min_band,
		.mos_lq_min_stream = call->mos_lq_min_stream,
		.capture_loss = call->capture_loss,
		.one_way = call->one_way,
	};
	call->over = true;
	if (deadline_set(&s->context->deadlines, &call->deadline,
	                 s->context->now + TOMBSTONE_TIME) != OK)
		call_drop(s, number);
}
