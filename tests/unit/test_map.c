#include "analyzer/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { MOST = 6000, OPERATIONS = 60000 };

/* The model: numbers in a list, each with the hash it was put in under. */
struct model {
	uint64_t hash[MOST];
	bool in[MOST];
};

static size_t found_times(const struct map *map, uint64_t hash, uint32_t number)
{
	size_t times = 0;
	struct map_cursor cursor = map_cursor_of(hash);
	for (uint32_t n; (n = map_next(map, &cursor)) != MAP_NONE;)
		times += n == number;
	return times;
}

/* Only the upper half of a hash tells entries apart. */
static size_t model_count(const struct model *model, uint64_t hash)
{
	size_t count = 0;
	for (size_t i = 0; i < MOST; i++)
		count += model->in[i] && model->hash[i] >> 32 == hash >> 32;
	return count;
}

static size_t map_count(const struct map *map, uint64_t hash)
{
	size_t count = 0;
	struct map_cursor cursor = map_cursor_of(hash);
	while (map_next(map, &cursor) != MAP_NONE)
		count++;
	return count;
}

static void compare(const struct map *map, const struct model *model)
{
	size_t in = 0;
	for (uint32_t i = 0; i < MOST; i++) {
		in += model->in[i];
		if (model->hash[i])
			assert_int_equal(found_times(map, model->hash[i], i), model->in[i]);
	}
	assert_int_equal(map->used, in);
}

/*
 * `spread` upper halves of hashes beginning at `first`: few of them make long runs, and
 * those near the last slot make runs that go round the end of the table.
 */
static void random_operations(uint32_t first, uint32_t spread, uint64_t seed)
{
	struct model *model = calloc(1, sizeof *model);
	struct map map;
	assert_non_null(model);
	assert_int_equal(map_init(&map), OK);
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		const uint32_t number = disorder_below(&seed, MOST);
		const uint64_t hash = (uint64_t)(first + disorder_below(&seed, spread))
		                      << 32;
		if (!model->in[number]) {
			assert_int_equal(map_insert(&map, hash, number), OK);
			model->hash[number] = hash;
			model->in[number] = true;
		} else if (disorder_below(&seed, 8) == 0) {
			/* A number under another hash is another entry: nothing happens. */
			map_remove(&map, ~model->hash[number], number);
		} else {
			map_remove(&map, model->hash[number], number);
			model->in[number] = false;
		}
		if (i % 7000 == 0)
			compare(&map, model);
	}
	compare(&map, model);
	for (uint32_t n = 0; n < spread && n < 50; n++) {
		const uint64_t hash = (uint64_t)(first + n) << 32;
		assert_int_equal(map_count(&map, hash), model_count(model, hash));
	}
	map_free(&map);
	free(model);
}

static void agrees_with_a_list(void **state)
{
	(void)state;
	random_operations(0, UINT32_MAX, 1);
}

static void agrees_with_a_list_when_hashes_collide(void **state)
{
	(void)state;
	random_operations(0, 200, 2);
}

static void agrees_with_a_list_round_the_end_of_the_table(void **state)
{
	(void)state;
	random_operations(UINT32_MAX - 300, 300, 3);
}

static void an_empty_map_holds_nothing(void **state)
{
	(void)state;
	struct map map;
	assert_int_equal(map_init(&map), OK);
	for (uint64_t hash = 0; hash < 5000; hash++)
		assert_int_equal(map_count(&map, hash << 32), 0);
	map_remove(&map, 0, 0);
	assert_int_equal(map.used, 0);
	map_free(&map);
}

/* The header's promise, which bounds the length of a search. */
static void is_never_more_than_three_quarters_full(void **state)
{
	(void)state;
	struct map map;
	uint64_t seed = 4;
	assert_int_equal(map_init(&map), OK);
	for (uint32_t n = 0; n < 50000; n++) {
		assert_int_equal(map_insert(&map, disorder(&seed), n), OK);
		assert_true(map.used <= (map.mask + 1) / 4 * 3);
	}
	map_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_map_holds_nothing),
		cmocka_unit_test(agrees_with_a_list),
		cmocka_unit_test(agrees_with_a_list_when_hashes_collide),
		cmocka_unit_test(agrees_with_a_list_round_the_end_of_the_table),
		cmocka_unit_test(is_never_more_than_three_quarters_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
