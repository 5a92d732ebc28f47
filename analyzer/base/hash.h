/*
 * hash.h - SipHash-1-3 (Aumasson, Bernstein 2012), a keyed hash: ports, SSRCs and
 * Call-IDs are chosen by strangers, who must not be able to choose collisions.
 *
 * With a fixed key of ours it also names things: record ids.
 */
#ifndef EARSHOT_BASE_HASH_H
#define EARSHOT_BASE_HASH_H

#include "analyzer/base/text.h"

struct hash_key {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len);

static inline uint64_t hash_text(const struct hash_key *key, struct text t)
{
	return hash_bytes(key, t.at, t.len);
}

#endif
