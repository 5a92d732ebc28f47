#include "analyzer/base/text.h"

#include "tests/unit/unit.h"

/* A literal with any bytes in it, NUL too. */
#define T(literal)                                                                         \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static void comparisons(void **state)
{
	(void)state;
	assert_true(text_equal(TEXT("Via"), TEXT("Via")));
	assert_false(text_equal(TEXT("Via"), TEXT("via")));
	assert_true(text_equal(TEXT(""), (struct text){ 0 }));
	assert_true(text_equal_nocase(TEXT("VIA"), TEXT("via")));
	assert_false(text_equal_nocase(TEXT("via"), TEXT("viaa")));
	assert_false(text_equal_nocase(TEXT("a@"), TEXT("a`"))); /* 0x40 and 0x60 */
	assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
	assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
	assert_true(text_starts(TEXT("SIP/2.0"), TEXT("SIP/")));
	assert_false(text_starts(TEXT("SIP"), TEXT("SIP/")));
	assert_true(text_starts(TEXT("SIP"), TEXT("")));
	assert_true(text_starts_nocase(TEXT("sip/2.0"), TEXT("SIP/")));
	assert_true(text_ends_nocase(TEXT("RTP/savp"), TEXT("SAVP")));
	assert_false(text_ends_nocase(TEXT("AVP"), TEXT("SAVP")));
}

static void searching_gives_the_length_where_there_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(text_find(TEXT("a:b:c"), ':'), 1);
	assert_int_equal(text_find(TEXT("abc"), ':'), 3);
	assert_int_equal(text_find((struct text){ 0 }, ':'), 0);
	assert_int_equal(text_find(TEXT("a\0b"), '\0'), 1);
	assert_int_equal(text_find_text(TEXT("abcabd"), TEXT("abd")), 3);
	assert_int_equal(text_find_text(TEXT("abc"), TEXT("abd")), 3);
	assert_int_equal(text_find_text((struct text){ 0 }, TEXT("a")), 0);
}

static void skipping_and_heading_stop_at_the_end(void **state)
{
	(void)state;
	assert_true(text_equal(text_skip(TEXT("abc"), 1), TEXT("bc")));
	assert_int_equal(text_skip(TEXT("abc"), 3).len, 0);
	assert_int_equal(text_skip(TEXT("abc"), SIZE_MAX).len, 0);
	assert_true(text_equal(text_head(TEXT("abc"), 2), TEXT("ab")));
	assert_true(text_equal(text_head(TEXT("abc"), SIZE_MAX), TEXT("abc")));
}

static const struct {
	const char *what;
	struct text from, trimmed;
} trims[] = {
	{ "blanks on both sides", T("  a b \t"), T("a b") },
	{ "folds are blanks", T("\r\n a\r\n"), T("a") },
	{ "only blanks", T(" \t\r\n"), T("") },
	{ "nothing", T(""), T("") },
	{ "a NUL is a character", T(" \0 "), T("\0") },
};

static void trimming(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trims); i++)
		if (!text_equal(text_trim(trims[i].from), trims[i].trimmed))
			fail_msg("%s", trims[i].what);
}

static void cutting_at_a_character(void **state)
{
	(void)state;
	struct text rest = TEXT("a;b;;c");
	assert_true(text_equal(text_cut(&rest, ';'), TEXT("a")));
	assert_true(text_equal(text_cut(&rest, ';'), TEXT("b")));
	assert_true(text_equal(text_cut(&rest, ';'), TEXT("")));
	assert_true(text_equal(text_cut(&rest, ';'), TEXT("c")));
	assert_int_equal(rest.len, 0);
	assert_int_equal(text_cut(&rest, ';').len, 0);
}

static const struct {
	const char *what;
	struct text from, line, rest;
} lines[] = {
	{ "CR LF", T("a\r\nb"), T("a"), T("b") },
	{ "LF alone", T("a\nb"), T("a"), T("b") },
	{ "CR alone where there is no LF at all", T("a\rb"), T("a"), T("b") },
	{ "CR inside a line that ends in LF is a character", T("a\rb\nc"), T("a\rb"),
	  T("c") },
	{ "no line end", T("abc"), T("abc"), T("") },
	{ "an empty line", T("\r\na"), T(""), T("a") },
	{ "a line end at the end", T("a\r\n"), T("a"), T("") },
};

static void cutting_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct text rest = lines[i].from;
		const struct text line = text_cut_line(&rest);
		if (!text_equal(line, lines[i].line) || !text_equal(rest, lines[i].rest))
			fail_msg("%s", lines[i].what);
	}
}

static void cutting_words(void **state)
{
	(void)state;
	struct text rest = TEXT("  audio \t49170 RTP/AVP");
	assert_true(text_equal(text_cut_word(&rest), TEXT("audio")));
	assert_true(text_equal(text_cut_word(&rest), TEXT("49170")));
	assert_true(text_equal(text_cut_word(&rest), TEXT("RTP/AVP")));
	assert_int_equal(text_cut_word(&rest).len, 0);
}

static const struct {
	struct text from;
	uint64_t max;
	enum status status;
	uint64_t number;
} numbers[] = {
	{ T("0"), 10, OK, 0 },
	{ T("0009"), 9, OK, 9 },
	{ T("10"), 10, OK, 10 },
	{ T("11"), 10, ERR_TOO_LONG, 0 },
	{ T("7"), 5, ERR_TOO_LONG, 0 }, /* a digit above the maximum itself */
	{ T("65535"), UINT16_MAX, OK, UINT16_MAX },
	{ T("65536"), UINT16_MAX, ERR_TOO_LONG, 0 },
	{ T("4294967295"), UINT32_MAX, OK, UINT32_MAX },
	{ T("4294967296"), UINT32_MAX, ERR_TOO_LONG, 0 },
	{ T("18446744073709551615"), UINT64_MAX, OK, UINT64_MAX },
	{ T("18446744073709551616"), UINT64_MAX, ERR_TOO_LONG, 0 },
	{ T("36893488147419103232"), UINT64_MAX, ERR_TOO_LONG,
	  0 }, /* twice 2^64: wraps to 0 */
	{ T("100000000000000000000000000000000000000000"), UINT64_MAX, ERR_TOO_LONG, 0 },
	{ T("99999999999999999999x"), UINT64_MAX, ERR_MALFORMED, 0 },
	{ T(""), 10, ERR_MALFORMED, 0 },
	{ T("-1"), 10, ERR_MALFORMED, 0 },
	{ T("+1"), 10, ERR_MALFORMED, 0 },
	{ T(" 1"), 10, ERR_MALFORMED, 0 },
	{ T("1 "), 10, ERR_MALFORMED, 0 },
	{ T("0x1"), 10, ERR_MALFORMED, 0 },
	{ T("1\0"), 10, ERR_MALFORMED, 0 },
	{ T("\xb1"), 10, ERR_MALFORMED, 0 }, /* '1' with the high bit */
};

static void numbers_neither_wrap_nor_take_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		uint64_t number = 0;
		const enum status status =
		        text_number(numbers[i].from, numbers[i].max, &number);
		if (status != numbers[i].status || number != numbers[i].number)
			fail_msg("row %zu: %s, %llu", i, status_name(status),
			         (unsigned long long)number);
	}
}

static const struct {
	struct text from;
	enum status status;
	uint32_t number;
} hexes[] = {
	{ T("0"), OK, 0 },
	{ T("0x17cb308c"), OK, 0x17cb308c },
	{ T("DEADbeef"), OK, 0xdeadbeef },
	{ T("0XFF"), OK, 0xff },
	{ T(""), ERR_MALFORMED, 0 },
	{ T("0x"), ERR_MALFORMED, 0 },
	{ T("123456789"), ERR_MALFORMED, 0 },
	{ T("12g"), ERR_MALFORMED, 0 },
	{ T("0x0x1"), ERR_MALFORMED, 0 },
};

static void hexadecimal(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hexes); i++) {
		uint32_t number = 0;
		const enum status status = text_hex32(hexes[i].from, &number);
		if (status != hexes[i].status || number != hexes[i].number)
			fail_msg("row %zu: %s, %x", i, status_name(status), number);
	}
}

static void copies_end_in_nul_and_say_when_they_cut(void **state)
{
	(void)state;
	char to[4] = { 'x', 'x', 'x', 'x' };
	assert_true(text_copy(to, sizeof to, TEXT("abc")));
	assert_string_equal(to, "abc");
	assert_false(text_copy(to, sizeof to, TEXT("defg")));
	assert_string_equal(to, "def");
	assert_true(text_copy(to, sizeof to, (struct text){ 0 }));
	assert_string_equal(to, "");
	assert_false(text_copy(to, 1, TEXT("a")));
	assert_string_equal(to, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparisons),
		cmocka_unit_test(searching_gives_the_length_where_there_is_nothing),
		cmocka_unit_test(skipping_and_heading_stop_at_the_end),
		cmocka_unit_test(trimming),
		cmocka_unit_test(cutting_at_a_character),
		cmocka_unit_test(cutting_lines),
		cmocka_unit_test(cutting_words),
		cmocka_unit_test(numbers_neither_wrap_nor_take_signs),
		cmocka_unit_test(hexadecimal),
		cmocka_unit_test(copies_end_in_nul_and_say_when_they_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
