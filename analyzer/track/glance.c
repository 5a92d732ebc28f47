#include "analyzer/track/glance.h"

enum {
	SHORTEST_PAYLOAD = 10, /* G.729, 10 ms; comfort noise and digits are shorter */
	LOOKED_AT = 16,        /* octets of it */
	LEAST_DIFFERENT = 5,
};

static uint32_t digest_numbers(const struct glance_key *key, uint32_t ssrc,
                               uint32_t timestamp, uint16_t sequence)
{
	const uint64_t words[HASH_WORDS] = { (uint64_t)ssrc << 32 | timestamp, sequence };
	return (uint32_t)(hash_words(&key->words, words) >> 32);
}

/* Silence, a level, comfort noise: few different octets. */
static bool says_nothing(struct span payload)
{
	uint32_t seen[256 / 32] = { 0 };
	unsigned int different = 0;
	struct reader r = reader_of(payload);
	const struct span head =
	        take(&r, payload.len < LOOKED_AT ? payload.len : LOOKED_AT);
	for (size_t i = 0; i < head.len; i++) {
		const uint8_t octet = head.at[i];
		different += !(seen[octet / 32] >> octet % 32 & 1);
		seen[octet / 32] |= UINT32_C(1) << octet % 32;
	}
	return different < LEAST_DIFFERENT;
}

static uint32_t digest_payload(const struct glance_key *key, struct span payload)
{
	uint64_t words[HASH_WORDS];
	struct reader r = reader_of(payload);
	for (size_t i = 0; i < HASH_WORDS; i++)
		words[i] =
		        span_first_u64(take(&r, 8)); /* none of it when there are fewer */
	return (uint32_t)(hash_words(&key->words, words) >> 32) ^ (uint32_t)payload.len;
}

struct glance_sample glance_take_sample(const struct glance_key *key, struct span payload,
                                        uint32_t ssrc, uint32_t timestamp,
                                        uint16_t sequence)
{
	if (sequence % SAMPLE_EVERY == 0)
		return (struct glance_sample){
			SAMPLE_BY_NUMBER, digest_numbers(key, ssrc, timestamp, sequence)
		};
	if (payload.len < SHORTEST_PAYLOAD || says_nothing(payload))
		return (struct glance_sample){ SAMPLE_NONE, 0 };
	return (struct glance_sample){ glance_chooses(key, SAMPLE_BITS, payload)
		                               ? SAMPLE_BY_PAYLOAD
		                               : SAMPLE_OF_YOUNG,
		                       digest_payload(key, payload) };
}
