#include "analyzer/wire/sip_header.h"

#include "analyzer/wire/sip_value.h"

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
	{ "Session-Expires", SIP_SESSION_EXPIRES },
	{ "x", SIP_SESSION_EXPIRES },
	{ "Min-SE", SIP_MIN_SE },
	{ "Identity", SIP_IDENTITY },
	{ "y", SIP_IDENTITY },
	{ "P-Asserted-Identity", SIP_P_ASSERTED_IDENTITY },
	{ "P-Preferred-Identity", SIP_P_PREFERRED_IDENTITY },
	{ "Remote-Party-ID", SIP_REMOTE_PARTY_ID },
	{ "Privacy", SIP_PRIVACY },
	{ "Diversion", SIP_DIVERSION },
	{ "History-Info", SIP_HISTORY_INFO },
	{ "Refer-To", SIP_REFER_TO },
	{ "r", SIP_REFER_TO },
	{ "Referred-By", SIP_REFERRED_BY },
	{ "b", SIP_REFERRED_BY },
	{ "Join", SIP_JOIN },
	{ "Allow", SIP_ALLOW },
	{ "Supported", SIP_SUPPORTED },
	{ "k", SIP_SUPPORTED },
	{ "Subject", -1 },
	{ "s", -1 },
	{ "", -1 },
	{ "z", -1 },
	{ "Viaa", -1 },
	{ "Vi", -1 },
	{ "Vxa", -1 },
	{ "Call_ID", -1 },
	{ "Record-Route", -1 },
	{ "P-Charging-Vector", -1 },
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
	const char *what, *name, *values; /* separated by |; NULL: not there */
} asked[] = {
	{ "one that no table knows", "X-CID", "one@a|two@b" },
	{ "without regard to case", "x-cid", "one@a|two@b" },
	{ "one of the table, long and compact", "Refer-To", "<sip:c@d>|<sip:e@f>" },
	{ "by its compact form", "r", "<sip:c@d>|<sip:e@f>" },
	{ "a compact form that only the registry has", "Subject", "lunch" },
	{ "another such", "supported", "timer, replaces" },
	{ "with a fold", "In-Reply-To", "a@b,\r\n c@d" },
	{ "there, but empty", "X-Empty", "" },
	{ "not there", "X-CI", NULL },
	{ "nor this, whose name is longer", "X-CIDs", NULL },
	{ "the body is no header", "X-Body", NULL },
	{ "no name is no header", "", NULL },
};

static void any_header_is_found_by_its_name(void **state)
{
	(void)state;
	const struct sip_message message = {
		.headers = TEXT("X-CID: one@a\r\nr: <sip:c@d>\r\ns: lunch\r\n"
		                "K : timer, replaces\r\nx-cId:two@b\r\nX-Empty:\r\n"
		                "Refer-To: <sip:e@f>\r\nIn-Reply-To: a@b,\r\n c@d\r\n\r\n"
		                "X-Body: no\r\n"),
	};
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		const struct text name = text_from(asked[i].name);
		const bool there = asked[i].values != NULL;
		struct text left = text_from(there ? asked[i].values : "");
		struct text rest = message.headers, value;
		if (sip_find_header(&message, name, &value) != there)
			fail_msg("%s: found or not", asked[i].what);
		if (there && !text_equal(value, text_head(left, text_find(left, '|'))))
			fail_msg("%s: %.*s", asked[i].what, (int)value.len, value.at);
		while (sip_next_named(&rest, name, &value))
			if (!text_equal(value, text_cut(&left, '|')))
				fail_msg("%s: then %.*s", asked[i].what, (int)value.len,
				         value.at);
		if (left.len)
			fail_msg("%s: %.*s is left", asked[i].what, (int)left.len, left.at);
	}
}

/* Where the first one stands is known of a message that was parsed. */
static void the_first_of_a_header_is_found(void **state)
{
	(void)state;
	const struct text bytes =
	        TEXT("SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"
	             "Call-ID: 1@a\r\nk: timer\r\nSupported: replaces\r\n"
	             "Session-Expires: 90\r\nX-CID: 7\r\n\r\n");
	static const char *const wanted[][2] = { { "Via", "SIP/2.0/UDP a;branch=z9hG4bK1" },
		                                 { "supported", "timer" },
		                                 { "x", "90" },
		                                 { "X-CID", "7" } };
	struct sip_message message;
	enum sip_fault fault;
	struct text value;
	assert_int_equal(sip_parse(text_bytes(bytes), SIP_DATAGRAM, &message, &fault), OK);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		assert_true(sip_find_header(&message, text_from(wanted[i][0]), &value));
		assert_true(text_equal(value, text_from(wanted[i][1])));
	}
	assert_false(sip_find_header(&message, TEXT("Reason"), &value));
}

static const struct {
	const char *params, *name, *value;
} params[] = {
	{ "a=1;refresher=uac", "refresher", "uac" },
	{ "a=1; Refresher = uas ", "refresher", "uas" },
	{ "text=\"a;b\";cause=16", "cause", "16" },
	{ "text=\"a;b\";cause=16", "text", "a;b" },
	{ "lr;x", "x", "" },
	{ "", "x", "" },
	{ "x=\"", "x", "\"" },
};

static void parameters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		const struct text value =
		        sip_param(text_from(params[i].params), text_from(params[i].name));
		if (!text_equal(value, text_from(params[i].value)))
			fail_msg("%s: %.*s", params[i].params, (int)value.len, value.at);
	}
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
		cmocka_unit_test(the_first_of_a_header_is_found),
		cmocka_unit_test(any_header_is_found_by_its_name),
		cmocka_unit_test(parameters),
		cmocka_unit_test(unfolding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
