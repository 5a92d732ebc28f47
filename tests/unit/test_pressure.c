#include "analyzer/model/pressure.h"

#include "tests/unit/unit.h"

static void begins_at_eighty_and_ends_at_seventy_percent(void **state)
{
	static const struct {
		const char *what;
		uint64_t used, cap;
		bool on;
		uint64_t times;
	} steps[] = {
		{ "an empty table", 0, 1000, false, 0 },
		{ "nearly four fifths", 799, 1000, false, 0 },
		{ "four fifths", 800, 1000, true, 1 },
		{ "all of it", 1000, 1000, true, 1 },
		{ "less again", 701, 1000, true, 1 },
		{ "seven tenths", 700, 1000, false, 1 },
		{ "more, but not enough", 799, 1000, false, 1 },
		{ "once more", 900, 1000, true, 2 },
		{ "a table that may hold nothing", 0, 0, false, 2 },
	};
	struct pressure p = { 0 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const bool was = p.on;
		const nstime before = p.changed;
		pressure_look(&p, steps[i].used, steps[i].cap, (nstime)i + 1);
		if (p.on != steps[i].on || p.times != steps[i].times)
			fail_msg("%s: on %d, %llu times", steps[i].what, p.on,
			         (unsigned long long)p.times);
		assert_int_equal(p.changed, p.on == was ? before : (nstime)i + 1);
	}
}

static void who_waits_waits_less(void **state)
{
	struct pressure p = { 0 };
	(void)state;
	assert_int_equal(pressure_patience(&p, 180, 30), 180);
	p.on = true;
	assert_int_equal(pressure_patience(&p, 180, 30), 30);
	assert_int_equal(pressure_patience(&p, 10, 30), 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_at_eighty_and_ends_at_seventy_percent),
		cmocka_unit_test(who_waits_waits_less),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
