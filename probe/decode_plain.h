/*
 * decode_plain.h - the frame that nearly every one is: a whole, untagged UDP datagram over
 * IPv4 without options.
 *
 * In a header because it runs for each of them.
 */
#ifndef EARSHOT_PROBE_DECODE_PLAIN_H
#define EARSHOT_PROBE_DECODE_PLAIN_H

#include "probe/decode_walk.h"

enum { LINK_ETHERNET = 1 };
enum { ETHERNET_BYTES = 14, IPV4_BYTES = 20, UDP_BYTES = 8 };
enum { PLAIN_BYTES = ETHERNET_BYTES + IPV4_BYTES + UDP_BYTES };

/* | 0800 | 45 | tos | length | id |, and | DF, offset | ttl | 11 | checksum | ... */
#define PLAIN_TYPE UINT64_C(0x450008)
#define PLAIN_TYPE_MASK UINT64_C(0xffffff)
#define PLAIN_PROTOCOL UINT64_C(0x11000000)
#define PLAIN_PROTOCOL_MASK UINT64_C(0xff00ff3f)

/*
 * Those alone, straight to where the caller wants them; false, with nothing decided and
 * nothing written, for all others.
 */
static inline bool decode_plain(const struct frame *frame, struct packet *packet)
{
	if (frame->link_type != LINK_ETHERNET || frame->bytes.len < PLAIN_BYTES)
		return false;
	/* Eight octets at a time, the first of them lowest; that is what makes it quick. */
	struct reader behind = reader_of(frame->bytes);
	struct reader r = { .rest = { take(&behind, PLAIN_BYTES).at, PLAIN_BYTES } };
	take(&r, 6 + 6);
	const uint64_t type_to_id = span_first_u64(take(&r, 8));
	const uint64_t fragment_to_src = span_first_u64(r.rest);
	take(&r, 6);
	const struct span src = take(&r, 4);
	const struct span dst = take(&r, 4);
	const uint64_t ports_length = span_first_u64(r.rest);
	if ((type_to_id & PLAIN_TYPE_MASK) != PLAIN_TYPE ||
	    (fragment_to_src & PLAIN_PROTOCOL_MASK) != PLAIN_PROTOCOL)
		return false;
	const uint16_t total = __builtin_bswap16((uint16_t)(type_to_id >> 32));
	const uint16_t length = __builtin_bswap16((uint16_t)(ports_length >> 32));
	const uint16_t src_port = __builtin_bswap16((uint16_t)ports_length);
	const uint16_t dst_port = __builtin_bswap16((uint16_t)(ports_length >> 16));
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
	packet->ip_id = __builtin_bswap16((uint16_t)(type_to_id >> 48));
	packet->vlan[0] = packet->vlan[1] = 0;
	packet->dscp = (uint8_t)(type_to_id >> 26) & 0x3f;
	packet->ttl = (uint8_t)(fragment_to_src >> 16);
	packet->flags = 0;
	packet->point = frame->point;
	return true;
}

#endif
