#include "schema/spans.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Spans of digits: a letter's place is a time, 'x' is in the set. */
static const struct {
	const char *what, *a, *b, *without, *both;
} cases[] = {
	{ "nothing of nothing", "........", "........", "........", "........" },
	{ "all is left", "xxxx..xx", "........", "xxxx..xx", "........" },
	{ "all goes", "xxxx..xx", "xxxxxxxx", "........", "xxxx..xx" },
	{ "from its middle", "xxxxxxxx", "..xx....", "xx..xxxx", "..xx...." },
	{ "its beginning and its end", ".xxxxxx.", "xx....xx", "..xxxx..", ".x....x." },
	{ "several of several", "xx.xx.xx", ".xxxx.x.", "x......x", ".x.xx.x." },
	{ "edges that touch", "..xxx...", "xx...xxx", "..xxx...", "........" },
	{ "one over two", "x.x.x.x.", "..xxxxx.", "x.......", "..x.x.x." },
};

static struct spans read_spans(const char *text)
{
	struct spans out = { 0 };
	for (size_t i = strlen(text); i-- > 0;) /* the last first */
		if (text[i] == 'x')
			assert_int_equal(spans_add(&out, (nstime)i, (nstime)i + 1), OK);
	spans_unite(&out, 0);
	return out;
}

static void write_spans(const struct spans *spans, char to[9])
{
	memset(to, '.', 8);
	to[8] = '\0';
	for (size_t i = 0; i < spans->count; i++) {
		assert_true(i == 0 || spans->list[i].from > spans->list[i - 1].to - 1);
		for (nstime t = spans->list[i].from; t < spans->list[i].to; t++)
			to[t] = 'x';
	}
}

static void check(const char *what, struct spans *got, const char *expected)
{
	char text[9];
	write_spans(got, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s", what, text);
	spans_free(got);
}

static void sets_are_subtracted_and_intersected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct spans a = read_spans(cases[i].a);
		struct spans b = read_spans(cases[i].b);
		struct spans out = { 0 };
		assert_int_equal(spans_subtract(&a, &b, &out), OK);
		check(cases[i].what, &out, cases[i].without);
		assert_int_equal(spans_intersect(&a, &b, &out), OK);
		check(cases[i].what, &out, cases[i].both);
		spans_free(&a);
		spans_free(&b);
	}
}

static void what_several_have_at_once_is_found(void **state)
{
	(void)state;
	static const char *const least[] = { "xxxxxxx.", "x..xxx..", "...x...." };
	struct spans sets[] = { read_spans("xx.xxx.."), read_spans("..xxxxx."),
		                read_spans("x..x....") };
	for (size_t n = 1; n <= ARRAY_LEN(least); n++) {
		struct spans out = { 0 };
		assert_int_equal(spans_overlap(sets, ARRAY_LEN(sets), n, &out), OK);
		check("overlap", &out, least[n - 1]);
	}
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		spans_free(&sets[i]);
}

static void what_is_near_becomes_one(void **state)
{
	(void)state;
	struct spans spans = { 0 };
	assert_int_equal(spans_add(&spans, 50, 60), OK);
	assert_int_equal(spans_add(&spans, 0, 10), OK);
	assert_int_equal(spans_add(&spans, 5, 5), OK); /* none */
	assert_int_equal(spans_add(&spans, 2, 4), OK);
	assert_int_equal(spans_add(&spans, 13, 20), OK);
	assert_int_equal(spans_add(&spans, 64, 70), OK);
	spans_unite(&spans, 3);
	assert_int_equal(spans.count, 3);
	assert_int_equal(spans.list[0].to, 20);
	assert_int_equal(spans.list[1].from, 50);
	assert_int_equal(spans_length(&spans), 20 + 10 + 6);
	spans_free(&spans);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_subtracted_and_intersected),
		cmocka_unit_test(what_several_have_at_once_is_found),
		cmocka_unit_test(what_is_near_becomes_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
