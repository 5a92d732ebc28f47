/* Rules: the comments of sight.h. */
#include "analyzer/track/sight.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

static struct address host(uint8_t number)
{
	const uint8_t bytes[4] = { 198, 18, 0, number };
	return address_ipv4(bytes);
}

struct run {
	struct context context;
	struct sight sight;
};

static struct run *run_new(size_t hosts)
{
	struct run *run = calloc(1, sizeof *run);
	assert_non_null(run);
	run->context.settings = settings_default();
	run->context.settings.limits.hosts = hosts;
	assert_int_equal(sight_init(&run->sight, &run->context), OK);
	return run;
}

static void run_free(struct run *run)
{
	sight_free(&run->sight);
	free(run);
}

static void note(struct run *run, uint8_t from, uint8_t to)
{
	const struct address a = host(from);
	const struct address b = host(to);
	sight_note(&run->sight, &a, &b);
}

static bool one_sided(const struct run *run, uint8_t from, uint8_t to)
{
	const struct address a = host(from);
	const struct address b = host(to);
	return sight_is_one_sided(&run->sight, &a, &b);
}

static void three_calls_without_anything_back(void **state)
{
	(void)state;
	struct run *run = run_new(16);
	assert_false(one_sided(run, 1, 2));
	note(run, 1, 2);
	note(run, 1, 2);
	assert_false(one_sided(run, 1, 2)); /* may be a fault of both calls */
	note(run, 1, 2);
	assert_true(one_sided(run, 1, 2));
	assert_false(one_sided(run, 2, 1));
	run_free(run);
}

static void one_call_that_hears_shows_the_way_back(void **state)
{
	(void)state;
	/* From the silent host to somebody else; from somebody else to the deaf one. */
	static const uint8_t back[][2] = { { 2, 1 }, { 2, 9 }, { 9, 1 } };
	for (size_t i = 0; i < ARRAY_LEN(back); i++) {
		struct run *run = run_new(16);
		for (int k = 0; k < 5; k++)
			note(run, 1, 2);
		assert_true(one_sided(run, 1, 2));
		note(run, back[i][0], back[i][1]);
		assert_false(one_sided(run, 1, 2));
		run_free(run);
	}
}

/* Those that are seen once make room for one another, not what is seen again and again. */
static void strangers_do_not_evict_those_who_are_known(void **state)
{
	(void)state;
	struct run *run = run_new(3);
	for (int k = 0; k < 5; k++)
		note(run, 1, 2);
	for (uint8_t stranger = 10; stranger < 20; stranger++)
		note(run, 1, stranger);
	assert_true(one_sided(run, 1, 2));
	assert_int_equal(run->context.counters.of[COUNT_HOSTS_EVICTED], 9);
	run_free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_calls_without_anything_back),
		cmocka_unit_test(one_call_that_hears_shows_the_way_back),
		cmocka_unit_test(strangers_do_not_evict_those_who_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
