/*
 * failover_route.c - which host calls over which peers, and which one it uses the most.
 */
#include "analyzer/track/failover.h"

#include <math.h>
#include <string.h>

enum { EVICTION_SEARCH = 32, MEAN_OVER = 50 };

void running_mean_add(struct running_mean *mean, double value)
{
	if (isnan(value))
		return;
	mean->count += mean->count < MEAN_OVER;
	mean->mean += (value - mean->mean) / mean->count;
}

double running_mean_of(const struct running_mean *mean)
{
	return mean->count ? mean->mean : NAN;
}

/* --- routes --------------------------------------------------------------------------- */

struct route *route_at(const struct failovers *f, uint32_t number)
{
	return pool_at(&f->routes, number);
}

static uint64_t route_hash(const struct failovers *f, const struct address *from,
                           const struct endpoint *to)
{
	uint8_t key[34];
	memcpy(key, from->bytes, 16);
	memcpy(key + 16, to->address.bytes, 16);
	memcpy(key + 32, &to->port, 2);
	return hash_bytes(&f->context->settings.key, key, sizeof key);
}

bool route_is_between(const struct route *route, const struct address *from,
                      const struct endpoint *to)
{
	return address_equal(&route->from, from) && endpoint_equal(&route->to, to);
}

static uint32_t find_hashed(const struct failovers *f, const struct address *from,
                            const struct endpoint *to, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&f->route_map, &cursor);
		if (number == MAP_NONE || route_is_between(route_at(f, number), from, to))
			return number;
	}
}

uint32_t route_find(const struct failovers *f, const struct address *from,
                    const struct endpoint *to)
{
	return find_hashed(f, from, to, route_hash(f, from, to));
}

/* The route that this one stands in for at present; MAP_NONE. */
uint32_t route_primary(const struct failovers *f, const struct route *route)
{
	const struct route *primary =
	        route->primary ? pool_live(&f->routes, route->primary - 1) : NULL;
	return primary && primary->age == route->primary_age ? route->primary - 1
	                                                     : MAP_NONE;
}

/* The one used the longest ago of a few, but for those of a failover. */
static void evict_route(struct failovers *f)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && f->routes.reach; i++) {
		const uint32_t number = f->route_hand++ % f->routes.reach;
		const struct route *route = pool_live(&f->routes, number);
		if (route && !route->failover && route_primary(f, route) == MAP_NONE &&
		    (victim == MAP_NONE || route->last < route_at(f, victim)->last))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(f->context, COUNT_ROUTES_EVICTED);
	map_remove(&f->route_map, route_at(f, victim)->hash, victim);
	pool_give(&f->routes, victim);
}

uint32_t route_get(struct failovers *f, const struct address *from,
                   const struct endpoint *to)
{
	void *object;
	const uint64_t hash = route_hash(f, from, to);
	uint32_t number = find_hashed(f, from, to, hash);
	if (number != MAP_NONE)
		return number;
	if (f->routes.live == f->routes.cap)
		evict_route(f);
	enum status status = pool_take(&f->routes, &object, &number);
	if (status == OK && (status = map_insert(&f->route_map, hash, number)) != OK)
		pool_give(&f->routes, number);
	if (status != OK) {
		context_count_failure(f->context, status, COUNT_ROUTES_EVICTED);
		return MAP_NONE;
	}
	struct route *route = object;
	route->hash = hash;
	route->from = *from;
	route->to = *to;
	route->peer = MAP_NONE;
	route->age = ++f->ages;
	route->last = route->failing_since = NSTIME_NONE;
	return number;
}

/* The way that the transaction took, unless another has its place by now. */
struct route *route_of_ask(const struct failovers *f, const struct ask *ask)
{
	struct route *route =
	        ask->route == MAP_NONE ? NULL : pool_live(&f->routes, ask->route);
	return route && route_is_between(route, &ask->from.address, &ask->to) ? route
	                                                                      : NULL;
}

/* --- callers -------------------------------------------------------------------------- */

static struct caller *caller_at(const struct failovers *f, uint32_t number)
{
	return pool_at(&f->callers, number);
}

static void evict_caller(struct failovers *f)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && f->callers.reach; i++) {
		const uint32_t number = f->caller_hand++ % f->callers.reach;
		const struct caller *caller = pool_live(&f->callers, number);
		if (caller &&
		    (victim == MAP_NONE || caller->last < caller_at(f, victim)->last))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	map_remove(&f->caller_map, caller_at(f, victim)->hash, victim);
	pool_give(&f->callers, victim);
}

static struct caller *find_caller(const struct failovers *f, const struct address *address,
                                  uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&f->caller_map, &cursor);
		if (number == MAP_NONE)
			return NULL;
		if (address_equal(&caller_at(f, number)->address, address))
			return caller_at(f, number);
	}
}

static uint64_t caller_hash(const struct failovers *f, const struct address *address)
{
	return hash_bytes(&f->context->settings.key, address, sizeof *address);
}

void route_vote(struct failovers *f, const struct route *route, uint32_t number)
{
	void *object;
	uint32_t place;
	const uint64_t hash = caller_hash(f, &route->from);
	struct caller *caller = find_caller(f, &route->from, hash);
	if (!caller) {
		if (f->callers.live == f->callers.cap)
			evict_caller(f);
		enum status status = pool_take(&f->callers, &object, &place);
		if (status == OK &&
		    (status = map_insert(&f->caller_map, hash, place)) != OK)
			pool_give(&f->callers, place);
		if (status != OK) { /* what is switched is seen without it */
			context_count_failure(f->context, status, COUNT_ROUTES_EVICTED);
			return;
		}
		caller = object;
		caller->hash = hash;
		caller->address = route->from;
	}
	caller->last = f->context->now;
	if (caller->route == number + 1) {
		caller->votes += caller->votes < MEAN_OVER;
	} else if (caller->votes == 0) {
		caller->route = number + 1;
		caller->votes = 1;
	} else {
		caller->votes--;
	}
}

/* The route that this host mostly uses; MAP_NONE. */
uint32_t route_usual(const struct failovers *f, const struct address *from)
{
	const struct caller *caller = find_caller(f, from, caller_hash(f, from));
	const struct route *route = caller && caller->route && caller->votes
	                                    ? pool_live(&f->routes, caller->route - 1)
	                                    : NULL;
	return route && address_equal(&route->from, from) ? caller->route - 1 : MAP_NONE;
}
