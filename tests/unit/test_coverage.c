/* Rules: the comments of coverage.h; every expectation is worked out by hand. */
#include "analyzer/quality/coverage.h"

#include <math.h>

#include "tests/unit/unit.h"

#define S NS_PER_SEC
#define MS NS_PER_MS

/* A second and a half between two packets of 20 ms. */
static const struct {
	const char *what;
	struct coverage_gap gap;
	nstime uncovered, pause;
} gaps[] = {
	{ "timestamps that went on with the clock announce silence",
	  { 0, 1500 * MS, 1500 * MS, 12000, 8000, 0, 20, false },
	  0,
	  1500 * MS },
	{ "though not to the millisecond: a tenth may be missing",
	  { 0, 1500 * MS, 1500 * MS, 10880, 8000, 0, 20, false },
	  0,
	  1500 * MS },
	{ "more may not",
	  { 0, 1500 * MS, 1500 * MS, 10720, 8000, 0, 20, false },
	  1480 * MS,
	  0 },
	{ "timestamps that stood still announce nothing",
	  { 0, 1500 * MS, 1500 * MS, 160, 8000, 0, 20, false },
	  1480 * MS,
	  0 },
	{ "comfort noise announces silence whatever timestamps do",
	  { 0, 1500 * MS, 1500 * MS, 160, 8000, 0, 20, true },
	  0,
	  1500 * MS },
	{ "of an unknown clock nothing is said",
	  { 0, 1500 * MS, 1500 * MS, 160, 0, 0, 20, false },
	  0,
	  1500 * MS },
	{ "packets that are missing were no silence",
	  { 0, 1500 * MS, 1500 * MS, 12000, 8000, 74, 20, false },
	  1480 * MS,
	  20 * MS },
	{ "those that are missing beside a pause count alone",
	  { 0, 1500 * MS, 1500 * MS, 12000, 8000, 5, 20, false },
	  100 * MS,
	  1400 * MS },
	{ "more missing than there was time for",
	  { 0, 1500 * MS, 1500 * MS, 12000, 8000, 4000, 20, false },
	  1480 * MS,
	  20 * MS },
	{ "the audio packet before may be older than the packet before",
	  { 0, 1500 * MS, 2500 * MS, 20000, 8000, 0, 20, false },
	  0,
	  1500 * MS },
};

static void a_gap_is_silence_or_uncovered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++) {
		struct coverage c = { 0 };
		coverage_add(&c, &gaps[i].gap);
		if (c.uncovered != gaps[i].uncovered || c.longest_pause != gaps[i].pause)
			fail_msg("%s: %lld uncovered, %lld pause", gaps[i].what,
			         (long long)c.uncovered, (long long)c.longest_pause);
	}
}

static void short_gaps_are_not_looked_at(void **state)
{
	(void)state;
	assert_false(coverage_is_gap(200 * MS, 20));
	assert_true(coverage_is_gap(201 * MS, 20));
	assert_false(coverage_is_gap(350 * MS, 120)); /* under three packets of 120 ms */
	assert_true(coverage_is_gap(361 * MS, 120));
}

static void add(struct coverage *c, nstime at, nstime length)
{
	const struct coverage_gap gap = { .at = at,
		                          .length = length,
		                          .ticks_over = length,
		                          .ticks = 160,
		                          .clock_hz = 8000,
		                          .ptime_ms = 20 };
	coverage_add(c, &gap);
}

/* A stream from 0 to 60 s with gaps of 1, 2, 3 and 4 s (less a packet) at 10, 20, 30, 40.
 */
static const struct {
	const char *what;
	nstime from, to, covered;
} windows[] = {
	{ "all of it: every gap counts", 0, 60 * S, 60 * S - 9920 * MS },
	{ "before it there is nothing", -10 * S, 0, 0 },
	{ "behind it neither", 60 * S, 90 * S, 0 },
	{ "a time that is longer than the stream", -5 * S, 90 * S, 60 * S - 9920 * MS },
	{ "a gap alone", 40 * S + 20 * MS, 44 * S, 0 },
	{ "half a gap and the time before", 38 * S, 42 * S,
	  /* the second half of 2 s, and its share of the gap of 980 ms */
	  4 * S - 1980 * MS },
};

static void of_a_time_what_lies_in_it_is_covered(void **state)
{
	(void)state;
	struct coverage c = { 0 };
	for (nstime i = 1; i <= 4; i++)
		add(&c, i * 10 * S, i * S);
	assert_int_equal(c.uncovered, 9920 * MS);
	for (size_t i = 0; i < ARRAY_LEN(windows); i++) {
		const nstime covered =
		        coverage_within(&c, 0, 60 * S, windows[i].from, windows[i].to);
		/* The gap that is not among the longest three is spread over the stream. */
		const double spread = 980.0 * MS * fabs((double)windows[i].to) / (60.0 * S);
		if (fabs((double)(covered - windows[i].covered)) > fmin(spread, 980.0 * MS))
			fail_msg("%s: %lld", windows[i].what, (long long)covered);
	}
}

static void the_longest_gaps_are_kept_in_order(void **state)
{
	(void)state;
	static const int seconds[] = { 3, 1, 5, 2, 4, 6 };
	struct coverage c = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(seconds); i++)
		add(&c, (nstime)i * 100 * S, seconds[i] * S);
	for (int i = 0; i < COVERAGE_GAPS; i++)
		assert_int_equal(c.gaps[i].length, (6 - i) * S - 20 * MS);
	assert_int_equal(c.gaps[0].at, 500 * S + 20 * MS);
	assert_int_equal(c.gaps[1].at, 200 * S + 20 * MS);
}

static void percent(void **state)
{
	(void)state;
	assert_true(isnan(coverage_pct(5 * S, 0)));
	assert_true(coverage_pct(0, S) == 0);
	assert_true(coverage_pct(S, 4 * S) == 25);
	assert_true(coverage_pct(5 * S, 4 * S) == 100); /* two streams at once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gap_is_silence_or_uncovered),
		cmocka_unit_test(short_gaps_are_not_looked_at),
		cmocka_unit_test(of_a_time_what_lies_in_it_is_covered),
		cmocka_unit_test(the_longest_gaps_are_kept_in_order),
		cmocka_unit_test(percent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
