/*
 * tls.h - signalling that cannot be read: TLS sessions on ports where SIP or SIP over
 * WebSocket is expected, counted for each client at each server.
 *
 * A session begins with a ClientHello, or with encrypted data when its beginning was not
 * captured.  It has failed when a fatal alert, a FIN or an RST comes before encrypted data
 * (or, before TLS 1.3, both sides' change of ciphers).  A TLS 1.3 client that refuses the
 * server's certificate says so encrypted: that failure cannot be seen.
 */
#ifndef EARSHOT_PROBE_TLS_H
#define EARSHOT_PROBE_TLS_H

#include "analyzer/base/status.h"
#include "probe/decode.h"

enum { TLS_NAME_SIZE = 256, TLS_PORTS_MAX = 16 };

enum tls_expectation {
	TLS_EXPECT_SIP,     /* every session counts, TRANSPORT_TLS */
	TLS_EXPECT_WSS,     /* every session counts, TRANSPORT_WSS */
	TLS_EXPECT_BY_ALPN, /* only sessions that offer the protocol "sip", TRANSPORT_TLS */
};

struct tls_port {
	uint16_t port;
	enum tls_expectation expectation;
};

/* 5061 is SIP; 7443 and 8089 are WSS; 443 and 8443 by what the client offers. */
enum { TLS_PORTS_DEFAULT = 5 };
extern const struct tls_port tls_ports_default[TLS_PORTS_DEFAULT];

struct tls_peer {
	struct endpoint client; /* port 0: all of its connections */
	struct endpoint server;
	enum transport transport;
	char server_name[TLS_NAME_SIZE]; /* the latest asked for, as sent; empty = none */
	uint64_t sessions, failed;
	nstime first, last;
};

struct tls_counters {
	uint64_t sessions, failed;
	uint64_t evicted; /* connections forgotten to make room for others */
	uint64_t peers_evicted;
	uint64_t not_kept; /* sessions of peers that found no room in the table */
};

struct tls_peers;

/* At most `peer_limit` peers are kept: the least worth of some makes room.  ERR_NOMEM,
 * ERR_IO. */
MUST_CHECK enum status tls_peers_new(const struct tls_port *ports, size_t port_count,
                                     size_t peer_limit, struct tls_peers **out);

/* `segment` is DECODED_SEGMENT.  True when it belongs to signalling over TLS. */
bool tls_peers_feed(struct tls_peers *peers, const struct decoded *segment);

/* Every peer, in the order they were first seen. */
void tls_peers_each(const struct tls_peers *peers,
                    void (*visit)(void *self, const struct tls_peer *peer), void *self);

struct tls_counters tls_peers_counters(const struct tls_peers *peers);
void tls_peers_free(struct tls_peers *peers); /* NULL is fine */

#endif
