/*
 * What stands in messages and may not be shown: RFC 3261 sections 19.1 and 25.1, RFC 4566
 * section 5.12, RFC 4568, RFC 4567, RFC 7616, RFC 4730 (KPML), and the DTMF bodies of INFO.
 * Each secret below begins with "s3cret" and must not survive; what is beside it must.
 */
#include "analyzer/wire/sip_redact.h"

#include <string.h>

#include "tests/unit/unit.h"

static const char secret[] = "s3cret";

static const struct {
	const char *message, *redacted; /* NULL: nothing changes */
} messages[] = {
	/* headers */
	{ "REGISTER sip:a.example SIP/2.0\r\n"
	  "Authorization: Digest username=\"bob\", realm=\"a, b\",nonce=\"s3cret1\", "
	  "uri=\"sip:a.example\", response=\"s3cret2\" , cnonce=\"s3cret\\\"3\", nc=00000001, "
	  "qop=auth,algorithm=MD5\r\nCSeq: 2 REGISTER\r\n\r\n",
	  "REGISTER sip:a.example SIP/2.0\r\n"
	  "Authorization: Digest username=\"bob\", realm=\"a, b\",nonce=[redacted], "
	  "uri=[redacted], response=[redacted] , cnonce=[redacted], nc=[redacted], "
	  "qop=auth,algorithm=MD5\r\nCSeq: 2 REGISTER\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\npRoXy-AuThOrIzAtIoN : digest\r\n\tUserName = \"bob\" ,\r\n"
	  " ReSpOnSe =\r\n \"s3cret\"\r\nTo: x\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\npRoXy-AuThOrIzAtIoN : digest\r\n\tUserName = \"bob\" ,\r\n"
	  " ReSpOnSe=[redacted]\r\nTo: x\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\nAuthorization: Basic s3cret=\nTo: x\n\n",
	  "INVITE sip:b@a SIP/2.0\nAuthorization: Basic [redacted]\nTo: x\n\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Bearer\r\n s3cret\r\nTo: x\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Bearer\r\n [redacted]\r\nTo: x\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: s3cret=\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: [redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob\", s3cret=\"s3cret\", "
	  "response=\"s3cret\r\nTo: x\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob\", [redacted], "
	  "response=[redacted]\r\nTo: x\r\n\r\n" },
	{ "SIP/2.0 200 OK\r\nAuthentication-Info: nextnonce=\"s3cret\",rspauth=\"s3cret\",\r\n"
	  " cnonce=s3cret\r\nCSeq: 1 REGISTER\r\n\r\n",
	  "SIP/2.0 200 OK\r\nAuthentication-Info: nextnonce=[redacted],rspauth=[redacted],\r\n"
	  " cnonce=[redacted]\r\nCSeq: 1 REGISTER\r\n\r\n" },
	{ "SIP/2.0 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=\"s3cret\", stale=TRUE\r\n\r\n",
	  "SIP/2.0 401 No\r\nWWW-Authenticate: Digest realm=\"a\", nonce=[redacted], stale=TRUE\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nX-Secret-Token: s3cret\r\n s3cret\r\nX-Password:\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nX-Secret-Token: [redacted]\r\nX-Password:\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nSubject: x\rAuthorization: s3cret\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nSubject: x\rAuthorization: [redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nSubject: x\r\r\nAuthorization: s3cret\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nSubject: x\r\r\nAuthorization: [redacted]\r\n\r\n" },
	/* URIs */
	{ "\r\n\r\nINVITE sip:bob:s3cret@a:5060 SIP/2.0\r\nf: <SIPS:alice;x=1:s3c%ret@b;tag=1>\r\n"
	  "Call-Info: <http://u:s3cret@h/p>\r\nr: <sip:c@d?Proxy-Authorization=s3cret&x=y>\r\n\r\n",
	  "\r\n\r\nINVITE sip:bob:[redacted]@a:5060 SIP/2.0\r\nf: <SIPS:alice;x=1:[redacted]@b;tag=1>\r\n"
	  "Call-Info: <http://u:[redacted]@h/p>\r\nr: <sip:c@d?Proxy-Authorization=[redacted]&x=y>\r\n\r\n" },
	{ "INVITE sip:bob:s3c@s3cret@a SIP/2.0\r\n\r\n",
	  "INVITE sip:bob:[redacted]@a SIP/2.0\r\n\r\n" },
	{ "INVITE sip:bob@h1:5060 SIP/2.0\r\nRoute: <sip:[2001:db8::1]:5060;lr>,sip:a@h:1,sip:b@h:2\r\n"
	  "Via: SIP/2.0/UDP h:5060;branch=z9hG4bK@a\r\nCall-ID: a:b:c@d\r\n\r\n",
	  NULL },
	/* SDP */
	{ "INVITE sip:b@a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nk=prompt\r\n"
	  "m=audio 1 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:s3cret|2^20|1:4;inline:s3cret\r\n"
	  "A = CRYPTO:2 s3cret s3cret\r\nk=base64:s3cret\r\na=key-mgmt:mikey s3cret\r\n"
	  "a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_32 inline:s3cret\r\na=ice-pwd:s3cret\r\n"
	  "a=rtpmap:101 telephone-event/8000\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nk=[redacted]\r\n"
	  "m=audio 1 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 [redacted]\r\n"
	  "A = CRYPTO:2 [redacted]\r\nk=[redacted]\r\na=key-mgmt:[redacted]\r\n"
	  "a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_32 [redacted]\r\na=ice-pwd:[redacted]\r\n"
	  "a=rtpmap:101 telephone-event/8000\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n--x\r\n"
	  "Content-Type: application/sdp\r\n\r\nv=0\ra=crypto:1 AEAD_AES_256_GCM inline:s3cret\r\n--x\r\n"
	  "Content-Type: message/sipfrag\r\n\r\nAuthorization: Digest response=\"s3cret\"\r\n--x--\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n--x\r\n"
	  "Content-Type: application/sdp\r\n\r\nv=0\ra=crypto:1 AEAD_AES_256_GCM [redacted]\r\n--x\r\n"
	  "Content-Type: message/sipfrag\r\n\r\nAuthorization: Digest response=[redacted]\r\n--x--\r\n" },
	/* bodies */
	{ "MESSAGE sip:b@a SIP/2.0\r\nContent-Type: text/plain\r\n\r\ns3cret\r\n\r\ns3cret",
	  "MESSAGE sip:b@a SIP/2.0\r\nContent-Type: text/plain\r\n\r\n[redacted]" },
	{ "SIP/2.0 200 OK\r\nCSeq: 4\r\n message\r\n\r\ns3cret",
	  "SIP/2.0 200 OK\r\nCSeq: 4\r\n message\r\n\r\n[redacted]" },
	{ "INFO sip:b@a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=s3cret\r\n",
	  "INFO sip:b@a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\n[redacted]" },
	{ "INFO sip:b@a SIP/2.0\r\n\r\ns3cret", "INFO sip:b@a SIP/2.0\r\n\r\n[redacted]" },
	{ "INFO sip:b@a SIP/2.0\r\nC: Application/DTMF\r\n\r\ns3cret",
	  "INFO sip:b@a SIP/2.0\r\nC: Application/DTMF\r\n\r\n[redacted]" },
	{ "INFO sip:b@a SIP/2.0\r\nContent-Type: application/media_control+xml\r\n\r\n<x/>",
	  NULL },
	{ "NOTIFY sip:b@a SIP/2.0\r\nContent-Type:\r\n application/kpml-response+xml\r\n\r\n"
	  "<kpml-response digits=\"s3cret\"/>",
	  "NOTIFY sip:b@a SIP/2.0\r\nContent-Type:\r\n application/kpml-response+xml\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\nContent-type: "
	  "application/KPML-response+xml\r\n\r\n<kpml-response digits=\"s3cret\"/>",
	  "NOTIFY sip:b@a SIP/2.0\r\nContent-Type: multipart/mixed\r\n\r\n[redacted]" },
	{ "INVITE sip:b@a SIP/2.0\r\ne: gzip\r\nc: application/sdp\r\n\r\ns3cret",
	  "INVITE sip:b@a SIP/2.0\r\ne: gzip\r\nc: application/sdp\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: text/x\r\n\r\nuser = bob\npassword = s3cret\nsip:a:s3cret@b\n",
	  "NOTIFY sip:b@a SIP/2.0\r\nc: text/x\r\n\r\nuser = bob\npassword = [redacted]\nsip:a:[redacted]@b\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\na=sendrecv\r\n",
	  NULL },
	/* no commas, other ones, and quotes that do not end */
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob\" response=\"s3cret\"\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob\"[redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest qop=auth; response=s3cret\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest qop=auth[redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob, response=\"s3cret\", a\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=\"bob, response=\"[redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest realm=\r\n \"a\"\r\n response=s3cret\r\n\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest realm=\r\n \"a\"[redacted]\r\n\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nAuthorization: Digest username=bob\\\r\n\r\n", NULL },
	/* blanks where none belong */
	{ "INVITE sip:b@a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\n k=clear:s3cret\r\n"
	  "a = crypto : 1 AES_CM_128_HMAC_SHA1_80 inline:s3cret\r\na=x inline :s3cret\r\n"
	  "a=crypto:2 AES_CM_128_HMAC_SHA1_80\r\n s3cret\r\na=ice-pwd :s3cret\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\n k=[redacted]\r\n"
	  "a = crypto : 1 AES_CM_128_HMAC_SHA1_80 [redacted]\r\na=x inline :[redacted]\r\n"
	  "a=crypto:2 AES_CM_128_HMAC_SHA1_80\r\n [redacted]\r\na=ice-pwd :[redacted]\r\n" },
	{ "INVITE sip:b@a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\na=crypto:1\r\n"
	  " AES_CM_128_HMAC_SHA1_80\r\n inline:s3cret\r\n s3cret\r\ns=-\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\na=crypto:[redacted]\r\ns=-\r\n" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: text/x\r\n\r\nX: y\r\n Authorization: Digest response=\"s3cret\"\r\n",
	  "NOTIFY sip:b@a SIP/2.0\r\nc: text/x\r\n\r\nX: y\r\n Authorization: Digest response=[redacted]\r\n" },
	/* messages within messages */
	{ "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Type: "
	  "message/sip;version=2.0\r\n\r\nOPTIONS sip:a SIP/2.0\r\n\r\ns3cret\r\n--x--\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\nMESSAGE sip:a SIP/2.0\r\n\r\ns3cret",
	  "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\nCSeq: 1\r\n INFO\r\n\r\ns3cret",
	  "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\nc:\r\n Application/DTMF-Relay\r\n\r\ns3cret",
	  "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\n[redacted]" },
	{ "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Transfer-Encoding: "
	  "x-uuencode\r\n\r\ns3cret\r\n--x--\r\n",
	  "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n[redacted]" },
	{ "NOTIFY sip:b@a SIP/2.0\r\nc: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n",
	  NULL },
	{ "INVITE sip:b@a SIP/2.0\r\nc: multipart/mixed;boundary=x\r\n\r\n--x\r\nContent-Type: application/sdp\r\n"
	  "Content-Transfer-Encoding: 8bit\r\n\r\nv=0\r\nc=IN IP6 2001:db8::1\r\n--x--\r\n",
	  NULL },
	{ "", NULL },
	{ "\r\n", NULL },
};

static void hidden(void **state)
{
	(void)state;
	char out[4096];
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const char *expected =
		        messages[i].redacted ? messages[i].redacted : messages[i].message;
		out[sip_redact(text_from(messages[i].message), out, sizeof out - 1)] = '\0';
		assert_string_equal(out, expected);
		assert_null(strstr(out, secret));
	}
}

/* What is redacted already stays as it is, wherever it ends. */
static void once_is_enough(void **state)
{
	(void)state;
	char out[4096];
	char again[4096];
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const struct text whole = text_from(messages[i].message);
		for (size_t n = 0; n <= whole.len; n++) {
			const size_t len = sip_redact(text_head(whole, n), out, sizeof out);
			const struct text once = { out, len };
			assert_int_equal(sip_redact(once, again, sizeof again), len);
			assert_memory_equal(out, again, len);
		}
	}
}

static void no_room(void **state)
{
	(void)state;
	char whole[4096];
	char out[4096];
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		const struct text t = text_from(messages[i].message);
		const size_t len = sip_redact(t, whole, sizeof whole);
		for (size_t size = 0; size < len; size++) {
			memset(out, '#', sizeof out);
			assert_int_equal(sip_redact(t, out, size), size);
			assert_memory_equal(out, whole, size);
			assert_int_equal(out[size], '#');
		}
	}
}

static void values(void **state)
{
	(void)state;
	char out[64];
	const size_t len = sip_redact_uris(TEXT("sip:a:s3cret@b"), out, sizeof out);
	assert_int_equal(len, strlen("sip:a:[redacted]@b"));
	assert_memory_equal(out, "sip:a:[redacted]@b", len);
	assert_true(sip_may_hold_password(TEXT("sip:a:s3cret@b")));
	assert_true(sip_may_hold_password(TEXT("\"A: b\" <sip:a:s3cret@b>")));
	assert_true(sip_may_hold_password(TEXT("http://a:s3cret@b/")));
	assert_false(sip_may_hold_password(TEXT("sip:a@b:5060")));
	assert_false(sip_may_hold_password(TEXT("sip:a@[2001:db8::1]")));
	assert_false(sip_may_hold_password(TEXT("Grandstream 1.2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hidden),
		cmocka_unit_test(once_is_enough),
		cmocka_unit_test(no_room),
		cmocka_unit_test(values),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
