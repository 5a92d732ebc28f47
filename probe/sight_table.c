#include "probe/sight_table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "probe/packet_hash.h"

enum { BUCKETS = 8192, WAYS = 4 };

enum status sight_table_init(struct sight_table *table, size_t entry_bytes, uint64_t seed)
{
	assert(entry_bytes >= sizeof(struct sight_entry));
	*table = (struct sight_table){ .seed = seed, .entry_bytes = entry_bytes };
	table->entries = calloc((size_t)BUCKETS * WAYS, entry_bytes);
	return table->entries ? OK : ERR_NOMEM;
}

void sight_table_free(struct sight_table *table)
{
	free(table->entries);
	table->entries = NULL;
}

/* Stamps are a stranger's: their difference may not fit a signed number. */
static bool is_recent(const struct sight_entry *entry, nstime now)
{
	return now <= entry->at ||
	       (uint64_t)now - (uint64_t)entry->at <= (uint64_t)SIGHT_WINDOW;
}

void *sight_table_find(struct sight_table *table, const struct packet *packet)
{
	const uint64_t hash = packet_hash(packet, table->seed);
	unsigned char *bucket = table->entries + hash % BUCKETS * WAYS * table->entry_bytes;
	struct sight_entry *oldest = (struct sight_entry *)(void *)bucket;
	for (size_t i = 0; i < WAYS; i++) {
		struct sight_entry *entry =
		        (struct sight_entry *)(void *)(bucket + i * table->entry_bytes);
		if (entry->hash == hash && is_recent(entry, packet->at))
			return entry;
		if (entry->at < oldest->at)
			oldest = entry;
	}
	table->evicted += oldest->hash && is_recent(oldest, packet->at);
	memset(oldest, 0, table->entry_bytes);
	oldest->hash = hash;
	return oldest;
}
