/*
 * fuzz_tls.c - the input as a ClientHello, and as segments of a connection: for each a
 * byte of flags (FIN 1, SYN 2, RST 4, from the server 8, port 443 16), an offset and a
 * length (8 bits each), and the data.
 */
#include "probe/tls.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "probe/tls_hello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct totals {
	uint64_t sessions, failed;
};

static void add_peer(void *self, const struct tls_peer *peer)
{
	struct totals *totals = self;
	totals->sessions += peer->sessions;
	totals->failed += peer->failed;
	assert(memchr(peer->server_name, '\0', sizeof peer->server_name));
	assert(peer->first <= peer->last && peer->failed <= peer->sessions);
}

static void read_hello(struct span bytes)
{
	struct tls_hello hello;
	if (tls_hello_decode(bytes, &hello) == ERR_NOT_FOUND || hello.server_name.len == 0)
		return;
	const struct span name = text_bytes(hello.server_name);
	assert(name.at >= bytes.at && name.at + name.len <= bytes.at + bytes.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	struct tls_peers *peers;
	struct totals totals = { 0 };
	read_hello(r.rest);
	if (tls_peers_new(tls_ports_default, TLS_PORTS_DEFAULT, 1, &peers) != OK)
		abort();
	for (nstime at = 1; r.rest.len > 0; at++) {
		const uint8_t flags = read_u8(&r);
		const uint8_t offset = read_u8(&r);
		const uint8_t wanted = read_u8(&r);
		const struct endpoint client = { { { 1 } }, 40000 };
		const struct endpoint server = { { { 2 } },
			                         (uint16_t)(flags & 16 ? 443 : 5061) };
		struct decoded d = { .result = DECODED_SEGMENT };
		d.packet.at = at;
		d.packet.src = flags & 8 ? server : client;
		d.packet.dst = flags & 8 ? client : server;
		d.packet.payload = take(&r, wanted < r.rest.len ? wanted : r.rest.len);
		d.packet.payload_len = (uint32_t)d.packet.payload.len;
		d.tcp = (struct tcp_header){ .sequence = 0xffffff80 + offset,
			                     .fin = flags & 1,
			                     .syn = flags & 2,
			                     .rst = flags & 4 };
		tls_peers_feed(peers, &d);
	}
	const struct tls_counters counters = tls_peers_counters(peers);
	tls_peers_each(peers, add_peer, &totals);
	/* What an evicted peer had is in the counters alone. */
	const bool all = counters.peers_evicted == 0;
	assert(totals.sessions + counters.not_kept <= counters.sessions);
	assert(!all || totals.sessions + counters.not_kept == counters.sessions);
	assert(totals.failed <= counters.failed &&
	       (!all || totals.failed == counters.failed));
	tls_peers_free(peers);
	return 0;
}
