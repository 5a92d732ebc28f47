/*
 * handshake.h - what comes on a media port before RTP does: connectivity checks of ICE
 * (STUN, RFC 8489, RFC 8445 section 7) and DTLS (RFC 6347, RFC 9147), told apart as RFC
 * 7983 says.  Only as much is read as shows how far they have come.
 */
#ifndef EARSHOT_WIRE_HANDSHAKE_H
#define EARSHOT_WIRE_HANDSHAKE_H

#include "analyzer/base/span.h"

enum handshake_step {
	HANDSHAKE_ICE_REQUEST = 1 << 0,
	HANDSHAKE_ICE_SUCCESS = 1 << 1,
	HANDSHAKE_DTLS = 1 << 2,      /* any record of it */
	HANDSHAKE_DTLS_KEYS = 1 << 3, /* one under the keys agreed on, or about to be */
	HANDSHAKE_DTLS_ALERT = 1 << 4,
};

/*
 * The steps that this datagram shows; 0 for anything else.  A STUN message without
 * MESSAGE-INTEGRITY is no check of ICE: somebody asks a server for his address.
 */
unsigned int handshake_steps(struct span datagram);

#endif
