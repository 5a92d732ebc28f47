/*
 * tls_hello.h - what a TLS ClientHello says in clear (RFC 8446 section 4.1.2, RFC 5246):
 * the server's name (RFC 6066) and whether SIP is among the protocols offered (RFC 7301).
 */
#ifndef EARSHOT_PROBE_TLS_HELLO_H
#define EARSHOT_PROBE_TLS_HELLO_H

#include "analyzer/base/text.h"

enum tls_content {
	TLS_CHANGE_CIPHER_SPEC = 20,
	TLS_ALERT = 21,
	TLS_HANDSHAKE = 22,
	TLS_APPLICATION_DATA = 23,
};
enum { TLS_RECORD_HEADER_BYTES = 5 };

struct tls_record {
	enum tls_content type;
	uint16_t length; /* of what follows the header */
};

struct tls_hello {
	struct text server_name; /* borrowed; empty = none sent */
	bool offers_sip;         /* a protocol "sip" or "sip/..." */
};

/* ERR_TRUNCATED below five bytes; ERR_MALFORMED for what is no TLS record header. */
MUST_CHECK enum status tls_record_decode(struct span bytes, struct tls_record *out);

/*
 * `fragment` is the content of a handshake record.  ERR_NOT_FOUND: another message than
 * ClientHello; ERR_TRUNCATED: cut, *out holds what came before.
 */
MUST_CHECK enum status tls_hello_decode(struct span fragment, struct tls_hello *out);

#endif
