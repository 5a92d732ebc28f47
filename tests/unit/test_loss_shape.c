/* How losses lie: each case is a list of gaps, and what a person says of them. */
#include "analyzer/quality/loss_shape.h"

#include <math.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

#define PTIME 20.0

static void add(struct loss_gaps *gaps, double at_ms, uint16_t length, uint16_t before_ms,
                uint16_t after_ms)
{
	const struct loss_gap gap = { .at_ms = (uint32_t)at_ms,
		                      .number = (uint16_t)(at_ms / PTIME),
		                      .length = length,
		                      .missing = length,
		                      .before_ms = before_ms,
		                      .after_ms = after_ms };
	assert_int_equal(loss_gaps_add(gaps, &gap), OK);
}

static void nothing_lost_has_no_shape(void **state)
{
	const struct loss_gaps gaps = { 0 };
	const struct loss_shape shape = loss_shape_of(&gaps, PTIME);
	(void)state;
	assert_int_equal(shape.runs, 0);
	assert_true(isnan(shape.period_ms) && isnan(shape.before_ms) &&
	            isnan(shape.stalled));
}

static void runs_and_their_lengths(void **state)
{
	struct loss_gaps gaps = { 0 };
	(void)state;
	add(&gaps, 1000, 1, 10, 30);
	add(&gaps, 1900, 3, 20, 40);
	add(&gaps, 7000, 2, 90, 50);
	const struct loss_shape shape = loss_shape_of(&gaps, PTIME);
	assert_int_equal(shape.runs, 3);
	assert_int_equal(shape.lost, 6);
	assert_int_equal(shape.longest, 3);
	assert_true(shape.before_ms == 20 && shape.after_ms == 40); /* medians */
	assert_int_equal(shape.time_count, 3);
	assert_int_equal(shape.times[1], 1900);
	loss_gaps_free(&gaps);
}

static void what_came_late_was_not_lost(void **state)
{
	struct loss_gaps gaps = { 0 };
	(void)state;
	add(&gaps, 1000, 1, 0, 0); /* number 50 */
	add(&gaps, 2000, 2, 0, 0); /* 100 and 101 */
	loss_gaps_fill(&gaps, 50);
	loss_gaps_fill(&gaps, 101);
	loss_gaps_fill(&gaps, 102); /* of no gap */
	const struct loss_shape shape = loss_shape_of(&gaps, PTIME);
	assert_int_equal(shape.runs, 1);
	assert_int_equal(shape.lost, 1);
	loss_gaps_free(&gaps);
}

static void only_the_latest_are_remembered(void **state)
{
	struct loss_gaps gaps = { 0 };
	(void)state;
	for (int i = 0; i < 3 * LOSS_GAPS; i++)
		add(&gaps, 100.0 * i, i < LOSS_GAPS ? 9 : 1, 0, 0);
	const struct loss_shape shape = loss_shape_of(&gaps, PTIME);
	assert_int_equal(shape.runs, LOSS_GAPS);
	assert_int_equal(shape.lost, LOSS_GAPS);
	assert_int_equal(shape.time_count, LOSS_TIMES);
	assert_int_equal(shape.times[LOSS_TIMES - 1], 100 * (3 * LOSS_GAPS - 1));
	loss_gaps_free(&gaps);
}

/* Times in units of 100 ms; 0 ends them. */
static const struct {
	const char *what;
	double times[24];
	double period_ms; /* 0: none */
} periods[] = {
	{ "every two seconds", { 10, 30, 50, 70, 90, 110, 130 }, 2000 },
	{ "not to the millisecond", { 10, 30.4, 49.8, 70.1, 90.2, 109.9, 130 }, 2000 },
	{ "some struck nothing", { 10, 30, 50, 90, 110, 130, 150, 190, 210 }, 2000 },
	{ "and one came by chance", { 10, 30, 50, 57, 70, 90, 110, 130, 150 }, 2000 },
	{ "several packets each time",
	  { 10, 10.6, 40, 40.8, 70, 100, 100.6, 130, 160, 190 },
	  3000 },
	{ "in half of the times nothing was said",
	  { 10, 30, 70, 90, 150, 170, 190, 270, 290, 350 },
	  2000 },
	{ "as often met, but not as exactly",
	  { 10, 30, 70, 92, 150, 168.2, 190, 272, 287.9, 350 },
	  0 },
	{ "four prove nothing", { 10, 30, 50, 70 }, 0 },
	{ "by chance", { 3, 9, 41, 44, 70, 78, 103, 160, 163, 171, 210, 214 }, 0 },
	{ "in clumps", { 10, 12, 14, 16, 18, 80, 82, 84, 150, 153, 155 }, 0 },
};

static void what_comes_at_regular_times_has_a_period(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(periods); i++) {
		struct loss_gaps gaps = { 0 };
		for (size_t k = 0; k < 24 && periods[i].times[k] > 0; k++)
			add(&gaps, 100 * periods[i].times[k], 1, 0, 0);
		const double period = loss_shape_of(&gaps, PTIME).period_ms;
		if (periods[i].period_ms > 0 ? !(fabs(period - periods[i].period_ms) < 30)
		                             : !isnan(period))
			fail_msg("%s: %f", periods[i].what, period);
		loss_gaps_free(&gaps);
	}
}

static const struct {
	const char *what;
	uint16_t length, before_ms, after_ms;
	bool stalled;
} steps[] = {
	{ "a full queue stays full", 1, 150, 152, false },
	{ "or drains at half of the link's rate", 1, 150, 130, false },
	{ "a flat path", 2, 1, 3, false },
	{ "waiting packets come in one go", 1, 200, 160, true },
	{ "the first one behind a wait", 3, 2, 180, true },
};

static void a_radio_stalls_and_a_queue_does_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct loss_gaps gaps = { 0 };
		add(&gaps, 1000, steps[i].length, steps[i].before_ms, steps[i].after_ms);
		const double share = loss_shape_of(&gaps, PTIME).stalled;
		if ((share == 1) != steps[i].stalled)
			fail_msg("%s: %f", steps[i].what, share);
		loss_gaps_free(&gaps);
	}
}

static void clumps_are_told_from_chance(void **state)
{
	static const double even[] = { 10, 20, 30, 40, 50 };
	static const double clumps[] = { 10, 10.2, 10.4, 80, 80.2, 80.4, 170, 170.2 };
	struct loss_gaps one = { 0 };
	struct loss_gaps two = { 0 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(even); i++)
		add(&one, 100 * even[i], 1, 0, 0);
	for (size_t i = 0; i < ARRAY_LEN(clumps); i++)
		add(&two, 100 * clumps[i], 1, 0, 0);
	assert_true(loss_shape_of(&one, PTIME).clumping < 0.01);
	assert_true(loss_shape_of(&two, PTIME).clumping > 1.5);
	loss_gaps_free(&one);
	loss_gaps_free(&two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_lost_has_no_shape),
		cmocka_unit_test(runs_and_their_lengths),
		cmocka_unit_test(what_came_late_was_not_lost),
		cmocka_unit_test(only_the_latest_are_remembered),
		cmocka_unit_test(what_comes_at_regular_times_has_a_period),
		cmocka_unit_test(a_radio_stalls_and_a_queue_does_not),
		cmocka_unit_test(clumps_are_told_from_chance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
