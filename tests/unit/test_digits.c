#include "schema/digits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Who looks for a number finds it however either is written; and finds no other. */
static const struct {
	const char *wanted, *number;
	bool found;
} cases[] = {
	{ "+44 20 7946 0018", "+442079460018", true },
	{ "+44 20 7946 0018", "00442079460018", true },
	{ "+44 20 7946 0018", "442079460018", true },
	{ "+44 20 7946 0018", "02079460018", true },
	{ "+44 20 7946 0018", "2079460018", false }, /* nobody dials it so */
	{ "+44 20 7946 0018", "+12079460018", false },
	{ "0044 (20) 7946-0018", "+442079460018", true },
	{ "0044 (20) 7946-0018", "02079460018", true },
	{ "020 7946.0018", "+442079460018", true },
	{ "020 7946.0018", "02079460018", true },
	{ "020 7946.0018", "+442079460019", false },
	{ "79460018", "+442079460018", true },
	{ "79460018", "sip:+442079460018@example.com;user=phone", true },
	{ "79460018", "tel:+44-20-7946-0018;phone-context=x", true },
	{ "79460018", "SIPS:02079460018@example.com", true },
	{ "79460018", "sip:a79460018@example.com", false },
	{ "79460018", "sip:79460018", true },
	{ "79460018", "9460018", false },
	{ "18", "+442079460018", true },
	{ "0", "100", true },
	{ "0", "101", false },
	{ "00", "100", true },
	{ "5", "15", true },
	{ "5", "5", true },
	{ "05", "25", true },
	{ "sip:5@host", "5", true },
	{ "15", "5", false }, /* a shorter number has no digits beyond its own */
	{ "05", "5", true },
	{ "+1 202 555 0123", "02025550123", true },
	{ "+390612345678", "00390612345678", true },
	{ "123456789012345678", "9123456789012345678", true },
	{ "99123456789012345678", "88123456789012345678",
	  true }, /* eighteen are looked at */
};

static void numbers_are_found_however_they_are_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct digits_wanted wanted;
		int64_t key = 0;
		assert_int_equal(digits_wanted(text_from(cases[i].wanted), &wanted), OK);
		const bool is_number = digits_key(text_from(cases[i].number), &key);
		const bool found = is_number && digits_match(&wanted, key);
		if (found != cases[i].found)
			fail_msg("%s: %s", cases[i].wanted, cases[i].number);
	}
}

static void what_is_no_number_has_no_key(void **state)
{
	(void)state;
	static const char *const names[] = {
		"",    "+",  "sip:", "bob",    "sip:bob@1.2.3.4", "12a", "sip:@5",
		"++5", "5+", "\xff", "1 2\t3", "tel:;5",          "%35", ":5"
	};
	struct digits_wanted wanted;
	int64_t key;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (digits_key(text_from(names[i]), &key))
			fail_msg("'%s' is taken for a number", names[i]);
		assert_int_equal(digits_wanted(text_from(names[i]), &wanted),
		                 ERR_MALFORMED);
	}
}

/* By hand: 1 is 2 and 2 is 3 in base 11, from the end on, with sixteen places left. */
static void a_key_is_the_number_from_its_end(void **state)
{
	(void)state;
	int64_t key;
	struct digits_wanted wanted;
	assert_true(digits_key(TEXT("12"), &key));
	assert_int_equal(key, INT64_C(35) * INT64_C(45949729863572161)); /* 11^16 */
	assert_int_equal(digits_wanted(TEXT("12"), &wanted), OK);
	assert_int_equal(wanted.first, key);
	assert_int_equal(wanted.last, key + INT64_C(45949729863572161) - 1);
	assert_true(digits_key(TEXT("999999999999999999"), &key));
	assert_int_equal(key, INT64_C(5559917313492231480)); /* 11^18 - 1 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_found_however_they_are_written),
		cmocka_unit_test(what_is_no_number_has_no_key),
		cmocka_unit_test(a_key_is_the_number_from_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
