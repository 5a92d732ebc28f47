/* Rules: quality.md 7.2; RFC 3550 6.4.1 has the example of LSR and DLSR. */
#include "analyzer/quality/round_trip.h"

#include <math.h>

#include "tests/unit/unit.h"

#define T (INT64_C(1700000000) * NS_PER_SEC)
#define S(seconds) ((nstime)((seconds)*1e9))

static bool near(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 1e-3;
}

/* Figure 2 of RFC 3550: an SR of 3024992005.125 s, answered after 5.25 s. */
#define NTP UINT64_C(0xb44db70520000000)
#define MIDDLE UINT32_C(0xb7052000)
#define HELD UINT32_C(0x00054000)

static const struct {
	const char *what;
	uint64_t ntp;
	uint32_t lsr, dlsr;
	nstime after; /* the report, comes the echo */
	double ms;
} cases[] = {
	/* The sender has the answer at 46864.5 s, the SR was of 46853.125 s. */
	{ "the example of RFC 3550", NTP, MIDDLE, HELD, S(11.375), 6125 },
	{ "nothing was held", NTP, MIDDLE, 0, S(0.080), 80 },
	{ "the probe stands beside the reporter", NTP, MIDDLE, HELD, S(5.25), 0 },
	{ "less than nothing is wrong", NTP, MIDDLE, HELD, S(5.25) - 1, NAN },
	{ "10 s are accepted", NTP, MIDDLE, HELD, S(15.25), 10000 },
	{ "more are not", NTP, MIDDLE, HELD, S(15.25) + 1, NAN },
	{ "another report", NTP, MIDDLE + 1, HELD, S(6), NAN },
	{ "LSR 0 means none", NTP, 0, 0, S(0.1), NAN },
	{ "also if the NTP time was 0", 0, 0, 0, S(0.1), NAN },
	{ "also if only its middle was", UINT64_C(7) << 48, 0, 0, S(0.1), NAN },
	{ "a delay of 18 hours is no overflow", NTP, MIDDLE, UINT32_MAX, S(65536.5),
	  500.015 },
};

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct round_trip_sent sent = { 0 };
		round_trip_note(&sent, cases[i].ntp, T);
		const double ms = round_trip_ms(&sent, cases[i].lsr, cases[i].dlsr,
		                                T + cases[i].after);
		if (!near(ms, cases[i].ms))
			fail_msg("%s: %g", cases[i].what, ms);
	}
}

static void before_any_report_nothing_matches(void **state)
{
	(void)state;
	const struct round_trip_sent sent = { 0 };
	assert_true(isnan(round_trip_ms(&sent, 0, 0, 0)));
	assert_true(isnan(round_trip_ms(&sent, 1, 0, T)));
}

static void the_last_eight_reports_are_kept(void **state)
{
	(void)state;
	struct round_trip_sent sent = { 0 };
	for (uint32_t n = 1; n <= 20; n++)
		round_trip_note(&sent, (uint64_t)n << 16, T + n * NS_PER_SEC);
	for (uint32_t n = 1; n <= 20; n++)
		assert_true(near(round_trip_ms(&sent, n, 0, T + S(21)),
		                 n > 12 ? (21 - n) * 1000.0 : NAN));
}

static void a_clock_that_stands_still_means_the_latest_report(void **state)
{
	(void)state;
	struct round_trip_sent sent = { 0 };
	for (uint32_t n = 0; n < 11; n++)
		round_trip_note(&sent, NTP, T + n * S(5));
	assert_true(near(round_trip_ms(&sent, MIDDLE, HELD, T + S(50 + 5.35)), 100));
}

/*
 * A and B with clocks of their own, 40 ms to the probe from the one, 90 from the other;
 * each reports every 5 s and has held the other's report for as long as it says.
 */
static void both_halves_of_a_path(void **state)
{
	(void)state;
	struct round_trip_sent of_a = { 0 }, of_b = { 0 };
	struct round_trips to_a = { 0 }, to_b = { 0 };
	nstime heard_by_a = 0, heard_by_b = 0;
	uint64_t a_ntp = 0, b_ntp = 0;
	for (unsigned int n = 0; n < 20; n++) {
		const nstime sent_a = T + n * S(5);
		const nstime sent_b = T + n * S(5) + S(2.2);
		if (heard_by_a)
			round_trips_add(&to_a,
			                round_trip_ms(&of_b, (uint32_t)(b_ntp >> 16),
			                              (uint32_t)((sent_a - heard_by_a) *
			                                         65536 / NS_PER_SEC),
			                              sent_a + S(0.040)));
		a_ntp = UINT64_C(0xe000000012345678) + n * (UINT64_C(5) << 32);
		round_trip_note(&of_a, a_ntp, sent_a + S(0.040));
		heard_by_b = sent_a + S(0.130);
		round_trips_add(&to_b, round_trip_ms(&of_a, (uint32_t)(a_ntp >> 16),
		                                     (uint32_t)((sent_b - heard_by_b) *
		                                                65536 / NS_PER_SEC),
		                                     sent_b + S(0.090)));
		b_ntp = UINT64_C(0x1000000087654321) + n * (UINT64_C(5) << 32);
		round_trip_note(&of_b, b_ntp, sent_b + S(0.090));
		heard_by_a = sent_b + S(0.130);
	}
	assert_int_equal(to_a.seen, 19);
	assert_int_equal(to_b.seen, 20);
	const double a_ms = round_trips_median_ms(&to_a);
	const double b_ms = round_trips_median_ms(&to_b);
	assert_true(fabs(a_ms - 80) < 0.02 && fabs(b_ms - 180) < 0.02); /* 1/65536 s */
	const struct round_trip both = round_trip_sum(a_ms, b_ms);
	assert_true(fabs(both.ms - 260) < 0.04 && !both.partial);
}

static void one_half_is_partial(void **state)
{
	(void)state;
	assert_true(round_trip_sum(80, NAN).ms == 80 && round_trip_sum(80, NAN).partial);
	assert_true(round_trip_sum(NAN, 9).ms == 9 && round_trip_sum(NAN, 9).partial);
	assert_true(isnan(round_trip_sum(NAN, NAN).ms) &&
	            !round_trip_sum(NAN, NAN).partial);
}

static const struct {
	const char *what;
	double ms[5];
	unsigned int count;
	double median;
} medians[] = {
	{ "none", { 0 }, 0, NAN },
	{ "one", { 7 }, 1, 7 },
	{ "two", { 10, 30 }, 2, 20 },
	{ "three out of order", { 30, 10, 20 }, 3, 20 },
	{ "an outlier does not move it", { 10, 11, 9000, 12, 10 }, 5, 11 },
	{ "no match is no sample", { NAN, 5, NAN, 6, NAN }, 5, 5.5 },
	{ "falling", { 5, 4, 3, 2 }, 4, 3.5 },
};

static void the_median_of_few_is_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(medians); i++) {
		struct round_trips trips = { 0 };
		for (unsigned int n = 0; n < medians[i].count; n++)
			round_trips_add(&trips, medians[i].ms[n]);
		if (!near(round_trips_median_ms(&trips), medians[i].median))
			fail_msg("%s: %g", medians[i].what, round_trips_median_ms(&trips));
	}
}

/* Sample n is n ms: what is kept must be every 2^k-th, from the first on. */
static void many_samples_stay_evenly_spread(void **state)
{
	(void)state;
	struct round_trips trips = { 0 };
	uint32_t stride = 1;
	for (uint32_t n = 0; n < 5000; n++) {
		round_trips_add(&trips, n);
		while (n / stride >= ROUND_TRIP_SAMPLES)
			stride *= 2;
		assert_int_equal(trips.seen, n + 1);
		assert_int_equal(trips.kept, n / stride + 1);
		for (unsigned int i = 0; i < trips.kept; i++)
			assert_true(trips.ms[i] == (float)(i * stride));
	}
	assert_int_equal(stride, 256);
	assert_true(fabs(round_trips_median_ms(&trips) - 2500) <= 256);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(before_any_report_nothing_matches),
		cmocka_unit_test(the_last_eight_reports_are_kept),
		cmocka_unit_test(a_clock_that_stands_still_means_the_latest_report),
		cmocka_unit_test(both_halves_of_a_path),
		cmocka_unit_test(one_half_is_partial),
		cmocka_unit_test(the_median_of_few_is_exact),
		cmocka_unit_test(many_samples_stay_evenly_spread),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
