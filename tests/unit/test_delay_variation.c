/* Rules: quality.md 4.7 and delay_variation.h; every expected value worked out by hand. */
#include "analyzer/quality/delay_variation.h"

#include <math.h>

#include "tests/unit/unit.h"

static const struct {
	const char *what;
	double offset_ms;
	unsigned int bin;
} bins[] = {
	{ "the fastest packet", 0, 0 },
	{ "equal belongs below", 5, 0 },
	{ "so it does when rounded", 5.0004, 0 },
	{ "more belongs above", 5.0006, 1 },
	{ "10", 10, 1 },
	{ "20", 20, 2 },
	{ "30", 30, 3 },
	{ "50 is on time for a buffer of 50", 50, 4 },
	{ "70", 70, 5 },
	{ "90", 90, 6 },
	{ "120", 120, 7 },
	{ "150", 150, 8 },
	{ "200", 200, 9 },
	{ "300", 300, 10 },
	{ "500", 500, 11 },
	{ "more than all bounds", 500.001, 12 },
	{ "hours", 1e7, 12 },
};

static void take(struct delay_variation *d, double offset_ms)
{
	struct delay_variation_near near = { .counts = { 0 } };
	delay_variation_update(d, &near, offset_ms);
	delay_variation_settle(d, &near);
}

/* More packets than a near count could hold. */
static void nothing_overflows(void **state)
{
	(void)state;
	struct delay_variation d = { .counts = { 0 } };
	struct delay_variation_near near = { .counts = { 0 } };
	for (unsigned int i = 0; i < 200000; i++)
		delay_variation_update(&d, &near, i % 2 ? 3 : 25);
	delay_variation_settle(&d, &near);
	assert_int_equal(d.counts[0], 100000);
	assert_int_equal(d.counts[3], 100000);
}

static void each_offset_has_its_bin(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bins); i++) {
		struct delay_variation d = { 0 };
		take(&d, bins[i].offset_ms);
		for (unsigned int bin = 0; bin < DELAY_VARIATION_BINS; bin++)
			if (d.counts[bin] != (bin == bins[i].bin))
				fail_msg("%s: bin %u", bins[i].what, bin);
	}
}

static const struct {
	const char *what;
	struct delay_variation d;
	double percent, ms;
} cases[] = {
	{ "nothing known", { { 0 } }, 50, NAN },
	{ "the middle of the first bin", { { 100 } }, 50, 2.5 },
	{ "0.95 of the first bin", { { 100 } }, 95, 4.75 },
	{ "exactly at a bound", { { 50, 50 } }, 50, 5 },
	{ "inside the second bin", { { 50, 50 } }, 95, 9.5 },
	{ "over empty bins", { { 90, 0, 0, 0, 10 } }, 95, 40 },
	{ "at the edge of empty bins it is the lower one", { { 90, 0, 0, 0, 10 } }, 90, 5 },
	{ "the last bin with bounds", { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4 } }, 50, 400 },
	{ "beyond all bounds it says more than 500",
	  { { 98, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } },
	  99,
	  500 },
	{ "the least of all", { { 0, 1 } }, 0, 5 },
	{ "one packet", { { 0, 1 } }, 99, 9.95 },
};

static void percentiles_lie_between_the_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const double ms =
		        delay_variation_percentile_ms(&cases[i].d, cases[i].percent);
		if (isnan(cases[i].ms) ? !isnan(ms) : !(fabs(ms - cases[i].ms) < 1e-9))
			fail_msg("%s: %g", cases[i].what, ms);
	}
}

/* Offsets spread evenly up to 100 ms: exact, but for the bin of which they fill a third. */
static void since_a_mark_only_what_came_after_it_counts(void **state)
{
	(void)state;
	struct delay_variation all = { 0 };
	for (unsigned int i = 0; i < 700; i++)
		take(&all, 400);
	const struct delay_variation mark = all;
	for (unsigned int i = 1; i <= 10000; i++)
		take(&all, i / 100.0);
	struct delay_variation since;
	delay_variation_since(&all, &mark, &since);
	assert_int_equal(since.counts[0], 500);
	static const double percents[] = { 50, 95, 99 };
	for (size_t i = 0; i < ARRAY_LEN(percents); i++) {
		const double ms = delay_variation_percentile_ms(&since, percents[i]);
		const double bin_120_ms = 90 + (percents[i] - 90) * 3;
		assert_true(fabs(ms - fmax(percents[i], bin_120_ms)) < 1e-9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_overflows),
		cmocka_unit_test(each_offset_has_its_bin),
		cmocka_unit_test(percentiles_lie_between_the_bounds),
		cmocka_unit_test(since_a_mark_only_what_came_after_it_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
