#include "web/login_limits.h"

#include <string.h>

#include "analyzer/base/hash.h"

#define WINDOW (60 * NS_PER_SEC)
/* Who did nothing wrong for so long begins with the shortest delay again. */
#define FORGIVEN_AFTER (NS_PER_SEC * 2 * LOGIN_DELAY_MOST_S)

enum { FIRST_DELAY_S = 60 };

/* What an attempt counts for. */
enum scope { OF_BOTH, OF_ADDRESS, OF_ACCOUNT, SCOPES };

static const unsigned int most[SCOPES] = {
	[OF_BOTH] = LOGIN_FAILURES,
	[OF_ADDRESS] = LOGIN_FAILURES_OF_ADDRESS,
	[OF_ACCOUNT] = LOGIN_FAILURES_OF_ACCOUNT,
};

static uint64_t key_of(const struct login_limits *limits, enum scope scope,
                       const struct login_attempt *attempt)
{
	const struct hash_key seed = { limits->seed[0], limits->seed[1] };
	struct address address = *attempt->address;
	if (!address_is_ipv4(&address))
		memset(address.bytes + 8, 0, 8);
	const uint64_t words[3] = {
		(uint64_t)scope,
		scope == OF_ACCOUNT ? 0 : hash_bytes(&seed, &address, sizeof address),
		scope == OF_ADDRESS ? 0 : hash_text(&seed, attempt->account),
	};
	const uint64_t key = hash_bytes(&seed, words, sizeof words);
	return key ? key : 1;
}

static struct login_entry *find(struct login_limits *limits, uint64_t key)
{
	for (size_t i = 0; i < LOGIN_ENTRIES; i++) {
		if (limits->entries[i].key == key)
			return &limits->entries[i];
	}
	return NULL;
}

/* The entry of that key, which may take the place of the one that failed longest ago. */
static struct login_entry *find_or_take(struct login_limits *limits, uint64_t key)
{
	struct login_entry *oldest = limits->entries;
	struct login_entry *entry = find(limits, key);
	if (entry)
		return entry;
	for (size_t i = 0; i < LOGIN_ENTRIES && oldest->key; i++) {
		if (!limits->entries[i].key || limits->entries[i].last < oldest->last)
			oldest = &limits->entries[i];
	}
	*oldest = (struct login_entry){ .key = key };
	return oldest;
}

unsigned int login_limits_check(const struct login_limits *limits,
                                const struct login_attempt *attempt)
{
	unsigned int wait = 0;
	for (unsigned int scope = 0; scope < SCOPES; scope++) {
		const uint64_t key = key_of(limits, (enum scope)scope, attempt);
		const struct login_entry *entry = find((struct login_limits *)limits, key);
		if (!entry || entry->closed_until <= attempt->now)
			continue;
		const nstime left = entry->closed_until - attempt->now;
		const unsigned int s = (unsigned int)((left + NS_PER_SEC - 1) / NS_PER_SEC);
		wait = s > wait ? s : wait;
	}
	return wait;
}

static void count_failure(struct login_entry *entry, unsigned int limit, nstime now)
{
	if (now - entry->last > FORGIVEN_AFTER)
		entry->delay_s = 0;
	if (now - entry->first > WINDOW) {
		entry->first = now;
		entry->failures = 0;
	}
	entry->last = now;
	if (++entry->failures < limit)
		return;
	entry->failures = 0;
	entry->delay_s = entry->delay_s ? 2 * entry->delay_s : FIRST_DELAY_S;
	if (entry->delay_s > LOGIN_DELAY_MOST_S)
		entry->delay_s = LOGIN_DELAY_MOST_S;
	entry->closed_until = now + (nstime)entry->delay_s * NS_PER_SEC;
}

void login_limits_failed(struct login_limits *limits, const struct login_attempt *attempt)
{
	for (unsigned int scope = 0; scope < SCOPES; scope++) {
		const uint64_t key = key_of(limits, (enum scope)scope, attempt);
		count_failure(find_or_take(limits, key), most[scope], attempt->now);
	}
}

void login_limits_succeeded(struct login_limits *limits,
                            const struct login_attempt *attempt)
{
	struct login_entry *entry = find(limits, key_of(limits, OF_BOTH, attempt));
	if (entry)
		*entry = (struct login_entry){ 0 };
}
