/*
 * sight_table.h - packets of the last half minute, known by a hash of what they carry, so
 * that who sees one again can tell.  A table of fixed size, buckets of a few: the oldest of
 * a bucket makes room, and one that might still have been seen again is counted.
 */
#ifndef EARSHOT_PROBE_SIGHT_TABLE_H
#define EARSHOT_PROBE_SIGHT_TABLE_H

#include "analyzer/base/status.h"
#include "analyzer/model/packet.h"

/* An agent may lag behind by that much; RFC 3261's last retransmission is due by then. */
#define SIGHT_WINDOW (32 * NS_PER_SEC)

/* What each entry begins with; behind it is the owner's, zero at first. */
struct sight_entry {
	uint64_t hash; /* 0: empty */
	nstime at;     /* the latest that its owner has noted */
};

struct sight_table {
	uint64_t seed;
	uint64_t evicted; /* before it was too late for a second sight */
	size_t entry_bytes;
	unsigned char *entries; /* owned */
};

/* seed: whoever sends packets must not know what collides.  ERR_NOMEM. */
MUST_CHECK enum status sight_table_init(struct sight_table *table, size_t entry_bytes,
                                        uint64_t seed);
void sight_table_free(struct sight_table *table); /* zeroed is fine */

/* The packet's entry, a new one if it was not seen within the window. */
void *sight_table_find(struct sight_table *table, const struct packet *packet);

#endif
