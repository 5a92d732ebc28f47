/*
 * rtp.h - the RTP fixed header (RFC 3550 section 5.1) and the payload behind it.
 *
 * All in the header: this runs once for every media packet, and nearly all of them have
 * neither CSRC, extension nor padding.
 */
#ifndef EARSHOT_WIRE_RTP_H
#define EARSHOT_WIRE_RTP_H

#include "analyzer/base/every_packet.h"
#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

enum { RTP_HEADER_BYTES = 12, RTP_VERSION = 2, RTP_WORD_BYTES = 4 };

struct rtp {
	uint16_t sequence;
	uint32_t timestamp;
	uint32_t ssrc;
	uint8_t payload_type;
	bool marker;
	bool has_padding;
	struct span payload;  /* captured part, without CSRC, extension and padding */
	uint32_t payload_len; /* on the wire, as far as it can be known */
};

/* RFC 5761 section 4: second byte 192..223 is RTCP. */
static inline bool rtp_is_rtcp(struct span datagram)
{
	return datagram.len >= 2 && datagram.at[1] >= 192 && datagram.at[1] <= 223;
}

/* Drops n header bytes off the payload, of which the capture may hold only some. */
static inline bool rtp_drop_front(struct rtp *rtp, uint32_t n)
{
	if (n > rtp->payload_len)
		return false;
	struct reader r = reader_of(rtp->payload);
	take(&r, n);
	rtp->payload = r.rest;
	rtp->payload_len -= n;
	return true;
}

/* CSRC list, extension (section 5.3.1) and padding, for packets that have any of them. */
static inline enum status rtp_decode_rest(uint8_t first, bool encrypted, struct rtp *rtp)
{
	if (!rtp_drop_front(rtp, (uint32_t)(first & 0x0f) * RTP_WORD_BYTES))
		return ERR_TRUNCATED;
	if (first & 0x10) {
		struct reader extension = reader_of(rtp->payload);
		read_u16(&extension); /* defined by profile */
		const uint32_t words = read_u16(&extension);
		if (!rtp_drop_front(rtp, (1 + words) * RTP_WORD_BYTES))
			return ERR_TRUNCATED;
	}
	rtp->has_padding = first & 0x20;
	if (encrypted) /* RFC 3711 3.1: the count of padding is, and a tag follows it */
		return OK;
	if (!rtp->has_padding || rtp->payload.len < rtp->payload_len)
		return OK; /* the padding count is the last byte: not captured, not known */
	struct reader r = reader_of(rtp->payload);
	take(&r, rtp->payload.len - 1); /* runs out when there is no payload at all */
	const uint32_t padding = read_u8(&r);
	if (padding == 0 || padding > rtp->payload_len)
		return ERR_MALFORMED;
	rtp->payload_len -= padding;
	rtp->payload.len -= padding;
	return OK;
}

/*
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |                             SSRC                              |
 * |                    CSRC list, CC words ...                    |  RFC 3550 section 5.1
 *
 * `wire_len` is the datagram's payload length on the wire: a header that runs past the
 * capture but not past the wire is fine (payload empty).  ERR_TRUNCATED below 12 bytes,
 * or a CSRC list or extension past the wire's end; ERR_UNSUPPORTED for another version;
 * ERR_MALFORMED for padding that is 0 or longer than the payload.  *out is only to be
 * read after OK.
 */
MUST_CHECK EVERY_PACKET static enum status rtp_decode_as(struct span datagram,
                                                         uint32_t wire_len, bool encrypted,
                                                         struct rtp *out)
{
	struct reader rest = reader_of(datagram);
	struct reader r = reader_of(take(&rest, RTP_HEADER_BYTES));
	if (rest.ran_out)
		return ERR_TRUNCATED;
	const uint8_t first = read_u8(&r);
	const uint8_t second = read_u8(&r);
	if (first >> 6 != RTP_VERSION)
		return ERR_UNSUPPORTED;
	out->marker = second >> 7;
	out->payload_type = second & 0x7f;
	out->sequence = read_u16(&r);
	out->timestamp = read_u32(&r);
	out->ssrc = read_u32(&r);
	out->has_padding = false;
	out->payload = rest.rest;
	out->payload_len = (uint32_t)rest.rest.len;
	if (wire_len > datagram.len)
		out->payload_len = wire_len - RTP_HEADER_BYTES;
	return first & 0x3f ? rtp_decode_rest(first, encrypted, out) : OK;
}

MUST_CHECK EVERY_PACKET static enum status rtp_decode(struct span datagram,
                                                      uint32_t wire_len, struct rtp *out)
{
	return rtp_decode_as(datagram, wire_len, false, out);
}

/* The same for SRTP, whose padding cannot be told from the payload. */
MUST_CHECK static inline enum status rtp_decode_encrypted(struct span datagram,
                                                          uint32_t wire_len,
                                                          struct rtp *out)
{
	return rtp_decode_as(datagram, wire_len, true, out);
}

#endif
