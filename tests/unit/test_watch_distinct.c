#include "tests/unit/unit.h"

#include "analyzer/track/watch_distinct.h"

static void few_are_counted_exactly(void **state)
{
	(void)state;
	struct distinct d = { 0 };
	uint64_t seed = 1;
	for (unsigned int i = 1; i <= DISTINCT_KEPT; i++) {
		const uint64_t hash = disorder(&seed);
		distinct_add(&d, hash);
		distinct_add(&d, hash);
		assert_int_equal(distinct_count(&d), i);
	}
}

static void many_are_estimated(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 50; seed++) {
		struct distinct d = { 0 };
		uint64_t at = seed * 0x9e3779b97f4a7c15;
		for (unsigned int i = 0; i < 10000; i++) {
			const uint64_t hash = disorder(&at);
			distinct_add(&d, hash);
			distinct_add(&d, hash);
		}
		/* 1 / sqrt(128) is 9 %: four times that. */
		assert_in_range(distinct_count(&d), 6400, 13600);
	}
}

static void the_order_does_not_matter(void **state)
{
	(void)state;
	struct distinct up = { 0 }, down = { 0 };
	for (uint64_t i = 0; i < 1000; i++) {
		distinct_add(&up, i << 40);
		distinct_add(&down, (999 - i) << 40);
	}
	assert_int_equal(distinct_count(&up), distinct_count(&down));
	assert_memory_equal(up.least, down.least, sizeof up.least);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_are_counted_exactly),
		cmocka_unit_test(many_are_estimated),
		cmocka_unit_test(the_order_does_not_matter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
