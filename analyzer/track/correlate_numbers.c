/*
 * correlate_numbers.c - legs that are one conversation by their numbers and times alone:
 * what is left behind a B2BUA that rewrites everything and transcodes, and of legs without
 * media.  It is a guess, so a leg joins only where just one other can be meant: it leaves
 * from where the first arrives, begins while that one is being set up, ends as it does and
 * when it does, and both numbers are the same however they are written.
 */
#include "analyzer/model/number.h"
#include "analyzer/model/trunk.h"
#include "analyzer/track/signalling.h"
#include "analyzer/wire/sip_uri.h"

#define WINDOW (4 * NS_PER_SEC)    /* from one INVITE to the next */
#define ANSWER_SLACK (NS_PER_SEC)  /* the answer may be passed on first, and seen later */
#define END_SLACK (2 * NS_PER_SEC) /* legs linger for that long: both are known by then */
enum { LEAST_EXTENSION = 3 };      /* digits that may stand for the whole number */

static struct text digits_of(const struct number *number)
{
	const struct text all = text_from(number->digits);
	return text_skip(all, all.len > 0 && all.at[0] == '+');
}

static bool ends_with(struct text whole, struct text end)
{
	return end.len <= whole.len &&
	       text_equal(text_skip(whole, whole.len - end.len), end);
}

/* --- the key: who is called, and when ------------------------------------------------- */

static void read_number(const struct signalling *s, const struct leg *leg, struct text uri,
                        struct number *out)
{
	const struct settings *settings = &s->context->settings;
	const struct trunk *trunk =
	        trunk_find(settings->trunks, &leg->src.address, leg->src.port);
	enum number_format format = NUMBER_FORMAT_ANY;
	struct sip_uri parts;
	if (!trunk)
		trunk = trunk_find(settings->trunks, &leg->dst.address, leg->dst.port);
	if (trunk)
		format = trunk->number_format;
	if (!sip_uri_read(uri, &parts))
		parts = (struct sip_uri){ 0 };
	number_read(settings->numbers, format, parts.telephone, out);
}

/* Numbers that match have their last digits in common. */
static uint64_t key_hash(const struct signalling *s, const struct number *callee,
                         nstime period)
{
	struct hash_key key = s->context->settings.key;
	struct text digits = digits_of(callee);
	if (callee->kind != NUMBER_SHORT && digits.len > NUMBER_LEAST)
		digits = text_skip(digits, digits.len - NUMBER_LEAST);
	key.k1 += (uint64_t)period;
	return hash_text(&key, digits);
}

enum { WORDS = 2 }; /* of each party */

/* Who is called, and who was called first. */
static void read_callees(const struct signalling *s, const struct leg *leg,
                         struct number callees[WORDS])
{
	read_number(s, leg, text_from(leg->to), &callees[0]);
	read_number(s, leg, leg_texts_get(&leg->texts, LEG_TEXT_DIVERTED_FROM),
	            &callees[1]);
}

static bool has_number(const struct leg *leg)
{
	return leg->has_invite && leg->from && leg->to;
}

void correlate_note_numbers(struct signalling *s, uint32_t number)
{
	const struct dialog_set *set = dialog_set_at(s, number);
	const struct leg *leg = leg_at(s, set->first_leg - 1);
	struct number callees[WORDS];
	if (!has_number(leg))
		return;
	read_callees(s, leg, callees);
	for (size_t i = 0; i < WORDS; i++)
		if (callees[i].kind != NUMBER_NONE)
			correlate_keep(s, number,
			               key_hash(s, &callees[i], set->start / WINDOW));
}

/* --- does one leg lead to the other? -------------------------------------------------- */

static bool is_within(nstime at, nstime from, nstime to)
{
	return at >= from && at <= to;
}

/* The host that the one came to sends the other, or another host of the same trunk does. */
static bool leads_on(const struct signalling *s, const struct leg *first,
                     const struct leg *second)
{
	const struct trunks *trunks = s->context->settings.trunks;
	const bool one_host = address_equal(&first->src.address, &first->dst.address);
	if (endpoint_equal(&first->src, &second->src) ||
	    endpoint_equal(&first->dst, &second->dst))
		return false; /* side by side */
	if (address_equal(&first->dst.address, &second->src.address))
		return !one_host || first->dst.port == second->src.port;
	const struct trunk *trunk =
	        trunk_find(trunks, &first->dst.address, first->dst.port);
	return trunk && trunk == trunk_find(trunks, &second->src.address, second->src.port);
}

static bool ends_alike(const struct leg *first, const struct leg *second)
{
	const bool answered = first->answered != NSTIME_NONE;
	if (answered != (second->answered != NSTIME_NONE) ||
	    (first->ended == NSTIME_NONE) != (second->ended == NSTIME_NONE))
		return false;
	if (answered && !is_within(second->answered, first->answered - WINDOW,
	                           first->answered + ANSWER_SLACK))
		return false;
	return first->ended == NSTIME_NONE ||
	       is_within(second->ended, first->ended - END_SLACK, first->ended + END_SLACK);
}

/* An extension is the end of the number that the world knows it by. */
static bool is_extension(const struct number *inside, const struct number *outside)
{
	const struct text extension = digits_of(inside);
	return inside->kind == NUMBER_SHORT && extension.len >= LEAST_EXTENSION &&
	       (outside->kind == NUMBER_LOCAL || outside->kind == NUMBER_GLOBAL) &&
	       ends_with(digits_of(outside), extension);
}

static bool same_subscriber(const struct number *a, const struct number *b)
{
	return number_match(a, b) || is_extension(a, b) || is_extension(b, a);
}

bool correlate_same_party(const struct signalling *s, const struct leg *a,
                          struct text uri_a, const struct leg *b, struct text uri_b)
{
	struct sip_uri parts[2];
	struct number numbers[2];
	if (sip_uri_read(uri_a, &parts[0]) && sip_uri_read(uri_b, &parts[1]) &&
	    text_equal_nocase(parts[0].user, parts[1].user))
		return true;
	read_number(s, a, uri_a, &numbers[0]);
	read_number(s, b, uri_b, &numbers[1]);
	return same_subscriber(&numbers[0], &numbers[1]);
}

static void read_callers(const struct signalling *s, const struct leg *leg,
                         struct number callers[WORDS])
{
	read_number(s, leg, text_from(leg->from), &callers[0]);
	read_number(s, leg, leg_texts_get(&leg->texts, LEG_TEXT_ASSERTED), &callers[1]);
}

static bool any_match(const struct number a[WORDS], const struct number b[WORDS],
                      bool (*match)(const struct number *a, const struct number *b))
{
	for (size_t i = 0; i < WORDS; i++)
		for (size_t k = 0; k < WORDS; k++)
			if (match(&a[i], &b[k]))
				return true;
	return false;
}

static bool same_numbers(const struct signalling *s, const struct leg *a,
                         const struct leg *b)
{
	struct number ours[WORDS], theirs[WORDS];
	read_callees(s, a, ours);
	read_callees(s, b, theirs);
	if (!any_match(ours, theirs, number_match))
		return false;
	read_callers(s, a, ours);
	read_callers(s, b, theirs);
	return any_match(ours, theirs, same_subscriber);
}

/* What was heard on both, and was not the same, weighs more than a guess. */
static bool is_unlike(const struct signalling *s, const struct leg *a, const struct leg *b)
{
	return !a->media_given && !b->media_given &&
	       media_legs_unlike(s->media, a->media, b->media);
}

static bool leads_to(const struct signalling *s, const struct leg *first,
                     const struct leg *second)
{
	const nstime latest = first->start + WINDOW;
	return has_number(first) && has_number(second) &&
	       is_within(second->start, first->start, latest) &&
	       (first->ended == NSTIME_NONE || second->start < first->ended) &&
	       leads_on(s, first, second) && ends_alike(first, second) &&
	       same_numbers(s, first, second) && !is_unlike(s, first, second);
}

/* --- legs of sets and calls ----------------------------------------------------------- */

struct walk {
	const struct signalling *s;
	const struct dialog_set *set;
	uint32_t leg; /* number + 1 */
	bool closed;
};

static struct walk walk_of(const struct signalling *s, uint32_t number)
{
	const struct dialog_set *set = dialog_set_at(s, number);
	return (struct walk){ .s = s, .set = set, .leg = set->first_leg };
}

/* Every leg of a set, those that wait too; NULL at the end. */
static const struct leg *walk_next(struct walk *walk)
{
	if (!walk->leg && !walk->closed) {
		walk->leg = walk->set->first_closed;
		walk->closed = true;
	}
	if (!walk->leg)
		return NULL;
	const struct leg *leg = leg_at(walk->s, walk->leg - 1);
	walk->leg = leg->next_of_set;
	return leg;
}

/* Does something in its call lead on from there already, or lead there? */
static bool is_taken(const struct signalling *s, const struct leg *leg, bool onward)
{
	const struct call *call = call_at(s, dialog_set_at(s, leg->set)->call);
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call) {
		const struct leg *other;
		for (struct walk walk = walk_of(s, d - 1); (other = walk_next(&walk));)
			if (other != leg &&
			    (onward ? leads_on(s, leg, other) : leads_on(s, other, leg)))
				return true;
	}
	return false;
}

struct link {
	const struct leg *first, *second;
};

/* The legs by which one set leads to the other. */
static bool find_link(const struct signalling *s, uint32_t from, uint32_t to,
                      struct link *out)
{
	struct walk walk = walk_of(s, from);
	while ((out->first = walk_next(&walk))) {
		struct walk onward = walk_of(s, to);
		while ((out->second = walk_next(&onward)))
			if (leads_to(s, out->first, out->second))
				return true;
	}
	return false;
}

/* --- the only one that it can be ------------------------------------------------------ */

enum { PERIODS = 3 };

struct candidates {
	size_t count;
	uint32_t sets[WORDS * PERIODS * CALLS_TO_ONE];
	bool complete; /* no more of them than we look at */
};

static bool is_listed(const struct candidates *list, uint32_t set)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->sets[i] == set)
			return true;
	return false;
}

static void add_candidates(const struct signalling *s, uint32_t number, uint64_t hash,
                           struct candidates *to)
{
	uint32_t found[CALLS_TO_ONE];
	const size_t count = correlate_find(s, hash, found, CALLS_TO_ONE);
	to->complete = to->complete && count < CALLS_TO_ONE;
	for (size_t i = 0; i < count; i++)
		if (found[i] != number && dialog_set_at(s, found[i])->call != MAP_NONE &&
		    !is_listed(to, found[i]))
			to->sets[to->count++] = found[i];
}

static void find_candidates(const struct signalling *s, uint32_t number,
                            struct candidates *out)
{
	const struct dialog_set *set = dialog_set_at(s, number);
	struct walk walk = walk_of(s, number);
	const struct leg *leg = walk_next(&walk);
	struct number callees[WORDS];
	*out = (struct candidates){ .complete = true };
	if (!leg || !has_number(leg))
		return;
	read_callees(s, leg, callees);
	for (size_t i = 0; i < WORDS; i++)
		for (nstime p = -1; p <= 1 && callees[i].kind != NUMBER_NONE; p++)
			add_candidates(s, number,
			               key_hash(s, &callees[i], set->start / WINDOW + p),
			               out);
}

/* What could be meant by two is of neither, even when one of them is gone. */
static void doubt(struct signalling *s, uint32_t number, uint32_t a, uint32_t b)
{
	dialog_set_at(s, number)->doubtful = true;
	dialog_set_at(s, a)->doubtful = true;
	dialog_set_at(s, b)->doubtful = true;
}

/* The only set that this one leads to, or from which it comes; MAP_NONE: none, or more. */
static uint32_t only_one(struct signalling *s, uint32_t number,
                         const struct candidates *candidates, bool onward,
                         struct link *link)
{
	uint32_t only = MAP_NONE;
	for (size_t i = 0; candidates->complete && i < candidates->count; i++) {
		const uint32_t other = candidates->sets[i];
		struct link found;
		if (!find_link(s, onward ? number : other, onward ? other : number, &found))
			continue;
		if (only != MAP_NONE) {
			doubt(s, number, only, other);
			return MAP_NONE;
		}
		only = other;
		*link = found;
	}
	return only;
}

static bool is_only_one(struct signalling *s, uint32_t number, bool onward, uint32_t other)
{
	struct candidates candidates;
	struct link link;
	find_candidates(s, number, &candidates);
	return only_one(s, number, &candidates, onward, &link) == other;
}

static void join_one(struct signalling *s, uint32_t number,
                     const struct candidates *candidates, bool onward)
{
	static const struct join_evidence evidence = { .by = JOINED_BY_NUMBERS };
	const struct dialog_set *set = dialog_set_at(s, number);
	struct link link;
	const uint32_t other = only_one(s, number, candidates, onward, &link);
	if (other == MAP_NONE || !is_only_one(s, other, !onward, number) || set->doubtful ||
	    dialog_set_at(s, other)->doubtful ||
	    dialog_set_at(s, other)->call == set->call || is_taken(s, link.first, true) ||
	    is_taken(s, link.second, false))
		return;
	(void)call_join(s, number, other, &evidence); /* counted if it cannot */
}

void correlate_numbers(struct signalling *s, uint32_t number)
{
	struct candidates candidates;
	if (!dialog_set_at(s, number)->first_key)
		return;
	find_candidates(s, number, &candidates);
	join_one(s, number, &candidates, true);
	join_one(s, number, &candidates, false);
}
