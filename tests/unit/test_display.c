#include "web/display.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "schema/utf8.h"

typedef void (*display_function)(struct buffer *to, struct text t);

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
	const char *what;
	display_function show;
	const char *bytes;
	size_t len;
	const char *expected;
} cases[] = {
	{ "plain text stays", display_text, BYTES("sip:a@b.example"), "sip:a@b.example" },
	{ "UTF-8 stays", display_text, BYTES("J\xc3\xb6rg \xf0\x9f\x93\x9e"),
	  "J\xc3\xb6rg \xf0\x9f\x93\x9e" },
	{ "a terminal escape is spelled out", display_text, BYTES("\x1b[2J"), "\\x1b[2J" },
	{ "NUL, TAB, LF, DEL", display_text, BYTES("\0\t\n\x7f"), "\\x00\\x09\\x0a\\x7f" },
	{ "C1's CSI in UTF-8", display_text,
	  BYTES("\xc2\x9b"
	        "31m"),
	  "\\x9b31m" },
	{ "right-to-left override", display_text,
	  BYTES("a\xe2\x80\xae"
	        "b"),
	  "a\\u{202e}b" },
	{ "zero-width space and BOM", display_text, BYTES("\xe2\x80\x8b\xef\xbb\xbf"),
	  "\\u{200b}\\u{feff}" },
	{ "line separator", display_text, BYTES("\xe2\x80\xa8"), "\\u{2028}" },
	{ "tag characters", display_text, BYTES("\xf3\xa0\x80\xa1"), "\\u{e0021}" },
	{ "a lone continuation", display_text,
	  BYTES("a\x80"
	        "b"),
	  "a\xef\xbf\xbd"
	  "b" },
	{ "an overlong slash", display_text, BYTES("\xc0\xaf"),
	  "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "a surrogate", display_text, BYTES("\xed\xa0\x80"),
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "beyond U+10FFFF", display_text, BYTES("\xf4\x90\x80\x80"),
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "a cut sequence is one error", display_text, BYTES("\xf0\x9f\x93"),
	  "\xef\xbf\xbd" },

	{ "HTML markup", display_html, BYTES("<b a=\"'`\">&amp;"),
	  "&lt;b a=&quot;&#39;&#96;&quot;&gt;&amp;amp;" },
	{ "HTML controls and overrides", display_html,
	  BYTES("\0\x1b\xe2\x80\xae"
	        "x"),
	  "\\x00\\x1b\\u{202e}x" },
	{ "HTML keeps UTF-8, and not what is none", display_html, BYTES("J\xc3\xb6rg\xff"),
	  "J\xc3\xb6rg\xef\xbf\xbd" },

	{ "JSON quotes and backslashes", display_json, BYTES("a\"b\\c"),
	  "\"a\\\"b\\\\c\"" },
	{ "JSON controls", display_json, BYTES("\0\r\n"), "\"\\u0000\\u000d\\u000a\"" },
	{ "JSON in a page", display_json, BYTES("</script>&"),
	  "\"\\u003c/script\\u003e\\u0026\"" },
	{ "JSON line separators", display_json, BYTES("\xe2\x80\xa8\xe2\x80\xa9"),
	  "\"\\u2028\\u2029\"" },
	{ "JSON beyond the first plane", display_json, BYTES("\xf3\xa0\x80\xa1"),
	  "\"\\udb40\\udc21\"" },
	{ "JSON with Latin-1", display_json, BYTES("J\xf6rg"), "\"J\xef\xbf\xbdrg\"" },

	{ "CSV doubles quotes", display_csv, BYTES("say \"hi\", you"),
	  "\"say \"\"hi\"\", you\"" },
	{ "CSV formula", display_csv, BYTES("=cmd|' /C calc'!A0"),
	  "\"'=cmd|' /C calc'!A0\"" },
	{ "CSV number of a telephone", display_csv, BYTES("+31612345678"),
	  "\"'+31612345678\"" },
	{ "CSV minus, at", display_csv, BYTES("-1"), "\"'-1\"" },
	{ "CSV at", display_csv, BYTES("@SUM(A1)"), "\"'@SUM(A1)\"" },
	{ "CSV TAB and CR in front", display_csv, BYTES("\t=1"), "\"'\\x09=1\"" },
	{ "CSV LF in front", display_csv, BYTES("\n=1"), "\"'\\x0a=1\"" },
	{ "CSV wide formula", display_csv,
	  BYTES("\xef\xbc\x9d"
	        "1\xef\xbc\x8b"
	        "1"),
	  "\"'\xef\xbc\x9d"
	  "1\xef\xbc\x8b"
	  "1\"" },
	{ "CSV wide at", display_csv, BYTES("\xef\xbc\xa0x"), "\"'\xef\xbc\xa0x\"" },
	{ "fillers", display_text,
	  BYTES("a\xe3\x85\xa4\xef\xbe\xa0\xe1\x85\x9f\xe2\xa0\x80z"),
	  "a\\u{3164}\\u{ffa0}\\u{115f}\\u{2800}z" },
	{ "tags", display_text, BYTES("a\xf3\xa0\x80\x81\xf3\xa0\x87\xb0z"),
	  "a\\u{e0001}\\u{e01f0}z" },
	{ "C1 in UTF-8", display_text,
	  BYTES("\xc2\x9b"
	        "31m\xc2\x85"),
	  "\\x9b31m\\x85" },
	{ "a telephone as a picture", display_text, BYTES("\xe2\x98\x8e\xef\xb8\x8f"),
	  "\xe2\x98\x8e\xef\xb8\x8f" },
	{ "CSV stays one line", display_csv, BYTES("a\r\nb"), "\"a\\x0d\\x0ab\"" },
	{ "an empty CSV cell", display_csv, BYTES(""), "\"\"" },

	{ "log: everything odd by octet", display_log, BYTES("a%s\n\xc3\xb6\\"),
	  "a%s\\x0a\\xc3\\xb6\\x5c" },
};

static void bytes_of_strangers_are_shown_as_the_rules_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct buffer shown = { 0 };
		cases[i].show(&shown, (struct text){ cases[i].bytes, cases[i].len });
		if (!text_equal(buffer_text(&shown), text_from(cases[i].expected)))
			fail_msg("%s: '%.*s'", cases[i].what, (int)shown.len, shown.at);
		buffer_free(&shown);
	}
}

static void a_log_field_is_bounded(void **state)
{
	char bytes[1000];
	struct buffer shown = { 0 };
	(void)state;
	memset(bytes, 7, sizeof bytes);
	display_log(&shown, (struct text){ bytes, sizeof bytes });
	assert_int_equal(shown.len, DISPLAY_LOG_MAX);
	buffer_free(&shown);
}

/* The text with every invalid sequence replaced: what JSON must give back. */
static void clean(struct text t, struct buffer *to)
{
	while (t.len > 0) {
		char bytes[UTF8_MAX];
		size_t len;
		const uint32_t code_point = utf8_next(t, &len);
		buffer_add(to, (struct text){ bytes, utf8_encode(code_point == UTF8_INVALID
		                                                         ? 0xfffd
		                                                         : code_point,
		                                                 bytes) });
		t = text_skip(t, len);
	}
}

static void random_bytes(uint64_t *seed, char *to, size_t len)
{
	static const char spices[] =
	        "\"\\<>&=+-@\t\r\n\x1b\xc2\x9b\xe2\x80\xae\xed\xa0\xf0\x9f\xff\xc0";
	for (size_t i = 0; i < len; i++) {
		*seed = *seed * UINT64_C(6364136223846793005) +
		        UINT64_C(1442695040888963407);
		const uint64_t draw = *seed >> 33;
		to[i] = draw % 3 ? (char)(draw >> 8)
		                 : spices[(draw >> 8) % (sizeof spices - 1)];
	}
}

static void json_gives_back_the_text(void **state)
{
	uint64_t seed = 1;
	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		char bytes[40];
		const struct text t = { bytes, round % sizeof bytes };
		struct buffer shown = { 0 };
		struct buffer wanted = { 0 };
		random_bytes(&seed, bytes, t.len);
		display_json(&shown, t);
		clean(t, &wanted);
		json_t *json = json_loadb(shown.at, shown.len,
		                          JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
		assert_non_null(json);
		assert_int_equal(json_string_length(json), wanted.len);
		if (wanted.len)
			assert_memory_equal(json_string_value(json), wanted.at, wanted.len);
		json_decref(json);
		buffer_free(&shown);
		buffer_free(&wanted);
	}
}

static void shown_text_is_harmless_and_stays_as_it_is(void **state)
{
	uint64_t seed = 2;
	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		char bytes[40];
		const struct text t = { bytes, round % sizeof bytes };
		struct buffer once = { 0 };
		struct buffer twice = { 0 };
		random_bytes(&seed, bytes, t.len);
		display_text(&once, t);
		for (struct text rest = buffer_text(&once); rest.len > 0;) {
			size_t len;
			const uint32_t code_point = utf8_next(rest, &len);
			assert_true(code_point != UTF8_INVALID &&
			            !display_acts(code_point));
			rest = text_skip(rest, len);
		}
		display_text(&twice, buffer_text(&once));
		assert_true(text_equal(buffer_text(&once), buffer_text(&twice)));
		buffer_free(&once);
		buffer_free(&twice);
	}
}

static int hex_value(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void a_log_line_can_be_read_back(void **state)
{
	uint64_t seed = 3;
	(void)state;
	for (size_t round = 0; round < 5000; round++) {
		char bytes[40];
		char back[40];
		size_t len = 0;
		struct buffer shown = { 0 };
		random_bytes(&seed, bytes, round % sizeof bytes);
		display_log(&shown, (struct text){ bytes, round % sizeof bytes });
		for (size_t i = 0; i < shown.len; len++) {
			const char c = shown.at[i];
			assert_true(c >= ' ' && c <= '~');
			back[len] = c;
			if (c == '\\')
				back[len] = (char)(hex_value(shown.at[i + 2]) << 4 |
				                   hex_value(shown.at[i + 3]));
			i += c == '\\' ? 4 : 1;
		}
		assert_int_equal(len, round % sizeof bytes);
		assert_memory_equal(back, bytes, len);
		buffer_free(&shown);
	}
}

/* date -u -d @SECONDS agrees. */
static const struct {
	nstime t;
	unsigned int digits;
	const char *expected;
} times[] = {
	{ 0, 0, "1970-01-01T00:00:00Z" },
	{ 0, 6, "1970-01-01T00:00:00.000000Z" },
	{ INT64_C(1709164800123456789), 6, "2024-02-29T00:00:00.123456Z" },
	{ INT64_C(1709164800123456789), 3, "2024-02-29T00:00:00.123Z" },
	{ INT64_C(951825599999999999), 6, "2000-02-29T11:59:59.999999Z" },
	{ INT64_C(4102444799000000000), 3, "2099-12-31T23:59:59.000Z" },
	{ INT64_C(2147483648000000000), 3, "2038-01-19T03:14:08.000Z" },
	{ -1, 6, "1969-12-31T23:59:59.999999Z" },
	{ INT64_MAX, 6, "2262-04-11T23:47:16.854775Z" },
};

static void times_are_rfc_3339_in_utc(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct buffer shown = { 0 };
		display_time(&shown, times[i].t, times[i].digits);
		buffer_add_char(&shown, '\0');
		assert_string_equal(shown.at, times[i].expected);
		buffer_free(&shown);
	}
}

static const struct {
	double value;
	const char *expected;
} reals[] = {
	{ 0, "0" },
	{ 20, "20" },
	{ -1.5, "-1.5" },
	{ 0.1, "0.1" },
	{ 1e300, "1e+300" },
	{ 5e-324, "4.94065645841247e-324" },
	{ 1.0 / 3, "0.3333333333333333" },
	{ 0.1 + 0.2, "0.30000000000000004" },
	{ NAN, "null" },
	{ INFINITY, "null" },
};

static void reals_are_short_and_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reals); i++) {
		struct buffer shown = { 0 };
		display_json_real(&shown, reals[i].value);
		buffer_add_char(&shown, '\0');
		assert_string_equal(shown.at, reals[i].expected);
		buffer_free(&shown);
	}
	uint64_t seed = 4;
	for (size_t round = 0; round < 20000; round++) {
		char bytes[sizeof(double)];
		double value;
		struct buffer shown = { 0 };
		random_bytes(&seed, bytes, sizeof bytes);
		memcpy(&value, bytes, sizeof value);
		display_json_real(&shown, value);
		buffer_add_char(&shown, '\0');
		if (isfinite(value))
			assert_true(strtod(shown.at, NULL) == value);
		else
			assert_string_equal(shown.at, "null");
		buffer_free(&shown);
	}
}

static void counts_javascript_cannot_keep_are_strings(void **state)
{
	struct buffer shown = { 0 };
	(void)state;
	display_json_count(&shown, UINT64_C(9007199254740992));
	buffer_add_char(&shown, ' ');
	display_json_count(&shown, UINT64_C(9007199254740993));
	buffer_add_char(&shown, ' ');
	display_json_count(&shown, UINT64_MAX);
	buffer_add_char(&shown, '\0');
	assert_string_equal(
	        shown.at, "9007199254740992 \"9007199254740993\" \"18446744073709551615\"");
	buffer_free(&shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_of_strangers_are_shown_as_the_rules_say),
		cmocka_unit_test(a_log_field_is_bounded),
		cmocka_unit_test(json_gives_back_the_text),
		cmocka_unit_test(shown_text_is_harmless_and_stays_as_it_is),
		cmocka_unit_test(a_log_line_can_be_read_back),
		cmocka_unit_test(times_are_rfc_3339_in_utc),
		cmocka_unit_test(reals_are_short_and_exact),
		cmocka_unit_test(counts_javascript_cannot_keep_are_strings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
