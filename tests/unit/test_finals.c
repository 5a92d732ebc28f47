#include "analyzer/track/finals.h"

#include "tests/unit/unit.h"

enum { COUNT = 1000 };

/* (time, kind, id): what finals.h promises. */
static const struct final sorted[] = {
	{ -5, 9, 0, RECORD_CALL },
	{ 10, 2, 4, RECORD_REGISTRATION },
	{ 10, 1, 0, RECORD_STREAM },
	{ 10, 2, 0, RECORD_STREAM },
	{ 10, UINT64_MAX, 0, RECORD_STREAM },
	{ 10, 1, 0, RECORD_LEG },
	{ 10, 0, 9, RECORD_CALL },
	{ 11, 0, 0, RECORD_STREAM },
	{ INT64_C(1) << 40, 0, 0, RECORD_STREAM },
};

static bool same(const struct final *a, const struct final *b)
{
	return a->at == b->at && a->id == b->id && a->number == b->number &&
	       a->kind == b->kind;
}

static void leave_by_time_kind_and_id(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (unsigned int round = 0; round < 200; round++) {
		struct finals finals = { 0 };
		struct final shuffled[ARRAY_LEN(sorted)] = { 0 };
		for (uint32_t i = 0; i < ARRAY_LEN(sorted); i++) {
			const uint32_t to = disorder_below(&seed, i + 1);
			shuffled[i] = shuffled[to];
			shuffled[to] = sorted[i];
		}
		for (size_t i = 0; i < ARRAY_LEN(shuffled); i++)
			assert_int_equal(finals_add(&finals, shuffled[i]), OK);
		finals_sort(&finals, 0);
		for (size_t i = 0; i < ARRAY_LEN(sorted); i++)
			assert_true(same(&finals.list[i], &sorted[i]));
		finals_free(&finals);
	}
}

static void none_is_forgotten_when_many_wait(void **state)
{
	(void)state;
	struct finals finals = { 0 };
	for (uint32_t i = 0; i < COUNT; i++) {
		const struct final final = { COUNT - i, i, i, RECORD_LEG };
		assert_int_equal(finals_add(&finals, final), OK);
	}
	finals_sort(&finals, 0);
	assert_int_equal(finals.count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(finals.list[i].number, COUNT - 1 - i);
	finals_free(&finals);
}

static void sorting_nothing_is_fine(void **state)
{
	(void)state;
	struct finals finals = { 0 };
	finals_sort(&finals, 0);
	assert_int_equal(finals.count, 0);
	finals_free(&finals);
}

static bool is_ordered(const struct final *a, const struct final *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	if (a->kind != b->kind)
		return a->kind < b->kind;
	return a->id != b->id ? a->id < b->id : a->number < b->number;
}

/* What stands before the position stays; of the rest each is there once. */
static void any_number_of_them(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (uint32_t count = 0; count < 300; count++) {
		struct finals finals = { 0 };
		const uint32_t from = count ? disorder_below(&seed, count) : 0;
		bool seen[300] = { false };
		for (uint32_t i = 0; i < count; i++) {
			const struct final final = { disorder_below(&seed, 3),
				                     disorder_below(&seed, 20), i,
				                     RECORD_STREAM };
			assert_int_equal(finals_add(&finals, final), OK);
		}
		finals_sort(&finals, from);
		assert_int_equal(finals.count, count);
		for (uint32_t i = 0; i < count; i++) {
			assert_false(seen[finals.list[i].number]);
			seen[finals.list[i].number] = true;
			assert_true(i >= from || finals.list[i].number == i);
			assert_true(i <= from ||
			            is_ordered(&finals.list[i - 1], &finals.list[i]));
		}
		finals_free(&finals);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leave_by_time_kind_and_id),
		cmocka_unit_test(none_is_forgotten_when_many_wait),
		cmocka_unit_test(any_number_of_them),
		cmocka_unit_test(sorting_nothing_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
