/*
 * decode_walk.h - one frame's way through its layers: shared by the parts of decode.c.
 *
 * Each step reads one header and names the next step.  Nothing recurses: a frame has at
 * most DEPTH_MAX tags, label stacks and tunnels (REASON_TOO_DEEP).
 */
#ifndef EARSHOT_PROBE_DECODE_WALK_H
#define EARSHOT_PROBE_DECODE_WALK_H

#include <string.h>

#include "probe/decode.h"

enum { DEPTH_MAX = 8, EXTENSIONS_MAX = 16 };

enum step {
	STEP_DONE,
	STEP_ETHERNET,
	STEP_ETHER_TYPE, /* what walk.ether_type says */
	STEP_LLC,
	STEP_PPP,
	STEP_IP, /* version by its first four bits */
	STEP_IPV4,
	STEP_IPV6,
	STEP_PROTOCOL, /* what walk.protocol says */
};

enum ether_type {
	ETHER_IPV4 = 0x0800,
	ETHER_ERSPAN_III = 0x22eb,
	ETHER_TRANSPARENT = 0x6558, /* an Ethernet frame, in GRE */
	ETHER_VLAN = 0x8100,
	ETHER_IPV6 = 0x86dd,
	ETHER_PPP = 0x880b,
	ETHER_MPLS = 0x8847,
	ETHER_MPLS_MULTICAST = 0x8848,
	ETHER_PPPOE = 0x8864,
	ETHER_QINQ = 0x88a8,
	ETHER_ERSPAN = 0x88be, /* types I and II */
	ETHER_QINQ_OLD = 0x9100,
};

enum ip_protocol {
	PROTOCOL_HOP_BY_HOP = 0,
	PROTOCOL_ICMP = 1,
	PROTOCOL_IPIP = 4,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
	PROTOCOL_IPV6 = 41,
	PROTOCOL_ROUTING = 43,
	PROTOCOL_FRAGMENT = 44,
	PROTOCOL_GRE = 47,
	PROTOCOL_AUTHENTICATION = 51,
	PROTOCOL_ICMPV6 = 58,
	PROTOCOL_DESTINATION = 60,
};

struct walk {
	struct fragments *fragments; /* borrowed */
	const struct frame *frame;
	struct decoded *out;
	struct reader r; /* captured bytes not read yet */
	size_t missing;  /* bytes behind them that were on the wire but not captured */
	unsigned int depth, extensions, ip_headers;
	uint16_t ether_type;
	uint8_t protocol;
	bool ipv6; /* the innermost IP header so far */
};

/* What follows is `len` bytes on the wire; padding behind it is cut. */
static inline void walk_limit(struct walk *w, size_t len)
{
	if (len <= w->r.rest.len) {
		w->r.rest.len = len;
		w->missing = 0;
	} else {
		w->missing = len - w->r.rest.len;
	}
}

static inline size_t walk_wire(const struct walk *w)
{
	return w->r.rest.len + w->missing;
}

static inline enum step walk_stop(struct walk *w, enum decode_result result,
                                  enum decode_reason reason)
{
	w->out->result = result;
	w->out->reason = reason;
	return STEP_DONE;
}

static inline enum step walk_malformed(struct walk *w, enum decode_reason reason)
{
	return walk_stop(w, DECODED_MALFORMED, reason);
}

static inline enum step walk_not_ours(struct walk *w)
{
	return walk_stop(w, DECODED_NOT_OURS, REASON_NONE);
}

/* The reader ran out in a header: was it the capture that ended, or the packet? */
static inline enum step walk_short(struct walk *w, enum decode_reason reason)
{
	return walk_malformed(w, w->missing > 0 ? REASON_CUT_SHORT : reason);
}

/* Into a tag, label stack or tunnel. */
static inline enum step walk_descend(struct walk *w, enum step next)
{
	return ++w->depth > DEPTH_MAX ? walk_malformed(w, REASON_TOO_DEEP) : next;
}

static inline uint8_t walk_peek(const struct walk *w)
{
	struct reader r = w->r;
	return read_u8(&r);
}

static inline void walk_address_ipv4(struct address *to, struct span bytes4)
{
	static const uint8_t prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	memcpy(to->bytes, prefix, sizeof prefix);
	memcpy(to->bytes + sizeof prefix, bytes4.at, 4);
}

/* decode_link.c: the first step of a link type, and the steps below IP. */
enum step link_begin(struct walk *w);
enum step link_ethernet(struct walk *w);
enum step link_ether_type(struct walk *w);
enum step link_llc(struct walk *w);
enum step link_ppp(struct walk *w);

/* decode_ip.c */
enum step ip_any(struct walk *w);
enum step ip_v4(struct walk *w);
enum step ip_v6(struct walk *w);
enum step ip_protocol(struct walk *w);

enum tunnel_port {
	GTP_PORT = 2152,
	VXLAN_PORT = 4789,
	GENEVE_PORT = 6081,
	VXLAN_PORT_LINUX = 8472, /* its default until today, from before the RFC */
	TZSP_PORT = 37008,
};

static inline bool tunnel_is_port(uint16_t port)
{
	return port == GTP_PORT || port == VXLAN_PORT || port == GENEVE_PORT ||
	       port == VXLAN_PORT_LINUX || port == TZSP_PORT;
}

static inline bool tunnel_is_either_port(uint16_t a, uint16_t b)
{
	/* A bit for each, by its lowest six, tells nearly all ports that they are none. */
	const uint64_t bits =
	        UINT64_C(1) << (GTP_PORT & 63) | UINT64_C(1) << (VXLAN_PORT & 63) |
	        UINT64_C(1) << (GENEVE_PORT & 63) | UINT64_C(1) << (VXLAN_PORT_LINUX & 63) |
	        UINT64_C(1) << (TZSP_PORT & 63);
	return (bits >> (a & 63) | bits >> (b & 63)) & 1 &&
	       (tunnel_is_port(a) || tunnel_is_port(b));
}

/*
 * decode_tunnel.c: GRE with what it carries, and tunnels in UDP.  Any application may use
 * their ports: tunnel_udp is true, and the walk stands at the inner packet, when all of the
 * tunnel's header is sane; else nothing has changed.
 */
enum step tunnel_gre(struct walk *w);
bool tunnel_udp(struct walk *w, uint16_t port, enum step *next);

#endif
