/*
 * What the witness keeps, for how long, and how it answers; test_loss_population.c shows
 * that the answers are right.  Here losses are the same everywhere, so that they are the
 * capture's, unless a row says otherwise.
 */
#include "analyzer/track/loss_witness.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

#define START (INT64_C(1700000000) * NS_PER_SEC)
#define LENGTH (5 * NS_PER_SEC)

enum { CALLS = 8 };

static const struct hash_key key = { 1, 2 };

static struct address ipv4(unsigned int site, unsigned int host)
{
	const uint8_t bytes[4] = { 10, (uint8_t)(site >> 8), (uint8_t)site, (uint8_t)host };
	return address_ipv4(bytes);
}

static struct loss_witness new_witness(void)
{
	struct loss_witness w;
	assert_int_equal(loss_witness_init(&w, &key, LENGTH), OK);
	return w;
}

static void add(struct loss_witness *w, int64_t interval, const struct address *src,
                const struct address *dst, uint64_t lost)
{
	const struct loss_sample sample = {
		START + interval * LENGTH, src, dst, { 250, lost, lost }, { 0 }
	};
	loss_witness_add(w, &sample);
}

static struct loss_shares judge(struct loss_witness *w, int64_t interval,
                                const struct address *src, const struct address *dst,
                                uint64_t lost)
{
	const struct loss_sample sample = {
		START + interval * LENGTH, src, dst, { 250, lost, lost }, { 0 }
	};
	return loss_witness_judge(w, &sample);
}

/* Call i goes from site 2 i to site 2 i + 1 and back, and loses in both directions. */
static void add_calls(struct loss_witness *w, int64_t interval, unsigned int calls,
                      uint64_t lost)
{
	for (unsigned int i = 0; i < calls; i++) {
		const struct address a = ipv4(2 * i, 1);
		const struct address b = ipv4(2 * i + 1, 1);
		add(w, interval, &a, &b, lost);
		add(w, interval, &b, &a, lost);
	}
}

static enum loss_verdict verdict_of(struct loss_witness *w, int64_t interval,
                                    unsigned int call, uint64_t lost)
{
	const struct address a = ipv4(2 * call, 1);
	const struct address b = ipv4(2 * call + 1, 1);
	const struct loss_shares shares = judge(w, interval, &a, &b, lost);
	assert_true(fabs(shares.network + shares.capture + shares.unknown - (double)lost) <
	            1e-9);
	return loss_shares_verdict(&shares);
}

static void open_intervals(void **state)
{
	(void)state;
	struct loss_witness w = new_witness();
	assert_int_equal(verdict_of(&w, 0, 0, 3), LOSS_UNKNOWN);
	assert_int_equal(w.counters.forgotten, 1);
	for (int64_t i = 0; i < 4; i++)
		add_calls(&w, i, CALLS, 3);
	for (int64_t i = 0; i < 4; i++)
		assert_int_equal(verdict_of(&w, i, 2, 3), LOSS_CAPTURE);
	assert_int_equal(verdict_of(&w, 1, 2, 0), LOSS_NONE);
	/* More than chance puts on top of what all lost is not the capture's for certain.
	 */
	const struct address a = ipv4(4, 1);
	const struct address b = ipv4(5, 1);
	const struct loss_shares much = judge(&w, 1, &a, &b, 100);
	assert_true(much.capture > 2.5 && much.capture < 3.5 && much.unknown > 96);
	loss_witness_free(&w);
}

/* An interval that is open is judged anew when more is known of it. */
static void an_answer_follows_what_is_known(void **state)
{
	(void)state;
	struct loss_witness w = new_witness();
	add_calls(&w, 0, 1, 3);
	assert_int_equal(verdict_of(&w, 0, 0, 3), LOSS_UNKNOWN);
	add_calls(&w, 0, CALLS, 3);
	add_calls(&w, 1, CALLS, 3);
	assert_int_equal(verdict_of(&w, 0, 0, 3), LOSS_CAPTURE);
	loss_witness_free(&w);
}

static void hours_later(void **state)
{
	(void)state;
	struct loss_witness w = new_witness();
	const int64_t last = LOSS_HISTORY + 200;
	for (int64_t i = 0; i < last; i++)
		add_calls(&w, i, CALLS, i < 300 ? 3 : 0);
	assert_int_equal(w.counters.late, 0);
	/* 250 is still known, 50 has had to make room. */
	assert_int_equal(verdict_of(&w, 250, 1, 3), LOSS_CAPTURE);
	assert_int_equal(verdict_of(&w, 50, 1, 3), LOSS_UNKNOWN);
	assert_int_equal(w.counters.forgotten, 1);
	/* Its tables are gone, too: nothing can be added. */
	add_calls(&w, 50, 1, 3);
	add_calls(&w, last - 1 - LOSS_TABLES, 1, 3);
	assert_int_equal(w.counters.late, 4);
	add_calls(&w, last - LOSS_TABLES, 1, 3);
	assert_int_equal(w.counters.late, 4);
	loss_witness_free(&w);
}

static void a_pause_and_a_jump(void **state)
{
	(void)state;
	struct loss_witness w = new_witness();
	for (int64_t i = 0; i < 6; i++)
		add_calls(&w, i, CALLS, 3);
	add_calls(&w, INT64_C(100000), CALLS, 0);
	for (int64_t i = 0; i < 6; i++)
		assert_int_equal(verdict_of(&w, i, 1, 3), LOSS_CAPTURE);
	assert_int_equal(verdict_of(&w, 99999, 1, 3), LOSS_UNKNOWN);
	loss_witness_free(&w);
}

static void more_paths_than_places(void **state)
{
	(void)state;
	enum { MANY = 3000 };
	struct loss_witness w = new_witness();
	for (int64_t i = 0; i < 12; i++)
		add_calls(&w, i, MANY, 1);
	assert_true(w.counters.samples > 12 * LOSS_PATHS / 8);
	assert_int_equal(w.counters.samples + w.counters.left_out, 12 * 2 * MANY);
	assert_true(w.sample_below < UINT64_MAX / 8);
	for (unsigned int call = 0; call < MANY; call += 7)
		assert_int_equal(verdict_of(&w, 2, call, 1), LOSS_CAPTURE);
	/* When they are few again, all are kept again. */
	for (int64_t i = 12; i < 48; i++)
		add_calls(&w, i, CALLS, 1);
	assert_int_equal(w.sample_below, UINT64_MAX);
	loss_witness_free(&w);
}

/* 64 bits of an IPv6 address are a site; the same calls, all between two of them. */
static void sites(void **state)
{
	(void)state;
	for (int apart = 0; apart < 2; apart++) {
		struct loss_witness w = new_witness();
		struct address a[CALLS], b[CALLS];
		for (unsigned int i = 0; i < CALLS; i++) {
			uint8_t bytes[16] = { 0x20, 0x01, 0x0d, 0xb8 };
			bytes[apart ? 7 : 8] = (uint8_t)i;
			bytes[15] = 1;
			a[i] = address_ipv6(bytes);
			bytes[5] = 9;
			b[i] = address_ipv6(bytes);
		}
		for (int64_t i = 0; i < 4; i++)
			for (int j = 0; j < CALLS; j++) {
				add(&w, i, &a[j], &b[j], 3);
				add(&w, i, &b[j], &a[j], 3);
			}
		const struct loss_shares shares = judge(&w, 1, &a[0], &b[0], 3);
		assert_int_equal(loss_shares_verdict(&shares),
		                 apart ? LOSS_CAPTURE : LOSS_UNKNOWN);
		loss_witness_free(&w);
	}
}

/* One path alone loses: the network's, unless the kernel dropped about as many. */
static void drops_of_a_single_flow(void **state)
{
	(void)state;
	static const struct {
		nstime at;
		uint64_t dropped;
		enum loss_verdict verdict;
	} cases[] = {
		{ START, 0, LOSS_NETWORK },
		{ START, 2, LOSS_NETWORK },
		{ START, 40, LOSS_UNKNOWN },
		{ NSTIME_NONE, 40, LOSS_UNKNOWN },
		{ START + 30 * LENGTH, 40, LOSS_NETWORK }, /* another time */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loss_witness w = new_witness();
		const struct address a = ipv4(0, 1);
		const struct address b = ipv4(1, 1);
		for (int64_t at = 0; at < 4; at++) {
			add_calls(&w, at, CALLS, 0);
			add(&w, at, &a, &b, 10);
		}
		loss_witness_drops(&w, cases[i].at, 100000, cases[i].dropped);
		assert_int_equal(verdict_of(&w, 1, 0, 10), cases[i].verdict);
		loss_witness_free(&w);
	}
}

static void who_has_more_than_half(void **state)
{
	(void)state;
	static const struct {
		struct loss_shares shares;
		enum loss_verdict verdict;
	} cases[] = {
		{ { 0, 0, 0 }, LOSS_NONE },       { { 6, 4, 0 }, LOSS_NETWORK },
		{ { 4, 6, 0 }, LOSS_CAPTURE },    { { 5, 5, 0 }, LOSS_UNKNOWN },
		{ { 4, 3, 3 }, LOSS_UNKNOWN },    { { 3, 4, 3 }, LOSS_UNKNOWN },
		{ { 0, 0, 1e-9 }, LOSS_UNKNOWN }, { { 1, 0, 0.5 }, LOSS_NETWORK },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(loss_shares_verdict(&cases[i].shares), cases[i].verdict);
}

static void names(void **state)
{
	(void)state;
	assert_null(loss_verdict_names[LOSS_NONE]);
	assert_string_equal(loss_verdict_names[LOSS_NETWORK], "network");
	assert_string_equal(loss_verdict_names[LOSS_CAPTURE], "capture");
	assert_string_equal(loss_verdict_names[LOSS_UNKNOWN], "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_intervals),
		cmocka_unit_test(an_answer_follows_what_is_known),
		cmocka_unit_test(hours_later),
		cmocka_unit_test(a_pause_and_a_jump),
		cmocka_unit_test(more_paths_than_places),
		cmocka_unit_test(sites),
		cmocka_unit_test(drops_of_a_single_flow),
		cmocka_unit_test(who_has_more_than_half),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
