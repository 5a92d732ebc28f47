/* decode_link.c - what is around IP: link layers, tags and labels. */
#include "probe/decode_walk.h"

/* tcpdump.org/linktypes; 12 and 14 are raw IP as the BSDs number it. */
enum link_type {
	LINK_NULL = 0,
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,
	LINK_RAW_OPENBSD = 14,
	LINK_PPP_HDLC = 50,
	LINK_PPP_ETHER = 51,
	LINK_RAW = 101,
	LINK_CISCO_HDLC = 104,
	LINK_LOOP = 108,
	LINK_SLL = 113,
	LINK_ERF = 197,
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276,
};

enum { MPLS_LABELS_MAX = 16, LENGTH_MAX = 1500, ETHER_TYPE_MIN = 0x600 };

enum step link_ethernet(struct walk *w)
{
	take(&w->r, 6 + 6);
	w->ether_type = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	return STEP_ETHER_TYPE;
}

/* | priority, drop bit, VLAN id | type |  IEEE 802.1Q; id 0 tags a priority, no VLAN */
static enum step link_vlan(struct walk *w)
{
	const uint16_t id = read_u16(&w->r) & 0xfff;
	w->ether_type = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_TAG);
	uint16_t *vlan = w->out->packet.vlan;
	if (id && !vlan[0])
		vlan[0] = id;
	else if (id && !vlan[1])
		vlan[1] = id;
	return walk_descend(w, STEP_ETHER_TYPE);
}

/*
 * Labels up to the bottom of the stack (RFC 3032).  What is below is told by its first
 * four bits: IP, or 0 for a pseudowire's control word with Ethernet behind (RFC 4448).
 */
static enum step link_mpls(struct walk *w)
{
	bool bottom = false;
	for (unsigned int i = 0; !bottom; i++) {
		const uint32_t label = read_u32(&w->r);
		if (w->r.ran_out || i == MPLS_LABELS_MAX)
			return walk_short(w, REASON_MPLS);
		bottom = label & 0x100;
	}
	if (w->r.rest.len == 0)
		return walk_short(w, REASON_MPLS);
	const uint8_t version = walk_peek(w) >> 4;
	if (version == 4 || version == 6)
		return walk_descend(w, STEP_IP);
	if (version != 0)
		return walk_not_ours(w);
	take(&w->r, 4);
	return walk_descend(w, STEP_ETHERNET);
}

/* | version 1, type 1 | code 0 | session | length |  RFC 2516; then PPP */
static enum step link_pppoe(struct walk *w)
{
	const uint8_t version_type = read_u8(&w->r);
	const uint8_t code = read_u8(&w->r);
	take(&w->r, 2);
	const uint16_t length = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_PPPOE);
	if (version_type != 0x11 || length > walk_wire(w))
		return walk_malformed(w, REASON_PPPOE);
	if (code != 0)
		return walk_not_ours(w);
	walk_limit(w, length);
	return walk_descend(w, STEP_PPP);
}

/* Address and control (RFC 1662) and the protocol's first byte may have been left out. */
enum step link_ppp(struct walk *w)
{
	uint16_t protocol = read_u8(&w->r);
	if (protocol == 0xff) {
		take(&w->r, 1);
		protocol = read_u8(&w->r);
	}
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | read_u8(&w->r));
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	switch (protocol) {
	case 0x0021:
		return STEP_IPV4;
	case 0x0057:
		return STEP_IPV6;
	case 0x0281:
	case 0x0283:
		return link_mpls(w);
	default:
		return walk_not_ours(w);
	}
}

/* IEEE 802.2, with SNAP (RFC 1042) or 0x06 for IP. */
enum step link_llc(struct walk *w)
{
	const uint8_t destination = read_u8(&w->r);
	const uint8_t source = read_u8(&w->r);
	take(&w->r, 1);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	if (destination == 0x06 && source == 0x06)
		return STEP_IPV4;
	if (destination != 0xaa || source != 0xaa)
		return walk_not_ours(w);
	const uint32_t organisation = read_u24(&w->r);
	w->ether_type = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	return organisation == 0 || organisation == 0xf8 ? STEP_ETHER_TYPE
	                                                 : walk_not_ours(w);
}

enum step link_ether_type(struct walk *w)
{
	if (w->ether_type <= LENGTH_MAX) {
		if (w->ether_type <= walk_wire(w))
			walk_limit(w, w->ether_type);
		return STEP_LLC;
	}
	switch (w->ether_type) {
	case ETHER_IPV4:
		return STEP_IPV4;
	case ETHER_IPV6:
		return STEP_IPV6;
	case ETHER_VLAN:
	case ETHER_QINQ:
	case ETHER_QINQ_OLD:
		return link_vlan(w);
	case ETHER_MPLS:
	case ETHER_MPLS_MULTICAST:
		return link_mpls(w);
	case ETHER_PPPOE:
		return link_pppoe(w);
	case ETHER_PPP:
		return walk_descend(w, STEP_PPP);
	case ETHER_TRANSPARENT:
		return walk_descend(w, STEP_ETHERNET);
	default:
		return walk_not_ours(w);
	}
}

/* | address family of the capturing system, in its or in network order | */
static enum step link_loopback(struct walk *w)
{
	uint32_t family = read_u32(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	if (family > UINT16_MAX)
		family = __builtin_bswap32(family);
	switch (family) {
	case 2: /* AF_INET everywhere */
		return STEP_IPV4;
	case 10: /* AF_INET6: Linux */
	case 24: /* NetBSD, OpenBSD */
	case 28: /* FreeBSD */
	case 30: /* macOS */
		return STEP_IPV6;
	default:
		return walk_not_ours(w);
	}
}

/* Linux cooked: version 1 has the protocol at its end, version 2 at its front. */
static enum step link_cooked(struct walk *w, size_t before, size_t behind)
{
	take(&w->r, before);
	w->ether_type = read_u16(&w->r);
	take(&w->r, behind);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	if (w->ether_type == 0x0004) /* ETH_P_802_2: a frame with a length, no type */
		return STEP_LLC;
	return w->ether_type < ETHER_TYPE_MIN ? walk_not_ours(w) : STEP_ETHER_TYPE;
}

static enum step link_cisco_hdlc(struct walk *w)
{
	take(&w->r, 2);
	w->ether_type = read_u16(&w->r);
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	return w->ether_type < ETHER_TYPE_MIN ? walk_not_ours(w) : STEP_ETHER_TYPE;
}

/*
 * Endace ERF: | time 8 | type | flags | record length | counter | length on the wire |,
 * then extension headers of 8 bytes while their first bit says so.
 */
static enum step link_erf(struct walk *w)
{
	take(&w->r, 8);
	const uint8_t type = read_u8(&w->r);
	take(&w->r, 1 + 2 + 2);
	const uint16_t length = read_u16(&w->r);
	for (bool more = type & 0x80; more && !w->r.ran_out;) {
		more = read_u8(&w->r) & 0x80;
		take(&w->r, 7);
	}
	enum step next = STEP_IP;
	switch (type & 0x7f) {
	case 2: /* Ethernet, and its kinds with colour or hash instead of the counter */
	case 11:
	case 16:
	case 20:
		take(&w->r, 2);
		next = STEP_ETHERNET;
		break;
	case 22: /* IPv4 */
	case 23: /* IPv6 */
		break;
	default:
		return w->r.ran_out ? walk_short(w, REASON_LINK_HEADER) : walk_not_ours(w);
	}
	if (w->r.ran_out)
		return walk_short(w, REASON_LINK_HEADER);
	walk_limit(w, length);
	return next;
}

enum step link_begin(struct walk *w)
{
	switch (w->frame->link_type) {
	case LINK_ETHERNET:
		return STEP_ETHERNET;
	case LINK_SLL:
		return link_cooked(w, 14, 0);
	case LINK_SLL2:
		return link_cooked(w, 0, 18);
	case LINK_RAW:
	case LINK_RAW_BSD:
	case LINK_RAW_OPENBSD:
		return STEP_IP;
	case LINK_IPV4:
		return STEP_IPV4;
	case LINK_IPV6:
		return STEP_IPV6;
	case LINK_NULL:
	case LINK_LOOP:
		return link_loopback(w);
	case LINK_PPP:
	case LINK_PPP_HDLC:
		return STEP_PPP;
	case LINK_PPP_ETHER:
		return link_pppoe(w);
	case LINK_CISCO_HDLC:
		return link_cisco_hdlc(w);
	case LINK_ERF:
		return link_erf(w);
	default:
		return walk_malformed(w, REASON_LINK_TYPE);
	}
}
