#include "analyzer/track/sight.h"

enum { EVICTION_SEARCH = 16 };

struct host {
	struct address address;
	uint32_t sent, received; /* legs, by direction */
};

enum status sight_init(struct sight *sight, struct context *context)
{
	sight->context = context;
	pool_init(&sight->hosts, sizeof(struct host),
	          (uint32_t)context->settings.limits.hosts);
	return map_init(&sight->map);
}

void sight_free(struct sight *sight)
{
	pool_free(&sight->hosts);
	map_free(&sight->map);
}

static uint64_t hash_of(const struct sight *sight, const struct address *address)
{
	return hash_bytes(&sight->context->settings.key, address, sizeof *address);
}

static struct host *find(const struct sight *sight, const struct address *address,
                         uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while ((number = map_next(&sight->map, &cursor)) != MAP_NONE) {
		struct host *host = pool_at(&sight->hosts, number);
		if (address_equal(&host->address, address))
			return host;
	}
	return NULL;
}

/* The one that was seen in the fewest legs, of a few. */
static void evict(struct sight *sight)
{
	uint32_t victim = MAP_NONE;
	uint64_t least = UINT64_MAX;
	for (unsigned int i = 0; i < EVICTION_SEARCH && sight->hosts.reach; i++) {
		const uint32_t number = sight->hand++ % sight->hosts.reach;
		const struct host *host = pool_live(&sight->hosts, number);
		if (host && (uint64_t)host->sent + host->received < least) {
			victim = number;
			least = (uint64_t)host->sent + host->received;
		}
	}
	if (victim == MAP_NONE)
		return;
	const struct host *host = pool_at(&sight->hosts, victim);
	count(sight->context, COUNT_HOSTS_EVICTED);
	map_remove(&sight->map, hash_of(sight, &host->address), victim);
	pool_give(&sight->hosts, victim);
}

/* NULL without memory, which is counted. */
static struct host *get(struct sight *sight, const struct address *address)
{
	const uint64_t hash = hash_of(sight, address);
	struct host *host = find(sight, address, hash);
	if (host)
		return host;
	void *object;
	uint32_t number;
	if (sight->hosts.live == sight->hosts.cap)
		evict(sight);
	enum status status = pool_take(&sight->hosts, &object, &number);
	if (status == OK && (status = map_insert(&sight->map, hash, number)) != OK)
		pool_give(&sight->hosts, number);
	if (status != OK) {
		context_count_failure(sight->context, status, COUNT_HOSTS_EVICTED);
		return NULL;
	}
	host = object;
	host->address = *address;
	return host;
}

void sight_note(struct sight *sight, const struct address *from, const struct address *to)
{
	struct host *sender = get(sight, from);
	if (sender && sender->sent < UINT32_MAX)
		sender->sent++;
	struct host *receiver = get(sight, to); /* `sender` may have made room for it */
	if (receiver && receiver->received < UINT32_MAX)
		receiver->received++;
}

bool sight_is_one_sided(const struct sight *sight, const struct address *from,
                        const struct address *to)
{
	const struct host *sender = find(sight, from, hash_of(sight, from));
	const struct host *receiver = find(sight, to, hash_of(sight, to));
	return sender && receiver && sender->sent >= SIGHT_CALLS && sender->received == 0 &&
	       receiver->received >= SIGHT_CALLS && receiver->sent == 0;
}
