#include "analyzer/track/watch_accounts.h"

#include <string.h>

enum { EVICTION_SEARCH = 16, CHAIN_SEARCH = 64, IPV4_NET_BYTES = 14, IPV6_NET_BYTES = 4 };

enum status accounts_init(struct accounts *a, struct context *context)
{
	a->context = context;
	pool_init(&a->pool, sizeof(struct account),
	          (uint32_t)context->settings.limits.accounts);
	return map_init(&a->map);
}

void accounts_free(struct accounts *a)
{
	pool_free(&a->pool);
	map_free(&a->map);
}

static struct account *account_at(const struct accounts *a, uint32_t number)
{
	return pool_at(&a->pool, number);
}

/* The one that was seen least lately, of a few. */
static void evict(struct accounts *a)
{
	uint32_t victim = MAP_NONE;
	for (unsigned int i = 0; i < EVICTION_SEARCH && a->pool.reach; i++) {
		const uint32_t number = a->hand++ % a->pool.reach;
		const struct account *account = pool_live(&a->pool, number);
		if (account &&
		    (victim == MAP_NONE || account->last < account_at(a, victim)->last))
			victim = number;
	}
	if (victim == MAP_NONE)
		return;
	count(a->context, COUNT_ACCOUNTS_EVICTED);
	map_remove(&a->map, account_at(a, victim)->hash, victim);
	pool_give(&a->pool, victim);
}

static struct account *get(struct accounts *a, uint64_t hash)
{
	void *object;
	uint32_t number;
	struct map_cursor cursor = map_cursor_of(hash);
	for (unsigned int i = 0; i < CHAIN_SEARCH; i++) {
		number = map_next(&a->map, &cursor);
		if (number == MAP_NONE)
			break;
		if (account_at(a, number)->hash == hash)
			return account_at(a, number);
	}
	if (a->pool.live == a->pool.cap)
		evict(a);
	enum status status = pool_take(&a->pool, &object, &number);
	if (status == OK && (status = map_insert(&a->map, hash, number)) != OK)
		pool_give(&a->pool, number);
	if (status != OK) {
		context_count_failure(a->context, status, COUNT_ACCOUNTS_EVICTED);
		return NULL;
	}
	struct account *account = object;
	account->hash = hash;
	return account;
}

static uint32_t never_zero(uint64_t hash)
{
	const uint32_t upper = (uint32_t)(hash >> 32);
	return upper ? upper : 1;
}

static uint32_t network_of(const struct hash_key *key, const struct address *address)
{
	const size_t bytes = address_is_ipv4(address) ? IPV4_NET_BYTES : IPV6_NET_BYTES;
	return never_zero(hash_bytes(key, address->bytes, bytes));
}

/* Is it there?  It is first from now on; the last is forgotten. */
static bool meet(uint32_t memory[ACCOUNT_MEMORY], uint32_t what)
{
	size_t i = 0;
	while (i < ACCOUNT_MEMORY && memory[i] != what)
		i++;
	const bool met = i < ACCOUNT_MEMORY;
	memmove(memory + 1, memory, (met ? i : ACCOUNT_MEMORY - 1) * sizeof *memory);
	memory[0] = what;
	return met;
}

bool accounts_note(struct accounts *a, const struct registration_record *registration)
{
	const struct settings *settings = &a->context->settings;
	const struct address *from = &registration->src.address;
	struct account *account =
	        get(a, hash_text(&settings->key, text_from(registration->aor)));
	if (!account)
		return false;
	const bool met_network = meet(account->networks, network_of(&settings->key, from));
	const bool met_agent = meet(
	        account->agents,
	        never_zero(hash_text(&settings->key, text_from(registration->user_agent))));
	const bool known =
	        account->successes >= settings->thresholds[THRESHOLD_HIJACK_KNOWN];
	account->successes++;
	account->last = registration->at;
	return known && !met_network && !met_agent;
}
