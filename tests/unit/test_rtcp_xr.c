#include "analyzer/wire/rtcp_xr.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SENDER 0x9c, 0xf8, 0x50, 0x0d
#define SSRC 0xd8, 0x93, 0x00, 0x5b
#define WORD 1, 2, 3, 4
#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })       \
	}

/* The body of an XR packet, laid out by hand after RFC 3611 sections 4.4 to 4.7. */
static const uint8_t report[] = {
	/* clang-format off */
	SENDER,
	4, 0, 0, 2, 0xee, 0xab, 0xe5, 0x58, 0xb3, 0x42, 0xaa, 0x9f,
	5, 0, 0, 6, SSRC, 0xe5, 0x58, 0xb3, 0x42, 0, 0, 0x41, 0,
		SENDER, 0xe5, 0x58, 0xb2, 0xe6, 0, 1, 0, 0,
	6, 0xe8, 0, 9, SSRC, 0x4e, 0xd1, 0x50, 0xc5, 0, 0, 0, 7, 0, 0, 0, 2,
		0, 0, 0, 3, 0, 0, 0, 160, 0, 0, 0, 24, 0, 0, 0, 31, 57, 61, 60, 1,
	7, 0, 0, 8, SSRC, 2, 13, 128, 1, 0x01, 0x54, 0x26, 0x94, 0, 121, 0, 145,
		0xeb, 0xce, 55, 16, 88, 127, 41, 39, 0xf2, 0, 0, 40, 0, 80, 0, 120,
	/* clang-format on */
};

static void assert_near(double is, double should_be)
{
	if (!(fabs(is - should_be) < 1e-12))
		fail_msg("%.15g is not %.15g", is, should_be);
}

static struct span all_of_it(void)
{
	return (struct span){ report, sizeof report };
}

static enum status nth_block(size_t n, struct rtcp_xr_block *out)
{
	struct rtcp_xr_walk walk = rtcp_xr_walk_begin(all_of_it());
	enum status status = OK;
	for (size_t i = 0; i <= n && status == OK; i++)
		status = rtcp_xr_next(&walk, out);
	return status;
}

/* The figures of these four are tshark's for the same bytes. */
static void reference_time(void **state)
{
	(void)state;
	struct rtcp_xr_block block;
	assert_int_equal(nth_block(0, &block), OK);
	assert_int_equal(block.type, RTCP_XR_RRTR);
	assert_int_equal(block.ntp >> 32, 4004242776);
	assert_int_equal(block.ntp & UINT32_MAX, 3007490719);
	assert_int_equal(nth_block(4, &block), ERR_NOT_FOUND);
}

static void delay_since_last_reference(void **state)
{
	(void)state;
	struct rtcp_xr_block block;
	struct rtcp_xr_dlrr dlrr;
	assert_int_equal(nth_block(1, &block), OK);
	assert_int_equal(block.type, RTCP_XR_DLRR);
	assert_true(rtcp_xr_next_dlrr(&block.items, &dlrr));
	assert_int_equal(dlrr.ssrc, 3633512539);
	assert_int_equal(dlrr.lrr, 3847795522);
	assert_int_equal(dlrr.dlrr, 16640);
	assert_true(rtcp_xr_next_dlrr(&block.items, &dlrr));
	assert_int_equal(dlrr.ssrc, 2633519117);
	assert_int_equal(dlrr.lrr, 3847795430);
	assert_int_equal(dlrr.dlrr, 65536);
	assert_false(rtcp_xr_next_dlrr(&block.items, &dlrr));
}

static void statistics_summary(void **state)
{
	(void)state;
	struct rtcp_xr_block block;
	assert_int_equal(nth_block(2, &block), OK);
	assert_int_equal(block.type, RTCP_XR_STATISTICS);
	assert_int_equal(block.statistics.about_ssrc, 3633512539);
	assert_int_equal(block.statistics.begin_sequence, 20177);
	assert_int_equal(block.statistics.end_sequence, 20677);
	assert_int_equal(block.statistics.lost, 7);
	assert_int_equal(block.statistics.duplicates, 2);
	assert_int_equal(block.statistics.min_jitter_ticks, 3);
	assert_int_equal(block.statistics.max_jitter_ticks, 160);
	assert_int_equal(block.statistics.mean_jitter_ticks, 24);
	assert_int_equal(block.statistics.dev_jitter_ticks, 31);
	assert_int_equal(block.statistics.ttl_kind, RTCP_XR_TTL_IPV4);
	assert_int_equal(block.statistics.min_ttl, 57);
	assert_int_equal(block.statistics.max_ttl, 61);
	assert_int_equal(block.statistics.mean_ttl, 60);
	assert_int_equal(block.statistics.dev_ttl, 1);
}

static void voip_metrics(void **state)
{
	(void)state;
	struct rtcp_xr_block block;
	assert_int_equal(nth_block(3, &block), OK);
	assert_int_equal(block.type, RTCP_XR_VOIP);
	const struct rtcp_xr_voip *voip = &block.voip;
	assert_int_equal(voip->about_ssrc, 3633512539);
	assert_near(voip->loss_pct, 100.0 * 2 / 256);
	assert_near(voip->discard_pct, 100.0 * 13 / 256);
	assert_near(voip->burst_density_pct, 50);
	assert_near(voip->gap_density_pct, 100.0 / 256);
	assert_near(voip->burst_ms, 340);
	assert_near(voip->gap_ms, 9876);
	assert_near(voip->round_trip_ms, 121);
	assert_near(voip->end_system_ms, 145);
	assert_near(voip->signal_dbm0, -21);
	assert_near(voip->noise_dbm0, -50);
	assert_near(voip->echo_return_loss_db, 55);
	assert_int_equal(voip->gmin, 16);
	assert_near(voip->r_factor, 88);
	assert_true(isnan(voip->external_r_factor));
	assert_near(voip->mos_lq, 4.1);
	assert_near(voip->mos_cq, 3.9);
	assert_int_equal(voip->concealment, RTCP_XR_PLC_STANDARD);
	assert_int_equal(voip->buffer, RTCP_XR_BUFFER_ADAPTIVE);
	assert_int_equal(voip->buffer_rate, 2);
	assert_near(voip->buffer_nominal_ms, 40);
	assert_near(voip->buffer_max_ms, 80);
	assert_near(voip->buffer_abs_max_ms, 120);
}

/* The value of each VoIP metric that has one, in the order of the block. */
static size_t voip_values(const struct rtcp_xr_voip *v, double *to)
{
	const double values[] = {
		v->burst_ms,
		v->gap_ms,
		v->round_trip_ms,
		v->end_system_ms,
		v->signal_dbm0,
		v->noise_dbm0,
		v->echo_return_loss_db,
		v->r_factor,
		v->mos_lq,
		v->mos_cq,
		v->external_r_factor,
		v->buffer_nominal_ms,
		v->buffer_max_ms,
		v->buffer_abs_max_ms,
	};
	memcpy(to, values, sizeof values);
	return ARRAY_LEN(values);
}

/* RFC 3611 sections 4.7.4 and 4.7.5: 127; 65535 is what devices send for "not known". */
static void unavailable_is_not_a_number(void **state)
{
	(void)state;
	uint8_t body[40] = { SENDER, 7, 0, 0, 8, SSRC, 0xff, 0xff, 0xff, 0xff };
	memset(body + 16, 0xff, 8);
	memset(body + 24, 127, 3);
	memset(body + 28, 127, 4);
	memset(body + 34, 0xff, 6);
	struct rtcp_xr_walk walk = rtcp_xr_walk_begin((struct span){ body, sizeof body });
	struct rtcp_xr_block block;
	double values[14];
	assert_int_equal(rtcp_xr_next(&walk, &block), OK);
	const size_t count = voip_values(&block.voip, values);
	for (size_t i = 0; i < count; i++)
		if (!isnan(values[i]))
			fail_msg("value %zu is %f", i, values[i]);
	assert_near(block.voip.loss_pct, 99.609375);
}

static const struct {
	const char *what;
	size_t at; /* offset in the VoIP metrics block, behind its header */
	uint8_t byte;
	size_t value; /* of voip_values */
	double is;
} edges[] = {
	{ "the lowest level", 16, 0x80, 4, -128 },
	{ "a level above the reference", 17, 3, 5, 3 },
	{ "the least echo", 18, 255, 6, 255 },
	{ "the best R", 20, 100, 7, 100 },
	{ "the worst R", 20, 0, 7, 0 },
	{ "an R out of range", 20, 101, 7, NAN },
	{ "an R beyond the sentinel", 21, 128, 10, NAN },
	{ "the worst MOS", 22, 10, 8, 1.0 },
	{ "the best MOS", 22, 50, 8, 5.0 },
	{ "a MOS below 1", 22, 9, 8, NAN },
	{ "a MOS of 0, as those send who have none", 23, 0, 9, NAN },
	{ "a MOS above 5", 23, 51, 9, NAN },
};

static void values_at_their_edges(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
		uint8_t body[40] = { SENDER, 7, 0, 0, 8 };
		struct rtcp_xr_block block;
		double values[14];
		body[8 + edges[i].at] = edges[i].byte;
		struct rtcp_xr_walk walk =
		        rtcp_xr_walk_begin((struct span){ body, sizeof body });
		assert_int_equal(rtcp_xr_next(&walk, &block), OK);
		voip_values(&block.voip, values);
		const double is = values[edges[i].value];
		if (isnan(edges[i].is) ? !isnan(is) : !(fabs(is - edges[i].is) < 1e-12))
			fail_msg("%s: %f", edges[i].what, is);
	}
}

/* Section 4.6: each flag of its own. */
static void a_summary_without_flags_says_nothing(void **state)
{
	(void)state;
	static const struct {
		uint8_t flags;
		int64_t lost, duplicates, jitter;
		enum rtcp_xr_ttl ttl_kind;
		int ttl;
	} cases[] = {
		{ 0x00, -1, -1, -1, RTCP_XR_TTL_NONE, -1 },
		{ 0x80, 9, -1, -1, RTCP_XR_TTL_NONE, -1 },
		{ 0x40, -1, 9, -1, RTCP_XR_TTL_NONE, -1 },
		{ 0x20, -1, -1, 9, RTCP_XR_TTL_NONE, -1 },
		{ 0x10, -1, -1, -1, RTCP_XR_HOP_LIMIT_IPV6, 9 },
		{ 0x18, -1, -1, -1, RTCP_XR_TTL_NONE, -1 }, /* 3 is not assigned */
		{ 0x07, -1, -1, -1, RTCP_XR_TTL_NONE, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const uint8_t body[] = { SENDER, 6, cases[i].flags,
			                 0,      9, SSRC,
			                 0,      1, 0,
			                 2,      0, 0,
			                 0,      9, 0,
			                 0,      0, 9,
			                 0,      0, 0,
			                 9,      0, 0,
			                 0,      9, 0,
			                 0,      0, 9,
			                 0,      0, 0,
			                 9,      9, 9,
			                 9,      9 };
		struct rtcp_xr_walk walk =
		        rtcp_xr_walk_begin((struct span){ body, sizeof body });
		struct rtcp_xr_block block;
		assert_int_equal(rtcp_xr_next(&walk, &block), OK);
		const struct rtcp_xr_statistics *s = &block.statistics;
		assert_int_equal(s->lost, cases[i].lost);
		assert_int_equal(s->duplicates, cases[i].duplicates);
		assert_int_equal(s->min_jitter_ticks, cases[i].jitter);
		assert_int_equal(s->dev_jitter_ticks, cases[i].jitter);
		assert_int_equal(s->ttl_kind, cases[i].ttl_kind);
		assert_int_equal(s->min_ttl, cases[i].ttl);
		assert_int_equal(s->dev_ttl, cases[i].ttl);
	}
}

/* What the first call says, what the second one says. */
static const struct {
	const char *what;
	struct span body;
	enum status first, second;
} walks[] = {
	{ "a report of no blocks", BYTES(SENDER), ERR_NOT_FOUND, ERR_NOT_FOUND },
	{ "no sender at all", BYTES(0x9c, 0xf8), ERR_NOT_FOUND, ERR_NOT_FOUND },
	{ "nothing", { 0 }, ERR_NOT_FOUND, ERR_NOT_FOUND },
	{ "an unknown block is walked over",
	  BYTES(SENDER, 200, 1, 0, 1, WORD, 4, 0, 0, 2, WORD, WORD), OK, OK },
	{ "an unknown block of no length", BYTES(SENDER, 200, 1, 0, 0), OK, ERR_NOT_FOUND },
	{ "a reference time of no length", BYTES(SENDER, 4, 0, 0, 0, 5, 0, 0, 0),
	  ERR_MALFORMED, OK },
	{ "half a reference time", BYTES(SENDER, 4, 0, 0, 1, WORD), ERR_MALFORMED,
	  ERR_NOT_FOUND },
	{ "a reference time with more behind it",
	  BYTES(SENDER, 4, 0, 0, 3, WORD, WORD, WORD), OK, ERR_NOT_FOUND },
	{ "two thirds of a sub-block", BYTES(SENDER, 5, 0, 0, 2, WORD, WORD), ERR_MALFORMED,
	  ERR_NOT_FOUND },
	{ "a summary of one word", BYTES(SENDER, 6, 0, 0, 1, SSRC), ERR_MALFORMED,
	  ERR_NOT_FOUND },
	{ "VoIP metrics one word short",
	  BYTES(SENDER, 7, 0, 0, 7, SSRC, WORD, WORD, WORD, WORD, WORD, WORD),
	  ERR_MALFORMED, ERR_NOT_FOUND },
	{ "a length past the end", BYTES(SENDER, 4, 0, 0, 3, WORD, WORD), ERR_TRUNCATED,
	  ERR_NOT_FOUND },
	{ "the greatest length", BYTES(SENDER, 7, 0, 0xff, 0xff, WORD), ERR_TRUNCATED,
	  ERR_NOT_FOUND },
	{ "half a block header", BYTES(SENDER, 4, 0), ERR_TRUNCATED, ERR_NOT_FOUND },
};

static void lengths_that_lie(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(walks); i++) {
		struct rtcp_xr_walk walk = rtcp_xr_walk_begin(walks[i].body);
		struct rtcp_xr_block block;
		const enum status first = rtcp_xr_next(&walk, &block);
		const enum status second = rtcp_xr_next(&walk, &block);
		if (first != walks[i].first || second != walks[i].second)
			fail_msg("%s: %s, then %s", walks[i].what, status_name(first),
			         status_name(second));
	}
}

static void every_prefix_is_safe(void **state)
{
	(void)state;
	static const size_t block_ends[] = { 0, 4, 16, 44, 84, 120 };
	assert_int_equal(sizeof report, 120);
	for (size_t n = 0; n <= sizeof report; n++) {
		uint8_t *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, report, n);
		struct rtcp_xr_walk walk = rtcp_xr_walk_begin((struct span){ copy, n });
		struct rtcp_xr_block block;
		enum status status;
		while ((status = rtcp_xr_next(&walk, &block)) == OK)
			;
		bool whole = n < 4;
		for (size_t i = 0; i < ARRAY_LEN(block_ends); i++)
			whole = whole || block_ends[i] == n;
		assert_int_equal(status, whole ? ERR_NOT_FOUND : ERR_TRUNCATED);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reference_time),
		cmocka_unit_test(delay_since_last_reference),
		cmocka_unit_test(statistics_summary),
		cmocka_unit_test(voip_metrics),
		cmocka_unit_test(unavailable_is_not_a_number),
		cmocka_unit_test(values_at_their_edges),
		cmocka_unit_test(a_summary_without_flags_says_nothing),
		cmocka_unit_test(lengths_that_lie),
		cmocka_unit_test(every_prefix_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
