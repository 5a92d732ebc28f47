/*
 * decode_plain.h - the frame that nearly every one is: a whole, untagged UDP datagram over
 * IPv4 without options.
 *
 * In a header because it runs for each of them.
 */
#ifndef EARSHOT_PROBE_DECODE_PLAIN_H
#define EARSHOT_PROBE_DECODE_PLAIN_H

#include "probe/decode_walk.h"

enum { LINK_ETHERNET = 1, PLAIN_IPV4 = 0x45, PLAIN_FRAGMENT = 0x3fff };
enum { ETHERNET_BYTES = 14, IPV4_BYTES = 20, UDP_BYTES = 8 };
enum { PLAIN_BYTES = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES };

/*
 * Those alone, straight to where the caller wants them; false, with nothing decided and
 * nothing written, for all others.
 */
static inline bool decode_plain(const struct frame *frame, struct packet *packet)
{
	if (frame->link_type != LINK_ETHERNET || frame->bytes.len < PLAIN_BYTES)
		return false;
	struct reader behind = reader_of(frame->bytes);
	struct reader r = { .rest = { take(&behind, PLAIN_BYTES).at, PLAIN_BYTES } };
	take(&r, 6 + 6);
	const uint32_t type_version_tos = read_u32(&r);
	const uint16_t total = read_u16(&r);
	const uint16_t id = read_u16(&r);
	const uint32_t fragment_ttl_protocol = read_u32(&r);
	take(&r, 2);
	const struct span src = take(&r, 4);
	const struct span dst = take(&r, 4);
	const uint16_t src_port = read_u16(&r);
	const uint16_t dst_port = read_u16(&r);
	const uint16_t length = read_u16(&r);
	if (type_version_tos >> 8 != (ETHER_IPV4 << 8 | PLAIN_IPV4) ||
	    (fragment_ttl_protocol & (PLAIN_FRAGMENT << 16 | 0xff)) != PROTOCOL_UDP)
		return false;
	if (total > frame->bytes.len - ETHERNET_BYTES || length < UDP_BYTES ||
	    length > total - IPV4_BYTES)
		return false;
	/* No tunnel's header begins with the bits of RTP's version. */
	const uint16_t payload_len = (uint16_t)(length - UDP_BYTES);
	const struct span payload = take(&behind, payload_len);
	if (__builtin_expect((span_first_u64(payload) & 0xc0) != 0x80, 0) &&
	    tunnel_is_either_port(src_port, dst_port))
		return false;
	packet->at = frame->at;
	walk_address_ipv4(&packet->src.address, src);
	packet->src.port = src_port;
	walk_address_ipv4(&packet->dst.address, dst);
	packet->dst.port = dst_port;
	packet->payload_len = payload_len;
	packet->payload = payload;
	packet->ip_len = total;
	packet->frame = frame->number;
	packet->transport = TRANSPORT_UDP;
	packet->ip_id = id;
	packet->vlan[0] = packet->vlan[1] = 0;
	packet->dscp = (uint8_t)type_version_tos >> 2;
	packet->ttl = (uint8_t)(fragment_ttl_protocol >> 8);
	packet->flags = 0;
	packet->point = frame->point;
	return true;
}

#endif
