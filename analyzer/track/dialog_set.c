/*
 * dialog_set.c - which legs a message may belong to: those of its Call-ID.
 *
 * A set of dialogs is found by its Call-ID.  Within it a leg is found by the two signalling
 * addresses, and by the tags where a message takes a way of its own (an ACK or BYE that
 * passes a proxy by).
 */
#include "analyzer/track/signalling.h"

#include <stdlib.h>

#define TOMBSTONE_TIME (40 * NS_PER_SEC) /* BYE is repeated for 32 s, RFC 3261 17.1.2.2 */

struct dialog_set *dialog_set_at(const struct signalling *s, uint32_t number)
{
	return pool_at(&s->dialog_sets, number);
}

/* --- by Call-ID ----------------------------------------------------------------------- */

uint32_t dialog_set_find(const struct signalling *s, struct text sip_call_id, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&s->dialog_set_map, &cursor);
		if (number == MAP_NONE)
			return MAP_NONE;
		const struct dialog_set *set = dialog_set_at(s, number);
		/* The hash is of the whole Call-ID, so texts cut alike are told apart. */
		const struct text kept = { set->sip_call_id, set->sip_call_id_len };
		if (set->hash == hash &&
		    text_equal(kept, text_head(sip_call_id, RECORD_TEXT - 1)))
			return number;
	}
}

static enum status take_set(struct signalling *s, const struct sip_event *event,
                            uint64_t hash, uint32_t *number)
{
	void *object;
	enum status status = pool_take(&s->dialog_sets, &object, number);
	if (status != OK)
		return status;
	struct dialog_set *set = object;
	set->sip_call_id = signalling_duplicate(s, event->message->call_id, RECORD_TEXT);
	status = set->sip_call_id ? map_insert(&s->dialog_set_map, hash, *number)
	                          : ERR_NOMEM;
	if (status != OK) {
		free(set->sip_call_id);
		pool_give(&s->dialog_sets, *number);
	}
	return status;
}

uint32_t dialog_set_open(struct signalling *s, const struct sip_event *event, uint64_t hash)
{
	uint32_t number;
	call_make_room(s);
	const enum status status = take_set(s, event, hash, &number);
	if (status != OK) {
		context_count_failure(s->context, status, COUNT_CALLS_NOT_TRACKED);
		return MAP_NONE;
	}
	struct dialog_set *set = dialog_set_at(s, number);
	set->hash = hash;
	set->sip_call_id_len = text_head(event->message->call_id, RECORD_TEXT - 1).len;
	s->text_bytes += set->sip_call_id_len;
	set->start = event->at;
	set->call = MAP_NONE;
	set->deadline.kind = DEADLINE_DIALOG_SET;
	set->deadline.number = number;
	if (call_open(s, number, event) != OK) {
		dialog_set_drop(s, number);
		return MAP_NONE;
	}
	return number;
}

void dialog_set_drop(struct signalling *s, uint32_t number)
{
	struct dialog_set *set = dialog_set_at(s, number);
	deadline_clear(&s->context->deadlines, &set->deadline);
	correlate_forget(s, set);
	map_remove(&s->dialog_set_map, set->hash, number);
	s->text_bytes -= set->sip_call_id_len;
	free(set->sip_call_id);
	pool_give(&s->dialog_sets, number);
}

void dialog_set_bury(struct signalling *s, uint32_t number)
{
	struct dialog_set *set = dialog_set_at(s, number);
	set->call_id = call_at(s, set->call)->id;
	set->family = call_at(s, set->call)->family;
	set->call = MAP_NONE;
	set->first_leg = set->first_closed = 0;
	/* It would be the first to make room. */
	if (pool_is_tight(&s->dialog_sets) ||
	    deadline_set(&s->context->deadlines, &set->deadline,
	                 s->context->now + TOMBSTONE_TIME) != OK)
		dialog_set_drop(s, number);
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
	if (sip_begins_dialog(event->message))
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

uint32_t dialog_set_find_leg(const struct signalling *s, uint32_t number,
                             const struct sip_event *event)
{
	uint32_t best = MAP_NONE;
	unsigned int best_fitness = 0;
	for (uint32_t l = dialog_set_at(s, number)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_set) {
		const unsigned int fits = fitness(leg_at(s, l - 1), event);
		if (fits > best_fitness) {
			best = l - 1;
			best_fitness = fits;
		}
	}
	return best;
}

/* --- what one leg tells of the others ------------------------------------------------- */

void dialog_set_spread_end(struct signalling *s, uint32_t number,
                           const struct sip_event *event)
{
	const struct leg *ended = leg_at(s, number);
	const bool direct = closeness_of(ended, event->packet) == NOT_CLOSE;
	for (uint32_t l = dialog_set_at(s, ended->set)->first_leg; l;
	     l = leg_at(s, l - 1)->next_of_set) {
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
		const nstime due = leg_due(leg, &s->context->settings.limits,
		                           &s->context->pressures[PRESSURE_CALLS], now);
		if (deadline_set(&s->context->deadlines, &leg->deadline, due) != OK)
			count(s->context, COUNT_NO_MEMORY);
	}
}
