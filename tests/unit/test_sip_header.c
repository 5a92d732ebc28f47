#include "analyzer/wire/sip_header.h"

#include "analyzer/wire/sip.h"

#include "tests/unit/unit.h"

/* RFC 3261 section 20 and 7.3.3; -1 for names the monitor does not tell apart. */
static const struct {
	const char *name;
	int header;
} names[] = {
	{ "Via", SIP_VIA },
	{ "v", SIP_VIA },
	{ "VIA", SIP_VIA },
	{ "V", SIP_VIA },
	{ "From", SIP_FROM },
	{ "f", SIP_FROM },
	{ "To", SIP_TO },
	{ "t", SIP_TO },
	{ "Call-ID", SIP_CALL_ID },
	{ "call-id", SIP_CALL_ID },
	{ "i", SIP_CALL_ID },
	{ "CSeq", SIP_CSEQ },
	{ "Contact", SIP_CONTACT },
	{ "m", SIP_CONTACT },
	{ "Content-Type", SIP_CONTENT_TYPE },
	{ "c", SIP_CONTENT_TYPE },
	{ "Content-Length", SIP_CONTENT_LENGTH },
	{ "L", SIP_CONTENT_LENGTH },
	{ "Content-Encoding", SIP_CONTENT_ENCODING },
	{ "e", SIP_CONTENT_ENCODING },
	{ "Authorization", SIP_AUTHORIZATION },
	{ "Proxy-Authorization", SIP_PROXY_AUTHORIZATION },
	{ "Max-Forwards", SIP_MAX_FORWARDS },
	{ "Expires", SIP_EXPIRES },
	{ "Date", SIP_DATE },
	{ "Reason", SIP_REASON },
	{ "Replaces", SIP_REPLACES },
	{ "Server", SIP_SERVER },
	{ "Session-ID", SIP_SESSION_ID },
	{ "User-Agent", SIP_USER_AGENT },
	{ "Warning", SIP_WARNING },
	{ "Subject", -1 },
	{ "s", -1 },
	{ "", -1 },
	{ "x", -1 },
	{ "Viaa", -1 },
	{ "Vi", -1 },
	{ "Vxa", -1 },
	{ "Call_ID", -1 },
	{ "Record-Route", -1 },
	{ "P-Asserted-Identity", -1 },
};

static void names_long_and_compact(void **state)
{
	(void)state;
	bool seen[SIP_HEADER_COUNT] = { [SIP_HEADER_OTHER] = true };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const enum sip_header is = sip_header_by_name(text_from(names[i].name));
		const enum sip_header should = names[i].header < 0
		                                       ? SIP_HEADER_OTHER
		                                       : (enum sip_header)names[i].header;
		if (is != should)
			fail_msg("%s", names[i].name);
		seen[is] = true;
	}
	for (size_t i = 0; i < SIP_HEADER_COUNT; i++)
		assert_true(seen[i]);
}

static void a_section_is_walked_to_its_end(void **state)
{
	(void)state;
	struct text rest = TEXT(
	        "Via: a\r\n b\r\nno field\r\n: nor this\r\nX-Y : c:d\ns:\r\n\r\nbody: x");
	struct sip_header_field f;
	assert_true(sip_next_header(&rest, &f));
	assert_int_equal(f.header, SIP_VIA);
	assert_true(text_equal(f.name, TEXT("Via")));
	assert_true(text_equal(f.value, TEXT("a\r\n b")));
	assert_true(sip_next_header(&rest, &f));
	assert_int_equal(f.header, SIP_HEADER_OTHER);
	assert_true(text_equal(f.name, TEXT("X-Y")));
	assert_true(text_equal(f.value, TEXT("c:d")));
	assert_true(sip_next_header(&rest, &f));
	assert_true(text_equal(f.name, TEXT("s")));
	assert_int_equal(f.value.len, 0);
	assert_false(sip_next_header(&rest, &f));
	assert_true(text_equal(rest, TEXT("body: x")));
}

static const struct {
	const char *what, *from, *to;
	size_t size;
	bool whole;
} folds[] = {
	{ "no fold", "a  b", "a  b", 9, true },
	{ "a fold is one blank", "a\r\n \t b", "a b", 9, true },
	{ "blanks before a fold are part of it", "a  \n b", "a b", 9, true },
	{ "two folds", "a\r\n b\r\n c", "a b c", 9, true },
	{ "cut", "abcdef", "abc", 4, false },
	{ "cut at a fold", "abc\r\n d", "abc", 4, false },
	{ "just fits", "abc", "abc", 4, true },
	{ "room for nothing", "a", "", 1, false },
	{ "nothing", "", "", 1, true },
};

static void unfolding(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(folds); i++) {
		char to[16] = "xxxxxxxxxxxxxxx";
		const bool whole = sip_unfold(text_from(folds[i].from), to, folds[i].size);
		if (whole != folds[i].whole ||
		    !text_equal(text_from(to), text_from(folds[i].to)))
			fail_msg("%s: \"%s\"", folds[i].what, to);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_long_and_compact),
		cmocka_unit_test(a_section_is_walked_to_its_end),
		cmocka_unit_test(unfolding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
