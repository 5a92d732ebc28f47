/* decode_tunnel.c - IP in something else: ERSPAN, GRE, GTP-U, VXLAN, GENEVE, TZSP. */
#include "probe/decode_walk.h"

enum { GTP_VERSION_1 = 0x30, GTP_G_PDU = 255 };
enum { VXLAN_ID_VALID = 0x08 };
enum {
	TZSP_RECEIVED = 0,
	TZSP_SENT = 1,
	TZSP_ETHERNET = 1,
	TZSP_PADDING = 0,
	TZSP_END = 1
};
enum { ERSPAN_II = 1, ERSPAN_III = 2, ERSPAN_FRAME_ETHERNET = 0, ERSPAN_FRAME_IP = 2 };
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGEMENT = 0x0080, /* version 1 */
	GRE_VERSION = 0x0007,
};

/*
 * Type II: | version, VLAN | class, flags, session | reserved, index |; type III has a time
 * stamp, a group tag and | P, frame type, hardware, D, granularity, O | in place of the
 * index, and with O eight bytes more (draft-foschiano-erspan-03).  Type I has no header,
 * and GRE no sequence number.
 */
static enum step tunnel_erspan(struct walk *w, bool numbered)
{
	unsigned int frame_type = ERSPAN_FRAME_ETHERNET;
	if (w->ether_type == ETHER_ERSPAN && !numbered)
		return walk_descend(w, STEP_ETHERNET);
	const unsigned int version = read_u16(&w->r) >> 12;
	take(&w->r, 2);
	if (version == ERSPAN_II) {
		take(&w->r, 4);
	} else if (version == ERSPAN_III) {
		take(&w->r, 4 + 2);
		const uint16_t flags = read_u16(&w->r);
		take(&w->r, flags & 1 ? 8 : 0);
		frame_type = flags >> 10 & 0x1f;
	}
	if (w->r.ran_out)
		return walk_short(w, REASON_TUNNEL);
	if (version != ERSPAN_II && version != ERSPAN_III)
		return walk_malformed(w, REASON_TUNNEL);
	if (frame_type == ERSPAN_FRAME_IP)
		return walk_descend(w, STEP_IP);
	if (frame_type != ERSPAN_FRAME_ETHERNET)
		return walk_not_ours(w);
	return walk_descend(w, STEP_ETHERNET);
}

/*
 * | C R K S s recursion flags version | type | checksum | key | sequence | acknowledgement
 * | RFC 2784, RFC 2890; version 1 is PPTP's, whose type is PPP (RFC 2637).
 */
enum step tunnel_gre(struct walk *w)
{
	const uint16_t flags = read_u16(&w->r);
	w->ether_type = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_TUNNEL);
	const unsigned int version = flags & GRE_VERSION;
	if (version > 1 || (version == 1 && w->ether_type != ETHER_PPP))
		return walk_not_ours(w);
	if (flags &
	    GRE_ROUTING) /* RFC 1701's source routes: to be discarded since RFC 2784 */
		return walk_malformed(w, REASON_TUNNEL);
	take(&w->r, flags & GRE_CHECKSUM ? 4 : 0);
	take(&w->r, flags & GRE_KEY ? 4 : 0);
	take(&w->r, flags & GRE_SEQUENCE ? 4 : 0);
	take(&w->r, version == 1 && flags & GRE_ACKNOWLEDGEMENT ? 4 : 0);
	if (w->r.ran_out)
		return walk_short(w, REASON_TUNNEL);
	if (w->ether_type == ETHER_ERSPAN || w->ether_type == ETHER_ERSPAN_III)
		return tunnel_erspan(w, flags & GRE_SEQUENCE);
	if (w->ether_type <= 1500 || walk_wire(w) == 0) /* none; an acknowledgement alone */
		return walk_not_ours(w);
	return walk_descend(w, STEP_ETHER_TYPE);
}

/* Extension headers: | length in 4 bytes | content | type of the next | (section 5.2.1) */
static void gtp_extensions(struct reader *r, uint8_t type)
{
	while (type && !r->ran_out) {
		const size_t words = read_u8(r);
		if (words == 0) {
			r->ran_out = true;
			return;
		}
		take(r, words * 4 - 2);
		type = read_u8(r);
	}
}

/* | version 1, PT, E S PN | type | length | tunnel | sequence, N-PDU number, next type |
 * 3GPP TS 29.281. */
static enum step gtp(struct walk *w)
{
	struct reader *r = &w->r;
	const uint8_t flags = read_u8(r);
	const uint8_t type = read_u8(r);
	const uint16_t length = read_u16(r);
	take(r, 4);
	if (r->ran_out || (flags & 0xf0) != GTP_VERSION_1 || type != GTP_G_PDU ||
	    length > walk_wire(w))
		return STEP_DONE;
	walk_limit(w, length);
	if (flags & 0x07) {
		take(r, 3);
		const uint8_t next = read_u8(r);
		gtp_extensions(r, flags & 0x04 ? next : 0);
	}
	const uint8_t version = walk_peek(w) >> 4;
	return version == 4 || version == 6 ? STEP_IP : STEP_DONE;
}

/* | flags | reserved | VXLAN network identifier | reserved |  RFC 7348 section 5 */
static enum step vxlan(struct walk *w)
{
	const uint32_t flags = read_u32(&w->r);
	const uint32_t identifier = read_u32(&w->r);
	return flags == (uint32_t)VXLAN_ID_VALID << 24 && (identifier & 0xff) == 0
	               ? STEP_ETHERNET
	               : STEP_DONE;
}

/* | version, length of options | O C | type | identifier | options |  RFC 8926 3.4 */
static enum step geneve(struct walk *w)
{
	const uint8_t first = read_u8(&w->r);
	const uint8_t flags = read_u8(&w->r);
	w->ether_type = read_u16(&w->r);
	const uint32_t identifier = read_u32(&w->r);
	take(&w->r, (size_t)(first & 0x3f) * 4);
	if (first >> 6 != 0 || flags & 0x3f || identifier & 0xff)
		return STEP_DONE;
	return w->ether_type == ETHER_TRANSPARENT || w->ether_type == ETHER_IPV4 ||
	                       w->ether_type == ETHER_IPV6
	               ? STEP_ETHER_TYPE
	               : STEP_DONE;
}

/*
 * | version 1 | type | what it carries | tags: type, length, value ... | end |
 * As TaZmen Sniffer Protocol is written down by those who speak it (MikroTik, Wireshark).
 */
static enum step tzsp(struct walk *w)
{
	struct reader *r = &w->r;
	const uint8_t version = read_u8(r);
	const uint8_t type = read_u8(r);
	const uint16_t carried = read_u16(r);
	if (version != 1 || (type != TZSP_RECEIVED && type != TZSP_SENT) ||
	    carried != TZSP_ETHERNET)
		return STEP_DONE;
	while (!r->ran_out) {
		const uint8_t tag = read_u8(r);
		if (tag == TZSP_END)
			return STEP_ETHERNET;
		if (tag != TZSP_PADDING)
			take(r, read_u8(r));
	}
	return STEP_DONE;
}

static enum step udp_tunnel(struct walk *w, uint16_t port)
{
	switch (port) {
	case GTP_PORT:
		return gtp(w);
	case VXLAN_PORT:
	case VXLAN_PORT_LINUX:
		return vxlan(w);
	case GENEVE_PORT:
		return geneve(w);
	case TZSP_PORT:
		return tzsp(w);
	default:
		return STEP_DONE;
	}
}

bool tunnel_udp(struct walk *w, uint16_t port, enum step *next)
{
	struct walk inner = *w;
	const enum step step = udp_tunnel(&inner, port);
	if (step == STEP_DONE || inner.r.ran_out || inner.r.rest.len == 0)
		return false;
	*w = inner;
	*next = walk_descend(w, step);
	return true;
}
