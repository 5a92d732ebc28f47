/*
 * call_table.c - calls: the legs of one conversation, from the first to the records.
 *
 * A call begins with the legs of one Call-ID.  Whatever tells that two calls are one makes
 * the later one part of the earlier (correlate.c).  So that every record says the same,
 * legs and streams that are over wait until the whole call is.
 */
#include "analyzer/track/signalling.h"

#include <math.h>
#include <stdlib.h>

struct call *call_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->calls, number);
}

struct leg *leg_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->legs, number);
}

char *signalling_duplicate(struct signalling *s, struct text text, size_t size)
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

static uint64_t call_id_of(const struct signalling *s, const struct sip_event *event)
{
	struct id_builder id = id_begin(s->context, RECORD_CALL);
	id_add_text(&id, event->message->call_id);
	id_add_number(&id, (uint64_t)event->at);
	return id_end(&id);
}

enum status call_open(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	struct dialog_set *set = dialog_set_at(s, number);
	void *object;
	const enum status status = pool_take(&s->calls, &object, &set->call);
	if (status != OK) {
		set->call = MAP_NONE;
		context_count_failure(s->context, status, COUNT_CALLS_NOT_TRACKED);
		return status;
	}
	struct call *call = object;
	call->id = set->id = call_id_of(s, event);
	call->start = event->at;
	call->ended = NSTIME_NONE;
	call->worst_common_r = call->mos_lq_min = NAN;
	call->first_set = number + 1;
	count(s->context, COUNT_CALLS);
	return OK;
}

void call_abandon(struct signalling *s, uint32_t number)
{
	const uint32_t set = call_at(s, number)->first_set - 1;
	pool_give(&s->calls, number);
	dialog_set_drop(s, set);
}

void call_close(struct signalling *s, uint32_t number, uint32_t flags, nstime at)
{
	for (uint32_t d = call_at(s, number)->first_set; d;) {
		const struct dialog_set *set = dialog_set_at(s, d - 1);
		const uint32_t next = set->next_of_call;
		while (set->first_leg) {
			leg_at(s, set->first_leg - 1)->flags |= flags;
			call_close_leg(s, set->first_leg - 1, at);
		}
		d = next;
	}
}

/* One that nothing has joined to an earlier one yet: the first of its call. */
static struct dialog_set *root_of(const struct signalling *s, const struct call *call)
{
	uint32_t d = call->first_set;
	while (dialog_set_at(s, d - 1)->joined.by != JOINED_BY_NONE)
		d = dialog_set_at(s, d - 1)->next_of_call;
	return dialog_set_at(s, d - 1);
}

static bool is_older(const struct call *a, const struct call *b)
{
	return a->start != b->start ? a->start < b->start : a->id < b->id;
}

/* What came out of one of them came out of both; it may be one of them itself. */
static void family_merge(const struct call *from, struct call *to)
{
	if (to->relation == RELATION_NONE)
		to->relation = from->relation;
	if (!to->family && from->family)
		to->family = from->family == from->id ? to->id : from->family;
}

/* The sets of `from` become those of `to`. */
static void move_sets(struct signalling *s, struct call *from, uint32_t to_number)
{
	struct call *to = call_at(s, to_number);
	uint32_t *link = &from->first_set;
	while (*link) {
		struct dialog_set *set = dialog_set_at(s, *link - 1);
		set->call = to_number;
		link = &set->next_of_call;
	}
	*link = to->first_set;
	to->first_set = from->first_set;
	to->leg_count += from->leg_count;
	to->open_legs += from->open_legs;
	to->states |= from->states;
	to->strategies |= from->strategies;
	to->ended = from->ended > to->ended ? from->ended : to->ended;
	to->one_way = to->one_way || from->one_way;
	to->forwarded = to->forwarded || from->forwarded;
	family_merge(from, to);
}

/* More of what had joined them. */
static void note_evidence(struct dialog_set *set, const struct dialog_set *other,
                          const struct join_evidence *evidence)
{
	struct join_evidence *kept = &set->joined;
	if (kept->leg == other->leg_id && kept->by == evidence->by &&
	    kept->matches < evidence->matches) {
		kept->matches = evidence->matches;
		kept->offset_ms = evidence->offset_ms;
	}
}

bool call_join(struct signalling *s, uint32_t a, uint32_t b,
               const struct join_evidence *evidence)
{
	struct dialog_set *sets[] = { dialog_set_at(s, a), dialog_set_at(s, b) };
	if (sets[0]->call == MAP_NONE || sets[1]->call == MAP_NONE)
		return false;
	struct call *calls[] = { call_at(s, sets[0]->call), call_at(s, sets[1]->call) };
	const bool swap = is_older(calls[1], calls[0]);
	struct call *older = calls[swap];
	struct call *younger = calls[!swap];
	if (older != younger) {
		if (older->sealed || younger->sealed)
			return false;
		if (older->leg_count + younger->leg_count > RECORD_MAX_LEGS) {
			count(s->context, COUNT_CALLS_NOT_JOINED);
			return false;
		}
		const uint32_t given = sets[!swap]->call;
		struct join_evidence *kept = &root_of(s, younger)->joined;
		*kept = *evidence;
		kept->leg = sets[swap]->leg_id;
		move_sets(s, younger, sets[swap]->call);
		diagnosis_free(younger->diagnosis); /* nothing yet: it was not sealed */
		pool_give(&s->calls, given);
		s->context->counters.of[COUNT_CALLS]--;
		count(s->context, COUNT_CALLS_JOINED);
	}
	note_evidence(sets[0], sets[1], evidence);
	note_evidence(sets[1], sets[0], evidence);
	older->strategies |= joined_by_bit(evidence->by);
	return true;
}

/* Does media of it go on?  What is left may be a BYE that waits for its answer. */
static bool has_media(const struct signalling *s, const struct call *call)
{
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call)
		for (uint32_t l = dialog_set_at(s, d - 1)->first_leg; l;
		     l = leg_at(s, l - 1)->next_of_set)
			if (!leg_at(s, l - 1)->media_closed)
				return true;
	return false;
}

static void give_streams_of(struct signalling *s, uint32_t first, nstime at)
{
	for (uint32_t l = first; l; l = leg_at(s, l - 1)->next_of_set)
		if (!leg_at(s, l - 1)->media_given) {
			media_leg_give(s->media, leg_at(s, l - 1)->media, at);
			leg_at(s, l - 1)->media_given = true;
		}
}

/* From now on it joins no other call: its streams have named it. */
static void give_streams(struct signalling *s, struct call *call, nstime at)
{
	call->sealed = true;
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call) {
		give_streams_of(s, dialog_set_at(s, d - 1)->first_leg, at);
		give_streams_of(s, dialog_set_at(s, d - 1)->first_closed, at);
	}
}

/* Everything that waited for the end of the call leaves now. */
static void give_all(struct signalling *s, uint32_t number, nstime at)
{
	const struct call *call = call_at(s, number);
	enum status status = OK;
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call) {
		const struct dialog_set *set = dialog_set_at(s, d - 1);
		for (uint32_t l = set->first_closed; l && status == OK;
		     l = leg_at(s, l - 1)->next_of_set) {
			const struct leg *leg = leg_at(s, l - 1);
			const struct final final = { at, leg->id, l - 1, RECORD_LEG };
			status = finals_add(&s->context->finals, final);
		}
	}
	const struct final findings = { at, call->id, number, RECORD_FINDING };
	const struct final final = { at, call->id, number, RECORD_CALL };
	if (status == OK)
		status = finals_add(&s->context->finals, findings);
	if (status == OK)
		status = finals_add(&s->context->finals, final);
	if (status != OK)
		count(s->context, COUNT_NO_MEMORY);
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
	leg->from = signalling_duplicate(s, message->from.uri, RECORD_TEXT);
	leg->to = signalling_duplicate(s, message->to.uri, RECORD_TEXT);
	leg->id = leg_id_of(s, leg, event);
	leg->deadline.kind = DEADLINE_LEG;
	leg_trace_begin(&leg->trace);
}

uint32_t call_open_leg(struct signalling *s, uint32_t number, const struct sip_event *event)
{
	struct dialog_set *set = dialog_set_at(s, number);
	struct call *call = call_at(s, set->call);
	void *object;
	uint32_t leg_number;
	enum status status = ERR_FULL;
	if (call->leg_count < RECORD_MAX_LEGS)
		status = pool_take(&s->legs, &object, &leg_number);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_LEGS_NOT_TRACKED);
		return MAP_NONE;
	}
	struct leg *leg = object;
	begin_leg(s, leg, event);
	leg->set = number;
	leg->deadline.number = leg_number;
	const struct media_leg media = {
		.leg = leg->id,
		.call = set->id,
		.start = leg->start,
		.incomplete = !sip_begins_dialog(event->message),
		.signalling_leg = leg_number,
	};
	status = media_leg_open(s->media, &media, &leg->media);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_LEGS_NOT_TRACKED);
		leg_free_texts(leg); /* not charged yet */
		pool_give(&s->legs, leg_number);
		return MAP_NONE;
	}
	leg->next_of_set = set->first_leg;
	set->first_leg = leg_number + 1;
	if (set->leg_count++ == 0)
		set->leg_id = leg->id;
	else
		call->strategies |= joined_by_bit(JOINED_BY_CALL_ID);
	call->leg_count++;
	call->open_legs++;
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
	media_match_settle(s->media, at);
	media_leg_over(s->media, leg->media, seen_until(s, leg));
	media_leg_steps(s->media, leg->media, leg->steps);
	media_leg_close(s->media, leg->media, at, &leg->audio);
	leg->media_closed = true;
	correlate_media(s);
	correlate_numbers(s, leg->set);
	struct call *call = call_at(s, dialog_set_at(s, leg->set)->call);
	if (!has_media(s, call))
		give_streams(s, call, at);
}

static void move_to_closed(const struct signalling *s, struct dialog_set *set,
                           uint32_t number)
{
	struct leg *leg = leg_at(s, number);
	uint32_t *link = &set->first_leg;
	while (*link != number + 1)
		link = &leg_at(s, *link - 1)->next_of_set;
	*link = leg->next_of_set;
	leg->next_of_set = set->first_closed;
	set->first_closed = number + 1;
}

void call_close_leg(struct signalling *s, uint32_t number, nstime at)
{
	struct leg *leg = leg_at(s, number);
	deadline_clear(&s->context->deadlines, &leg->deadline);
	leg->closed = at;
	trunk_load_note(&s->trunk_load, leg, true);
	if (leg->ended == NSTIME_NONE && leg->sibling_ended != NSTIME_NONE) {
		leg->ended = leg->sibling_ended;
		leg->ended_by = leg->sibling_ended_by;
	}
	call_close_media(s, number, at);
	struct dialog_set *set = dialog_set_at(s, leg->set);
	struct call *call = call_at(s, set->call);
	move_to_closed(s, set, number);
	call->states |= 1u << leg_state(leg);
	call->ended = leg->ended > call->ended ? leg->ended : call->ended;
	if (--call->open_legs == 0)
		give_all(s, set->call, at);
}
