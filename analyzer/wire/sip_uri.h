/*
 * sip_uri.h - the parts of a SIP, SIPS or TEL URI (RFC 3261 section 19.1, RFC 3966).
 */
#ifndef EARSHOT_WIRE_SIP_URI_H
#define EARSHOT_WIRE_SIP_URI_H

#include "analyzer/base/endpoint.h"
#include "analyzer/base/text.h"

/* Borrowed slices; what is not there is empty. */
struct sip_uri {
	struct text scheme;
	struct text user; /* without password and parameters; of TEL the number; escapes as
	                     they stand */
	struct text telephone; /* the user with its parameters: of a number, what says where
	                          it is dialled */
	struct text host;      /* a name or an address; IPv6 without its brackets */
	uint16_t port;         /* 0: not said, or no port */
	struct text params;
};

/*
 * False when it has no scheme, or neither user nor host.  Lenient otherwise: this is for
 * people and comparisons, not for routing.
 */
bool sip_uri_read(struct text uri, struct sip_uri *out);

/* "host", "host:port", "[v6]:port", as in Via and Contact; port 0 when not said. */
void sip_host_port(struct text t, struct text *host, uint16_t *port);

#endif
