#include "analyzer/track/binding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	EVICTION_SEARCH = 64,
	CONTACTS_PER_AOR =
	        32, /* a stranger's list of contacts must not be walked for ever */
};
/* A phone that comes back after a while is still the same. */
#define REMEMBERED (3600 * NS_PER_SEC)
#define LONGEST_EXPIRY_S 31536000.0 /* more is nonsense, and would overflow */

enum status bindings_init(struct bindings *b, struct context *context)
{
	b->context = context;
	pool_init(&b->pool, sizeof(struct binding),
	          (uint32_t)context->settings.limits.bindings);
	return map_init(&b->map);
}

static struct binding *binding_at(const struct bindings *b, uint32_t number)
{
	return pool_at(&b->pool, number);
}

static void free_texts(struct binding *binding)
{
	free(binding->aor);
	free(binding->contact);
	free(binding->user_agent);
}

static void give_back(struct bindings *b, uint32_t number)
{
	struct binding *binding = binding_at(b, number);
	deadline_clear(&b->context->deadlines, &binding->deadline);
	map_remove(&b->map, binding->hash, number);
	free_texts(binding);
	pool_give(&b->pool, number);
}

void bindings_free(struct bindings *b)
{
	for (uint32_t i = 0; i < b->pool.reach; i++) {
		struct binding *binding = pool_live(&b->pool, i);
		if (binding)
			free_texts(binding);
	}
	pool_free(&b->pool);
	map_free(&b->map);
}

static uint64_t hash_of(const struct bindings *b, const struct binding_news *news)
{
	const struct hash_key *key = &b->context->settings.key;
	const uint64_t aor = hash_text(key, text_from(news->aor));
	const struct hash_key mixed = { key->k0 ^ aor, key->k1 };
	return hash_bytes(&mixed, &news->registrar->address,
	                  sizeof news->registrar->address);
}

static bool same(const char *a, const char *b)
{
	return text_equal(text_from(a), text_from(b));
}

static bool is_of_aor(const struct binding *binding, const struct binding_news *news)
{
	return !binding->leaving && endpoint_equal(&binding->registrar, news->registrar) &&
	       same(binding->aor, news->aor);
}

/* Its record goes out; its place is free once that is done. */
static void leave(struct bindings *b, uint32_t number, nstime at)
{
	struct binding *binding = binding_at(b, number);
	const struct final final = { at, binding->id, number, RECORD_BINDING };
	if (binding->leaving)
		return;
	binding->leaving = true;
	deadline_clear(&b->context->deadlines, &binding->deadline);
	if (finals_add(&b->context->finals, final) == OK)
		return;
	count(b->context, COUNT_NO_MEMORY);
	give_back(b, number);
}

/* What is no longer registered goes first, then what was heard of the longest ago. */
static void evict(struct bindings *b)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && b->pool.reach; i++) {
		const uint32_t number = b->hand++ % b->pool.reach;
		const struct binding *binding = pool_live(&b->pool, number);
		if (!binding || binding->leaving)
			continue;
		const struct binding *worst =
		        victim == MAP_NONE ? NULL : binding_at(b, victim);
		const bool over = binding->state != BINDING_REGISTERED;
		const bool worst_over = worst && worst->state != BINDING_REGISTERED;
		if (!worst || (over && !worst_over) ||
		    (over == worst_over && binding->last < worst->last))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(b->context, COUNT_BINDINGS_EVICTED);
	leave(b, victim, b->context->now);
}

/* The binding of that contact, or MAP_NONE; makes room among those of its owner. */
static uint32_t find(struct bindings *b, const struct binding_news *news, uint64_t hash)
{
	uint32_t oldest = MAP_NONE;
	unsigned int contacts = 0;
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&b->map, &cursor);
		if (number == MAP_NONE)
			break;
		const struct binding *binding = binding_at(b, number);
		if (!is_of_aor(binding, news))
			continue;
		if (same(binding->contact, news->contact))
			return number;
		contacts++;
		if (oldest == MAP_NONE || binding->last < binding_at(b, oldest)->last)
			oldest = number;
	}
	if (contacts >= CONTACTS_PER_AOR) {
		count(b->context, COUNT_BINDINGS_EVICTED);
		leave(b, oldest, b->context->now);
	}
	return MAP_NONE;
}

static char *duplicate(struct bindings *b, const char *string)
{
	const size_t size = strlen(string) + 1;
	char *copy = malloc(size);
	if (copy)
		memcpy(copy, string, size);
	else
		count(b->context, COUNT_NO_MEMORY);
	return copy;
}

static uint64_t id_of(const struct bindings *b, const struct binding_news *news)
{
	struct id_builder id = id_begin(b->context, RECORD_BINDING);
	id_add_text(&id, text_from(news->aor));
	id_add_text(&id, text_from(news->contact));
	id_add_endpoint(&id, news->registrar);
	id_add_number(&id, (uint64_t)news->at);
	return id_end(&id);
}

static uint32_t open_binding(struct bindings *b, const struct binding_news *news,
                             uint64_t hash)
{
	void *object;
	uint32_t number;
	if (pool_is_tight(&b->pool))
		evict(b);
	enum status status = pool_take(&b->pool, &object, &number);
	if (status != OK) {
		context_count_failure(b->context, status, COUNT_BINDINGS_EVICTED);
		return MAP_NONE;
	}
	struct binding *binding = object;
	binding->aor = duplicate(b, news->aor);
	binding->contact = duplicate(b, news->contact);
	status = binding->aor && binding->contact ? map_insert(&b->map, hash, number)
	                                          : ERR_NOMEM;
	if (status != OK) {
		context_count_failure(b->context, status, COUNT_BINDINGS_EVICTED);
		free_texts(binding);
		pool_give(&b->pool, number);
		return MAP_NONE;
	}
	binding->hash = hash;
	binding->registrar = *news->registrar;
	binding->src = *news->src;
	binding->first = news->at;
	binding->id = id_of(b, news);
	binding->deadline.kind = DEADLINE_BINDING;
	binding->deadline.number = number;
	return number;
}

static void set_deadline(struct bindings *b, struct binding *binding, nstime at)
{
	if (at == NSTIME_NEVER)
		deadline_clear(&b->context->deadlines, &binding->deadline);
	else if (deadline_set(&b->context->deadlines, &binding->deadline, at) != OK)
		count(b->context, COUNT_NO_MEMORY);
}

static void end_binding(struct bindings *b, struct binding *binding,
                        enum binding_state state, nstime at)
{
	binding->state = state;
	set_deadline(b, binding, at + REMEMBERED);
}

static void note_attempt(struct binding *binding, const struct binding_news *news)
{
	const unsigned int status = news->status;
	const bool challenged = status == 401 || status == 407;
	binding->registrations++;
	binding->auth_rounds += news->auth_rounds;
	if (status >= 200 && status < 300)
		return;
	binding->failures++;
	binding->last_failure = news->status;
	binding->auth_failures += news->authenticated && (challenged || status == 403);
}

static void note_source(struct binding *binding, const struct binding_news *news,
                        struct binding_change *change)
{
	if (!address_equal(&binding->src.address, &news->src->address)) {
		change->src_before = binding->src;
		binding->source_changes++;
	}
	binding->src = *news->src;
	binding->nat = news->nat;
	binding->transport = news->transport;
}

static void note_success(struct bindings *b, struct binding *binding,
                         const struct binding_news *news, struct binding_change *change)
{
	const bool there = binding->state == BINDING_REGISTERED;
	change->purpose = there ? REGISTER_REFRESH : REGISTER_NEW;
	binding->refreshes += there;
	note_source(binding, news, change);
	if (!binding->user_agent && news->user_agent)
		binding->user_agent = duplicate(b, news->user_agent);
	binding->state = BINDING_REGISTERED;
	binding->last = news->at;
	binding->expires_s = news->expires_s;
	if (!isnan(news->rrd_ms)) {
		binding->rrd_count++;
		binding->rrd_sum_ms += news->rrd_ms;
		binding->rrd_max_ms = fmax(binding->rrd_max_ms, news->rrd_ms);
	}
	binding->expires = NSTIME_NEVER;
	if (!isnan(news->expires_s))
		binding->expires =
		        news->at +
		        (nstime)fmin(news->expires_s, LONGEST_EXPIRY_S) * NS_PER_SEC;
	/* Counted from the packets' highest time, should this one's be behind it. */
	set_deadline(b, binding, binding->expires);
}

/* "*": every contact of that owner. */
static void remove_all(struct bindings *b, const struct binding_news *news, uint64_t hash,
                       struct binding_change *change)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&b->map, &cursor);
		if (number == MAP_NONE)
			return;
		struct binding *binding = binding_at(b, number);
		if (!is_of_aor(binding, news))
			continue;
		note_attempt(binding, news);
		end_binding(b, binding, BINDING_REMOVED, news->at);
		change->binding = binding->id;
	}
}

struct binding_change bindings_note(struct bindings *b, const struct binding_news *news)
{
	struct binding_change change = { .purpose = news->purpose };
	const bool success = news->status >= 200 && news->status < 300;
	const bool removal = news->purpose == REGISTER_REMOVAL;
	if (!news->aor || !news->contact || news->purpose == REGISTER_FETCH)
		return change;
	const uint64_t hash = hash_of(b, news);
	if (success && removal && same(news->contact, "*")) {
		remove_all(b, news, hash, &change);
		return change;
	}
	uint32_t number = find(b, news, hash);
	if (number == MAP_NONE && success && !removal)
		number = open_binding(b, news, hash);
	if (number == MAP_NONE)
		return change;
	struct binding *binding = binding_at(b, number);
	change.binding = binding->id;
	note_attempt(binding, news);
	if (success && removal)
		end_binding(b, binding, BINDING_REMOVED, news->at);
	else if (success)
		note_success(b, binding, news, &change);
	else if (!removal && binding->state == BINDING_REGISTERED)
		change.purpose = REGISTER_REFRESH;
	return change;
}

void bindings_deadline(struct bindings *b, struct deadline *deadline)
{
	struct binding *binding = binding_at(b, deadline->number);
	if (binding->state == BINDING_REGISTERED)
		end_binding(b, binding, BINDING_EXPIRED, deadline->at);
	else
		leave(b, deadline->number, deadline->at);
}

void bindings_finish(struct bindings *b, nstime at)
{
	for (uint32_t number = 0; number < b->pool.reach; number++)
		if (pool_live(&b->pool, number))
			leave(b, number, at);
}

void bindings_record(struct bindings *b, uint32_t number, struct binding_record *out)
{
	const struct binding *binding = binding_at(b, number);
	*out = (struct binding_record){
		.id = binding->id,
		.state = binding->state,
		.src = binding->src,
		.registrar = binding->registrar,
		.first = binding->first,
		.last = binding->last,
		.expires =
		        binding->expires == NSTIME_NEVER ? NSTIME_NONE : binding->expires,
		.expires_s = binding->expires_s,
		.registrations = binding->registrations,
		.refreshes = binding->refreshes,
		.failures = binding->failures,
		.auth_failures = binding->auth_failures,
		.auth_rounds = binding->auth_rounds,
		.last_failure = binding->last_failure,
		.source_changes = binding->source_changes,
		.rrd_mean_ms = binding->rrd_count
		                       ? binding->rrd_sum_ms / (double)binding->rrd_count
		                       : NAN,
		.rrd_max_ms = binding->rrd_count ? binding->rrd_max_ms : NAN,
		.transport = binding->transport,
		.nat = binding->nat,
	};
	text_copy(out->aor, sizeof out->aor, text_from(binding->aor));
	text_copy(out->contact, sizeof out->contact, text_from(binding->contact));
	if (binding->user_agent)
		text_copy(out->user_agent, sizeof out->user_agent,
		          text_from(binding->user_agent));
	give_back(b, number);
}
