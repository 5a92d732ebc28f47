#include "analyzer/wire/sdp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct sdp sdp; /* too large for a stack */
static unsigned int dropped;

static enum status parse(const char *body)
{
	memset(&sdp, 0xa5, sizeof sdp); /* nothing may depend on what was there before */
	return sdp_parse(text_from(body), &sdp, &dropped);
}

static void expect_endpoint(const char *what, struct address address, uint16_t port,
                            const char *should)
{
	char text[ENDPOINT_TEXT_SIZE];
	const struct endpoint endpoint = { address, port };
	if (strcmp(endpoint_format(&endpoint, text), should) != 0)
		fail_msg("%s: %s, not %s", what, text, should);
}

/* RFC 8866 section 5. */
static void the_example_of_rfc_8866(void **state)
{
	(void)state;
	assert_int_equal(parse("v=0\r\n"
	                       "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
	                       "s=Call to John Smith\r\n"
	                       "i=SDP Offer #1\r\n"
	                       "u=http://www.jdoe.example.com/home.html\r\n"
	                       "e=Jane Doe <jane@jdoe.example.com>\r\n"
	                       "p=+1 617 555-6011\r\n"
	                       "c=IN IP4 198.51.100.1\r\n"
	                       "t=0 0\r\n"
	                       "m=audio 49170 RTP/AVP 0\r\n"
	                       "m=audio 49180 RTP/AVP 0\r\n"
	                       "m=video 51372 RTP/AVP 99\r\n"
	                       "c=IN IP6 2001:db8::2\r\n"
	                       "a=rtpmap:99 h263-1998/90000\r\n"),
	                 OK);
	assert_true(text_equal(sdp.origin,
	                       TEXT("jdoe 3724394400 3724394405 IN IP4 198.51.100.1")));
	assert_int_equal(sdp.session_id, 3724394400);
	assert_int_equal(sdp.session_version, 3724394405);
	assert_int_equal(sdp.media_count, 3);
	assert_int_equal(dropped, 0);
	const struct sdp_media *m = sdp.media;
	expect_endpoint("first", m[0].connection, m[0].port, "198.51.100.1:49170");
	expect_endpoint("second", m[1].connection, m[1].port, "198.51.100.1:49180");
	expect_endpoint("third", m[2].connection, m[2].port, "[2001:db8::2]:51372");
	expect_endpoint("RTCP", m[2].rtcp_address, m[2].rtcp_port, "[2001:db8::2]:51373");
	assert_int_equal(m[0].kind, SDP_AUDIO);
	assert_int_equal(m[2].kind, SDP_VIDEO);
	assert_true(m[0].is_rtp);
	assert_int_equal(m[0].format_count, 1);
	assert_false(m[0].formats[0].mapped);
	assert_int_equal(m[2].formats[0].payload_type, 99);
	assert_true(m[2].formats[0].mapped);
	assert_true(text_equal(m[2].formats[0].encoding, TEXT("h263-1998")));
	assert_int_equal(m[2].formats[0].clock_hz, 90000);
}

/* One media line and what belongs to it, as text. */
static void describe(const struct sdp_media *m, char *to, size_t size)
{
	static const char *const kinds[] = { "other", "audio", "video",
		                             "image", "app",   "text" };
	static const char *const ways[] = { "both", "send", "recv", "none" };
	char rtp[ENDPOINT_TEXT_SIZE], rtcp[ENDPOINT_TEXT_SIZE];
	const struct endpoint at = { m->connection, m->port };
	const struct endpoint control = { m->rtcp_address, m->rtcp_port };
	int n = snprintf(to, size, "%s %s %s %s%s%s%s%s%s%s%s", kinds[m->kind],
	                 endpoint_format(&at, rtp), endpoint_format(&control, rtcp),
	                 ways[m->direction], m->has_connection ? "" : " nowhere",
	                 m->is_rtp ? " rtp" : "", m->is_secure ? " secure" : "",
	                 m->rtcp_mux ? " mux" : "", m->has_crypto ? " crypto" : "",
	                 m->has_fingerprint ? " dtls" : "", m->has_ice ? " ice" : "");
	if (m->ptime_ms)
		n += snprintf(to + n, size - (size_t)n, " %ums", m->ptime_ms);
	for (uint8_t i = 0; i < m->format_count; i++) {
		const struct sdp_format *f = &m->formats[i];
		n += snprintf(to + n, size - (size_t)n, " %u", f->payload_type);
		if (f->mapped)
			n += snprintf(to + n, size - (size_t)n, "=%.*s/%u/%u",
			              (int)f->encoding.len, f->encoding.at, f->clock_hz,
			              f->channels);
		if (f->fmtp.len)
			n += snprintf(to + n, size - (size_t)n, "(%.*s)", (int)f->fmtp.len,
			              f->fmtp.at);
	}
}

#define C "c=IN IP4 192.0.2.1\r\n"
#define AUDIO "m=audio 4000 RTP/AVP "
#define AT "audio 192.0.2.1:4000 192.0.2.1:4001 "

static const struct {
	const char *what, *body, *first, *second; /* media lines; NULL: there is none */
} rows[] = {
	/* clang-format off */
	{ "formats by the order of m=, not of rtpmap", C AUDIO "8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtpmap:0 PCMU/8000\r\n",
	  AT "both rtp 8 0=PCMU/8000/1 101=telephone-event/8000/1", NULL },
	{ "channels and fmtp, either first", C AUDIO "111 97\r\na=fmtp:111 minptime=10; useinbandfec=1\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:97 iLBC/8000\r\na=fmtp:97 mode=30 \r\n",
	  AT "both rtp 111=opus/48000/2(minptime=10; useinbandfec=1) 97=iLBC/8000/1(mode=30)", NULL },
	{ "maps before m= are meant for all", "a=rtpmap:96 AMR/8000\r\na=fmtp:96 mode-set=7\r\n" C AUDIO "96\r\na=rtpmap:96 AMR-WB/16000\r\nm=audio 5000 RTP/AVP 96\r\n",
	  AT "both rtp 96=AMR-WB/16000/1(mode-set=7)", "audio 192.0.2.1:5000 192.0.2.1:5001 both rtp 96=AMR/8000/1(mode-set=7)" },
	{ "a map of a format that is not offered", C AUDIO "0\r\na=rtpmap:8 PCMA/8000\r\n", AT "both rtp 0", NULL },
	{ "a map without clock", C AUDIO "96\r\na=rtpmap:96 X\r\n", AT "both rtp 96=X/0/1", NULL },
	{ "an absurd clock and absurd channels", C AUDIO "96\r\na=rtpmap:96 X/384001/256\r\n", AT "both rtp 96=X/0/1", NULL },
	{ "the highest clock", C AUDIO "96\r\na=rtpmap:96 DSD/384000/255\r\n", AT "both rtp 96=DSD/384000/255", NULL },
	{ "a map that names nothing", C AUDIO "96\r\na=rtpmap:96 /8000\r\n", AT "both rtp 96", NULL },
	{ "formats that are no payload types", C AUDIO "x 128 -1 0\r\n", AT "both rtp 0", NULL },
	{ "a port count", C "m=audio 4000/2 RTP/AVP 0\r\n", AT "both rtp 0", NULL },
	{ "a multicast address", "c=IN IP4 233.252.0.1/127/3\r\n" AUDIO "0\r\n", "audio 233.252.0.1:4000 233.252.0.1:4001 both rtp 0", NULL },
	{ "an IPv6 multicast address", "c=IN IP6 ff00::db8:0:101/3\r\n" AUDIO "0\r\n", "audio [ff00::db8:0:101]:4000 [ff00::db8:0:101]:4001 both rtp 0", NULL },
	{ "of two c= lines the first", C "c=IN IP4 192.0.2.9\r\n" AUDIO "0\r\n", AT "both rtp 0", NULL },
	{ "a media's own c= of two", C AUDIO "0\r\nc=IN IP4 192.0.2.7\r\nc=IN IP4 192.0.2.8\r\n", "audio 192.0.2.7:4000 192.0.2.7:4001 both rtp 0", NULL },
	{ "a media's own name hides the session's address", C AUDIO "0\r\nc=IN IP4 pbx.example.com\r\n", "audio [::]:4000 [::]:4001 both nowhere rtp 0", NULL },
	{ "no c= at all", AUDIO "0\r\n", "audio [::]:4000 [::]:4001 both nowhere rtp 0", NULL },
	{ "an address of RFC 2543's hold", "c=IN IP4 0.0.0.0\r\n" AUDIO "0\r\n", "audio 0.0.0.0:4000 0.0.0.0:4001 both rtp 0", NULL },
	{ "a=rtcp with a port", C AUDIO "0\r\na=rtcp:53020\r\n", "audio 192.0.2.1:4000 192.0.2.1:53020 both rtp 0", NULL },
	{ "a=rtcp with an address (RFC 3605)", C AUDIO "0\r\na=rtcp:53020 IN IP4 126.16.64.4\r\n", "audio 192.0.2.1:4000 126.16.64.4:53020 both rtp 0", NULL },
	{ "a=rtcp that is absurd", C AUDIO "0\r\na=rtcp:99999\r\n", AT "both rtp 0", NULL },
	{ "rtcp-mux", C AUDIO "0\r\na=rtcp-mux\r\n", AT "both rtp mux 0", NULL },
	{ "SDES keys", C "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n", AT "both rtp secure crypto 0", NULL },
	{ "WebRTC", C "a=fingerprint:sha-256 4A:AD\r\na=ice-ufrag:x\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 0\r\n", AT "both rtp secure dtls ice 0", NULL },
	{ "the same within the media", C "m=audio 4000 RTP/SAVPF 0\r\na=fingerprint:sha-1 4A\r\na=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n", AT "both rtp secure dtls ice 0", NULL },
	{ "AVPF is not secure", C "m=audio 4000 RTP/AVPF 0\r\n", AT "both rtp 0", NULL },
	{ "ptime", C AUDIO "0\r\na=ptime:20 \r\n", AT "both rtp 20ms 0", NULL },
	{ "absurd ptime", C AUDIO "0\r\na=ptime:0\r\na=ptime:4294967316\r\n", AT "both rtp 0", NULL },
	{ "direction of the session and of a media", C "a=sendonly\r\n" AUDIO "0\r\nm=audio 5000 RTP/AVP 0\r\na=inactive\r\n", AT "send rtp 0", "audio 192.0.2.1:5000 192.0.2.1:5001 none rtp 0" },
	{ "a media's direction is not its successor's", C AUDIO "0\r\na=recvonly\r\nm=audio 5000 RTP/AVP 0\r\n", AT "recv rtp 0", "audio 192.0.2.1:5000 192.0.2.1:5001 both rtp 0" },
	{ "sendrecv against the session's word", C "a=inactive\r\n" AUDIO "0\r\na=sendrecv\r\n", AT "both rtp 0", NULL },
	{ "a rejected media", C "m=audio 0 RTP/AVP 0\r\n", "audio 192.0.2.1:0 192.0.2.1:0 both rtp 0", NULL },
	{ "a port above 65535", C "m=audio 65536 RTP/AVP 0\r\n", "audio 192.0.2.1:0 192.0.2.1:0 both rtp 0", NULL },
	{ "the highest port has none above it", C "m=audio 65535 RTP/AVP 0\r\n", "audio 192.0.2.1:65535 192.0.2.1:0 both rtp 0", NULL },
	{ "T.38", C "m=image 4000 udptl t38\r\na=T38FaxVersion:0\r\n", "image 192.0.2.1:4000 192.0.2.1:4001 both", NULL },
	{ "a data channel", C "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n", "app 192.0.2.1:9 192.0.2.1:10 both", NULL },
	{ "real-time text", C "m=text 4000 RTP/AVP 98\r\n", "text 192.0.2.1:4000 192.0.2.1:4001 both rtp 98", NULL },
	{ "a media line that ends early keeps its place", C "m=X\r\n" AUDIO "0\r\n", "other 192.0.2.1:0 192.0.2.1:0 both", AT "both rtp 0" },
	{ "LF alone, no v=, blanks", "c=IN  IP4  192.0.2.1\nm=audio  4000  RTP/AVP  0\n", AT "both rtp 0", NULL },
	{ "CR alone", "v=0\rc=IN IP4 192.0.2.1\rm=audio 4000 RTP/AVP 0\r", AT "both rtp 0", NULL },
	{ "lines that are none", "x\r\n=\r\nm audio\r\n" C "m =video 1 RTP/AVP 0\r\n" AUDIO "0\r\n\xff\r\n", AT "both rtp 0", NULL },
	/* clang-format on */
};

static void media_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const should[] = { rows[i].first, rows[i].second };
		const size_t count = 1 + (rows[i].second != NULL);
		if (parse(rows[i].body) != OK || sdp.media_count != count || dropped != 0)
			fail_msg("%s: %u media", rows[i].what, sdp.media_count);
		for (size_t n = 0; n < count; n++) {
			char text[512];
			describe(&sdp.media[n], text, sizeof text);
			if (strcmp(text, should[n]) != 0)
				fail_msg("%s:\n%s\nnot\n%s", rows[i].what, text, should[n]);
		}
	}
}

static void what_is_no_sdp(void **state)
{
	(void)state;
	assert_int_equal(parse(""), ERR_MALFORMED);
	assert_int_equal(parse("hello\r\n"), ERR_MALFORMED);
	assert_int_equal(parse("<xml a=\"b\"/>"), ERR_MALFORMED);
	assert_int_equal(parse("v=0"), OK);
	assert_int_equal(sdp.media_count, 0);
	static char large[SDP_MAX_BYTES + 1];
	memset(large, 'v', sizeof large);
	memcpy(large, "v=0\n", 4);
	const struct text all = { large, sizeof large };
	assert_int_equal(sdp_parse(all, &sdp, &dropped), ERR_TOO_LONG);
	assert_int_equal(sdp_parse(text_head(all, SDP_MAX_BYTES), &sdp, &dropped), OK);
}

static void an_origin_without_numbers(void **state)
{
	(void)state;
	assert_int_equal(parse("o=- x 99999999999999999999999 IN IP4 h\r\no=- 1 2\r\n"),
	                 OK);
	assert_int_equal(sdp.session_id, 0);
	assert_int_equal(sdp.session_version, 0);
	assert_true(text_equal(sdp.origin, TEXT("- x 99999999999999999999999 IN IP4 h")));
}

static void what_is_above_the_limits_is_counted(void **state)
{
	(void)state;
	char body[4096] = C;
	for (unsigned int i = 0; i < 18; i++)
		strcat(body, "m=audio 4000 RTP/AVP 0\r\n");
	strcat(body, "a=sendonly\r\n"); /* of a media line that was left out */
	assert_int_equal(parse(body), OK);
	assert_int_equal(sdp.media_count, SDP_MAX_MEDIA);
	assert_int_equal(dropped, 2);
	assert_int_equal(sdp.media[SDP_MAX_MEDIA - 1].direction, SDP_SENDRECV);
	strcpy(body, "m=audio 4000 RTP/AVP");
	for (unsigned int i = 0; i < 66; i++)
		sprintf(body + strlen(body), " %u", i);
	assert_int_equal(parse(body), OK);
	assert_int_equal(sdp.media[0].format_count, SDP_MAX_FORMATS);
	assert_int_equal(dropped, 2);
	assert_int_equal(sdp.media[0].formats[SDP_MAX_FORMATS - 1].payload_type, 63);
}

static const struct {
	const char *fmtp, *name, *value;
} params[] = {
	{ "annexb=no", "annexb", "no" },
	{ "mode-set=0,2,4; octet-align=1", "octet-align", "1" },
	{ "mode-set=0,2,4;  Octet-Align = 1 ", "OCTET-ALIGN", "1" },
	{ "mode-set=0,2,4; octet-align=1", "mode-set", "0,2,4" },
	{ "0-15", "annexb", "" },
	{ "xannexb=no", "annexb", "" },
	{ "annexb", "annexb", "" },
	{ "", "annexb", "" },
};

static void parameters_of_fmtp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		const struct text value = sdp_fmtp_param(text_from(params[i].fmtp),
		                                         text_from(params[i].name));
		if (!text_equal(value, text_from(params[i].value)))
			fail_msg("%s of %s: %.*s", params[i].name, params[i].fmtp,
			         (int)value.len, value.at);
	}
}

static void every_prefix_is_safe(void **state)
{
	(void)state;
	static const char body[] =
	        "v=0\r\no=- 1 2 IN IP4 h\r\n" C
	        "m=audio 4000/2 RTP/AVP 0 96\r\na=rtpmap:96 opus/48000/2\r\n"
	        "a=fmtp:96 a=b\r\na=rtcp:1 IN IP6 ::1\r\na=ptime:20\r\n";
	for (size_t n = 0; n < sizeof body; n++) {
		char *copy = malloc(n + 1); /* so that a sanitizer sees one byte too far */
		assert_non_null(copy);
		memcpy(copy, body, n);
		const enum status status =
		        sdp_parse((struct text){ copy, n }, &sdp, &dropped);
		assert_int_equal(status, n < 2 ? ERR_MALFORMED : OK);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_rfc_8866),
		cmocka_unit_test(media_lines),
		cmocka_unit_test(what_is_no_sdp),
		cmocka_unit_test(an_origin_without_numbers),
		cmocka_unit_test(what_is_above_the_limits_is_counted),
		cmocka_unit_test(parameters_of_fmtp),
		cmocka_unit_test(every_prefix_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
