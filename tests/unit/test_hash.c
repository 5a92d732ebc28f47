#include "analyzer/base/hash.h"

#include <string.h>

#include "tests/unit/unit.h"

/* hash(bytes(range(n))) for n = 1, 2, ... of CPython 3.11 with PYTHONHASHSEED=0, which is
 * SipHash-1-3 under a key of zeros. */
static const uint64_t of_zero_key[] = {
	0x68a914128e01e473, 0x010bac45c41e3669, 0x4d4c9a4a8ef6e0ad, 0x7cc43f98813e4dbd,
	0x5abe2169dff36275, 0xe3c25f87624f1cdb, 0x2f098ab0c751325a, 0xead411e67ebe2eea,
	0x75927f9d95124362, 0xaf9f77a65ab51a1d, 0xfe64ce8b6617fcff, 0xa6baf4fb0f9fe1c2,
	0xa0cf3211850f8e0d, 0x7f86049379fbfe67, 0xf30eb725bb91c9ea, 0x8972188433a5c5b7,
	0x4883c49a2c009c1d, 0xadc2c0b63044067d, 0x091f4a3329f87d19, 0x639e355ae68c0100,
	0xb17bef2cb5213239, 0xf8aeb1066236ccfe, 0x37332b1389daa4ff, 0x31185a47af932f3a,
	0xebf352e82ae23e2f, 0xed36ff242fe478b2, 0x2454d97d299299df, 0x8cd57fe8130d0ac7,
	0xbe98eb2faf0a0e85, 0xd427c34ee09470c6, 0x169739443111d49b, 0x31ef8061c910629b,
	0x7fb71d24dfa4c9f6,
};

static void agrees_with_cpython_under_the_zero_key(void **state)
{
	(void)state;
	uint8_t bytes[ARRAY_LEN(of_zero_key) + 1];
	const struct hash_key key = { 0, 0 };
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	for (size_t n = 1; n <= ARRAY_LEN(of_zero_key); n++)
		if (hash_bytes(&key, bytes, n) != of_zero_key[n - 1])
			fail_msg("%zu bytes", n);
}

/* Vectors of the reference implementation: key 00 01 .. 0f, message 00 01 .. n - 1. */
static const struct {
	size_t len;
	uint8_t hash[8]; /* little-endian */
} of_reference_key[] = {
	{ 0, { 0xdc, 0xc4, 0x0f, 0x05, 0x58, 0x01, 0xac, 0xab } },
	{ 1, { 0x93, 0xca, 0x57, 0x7d, 0xf3, 0x9b, 0xf4, 0xc9 } },
	{ 7, { 0x40, 0x11, 0xb1, 0x9b, 0x98, 0x7d, 0x92, 0xd3 } },
	{ 8, { 0x8e, 0x9a, 0x29, 0x8d, 0x11, 0x95, 0x90, 0x36 } },
	{ 15, { 0x56, 0x99, 0x51, 0x2a, 0x6d, 0xd8, 0x20, 0xd3 } },
	{ 16, { 0x66, 0x8b, 0x90, 0x7d, 0x1a, 0xdd, 0x4f, 0xcc } },
	{ 63, { 0xa8, 0xb3, 0xbb, 0xb7, 0x62, 0x90, 0x19, 0x9d } },
};

static void agrees_with_the_reference_under_its_key(void **state)
{
	(void)state;
	const struct hash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	uint8_t message[64];
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (uint8_t)i;
	for (size_t i = 0; i < ARRAY_LEN(of_reference_key); i++) {
		uint64_t expected = 0;
		for (size_t n = 8; n > 0; n--)
			expected = expected << 8 | of_reference_key[i].hash[n - 1];
		if (hash_bytes(&key, message, of_reference_key[i].len) != expected)
			fail_msg("%zu bytes", of_reference_key[i].len);
	}
}

static void a_text_hashes_as_its_bytes(void **state)
{
	(void)state;
	const struct hash_key key = { 1, 2 };
	assert_int_equal(hash_text(&key, TEXT("z9hG4bK")), hash_bytes(&key, "z9hG4bK", 7));
	assert_int_not_equal(hash_text(&key, TEXT("a")), hash_text(&key, TEXT("A")));
}

/* Computed by a few lines of Python from the formula; factor i is (i + 1) golden ratios. */
static const struct {
	uint64_t words[HASH_WORDS], hash;
} of_words[] = {
	{ { 0 }, 0xd42553bc00000001 },
	{ { UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX },
	  0x0dc828ec00000001 },
	{ { 0, 0, 0, 0, 1 }, 0x261e458000000001 },
	{ { 0, 0, 0, 0, UINT64_C(1) << 32 }, 0x3cea6fca00000001 },
	{ { 0x0807060504030201, 0x100e0c0a08060402, 0x1815120f0c090603, 0x201c1814100c0804,
	    0x28231e19140f0a05 },
	  0x6f0f5d9800000001 },
};

static void words_hash_as_the_formula_says(void **state)
{
	(void)state;
	struct hash_words_key key = { .addend = 0xfedcba9876543210 };
	for (size_t i = 0; i < ARRAY_LEN(key.factors); i++)
		key.factors[i] = UINT64_C(0x9e3779b97f4a7c15) * (i + 1);
	for (size_t i = 0; i < ARRAY_LEN(of_words); i++)
		if (hash_words(&key, of_words[i].words) != of_words[i].hash)
			fail_msg("row %zu", i);
}

enum { PLACES = 1 << 16, INPUTS = PLACES / 2 };

/* How many places of a table that becomes half full are taken by a progression. */
static size_t places_taken(const struct hash_words_key *key, size_t word,
                           unsigned int shift)
{
	static bool taken[PLACES];
	size_t places = 0;
	memset(taken, 0, sizeof taken);
	for (uint64_t i = 0; i < INPUTS; i++) {
		uint64_t words[HASH_WORDS] = { 1, 2, 3, 4, 5 };
		words[word] += i << shift;
		bool *place = &taken[hash_words(key, words) >> 32 & (PLACES - 1)];
		places += !*place;
		*place = true;
	}
	return places;
}

/*
 * Ports, addresses and SSRCs often count up.  They spread at least as random numbers do:
 * over 1 - exp(-1/2) of the places, 25786 with a deviation of 60.
 */
static void progressions_scatter(void **state)
{
	(void)state;
	for (uint64_t k = 0; k < 4; k++) {
		const struct hash_words_key key =
		        hash_words_key(&(struct hash_key){ k, ~k });
		for (size_t word = 0; word < HASH_WORDS; word++)
			for (unsigned int shift = 0; shift <= 48; shift += 8)
				if (places_taken(&key, word, shift) < 25786 - 5 * 60)
					fail_msg("key %d, word %zu, shift %u", (int)k, word,
					         shift);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_cpython_under_the_zero_key),
		cmocka_unit_test(agrees_with_the_reference_under_its_key),
		cmocka_unit_test(a_text_hashes_as_its_bytes),
		cmocka_unit_test(words_hash_as_the_formula_says),
		cmocka_unit_test(progressions_scatter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
