/*
 * hash.h - keyed hashes: ports, SSRCs and Call-IDs are chosen by strangers, who must not
 * be able to choose collisions.
 *
 * hash_bytes is SipHash-1-3 (Aumasson, Bernstein 2012), for all that is not asked of every
 * packet.  With a fixed key of ours it also names things: record ids.
 *
 * hash_words is for tables and samples that stay inside (RTP streams, KPI buckets, samples
 * of media), and takes a fifth of the time.
 */
#ifndef EARSHOT_BASE_HASH_H
#define EARSHOT_BASE_HASH_H

#include "analyzer/base/every_packet.h"
#include "analyzer/base/text.h"

struct hash_key {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len);

static inline uint64_t hash_text(const struct hash_key *key, struct text t)
{
	return hash_bytes(key, t.at, t.len);
}

enum { HASH_WORDS = 5 };

struct hash_words_key {
	uint64_t factors[2 * HASH_WORDS], addend;
};

struct hash_words_key hash_words_key(const struct hash_key *key);

/*
 * Pair-multiply-shift of ten 32-bit halves (Thorup 2015, "High Speed Hashing for Integers
 * and Strings", arXiv 1504.06804): under a random key the upper 32 bits of the sum are
 * strongly universal, so that any two different inputs share them with a chance of 2^-32,
 * however they were chosen.  One who knows sums could work out the key: they must never be
 * shown, nor name anything.  Inputs in arithmetic progression give sums in arithmetic
 * progression, which linear probing suffers from; the mixing behind, a bijection, scatters
 * them.
 *
 * A map looks at the upper half alone.  Never 0.
 */
EVERY_PACKET static uint64_t hash_words(const struct hash_words_key *key,
                                        const uint64_t words[HASH_WORDS])
{
	uint64_t sum = key->addend;
	for (size_t i = 0; i < HASH_WORDS; i++)
		sum += (key->factors[2 * i] + (uint32_t)words[i]) *
		       (key->factors[2 * i + 1] + (words[i] >> 32));
	uint32_t upper = (uint32_t)(sum >> 32);
	upper = (upper ^ upper >> 16) * UINT32_C(0x85ebca6b);
	upper = (upper ^ upper >> 13) * UINT32_C(0xc2b2ae35);
	return (uint64_t)(upper ^ upper >> 16) << 32 | 1;
}

#endif
