/*
 * PASSporTs: the examples of RFC 8225 (appendix A) and RFC 8588, base64url of RFC 4648
 * section 10, JSON of RFC 8259.
 */
#include "analyzer/wire/passport.h"

#include <string.h>

#include "analyzer/wire/base64url.h"
#include "analyzer/wire/claims.h"
#include "tests/unit/unit.h"

static const struct {
	const char *what, *text, *bytes;
	enum status status;
} base64[] = {
	{ "nothing", "", "", OK },
	{ "one byte", "Zg", "f", OK },
	{ "two bytes", "Zm8", "fo", OK },
	{ "three", "Zm9v", "foo", OK },
	{ "padded", "Zm9vYg==", "foob", OK },
	{ "six", "Zm9vYmFy", "foobar", OK },
	{ "both alphabets", "-_-_+/+/", "\xfb\xff\xbf\xfb\xff\xbf", OK },
	{ "a single character", "Z", "", ERR_MALFORMED },
	{ "five", "Zm9vY", "", ERR_MALFORMED },
	{ "a blank in it", "Zm 9", "", ERR_MALFORMED },
	{ "padding in the middle", "Zg==Zg==", "", ERR_MALFORMED },
	{ "too long for its room", "Zm9vYmFyZm9v", "", ERR_TOO_LONG },
};

static void base64url_is_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(base64); i++) {
		uint8_t bytes[8];
		size_t len = 0;
		const enum status status = base64url_decode(text_from(base64[i].text),
		                                            bytes, sizeof bytes, &len);
		if (status != base64[i].status)
			fail_msg("%s: status %d", base64[i].what, (int)status);
		if (status == OK && (len != strlen(base64[i].bytes) ||
		                     memcmp(bytes, base64[i].bytes, len) != 0))
			fail_msg("%s", base64[i].what);
	}
}

/* --- JSON --------------------------------------------------------------------------- */

static const struct {
	const char *what, *json, *name;
	enum claim_type type;
	const char *text;
} members[] = {
	{ "a string", "{\"a\":\"x\"}", "a", CLAIM_TYPE_STRING, "x" },
	{ "blanks everywhere", " {\n\"a\" :\t\"x\" , \"b\":2 } ", "b", CLAIM_TYPE_NUMBER,
	  "2" },
	{ "behind an object with the same name", "{\"b\":{\"a\":1},\"a\":-2e3}", "a",
	  CLAIM_TYPE_NUMBER, "-2e3" },
	{ "brackets and quotes in strings", "{\"z\":\"}]\\\"{\",\"a\":true}", "a",
	  CLAIM_TYPE_WORD, "true" },
	{ "an array", "{\"a\":[1, [2]] }", "a", CLAIM_TYPE_ARRAY, "1, [2]" },
	{ "an empty object", "{\"a\":{}}", "a", CLAIM_TYPE_OBJECT, "" },
	{ "the first of two", "{\"a\":1,\"a\":2}", "a", CLAIM_TYPE_NUMBER, "1" },
	{ "none of that name", "{\"A\":1}", "a", CLAIM_TYPE_NONE, "" },
	{ "no object", "[\"a\",1]", "a", CLAIM_TYPE_NONE, "" },
	{ "an object and more", "{\"a\":1}x", "a", CLAIM_TYPE_NONE, "" },
	{ "never closed", "{\"a\":1", "a", CLAIM_TYPE_NONE, "" },
	{ "closed by another bracket", "{\"a\":[1}]", "a", CLAIM_TYPE_NONE, "" },
	{ "no colon", "{\"a\" 1}", "a", CLAIM_TYPE_NONE, "" },
	{ "no comma", "{\"b\":1 \"a\":2}", "a", CLAIM_TYPE_NONE, "" },
	{ "a comma and nothing behind it", "{\"a\":1,}", "a", CLAIM_TYPE_NONE, "" },
	{ "a name without quotes", "{a:1}", "a", CLAIM_TYPE_NONE, "" },
	{ "eight deep", "{\"b\":[[[[[[[]]]]]]],\"a\":1}", "a", CLAIM_TYPE_NUMBER, "1" },
	{ "nine deep", "{\"b\":[[[[[[[[]]]]]]]],\"a\":1}", "a", CLAIM_TYPE_NONE, "" },
};

static void members_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct claim_value object, value = { 0 };
		if (claims_open(text_from(members[i].json), &object) &&
		    object.type == CLAIM_TYPE_OBJECT)
			value = claims_member(object.text, text_from(members[i].name));
		if (value.type != members[i].type ||
		    !text_equal(value.text, text_from(members[i].text)))
			fail_msg("%s: type %d, %.*s", members[i].what, (int)value.type,
			         (int)value.text.len, value.text.at);
	}
}

/* --- tokens ------------------------------------------------------------------------- */

/* The token as a device would send it: {header} and {claims} in base64url. */
static size_t encode(const char *json, char *to)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned int held = 0;
	size_t n = 0;
	for (; *json; json++) {
		bits = bits << 8 | (uint8_t)*json;
		for (held += 8; held >= 6; held -= 6)
			to[n++] = digits[bits >> (held - 6) & 63];
	}
	if (held)
		to[n++] = digits[bits << (6 - held) & 63];
	to[n] = '\0';
	return n;
}

#define SHAKEN                                                                             \
	"{\"alg\":\"ES256\",\"ppt\":\"shaken\",\"typ\":\"passport\","                      \
	"\"x5u\":\"https://cert.example.org/passport.cer\"}"
/* RFC 8588 section 5 */
#define CLAIMS                                                                             \
	"{\"attest\":\"A\",\"dest\":{\"tn\":[\"12155550131\"]},\"iat\":1443208345,"        \
	"\"orig\":{\"tn\":\"12155550121\"},"                                               \
	"\"origid\":\"123e4567-e89b-12d3-a456-426655440000\"}"

static const struct {
	const char *what, *header, *claims;
	enum status status;
	enum attestation attest;
	int64_t issued_s;
	const char *orig, *dest, *type;
	bool foreign_alg;
} tokens[] = {
	{ "RFC 8588 section 5", SHAKEN, CLAIMS, OK, ATTEST_A, 1443208345, "12155550121",
	  "12155550131", "shaken", false },
	{ "RFC 8225: of two URIs", "{\"typ\":\"passport\",\"alg\":\"ES256\"}",
	  "{\"dest\":{\"uri\":[\"sip:alice@example.com\",\"sip:b@c\"]},\"iat\":1,"
	  "\"orig\":{\"uri\":\"sip:bob@example.com\"}}",
	  OK, ATTEST_NONE, 1, "sip:bob@example.com", "sip:alice@example.com", "", false },
	{ "claims of other types than they should have", SHAKEN,
	  "{\"attest\":1,\"dest\":\"x\",\"iat\":\"1\",\"orig\":{\"tn\":7}}", OK,
	  ATTEST_NONE, -1, "", "", "shaken", false },
	{ "an attestation that there is not", SHAKEN, "{\"attest\":\"D\"}", OK, ATTEST_NONE,
	  -1, "", "", "shaken", false },
	{ "time before 1970, or after all times", SHAKEN, "{\"iat\":-5}", OK, ATTEST_NONE,
	  -1, "", "", "shaken", false },
	{ "another algorithm", "{\"alg\":\"none\"}", "{}", OK, ATTEST_NONE, -1, "", "", "",
	  true },
	{ "an empty list", SHAKEN, "{\"dest\":{\"tn\":[]}}", OK, ATTEST_NONE, -1, "", "",
	  "shaken", false },
	{ "no object", "[1]", CLAIMS, ERR_MALFORMED, ATTEST_NONE, -1, "", "", "", false },
	{ "no JSON", SHAKEN, "12155550121", ERR_MALFORMED, ATTEST_NONE, -1, "", "", "",
	  false },
};

static void tokens_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		static uint8_t room[PASSPORT_ROOM];
		char text[2048];
		struct passport passport;
		size_t n = encode(tokens[i].header, text);
		text[n++] = '.';
		n += encode(tokens[i].claims, text + n);
		strcpy(text + n, ".c2ln;info=<https://cert.example.org/x>;ppt=shaken");
		const enum status status = passport_read(text_from(text), room, &passport);
		if (status != tokens[i].status)
			fail_msg("%s: status %d", tokens[i].what, (int)status);
		if (status != OK)
			continue;
		if (passport.attest != tokens[i].attest ||
		    passport.issued_s != tokens[i].issued_s ||
		    passport.foreign_alg != tokens[i].foreign_alg || passport.compact)
			fail_msg("%s: attest %d, iat %jd", tokens[i].what,
			         (int)passport.attest, (intmax_t)passport.issued_s);
		if (!text_equal(passport.orig, text_from(tokens[i].orig)) ||
		    !text_equal(passport.dest, text_from(tokens[i].dest)) ||
		    !text_equal(passport.type, text_from(tokens[i].type)))
			fail_msg("%s: texts", tokens[i].what);
	}
}

static void what_is_no_token_is_refused(void **state)
{
	(void)state;
	static uint8_t room[PASSPORT_ROOM];
	static char endless[PASSPORT_ROOM * 2 + 8];
	struct passport passport;
	assert_int_equal(passport_read(TEXT("..c2ln;info=<x>"), room, &passport), OK);
	assert_true(passport.compact);
	/* RFC 4474 section 9 */
	assert_int_equal(passport_read(TEXT("\"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJf"
	                                    "zB2a1pxAr3VgrB0SsSAaifsRdiOPoQZYOy2wrVghuhcsMb"
	                                    "HWUSFxI6p6q5TOQXHMmz6uEo3svJsSH49thyGnFVcnyaZ+"
	                                    "+yRlBYYQTLqWzJ+KVhPKbfU/pryhVn9Yc6U=\""),
	                               room, &passport),
	                 ERR_MALFORMED);
	assert_int_equal(passport_read(TEXT(""), room, &passport), ERR_MALFORMED);
	assert_int_equal(passport_read(TEXT("e30.e30"), room, &passport), ERR_MALFORMED);
	assert_int_equal(passport_read(TEXT(".e30.c2ln"), room, &passport), ERR_MALFORMED);
	memset(endless, 'A', sizeof endless - 8);
	strcpy(endless + sizeof endless - 8, ".e30.x");
	assert_int_equal(passport_read(text_from(endless), room, &passport), ERR_TOO_LONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64url_is_decoded),
		cmocka_unit_test(members_are_found),
		cmocka_unit_test(tokens_are_read),
		cmocka_unit_test(what_is_no_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
