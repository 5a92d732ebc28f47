#include "web/buffer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>

/* The reference is printf. */
static void check_fixed(double value, int width, int decimals)
{
	char expected[400];
	struct buffer b = { 0 };
	snprintf(expected, sizeof expected, "%*.*f", width, decimals, value);
	buffer_add_fixed(&b, (size_t)width, (unsigned int)decimals, value);
	buffer_add_char(&b, '\0');
	assert_string_equal(b.at, expected);
	buffer_free(&b);
}

static void fixed_figures_are_those_of_printf(void **state)
{
	static const double values[] = {
		0,        0.5,      1.5,    2.5,     0.125,
		0.375,    0.0625,   0.0005, 0.0015,  0.0025,
		0.005,    0.015,    1.005,  2.675,   9.995,
		99.995,   4.41,     93.2,   0.049,   0.04999,
		0.950001, 123456.7, 1e-300, DBL_MIN, 1e15,
		4.5e15,   1e16,     1e300,  DBL_MAX, 9.5e15,
		8191.75,  0x1p-10,  0x1p52, 0x1p53,  0.1,
		0x1p-11,  0x1p-9,   0x1p-4, 0x1p-54, 4503599627370495.5,
	};
	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		for (int decimals = 0; decimals < 6; decimals++) {
			check_fixed(values[i], 0, decimals);
			check_fixed(-values[i], 12, decimals);
			check_fixed(nextafter(values[i], INFINITY), 7, decimals);
			check_fixed(nextafter(values[i], -INFINITY), 1, decimals);
		}
	}
}

static void halves_and_their_neighbours_round_as_printf_rounds(void **state)
{
	(void)state;
	for (int thousandths = 0; thousandths < 20000; thousandths++) {
		for (int decimals = 0; decimals < 4; decimals++) {
			check_fixed(thousandths / 1000.0, 6, decimals);
			check_fixed(thousandths / 1024.0, 6, decimals);
		}
	}
}

static void numbers_stand_at_the_right(void **state)
{
	struct buffer b = { 0 };
	(void)state;
	buffer_add_number_right(&b, 4, 0);
	buffer_add_number_right(&b, 4, 200);
	buffer_add_number_right(&b, 2, 12345);
	buffer_add_number_right(&b, 0, UINT64_MAX);
	buffer_add_char(&b, '\0');
	assert_string_equal(b.at, "   0 2001234518446744073709551615");
	buffer_free(&b);
}

/* One that nothing was put into has no memory; sanitizers see what is done with that. */
static void an_empty_one_is_written(void **state)
{
	(void)state;
	struct buffer b = { 0 };
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_true(buffer_write(&b, file));
	assert_int_equal(ftell(file), 0);
	buffer_free(&b);
	fclose(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_is_written),
		cmocka_unit_test(fixed_figures_are_those_of_printf),
		cmocka_unit_test(halves_and_their_neighbours_round_as_printf_rounds),
		cmocka_unit_test(numbers_stand_at_the_right),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
