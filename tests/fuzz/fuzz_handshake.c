/* fuzz_handshake.c - a datagram on a media port that is no RTP. */
#include "analyzer/wire/handshake.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const unsigned int steps = handshake_steps((struct span){ data, len });
	const unsigned int ice = HANDSHAKE_ICE_REQUEST | HANDSHAKE_ICE_SUCCESS;
	const unsigned int dtls =
	        HANDSHAKE_DTLS | HANDSHAKE_DTLS_KEYS | HANDSHAKE_DTLS_ALERT;
	assert((steps & ~(ice | dtls)) == 0);
	assert(!(steps & ice) || !(steps & dtls));
	/* RTP and RTCP begin with binary 10 (RFC 7983): never taken for these. */
	assert(steps == 0 || data[0] < 64);
	return 0;
}
