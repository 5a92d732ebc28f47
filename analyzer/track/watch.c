#include "analyzer/track/watch.h"

/* Repeats at 0.5, 1.5 and 3.5 s are lost as well by then; those who ping do not wait longer
 * either (PBXs ship with 2 to 5 s). */
#define PING_PATIENCE (4 * NS_PER_SEC)
#define PING_AGAIN (1 * NS_PER_SEC)     /* sooner, answers may still be on their way */
#define PATIENCE (32 * NS_PER_SEC)      /* RFC 3261 timers B and F: 64 * T1 */
#define PATIENCE_TIGHT (4 * NS_PER_SEC) /* while requests find little room */
#define REPEATS_FOR (4 * NS_PER_SEC)    /* T2: the longest between two repeats */
#define RETRY_WITHIN (30 * NS_PER_SEC)  /* at another peer, after it failed at the first */

enum status watch_init(struct watch *w, struct context *context)
{
	w->context = context;
	events_init(&w->events, context);
	enum status status = asks_init(&w->asks, context);
	if (status == OK)
		status = peers_init(&w->peers, context, &w->events);
	if (status == OK)
		status = failovers_init(&w->failovers, context, &w->asks, &w->peers);
	if (status == OK)
		status = attacks_init(&w->attacks, context);
	return status;
}

void watch_free(struct watch *w)
{
	asks_free(&w->asks);
	events_free(&w->events);
	peers_free(&w->peers);
	failovers_free(&w->failovers);
	attacks_free(&w->attacks);
}

static void wait_for(struct watch *w, uint32_t number, nstime duration)
{
	asks_wait(&w->asks, number, w->context->now + duration);
}

/* It is kept for its repeats; what has failed, until it is tried elsewhere. */
static void conclude(struct watch *w, uint32_t number, enum ask_outcome outcome, nstime at)
{
	struct ask *ask = ask_at(&w->asks, number);
	ask->outcome = outcome;
	peers_outcome(&w->peers, ask, at);
	if (ask->method != SIP_INVITE) {
		wait_for(w, number, REPEATS_FOR);
		return;
	}
	failovers_outcome(&w->failovers, ask, at);
	wait_for(w, number, ask_has_failed(ask) ? RETRY_WITHIN : REPEATS_FOR);
}

/* Who pings again does not wait for the answer to the ping before. */
static void give_up(struct watch *w, uint32_t number, const struct ask *now)
{
	const struct ask *before =
	        number == MAP_NONE ? NULL : pool_live(&w->asks.pool, number);
	if (before && before->method == SIP_OPTIONS && before->peer == now->peer &&
	    address_equal(&before->from.address, &now->from.address) &&
	    before->outcome == ASK_OPEN && !before->provisional &&
	    now->at - before->at >= PING_AGAIN)
		conclude(w, number, ASK_SILENT, now->at);
}

static void forget(struct watch *w, uint32_t number)
{
	const struct ask *ask = ask_at(&w->asks, number);
	struct ask seen = *ask;
	/* Where the input ends first, silence may have to be judged sooner. */
	if (ask->outcome == ASK_OPEN && !ask->provisional &&
	    w->context->now - ask->at >= PING_AGAIN)
		seen.outcome = ASK_SILENT;
	attacks_note_outcome(&w->attacks, &seen, peers_has_answered(&w->peers, ask));
	if (ask->method == SIP_INVITE && ask_has_failed(ask) && !ask->moved_on)
		failovers_lost(&w->failovers, ask);
	asks_close(&w->asks, number);
}

static void make_room(struct watch *w, const struct sip_glance *glance)
{
	const uint32_t victim = asks_victim(&w->asks, glance);
	if (victim == MAP_NONE)
		return;
	count(w->context, COUNT_ASKS_EVICTED);
	forget(w, victim);
}

/* What goes on with credentials where the same was answered before. */
static void link_to_before(struct watch *w, uint32_t number)
{
	const uint32_t other = asks_before(&w->asks, number);
	struct ask *ask = ask_at(&w->asks, number);
	if (!ask->credentials || other == MAP_NONE)
		return;
	struct ask *before = ask_at(&w->asks, other);
	before->gone_on = true;
	ask->passwords = before->passwords;
	if (before->credentials && ask->passwords < UINT16_MAX)
		ask->passwords++;
}

void watch_look_at_pressure(struct watch *w)
{
	pressure_look(&w->context->pressures[PRESSURE_REQUESTS], w->asks.pool.live,
	              w->asks.pool.cap, w->context->now);
}

static void begin(struct watch *w, const struct packet *packet,
                  const struct sip_glance *glance, uint64_t thing, nstime at)
{
	make_room(w, glance);
	watch_look_at_pressure(w);
	const uint32_t number = asks_open(&w->asks, packet, glance, at);
	if (number == MAP_NONE)
		return;
	struct ask *ask = ask_at(&w->asks, number);
	ask->thing = thing;
	link_to_before(w, number);
	attacks_note_request(&w->attacks, ask);
	give_up(w, peers_asked(&w->peers, ask), ask);
	if (ask->method == SIP_INVITE)
		failovers_asked(&w->failovers, number);
	if (ask->method == SIP_INVITE)
		wait_for(w, number, PATIENCE);
	else
		wait_for(w, number,
		         pressure_patience(&w->context->pressures[PRESSURE_REQUESTS],
		                           ask->method == SIP_OPTIONS ? PING_PATIENCE
		                                                      : PATIENCE,
		                           PATIENCE_TIGHT));
}

static bool rings(unsigned int status)
{
	return status >= 180 && status < 190;
}

static void answer(struct watch *w, uint32_t number, const struct sip_message *message,
                   nstime at)
{
	struct ask *ask = ask_at(&w->asks, number);
	if (ask->outcome != ASK_OPEN)
		return;
	ask->provisional = true;
	peers_answered(&w->peers, ask, message, at);
	if (at < ask->at)
		at = ask->at;
	if (message->status < 200) {
		if (rings(message->status) && !ask->rang) {
			ask->rang = true;
			failovers_progress(&w->failovers, ask, at);
		}
		if (ask->method == SIP_INVITE)
			wait_for(w, number, w->context->settings.limits.invite_proceeding);
		return;
	}
	ask->status = (uint16_t)message->status;
	conclude(w, number, ask_is_refusal(message->status) ? ASK_REFUSED : ASK_ANSWERED,
	         at);
}

void watch_message(struct watch *w, const struct packet *packet,
                   const struct sip_glance *glance, uint64_t thing, nstime at)
{
	const struct sip_message *message = &glance->message;
	if (!ask_concerns(glance))
		return;
	const uint32_t number = asks_find(&w->asks, packet, glance);
	if (message->is_request) {
		if (number == MAP_NONE && message->method != SIP_CANCEL)
			begin(w, packet, glance, thing, at);
	} else if (number != MAP_NONE) {
		answer(w, number, message, at);
	}
}

void watch_deadline(struct watch *w, struct deadline *deadline)
{
	const uint32_t number = deadline->number;
	if (deadline->kind == DEADLINE_WATCHED) {
		watchlist_deadline(&w->attacks.list, deadline);
		return;
	}
	if (deadline->kind == DEADLINE_FAILOVER) {
		failovers_deadline(&w->failovers, deadline);
		failovers_release(&w->failovers, &w->events);
		return;
	}
	const struct ask *ask = ask_at(&w->asks, number);
	if (ask->outcome != ASK_OPEN)
		forget(w, number);
	else
		conclude(w, number, ask->provisional ? ASK_UNKNOWN : ASK_SILENT,
		         deadline->at);
}

void watch_finish(struct watch *w, nstime at)
{
	for (uint32_t number = 0; number < w->asks.pool.reach; number++)
		if (pool_live(&w->asks.pool, number))
			forget(w, number);
	watchlist_finish(&w->attacks.list);
	peers_finish(&w->peers, at);
	failovers_finish(&w->failovers, &w->events);
}

void watch_record(struct watch *w, const struct final *final, struct record *out)
{
	if (final->kind == RECORD_PEER)
		peers_record(&w->peers, final->number, &out->peer);
	else if (final->kind == RECORD_OBSERVATION)
		watchlist_record(&w->attacks.list, final->number, &out->observation);
	else
		events_record(&w->events, final->number, &out->event);
}
