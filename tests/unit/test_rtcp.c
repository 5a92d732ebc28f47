#include "analyzer/wire/rtcp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SSRC 0xd8, 0x93, 0x00, 0x5b
#define WORD 1, 2, 3, 4
#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })       \
	}

/* A sender report and a CNAME as baresip sent them, recorded. */
static const uint8_t sender_report[] = {
	0x81, 0xc8, 0x00, 0x0c, 0x9c, 0xf8, 0x50, 0x0d, 0xee, 0xab, 0xe5, 0x58, 0xb3, 0x42,
	0xaa, 0x9f, 0x00, 0x01, 0x69, 0xb4, 0x00, 0x00, 0x01, 0xf4, 0x00, 0x01, 0x38, 0x80,
	0xd8, 0x93, 0x00, 0x5b, 0x02, 0x00, 0x00, 0x07, 0x00, 0x00, 0x50, 0xc5, 0x00, 0x00,
	0x00, 0x09, 0xe5, 0x58, 0xb2, 0xe6, 0x00, 0x00, 0x00, 0x41, 0x81, 0xca, 0x00, 0x07,
	0x9c, 0xf8, 0x50, 0x0d, 0x01, 0x14, 's',  'i',  'p',  ':',  'a',  'l',  'i',  'c',
	'e',  '@',  '1',  '9',  '8',  '.',  '1',  '8',  '.',  '1',  '.',  '1',  0x00, 0x00,
};

static struct span all_of_it(void)
{
	return (struct span){ sender_report, sizeof sender_report };
}

/* The figures are tshark's. */
static void a_sender_report_and_a_cname(void **state)
{
	(void)state;
	struct rtcp_walk walk = rtcp_walk_begin(all_of_it());
	struct rtcp_part part;
	assert_int_equal(rtcp_next(&walk, &part), OK);
	assert_int_equal(part.type, RTCP_SR);
	assert_int_equal(part.count, 1);
	assert_int_equal(part.body.len, 48);
	assert_int_equal(part.ssrc, 2633519117);
	assert_int_equal(part.ntp >> 32, 4004242776);
	assert_int_equal(part.ntp & UINT32_MAX, 3007490719);
	assert_int_equal(part.rtp_timestamp, 92596);
	assert_int_equal(part.packets, 500);
	assert_int_equal(part.octets, 80000);
	assert_int_equal(part.report_count, 1);
	assert_int_equal(part.reports[0].about_ssrc, 3633512539);
	assert_int_equal(part.reports[0].fraction_lost, 2);
	assert_int_equal(part.reports[0].cumulative_lost, 7);
	assert_int_equal(part.reports[0].highest_sequence, 20677);
	assert_int_equal(part.reports[0].jitter_ticks, 9);
	assert_int_equal(part.reports[0].lsr, 3847795430);
	assert_int_equal(part.reports[0].dlsr, 65);
	assert_int_equal(rtcp_next(&walk, &part), OK);
	assert_int_equal(part.type, RTCP_SDES);
	assert_int_equal(part.ssrc, 0);
	assert_int_equal(part.report_count, 0);
	assert_int_equal(part.cname_ssrc, 0x9cf8500d);
	assert_true(text_equal(part.cname, TEXT("sip:alice@198.18.1.1")));
	assert_int_equal(rtcp_next(&walk, &part), ERR_NOT_FOUND);
}

/* One part each; the layouts are those of RFC 3550 section 6 and RFC 3611 section 2. */
static const struct {
	const char *what;
	struct span bytes;
	enum status status;
	uint32_t ssrc;
	uint8_t reports, byes;
	const char *cname;
} parts[] = {
	{ "a receiver report without blocks", BYTES(0x80, 201, 0, 1, SSRC), OK, 0xd893005b,
	  0, 0, "" },
	{ "a receiver report with one block",
	  BYTES(0x81, 201, 0, 7, SSRC, WORD, WORD, WORD, WORD, WORD, WORD), OK, 0xd893005b,
	  1, 0, "" },
	{ "a profile's extension behind the blocks is left alone",
	  BYTES(0x80, 201, 0, 3, SSRC, WORD, WORD), OK, 0xd893005b, 0, 0, "" },
	{ "a receiver report without a sender", BYTES(0x80, 201, 0, 0), ERR_MALFORMED, 0, 0,
	  0, "" },
	{ "more blocks counted than there are",
	  BYTES(0x82, 201, 0, 7, SSRC, WORD, WORD, WORD, WORD, WORD, WORD), ERR_MALFORMED,
	  0, 0, 0, "" },
	{ "a sender report without sender information", BYTES(0x80, 200, 0, 1, SSRC),
	  ERR_MALFORMED, 0, 0, 0, "" },
	{ "a goodbye", BYTES(0x81, 203, 0, 1, SSRC), OK, 0xd893005b, 0, 1, "" },
	{ "a goodbye with a reason",
	  BYTES(0x81, 203, 0, 3, SSRC, 4, 'd', 'o', 'n', 'e', 0, 0, 0), OK, 0xd893005b, 0,
	  1, "" },
	{ "a goodbye of nobody", BYTES(0x80, 203, 0, 0), OK, 0, 0, 0, "" },
	{ "a goodbye of more than are named", BYTES(0x82, 203, 0, 1, SSRC), ERR_MALFORMED,
	  0, 0, 0, "" },
	{ "the CNAME of the second chunk",
	  BYTES(0x82, 202, 0, 5, WORD, 2, 1, 'n', 0, SSRC, 1, 3, 'a', '@', 'b', 0, 0, 0),
	  OK, 0, 0, 0, "a@b" },
	{ "the first CNAME of two",
	  BYTES(0x81, 202, 0, 3, SSRC, 1, 1, 'a', 1, 1, 'b', 0, 0), OK, 0, 0, 0, "a" },
	{ "a description without an end", BYTES(0x81, 202, 0, 2, SSRC, 1, 2, 'a', 'b'),
	  ERR_MALFORMED, 0, 0, 0, "" },
	{ "an item longer than its packet", BYTES(0x81, 202, 0, 2, SSRC, 1, 200, 'a', 0),
	  ERR_MALFORMED, 0, 0, 0, "" },
	{ "a description of nobody", BYTES(0x80, 202, 0, 0), OK, 0, 0, 0, "" },
	{ "an extended report", BYTES(0x80, 207, 0, 3, SSRC, 4, 0, 0, 1, WORD), OK,
	  0xd893005b, 0, 0, "" },
	{ "an application's packet", BYTES(0x80, 204, 0, 2, SSRC, 'P', 'I', 'N', 'G'), OK,
	  0xd893005b, 0, 0, "" },
	{ "an unknown type is walked over", BYTES(0x80, 223, 0, 1, SSRC), OK, 0xd893005b, 0,
	  0, "" },
	{ "padding is no block", BYTES(0xa0, 201, 0, 2, SSRC, 0, 0, 0, 4), OK, 0xd893005b,
	  0, 0, "" },
	{ "padding of none", BYTES(0xa0, 201, 0, 2, SSRC, 0, 0, 0, 0), ERR_MALFORMED, 0, 0,
	  0, "" },
	{ "padding longer than the part", BYTES(0xa0, 201, 0, 2, SSRC, 0, 0, 0, 9),
	  ERR_MALFORMED, 0, 0, 0, "" },
	{ "padding in a part of no length", BYTES(0xa0, 201, 0, 0), ERR_MALFORMED, 0, 0, 0,
	  "" },
	{ "another version", BYTES(0x40, 201, 0, 1, SSRC), ERR_UNSUPPORTED, 0, 0, 0, "" },
	{ "a length past the end", BYTES(0x80, 201, 0, 2, SSRC), ERR_TRUNCATED, 0, 0, 0,
	  "" },
	{ "half a header", BYTES(0x80, 201), ERR_TRUNCATED, 0, 0, 0, "" },
	{ "nothing", { 0 }, ERR_NOT_FOUND, 0, 0, 0, "" },
};

static void single_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		struct rtcp_walk walk = rtcp_walk_begin(parts[i].bytes);
		struct rtcp_part part;
		const enum status status = rtcp_next(&walk, &part);
		if (status != parts[i].status)
			fail_msg("%s: %s", parts[i].what, status_name(status));
		if (rtcp_next(&walk, &part) != ERR_NOT_FOUND)
			fail_msg("%s: does not end", parts[i].what);
		if (status != OK)
			continue;
		if (part.ssrc != parts[i].ssrc || part.report_count != parts[i].reports ||
		    part.bye_count != parts[i].byes ||
		    !text_equal(part.cname, text_from(parts[i].cname)))
			fail_msg("%s: %08x, %u reports, %u byes, CNAME %.*s", parts[i].what,
			         part.ssrc, part.report_count, part.bye_count,
			         (int)part.cname.len, part.cname.at);
	}
}

/* 24 bits, two's complement: duplicates make it negative (RFC 3550 section 6.4.1). */
static void cumulative_loss_is_signed(void **state)
{
	(void)state;
	static const struct {
		uint8_t bytes[3];
		int32_t lost;
	} losses[] = {
		{ { 0, 0, 0 }, 0 },
		{ { 0x7f, 0xff, 0xff }, 8388607 },
		{ { 0x80, 0, 0 }, -8388608 },
		{ { 0xff, 0xff, 0xff }, -1 },
	};
	for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
		uint8_t bytes[] = { 0x81, 201, 0, 7,    SSRC, SSRC, 0,
			            0,    0,   0, WORD, WORD, WORD, WORD };
		memcpy(bytes + 13, losses[i].bytes, 3);
		struct rtcp_walk walk =
		        rtcp_walk_begin((struct span){ bytes, sizeof bytes });
		struct rtcp_part part;
		assert_int_equal(rtcp_next(&walk, &part), OK);
		assert_int_equal(part.reports[0].cumulative_lost, losses[i].lost);
	}
}

static void a_full_compound_holds_31_of_each(void **state)
{
	(void)state;
	uint8_t bytes[4 + 4 + 31 * 24 + 4 + 31 * 4] = { 0x9f, 201, 0, 1 + 31 * 6, SSRC };
	uint8_t *bye = bytes + 8 + (size_t)31 * 24;
	memcpy(bye, (uint8_t[]){ 0x9f, 203, 0, 31 }, 4);
	bye[4 + 31 * 4 - 1] = 77;
	struct rtcp_walk walk = rtcp_walk_begin((struct span){ bytes, sizeof bytes });
	struct rtcp_part part;
	assert_true(rtcp_looks_like((struct span){ bytes, sizeof bytes }, sizeof bytes));
	assert_int_equal(rtcp_next(&walk, &part), OK);
	assert_int_equal(part.report_count, 31);
	assert_int_equal(rtcp_next(&walk, &part), OK);
	assert_int_equal(part.bye_count, 31);
	assert_int_equal(part.bye_ssrcs[30], 77);
	assert_int_equal(rtcp_next(&walk, &part), ERR_NOT_FOUND);
}

static const struct {
	const char *what;
	struct span bytes;
	uint32_t wire_len;
	bool looks;
} looks[] = {
	{ "a receiver report", BYTES(0x80, 201, 0, 1, SSRC), 8, true },
	{ "a reduced-size packet (RFC 5506)", BYTES(0x81, 206, 0, 2, SSRC, WORD), 12,
	  true },
	{ "two parts", BYTES(0x80, 201, 0, 1, SSRC, 0x81, 203, 0, 1, SSRC), 16, true },
	{ "a second part of a type we do not know",
	  BYTES(0x80, 201, 0, 1, SSRC, 0x80, 210, 0, 0), 12, true },
	{ "padding in the last part",
	  BYTES(0x80, 201, 0, 1, SSRC, 0xa0, 203, 0, 1, 0, 0, 0, 4), 16, true },
	{ "padding before the last part",
	  BYTES(0xa0, 201, 0, 1, SSRC, 0x81, 203, 0, 1, SSRC), 16, false },
	{ "a first part of a type we do not know", BYTES(0x80, 192, 0, 1, SSRC), 8, false },
	{ "a length short of the end leaves no part", BYTES(0x80, 201, 0, 1, SSRC, WORD),
	  12, false },
	{ "a length past the end", BYTES(0x80, 201, 0, 2, SSRC), 8, false },
	{ "a length past the capture but not the wire", BYTES(0x80, 201, 0, 2, SSRC), 12,
	  true },
	{ "a second header behind the capture", BYTES(0x80, 201, 0, 1, SSRC, 0x81, 203), 16,
	  true },
	{ "two bytes left on the wire are no part", BYTES(0x80, 201, 0, 1, SSRC, 0x81, 203),
	  10, false },
	{ "version 1 in the second part",
	  BYTES(0x80, 201, 0, 1, SSRC, 0x41, 203, 0, 1, SSRC), 16, false },
	{ "RTP", BYTES(0x80, 8, 0, 1, SSRC, SSRC), 12, false },
	{ "half a header", BYTES(0x80, 201), 8, false },
	{ "nothing", { 0 }, 0, false },
};

static void what_looks_like_rtcp(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (rtcp_looks_like(looks[i].bytes, looks[i].wire_len) != looks[i].looks)
			fail_msg("%s", looks[i].what);
}

/* RFC 3711 section 3.4: the sender is clear, nothing behind it is to be believed. */
static void an_encrypted_packet_shows_its_sender_only(void **state)
{
	(void)state;
	struct rtcp_walk walk = rtcp_walk_begin(all_of_it());
	walk.encrypted = true;
	struct rtcp_part part;
	assert_int_equal(rtcp_next(&walk, &part), OK);
	assert_int_equal(part.ssrc, 0x9cf8500d);
	assert_int_equal(part.report_count, 0);
	assert_int_equal(part.body.len, 0);
	assert_int_equal(rtcp_next(&walk, &part), ERR_NOT_FOUND);
}

static void every_prefix_is_safe(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof sender_report; n++) {
		uint8_t *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, sender_report, n);
		struct rtcp_walk walk = rtcp_walk_begin((struct span){ copy, n });
		struct rtcp_part part;
		enum status status;
		while ((status = rtcp_next(&walk, &part)) == OK)
			;
		assert_int_equal(status, n == 0 || n == 52 ? ERR_NOT_FOUND : ERR_TRUNCATED);
		assert_int_equal(
		        rtcp_looks_like((struct span){ copy, n }, sizeof sender_report),
		        n >= 4);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sender_report_and_a_cname),
		cmocka_unit_test(single_parts),
		cmocka_unit_test(cumulative_loss_is_signed),
		cmocka_unit_test(a_full_compound_holds_31_of_each),
		cmocka_unit_test(what_looks_like_rtcp),
		cmocka_unit_test(an_encrypted_packet_shows_its_sender_only),
		cmocka_unit_test(every_prefix_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
