#include "analyzer/track/ask.h"

enum { EVICTION_SEARCH = 16, CHAIN_SEARCH = 64, SAME_NUMBERS = 16 };
/* Two INVITEs of a parallel fork leave at once; a caller who waits, waits for timer A. */
#define SILENCE (1 * NS_PER_SEC)

enum status asks_init(struct asks *asks, struct context *context)
{
	asks->context = context;
	pool_init(&asks->pool, sizeof(struct ask), (uint32_t)context->settings.limits.asks);
	const enum status status = map_init(&asks->map);
	return status == OK ? map_init(&asks->number_map) : status;
}

void asks_free(struct asks *asks)
{
	pool_free(&asks->pool);
	map_free(&asks->map);
	map_free(&asks->number_map);
}

bool ask_concerns(const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	if (message->call_id.len == 0)
		return false;
	if (message->is_request && message->to.tag.len > 0)
		return false; /* within a dialog */
	return glance->asker != 0;
}

bool ask_is_refusal(unsigned int status)
{
	return status == 500 || status == 502 || status == 503 || status == 504;
}

static uint64_t numbers_of(const struct asks *asks, const struct sip_glance *glance,
                           const struct address *from)
{
	const struct hash_key *key = &asks->context->settings.key;
	if (glance->message.method != SIP_INVITE || glance->to_user.len == 0)
		return 0;
	const struct hash_key mixed = { key->k0 ^ hash_text(key, glance->to_user),
		                        key->k1 ^ hash_text(key, glance->from_user) };
	const uint64_t hash = hash_bytes(&mixed, from, sizeof *from);
	return hash ? hash : 1;
}

/* A CANCEL and an ACK have the CSeq of what they are about. */
static bool is_same_method(const struct ask *ask, const struct sip_message *message)
{
	return ask->method == message->method ||
	       (ask->method == SIP_INVITE && message->method == SIP_CANCEL &&
	        message->is_request);
}

void asks_foresee(const struct asks *asks, const struct sip_glance *glance)
{
	if (glance->asker)
		map_prefetch(&asks->map, glance->asker);
}

void asks_fetch_ahead(const struct asks *asks, const struct sip_glance *glance)
{
	struct map_cursor cursor = map_cursor_of(glance->asker);
	const uint32_t number = glance->asker ? map_next(&asks->map, &cursor) : MAP_NONE;
	if (number != MAP_NONE)
		pool_prefetch(&asks->pool, number);
}

uint32_t asks_find(const struct asks *asks, const struct packet *packet,
                   const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	const bool request = message->is_request;
	const struct endpoint *to = request ? &packet->dst : &packet->src;
	const uint64_t hash = glance->asker;
	uint32_t same_host = MAP_NONE;
	struct map_cursor cursor = map_cursor_of(hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		const uint32_t number = map_next(&asks->map, &cursor);
		if (number == MAP_NONE)
			break;
		const struct ask *ask = ask_at(asks, number);
		if (ask->hash != hash || ask->cseq != message->cseq ||
		    !is_same_method(ask, message) ||
		    !address_equal(&ask->to.address, &to->address))
			continue;
		if (ask->to.port == to->port)
			return number;
		same_host = number;
	}
	/* An answer may come from another port; a request there is another one. */
	return request ? MAP_NONE : same_host;
}

void asks_close(struct asks *asks, uint32_t number)
{
	struct ask *ask = ask_at(asks, number);
	deadline_clear(&asks->context->deadlines, &ask->deadline);
	map_remove(&asks->map, ask->hash, number);
	if (ask->numbers)
		map_remove(&asks->number_map, ask->numbers, number);
	pool_give(&asks->pool, number);
}

/* The oldest of those of the same Call-ID, if they are as many as are ever looked at. */
static uint32_t crowded_out(const struct asks *asks, uint64_t hash)
{
	uint32_t oldest = MAP_NONE;
	unsigned int alike = 0;
	uint32_t number;
	struct map_cursor cursor = map_cursor_of(hash);
	while (alike < CHAIN_SEARCH &&
	       (number = map_next(&asks->map, &cursor)) != MAP_NONE) {
		if (ask_at(asks, number)->hash != hash)
			continue;
		alike++;
		if (oldest == MAP_NONE ||
		    ask_at(asks, number)->at < ask_at(asks, oldest)->at)
			oldest = number;
	}
	return alike < CHAIN_SEARCH ? MAP_NONE : oldest;
}

/* The oldest of a few. */
uint32_t asks_victim(struct asks *asks, const struct sip_glance *glance)
{
	uint32_t victim = crowded_out(asks, glance->asker);
	if (victim != MAP_NONE || asks->pool.live < asks->pool.cap)
		return victim;
	for (unsigned int i = 0; i < EVICTION_SEARCH && asks->pool.reach; i++) {
		const uint32_t number = asks->hand++ % asks->pool.reach;
		const struct ask *ask = pool_live(&asks->pool, number);
		if (ask && (victim == MAP_NONE || ask->at < ask_at(asks, victim)->at))
			victim = number;
	}
	return victim;
}

/*
 * A flood of calls of one caller to one number must not pile up in one place of the map;
 * whose attempt a repeated one goes on with would not be known then, anyway.
 */
static uint64_t numbers_unless_crowded(const struct asks *asks,
                                       const struct sip_glance *glance,
                                       const struct address *from)
{
	const uint64_t numbers = numbers_of(asks, glance, from);
	struct map_cursor cursor = map_cursor_of(numbers);
	for (unsigned int i = 0; numbers && i < SAME_NUMBERS; i++)
		if (map_next(&asks->number_map, &cursor) == MAP_NONE)
			return numbers;
	return 0;
}

static void describe(struct ask *ask, const struct asks *asks, const struct packet *packet,
                     const struct sip_glance *glance)
{
	const struct sip_message *message = &glance->message;
	ask->from = packet->src;
	ask->to = packet->dst;
	ask->transport = packet->transport;
	ask->method = message->method;
	ask->cseq = message->cseq;
	ask->credentials = message->has_authorization;
	ask->account = hash_text(&asks->context->settings.key, message->to.uri);
	ask->peer = ask->route = ask->failed_route = MAP_NONE;
	text_copy(ask->called, sizeof ask->called, glance->to_user);
	text_copy(ask->caller, sizeof ask->caller, glance->from_user);
	text_copy(ask->software, sizeof ask->software, message->user_agent);
}

uint32_t asks_open(struct asks *asks, const struct packet *packet,
                   const struct sip_glance *glance, nstime at)
{
	void *object;
	uint32_t number;
	enum status status = pool_take(&asks->pool, &object, &number);
	if (status != OK) {
		context_count_failure(asks->context, status, COUNT_ASKS_EVICTED);
		return MAP_NONE;
	}
	struct ask *ask = object;
	describe(ask, asks, packet, glance);
	ask->at = ask->begun = at;
	ask->hash = glance->asker;
	ask->numbers = numbers_unless_crowded(asks, glance, &packet->src.address);
	ask->deadline.kind = DEADLINE_ASK;
	ask->deadline.number = number;
	status = map_insert(&asks->map, ask->hash, number);
	if (status == OK && ask->numbers &&
	    (status = map_insert(&asks->number_map, ask->numbers, number)) != OK)
		map_remove(&asks->map, ask->hash, number);
	if (status == OK)
		return number;
	count(asks->context, COUNT_NO_MEMORY);
	pool_give(&asks->pool, number);
	return MAP_NONE;
}

bool ask_has_failed(const struct ask *ask)
{
	return ask->outcome == ASK_SILENT || ask->outcome == ASK_REFUSED ||
	       (ask->status == 408 && !ask->rang);
}

static bool has_failed(const struct ask *before, const struct ask *now)
{
	if (before->method != SIP_INVITE || before->moved_on || before->rang ||
	    endpoint_equal(&before->to, &now->to))
		return false;
	if (before->outcome == ASK_OPEN)
		return !before->provisional && now->at - before->at >= SILENCE;
	return ask_has_failed(before);
}

/* The latest of those that carry the hash. */
static uint32_t find_failed(const struct asks *asks, const struct map *map, uint64_t hash,
                            uint32_t number)
{
	const struct ask *now = ask_at(asks, number);
	uint32_t best = MAP_NONE;
	struct map_cursor cursor = map_cursor_of(hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		const uint32_t other = map_next(map, &cursor);
		if (other == MAP_NONE)
			break;
		const struct ask *before = ask_at(asks, other);
		const bool same =
		        map == &asks->map ? before->hash == hash : before->numbers == hash;
		if (other != number && same && has_failed(before, now) &&
		    (best == MAP_NONE || before->at > ask_at(asks, best)->at))
			best = other;
	}
	return best;
}

/* One more branch of a call is no new try of another one between the same users. */
static bool is_tried_elsewhere(const struct asks *asks, uint32_t number)
{
	const struct ask *now = ask_at(asks, number);
	struct map_cursor cursor = map_cursor_of(now->hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		const uint32_t other = map_next(&asks->map, &cursor);
		if (other == MAP_NONE)
			break;
		if (other != number && ask_at(asks, other)->hash == now->hash)
			return true;
	}
	return false;
}

uint32_t asks_failed_before(const struct asks *asks, uint32_t number)
{
	const struct ask *now = ask_at(asks, number);
	const uint32_t found = find_failed(asks, &asks->map, now->hash, number);
	if (found != MAP_NONE || !now->numbers || is_tried_elsewhere(asks, number))
		return found;
	return find_failed(asks, &asks->number_map, now->numbers, number);
}

uint32_t asks_before(const struct asks *asks, uint32_t number)
{
	const struct ask *now = ask_at(asks, number);
	uint32_t latest = MAP_NONE;
	struct map_cursor cursor = map_cursor_of(now->hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		const uint32_t other = map_next(&asks->map, &cursor);
		if (other == MAP_NONE)
			break;
		const struct ask *before = ask_at(asks, other);
		if (before->hash == now->hash && before->method == now->method &&
		    before->cseq < now->cseq && endpoint_equal(&before->to, &now->to) &&
		    (latest == MAP_NONE || before->cseq > ask_at(asks, latest)->cseq))
			latest = other;
	}
	return latest;
}

void asks_wait(struct asks *asks, uint32_t number, nstime until)
{
	if (deadline_set(&asks->context->deadlines, &ask_at(asks, number)->deadline,
	                 until) != OK)
		count(asks->context, COUNT_NO_MEMORY);
}
