/* The same as lround(), whatever the number. */
#include "analyzer/base/nearest.h"

#include <math.h>

#include "tests/unit/unit.h"

static void check(double value)
{
	if (nearest(value) != llround(value))
		fail_msg("%.17g is next to %jd, not %jd", value, (intmax_t)llround(value),
		         (intmax_t)nearest(value));
}

static void halves_go_away_from_zero(void **state)
{
	(void)state;
	const double values[] = { 0,   0.5,    1.5,     2.5,    0.1,
		                  0.9, 1234.5, 1e9 + 1, 1e15,   4503599627370495.5,
		                  2e9, 1e-300, 0x1p52,  0x1p53, 0x1.fffffffffffffp62 };
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		check(values[i]);
		check(-values[i]);
	}
}

static void a_hair_beside_a_half_is_no_half(void **state)
{
	(void)state;
	for (int64_t i = -1000; i < 1000; i++) {
		check(nextafter((double)i + 0.5, INFINITY));
		check(nextafter((double)i + 0.5, -INFINITY));
	}
	check(0.49999999999999994);
}

static void any_number(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (unsigned int i = 0; i < 100000; i++)
		check(((double)disorder_below(&seed, 1u << 31) - (1 << 30)) /
		      (1 + disorder_below(&seed, 1000)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(halves_go_away_from_zero),
		cmocka_unit_test(a_hair_beside_a_half_is_no_half),
		cmocka_unit_test(any_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
