/* call_record.c - the records of legs and calls, once all of a call is over. */
#include <stdlib.h>

#include "analyzer/track/signalling.h"
#include "analyzer/track/trunk_ends.h"

/* The labels of the points where it was seen, with a comma between them. */
static void add_points(const struct settings *settings, uint8_t points,
                       char out[RECORD_POINTS])
{
	size_t len = 0;
	for (size_t i = 0; i < LIMIT_POINTS; i++) {
		if (!(points >> i & 1))
			continue;
		if (len > 0)
			out[len++] = ',';
		const struct text label = text_from(settings->points[i]);
		text_copy(out + len, RECORD_POINTS - len, label);
		len += label.len;
	}
}

/* Did it ask for another callee, or was it made because one did? */
static bool is_forwarded(const struct leg *leg, const struct leg_record *out)
{
	return out->diversions > 0 || leg->forwarded;
}

void call_describe_leg(const struct signalling *s, uint32_t number, struct leg_record *out)
{
	const struct leg *leg = leg_at(s, number);
	const struct dialog_set *set = dialog_set_at(s, leg->set);
	leg_record(leg, out);
	add_points(&s->context->settings, leg->points, out->points);
	out->call = call_at(s, set->call)->id;
	out->branch = call_branch_fate(s, number);
	const struct leg *parent = call_parent(s, number);
	if (parent) {
		out->parent_leg = parent->id;
		out->changes = call_changes(s, leg, parent) |
		               call_rewriting(parent, leg, out->rewritten);
	}
	text_copy(out->sip_call_id, sizeof out->sip_call_id, text_from(set->sip_call_id));
	correlate_leg_record(leg, set, out);
}

void signalling_leg_record(struct signalling *s, uint32_t number, struct leg_record *out)
{
	struct leg *leg = leg_at(s, number);
	struct call *call = call_at(s, dialog_set_at(s, leg->set)->call);
	const struct trunks *trunks = s->context->settings.trunks;
	call_describe_leg(s, number, out);
	trunk_ends_of_leg(&s->context->settings, out);
	call->one_way = call->one_way || out->one_way;
	call->forwarded = call->forwarded || is_forwarded(leg, out);
	if (diagnosis_note_leg(&call->diagnosis, out, &leg->trace) != OK ||
	    diagnosis_note_leg_trunks(&call->diagnosis, trunks, out) != OK ||
	    (++call->told_legs == call->leg_count &&
	     diagnosis_conclude(&call->diagnosis) != OK))
		count(s->context, COUNT_NO_MEMORY);
}

static uint64_t finding_id_of(const struct signalling *s, const struct finding_record *f)
{
	struct id_builder id = id_begin(s->context, RECORD_FINDING);
	id_add_number(&id, f->call);
	id_add_number(&id, f->code);
	return id_end(&id);
}

size_t signalling_findings(struct signalling *s, uint32_t number,
                           struct finding_record out[FINDINGS_PER_CALL])
{
	struct call *call = call_at(s, number);
	const size_t count = diagnosis_judge(call->diagnosis, out);
	for (size_t i = 0; i < count; i++) {
		out[i].call = call->id;
		out[i].rank = i + 1;
		out[i].id = finding_id_of(s, &out[i]);
	}
	diagnosis_free(call->diagnosis);
	call->diagnosis = NULL;
	return count;
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

static int compare_legs(const void *left, const void *right)
{
	const struct leg *const *a = left;
	const struct leg *const *b = right;
	if ((*a)->start != (*b)->start)
		return (*a)->start < (*b)->start ? -1 : 1;
	return ((*a)->id > (*b)->id) - ((*a)->id < (*b)->id);
}

static size_t add_legs(const struct signalling *s, uint32_t first, size_t count,
                       const struct leg *legs[RECORD_MAX_LEGS])
{
	for (uint32_t l = first; l && count < RECORD_MAX_LEGS;
	     l = leg_at(s, l - 1)->next_of_set)
		legs[count++] = leg_at(s, l - 1);
	return count;
}

static void list_legs(const struct signalling *s, const struct call *call,
                      struct id_list *out)
{
	const struct leg *legs[RECORD_MAX_LEGS] = { NULL };
	size_t count = 0;
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call) {
		count = add_legs(s, dialog_set_at(s, d - 1)->first_closed, count, legs);
		count = add_legs(s, dialog_set_at(s, d - 1)->first_leg, count, legs);
	}
	if (count > 1)
		qsort(legs, count, sizeof legs[0], compare_legs);
	out->count = (uint8_t)count;
	for (size_t i = 0; i < count; i++)
		out->ids[i] = legs[i]->id;
}

static int compare_ids(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left;
	const uint64_t b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

static void list_aliases(const struct signalling *s, const struct call *call,
                         struct id_list *out)
{
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call)
		if (dialog_set_at(s, d - 1)->id != call->id && out->count < RECORD_MAX_LEGS)
			out->ids[out->count++] = dialog_set_at(s, d - 1)->id;
	qsort(out->ids, out->count, sizeof out->ids[0], compare_ids);
}

/* Its legs have been reported: all that is left are tombstones of the Call-IDs. */
static void release(struct signalling *s, uint32_t number)
{
	for (uint32_t d = call_at(s, number)->first_set; d;) {
		const struct dialog_set *set = dialog_set_at(s, d - 1);
		const uint32_t next_set = set->next_of_call;
		for (uint32_t l = set->first_closed; l;) {
			struct leg *leg = leg_at(s, l - 1);
			const uint32_t next = leg->next_of_set;
			call_discharge(s, leg);
			leg_free_texts(leg);
			pool_give(&s->legs, l - 1);
			l = next;
		}
		dialog_set_bury(s, d - 1);
		d = next_set;
	}
	diagnosis_free(call_at(s, number)->diagnosis);
	pool_give(&s->calls, number);
}

void call_describe(const struct signalling *s, uint32_t number, struct call_record *out)
{
	const struct call *call = call_at(s, number);
	*out = (struct call_record){
		.id = call->id,
		.start = call->start,
		.ended = call->ended,
		.state = best_state(call->states),
		.mos_lq_min = call->mos_lq_min,
		.mos_lq_min_band = call->mos_lq_min_band,
		.mos_lq_min_stream = call->mos_lq_min_stream,
		.capture_loss = call->capture_loss,
		.one_way = call->one_way,
		.strategies = call->strategies,
	};
	list_legs(s, call, &out->legs);
	list_aliases(s, call, &out->aliases);
	call_branches(s, number, out);
	out->family = call->family;
	out->relation = call->relation;
	if (out->relation == RELATION_NONE && call->forwarded)
		out->relation = RELATION_FORWARD;
	if (out->relation != RELATION_NONE && !out->family)
		out->family = call->id;
}

void signalling_call_record(struct signalling *s, uint32_t number, struct call_record *out)
{
	call_describe(s, number, out);
	release(s, number);
}
