#include "analyzer/wire/rtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The header of RFC 3550 section 5.1: sequence 0x4ed2, timestamp 0x9159, an SSRC. */
#define FIXED 0x4e, 0xd2, 0x00, 0x00, 0x91, 0x59, 0xd8, 0x93, 0x00, 0x5b
#define CSRC 0xaa, 0xaa, 0xaa, 0xaa
#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })       \
	}

static const struct {
	const char *what;
	struct span bytes;
	uint32_t wire_len;
	enum status status;
	size_t captured;      /* payload bytes at hand */
	uint32_t payload_len; /* payload bytes on the wire */
} cases[] = {
	{ "nothing at all", { 0 }, 0, ERR_TRUNCATED, 0, 0 },
	{ "a header and no payload", BYTES(0x80, 8, FIXED), 12, OK, 0, 0 },
	{ "payload follows the header", BYTES(0x80, 8, FIXED, 1, 2, 3), 15, OK, 3, 3 },
	{ "eleven bytes are no header",
	  { (const uint8_t[]){ 0x80, 8, FIXED }, 11 },
	  11,
	  ERR_TRUNCATED,
	  0,
	  0 },
	{ "a capture below 12 bytes is no header however long the wire",
	  { (const uint8_t[]){ 0x80, 8, 1 }, 3 },
	  172,
	  ERR_TRUNCATED,
	  0,
	  0 },
	{ "a cut payload keeps its length on the wire", BYTES(0x80, 8, FIXED, 1), 172, OK,
	  1, 160 },
	{ "version 0 (STUN) is not ours", BYTES(0x00, 1, FIXED), 12, ERR_UNSUPPORTED, 0,
	  0 },
	{ "version 1 is not ours", BYTES(0x40, 1, FIXED), 12, ERR_UNSUPPORTED, 0, 0 },
	{ "version 3 is not ours", BYTES(0xc0, 1, FIXED), 12, ERR_UNSUPPORTED, 0, 0 },
	{ "two CSRCs are not payload", BYTES(0x82, 8, FIXED, CSRC, CSRC, 7), 21, OK, 1, 1 },
	{ "CSRC count runs past the end", BYTES(0x82, 8, FIXED, CSRC), 16, ERR_TRUNCATED, 0,
	  0 },
	{ "CSRCs behind the capture but on the wire", BYTES(0x82, 8, FIXED, CSRC), 30, OK,
	  0, 10 },
	{ "an extension of one word is not payload",
	  BYTES(0x90, 8, FIXED, 0xbe, 0xde, 0, 1, 0x10, 9, 0, 0, 5, 6), 22, OK, 2, 2 },
	{ "an extension of no words is four bytes",
	  BYTES(0x90, 8, FIXED, 0xbe, 0xde, 0, 0, 5), 17, OK, 1, 1 },
	{ "an extension behind a CSRC", BYTES(0x91, 8, FIXED, CSRC, 0xbe, 0xde, 0, 0, 5),
	  21, OK, 1, 1 },
	{ "an extension longer than the packet",
	  BYTES(0x90, 8, FIXED, 0xbe, 0xde, 0, 2, 1, 2, 3, 4), 20, ERR_TRUNCATED, 0, 0 },
	{ "an extension of 65,535 words that is not there",
	  BYTES(0x90, 8, FIXED, 0xbe, 0xde, 0xff, 0xff), 16, ERR_TRUNCATED, 0, 0 },
	{ "an extension header cut in half", BYTES(0x90, 8, FIXED, 0xbe, 0xde), 14,
	  ERR_TRUNCATED, 0, 0 },
	{ "an extension behind the capture but on the wire",
	  BYTES(0x90, 8, FIXED, 0xbe, 0xde, 0, 2), 50, OK, 0, 26 },
	{ "padding is not payload", BYTES(0xa0, 8, FIXED, 1, 0, 2), 15, OK, 1, 1 },
	{ "a packet of padding alone", BYTES(0xa0, 8, FIXED, 0, 0, 3), 15, OK, 0, 0 },
	{ "padding of none", BYTES(0xa0, 8, FIXED, 1, 2, 0), 15, ERR_MALFORMED, 0, 0 },
	{ "padding longer than the payload", BYTES(0xa0, 8, FIXED, 0, 0, 4), 15,
	  ERR_MALFORMED, 0, 0 },
	{ "padding without any byte to count it", BYTES(0xa0, 8, FIXED), 12, ERR_MALFORMED,
	  0, 0 },
	{ "padding may not reach into the extension",
	  BYTES(0xb0, 8, FIXED, 0xbe, 0xde, 0, 0, 2), 17, ERR_MALFORMED, 0, 0 },
	{ "padding behind the capture cannot be known", BYTES(0xa0, 8, FIXED, 1, 0, 0), 40,
	  OK, 3, 28 },
};

static void lengths_and_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rtp rtp;
		const enum status status =
		        rtp_decode(cases[i].bytes, cases[i].wire_len, &rtp);
		if (status != cases[i].status)
			fail_msg("%s: %s", cases[i].what, status_name(status));
		if (status == OK && (rtp.payload.len != cases[i].captured ||
		                     rtp.payload_len != cases[i].payload_len))
			fail_msg("%s: %zu of %u", cases[i].what, rtp.payload.len,
			         rtp.payload_len);
	}
}

/* A recorded packet of a PCMA call; the figures are tshark's. */
static void fields_are_those_tshark_shows(void **state)
{
	(void)state;
	static const uint8_t bytes[] = { 0x80, 0x88, 0x4e, 0xd1, 0x00, 0x00, 0x90,
		                         0xb9, 0xd8, 0x93, 0x00, 0x5b, 0xfc, 0x89 };
	struct rtp rtp;
	assert_int_equal(rtp_decode((struct span){ bytes, sizeof bytes }, 14, &rtp), OK);
	assert_int_equal(rtp.sequence, 20177);
	assert_int_equal(rtp.timestamp, 37049);
	assert_int_equal(rtp.ssrc, 0xd893005b);
	assert_int_equal(rtp.payload_type, 8);
	assert_true(rtp.marker);
	assert_false(rtp.has_padding);
	assert_ptr_equal(rtp.payload.at, bytes + 12);
}

static void every_prefix_is_safe(void **state)
{
	(void)state;
	static const uint8_t whole[] = { 0xb1, 8, FIXED, CSRC, 0xbe, 0xde, 0,
		                         1,    1, 2,     3,    4,    9,    1 };
	for (size_t n = 0; n <= sizeof whole; n++) {
		uint8_t *copy =
		        malloc(n + 1); /* so that a sanitizer sees one byte too far */
		assert_non_null(copy);
		memcpy(copy, whole, n);
		struct rtp rtp;
		const enum status status =
		        rtp_decode((struct span){ copy, n }, sizeof whole, &rtp);
		assert_int_equal(status, n < RTP_HEADER_BYTES ? ERR_TRUNCATED : OK);
		if (status == OK)
			assert_true(rtp.payload.len <= n - RTP_HEADER_BYTES);
		free(copy);
	}
}

/* RFC 5761 section 4: types 64..95 of a marked RTP packet are RTCP's. */
static void rtcp_is_told_from_rtp_by_its_second_byte(void **state)
{
	(void)state;
	for (unsigned int second = 0; second < 256; second++) {
		const uint8_t bytes[] = { 0x80, (uint8_t)second };
		assert_int_equal(rtp_is_rtcp((struct span){ bytes, 2 }),
		                 second >= 192 && second <= 223);
	}
	assert_false(rtp_is_rtcp((struct span){ (const uint8_t[]){ 0x80 }, 1 }));
	assert_false(rtp_is_rtcp((struct span){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_and_refusals),
		cmocka_unit_test(fields_are_those_tshark_shows),
		cmocka_unit_test(every_prefix_is_safe),
		cmocka_unit_test(rtcp_is_told_from_rtp_by_its_second_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
