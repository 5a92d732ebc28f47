/*
 * call_branches.c - a call that is sent to several places, at once or one after the other
 * (RFC 3261 16.6): which legs are such branches, and who answered.
 */
#include "analyzer/track/signalling.h"

struct legs {
	const struct leg *list[RECORD_MAX_LEGS];
	size_t count;
};

static void add_legs(const struct signalling *s, uint32_t first, struct legs *to)
{
	for (uint32_t l = first; l && to->count < RECORD_MAX_LEGS;
	     l = leg_at(s, l - 1)->next_of_set)
		to->list[to->count++] = leg_at(s, l - 1);
}

static struct legs legs_of(const struct signalling *s, uint32_t number)
{
	struct legs legs = { .count = 0 };
	for (uint32_t d = call_at(s, number)->first_set; d;
	     d = dialog_set_at(s, d - 1)->next_of_call) {
		add_legs(s, dialog_set_at(s, d - 1)->first_leg, &legs);
		add_legs(s, dialog_set_at(s, d - 1)->first_closed, &legs);
	}
	return legs;
}

/* Where all is one host, ports tell who is who. */
static bool is_same_place(const struct endpoint *a, const struct endpoint *b,
                          const struct leg *leg)
{
	const bool one_host = address_equal(&leg->src.address, &leg->dst.address);
	return address_equal(&a->address, &b->address) && (!one_host || a->port == b->port);
}

/* The latest leg that had come to the host from which this one leaves; NULL: none. */
static const struct leg *parent_of(const struct legs *legs, const struct leg *leg)
{
	const struct leg *parent = NULL;
	for (size_t i = 0; i < legs->count; i++) {
		const struct leg *other = legs->list[i];
		if (other != leg && other->start <= leg->start &&
		    is_same_place(&other->dst, &leg->src, leg) &&
		    (!parent || other->start > parent->start))
			parent = other;
	}
	return parent;
}

const struct leg *call_parent(const struct signalling *s, uint32_t number)
{
	const struct leg *leg = leg_at(s, number);
	const uint32_t call = dialog_set_at(s, leg->set)->call;
	if (call_at(s, call)->leg_count < 2)
		return NULL;
	const struct legs legs = legs_of(s, call);
	return parent_of(&legs, leg);
}

static bool are_branches(const struct legs *legs, const struct leg *a, const struct leg *b)
{
	return a != b && is_same_place(&a->src, &b->src, a) &&
	       !endpoint_equal(&a->dst, &b->dst) &&
	       parent_of(legs, a) == parent_of(legs, b);
}

enum { COMPLETED_ELSEWHERE = 200 }; /* Reason: SIP;cause=200 in a CANCEL, RFC 3326 2 */

static enum branch_fate fate_of(const struct leg *leg, bool other_answered)
{
	const bool elsewhere =
	        other_answered || leg->ending.sip_cause == COMPLETED_ELSEWHERE;
	if (leg->answered != NSTIME_NONE)
		return BRANCH_ANSWERED;
	switch (leg_state(leg)) {
	case LEG_CANCELLED:
		return elsewhere ? BRANCH_ELSEWHERE : BRANCH_CANCELLED;
	case LEG_NO_ANSWER:
	case LEG_NO_RESPONSE:
		return BRANCH_NO_ANSWER;
	case LEG_FAILED:
		return BRANCH_REFUSED;
	default:
		return BRANCH_OPEN;
	}
}

enum branch_fate call_branch_fate(const struct signalling *s, uint32_t number)
{
	const struct leg *leg = leg_at(s, number);
	const uint32_t call = dialog_set_at(s, leg->set)->call;
	bool is_branch = false, other_answered = false;
	if (call_at(s, call)->leg_count > 1) {
		const struct legs legs = legs_of(s, call);
		for (size_t i = 0; i < legs.count; i++) {
			if (!are_branches(&legs, leg, legs.list[i]))
				continue;
			is_branch = true;
			other_answered =
			        other_answered || legs.list[i]->answered != NSTIME_NONE;
		}
	}
	const enum branch_fate fate = fate_of(leg, other_answered);
	/* The other branches may go another way than past the probe. */
	return is_branch || fate == BRANCH_ELSEWHERE ? fate : BRANCH_NONE;
}

/* The answered leg from which no other goes on. */
static const struct leg *find_answered(const struct legs *legs)
{
	const struct leg *found = NULL;
	for (size_t i = 0; i < legs->count; i++) {
		const struct leg *leg = legs->list[i];
		bool goes_on = false;
		for (size_t k = 0; k < legs->count && !goes_on; k++)
			goes_on = legs->list[k]->answered != NSTIME_NONE &&
			          parent_of(legs, legs->list[k]) == leg;
		if (leg->answered == NSTIME_NONE || goes_on)
			continue;
		if (!found || leg->answered < found->answered ||
		    (leg->answered == found->answered && leg->id < found->id))
			found = leg;
	}
	return found;
}

void call_branches(const struct signalling *s, uint32_t number, struct call_record *out)
{
	const struct legs legs = legs_of(s, number);
	uint64_t seen = 0, told = 0;
	for (size_t i = 0; i < legs.count; i++) {
		const struct leg *leg = legs.list[i];
		bool is_branch = false;
		for (size_t k = 0; k < legs.count && !is_branch; k++)
			is_branch = are_branches(&legs, leg, legs.list[k]);
		seen += is_branch;
		/* Each branch that rings has a To tag of its own. */
		if (leg->to_tag_count > 1 && leg->to_tag_count > told)
			told = leg->to_tag_count;
	}
	const struct leg *answered = find_answered(&legs);
	out->branches = seen > told ? seen : told;
	out->answered_leg = answered ? answered->id : 0;
}
