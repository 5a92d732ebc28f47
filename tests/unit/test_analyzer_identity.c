/*
 * Who the two sides are said to be: RFC 3325, RFC 3323, RFC 5806, RFC 7044, RFC 8224, RFC
 * 8588, and who takes whose place: RFC 3891, RFC 3515, RFC 3892.
 */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.18.0.2:5060"

/* One INVITE, and if wanted a 180. */
static struct scene *invite(const char *from, const char *to, const char *headers,
                            const char *back)
{
	char text[SCENE_PACKET_BYTES];
	struct scene *scene = scene_new();
	int len = snprintf(
	        text, sizeof text,
	        "INVITE %s SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
	        "From: <%s>;tag=a\r\nTo: <%s>\r\n"
	        "Call-ID: one@test\r\nCSeq: 1 INVITE\r\n%s\r\n",
	        to, from, to, headers);
	assert_true(len > 0 && len < (int)sizeof text);
	scene_bytes(scene, 0, ALICE, BOB, text, (size_t)len);
	if (back) {
		len = snprintf(text, sizeof text,
		               "SIP/2.0 180 Ringing\r\n"
		               "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
		               "From: <%s>;tag=a\r\nTo: <%s>;tag=b\r\n"
		               "Call-ID: one@test\r\nCSeq: 1 INVITE\r\n%s\r\n",
		               from, to, back);
		scene_bytes(scene, 100, BOB, ALICE, text, (size_t)len);
	}
	scene_run(scene);
	return scene;
}

#define A_URI "sip:alice@a.example"
#define B_URI "sip:bob@b.example"

static const struct {
	const char *what, *from, *headers;
	const char *asserted;
	enum identity_header in;
	uint32_t privacy;
	unsigned int diversions;
	const char *diverted_from;
	uint32_t transfer;
} cases[] = {
	{ "nothing said", A_URI, "", "", IDENTITY_NONE, 0, 0, "", 0 },
	{ "RFC 3325 section 10.1, anonymous", "sip:anonymous@anonymous.invalid",
	  "P-Asserted-Identity: \"Cullen Jennings\" <sip:fluffy@cisco.com>\r\n"
	  "P-Asserted-Identity: tel:+14085264000\r\nPrivacy: id\r\n",
	  "sip:fluffy@cisco.com", IDENTITY_ASSERTED, PRIVACY_ID | PRIVACY_ANONYMOUS, 0, "",
	  0 },
	{ "asserted before the others, in a list", A_URI,
	  "Remote-Party-ID: <sip:r@x>;privacy=off\r\nP-Preferred-Identity: <sip:p@x>\r\n"
	  "P-Asserted-Identity: tel:+49301, <sip:a@x>\r\n",
	  "tel:+49301", IDENTITY_ASSERTED, 0, 0, "", 0 },
	{ "Remote-Party-ID of Cisco, secret", A_URI,
	  "Remote-Party-ID: \"N\" <sip:301@10.0.0.1>;party=calling;screen=yes;privacy=full\r\n",
	  "sip:301@10.0.0.1", IDENTITY_REMOTE_PARTY, PRIVACY_ID, 0, "", 0 },
	{ "what the phone would like to be", A_URI,
	  "P-Preferred-Identity: <sip:p@x>\r\nPrivacy: user;header ;critical\r\n",
	  "sip:p@x", IDENTITY_PREFERRED, PRIVACY_USER | PRIVACY_HEADER | PRIVACY_CRITICAL,
	  0, "", 0 },
	{ "RFC 5806 section 4: the latest is on top", A_URI,
	  "Diversion: <sip:carol@x>;reason=no-answer, <sip:bob@x>;reason=user-busy\r\n"
	  "Diversion: <sip:+4930900@x>;reason=unconditional\r\n",
	  "", IDENTITY_NONE, 0, 3, "sip:+4930900@x", 0 },
	{ "RFC 7044: History-Info begins with who was called first", A_URI,
	  "History-Info: <sip:bob@x>;index=1, <sip:bob@y?Reason=SIP%3Bcause%3D302>;index=1.1\r\n"
	  "History-Info: <sip:office@x>;index=1.2;mp=1\r\n",
	  "", IDENTITY_NONE, 0, 2, "sip:bob@x", 0 },
	{ "History-Info with one entry is no diversion", A_URI,
	  "History-Info: <sip:bob@x>;index=1\r\n", "", IDENTITY_NONE, 0, 0, "", 0 },
	{ "the place of another dialog, and who sent us", A_URI,
	  "Replaces: 425928@x;to-tag=7743;from-tag=6472\r\nReferred-By: <sip:carol@x>\r\n",
	  "", IDENTITY_NONE, 0, 0, "", TRANSFER_REPLACES | TRANSFER_REFERRED_BY },
	{ "what cannot be read", A_URI,
	  "P-Asserted-Identity: \"x\r\nDiversion: <\r\nPrivacy: ;;\r\n", "", IDENTITY_NONE,
	  0, 1, "", 0 },
};

static void headers_about_people_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = invite(cases[i].from, B_URI, cases[i].headers, NULL);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (strcmp(leg->asserted, cases[i].asserted) != 0 ||
		    leg->asserted_in != cases[i].in || leg->privacy != cases[i].privacy)
			fail_msg("%s: %s in %d, privacy %#x", cases[i].what, leg->asserted,
			         (int)leg->asserted_in, leg->privacy);
		if (leg->diversions != cases[i].diversions ||
		    strcmp(leg->diverted_from, cases[i].diverted_from) != 0 ||
		    leg->transfer != cases[i].transfer)
			fail_msg("%s: %ju from %s, transfer %#x", cases[i].what,
			         (uintmax_t)leg->diversions, leg->diverted_from,
			         leg->transfer);
		scene_free(scene);
	}
}

static void who_was_reached_is_told(void **state)
{
	(void)state;
	struct scene *scene = invite(A_URI, B_URI, "",
	                             "P-Asserted-Identity: <sip:secretary@b.example>\r\n");
	assert_string_equal(scene_leg(scene, ALICE, 0)->connected,
	                    "sip:secretary@b.example");
	assert_string_equal(scene_leg(scene, ALICE, 0)->asserted, "");
	scene_free(scene);
}

static void a_refer_names_its_target(void **state)
{
	(void)state;
	/* clang-format off */
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, NULL, NULL },
		{ 500, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", NULL, NULL, NULL },
		{ 3000, BOB, ALICE, "REFER", "7 REFER", "b", "a", NULL, NULL,
		  "Refer-To: <sip:carol@c.example?Replaces=x%40y>\r\nReferred-By: <sip:bob@b.example>\r\n" },
	};
	/* clang-format on */
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->transfer, TRANSFER_REFER | TRANSFER_REFERRED_BY);
	assert_string_equal(leg->refer_to, "sip:carol@c.example?Replaces=x%40y");
	assert_string_equal(leg->referred_by, "sip:bob@b.example");
	scene_free(scene);
}

/* --- STIR --------------------------------------------------------------------------- */

/* {"alg":"ES256","ppt":"shaken","typ":"passport"} and, for "div", the like of RFC 8946. */
#define SHAKEN "eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiIsInR5cCI6InBhc3Nwb3J0In0"
#define DIV "eyJhbGciOiJFUzI1NiIsInBwdCI6ImRpdiIsInR5cCI6InBhc3Nwb3J0In0"
/* {"attest":"B","dest":{"tn":["12155550131"]},"iat":IAT,"orig":{"tn":"12155550121"}} with
 * IAT of the scene's beginning, 1767225600, of 90 s before, and of 90 s after it. */
#define NOW                                                                                \
	"eyJhdHRlc3QiOiJCIiwiZGVzdCI6eyJ0biI6WyIxMjE1NTU1MDEzMSJdfSwiaWF0IjoxNzY3MjI1Nj"   \
	"AwLCJvcmlnIjp7InRuIjoiMTIxNTU1NTAxMjEifX0"
#define OLD                                                                                \
	"eyJhdHRlc3QiOiJCIiwiZGVzdCI6eyJ0biI6WyIxMjE1NTU1MDEzMSJdfSwiaWF0IjoxNzY3MjI1NT"   \
	"EwLCJvcmlnIjp7InRuIjoiMTIxNTU1NTAxMjEifX0"
#define AHEAD                                                                              \
	"eyJhdHRlc3QiOiJCIiwiZGVzdCI6eyJ0biI6WyIxMjE1NTU1MDEzMSJdfSwiaWF0IjoxNzY3MjI1Nj"   \
	"kwLCJvcmlnIjp7InRuIjoiMTIxNTU1NTAxMjEifX0"
#define IDENTITY(header, claims)                                                           \
	"Identity: " header "." claims                                                     \
	".c2ln;info=<https://cert.example.org/c.cer>;alg=ES256;ppt=shaken\r\n"
#define ORIG "sip:+12155550121@a.example"
#define DEST "sip:+12155550131@b.example"

static const struct {
	const char *what, *from, *to, *headers;
	uint32_t stir;
	enum stir_attest attest;
	double age_s;
} tokens[] = {
	{ "none", ORIG, DEST, "", 0, STIR_ATTEST_NONE, NAN },
	{ "of these numbers", ORIG, DEST, IDENTITY(SHAKEN, NOW), STIR_UNVERIFIED,
	  STIR_ATTEST_B, 0 },
	{ "by the compact name", ORIG, DEST, "y: " SHAKEN "." NOW ".c2ln\r\n",
	  STIR_UNVERIFIED, STIR_ATTEST_B, 0 },
	{ "numbers without their country, and with a 0", "sip:2155550121@a.example",
	  "sip:02155550131;phone-context=x@b.example", IDENTITY(SHAKEN, NOW),
	  STIR_UNVERIFIED, STIR_ATTEST_B, 0 },
	{ "of another caller", "sip:+12155550199@a.example", DEST, IDENTITY(SHAKEN, NOW),
	  STIR_UNVERIFIED | STIR_ORIG_MISMATCH, STIR_ATTEST_B, 0 },
	{ "a short number that ends alike is another", "sip:0121@a.example", DEST,
	  IDENTITY(SHAKEN, NOW), STIR_UNVERIFIED | STIR_ORIG_MISMATCH, STIR_ATTEST_B, 0 },
	{ "the number is the asserted one", "sip:+12155550199@a.example", DEST,
	  "P-Asserted-Identity: <tel:+1-215-555-0121>\r\n" IDENTITY(SHAKEN, NOW),
	  STIR_UNVERIFIED, STIR_ATTEST_B, 0 },
	{ "of another callee", ORIG, "sip:+12155550999@b.example", IDENTITY(SHAKEN, NOW),
	  STIR_UNVERIFIED | STIR_DEST_MISMATCH, STIR_ATTEST_B, 0 },
	{ "names are no numbers", A_URI, B_URI, IDENTITY(SHAKEN, NOW), STIR_UNVERIFIED,
	  STIR_ATTEST_B, 0 },
	{ "old", ORIG, DEST, IDENTITY(SHAKEN, OLD), STIR_UNVERIFIED | STIR_STALE,
	  STIR_ATTEST_B, 90 },
	{ "from the future", ORIG, DEST, IDENTITY(SHAKEN, AHEAD),
	  STIR_UNVERIFIED | STIR_FUTURE, STIR_ATTEST_B, -90 },
	{ "diverted: that of SHAKEN counts", ORIG, DEST,
	  IDENTITY(DIV, OLD) IDENTITY(SHAKEN, NOW), STIR_UNVERIFIED | STIR_DIVERTED,
	  STIR_ATTEST_B, 0 },
	{ "compact", ORIG, DEST, "Identity: ..c2ln;info=<x>\r\n",
	  STIR_UNVERIFIED | STIR_COMPACT, STIR_ATTEST_NONE, NAN },
	{ "none of RFC 8224", ORIG, DEST,
	  "Identity: \"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQT=\"\r\n",
	  STIR_UNVERIFIED | STIR_MALFORMED, STIR_ATTEST_NONE, NAN },
};

static void tokens_are_held_against_the_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		struct scene *scene =
		        invite(tokens[i].from, tokens[i].to, tokens[i].headers, NULL);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		const bool same_age = isnan(tokens[i].age_s)
		                              ? isnan(leg->stir_age_s)
		                              : leg->stir_age_s == tokens[i].age_s;
		if (leg->stir != tokens[i].stir || leg->stir_attest != tokens[i].attest ||
		    !same_age)
			fail_msg("%s: %#x, attest %d, %g s", tokens[i].what, leg->stir,
			         (int)leg->stir_attest, leg->stir_age_s);
		const bool read = tokens[i].attest != STIR_ATTEST_NONE;
		assert_string_equal(leg->stir_orig, read ? "12155550121" : "");
		assert_string_equal(leg->stir_dest, read ? "12155550131" : "");
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_about_people_are_read),
		cmocka_unit_test(who_was_reached_is_told),
		cmocka_unit_test(a_refer_names_its_target),
		cmocka_unit_test(tokens_are_held_against_the_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
