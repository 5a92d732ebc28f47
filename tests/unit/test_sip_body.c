#include "analyzer/wire/sip.h"

#include "tests/unit/unit.h"

/* The shapes are those of RFC 2046 section 5.1 and RFC 5621. */
#define SDP "v=0\r\n"
#define PART(type, body) "--b1\r\nContent-Type: " type "\r\n\r\n" body "\r\n"
#define IN(boundary, body)                                                                 \
	"--" boundary "\r\nContent-Type: multipart/mixed;boundary=" boundary               \
	"x\r\n\r\n" body
#define LEAF "\r\nContent-Type: application/sdp\r\n\r\n" SDP

static const struct {
	const char *what, *content_type, *body, *sdp; /* sdp NULL: there is none */
} bodies[] = {
	{ "plain", "application/sdp", SDP, SDP },
	{ "with a parameter, in another case", "Application/SDP ; charset=x", SDP, SDP },
	{ "no Content-Type, but it begins as SDP does", "", SDP, SDP },
	{ "no Content-Type and something else", "", "hello", NULL },
	{ "another type", "text/plain", SDP, NULL },
	{ "no body", "application/sdp", "", NULL },
	{ "the second of two parts", "multipart/mixed;boundary=b1",
	  PART("text/plain", "hi") PART("application/sdp", SDP) "--b1--\r\n", SDP "\r\n" },
	{ "a boundary in quotes", "multipart/mixed; boundary=\"b1\"",
	  PART("application/sdp", SDP) "--b1--\r\n", SDP "\r\n" },
	{ "a preamble", "multipart/mixed;boundary=b1",
	  "read me\r\n" PART("application/sdp", SDP) "--b1--", SDP "\r\n" },
	{ "the end delimiter lacks", "multipart/mixed;boundary=b1",
	  PART("application/sdp", SDP), SDP "\r\n" },
	{ "LF alone", "multipart/mixed;boundary=b1",
	  "--b1\nContent-Type: application/sdp\n\nv=0\n--b1--\n", "v=0\n" },
	{ "a compact name", "multipart/mixed;boundary=b1",
	  "--b1\r\nc: application/sdp\r\n\r\n" SDP, SDP },
	{ "a boundary that only begins alike", "multipart/mixed;boundary=b1",
	  "--b12\r\nContent-Type: application/sdp\r\n\r\n" SDP, NULL },
	{ "a delimiter inside a line", "multipart/mixed;boundary=b1",
	  "x" PART("application/sdp", SDP), NULL },
	{ "behind the end", "multipart/mixed;boundary=b1",
	  "--b1--\r\n" PART("application/sdp", SDP), NULL },
	{ "no boundary", "multipart/mixed", PART("application/sdp", SDP), NULL },
	{ "an empty boundary", "multipart/mixed;boundary=", "--" LEAF, NULL },
	{ "four deep", "multipart/mixed;boundary=a",
	  IN("a", IN("ax", IN("axx", "--axxx" LEAF))), SDP },
	{ "five deep is not looked into", "multipart/mixed;boundary=a",
	  IN("a", IN("ax", IN("axx", IN("axxx", "--axxxx" LEAF)))), NULL },
	{ "behind an inner multipart", "multipart/mixed;boundary=b1",
	  "--b1\r\nContent-Type: multipart/mixed;boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n" PART(
	          "application/sdp", SDP),
	  SDP "\r\n" },
};

static void finds_the_sdp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		const struct sip_message m = {
			.content_type = text_from(bodies[i].content_type),
			.body = text_bytes(text_from(bodies[i].body)),
		};
		struct text sdp = { 0 };
		const enum status status = sip_find_sdp(&m, &sdp);
		if (status != (bodies[i].sdp ? OK : ERR_NOT_FOUND))
			fail_msg("%s: %s", bodies[i].what, status_name(status));
		if (status == OK && !text_equal(sdp, text_from(bodies[i].sdp)))
			fail_msg("%s: \"%.*s\"", bodies[i].what, (int)sdp.len, sdp.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_sdp),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
