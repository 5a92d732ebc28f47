#include "probe/decode_walk.h"

enum { GTP_PORT = 2152, GTP_VERSION_1 = 0x30, GTP_G_PDU = 255 };
enum {
	GRE_CHECKSUM = 0x8000,
	GRE_ROUTING = 0x4000,
	GRE_KEY = 0x2000,
	GRE_SEQUENCE = 0x1000,
	GRE_ACKNOWLEDGEMENT = 0x0080, /* version 1 */
	GRE_VERSION = 0x0007,
};

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
	if (w->ether_type <= 1500 || walk_wire(w) == 0) /* none; an acknowledgement alone */
		return walk_not_ours(w);
	return walk_descend(w, STEP_ETHER_TYPE);
}

bool tunnel_is_gtp_port(uint16_t port)
{
	return port == GTP_PORT;
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

/*
 * | version 1, PT, E S PN | type | length | tunnel | sequence, N-PDU number, next type |
 * 3GPP TS 29.281.  True, and the walk stands at the inner packet, when all of it is sane;
 * else nothing has changed: any application may use the port.
 */
bool tunnel_gtp(struct walk *w)
{
	struct walk inner = *w;
	struct reader *r = &inner.r;
	const uint8_t flags = read_u8(r);
	const uint8_t type = read_u8(r);
	const uint16_t length = read_u16(r);
	take(r, 4);
	if (r->ran_out || (flags & 0xf0) != GTP_VERSION_1 || type != GTP_G_PDU ||
	    length > walk_wire(&inner))
		return false;
	walk_limit(&inner, length);
	if (flags & 0x07) {
		take(r, 3);
		const uint8_t next = read_u8(r);
		gtp_extensions(r, flags & 0x04 ? next : 0);
	}
	const uint8_t version = walk_peek(&inner) >> 4;
	if (r->ran_out || (version != 4 && version != 6))
		return false;
	*w = inner;
	return true;
}
