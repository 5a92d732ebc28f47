#include "analyzer/track/failover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ENOUGH_IDLE = 2,   /* attempts, when the backup was not used before */
	ENOUGH_SHARED = 3, /* when calls go to both at all times */
	BACK_AFTER = 2,
};
#define IDLE (600 * NS_PER_SEC)              /* no call for so long: not in use */
#define CALLS_REMEMBERED (3600 * NS_PER_SEC) /* after its end: calls that outlive it */
#define LONGEST (86400 * NS_PER_SEC) /* whoever has not come back by then, has moved */

enum status failovers_init(struct failovers *f, struct context *context, struct asks *asks,
                           const struct peers *peers)
{
	const struct limits *limits = &context->settings.limits;
	f->context = context;
	f->asks = asks;
	f->peers = peers;
	pool_init(&f->routes, sizeof(struct route), (uint32_t)limits->routes);
	pool_init(&f->callers, sizeof(struct caller), (uint32_t)limits->routes);
	pool_init(&f->list, sizeof(struct failover), (uint32_t)limits->failovers);
	f->past = calloc(PAST_CALLS, sizeof *f->past);
	if (!f->past)
		return ERR_NOMEM;
	const enum status status = map_init(&f->route_map);
	return status == OK ? map_init(&f->caller_map) : status;
}

void failovers_free(struct failovers *f)
{
	pool_free(&f->routes);
	pool_free(&f->callers);
	pool_free(&f->list);
	map_free(&f->route_map);
	map_free(&f->caller_map);
	free(f->past);
}

/* --- a failover ----------------------------------------------------------------------- */

static struct failover *failover_of(const struct failovers *f, const struct route *route)
{
	return route->failover ? pool_at(&f->list, route->failover - 1) : NULL;
}

static void declare(struct failovers *f, uint32_t primary, const struct route *backup)
{
	void *object;
	uint32_t number;
	struct route *route = route_at(f, primary);
	const enum status status = pool_take(&f->list, &object, &number);
	if (status != OK) {
		context_count_failure(f->context, status, COUNT_FAILOVERS_NOT_TRACKED);
		return;
	}
	struct failover *failover = object;
	struct event_record *event = &failover->event;
	*event = event_blank(EVENT_FAILOVER, &route->to);
	event->backup = backup->to;
	event->src.address = route->from;
	event->detected = f->context->now;
	event->began = route->failing_since == NSTIME_NONE
	                       ? peers_unwell_since(f->peers, route->peer)
	                       : route->failing_since;
	event->cause = route->cause;
	event->status = route->status;
	event->failed = route->failed;
	event->switched = route->switched;
	event->calls_backup = route->switched + route->direct;
	event->calls_lost = route->lost;
	event->pdd_before_ms = running_mean_of(&route->pdd_ms);
	event->mos_lq_before = running_mean_of(&route->mos_lq);
	failover->pdd_ms = backup->stand_in_pdd_ms;
	failover->primary = primary;
	failovers_recall(f, failover);
	failover->deadline.kind = DEADLINE_FAILOVER;
	failover->deadline.number = number;
	route->failover = number + 1;
	if (deadline_set(&f->context->deadlines, &failover->deadline,
	                 f->context->now + LONGEST) != OK)
		count(f->context, COUNT_NO_MEMORY);
}

/* One more call took the other way: enough to say so? */
static void consider(struct failovers *f, uint32_t primary, uint32_t backup)
{
	struct route *from = route_at(f, primary);
	struct route *to = route_at(f, backup);
	const bool unwell = peers_unwell_since(f->peers, from->peer) != NSTIME_NONE;
	const uint32_t enough = unwell ? 1 : to->was_idle ? ENOUGH_IDLE : ENOUGH_SHARED;
	struct failover *failover = failover_of(f, from);
	if (failover)
		failover->event.calls_backup++;
	else if (from->switched + from->direct >= enough)
		declare(f, primary, to);
}

/* Is it there for that, by the configuration? */
static bool is_backup_of(const struct failovers *f, const struct endpoint *backup,
                         const struct endpoint *primary)
{
	const struct trunks *trunks = f->context->settings.trunks;
	const struct trunk *a = trunk_find(trunks, &primary->address, primary->port);
	const struct trunk *b = trunk_find(trunks, &backup->address, backup->port);
	return a && b && a != b && a->group[0] &&
	       text_equal(text_from(a->group), text_from(b->group)) &&
	       b->redundancy == TRUNK_BACKUP;
}

/* From now on `backup` stands in for `primary`, if that is news. */
static void stand_in(const struct failovers *f, uint32_t primary, uint32_t backup)
{
	struct route *to = route_at(f, backup);
	if (route_primary(f, to) == primary)
		return;
	to->primary = primary + 1;
	to->primary_age = route_at(f, primary)->age;
	to->stand_in_pdd_ms = (struct sum){ 0 };
	to->was_idle = to->last == NSTIME_NONE || f->context->now - to->last > IDLE ||
	               is_backup_of(f, &to->to, &route_at(f, primary)->to);
}

static void note_failure(struct failovers *f, struct route *route, const struct ask *ask)
{
	struct failover *failover = failover_of(f, route);
	if (route->failing_since == NSTIME_NONE)
		route->failing_since = ask->at;
	route->failed++;
	route->status = ask->status;
	route->cause = ask->status ? EVENT_SERVER_ERROR : EVENT_UNANSWERED_INVITE;
	if (!failover)
		return;
	failover->event.failed++;
	failover->good_row = 0;
	failover->event.ended = NSTIME_NONE;
}

static void switched(struct failovers *f, uint32_t before_number, struct ask *ask)
{
	struct ask *before = ask_at(f->asks, before_number);
	struct route *primary = route_of_ask(f, before);
	if (!primary)
		return;
	if (before->outcome == ASK_OPEN) /* silence, so far: whoever asked has given up */
		note_failure(f, primary, before);
	else if (primary->failing_since == NSTIME_NONE) /* another call went well since */
		primary->failing_since = before->at;
	const bool first = before->failed_route == MAP_NONE;
	const uint32_t route = first ? before->route : before->failed_route;
	before->moved_on = true;
	ask->begun = before->begun;
	ask->failed_route = route;
	primary->switched++;
	if (failover_of(f, primary))
		failover_of(f, primary)->event.switched++;
	stand_in(f, before->route, ask->route);
	consider(f, before->route, ask->route);
}

/* Straight to another peer than usual, while the usual one fails. */
static void direct(struct failovers *f, const struct ask *ask)
{
	const struct route *route = route_at(f, ask->route);
	uint32_t primary = route_primary(f, route);
	if (primary == MAP_NONE)
		primary = route_usual(f, &ask->from.address);
	if (primary == MAP_NONE || primary == ask->route)
		return;
	struct route *usual = route_at(f, primary);
	const bool unwell = peers_unwell_since(f->peers, usual->peer) != NSTIME_NONE;
	if (!unwell && usual->failing_since == NSTIME_NONE)
		return;
	stand_in(f, primary, ask->route);
	if (!route->was_idle)
		return; /* it has calls of its own all the time */
	if (usual->failing_since == NSTIME_NONE)
		usual->cause = EVENT_UNANSWERED_OPTIONS;
	usual->direct++;
	consider(f, primary, ask->route);
}

void failovers_asked(struct failovers *f, uint32_t number)
{
	struct ask *ask = ask_at(f->asks, number);
	ask->route = route_get(f, &ask->from.address, &ask->to);
	if (ask->route == MAP_NONE || asks_before(f->asks, number) != MAP_NONE)
		return;
	struct route *route = route_at(f, ask->route);
	route->peer = ask->peer;
	const uint32_t before = asks_failed_before(f->asks, number);
	if (before != MAP_NONE) {
		switched(f, before, ask);
		return;
	}
	direct(f, ask);
	if (route_primary(f, route) == MAP_NONE)
		route->last = ask->at;
}

/* --- how it went ---------------------------------------------------------------------- */

void failovers_progress(struct failovers *f, const struct ask *ask, nstime at)
{
	struct route *route = route_of_ask(f, ask);
	if (!route)
		return;
	const double pdd_ms = ns_to_ms(at - ask->begun);
	const uint32_t primary = route_primary(f, route);
	struct failover *failover =
	        primary == MAP_NONE ? NULL : failover_of(f, route_at(f, primary));
	if (failover)
		sum_add(&failover->pdd_ms, pdd_ms);
	else if (primary != MAP_NONE)
		sum_add(&route->stand_in_pdd_ms, pdd_ms);
	else
		running_mean_add(&route->pdd_ms, pdd_ms);
}

/* It serves again: whatever stood in for it does so no more. */
static void recover(struct failovers *f, struct route *route)
{
	route->age = ++f->ages;
	route->failover = 0;
	route->failing_since = NSTIME_NONE;
	route->failed = route->switched = route->direct = route->lost = 0;
}

static void close_failover(const struct failovers *f, struct failover *failover)
{
	failover->primary = MAP_NONE;
	if (deadline_set(&f->context->deadlines, &failover->deadline,
	                 f->context->now + CALLS_REMEMBERED) != OK)
		count(f->context, COUNT_NO_MEMORY);
}

static void note_good(struct failovers *f, struct route *route, const struct ask *ask)
{
	struct failover *failover = failover_of(f, route);
	route_vote(f, route, ask->route);
	if (failover && ++failover->good_row == 1)
		failover->event.ended = ask->at;
	if (failover && failover->good_row < BACK_AFTER)
		return;
	if (failover)
		close_failover(f, failover);
	if (route->failing_since != NSTIME_NONE || route->direct || failover)
		recover(f, route);
}

/* Those that are over, too: a call is lost only when nobody has tried it elsewhere. */
static void lose(const struct failovers *f, struct route *primary, const struct ask *ask)
{
	primary->lost++;
	for (uint32_t i = 0; i < f->list.reach; i++) {
		struct failover *failover = pool_live(&f->list, i);
		struct event_record *event = failover ? &failover->event : NULL;
		if (event && route_is_between(primary, &event->src.address, &event->peer) &&
		    ask->begun >= event->began &&
		    (event->ended == NSTIME_NONE || ask->begun < event->ended))
			event->calls_lost++;
	}
}

void failovers_outcome(struct failovers *f, const struct ask *ask, nstime at)
{
	struct route *route = route_of_ask(f, ask);
	if (!route || ask->outcome == ASK_UNKNOWN)
		return;
	if (!ask_has_failed(ask)) {
		if (!ask->rang)
			failovers_progress(f, ask, at);
		note_good(f, route, ask);
	} else if (!ask->moved_on) { /* else it was counted when it moved on */
		note_failure(f, route, ask);
	}
}

void failovers_lost(struct failovers *f, const struct ask *ask)
{
	struct route *route = ask->failed_route == MAP_NONE
	                              ? route_of_ask(f, ask)
	                              : pool_live(&f->routes, ask->failed_route);
	if (route && address_equal(&route->from, &ask->from.address))
		lose(f, route, ask);
}

/* --- the end -------------------------------------------------------------------------- */

static void let_go(struct failovers *f, struct failover *failover)
{
	if (failover->primary != MAP_NONE)
		recover(f, route_at(f, failover->primary));
	failover->primary = MAP_NONE;
	failover->leaving = true;
}

void failovers_deadline(struct failovers *f, struct deadline *deadline)
{
	let_go(f, pool_at(&f->list, deadline->number));
}

static double mean_of_sum(const struct sum *sum)
{
	return sum->count ? sum->total / (double)sum->count : NAN;
}

static void give(struct failovers *f, uint32_t number, struct events *events)
{
	struct failover *failover = pool_at(&f->list, number);
	struct event_record *event = &failover->event;
	if (event->ended != NSTIME_NONE)
		event->duration_s = ns_to_s(event->ended - event->began);
	failovers_sum_up(f, failover);
	event->pdd_after_ms = mean_of_sum(&failover->pdd_ms);
	event->mos_lq_after = mean_of_sum(&failover->mos_lq);
	events_add(events, event);
	deadline_clear(&f->context->deadlines, &failover->deadline);
	pool_give(&f->list, number);
}

void failovers_release(struct failovers *f, struct events *events)
{
	for (uint32_t i = 0; i < f->list.reach; i++) {
		const struct failover *failover = pool_live(&f->list, i);
		if (failover && failover->leaving)
			give(f, i, events);
	}
}

void failovers_finish(struct failovers *f, struct events *events)
{
	for (uint32_t i = 0; i < f->list.reach; i++)
		if (pool_live(&f->list, i))
			let_go(f, pool_at(&f->list, i));
	failovers_release(f, events);
}
