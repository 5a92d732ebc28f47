/*
 * endpoint.h - a transport address: IP address and port.
 *
 * IPv4 addresses are held as ::ffff:a.b.c.d, so that both families compare and hash
 * alike; they are printed dotted.  All zero means "not known".
 */
#ifndef EARSHOT_BASE_ENDPOINT_H
#define EARSHOT_BASE_ENDPOINT_H

#include "analyzer/base/span.h"
#include "analyzer/base/text.h"

struct address {
	uint8_t bytes[16];
};

struct endpoint {
	struct address address;
	uint16_t port;
};

enum {
	ADDRESS_TEXT_SIZE = 46,                    /* longest IPv6 text and its NUL */
	ENDPOINT_TEXT_SIZE = ADDRESS_TEXT_SIZE + 8 /* brackets, colon, port */
};

/* bytes4 and bytes16 point at 4 and 16 bytes in network order. */
struct address address_ipv4(const uint8_t *bytes4);
struct address address_ipv6(const uint8_t *bytes16);

bool address_is_ipv4(const struct address *a);
bool address_is_unspecified(const struct address *a); /* ::, 0.0.0.0 or not known */
bool address_equal(const struct address *a, const struct address *b);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
/* Below, at or above zero, in address order then port order. */
int endpoint_compare(const struct endpoint *a, const struct endpoint *b);

/* Dotted IPv4 or IPv6 text (brackets allowed); ERR_MALFORMED for a name. */
MUST_CHECK enum status address_parse(struct text t, struct address *out);

/* "198.18.0.1" or RFC 5952 IPv6; returns `to`, which holds ADDRESS_TEXT_SIZE. */
const char *address_format(const struct address *a, char *to);
/* "198.18.0.1:4000", "[2001:db8::1]:4000"; `to` holds ENDPOINT_TEXT_SIZE. */
const char *endpoint_format(const struct endpoint *e, char *to);

#endif
