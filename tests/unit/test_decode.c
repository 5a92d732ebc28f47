#include "probe/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/frame_bytes.h"

/* Frames that hold one datagram: "data" from port 4000 to 5004, DSCP 46, TTL 63. */
/* clang-format off */
static const struct {
	const char *what;
	unsigned int link_type;
	struct span bytes;
	bool ipv6;
	uint16_t outer_vlan, inner_vlan;
	uint8_t flags;
} carriers[] = {
	{ "Ethernet", ETHERNET, BYTES(MACS, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "Ethernet, IPv6", ETHERNET, BYTES(MACS, 0x86, 0xdd, IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "Ethernet's padding is not payload", ETHERNET,
	  BYTES(MACS, 8, 0, IPV4(32, 17), UDP, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0, 0, 0, 0 },
	{ "options of IPv4 are passed over", ETHERNET,
	  BYTES(MACS, 8, 0, IPV4_IN(0x46, 36, 0x1234, 0, 17), 148, 4, 0, 0, UDP), 0, 0, 0, 0 },
	{ "total length 0 is left to the card by segmentation offload", ETHERNET,
	  BYTES(MACS, 8, 0, IPV4_IN(0x45, 0, 0x1234, 0, 17), UDP), 0, 0, 0, 0 },
	{ "UDP shorter than IP says: the rest is not payload", ETHERNET,
	  BYTES(MACS, 8, 0, IPV4(36, 17), UDP, 1, 2, 3, 4), 0, 0, 0, 0 },
	{ "802.1Q", ETHERNET, BYTES(MACS, 0x81, 0, 0xe0, 100, 8, 0, IPV4(32, 17), UDP), 0, 100, 0, 0 },
	{ "a priority tag is no VLAN", ETHERNET,
	  BYTES(MACS, 0x81, 0, 0xe0, 0, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "802.1ad and 802.1Q", ETHERNET,
	  BYTES(MACS, 0x88, 0xa8, 0x0f, 0xfe, 0x81, 0, 0, 7, 8, 0, IPV4(32, 17), UDP), 0, 0xffe, 7, 0 },
	{ "QinQ as it was before 802.1ad", ETHERNET,
	  BYTES(MACS, 0x91, 0, 0, 9, 0x81, 0, 0, 8, 8, 0, IPV4(32, 17), UDP), 0, 9, 8, 0 },
	{ "two MPLS labels", ETHERNET,
	  BYTES(MACS, 0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "MPLS, IPv6", ETHERNET,
	  BYTES(MACS, 0x88, 0x48, 0, 2, 1, 64, IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "an Ethernet pseudowire with its control word", ETHERNET,
	  BYTES(MACS, 0x88, 0x47, 0, 2, 1, 64, 0, 0, 0, 5, MACS, 0x81, 0, 0, 5, 8, 0, IPV4(32, 17), UDP),
	  0, 5, 0, 0 },
	{ "PPPoE", ETHERNET,
	  BYTES(MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 34, 0, 0x21, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "LLC and SNAP", ETHERNET,
	  BYTES(MACS, 0, 40, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "Linux cooked", SLL,
	  BYTES(0, 4, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "Linux cooked with a tag", SLL,
	  BYTES(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 3, 8, 0, IPV4(32, 17), UDP),
	  0, 3, 0, 0 },
	{ "Linux cooked 2", SLL2,
	  BYTES(0x86, 0xdd, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, IPV6(12, 17), UDP),
	  1, 0, 0, 0 },
	{ "raw IPv4", RAW, BYTES(IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "raw IPv6", RAW, BYTES(IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "raw IP as FreeBSD numbers it", 12, BYTES(IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "raw IP as OpenBSD numbers it", 14, BYTES(IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "IPv4 alone", 228, BYTES(IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "IPv6 alone", 229, BYTES(IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "loopback of a little-endian system", 0, BYTES(2, 0, 0, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "loopback of a big-endian system", 0, BYTES(0, 0, 0, 2, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "loopback of macOS, IPv6", 0, BYTES(30, 0, 0, 0, IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "loopback of OpenBSD, IPv6", 108, BYTES(0, 0, 0, 24, IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "PPP", PPP, BYTES(0xff, 3, 0, 0x21, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "PPP with everything left out", PPP, BYTES(0x21, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "PPP, IPv6", PPP, BYTES(0xff, 3, 0, 0x57, IPV6(12, 17), UDP), 1, 0, 0, 0 },
	{ "PPP, MPLS", PPP, BYTES(2, 0x81, 0, 2, 1, 64, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "PPPoE as a link type", 51,
	  BYTES(0x11, 0, 0, 1, 0, 34, 0, 0x21, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "Cisco HDLC", CHDLC, BYTES(0x0f, 0, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "ERF, Ethernet", ERF,
	  BYTES(0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0, 64, 0, 0, 0, 46, 0, 0, MACS, 8, 0, IPV4(32, 17), UDP),
	  0, 0, 0, 0 },
	{ "ERF with two extension headers", ERF,
	  BYTES(0, 0, 0, 0, 0, 0, 0, 0, 0x82, 4, 0, 80, 0, 0, 0, 46, 0x83, 0, 0, 0, 0, 0, 0, 0,
	        3, 0, 0, 0, 0, 0, 0, 0, 0, 0, MACS, 8, 0, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "ERF, IPv4", ERF,
	  BYTES(0, 0, 0, 0, 0, 0, 0, 0, 22, 4, 0, 64, 0, 0, 0, 32, IPV4(32, 17), UDP), 0, 0, 0, 0 },
	{ "IPv4 in IPv4", RAW, BYTES(OUTER_IPV4(52, 4), IPV4(32, 17), UDP), 0, 0, 0,
	  PACKET_TUNNELLED },
	{ "IPv6 in IPv4", RAW, BYTES(OUTER_IPV4(72, 41), IPV6(12, 17), UDP), 1, 0, 0,
	  PACKET_TUNNELLED },
	{ "IPv6 in IPv6", RAW, BYTES(OUTER_IPV6(52, 41), IPV6(12, 17), UDP), 1, 0, 0,
	  PACKET_TUNNELLED },
	{ "IPv4 in IPv6", RAW, BYTES(OUTER_IPV6(32, 4), IPV4(32, 17), UDP), 0, 0, 0,
	  PACKET_TUNNELLED },
	{ "GRE", RAW, BYTES(OUTER_IPV4(56, 47), 0, 0, 8, 0, IPV4(32, 17), UDP), 0, 0, 0,
	  PACKET_TUNNELLED },
	{ "GRE with checksum, key and sequence", RAW,
	  BYTES(OUTER_IPV4(68, 47), 0xb0, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, IPV4(32, 17), UDP),
	  0, 0, 0, PACKET_TUNNELLED },
	{ "Ethernet in GRE", RAW,
	  BYTES(OUTER_IPV4(70, 47), 0, 0, 0x65, 0x58, MACS, 8, 0, IPV4(32, 17), UDP), 0, 0, 0,
	  PACKET_TUNNELLED },
	{ "PPTP", RAW,
	  BYTES(OUTER_IPV4(70, 47), 0x30, 0x81, 0x88, 0x0b, 0, 34, 0, 1, 0, 0, 0, 7, 0, 0, 0, 1,
	        0, 0x21, IPV4(32, 17), UDP), 0, 0, 0, PACKET_TUNNELLED },
	{ "GTP-U", RAW,
	  BYTES(OUTER_IPV4(68, 17), UDP_IN(2152, 2152, 48), 0x30, 255, 0, 32, 0, 0, 0, 9,
	        IPV4(32, 17), UDP), 0, 0, 0, PACKET_TUNNELLED },
	{ "GTP-U with a sequence number and an extension header", RAW,
	  BYTES(OUTER_IPV4(76, 17), UDP_IN(4000, 2152, 56), 0x36, 255, 0, 40, 0, 0, 0, 9, 0, 1, 0,
	        0x85, 1, 0, 9, 0, IPV4(32, 17), UDP), 0, 0, 0, PACKET_TUNNELLED },
	{ "hop-by-hop, routing and destination options", RAW,
	  BYTES(IPV6(36, 0), 43, 0, 1, 4, 0, 0, 0, 0, 60, 0, 4, 0, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0,
	        UDP), 1, 0, 0, 0 },
	{ "an authentication header", RAW,
	  BYTES(IPV4(44, 51), 17, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, UDP), 0, 0, 0, 0 },
	{ "an atomic fragment is whole", RAW,
	  BYTES(IPV6(20, 44), 17, 0, 0, 0, 0, 0, 0, 9, UDP), 1, 0, 0, 0 },
	{ "IPv6's length 0 is left to the card", RAW, BYTES(IPV6(0, 17), UDP), 1, 0, 0, 0 },
};
/* clang-format on */

static struct decoder *new_decoder(void)
{
	struct decoder *decoder = NULL;
	assert_int_equal(decoder_new(1 << 20, &decoder), OK);
	return decoder;
}

/* Decodes a copy that ends where the memory ends; the caller frees it. */
static uint8_t *decode_copy(struct decoder *decoder, unsigned int link_type,
                            struct span bytes, size_t wire_len, struct decoded *out)
{
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
	assert_non_null(copy);
	memcpy(copy, bytes.at, bytes.len);
	const struct frame frame = {
		.at = 7 * NS_PER_SEC,
		.bytes = { copy, bytes.len },
		.number = 3,
		.length = (uint32_t)wire_len,
		.link_type = (uint16_t)link_type,
	};
	memset(out, 0xa5, sizeof *out);
	decode_frame(decoder, &frame, out);
	return copy;
}

static void check_datagram(const char *what, const struct decoded *d, size_t row)
{
	char src[ENDPOINT_TEXT_SIZE], dst[ENDPOINT_TEXT_SIZE];
	const struct packet *p = &d->packet;
	const bool ipv6 = carriers[row].ipv6;
	endpoint_format(&p->src, src);
	endpoint_format(&p->dst, dst);
	if (d->result != DECODED_DATAGRAM || p->transport != TRANSPORT_UDP)
		fail_msg("%s: result %d, %s", what, d->result,
		         decode_reason_names[d->reason]);
	if (p->payload.len != 4 || p->payload_len != 4 ||
	    memcmp(p->payload.at, "data", 4) != 0)
		fail_msg("%s: %zu of %u bytes of payload", what, p->payload.len,
		         p->payload_len);
	assert_string_equal(src, ipv6 ? "[2001:db8::1]:4000" : "198.18.0.1:4000");
	assert_string_equal(dst, ipv6 ? "[2001:db8::2]:5004" : "198.19.0.1:5004");
	if (p->vlan[0] != carriers[row].outer_vlan ||
	    p->vlan[1] != carriers[row].inner_vlan)
		fail_msg("%s: VLAN %u/%u", what, p->vlan[0], p->vlan[1]);
	if (p->flags != carriers[row].flags || p->dscp != 46 || p->ttl != 63)
		fail_msg("%s: flags %u, DSCP %u, TTL %u", what, p->flags, p->dscp, p->ttl);
	assert_int_equal(p->ip_id, ipv6 ? 0 : 0x1234);
	assert_int_equal(p->at, 7 * NS_PER_SEC);
	assert_int_equal(p->frame, 3);
	assert_false(d->reassembled);
}

static void the_same_datagram_comes_out_of_every_carrier(void **state)
{
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++) {
		const struct span bytes = carriers[i].bytes;
		uint8_t *copy =
		        decode_copy(decoder, carriers[i].link_type, bytes, bytes.len, &d);
		check_datagram(carriers[i].what, &d, i);
		free(copy);
	}
	decoder_free(decoder);
}

/* The capture holds only the first n bytes of a longer frame. */
static void a_snapshot_is_used_as_far_as_it_goes(void **state)
{
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(carriers); i++) {
		const struct span all = carriers[i].bytes;
		size_t datagrams = 0;
		for (size_t n = 0; n < all.len; n++) {
			const struct span cut = { all.at, n };
			uint8_t *copy = decode_copy(decoder, carriers[i].link_type, cut,
			                            all.len, &d);
			const struct packet *p = &d.packet;
			if (d.result == DECODED_DATAGRAM && p->dst.port == 5004) {
				datagrams++;
				if (p->payload_len != 4 ||
				    (p->payload.len < 4) !=
				            !!(p->flags & PACKET_TRUNCATED) ||
				    memcmp(p->payload.at, "data", p->payload.len) != 0)
					fail_msg("%s, %zu bytes: %zu of %u, flags %u",
					         carriers[i].what, n, p->payload.len,
					         p->payload_len, p->flags);
			} else if (d.result == DECODED_DATAGRAM) {
				assert_int_equal(p->dst.port,
				                 2152); /* the tunnel itself, cut */
				assert_true(p->flags & PACKET_TRUNCATED);
			} else if (d.result != DECODED_MALFORMED ||
			           d.reason != REASON_CUT_SHORT) {
				fail_msg("%s, %zu bytes: %s", carriers[i].what, n,
				         decode_reason_names[d.reason]);
			}
			free(copy);
		}
		if (datagrams < 4)
			fail_msg("%s: %zu lengths give a datagram", carriers[i].what,
			         datagrams);
	}
	decoder_free(decoder);
}

/* clang-format off */
static const struct {
	const char *what;
	unsigned int link_type;
	struct span bytes;
	enum decode_result result;
	enum decode_reason reason;
} refused[] = {
	{ "an empty frame", ETHERNET, { (const uint8_t *)"", 0 }, DECODED_MALFORMED, REASON_LINK_HEADER },
	{ "13 bytes of Ethernet", ETHERNET, BYTES(MACS, 8), DECODED_MALFORMED, REASON_LINK_HEADER },
	{ "a link type nobody knows", 147, BYTES(IPV4(32, 17), UDP), DECODED_MALFORMED, REASON_LINK_TYPE },
	{ "half a tag", ETHERNET, BYTES(MACS, 0x81, 0, 0), DECODED_MALFORMED, REASON_TAG },
	{ "ARP", ETHERNET, BYTES(MACS, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1), DECODED_NOT_OURS, REASON_NONE },
	{ "spanning tree", ETHERNET, BYTES(MACS, 0, 4, 0x42, 0x42, 3, 0), DECODED_NOT_OURS, REASON_NONE },
	{ "labels without a bottom", ETHERNET, BYTES(MACS, 0x88, 0x47, 0, 1, 0, 64), DECODED_MALFORMED, REASON_MPLS },
	{ "17 labels", ETHERNET, BYTES(MACS, 0x88, 0x47, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0,
	  0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,0,0, 0,1,1,0,
	  IPV4(32, 17), UDP), DECODED_MALFORMED, REASON_MPLS },
	{ "PPPoE longer than the frame", ETHERNET, BYTES(MACS, 0x88, 0x64, 0x11, 0, 0, 1, 0, 99, 0, 0x21),
	  DECODED_MALFORMED, REASON_PPPOE },
	{ "PPPoE of another version", ETHERNET, BYTES(MACS, 0x88, 0x64, 0x21, 0, 0, 1, 0, 2, 0, 0x21),
	  DECODED_MALFORMED, REASON_PPPOE },
	{ "PPP's own negotiation", PPP, BYTES(0xff, 3, 0xc0, 0x21, 1, 1, 0, 4), DECODED_NOT_OURS, REASON_NONE },
	{ "IP version 5", RAW, BYTES(0x55, 0, 0, 32), DECODED_MALFORMED, REASON_IP_HEADER },
	{ "IPv6 where IPv4 is announced", 228, BYTES(IPV6(12, 17), UDP), DECODED_MALFORMED, REASON_IP_HEADER },
	{ "IPv4 where IPv6 is announced", 229, BYTES(IPV4(32, 17), UDP, 0, 0, 0, 0, 0, 0, 0, 0),
	  DECODED_MALFORMED, REASON_IP_HEADER },
	{ "an IPv4 header of 16 bytes", RAW, BYTES(IPV4_IN(0x44, 32, 1, 0, 17), UDP), DECODED_MALFORMED, REASON_IP_HEADER },
	{ "an IPv4 header longer than the packet", RAW, BYTES(IPV4_IN(0x4f, 32, 1, 0, 17), UDP),
	  DECODED_MALFORMED, REASON_IP_LENGTH },
	{ "19 bytes in all", RAW, BYTES(IPV4(19, 17), UDP), DECODED_MALFORMED, REASON_IP_LENGTH },
	{ "an extension longer than the packet", RAW, BYTES(IPV6(20, 60), 17, 9, 0, 0, 0, 0, 0, 0, UDP),
	  DECODED_MALFORMED, REASON_IP_EXTENSION },
	{ "four bytes of UDP", RAW, BYTES(IPV4(24, 17), 0x0f, 0xa0, 0x13, 0x8c), DECODED_MALFORMED, REASON_UDP_HEADER },
	{ "UDP length 7", RAW, BYTES(IPV4(32, 17), UDP_IN(1, 2, 7), 1, 2, 3, 4), DECODED_MALFORMED, REASON_UDP_LENGTH },
	{ "UDP length beyond IP's", RAW, BYTES(IPV4(32, 17), UDP_IN(1, 2, 13), 1, 2, 3, 4),
	  DECODED_MALFORMED, REASON_UDP_LENGTH },
	{ "a TCP header of 16 bytes", RAW, BYTES(IPV4(40, 6), 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0),
	  DECODED_MALFORMED, REASON_TCP_HEADER },
	{ "half a TCP header", RAW, BYTES(IPV4(30, 6), 1, 1, 1, 1, 0, 0, 0, 0, 0, 0), DECODED_MALFORMED, REASON_TCP_HEADER },
	{ "GRE with source routes", RAW, BYTES(OUTER_IPV4(28, 47), 0x40, 0, 8, 0, 0, 0, 0, 0), DECODED_MALFORMED, REASON_TUNNEL },
	{ "half a GRE header", RAW, BYTES(OUTER_IPV4(22, 47), 0, 0), DECODED_MALFORMED, REASON_TUNNEL },
	{ "GRE of something else", RAW, BYTES(OUTER_IPV4(28, 47), 0, 0, 0, 0, 0, 0, 0, 0), DECODED_NOT_OURS, REASON_NONE },
	{ "OSPF", RAW, BYTES(IPV4(24, 89), 2, 1, 0, 4), DECODED_NOT_OURS, REASON_NONE },
	{ "SCTP", RAW, BYTES(IPV4(32, 132), 0x13, 0xc4, 0x13, 0xc4, 0, 0, 0, 1, 0, 0, 0, 0), DECODED_NOT_OURS, REASON_NONE },
	{ "IPv6 with nothing behind", RAW, BYTES(IPV6(0, 59)), DECODED_NOT_OURS, REASON_NONE },
	{ "an echo request", RAW, BYTES(IPV4(28, 1), 8, 0, 0, 0, 0, 1, 0, 1), DECODED_NOT_OURS, REASON_NONE },
	{ "an ICMP error about TCP", RAW, BYTES(IPV4(56, 1), 3, 3, 0, 0, 0, 0, 0, 0, IPV4(40, 6), 0, 1, 0, 2, 0, 0, 0, 0),
	  DECODED_NOT_OURS, REASON_NONE },
	{ "an ICMP error that quotes too little", RAW, BYTES(IPV4(50, 1), 3, 3, 0, 0, 0, 0, 0, 0, IPV4(40, 17), 0, 1),
	  DECODED_NOT_OURS, REASON_NONE },
	{ "nine IP headers in one another", RAW, BYTES(OUTER_IPV4(200, 4), OUTER_IPV4(180, 4), OUTER_IPV4(160, 4),
	  OUTER_IPV4(140, 4), OUTER_IPV4(120, 4), OUTER_IPV4(100, 4), OUTER_IPV4(80, 4), OUTER_IPV4(60, 4),
	  OUTER_IPV4(40, 4), OUTER_IPV4(20, 4)), DECODED_MALFORMED, REASON_TOO_DEEP },
	{ "a fragment of no length", RAW, BYTES(IPV4_IN(0x45, 20, 1, 0x2000, 17)), DECODED_MALFORMED, REASON_FRAGMENT },
	{ "a first fragment that is no multiple of 8", RAW, BYTES(IPV4_IN(0x45, 32, 1, 0x2000, 17), UDP),
	  DECODED_MALFORMED, REASON_FRAGMENT },
	{ "a fragment beyond 65,535 bytes", RAW, BYTES(IPV4_IN(0x45, 32, 1, 0x1fff, 17), UDP),
	  DECODED_MALFORMED, REASON_FRAGMENT },
};
/* clang-format on */

static void what_cannot_be_read_is_named(void **state)
{
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		const struct span bytes = refused[i].bytes;
		free(decode_copy(decoder, refused[i].link_type, bytes, bytes.len, &d));
		if (d.result != refused[i].result || d.reason != refused[i].reason)
			fail_msg("%s: result %d, %s", refused[i].what, d.result,
			         decode_reason_names[d.reason]);
	}
	decoder_free(decoder);
}

static void ip_longer_than_the_frame_was_cut_by_a_tool(void **state)
{
	const struct span bytes = BYTES(IPV4(132, 17), UDP_IN(4000, 5004, 112), 1, 2, 3, 4);
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	free(decode_copy(decoder, RAW, bytes, bytes.len, &d));
	assert_int_equal(d.result, DECODED_DATAGRAM);
	assert_int_equal(d.packet.payload.len, 4);
	assert_int_equal(d.packet.payload_len, 104);
	assert_int_equal(d.packet.ip_len, 132);
	assert_int_equal(d.packet.flags, PACKET_TRUNCATED);
	decoder_free(decoder);
}

static void a_tcp_segment_brings_its_numbers_and_data(void **state)
{
	const struct span bytes =
	        BYTES(MACS, 8, 0, IPV4(46, 6), TCP, 'S', 'I', 'P', '/', '2', '.');
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	uint8_t *copy = decode_copy(decoder, ETHERNET, bytes, bytes.len, &d);
	assert_int_equal(d.result, DECODED_SEGMENT);
	assert_int_equal(d.packet.transport, TRANSPORT_TCP);
	assert_int_equal(d.packet.src.port, 5060);
	assert_int_equal(d.packet.dst.port, 4000);
	assert_int_equal(d.tcp.sequence, 0x01020304);
	assert_int_equal(d.tcp.acknowledgement, 0x05060708);
	assert_true(d.tcp.syn && d.tcp.ack && !d.tcp.fin && !d.tcp.rst);
	assert_int_equal(d.packet.payload_len, 6);
	assert_memory_equal(d.packet.payload.at, "SIP/2.", 6);
	free(copy);
	decoder_free(decoder);
}

static void an_icmp_error_names_the_flow_it_is_about(void **state)
{
	const struct span errors[] = {
		BYTES(OUTER_IPV4(56, 1), 3, 3, 0, 0, 0, 0, 0, 0, IPV4(200, 17),
		      UDP_IN(4000, 5004, 180)),
		BYTES(OUTER_IPV6(56, 58), 1, 4, 0, 0, 0, 0, 0, 0, IPV6(180, 17),
		      UDP_IN(4000, 5004, 180)),
	};
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		char src[ENDPOINT_TEXT_SIZE];
		free(decode_copy(decoder, RAW, errors[i], errors[i].len, &d));
		assert_int_equal(d.result, DECODED_DATAGRAM);
		assert_int_equal(d.packet.transport, TRANSPORT_ICMP);
		assert_int_equal(d.packet.payload.len, 0);
		assert_int_equal(d.packet.payload_len, 0);
		assert_string_equal(endpoint_format(&d.packet.src, src),
		                    i ? "[2001:db8::1]:4000" : "198.18.0.1:4000");
		assert_int_equal(d.packet.dst.port, 5004);
	}
	decoder_free(decoder);
}

/* RFC 792, RFC 4443. */
static const struct {
	const char *what;
	bool v6;
	uint8_t type, code;
	bool unreachable;
} icmp_errors[] = {
	/* clang-format off */
	{ "net", false, 3, 0, true }, { "host", false, 3, 1, true },
	{ "port", false, 3, 3, true }, { "forbidden by a filter", false, 3, 13, true },
	{ "too big", false, 3, 4, false }, { "time to live ran out", false, 11, 0, false },
	{ "no route, ICMPv6", true, 1, 0, true }, { "port, ICMPv6", true, 1, 4, true },
	{ "too big, ICMPv6", true, 2, 0, false }, { "a parameter", true, 4, 0, false },
	/* clang-format on */
};

static void an_icmp_error_says_whether_anything_arrives(void **state)
{
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(icmp_errors); i++) {
		const uint8_t type = icmp_errors[i].type, code = icmp_errors[i].code;
		const struct span v4 = BYTES(OUTER_IPV4(56, 1), type, code, 0, 0, 0, 0, 0,
		                             0, IPV4(200, 17), UDP_IN(4000, 5004, 180));
		const struct span v6 = BYTES(OUTER_IPV6(56, 58), type, code, 0, 0, 0, 0, 0,
		                             0, IPV6(180, 17), UDP_IN(4000, 5004, 180));
		const struct span bytes = icmp_errors[i].v6 ? v6 : v4;
		free(decode_copy(decoder, RAW, bytes, bytes.len, &d));
		assert_int_equal(d.packet.transport, TRANSPORT_ICMP);
		if (!(d.packet.flags & PACKET_UNREACHABLE) == icmp_errors[i].unreachable)
			fail_msg("%s", icmp_errors[i].what);
	}
	decoder_free(decoder);
}

static void port_2152_may_carry_anything(void **state)
{
	const struct span others[] = {
		BYTES(IPV4(40, 17), UDP_IN(2152, 2152, 20), 0x80, 0, 0, 1, 0, 0, 0, 160, 0,
		      0, 0, 1),
		BYTES(IPV4(40, 17), UDP_IN(2152, 2152, 20), 0x30, 255, 0, 99, 0, 0, 0, 9,
		      0x45, 0, 0, 32),
		BYTES(IPV4(40, 17), UDP_IN(2152, 2152, 20), 0x30, 255, 0, 4, 0, 0, 0, 9, 1,
		      2, 3, 4),
		BYTES(IPV4(40, 17), UDP_IN(2152, 2152, 20), 0x34, 255, 0, 4, 0, 0, 0, 9, 0,
		      0, 0, 0x85),
	};
	struct decoder *decoder = new_decoder();
	struct decoded d;
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		free(decode_copy(decoder, RAW, others[i], others[i].len, &d));
		assert_int_equal(d.result, DECODED_DATAGRAM);
		assert_int_equal(d.packet.payload.len, 12);
		assert_int_equal(d.packet.flags, 0);
	}
	decoder_free(decoder);
}

static void fragments_come_out_as_one_datagram(void **state)
{
	const struct span v4[] = {
		BYTES(MACS, 8, 0, IPV4_IN(0x45, 28, 7, 0x2000, 17), UDP_IN(4000, 5004, 12)),
		BYTES(MACS, 8, 0, IPV4_IN(0x45, 24, 7, 1, 17), 'd', 'a', 't', 'a', 0, 0, 0,
		      0),
	};
	const struct span v6[] = {
		BYTES(MACS, 0x86, 0xdd, IPV6(16, 44), 17, 0, 0, 1, 0, 0, 0, 7,
		      UDP_IN(4000, 5004, 12)),
		BYTES(MACS, 0x86, 0xdd, IPV6(12, 44), 17, 0, 0, 8, 0, 0, 0, 7, 'd', 'a',
		      't', 'a'),
	};
	(void)state;
	for (unsigned int order = 0; order < 4; order++) {
		const struct span *parts = order & 1 ? v6 : v4;
		const size_t first = order / 2;
		struct decoder *decoder = new_decoder();
		struct decoded d;
		free(decode_copy(decoder, ETHERNET, parts[first], parts[first].len, &d));
		assert_int_equal(d.result, DECODED_HELD);
		assert_int_equal(decoder_held(decoder).waiting, 1);
		free(decode_copy(decoder, ETHERNET, parts[!first], parts[!first].len, &d));
		assert_int_equal(d.result, DECODED_DATAGRAM);
		assert_true(d.reassembled);
		assert_int_equal(d.packet.flags, PACKET_FRAGMENTED);
		assert_int_equal(d.packet.payload_len, 4);
		assert_memory_equal(d.packet.payload.at, "data", 4);
		/* As one packet would be; IPv6's with the fragment header of 8 bytes. */
		assert_int_equal(d.packet.ip_len, order & 1 ? 60 : 32);
		assert_int_equal(decoder_held(decoder).joined, 1);
		decoder_free(decoder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_datagram_comes_out_of_every_carrier),
		cmocka_unit_test(a_snapshot_is_used_as_far_as_it_goes),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(ip_longer_than_the_frame_was_cut_by_a_tool),
		cmocka_unit_test(a_tcp_segment_brings_its_numbers_and_data),
		cmocka_unit_test(an_icmp_error_names_the_flow_it_is_about),
		cmocka_unit_test(an_icmp_error_says_whether_anything_arrives),
		cmocka_unit_test(port_2152_may_carry_anything),
		cmocka_unit_test(fragments_come_out_as_one_datagram),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
