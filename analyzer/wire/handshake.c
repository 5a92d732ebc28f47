#include "analyzer/wire/handshake.h"

enum {
	STUN_HEADER = 20,
	STUN_COOKIE = 0x2112a442,
	STUN_BINDING_REQUEST = 0x0001,
	STUN_BINDING_SUCCESS = 0x0101,
	STUN_MESSAGE_INTEGRITY = 0x0008,
	STUN_MESSAGE_INTEGRITY_SHA256 = 0x001c,

	DTLS_CHANGE_CIPHER_SPEC = 20,
	DTLS_ALERT = 21,
	DTLS_APPLICATION_DATA = 23,
	DTLS_VERSION = 0xfe,
	MOST_RECORDS = 16, /* looked at in one datagram */
};

/*
 * |0 0|  type   |  length  |  cookie  |  transaction id, 12 octets  |  RFC 8489 section 5
 * then attributes: type, length, value, padded to four octets.
 */
static unsigned int stun_steps(struct span datagram)
{
	struct reader r = reader_of(datagram);
	const uint16_t type = read_u16(&r);
	const uint16_t length = read_u16(&r);
	const uint32_t cookie = read_u32(&r);
	take(&r, 12);
	if (r.ran_out || cookie != STUN_COOKIE || length % 4)
		return 0;
	struct reader attributes = reader_of(take(&r, length));
	while (attributes.rest.len > 0) {
		const uint16_t name = read_u16(&attributes);
		const uint16_t size = read_u16(&attributes);
		take(&attributes, ((size_t)size + 3) & ~(size_t)3);
		if (attributes.ran_out)
			return 0;
		if (name == STUN_MESSAGE_INTEGRITY || name == STUN_MESSAGE_INTEGRITY_SHA256)
			return type == STUN_BINDING_REQUEST   ? HANDSHAKE_ICE_REQUEST
			       : type == STUN_BINDING_SUCCESS ? HANDSHAKE_ICE_SUCCESS
			                                      : 0;
	}
	return 0;
}

/* |  type  |  version  |  epoch  |  sequence, 6  |  length  |  RFC 6347 section 4.1 */
static unsigned int dtls_steps(struct span datagram)
{
	struct reader r = reader_of(datagram);
	unsigned int steps = 0;
	for (unsigned int records = 0; records < MOST_RECORDS && r.rest.len > 0;
	     records++) {
		const uint8_t type = read_u8(&r);
		if (type >> 5 == 1 && steps)
			return steps | HANDSHAKE_DTLS_KEYS;
		const uint16_t version = read_u16(&r);
		const uint16_t epoch = read_u16(&r);
		take(&r, 6);
		take(&r, read_u16(&r));
		if (r.ran_out || version >> 8 != DTLS_VERSION ||
		    type < DTLS_CHANGE_CIPHER_SPEC || type > DTLS_APPLICATION_DATA)
			break;
		steps |= HANDSHAKE_DTLS;
		if (type == DTLS_CHANGE_CIPHER_SPEC || epoch > 0)
			steps |= HANDSHAKE_DTLS_KEYS;
		else if (type == DTLS_ALERT)
			steps |= HANDSHAKE_DTLS_ALERT;
	}
	return steps;
}

unsigned int handshake_steps(struct span datagram)
{
	const uint8_t first = datagram.len ? datagram.at[0] : 0xff;
	if (first < 4 && datagram.len >= STUN_HEADER)
		return stun_steps(datagram);
	if (first >= DTLS_CHANGE_CIPHER_SPEC && first <= DTLS_APPLICATION_DATA)
		return dtls_steps(datagram);
	/* Alone it has no mark but three bits: of DTLS only where a handshake went before.
	 */
	if (first >> 5 == 1)
		return HANDSHAKE_DTLS_KEYS;
	return 0;
}
