/*
 * call_evict.c - which call makes room for another.
 *
 * Calls that are over go first, though repeats of their BYE may come yet; then what was
 * never answered: what one source has much of before what others have, and of that what
 * nobody said a word to.  Answered calls go only if no media of them was ever seen, and
 * only to break the hold of a source that has far more of them than anybody else; what has
 * media is never evicted.
 */
#include "analyzer/track/signalling.h"

enum {
	LOOKED_AT = 32,
	/* Of those that are looked at, a source that has so many is a crowd. */
	CROWD = LOOKED_AT / 8,
	MOST = LOOKED_AT / 2,
	IPV4_NET_BYTES = 15, /* of the mapped address: a /24 */
	IPV6_NET_BYTES = 8,
};

#define ANSWER_DUE (500 * NS_PER_MS) /* RFC 3261 T1: then the INVITE is sent again */

/* What a call is worth, the least first. */
enum worth {
	WORTH_SILENCE, /* an INVITE and no answer */
	WORTH_RINGING, /* the other side said something */
	WORTH_EARLY,   /* early media */
	WORTH_OPENED,  /* answered, without an ACK or media */
	WORTH_TALK,    /* answered, without media */
	WORTH_KEPT,
};

struct candidate {
	uint32_t set;
	enum worth worth;
	uint64_t source;
	nstime start;
};

struct search {
	struct candidate of[LOOKED_AT];
	size_t count;
};

/* --- texts ---------------------------------------------------------------------------- */

void call_charge(struct signalling *s, struct leg *leg)
{
	const size_t now = leg_texts_size(leg);
	s->text_bytes += now;
	s->text_bytes -= leg->charged;
	leg->charged = now < UINT16_MAX ? (uint16_t)now : UINT16_MAX;
	s->text_bytes -= now - leg->charged;
}

void call_discharge(struct signalling *s, const struct leg *leg)
{
	s->text_bytes -= leg->charged;
}

/* --- worth ---------------------------------------------------------------------------- */

static enum worth worth_of_leg(const struct signalling *s, const struct leg *leg)
{
	const bool media =
	        media_leg_last(s->media, leg->media) != NSTIME_NONE || leg->media_closed;
	if (leg->answered == NSTIME_NONE)
		return media              ? WORTH_EARLY
		       : leg->provisional ? WORTH_RINGING
		                          : WORTH_SILENCE;
	if (media)
		return WORTH_KEPT;
	return leg->stages.acked ? WORTH_TALK : WORTH_OPENED;
}

/* That of its best leg; the source is that of its first. */
static void look_at(const struct signalling *s, struct candidate *out)
{
	const struct call *call = call_at(s, dialog_set_at(s, out->set)->call);
	out->worth = WORTH_SILENCE;
	out->source = 0;
	for (uint32_t d = call->first_set; d; d = dialog_set_at(s, d - 1)->next_of_call)
		for (uint32_t l = dialog_set_at(s, d - 1)->first_leg; l;
		     l = leg_at(s, l - 1)->next_of_set) {
			const struct leg *leg = leg_at(s, l - 1);
			const enum worth worth = worth_of_leg(s, leg);
			const struct address *from = &leg->src.address;
			out->worth = worth > out->worth ? worth : out->worth;
			out->source = hash_bytes(&s->context->settings.key, from->bytes,
			                         address_is_ipv4(from) ? IPV4_NET_BYTES
			                                               : IPV6_NET_BYTES);
		}
	out->start = call->start;
}

/* Finds a tombstone, which is no loss, or collects others; true: the former, buried. */
static bool search(struct signalling *s, struct search *found)
{
	const uint32_t reach = s->dialog_sets.reach;
	found->count = 0;
	for (uint32_t i = 0; i < LOOKED_AT && i < reach; i++) {
		const uint32_t number = s->eviction_hand++ % reach;
		const struct dialog_set *set = pool_live(&s->dialog_sets, number);
		if (!set)
			continue;
		if (set->call == MAP_NONE) {
			dialog_set_drop(s, number);
			return true;
		}
		if (call_at(s, set->call)->open_legs == 0)
			continue; /* it waits for its record */
		struct candidate *next = &found->of[found->count];
		next->set = number;
		look_at(s, next);
		found->count += next->worth != WORTH_KEPT;
	}
	return false;
}

static bool is_answered(enum worth worth)
{
	return worth >= WORTH_OPENED;
}

/* How many of the kind has its source, beside those of others? */
static unsigned int crowd_of(const struct search *found, const struct candidate *candidate)
{
	unsigned int alike = 0;
	for (size_t i = 0; i < found->count; i++)
		alike += found->of[i].source == candidate->source &&
		         is_answered(found->of[i].worth) == is_answered(candidate->worth);
	return alike;
}

/* What goes first, from above. */
enum rank {
	RANK_SILENT_CROWD,
	RANK_RINGING_CROWD,
	RANK_OPENED_CROWD, /* without an ACK it is answered by name alone */
	RANK_SILENT,
	RANK_TALK_MOST,  /* without media, of one who has most of all that there is */
	RANK_SILENT_NEW, /* an answer may be on its way */
	RANK_RINGING,
	RANK_EARLY,
	RANK_TALK_CROWD,
	RANK_NEVER,
};

static enum rank rank_of(const struct search *found, const struct candidate *candidate,
                         nstime now)
{
	const unsigned int alike = crowd_of(found, candidate);
	const bool crowd = alike >= CROWD;
	switch (candidate->worth) {
	case WORTH_SILENCE:
		return crowd                                 ? RANK_SILENT_CROWD
		       : now - candidate->start < ANSWER_DUE ? RANK_SILENT_NEW
		                                             : RANK_SILENT;
	case WORTH_RINGING:
		return crowd ? RANK_RINGING_CROWD : RANK_RINGING;
	case WORTH_EARLY:
		return RANK_EARLY;
	case WORTH_OPENED:
		return crowd ? RANK_OPENED_CROWD : RANK_NEVER;
	case WORTH_TALK:
		return alike >= MOST ? RANK_TALK_MOST
		       : crowd       ? RANK_TALK_CROWD
		                     : RANK_NEVER;
	default:
		return RANK_NEVER;
	}
}

static const struct candidate *choose(const struct search *found, nstime now)
{
	const struct candidate *best = NULL;
	enum rank best_rank = RANK_NEVER;
	for (size_t i = 0; i < found->count; i++) {
		const struct candidate *candidate = &found->of[i];
		const enum rank rank = rank_of(found, candidate, now);
		if (rank < best_rank ||
		    (best && rank == best_rank && candidate->start < best->start)) {
			best = candidate;
			best_rank = rank;
		}
	}
	return best;
}

static bool is_tight(const struct signalling *s)
{
	const struct limits *limits = &s->context->settings.limits;
	return pool_is_tight(&s->dialog_sets) || pool_is_tight(&s->legs) ||
	       s->text_bytes >= limits->call_texts ||
	       s->media->expectations >= limits->expectations - limits->expectations / 8;
}

/* The fullest of what a call needs decides. */
void call_look_at_pressure(struct signalling *s)
{
	const struct limits *limits = &s->context->settings.limits;
	const struct {
		uint64_t used, cap;
	} all[] = {
		{ s->dialog_sets.live, s->dialog_sets.cap },
		{ s->legs.live, s->legs.cap },
		{ s->text_bytes, limits->call_texts },
		{ s->media->expectations, limits->expectations },
	};
	size_t worst = 0;
	for (size_t i = 1; i < ARRAY_LEN(all); i++)
		if (all[i].used * all[worst].cap > all[worst].used * all[i].cap)
			worst = i;
	pressure_look(&s->context->pressures[PRESSURE_CALLS], all[worst].used,
	              all[worst].cap, s->context->now);
}

void call_make_room(struct signalling *s)
{
	struct search found;
	call_look_at_pressure(s);
	if (!is_tight(s) || search(s, &found))
		return;
	const struct candidate *victim = choose(&found, s->context->now);
	if (!victim)
		return;
	count(s->context, COUNT_CALLS_EVICTED);
	media_match_settle(s->media, s->context->now);
	correlate_media(s); /* its legs are closed one by one: nothing may join meanwhile */
	call_close(s, dialog_set_at(s, victim->set)->call, LEG_EVICTED, s->context->now);
}
