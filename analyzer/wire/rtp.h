/*
 * rtp.h - the RTP fixed header (RFC 3550 section 5.1) and the payload behind it.
 */
#ifndef EARSHOT_WIRE_RTP_H
#define EARSHOT_WIRE_RTP_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

enum { RTP_HEADER_BYTES = 12, RTP_VERSION = 2 };

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

/*
 * `wire_len` is the datagram's payload length on the wire: a header that runs past the
 * capture but not past the wire is fine (payload empty).  ERR_TRUNCATED below 12 bytes,
 * or a CSRC list or extension past the wire's end; ERR_UNSUPPORTED for another version;
 * ERR_MALFORMED for padding that is 0 or longer than the payload.
 */
MUST_CHECK enum status rtp_decode(struct span datagram, uint32_t wire_len, struct rtp *out);

#endif
