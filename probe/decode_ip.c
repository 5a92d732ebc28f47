/* decode_ip.c - IPv4, IPv6 and what they carry: fragments, UDP, TCP, ICMP errors. */
#include "probe/decode_walk.h"

#include "probe/fragments.h"

enum { IPV4_BYTES = 20, IPV6_BYTES = 40, UDP_BYTES = 8, TCP_BYTES = 20 };
enum { IPV4_MORE = 0x2000, IPV4_OFFSET = 0x1fff };

enum step ip_any(struct walk *w)
{
	if (w->r.rest.len == 0)
		return walk_short(w, REASON_IP_HEADER);
	switch (walk_peek(w) >> 4) {
	case 4:
		return STEP_IPV4;
	case 6:
		return STEP_IPV6;
	default:
		return walk_malformed(w, REASON_IP_HEADER);
	}
}

static void note_ip_header(struct walk *w, bool ipv6)
{
	w->ipv6 = ipv6;
	w->extensions = 0;
	if (w->ip_headers++)
		w->out->packet.flags |= PACKET_TUNNELLED;
}

/* Hands a fragment to the table; goes on with the whole datagram once there is one. */
static enum step join_fragment(struct walk *w, uint32_t id, size_t offset, bool more)
{
	struct packet *packet = &w->out->packet;
	const struct fragment fragment = {
		.src = packet->src.address,
		.dst = packet->dst.address,
		.id = id,
		.protocol = w->protocol,
		.ipv6 = w->ipv6,
		.point = w->frame->point,
		.offset = offset,
		.more = more,
		.data = w->r.rest,
		.length = walk_wire(w),
		.at = w->frame->at,
	};
	struct joined joined;
	switch (fragments_add(w->fragments, &fragment, &joined)) {
	case FRAGMENTS_HELD:
		return walk_stop(w, DECODED_HELD, REASON_NONE);
	case FRAGMENTS_FULL:
		return walk_stop(w, DECODED_DROPPED, REASON_FRAGMENTS_FULL);
	case FRAGMENTS_MALFORMED:
		return walk_malformed(w, REASON_FRAGMENT);
	case FRAGMENTS_WHOLE:
		break;
	}
	packet->ip_len += (uint32_t)(joined.length - fragment.length);
	packet->flags |= PACKET_FRAGMENTED;
	w->out->reassembled = true;
	w->protocol = joined.protocol;
	w->r = reader_of(joined.bytes);
	w->missing = joined.length - joined.bytes.len;
	return STEP_PROTOCOL;
}

/*
 * |  4  | words |   DSCP, ECN   |         total length          |
 * |        identification       | DF MF |   offset / 8          |
 * |      TTL    |    protocol   |           checksum            |
 * |              source, destination, options ...               |  RFC 791
 */
enum step ip_v4(struct walk *w)
{
	struct packet *packet = &w->out->packet;
	const size_t wire = walk_wire(w);
	const uint8_t first = read_u8(&w->r);
	const uint8_t tos = read_u8(&w->r);
	uint32_t total = read_u16(&w->r);
	const uint16_t id = read_u16(&w->r);
	const uint16_t fragment = read_u16(&w->r);
	const uint8_t ttl = read_u8(&w->r);
	w->protocol = read_u8(&w->r);
	take(&w->r, 2);
	const struct span src = take(&w->r, 4);
	const struct span dst = take(&w->r, 4);
	if (w->r.ran_out)
		return walk_short(w, REASON_IP_HEADER);
	const uint32_t header = (first & 0xfu) * 4;
	if (first >> 4 != 4 || header < IPV4_BYTES)
		return walk_malformed(w, REASON_IP_HEADER);
	if (total == 0) /* segmentation offload: the card fills it in */
		total = (uint32_t)wire;
	if (total < header)
		return walk_malformed(w, REASON_IP_LENGTH);
	/* More than the frame had on the wire: a tool has cut it and its length. */
	walk_limit(w, total - IPV4_BYTES);
	take(&w->r, header - IPV4_BYTES);
	if (w->r.ran_out)
		return walk_short(w, REASON_IP_HEADER);
	note_ip_header(w, false);
	walk_address_ipv4(&packet->src.address, src);
	walk_address_ipv4(&packet->dst.address, dst);
	packet->ip_len = total;
	packet->ip_id = id;
	packet->dscp = tos >> 2;
	packet->ttl = ttl;
	if (fragment & (IPV4_MORE | IPV4_OFFSET))
		return join_fragment(w, id, (size_t)(fragment & IPV4_OFFSET) * 8,
		                     fragment & IPV4_MORE);
	return STEP_PROTOCOL;
}

/*
 * |  6  |  DSCP, ECN  |             flow label                  |
 * |       payload length      |  next header  |    hop limit    |
 * |                  source, destination                        |  RFC 8200
 */
enum step ip_v6(struct walk *w)
{
	struct packet *packet = &w->out->packet;
	const uint32_t first = read_u32(&w->r);
	uint32_t length = read_u16(&w->r);
	w->protocol = read_u8(&w->r);
	const uint8_t hop_limit = read_u8(&w->r);
	const struct span src = take(&w->r, 16);
	const struct span dst = take(&w->r, 16);
	if (w->r.ran_out)
		return walk_short(w, REASON_IP_HEADER);
	if (first >> 28 != 6)
		return walk_malformed(w, REASON_IP_HEADER);
	if (length == 0) /* segmentation offload, or a jumbogram */
		length = (uint32_t)walk_wire(w);
	walk_limit(w, length);
	note_ip_header(w, true);
	packet->src.address = address_ipv6(src.at);
	packet->dst.address = address_ipv6(dst.at);
	packet->ip_len = IPV6_BYTES + length;
	packet->ip_id = 0;
	packet->dscp = first >> 22 & 0x3f;
	packet->ttl = hop_limit;
	return STEP_PROTOCOL;
}

/* | next header | length | ... |: in words of 8 bytes, of AH in words of 4. */
static enum step ip_extension(struct walk *w, bool is_ah)
{
	const uint8_t next = read_u8(&w->r);
	const size_t words = read_u8(&w->r);
	take(&w->r, (is_ah ? (words + 2) * 4 : (words + 1) * 8) - 2);
	if (w->r.ran_out)
		return walk_short(w, REASON_IP_EXTENSION);
	if (++w->extensions > EXTENSIONS_MAX)
		return walk_malformed(w, REASON_IP_EXTENSION);
	w->protocol = next;
	return STEP_PROTOCOL;
}

/* | next header | reserved | offset / 8, 2 reserved bits, M | identification | */
static enum step ip_v6_fragment(struct walk *w)
{
	w->protocol = read_u8(&w->r);
	take(&w->r, 1);
	const uint16_t position = read_u16(&w->r);
	const uint32_t id = read_u32(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_IP_EXTENSION);
	if (++w->extensions > EXTENSIONS_MAX)
		return walk_malformed(w, REASON_IP_EXTENSION);
	if ((position & 0xfff9) == 0) /* an atomic fragment is whole (RFC 6946) */
		return STEP_PROTOCOL;
	return join_fragment(w, id, position & 0xfff8, position & 1);
}

static void fill_payload(struct walk *w)
{
	struct packet *packet = &w->out->packet;
	packet->payload = w->r.rest;
	packet->payload_len = (uint32_t)walk_wire(w);
	if (w->missing > 0)
		packet->flags |= PACKET_TRUNCATED;
}

static enum step ip_udp(struct walk *w)
{
	struct packet *packet = &w->out->packet;
	const size_t wire = walk_wire(w);
	packet->src.port = read_u16(&w->r);
	packet->dst.port = read_u16(&w->r);
	size_t length = read_u16(&w->r);
	take(&w->r, 2);
	if (w->r.ran_out)
		return walk_short(w, REASON_UDP_HEADER);
	if (length == 0) /* segmentation offload, or a jumbogram (RFC 2675) */
		length = wire;
	if (length < UDP_BYTES || length > wire)
		return walk_malformed(w, REASON_UDP_LENGTH);
	walk_limit(w, length - UDP_BYTES);
	enum step inside;
	if (tunnel_udp(w, packet->dst.port, &inside) ||
	    tunnel_udp(w, packet->src.port, &inside))
		return inside;
	packet->transport = TRANSPORT_UDP;
	fill_payload(w);
	return walk_stop(w, DECODED_DATAGRAM, REASON_NONE);
}

static enum step ip_tcp(struct walk *w)
{
	struct packet *packet = &w->out->packet;
	struct tcp_header *tcp = &w->out->tcp;
	packet->src.port = read_u16(&w->r);
	packet->dst.port = read_u16(&w->r);
	tcp->sequence = read_u32(&w->r);
	tcp->acknowledgement = read_u32(&w->r);
	const uint8_t words = read_u8(&w->r) >> 4;
	const uint8_t flags = read_u8(&w->r);
	take(&w->r, 2 + 2 + 2);
	if (w->r.ran_out)
		return walk_short(w, REASON_TCP_HEADER);
	if (words * 4 < TCP_BYTES)
		return walk_malformed(w, REASON_TCP_HEADER);
	take(&w->r, (size_t)words * 4 - TCP_BYTES);
	if (w->r.ran_out)
		return walk_short(w, REASON_TCP_HEADER);
	tcp->fin = flags & 0x01;
	tcp->syn = flags & 0x02;
	tcp->rst = flags & 0x04;
	tcp->ack = flags & 0x10;
	packet->transport = TRANSPORT_TCP;
	fill_payload(w);
	return walk_stop(w, DECODED_SEGMENT, REASON_NONE);
}

/* The addresses and protocol of a quoted IP header; false when it cannot be used. */
static bool read_quoted_ip(struct reader *r, struct packet *packet, uint8_t *protocol)
{
	struct reader head = *r;
	const uint8_t first = read_u8(&head);
	if (first >> 4 == 4) {
		take(&head, 5);
		const uint16_t fragment = read_u16(&head);
		take(&head, 1);
		*protocol = read_u8(&head);
		take(&head, 2);
		const struct span src = take(&head, 4);
		const struct span dst = take(&head, 4);
		take(r, (size_t)(first & 0xf) * 4);
		if (head.ran_out || (first & 0xf) < 5 || fragment & IPV4_OFFSET)
			return false;
		walk_address_ipv4(&packet->src.address, src);
		walk_address_ipv4(&packet->dst.address, dst);
		return true;
	}
	take(&head, 5);
	*protocol = read_u8(&head);
	take(&head, 1);
	const struct span src = take(&head, 16);
	const struct span dst = take(&head, 16);
	if (head.ran_out || first >> 4 != 6)
		return false;
	*r = head;
	packet->src.address = address_ipv6(src.at);
	packet->dst.address = address_ipv6(dst.at);
	return true;
}

/*
 * The destination or its port cannot be reached; but for a packet that was only too big
 * (ICMP's code 4; ICMPv6 has a type of its own for that).
 */
static bool is_unreachable(uint8_t type, uint8_t code, bool v6)
{
	return v6 ? type == 1 : type == 3 && code != 4;
}

/* Errors quote the packet they are about (RFC 792, RFC 4443); the rest is not for us. */
static enum step ip_icmp(struct walk *w, bool v6)
{
	struct packet *packet = &w->out->packet;
	const uint8_t type = read_u8(&w->r);
	const uint8_t code = read_u8(&w->r);
	take(&w->r, 6);
	const bool error =
	        v6 ? type >= 1 && type <= 4
	           : type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
	uint8_t protocol = 0;
	if (!error || !read_quoted_ip(&w->r, packet, &protocol) || protocol != PROTOCOL_UDP)
		return walk_not_ours(w);
	packet->src.port = read_u16(&w->r);
	packet->dst.port = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_not_ours(w);
	packet->transport = TRANSPORT_ICMP;
	if (is_unreachable(type, code, v6))
		packet->flags |= PACKET_UNREACHABLE;
	return walk_stop(w, DECODED_DATAGRAM, REASON_NONE);
}

enum step ip_protocol(struct walk *w)
{
	switch (w->protocol) {
	case PROTOCOL_UDP:
		return ip_udp(w);
	case PROTOCOL_TCP:
		return ip_tcp(w);
	case PROTOCOL_ICMP:
		return w->ipv6 ? walk_not_ours(w) : ip_icmp(w, false);
	case PROTOCOL_ICMPV6:
		return w->ipv6 ? ip_icmp(w, true) : walk_not_ours(w);
	case PROTOCOL_IPIP:
		return walk_descend(w, STEP_IPV4);
	case PROTOCOL_IPV6:
		return walk_descend(w, STEP_IPV6);
	case PROTOCOL_GRE:
		return tunnel_gre(w);
	case PROTOCOL_AUTHENTICATION:
		return ip_extension(w, true);
	case PROTOCOL_HOP_BY_HOP:
	case PROTOCOL_ROUTING:
	case PROTOCOL_DESTINATION:
		return w->ipv6 ? ip_extension(w, false) : walk_not_ours(w);
	case PROTOCOL_FRAGMENT:
		return w->ipv6 ? ip_v6_fragment(w) : walk_not_ours(w);
	default:
		return walk_not_ours(w);
	}
}
