/*
 * websocket.h - SIP over WebSocket (RFC 7118): where the messages are in a TCP stream
 * (RFC 6455).  Extensions are not read: a compressed message is as good as encrypted.
 */
#ifndef EARSHOT_WIRE_WEBSOCKET_H
#define EARSHOT_WIRE_WEBSOCKET_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

enum { WEBSOCKET_MAX_HANDSHAKE = 16 * 1024 };

/*
 * Does the stream begin with one half of an opening handshake that speaks of the
 * subprotocol `sip` (either side's: GET with Upgrade, or 101)?  OK: *len bytes of it, and
 * frames behind.  ERR_TRUNCATED: not all of it is there yet.  ERR_NOT_FOUND: something
 * else.
 */
MUST_CHECK enum status websocket_handshake(struct span bytes, size_t *len);

enum websocket_result {
	WEBSOCKET_MESSAGE, /* `len` bytes of a message were written; `skip` bytes are done
	                      with */
	WEBSOCKET_MORE,    /* `skip` bytes can go; the rest may become a message */
	WEBSOCKET_BROKEN,  /* no frames of RFC 6455, or a message longer than `size` */
};

struct websocket {
	enum websocket_result result;
	size_t skip;
	size_t len;
};

/*
 * Looks at the bytes received so far, which begin at a frame.  A message is put together
 * from its fragments in `to`, unmasked; control frames, also those between fragments, and
 * empty messages are passed over.  `to` holds `size` bytes and is written to as far as the
 * message is there, whatever the result.
 */
struct websocket websocket_next(struct span bytes, uint8_t *to, size_t size);

#endif
