/* What is no filter: where it stops being one, and what is said then. */
#include "schema/filter.h"

#include <string.h>

#include "tests/unit/unit.h"

/* clang-format off */
static const struct {
	const char *filter;
	size_t column;
	const char *says;
} mistakes[] = {
	{ "", 1, "the filter ends where the name of a field is expected" },
	{ "   ", 4, "ends where" },
	{ "mos_lq_mni < 3", 1, "'mos_lq_mni' is no field of a call; did you mean mos_lq_min?" },
	{ "one_way and mos_lg_min < 3", 13, "did you mean mos_lq_min?" },
	{ "sip_callid = x", 1, "did you mean sip_call_id?" },
	{ "hled", 1, "did you mean held?" },
	{ "leg.stats = 1", 1, "did you mean status?" },
	{ "zzzzzzzz = 1", 1, "the name of a field is expected" },
	{ "registration.aor = x", 1, "is no field of a call" },
	{ "ONE_WAY", 1, "did you mean one_way?" },
	{ "status", 7, "status alone says nothing; a comparison is expected" },
	{ "status 503", 8, "status alone says nothing" },
	{ "status =", 9, "the filter ends where a value is expected" },
	{ "status = (1)", 10, "'(' where a value is expected" },
	{ "status = = 1", 10, "'=' where a value is expected" },
	{ "status = abc", 10, "status is compared with a number" },
	{ "status = 5e2", 10, "a number" },
	{ "status = 1.", 10, "a number" },
	{ "status = 10s", 10, "a number" },
	{ "status ~ 5", 8, "status is no text" },
	{ "status not = 5", 12, "in is expected" },
	{ "status in ()", 12, "a value is expected" },
	{ "status in (1, )", 15, "a value is expected" },
	{ "status in (1 2)", 14, "',' or ')' is expected" },
	{ "status in (1, 2", 16, "ends where ',' or ')'" },
	{ "pdd_ms > 2kg", 10, "milliseconds, or with its unit as in 2s" },
	{ "state = complete", 9, "did you mean completed?" },
	{ "mos_lq_min_band = xyz", 19, "one of nb, wb, fb" },
	{ "state < failed", 7, "state has no order" },
	{ "from < a", 6, "from has no order" },
	{ "codec = PCMX", 9, "did you mean PCM" },
	{ "codec = nothing_like", 9, "a codec such as PCMA" },
	{ "start > yesterday", 9, "a time such as -2h, 2026-01-31" },
	{ "start > 2026-02-29", 9, "a time" },
	{ "start > 2026-01-31T25:00", 9, "a time" },
	{ "start > 1969-12-31", 9, "a time" },
	{ "start > 2026-01-31T10:00:00ZZ", 9, "a time" },
	{ "start > -2y", 9, "a time" },
	{ "start > -99999999999999999999h", 9, "a time" },
	{ "start > -100000w", 9, "a time" },
	{ "src = 198.18.0", 7, "an address such as 198.18.0.1, 198.18.0.1:5060" },
	{ "src in 198.18.0.0/33", 8, "198.18.0.0/15" },
	{ "src in 2001:db8::/129", 8, "an address" },
	{ "src = 198.18.0.1:99999", 7, "an address" },
	{ "src = host.example", 7, "an address" },
	{ "id = xyz", 6, "an id, up to 16 hexadecimal digits" },
	{ "id = 0123456789abcdef0", 6, "an id" },
	{ "ssrc = 0x17cb308c1", 8, "an SSRC such as 0x17cb308c" },
	{ "payload_types = 128", 17, "0 to 127" },
	{ "one_way = maybe", 11, "true or false is expected" },
	{ "one_way < true", 9, "one_way is true or false; = or !=" },
	{ "held in (true)", 6, "held is true or false" },
	{ "buffers = 1", 9, "buffers cannot be compared" },
	{ "pdv = 1", 5, "pdv cannot be compared" },
	{ "from ~ \"a(b\"", 12, "no regular expression: missing closing parenthesis" },
	{ "from ~ \"\\C\"", 11, "no regular expression" },
	{ "from = \"abc", 8, "the quote that ends this text is missing" },
	{ "from = 'abc\\'", 8, "the quote that ends this text is missing" },
	{ "(one_way", 9, "ends where ')'" },
	{ "leg(held", 9, "ends where ')'" },
	{ "one_way)", 8, "')' where 'and' or 'or' is expected" },
	{ "one_way held", 9, "'held' where 'and' or 'or' is expected" },
	{ "one_way and", 12, "the name of a field is expected" },
	{ "one_way; DROP TABLE call", 8, "means nothing here" },
	{ "one_way\" OR 1=1", 8, "quote that ends" },
	{ "1 = 1", 1, "'1' is no field" },
	{ "call.id = 1", 1, "is no field" },
	{ "t.run = 1", 1, "is no field" },
	{ "sqlite_version() = 1", 1, "is no field" },
	{ "state = completed -- x", 19, "'--' where 'and' or 'or'" },
	{ "\xc3\xa4\xc3\xb6 = 1", 1, "means nothing here" },
	{ "from = \"\xc3\xa4\xc3\xb6\" x", 13, "'x' where 'and' or 'or'" },
	{ "from = \"\xff\"", 9, "text in UTF-8 is expected" },
};
/* clang-format on */

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		struct filter_error error;
		struct filter *filter = NULL;
		if (filter_parse(text_from(mistakes[i].filter), RECORD_CALL, &filter,
		                 &error) == OK)
			fail_msg("%s: no mistake?", mistakes[i].filter);
		if (error.column != mistakes[i].column ||
		    !strstr(error.text, mistakes[i].says))
			fail_msg("%s: column %zu: %s", mistakes[i].filter, error.column,
			         error.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_mistakes) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
