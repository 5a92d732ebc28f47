#include "analyzer/wire/sip.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define T(literal)                                                                         \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}

static struct span span_of(struct text t)
{
	return text_bytes(t);
}

static void expect_text(const char *what, struct text is, const char *should)
{
	if (!text_equal(is, text_from(should)))
		fail_msg("%s is \"%.*s\", not \"%s\"", what, (int)is.len, is.at, should);
}

/* RFC 3261 section 24.2, message F1, with a body of its length. */
static const char f1[] = "INVITE sip:bob@biloxi.com SIP/2.0\r\n"
                         "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKnashds8\r\n"
                         "Max-Forwards: 70\r\n"
                         "To: Bob <sip:bob@biloxi.com>\r\n"
                         "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
                         "Call-ID: a84b4c76e66710\r\n"
                         "CSeq: 314159 INVITE\r\n"
                         "Contact: <sip:alice@pc33.atlanta.com>\r\n"
                         "Content-Type: application/sdp\r\n"
                         "Content-Length: 5\r\n"
                         "\r\n"
                         "v=0\r\n";

static void a_request_of_rfc_3261(void **state)
{
	(void)state;
	struct sip_message m;
	enum sip_fault fault;
	assert_int_equal(sip_parse(span_of(TEXT(f1)), SIP_DATAGRAM, &m, &fault), OK);
	assert_int_equal(fault, SIP_FAULT_NONE);
	assert_true(m.is_request);
	assert_int_equal(m.method, SIP_INVITE);
	assert_int_equal(m.status, 0);
	expect_text("method", m.method_name, "INVITE");
	expect_text("URI", m.request_uri, "sip:bob@biloxi.com");
	expect_text("start line", m.start_line, "INVITE sip:bob@biloxi.com SIP/2.0");
	expect_text("To", m.to.uri, "sip:bob@biloxi.com");
	expect_text("To display", m.to.display, "Bob");
	expect_text("To tag", m.to.tag, "");
	expect_text("From", m.from.raw, "Alice <sip:alice@atlanta.com>;tag=1928301774");
	expect_text("From tag", m.from.tag, "1928301774");
	expect_text("Call-ID", m.call_id, "a84b4c76e66710");
	expect_text("sent-by", m.via_sent_by, "pc33.atlanta.com");
	expect_text("branch", m.via_branch, "z9hG4bKnashds8");
	expect_text("Contact", m.contact.uri, "sip:alice@pc33.atlanta.com");
	expect_text("Content-Type", m.content_type, "application/sdp");
	assert_int_equal(m.cseq, 314159);
	assert_int_equal(m.via_count, 1);
	assert_int_equal(m.expires_s, -1);
	assert_int_equal(m.contact_expires_s, -1);
	assert_int_equal(m.body.len, 5);
	assert_int_equal(m.consumed, sizeof f1 - 1);
	assert_false(m.truncated);
}

/* RFC 3261 section 24.1, message F2 (a 200 to REGISTER), and what else a field may hold. */
static void a_response_of_rfc_3261(void **state)
{
	(void)state;
	struct sip_message m;
	enum sip_fault fault;
	const struct text message = TEXT(
	        "SIP/2.0 200 OK\r\n"
	        "Via: SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bKnashds7\r\n"
	        " ;received=192.0.2.4, SIP/2.0/TCP second.example.com\r\n"
	        "v: SIP/2.0/TLS third.example.com\r\n"
	        "To: Bob <sip:bob@biloxi.com>;tag=2493k59kd\r\n"
	        "From: Bob <sip:bob@biloxi.com>;tag=456248\r\n"
	        "Call-ID: 843817637684230@998sdasdh09\r\n"
	        "CSeq: 1826 REGISTER\r\n"
	        "Contact: \"B, the \\\"Bob\\\"\" <sip:bob@192.0.2.4>;q=0.5;expires=60, sip:x@y\r\n"
	        "Contact: <sip:later@192.0.2.4>;expires=1\r\n"
	        "Expires: 7200\r\n"
	        "Server: one\r\n"
	        "Server: two\r\n"
	        "User-Agent:\r\n"
	        "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=0\r\n"
	        "Reason: Q.850;cause=16\r\n"
	        "Content-Length: 0\r\n"
	        "\r\n");
	assert_int_equal(sip_parse(span_of(message), SIP_DATAGRAM, &m, &fault), OK);
	assert_false(m.is_request);
	assert_int_equal(m.status, 200);
	expect_text("reason", m.reason, "OK");
	assert_int_equal(m.method, SIP_REGISTER);
	expect_text("method", m.method_name, "REGISTER");
	expect_text("sent-by", m.via_sent_by, "bobspc.biloxi.com:5060");
	expect_text("branch", m.via_branch, "z9hG4bKnashds7");
	assert_int_equal(m.via_count, 3);
	expect_text("To tag", m.to.tag, "2493k59kd");
	expect_text("Contact", m.contact.uri, "sip:bob@192.0.2.4");
	expect_text("Contact display", m.contact.display, "B, the \\\"Bob\\\"");
	expect_text("Contact params", m.contact.params, "q=0.5;expires=60");
	assert_int_equal(m.contact_expires_s, 60);
	assert_int_equal(m.expires_s, 7200);
	expect_text("Server", m.server, "one");
	expect_text("User-Agent", m.user_agent, "");
	expect_text("Session-ID", m.session_id,
	            "ab30317f1a784dc48ff824d0d3715d86;remote=0");
	expect_text("Reason", m.reason_header, "Q.850;cause=16");
}

#define START "INVITE sip:b@192.0.2.2 SIP/2.0\r\n"
#define VIA "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
#define FROM "From: <sip:a@192.0.2.1>;tag=1\r\n"
#define TO "To: <sip:b@192.0.2.2>\r\n"
#define CALL_ID "Call-ID: c1@x\r\n"
#define CSEQ "CSeq: 1 INVITE\r\n"
#define REST VIA FROM TO CALL_ID CSEQ
#define RESPONSE "SIP/2.0 200 OK\r\n"

static const struct {
	const char *what;
	struct text message;
	enum sip_fault fault;
} verdicts[] = {
	/* clang-format off */
	{ "the least a request needs", T(START REST "\r\n"), SIP_FAULT_NONE },
	{ "LF alone", T("INVITE sip:b@h SIP/2.0\nVia: SIP/2.0/UDP h\nFrom: sip:a@h\nTo: sip:b@h\n"
	  "Call-ID: 1\nCSeq: 1 INVITE\n\n"), SIP_FAULT_NONE },
	{ "no empty line at the end of a datagram", T(START REST), SIP_FAULT_NONE },
	{ "keep-alive line ends before the start line", T("\r\n\r\n" START REST "\r\n"), SIP_FAULT_NONE },
	{ "Content-Length padded with blanks", T(START REST "Content-Length:    0  \r\n\r\n"), SIP_FAULT_NONE },
	{ "an empty Content-Length says nothing", T(START REST "Content-Length: \r\n\r\nabc"), SIP_FAULT_NONE },
	{ "blanks before the colon", T(START REST "Content-Length \t : 0\r\n\r\n"), SIP_FAULT_NONE },
	{ "any version of the name in any case", T("INVITE sip:b@h sip/2.0\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "tel", T("INVITE tel:+4930123456;phone-context=x SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "an unescaped @ in the user part", T("INVITE sip:a@b@192.0.2.2:5060 SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "a ? in the user part", T("INVITE sip:a?b@h SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "IPv6 and a port", T("INVITE sip:b@[2001:db8::1]:5060;lr SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "a method nobody knows", T("HELLO sip:b@h SIP/2.0\r\n" VIA FROM TO CALL_ID "CSeq: 1 HELLO\r\n\r\n"), SIP_FAULT_NONE },
	{ "the same header twice", T(START REST CALL_ID CSEQ FROM TO "\r\n"), SIP_FAULT_NONE },
	{ "an unquoted display name with odd characters", T(START VIA TO CALL_ID CSEQ "From: M\xc3\xbcller; (Room: 5) <sip:a@h>\r\n\r\n"), SIP_FAULT_NONE },
	{ "a display name in Latin-1", T(START VIA TO CALL_ID CSEQ "From: M\xfcller <sip:a@h>;tag=1\r\n\r\n"), SIP_FAULT_NONE },
	{ "a date in another shape", T(START REST "Date: 2026-11-21T10:00:00+01:00\r\n\r\n"), SIP_FAULT_NONE },
	{ "a date of RFC 3261", T(START REST "Date: Sat, 13 Nov 2010 23:29:00 GMT\r\n\r\n"), SIP_FAULT_NONE },
	{ "a date with AM", T(START REST "Date: 11/21/2026 10:00:00 AM\r\n\r\n"), SIP_FAULT_NONE },
	{ "an empty Contact is none", T(START REST "Contact: \r\n\r\n"), SIP_FAULT_NONE },
	{ "a Via with a stray semicolon", T(START "Via: SIP/2.0/UDP h;branch=1;\r\n" FROM TO CALL_ID CSEQ "\r\n"), SIP_FAULT_NONE },
	{ "numbers of headers we do not act on", T(START REST "Max-Forwards: 300\r\nExpires: 99999999999\r\nWarning: x\r\n\r\n"), SIP_FAULT_NONE },
	{ "a CSeq of 32 bits", T(START VIA FROM TO CALL_ID "CSeq: 4294967295 INVITE\r\n\r\n"), SIP_FAULT_NONE },
	{ "a response without reason phrase and blank", T("SIP/2.0 200\r\n" REST "\r\n"), SIP_FAULT_NONE },
	{ "a response with nothing but a Call-ID", T(RESPONSE CALL_ID "\r\n"), SIP_FAULT_NONE },
	{ "a response to an unknown method", T(RESPONSE CALL_ID "CSeq: 1 HELLO\r\n\r\n"), SIP_FAULT_NONE },

	{ "nothing", T(""), SIP_FAULT_START_LINE },
	{ "line ends only", T("\r\n\r\n"), SIP_FAULT_START_LINE },
	{ "no version", T("INVITE sip:b@h\r\n" REST "\r\n"), SIP_FAULT_START_LINE },
	{ "no URI", T("INVITE SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_START_LINE },
	{ "a method that is no token", T("INV(TE sip:b@h SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_START_LINE },
	{ "a blank first", T(" " START REST "\r\n"), SIP_FAULT_START_LINE },
	{ "two blanks in a status line", T("SIP/2.0  200 OK\r\n" REST "\r\n"), SIP_FAULT_START_LINE },
	{ "a status line of another version", T("SIP/3.0 200 OK\r\n" REST "\r\n"), SIP_FAULT_VERSION },
	{ "a version with a leading zero", T("INVITE sip:b@h SIP/02.0\r\n" REST "\r\n"), SIP_FAULT_VERSION },
	{ "no scheme", T("INVITE b@192.0.2.2 SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_REQUEST_URI },
	{ "no host", T("INVITE sip:b@ SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_REQUEST_URI },
	{ "an IPv6 address without an end", T("INVITE sip:b@[2001:db8::1 SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_REQUEST_URI },
	{ "a NUL in the URI", T("INVITE sip:\0@h SIP/2.0\r\n" REST "\r\n"), SIP_FAULT_REQUEST_URI },
	{ "status 099", T("SIP/2.0 099 X\r\n" REST "\r\n"), SIP_FAULT_STATUS_CODE },
	{ "status 700", T("SIP/2.0 700 X\r\n" REST "\r\n"), SIP_FAULT_STATUS_CODE },
	{ "status -200", T("SIP/2.0 -200 X\r\n" REST "\r\n"), SIP_FAULT_STATUS_CODE },
	{ "status of four digits", T("SIP/2.0 2000 X\r\n" REST "\r\n"), SIP_FAULT_STATUS_CODE },
	{ "a line without colon", T(START REST "Subject\r\n\r\n"), SIP_FAULT_HEADER },
	{ "a line without name", T(START REST ": x\r\n\r\n"), SIP_FAULT_HEADER },
	{ "no Via", T(START FROM TO CALL_ID CSEQ "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "no From", T(START VIA TO CALL_ID CSEQ "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "an empty To", T(START VIA FROM "To: \r\n" CALL_ID CSEQ "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "an empty Call-ID", T(START VIA FROM TO "Call-ID:\r\n" CSEQ "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "no CSeq", T(START VIA FROM TO CALL_ID "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "a response without Call-ID", T(RESPONSE VIA FROM TO CSEQ "\r\n"), SIP_FAULT_MISSING_HEADER },
	{ "a second Call-ID that differs in case", T(START REST "Call-ID: C1@x\r\n\r\n"), SIP_FAULT_REPEATED_HEADER },
	{ "two Content-Lengths, one compact", T(START REST "l: 1\r\nContent-Length: 2\r\n\r\nab"), SIP_FAULT_REPEATED_HEADER },
	{ "a CSeq of another method", T(START VIA FROM TO CALL_ID "CSeq: 1 BYE\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "a CSeq of the method in lower case", T(START VIA FROM TO CALL_ID "CSeq: 1 invite\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "a CSeq of 33 bits", T(START VIA FROM TO CALL_ID "CSeq: 4294967296 INVITE\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "a CSeq without number", T(START VIA FROM TO CALL_ID "CSeq: INVITE\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "a CSeq without method", T(RESPONSE CALL_ID "CSeq: 1\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "a CSeq without blank", T(START VIA FROM TO CALL_ID "CSeq: 1INVITE\r\n\r\n"), SIP_FAULT_CSEQ },
	{ "an angle that never closes", T(START VIA TO CALL_ID CSEQ "From: <sip:a@h;tag=1\r\n\r\n"), SIP_FAULT_ADDRESS },
	{ "nothing between the angles", T(START VIA TO CALL_ID CSEQ "From: <>;tag=1\r\n\r\n"), SIP_FAULT_ADDRESS },
	{ "a quote that never closes", T(START VIA TO CALL_ID CSEQ "From: \"a\\\" <sip:a@h>\r\n\r\n"), SIP_FAULT_ADDRESS },
	{ "text behind the angles", T(START VIA TO CALL_ID CSEQ "From: <sip:a@h> b\r\n\r\n"), SIP_FAULT_ADDRESS },
	{ "a Via without sent-by", T(START "Via: SIP/2.0/UDP\r\n" FROM TO CALL_ID CSEQ "\r\n"), SIP_FAULT_VIA },
	{ "a second Via value that is none", T(START "Via: SIP/2.0/UDP h, ;\r\n" FROM TO CALL_ID CSEQ "\r\n"), SIP_FAULT_VIA },
	{ "a Content-Length that is a word says nothing", T(START REST "Content-Length: bad\r\n\r\nabc"), SIP_FAULT_NONE },
	{ "a Content-Length with a sign", T(START REST "Content-Length: -1\r\n\r\n"), SIP_FAULT_CONTENT_LENGTH },
	{ "Content-Length beyond the datagram", T(START REST "Content-Length: 4\r\n\r\nabc"), SIP_FAULT_CONTENT_LENGTH },
	{ "Content-Length of 100 digits", T(START REST "l: 1000000000000000000000000000000000000000000000000"
	  "00000000000000000000000000000000000000000000000000\r\n\r\n"), SIP_FAULT_CONTENT_LENGTH },
	{ "a date of eastern standard time", T(START REST "Date: Fri, 01 Jan 2010 16:00:00 EST\r\n\r\n"), SIP_FAULT_DATE },
	/* clang-format on */
};

static void what_is_refused_and_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++) {
		struct sip_message m;
		enum sip_fault fault;
		const enum status status =
		        sip_parse(span_of(verdicts[i].message), SIP_DATAGRAM, &m, &fault);
		if (fault != verdicts[i].fault)
			fail_msg("%s: %s", verdicts[i].what, sip_fault_names[fault]);
		if (status != (fault == SIP_FAULT_NONE ? OK : ERR_MALFORMED))
			fail_msg("%s: %s", verdicts[i].what, status_name(status));
	}
}

/* interfaces: a response without CSeq is counted as "200 (None)". */
static void a_response_without_cseq_has_no_method(void **state)
{
	(void)state;
	struct sip_message m;
	enum sip_fault fault;
	assert_int_equal(sip_parse(span_of(TEXT(RESPONSE VIA CALL_ID "\r\n")), SIP_DATAGRAM,
	                           &m, &fault),
	                 OK);
	assert_int_equal(m.method, SIP_METHOD_OTHER);
	assert_int_equal(m.method_name.len, 0);
}

static const struct {
	const char *what;
	struct text message;
	size_t body, consumed;
	enum sip_carrier carrier;
	bool truncated;
} bodies[] = {
	/* clang-format off */
	{ "without Content-Length the rest of the datagram", T(START REST "\r\nabc"), 3, 0, SIP_DATAGRAM, false },
	{ "octets behind Content-Length are ignored", T(START REST "l: 2\r\n\r\nabc"), 2, 1, SIP_DATAGRAM, false },
	{ "a body of no length", T(START REST "l: 0\r\n\r\nabc"), 0, 3, SIP_DATAGRAM, false },
	{ "a body that the capture cut", T(START REST "l: 9\r\n\r\nabc"), 3, 0, SIP_DATAGRAM_CUT, true },
	{ "a cut behind the body", T(START REST "l: 2\r\n\r\nab"), 2, 0, SIP_DATAGRAM_CUT, false },
	{ "a cut inside a header", T(START REST "Subject: ab"), 0, 0, SIP_DATAGRAM_CUT, true },
	{ "a cut inside a header's name", T(START REST "Subj"), 0, 0, SIP_DATAGRAM_CUT, true },
	{ "a cut inside a fold", T(START REST "Subject: ab\r\n c"), 0, 0, SIP_DATAGRAM_CUT, true },
	/* clang-format on */
};

static void where_the_body_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct sip_message m;
		enum sip_fault fault;
		const struct text message = bodies[i].message;
		if (sip_parse(span_of(message), bodies[i].carrier, &m, &fault) != OK)
			fail_msg("%s: %s", bodies[i].what, sip_fault_names[fault]);
		if (m.body.len != bodies[i].body || m.truncated != bodies[i].truncated ||
		    m.consumed != message.len - bodies[i].consumed)
			fail_msg("%s: %zu of %zu", bodies[i].what, m.body.len, m.consumed);
	}
}

/* Half a Call-ID would be another call. */
static void a_field_that_the_capture_cut_is_absent(void **state)
{
	(void)state;
	struct sip_message m;
	enum sip_fault fault;
	const struct text message =
	        TEXT(RESPONSE VIA CALL_ID "CSeq: 1 INVITE\r\nTo: <sip:b@19");
	assert_int_equal(sip_parse(span_of(message), SIP_DATAGRAM_CUT, &m, &fault), OK);
	assert_int_equal(m.to.raw.len, 0);
	const struct text cut_id = TEXT(RESPONSE VIA "Call-ID: c1@");
	assert_int_equal(sip_parse(span_of(cut_id), SIP_DATAGRAM_CUT, &m, &fault),
	                 ERR_MALFORMED);
	assert_int_equal(fault, SIP_FAULT_MISSING_HEADER);
}

/* What to repeat, how often, between a start and an end. */
static const struct {
	const char *what, *start, *repeat, *end;
	size_t times;
	enum sip_fault fault;
} limits[] = {
	{ "256 headers", START REST, "X: y\r\n", "\r\n", 251, SIP_FAULT_NONE },
	{ "257 headers", START REST, "X: y\r\n", "\r\n", 252, SIP_FAULT_TOO_LONG },
	{ "a header of 8 KiB", START REST "X: ", "y", "\r\n\r\n", 8187, SIP_FAULT_NONE },
	{ "a header above 8 KiB", START REST "X: ", "y", "\r\n\r\n", 8188,
	  SIP_FAULT_TOO_LONG },
	{ "folds count", START REST "X: ", "\r\n y", "\r\n\r\n", 2048, SIP_FAULT_TOO_LONG },
	{ "a URI above 8 KiB", "INVITE sip:", "y", " SIP/2.0\r\n" REST "\r\n", 8200,
	  SIP_FAULT_TOO_LONG },
	{ "a section above 64 KiB", START REST,
	  "X: " VIA " " VIA " " VIA " " VIA " " VIA " " VIA " " VIA " " VIA " " VIA, "\r\n",
	  165, SIP_FAULT_TOO_LONG },
	{ "a message above 256 KiB", START REST "\r\n", "body", "", 65536,
	  SIP_FAULT_TOO_LONG },
	{ "a hundred Via values", START FROM TO CALL_ID CSEQ "Via: SIP/2.0/UDP h",
	  ",SIP/2.0/UDP h", "\r\n\r\n", 99, SIP_FAULT_NONE },
};

static void limits_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const size_t start = strlen(limits[i].start),
		             each = strlen(limits[i].repeat);
		const size_t end = strlen(limits[i].end), middle = each * limits[i].times;
		char *all = malloc(start + middle + end);
		assert_non_null(all);
		memcpy(all, limits[i].start, start);
		for (size_t n = 0; n < limits[i].times; n++)
			memcpy(all + start + n * each, limits[i].repeat, each);
		memcpy(all + start + middle, limits[i].end, end);
		struct sip_message m;
		enum sip_fault fault;
		const struct text message = { all, start + middle + end };
		const enum status status =
		        sip_parse(span_of(message), SIP_DATAGRAM, &m, &fault);
		if (fault != limits[i].fault || status != (fault ? ERR_TOO_LONG : OK))
			fail_msg("%s: %s", limits[i].what, sip_fault_names[fault]);
		free(all);
	}
}

static const struct {
	const char *what;
	struct text bytes;
	bool looks;
} looks[] = {
	{ "a request", T("INVITE sip:b@h SIP/2.0\r\n"), true },
	{ "a response", T("SIP/2.0 200 OK\r\n"), true },
	{ "behind blank lines", T("\r\n\r\nBYE sip:b@h SIP/2.0\r\n"), true },
	{ "a request that the capture cut", T("INVITE sip:b"), true },
	{ "an unknown method", T("HELLO sip:b@h SIP/2.0\r\n"), true },
	{ "an unknown method of another protocol", T("GET / HTTP/1.1\r\n"), false },
	{ "SIP in a later line", T("GET / HTTP/1.1\r\nX: SIP/2.0\r\n"), false },
	{ "a method without a blank", T("INVITE"), false },
	{ "STUN", T("\x00\x01\x00\x08\x21\x12\xa4\x42"), false },
	{ "RTP", T("\x80\x08\x00\x01"), false },
	{ "nothing", T(""), false },
};

static void what_looks_like_sip(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (sip_looks_like(span_of(looks[i].bytes)) != looks[i].looks)
			fail_msg("%s", looks[i].what);
}

static bool is_inside(struct text inner, const char *at, size_t len)
{
	return inner.len == 0 || (inner.at >= at && inner.at + inner.len <= at + len);
}

static void expect_inside(const struct sip_message *m, const char *at, size_t len)
{
	const struct text all[] = {
		m->method_name, m->request_uri, m->reason,        m->start_line,
		m->call_id,     m->from.raw,    m->from.uri,      m->from.tag,
		m->to.raw,      m->to.params,   m->via_sent_by,   m->via_branch,
		m->contact.uri, m->headers,     text_of(m->body),
	};
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		assert_true(is_inside(all[i], at, len));
	assert_true(m->consumed <= len);
}

static void every_prefix_and_every_flipped_byte_is_safe(void **state)
{
	(void)state;
	struct sip_message m;
	enum sip_fault fault;
	for (size_t n = 0; n < sizeof f1; n++) {
		char *copy = malloc(n + 1); /* so that a sanitizer sees one byte too far */
		assert_non_null(copy);
		memcpy(copy, f1, n);
		const struct text part = { copy, n };
		for (enum sip_carrier c = SIP_DATAGRAM; c <= SIP_STREAM; c++) {
			if (sip_parse(span_of(part), c, &m, &fault) == OK)
				assert_int_equal(fault, SIP_FAULT_NONE);
			else
				assert_true(fault > SIP_FAULT_NONE &&
				            fault < SIP_FAULT_COUNT);
			expect_inside(&m, copy, n);
		}
		free(copy);
	}
	char bent[sizeof f1];
	for (size_t n = 0; n < sizeof f1 - 1; n++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			memcpy(bent, f1, sizeof f1);
			bent[n] = (char)(bent[n] ^ (1 << bit));
			const struct text message = { bent, sizeof f1 - 1 };
			(void)!sip_parse(span_of(message), SIP_DATAGRAM, &m, &fault);
			expect_inside(&m, bent, sizeof f1 - 1);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_of_rfc_3261),
		cmocka_unit_test(a_response_of_rfc_3261),
		cmocka_unit_test(what_is_refused_and_why),
		cmocka_unit_test(a_response_without_cseq_has_no_method),
		cmocka_unit_test(where_the_body_ends),
		cmocka_unit_test(a_field_that_the_capture_cut_is_absent),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(what_looks_like_sip),
		cmocka_unit_test(every_prefix_and_every_flipped_byte_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
