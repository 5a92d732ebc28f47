#include "web/cursor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { QUESTION = 77 };

static const struct cursor cursors[] = {
	{ 0, 0, { .known = true, .number = 1700000000000000, .id = 1 } },
	{ INT64_MAX / 2,
	  1700000000000000000,
	  { .known = true, .number = INT64_MIN, .id = UINT64_MAX } },
	{ 1, 0, { .known = true, .is_real = true, .real = 0.1, .id = UINT64_C(1) << 63 } },
	{ 5, 7, { .known = true, .is_real = true, .real = -1e308, .id = 2 } },
	{ 5, 7, { .known = false, .is_real = true, .id = 2 } },
	{ 5, 7, { .known = false, .id = 2 } },
};

static void a_cursor_comes_back_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cursors); i++) {
		const struct query_place *given = &cursors[i].place;
		char text[CURSOR_SIZE];
		struct cursor back;
		cursor_write(&cursors[i], QUESTION, text);
		assert_int_equal(strlen(text), CURSOR_SIZE - 1);
		assert_int_equal(cursor_read(text_from(text), QUESTION, &back), OK);
		assert_true(back.now == cursors[i].now);
		assert_int_equal(back.place.known, given->known);
		assert_int_equal(back.place.is_real, given->is_real);
		assert_true(back.place.id == given->id);
		assert_true(back.place.number == given->number);
		assert_memory_equal(&back.place.real, &given->real, sizeof given->real);
		assert_int_equal(cursor_read(text_from(text), QUESTION + 1, &back),
		                 ERR_NOT_FOUND);
	}
}

/* Each beginning, and each text with one letter that is no digit. */
static void what_is_no_cursor_is_refused(void **state)
{
	(void)state;
	char text[CURSOR_SIZE];
	struct cursor out;
	cursor_write(&cursors[0], QUESTION, text);
	for (size_t len = 0; len < CURSOR_SIZE - 1; len++)
		assert_int_equal(cursor_read((struct text){ text, len }, QUESTION, &out),
		                 ERR_MALFORMED);
	for (size_t i = 0; i < CURSOR_SIZE - 1; i++) {
		for (const char *wrong = "xg -"; *wrong; wrong++) {
			const char kept = text[i];
			text[i] = *wrong;
			assert_int_equal(cursor_read(text_from(text), QUESTION, &out),
			                 ERR_MALFORMED);
			text[i] = kept;
		}
	}
	text[1] = '1'; /* another version */
	assert_int_equal(cursor_read(text_from(text), QUESTION, &out), ERR_MALFORMED);
}

/* What a stranger makes up is at worst another place: not a number is no value. */
static void a_value_made_up_is_a_value(void **state)
{
	(void)state;
	struct cursor out;
	static const char nan[] = "0203"
	                          "000000000000004d"
	                          "0000000000000000"
	                          "0000000000000000"
	                          "7ff8000000000000"
	                          "0000000000000001";
	assert_int_equal(cursor_read(TEXT(nan), QUESTION, &out), ERR_MALFORMED);
}

/* To which a hundred years may be added, or from which they may be taken. */
static void its_times_are_some_that_were(void **state)
{
	(void)state;
	static const nstime never[] = { -1, INT64_MIN, INT64_MAX, INT64_MAX / 2 + 1 };
	char text[CURSOR_SIZE];
	struct cursor out;
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		cursor_write(&(struct cursor){ .now = never[i] }, QUESTION, text);
		assert_int_equal(cursor_read(text_from(text), QUESTION, &out),
		                 ERR_MALFORMED);
		cursor_write(&(struct cursor){ .reached = never[i] }, QUESTION, text);
		assert_int_equal(cursor_read(text_from(text), QUESTION, &out),
		                 ERR_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cursor_comes_back_as_it_was),
		cmocka_unit_test(what_is_no_cursor_is_refused),
		cmocka_unit_test(a_value_made_up_is_a_value),
		cmocka_unit_test(its_times_are_some_that_were),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
