#include "analyzer/track/deadlines.h"

#include <stdlib.h>

#include "tests/unit/unit.h"

enum { OBJECTS = 700, OPERATIONS = 100000, SPAN = 1000 };

/* The model: each object's time, or NSTIME_NEVER. */
static nstime earliest(const nstime *model)
{
	nstime first = NSTIME_NEVER;
	for (size_t i = 0; i < OBJECTS; i++)
		first = model[i] < first ? model[i] : first;
	return first;
}

static void pop_all_due(struct deadlines *deadlines, nstime *model, nstime now)
{
	struct deadline *due;
	while ((due = deadlines_pop(deadlines, now))) {
		assert_int_equal(due->at, earliest(model));
		assert_int_equal(due->at, model[due->number]);
		assert_int_equal(due->position, 0);
		model[due->number] = NSTIME_NEVER;
	}
	assert_true(earliest(model) > now);
}

static void agrees_with_a_list(void **state)
{
	(void)state;
	static struct deadline objects[OBJECTS];
	static nstime model[OBJECTS];
	struct deadlines deadlines = { 0 };
	uint64_t seed = 1;
	for (uint32_t i = 0; i < OBJECTS; i++) {
		objects[i].number = i;
		model[i] = NSTIME_NEVER;
	}
	for (unsigned int i = 0; i < OPERATIONS; i++) {
		const uint32_t n = disorder_below(&seed, OBJECTS);
		const nstime now = i / 20;
		switch (disorder_below(&seed, 16)) {
		case 0:
			pop_all_due(&deadlines, model, now);
			break;
		case 1:
		case 2:
		case 3:
			deadline_clear(&deadlines, &objects[n]);
			model[n] = NSTIME_NEVER;
			break;
		default: /* sets it, or moves it either way */
			model[n] = now + disorder_below(&seed, SPAN);
			assert_int_equal(deadline_set(&deadlines, &objects[n], model[n]),
			                 OK);
			break;
		}
		assert_int_equal(deadlines_next(&deadlines), earliest(model));
	}
	pop_all_due(&deadlines, model, OPERATIONS + SPAN);
	assert_int_equal(deadlines.count, 0);
	deadlines_free(&deadlines);
}

static void nothing_is_due_before_its_time(void **state)
{
	(void)state;
	struct deadlines deadlines = { 0 };
	struct deadline deadline = { .kind = DEADLINE_LEG, .number = 3 };
	assert_int_equal(deadlines_next(&deadlines), NSTIME_NEVER);
	assert_null(deadlines_pop(&deadlines, INT64_MAX - 1));
	assert_int_equal(deadline_set(&deadlines, &deadline, 100), OK);
	assert_null(deadlines_pop(&deadlines, 99));
	assert_ptr_equal(deadlines_pop(&deadlines, 100), &deadline);
	assert_null(deadlines_pop(&deadlines, 100));
	deadline_clear(&deadlines, &deadline); /* once more is fine */
	deadlines_free(&deadlines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_due_before_its_time),
		cmocka_unit_test(agrees_with_a_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
