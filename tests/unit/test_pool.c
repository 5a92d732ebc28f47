#include "analyzer/base/pool.h"

#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { CAP = 600, OPERATIONS = 8000, LARGE = 32 * 1024 };

struct object {
	uint64_t words[5];
};

/* Zero all over its size, of which the last word is looked at too. */
static bool is_zero(const void *object, uint32_t size)
{
	static const struct object zero;
	const char *end = (const char *)object + size;
	return memcmp(object, &zero, sizeof zero) == 0 &&
	       memcmp(end - sizeof zero, &zero, sizeof zero) == 0;
}

/* What was written to an object stays until it is given back; nobody else gets it. */
static void take_and_give(uint32_t size, uint64_t seed)
{
	struct pool pool;
	struct object *held[CAP] = { 0 }; /* by number */
	uint32_t live = 0;
	pool_init(&pool, size, CAP);
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		const uint32_t victim = disorder_below(&seed, CAP);
		if (held[victim] && disorder_below(&seed, 3)) {
			assert_int_equal(held[victim]->words[4], victim);
			pool_give(&pool, victim);
			held[victim] = NULL;
			live--;
		} else if (live < CAP) {
			void *object;
			uint32_t number;
			assert_int_equal(pool_take(&pool, &object, &number), OK);
			assert_true(number < CAP);
			assert_null(held[number]);
			assert_true(is_zero(object, size));
			held[number] = object;
			memset(object, 0xff, size);
			held[number]->words[4] = number;
			live++;
		}
		assert_int_equal(pool.live, live);
	}
	for (uint32_t number = 0; number < CAP; number++) {
		assert_ptr_equal(pool_live(&pool, number), held[number]);
		if (held[number])
			assert_ptr_equal(pool_at(&pool, number), held[number]);
	}
	pool_free(&pool);
}

static void objects_stay_where_and_what_they_are(void **state)
{
	(void)state;
	take_and_give(sizeof(struct object), 1);
}

/* So large that the pool has to grow by several chunks. */
static void large_objects_stay_where_and_what_they_are(void **state)
{
	(void)state;
	take_and_give(LARGE, 2);
}

/* Several chunks full, then nobody: those who come next find nothing of it. */
static void an_empty_pool_starts_over(void **state)
{
	(void)state;
	struct pool pool;
	void *object;
	uint32_t number;
	pool_init(&pool, LARGE, CAP);
	for (unsigned int round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < CAP; i++) {
			assert_int_equal(pool_take(&pool, &object, &number), OK);
			assert_int_equal(number, i);
			assert_true(is_zero(object, LARGE));
			memset(object, 0xff, LARGE);
		}
		for (uint32_t i = 0; i < CAP; i++)
			pool_give(&pool, i);
		assert_int_equal(pool.live, 0);
		assert_int_equal(pool.chunk_count, 0);
		assert_null(pool_live(&pool, 0));
	}
	pool_free(&pool);
}

/* Streams and what is hot of them: the one has several chunks when the other has one. */
static void two_pools_taken_from_together_have_the_same_numbers(void **state)
{
	(void)state;
	struct pool large;
	struct pool small;
	uint64_t seed = 7;
	pool_init(&large, LARGE, CAP);
	pool_init(&small, 64, CAP);
	for (unsigned int round = 0; round < 5; round++) {
		uint32_t numbers[CAP];
		for (uint32_t i = 0; i < CAP; i++) {
			void *object;
			uint32_t number;
			assert_int_equal(pool_take(&large, &object, &numbers[i]), OK);
			assert_int_equal(pool_take(&small, &object, &number), OK);
			assert_int_equal(number, numbers[i]);
		}
		for (uint32_t left = CAP; left > 0; left--) {
			const uint32_t which = disorder_below(&seed, left);
			pool_give(&large, numbers[which]);
			pool_give(&small, numbers[which]);
			numbers[which] = numbers[left - 1];
		}
	}
	pool_free(&large);
	pool_free(&small);
}

static void the_cap_is_a_cap(void **state)
{
	(void)state;
	struct pool pool;
	void *object;
	uint32_t number;
	pool_init(&pool, sizeof(struct object), CAP);
	for (unsigned int i = 0; i < CAP; i++)
		assert_int_equal(pool_take(&pool, &object, &number), OK);
	assert_int_equal(pool_take(&pool, &object, &number), ERR_FULL);
	pool_give(&pool, 7);
	assert_null(pool_live(&pool, 7));
	assert_int_equal(pool_take(&pool, &object, &number), OK);
	assert_int_equal(number, 7);
	assert_int_equal(pool_take(&pool, &object, &number), ERR_FULL);
	pool_free(&pool);
}

static void numbers_never_given_out_are_not_live(void **state)
{
	(void)state;
	struct pool pool;
	pool_init(&pool, sizeof(struct object), 10);
	assert_null(pool_live(&pool, 0));
	assert_null(pool_live(&pool, UINT32_MAX));
	pool_free(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_stay_where_and_what_they_are),
		cmocka_unit_test(large_objects_stay_where_and_what_they_are),
		cmocka_unit_test(an_empty_pool_starts_over),
		cmocka_unit_test(two_pools_taken_from_together_have_the_same_numbers),
		cmocka_unit_test(the_cap_is_a_cap),
		cmocka_unit_test(numbers_never_given_out_are_not_live),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
