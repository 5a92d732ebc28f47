/*
 * notify_place.h - where a receiver is, as its address says: "192.0.2.9:514",
 * "logs.example.net:6514", "[2001:db8::9]:2514", or "https://hooks.example.net/earshot"
 * (RFC 3986, with neither user nor fragment).
 */
#ifndef EARSHOT_PROBE_NOTIFY_PLACE_H
#define EARSHOT_PROBE_NOTIFY_PLACE_H

#include "analyzer/base/endpoint.h"
#include "analyzer/base/text.h"

enum { PLACE_HOST = 128, PLACE_PATH = 200 };

struct place {
	char host[PLACE_HOST]; /* a name or an address, without brackets */
	uint16_t port;
	bool tls;              /* https */
	char path[PLACE_PATH]; /* of a URL, from its / on; "/": it has none */
};

/* ERR_MALFORMED. */
MUST_CHECK enum status place_of_peer(struct text address, struct place *out);
MUST_CHECK enum status place_of_url(struct text url, struct place *out);

/* OK: the host is an address; else it is a name. */
MUST_CHECK enum status place_endpoint(const struct place *place, struct endpoint *out);

#endif
