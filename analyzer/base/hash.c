#include "analyzer/base/hash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] = rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] = rotate(v[2], 32);
}

static inline uint64_t load_le(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	word = __builtin_bswap64(word);
#endif
	return word;
}

/* The last up to seven bytes of them, likewise as a little-endian number. */
static inline uint64_t load_rest(const uint8_t *bytes, size_t len)
{
	const size_t left = len % 8;
	uint64_t word = 0;
	if (left == 0)
		return 0;
	if (len > 8) /* with some before them, which are shifted out */
		return load_le(bytes + len - 8) >> (64 - 8 * left);
	for (size_t i = left; i > 0; i--)
		word = word << 8 | bytes[i - 1];
	return word;
}

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t v[4] = {
		key->k0 ^ UINT64_C(0x736f6d6570736575),
		key->k1 ^ UINT64_C(0x646f72616e646f6d),
		key->k0 ^ UINT64_C(0x6c7967656e657261),
		key->k1 ^ UINT64_C(0x7465646279746573),
	};
	for (size_t left = len; left >= 8; left -= 8, at += 8) {
		const uint64_t word = load_le(at);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	const uint64_t last = (uint64_t)len << 56 | load_rest(bytes, len);
	v[3] ^= last;
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

struct hash_words_key hash_words_key(const struct hash_key *key)
{
	struct hash_words_key words;
	uint64_t i = 0;
	for (; i < ARRAY_LEN(words.factors); i++)
		words.factors[i] = hash_bytes(key, &i, sizeof i);
	words.addend = hash_bytes(key, &i, sizeof i);
	return words;
}
