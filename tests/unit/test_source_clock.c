#include "probe/source_clock.h"

#include "tests/unit/unit.h"

#define S(seconds) ((nstime)((seconds)*1000) * NS_PER_MS)
#define BASE (INT64_C(1790000000) * NS_PER_SEC)

/* Stamps and arrivals, in seconds behind a beginning; and the time that each is taken at.
 */
static const struct {
	const char *what;
	size_t count;
	struct {
		double stamp, arrival, taken;
	} facts[5];
	bool flagged;
	uint64_t skewed, jumps;
} cases[] = {
	{ "a little late",
	  3,
	  { { 0, 0.1, 0 }, { 1, 1.2, 1 }, { 2, 3.9, 2 } },
	  false,
	  0,
	  0 },
	{ "a little ahead: never in the future",
	  2,
	  { { 1.5, 0, 0 }, { 2.5, 1, 1 } },
	  false,
	  0,
	  0 },
	{ "off by more than two seconds",
	  3,
	  { { 2.1, 0, 0 },
	    { 3.1, 1, 1 },
	    { 2, 2, 2 } }, /* right now, but not for a minute */
	  true,
	  2,
	  0 },
	{ "an hour behind", 2, { { -3600, 0, 0 }, { -3599, 1, 1 } }, true, 2, 0 },
	{ "right for more than a minute",
	  4,
	  { { -5, 0, 0 }, { 30, 30, 30 }, { 60.5, 60.5, 60.5 }, { 61, 61.5, 61 } },
	  false,
	  1,
	  0 },
	{ "a leap", 3, { { 0, 0, 0 }, { 11.5, 1, 1 }, { 12.5, 2, 2 } }, true, 2, 1 },
	{ "a leap, there and back",
	  3,
	  { { 0, 0, 0 }, { 3600, 1, 1 }, { 2, 2, 2 } },
	  true,
	  1,
	  2 },
	{ "a long silence is no leap",
	  2,
	  { { 0, 0, 0 }, { 900, 900.5, 900 } },
	  false,
	  0,
	  0 },
};

static void stamps_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct source_clock clock = { 0 };
		for (size_t n = 0; n < cases[i].count; n++) {
			const nstime taken =
			        source_clock_take(&clock, BASE + S(cases[i].facts[n].stamp),
			                          BASE + S(cases[i].facts[n].arrival));
			if (taken != BASE + S(cases[i].facts[n].taken))
				fail_msg("%s: fact %zu", cases[i].what, n);
		}
		if (clock.flagged != cases[i].flagged || clock.skewed != cases[i].skewed ||
		    clock.jumps != cases[i].jumps)
			fail_msg("%s: %d, %d off, %d leaps", cases[i].what, clock.flagged,
			         (int)clock.skewed, (int)clock.jumps);
	}
}

static void without_a_stamp_the_arrival_counts(void **state)
{
	(void)state;
	struct source_clock clock = { 0 };
	assert_int_equal(source_clock_take(&clock, NSTIME_NONE, BASE), BASE);
	assert_false(clock.flagged);
}

/* What no clock can say, none of which may overflow. */
static void the_ends_of_time(void **state)
{
	(void)state;
	static const nstime stamps[] = { INT64_MIN + 1, INT64_MAX, 0, -1 };
	for (size_t i = 0; i < ARRAY_LEN(stamps); i++) {
		struct source_clock clock = { 0 };
		for (size_t n = 0; n < ARRAY_LEN(stamps); n++)
			assert_int_equal(
			        source_clock_take(&clock, stamps[(i + n) % 4], BASE), BASE);
		assert_true(clock.flagged);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamps_are_judged),
		cmocka_unit_test(without_a_stamp_the_arrival_counts),
		cmocka_unit_test(the_ends_of_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
