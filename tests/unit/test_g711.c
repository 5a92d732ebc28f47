/* Values of ITU-T G.711: tables 1a to 2b (first value of each segment), 5 and 6. */
#include "analyzer/quality/g711.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

enum { SEGMENT_CODES = 16 };

/* First value of a segment and the step to the next, from the innermost on. */
struct segment {
	int first, step;
};

/* Tables 1a and 1b, column 6, and half the distance of the decision values of column 5. */
static const struct segment alaw_segments[] = {
	{ 1, 2 },    { 33, 2 },   { 66, 4 },    { 132, 8 },
	{ 264, 16 }, { 528, 32 }, { 1056, 64 }, { 2112, 128 },
};
/* Tables 2a and 2b. */
static const struct segment ulaw_segments[] = {
	{ 0, 2 },    { 33, 4 },    { 99, 8 },     { 231, 16 },
	{ 495, 32 }, { 1023, 64 }, { 2079, 128 }, { 4191, 256 },
};

static int value_of(const struct segment *segments, unsigned int rank)
{
	const struct segment *segment = &segments[rank / SEGMENT_CODES];
	return segment->first + (int)(rank % SEGMENT_CODES) * segment->step;
}

/* Rank 0 is the smallest magnitude; A-law inverts even bits, mu-law all but the sign. */
static void all_codes(void **state)
{
	(void)state;
	for (unsigned int rank = 0; rank < 128; rank++) {
		const unsigned int a = rank ^ 0x55;
		assert_int_equal(g711_alaw[a | 0x80], value_of(alaw_segments, rank) * 8);
		assert_int_equal(g711_alaw[a & 0x7f], -value_of(alaw_segments, rank) * 8);
		const unsigned int u = 127 - rank;
		assert_int_equal(g711_ulaw[u | 0x80], value_of(ulaw_segments, rank) * 4);
		assert_int_equal(g711_ulaw[u], -value_of(ulaw_segments, rank) * 4);
	}
}

/* The codes that everybody knows: the ends of the scale, and silence. */
static void ends(void **state)
{
	(void)state;
	assert_int_equal(g711_alaw[0xaa], G711_ALAW_OVERLOAD);
	assert_int_equal(g711_alaw[0x2a], -G711_ALAW_OVERLOAD);
	assert_int_equal(g711_alaw[0xd5], 8);
	assert_int_equal(g711_ulaw[0x80], G711_ULAW_OVERLOAD);
	assert_int_equal(g711_ulaw[0x00], -G711_ULAW_OVERLOAD);
	assert_int_equal(g711_ulaw[0xff], 0);
}

static double rms_of(const int16_t *table, const uint8_t *codes, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += table[codes[i]] * (double)table[codes[i]];
	return sqrt(sum / (double)count);
}

/*
 * Tables 5 and 6: a sine of 1 kHz at 0 dBm0, 3.14 and 3.17 dB below the largest sine, which
 * is that of the virtual decision value 4096 or 8159.
 */
static void digital_milliwatt(void **state)
{
	(void)state;
	static const uint8_t alaw[] = { 0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4 };
	static const uint8_t ulaw[] = { 0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e };
	const double a = rms_of(g711_alaw, alaw, sizeof alaw) / (4096 * 8 / sqrt(2));
	const double u = rms_of(g711_ulaw, ulaw, sizeof ulaw) / (8159 * 4 / sqrt(2));
	assert_true(fabs(20 * log10(a) + 3.14) < 0.01);
	assert_true(fabs(20 * log10(u) + 3.17) < 0.01);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_codes),
		cmocka_unit_test(ends),
		cmocka_unit_test(digital_milliwatt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
