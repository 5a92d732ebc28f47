#include "probe/decode_plain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/frame_bytes.h"

#define FRAME MACS, 8, 0, IPV4(32, 17), UDP                 /* 46 bytes */
#define FRAME6 MACS, 0x86, 0xdd, IPV6(12, 17), UDP          /* 66 bytes */
#define TAGGED MACS, 0x81, 0, 0, 5, 8, 0, IPV4(32, 17), UDP /* 50 bytes */
#define SEQUENCE 0, 0, 0, 7
#define STAMP 1, 2, 3, 4
#define OUTER_UDP(to, bytes) OUTER_IPV4((bytes) + 28, 17), UDP_IN(40000, to, (bytes) + 8)

/* "data" from port 4000 to 5004 inside a tunnel, or what the outer datagram is then. */
/* clang-format off */
static const struct {
	const char *what;
	struct span bytes;
	enum decode_result result;
	bool inside, ipv6;
	uint16_t vlan;
} rows[] = {
	{ "ERSPAN I", BYTES(OUTER_IPV4(70, 47), 0, 0, 0x88, 0xbe, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "ERSPAN II", BYTES(OUTER_IPV4(82, 47), 0x10, 0, 0x88, 0xbe, SEQUENCE,
	  0x10, 5, 0x18, 1, 0, 0, 0, 9, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "ERSPAN II keeps the tag of the frame", BYTES(OUTER_IPV4(86, 47), 0x10, 0, 0x88, 0xbe,
	  SEQUENCE, 0x10, 5, 0x18, 1, 0, 0, 0, 9, TAGGED), DECODED_DATAGRAM, 1, 0, 5 },
	{ "ERSPAN II, IPv6", BYTES(OUTER_IPV4(102, 47), 0x10, 0, 0x88, 0xbe, SEQUENCE,
	  0x10, 5, 0x18, 1, 0, 0, 0, 9, FRAME6), DECODED_DATAGRAM, 1, 1, 0 },
	{ "ERSPAN III", BYTES(OUTER_IPV4(86, 47), 0x10, 0, 0x22, 0xeb, SEQUENCE,
	  0x20, 5, 0, 1, STAMP, 0, 0, 0, 4, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "ERSPAN III with a subheader", BYTES(OUTER_IPV4(94, 47), 0x10, 0, 0x22, 0xeb, SEQUENCE,
	  0x20, 5, 0, 1, STAMP, 0, 0, 0, 5, 0x10, 0, 0, 0, 0, 0, 0, 0, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "ERSPAN III of an IP packet", BYTES(OUTER_IPV4(72, 47), 0x10, 0, 0x22, 0xeb, SEQUENCE,
	  0x20, 5, 0, 1, STAMP, 0, 0, 8, 4, IPV4(32, 17), UDP), DECODED_DATAGRAM, 1, 0, 0 },
	{ "ERSPAN III of a frame of radio", BYTES(OUTER_IPV4(86, 47), 0x10, 0, 0x22, 0xeb, SEQUENCE,
	  0x20, 5, 0, 1, STAMP, 0, 0, 0x10, 4, FRAME), DECODED_NOT_OURS, 0, 0, 0 },
	{ "ERSPAN of a version nobody wrote", BYTES(OUTER_IPV4(82, 47), 0x10, 0, 0x88, 0xbe,
	  SEQUENCE, 0x70, 5, 0x18, 1, 0, 0, 0, 9, FRAME), DECODED_MALFORMED, 0, 0, 0 },
	{ "ERSPAN II that ends in its header", BYTES(OUTER_IPV4(32, 47), 0x10, 0, 0x88, 0xbe,
	  SEQUENCE, 0x10, 5, 0x18, 1), DECODED_MALFORMED, 0, 0, 0 },
	{ "VXLAN", BYTES(OUTER_UDP(4789, 54), 8, 0, 0, 0, 0, 0, 9, 0, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "VXLAN on Linux's port", BYTES(OUTER_UDP(8472, 54), 8, 0, 0, 0, 0, 0, 9, 0, FRAME),
	  DECODED_DATAGRAM, 1, 0, 0 },
	{ "VXLAN in VXLAN", BYTES(OUTER_UDP(4789, 104), 8, 0, 0, 0, 0, 0, 9, 0, MACS, 8, 0,
	  OUTER_UDP(8472, 54), 8, 0, 0, 0, 0, 0, 9, 0, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "no identifier: another application's", BYTES(OUTER_UDP(4789, 54), 0, 0, 0, 0, 0, 0, 9, 0,
	  FRAME), DECODED_DATAGRAM, 0, 0, 0 },
	{ "RTP on VXLAN's port", BYTES(OUTER_UDP(4789, 16), 0x80, 8, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4,
	  'd', 'a', 't', 'a'), DECODED_DATAGRAM, 0, 0, 0 },
	{ "VXLAN with nothing in it", BYTES(OUTER_UDP(4789, 8), 8, 0, 0, 0, 0, 0, 9, 0),
	  DECODED_DATAGRAM, 0, 0, 0 },
	{ "GENEVE", BYTES(OUTER_UDP(6081, 54), 0, 0, 0x65, 0x58, 0, 0, 9, 0, FRAME),
	  DECODED_DATAGRAM, 1, 0, 0 },
	{ "GENEVE with an option", BYTES(OUTER_UDP(6081, 62), 2, 0x40, 0x65, 0x58, 0, 0, 9, 0,
	  1, 2, 0x80, 1, 0, 0, 0, 0, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "GENEVE of IPv6", BYTES(OUTER_UDP(6081, 60), 0, 0, 0x86, 0xdd, 0, 0, 9, 0,
	  IPV6(12, 17), UDP), DECODED_DATAGRAM, 1, 1, 0 },
	{ "GENEVE whose options run past its end", BYTES(OUTER_UDP(6081, 12), 0x3f, 0, 0x65, 0x58,
	  0, 0, 9, 0, 'd', 'a', 't', 'a'), DECODED_DATAGRAM, 0, 0, 0 },
	{ "TZSP", BYTES(OUTER_UDP(37008, 51), 1, 0, 0, 1, 1, FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "TZSP with padding and a tag", BYTES(OUTER_UDP(37008, 56), 1, 0, 0, 1, 0, 0x29, 2, 0, 46, 1,
	  FRAME), DECODED_DATAGRAM, 1, 0, 0 },
	{ "TZSP's keepalive", BYTES(OUTER_UDP(37008, 5), 1, 4, 0, 1, 1), DECODED_DATAGRAM, 0, 0, 0 },
	{ "TZSP without an end of its tags", BYTES(OUTER_UDP(37008, 7), 1, 0, 0, 1, 0x29, 9, 0),
	  DECODED_DATAGRAM, 0, 0, 0 },
};
/* clang-format on */

static struct frame frame_of(const struct span bytes)
{
	return (struct frame){
		.bytes = bytes, .number = 1, .length = (uint32_t)bytes.len, .link_type = RAW
	};
}

static void a_tunnel_is_walked_through_or_let_alone(void **state)
{
	struct decoder *decoder = NULL;
	(void)state;
	assert_int_equal(decoder_new(1 << 20, &decoder), OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct decoded d;
		const struct frame frame = frame_of(rows[i].bytes);
		decode_frame(decoder, &frame, &d);
		if (d.result != rows[i].result)
			fail_msg("%s: result %d, %s", rows[i].what, d.result,
			         decode_reason_names[d.reason]);
		if (d.result != DECODED_DATAGRAM)
			continue;
		char src[ENDPOINT_TEXT_SIZE];
		endpoint_format(&d.packet.src, src);
		const char *expected = !rows[i].inside ? "10.0.0.1:40000"
		                       : rows[i].ipv6  ? "[2001:db8::1]:4000"
		                                       : "198.18.0.1:4000";
		if (strcmp(src, expected) != 0 || d.packet.vlan[0] != rows[i].vlan ||
		    !(d.packet.flags & PACKET_TUNNELLED) != !rows[i].inside)
			fail_msg("%s: from %s, VLAN %u, flags %u", rows[i].what, src,
			         d.packet.vlan[0], d.packet.flags);
	}
	decoder_free(decoder);
}

/* What ends early is never read past its end (under AddressSanitizer), nor taken whole. */
static void no_prefix_of_a_tunnel_is_its_datagram(void **state)
{
	struct decoder *decoder = NULL;
	(void)state;
	assert_int_equal(decoder_new(1 << 20, &decoder), OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t len = 0; len < rows[i].bytes.len; len++) {
			struct decoded d;
			uint8_t *copy = malloc(len ? len : 1);
			assert_non_null(copy);
			memcpy(copy, rows[i].bytes.at, len);
			const struct frame frame = frame_of((struct span){ copy, len });
			decode_frame(decoder, &frame, &d);
			const int whole =
			        d.packet.flags & (PACKET_TUNNELLED | PACKET_TRUNCATED);
			if (d.result == DECODED_DATAGRAM && whole == PACKET_TUNNELLED)
				fail_msg("%s: %zu of %zu bytes", rows[i].what, len,
				         rows[i].bytes.len);
			free(copy);
		}
	}
	decoder_free(decoder);
}

/* Frames of Ethernet take a short way, which must not pass a tunnel by. */
static void the_short_way_leaves_tunnels_alone(void **state)
{
#define ON_PORT(port) BYTES(MACS, 8, 0, OUTER_UDP(port, 4), 'd', 'a', 't', 'a')
	const struct span bytes[] = { ON_PORT(2152), ON_PORT(4789), ON_PORT(6081),
		                      ON_PORT(8472), ON_PORT(37008) };
	struct packet packet;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bytes); i++) {
		const struct frame frame = { .bytes = bytes[i],
			                     .length = (uint32_t)bytes[i].len,
			                     .link_type = ETHERNET };
		assert_false(decode_plain(&frame, &packet));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_is_walked_through_or_let_alone),
		cmocka_unit_test(no_prefix_of_a_tunnel_is_its_datagram),
		cmocka_unit_test(the_short_way_leaves_tunnels_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
