#include "probe/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "probe/tls_hello.h"

enum { SEGMENTS_MAX = 8 };
enum { SYN = 1, FIN = 2, RST = 4 };
enum side { CLIENT, SERVER };

/* What goes over a connection, as far as anybody may see it. */
enum content {
	NOTHING,
	HELLO,
	HELLO_SIP,
	HALF_HELLO,
	OTHER_HALF,
	SERVER_HELLO,
	CIPHER,
	DATA,
	FATAL,
	CLOSING,
	PLAIN
};

/*
 * A ClientHello as in RFC 8446 section 4.1.2: one cipher suite, the server name
 * "sip.example.com" and, in the second, ALPN with "sip/2" (IANA's TLS ALPN registry).
 */
#define HELLO_HEAD(record, hello, extensions)                                              \
	22, 3, 1, 0, record, 1, 0, 0, hello, 3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,  \
	        13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,    \
	        31, 32, 4, 9, 9, 9, 9, 0, 2, 0x13, 1, 1, 0, 0, extensions
#define SERVER_NAME                                                                        \
	0, 0, 0, 20, 0, 18, 0, 0, 15, 's', 'i', 'p', '.', 'e', 'x', 'a', 'm', 'p', 'l',    \
	        'e', '.', 'c', 'o', 'm'
static const uint8_t hello[] = { HELLO_HEAD(75, 71, 24), SERVER_NAME };
static const uint8_t hello_sip[] = {
	HELLO_HEAD(87, 83, 36), SERVER_NAME, 0, 16, 0, 8, 0, 6, 5, 's', 'i', 'p', '/', '2'
};
static const uint8_t server_hello[] = { 22, 3, 3, 0, 6, 2, 0, 0, 2, 3, 3 };
static const uint8_t cipher[] = { 20, 3, 3, 0, 1, 1 };
static const uint8_t data[] = { 23, 3, 3, 0, 4, 1, 2, 3, 4 };
static const uint8_t fatal[] = { 21, 3, 3, 0, 2, 2, 40 };
static const uint8_t closing[] = { 21, 3, 3, 0, 2, 1, 0 };
static const uint8_t plain[] = { 'O', 'P', 'T', 'I', 'O', 'N', 'S', ' ' };
enum { HALF = 30 };

static const struct span contents[] = {
	[NOTHING] = { hello, 0 },
	[HELLO] = { hello, sizeof hello },
	[HELLO_SIP] = { hello_sip, sizeof hello_sip },
	[HALF_HELLO] = { hello, HALF },
	[OTHER_HALF] = { hello + HALF, sizeof hello - HALF },
	[SERVER_HELLO] = { server_hello, sizeof server_hello },
	[CIPHER] = { cipher, sizeof cipher },
	[DATA] = { data, sizeof data },
	[FATAL] = { fatal, sizeof fatal },
	[CLOSING] = { closing, sizeof closing },
	[PLAIN] = { plain, sizeof plain },
};

struct segment {
	enum side side;
	unsigned int flags;
	enum content content;
};

/* clang-format off */
static const struct {
	const char *what;
	uint16_t port;
	struct segment segments[SEGMENTS_MAX]; /* up to one with neither flag nor content */
	uint64_t sessions, failed;
	const char *server_name;
	bool ours; /* the last segment */
} cases[] = {
	{ "TLS 1.3", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, 0, SERVER_HELLO },
	  { SERVER, 0, CIPHER }, { SERVER, 0, DATA }, { CLIENT, RST, NOTHING } }, 1, 0, "sip.example.com", true },
	{ "TLS 1.2", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, 0, SERVER_HELLO },
	  { CLIENT, 0, CIPHER }, { SERVER, 0, CIPHER }, { CLIENT, FIN, NOTHING } }, 1, 0, "sip.example.com", true },
	{ "a hello in two segments", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HALF_HELLO },
	  { CLIENT, 0, OTHER_HALF }, { SERVER, 0, DATA } }, 1, 0, "sip.example.com", true },
	{ "the server refuses", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, 0, FATAL },
	  { SERVER, FIN, NOTHING } }, 1, 1, "sip.example.com", true },
	{ "the client dislikes the certificate", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO },
	  { SERVER, 0, SERVER_HELLO }, { CLIENT, 0, FATAL } }, 1, 1, "sip.example.com", true },
	{ "the server just closes", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, FIN, NOTHING } },
	  1, 1, "sip.example.com", true },
	{ "the server resets", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, RST, NOTHING } },
	  1, 1, "sip.example.com", true },
	{ "an ordinary end", 5061, { { CLIENT, 0, HELLO }, { SERVER, 0, DATA }, { CLIENT, 0, CLOSING },
	  { CLIENT, FIN, NOTHING } }, 1, 0, "sip.example.com", true },
	{ "a connection older than the capture", 5061, { { SERVER, 0, DATA }, { CLIENT, 0, DATA },
	  { CLIENT, RST, NOTHING } }, 1, 0, "", true },
	{ "no more than a connection", 5061, { { CLIENT, SYN, NOTHING }, { SERVER, RST, NOTHING } }, 0, 0, NULL, true },
	{ "clear text on the port", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, PLAIN }, { CLIENT, FIN, NOTHING } },
	  0, 0, NULL, true },
	{ "two sessions on the same ports", 5061, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, 0, DATA },
	  { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, RST, NOTHING } }, 2, 1, "sip.example.com", true },
	{ "a browser's telephone", 7443, { { CLIENT, 0, HELLO }, { SERVER, 0, DATA } }, 1, 0, "sip.example.com", true },
	{ "the web", 443, { { CLIENT, SYN, NOTHING }, { CLIENT, 0, HELLO }, { SERVER, 0, DATA } }, 0, 0, NULL, false },
	{ "SIP on the web's port", 443, { { CLIENT, 0, HELLO_SIP }, { SERVER, 0, DATA } }, 1, 0, "sip.example.com", true },
	{ "any other port", 8000, { { CLIENT, 0, HELLO_SIP }, { SERVER, 0, DATA } }, 0, 0, NULL, false },
};
/* clang-format on */

static struct tls_peers *new_peers(size_t limit)
{
	struct tls_peers *peers = NULL;
	assert_int_equal(tls_peers_new(tls_ports_default, TLS_PORTS_DEFAULT, limit, &peers),
	                 OK);
	return peers;
}

static void keep_peer(void *self, const struct tls_peer *peer)
{
	*(struct tls_peer *)self = *peer;
}

static bool feed(struct tls_peers *peers, struct decoded *d, struct span bytes)
{
	uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
	assert_non_null(copy);
	if (bytes.len)
		memcpy(copy, bytes.at, bytes.len);
	d->packet.payload = (struct span){ copy, bytes.len };
	d->packet.payload_len = (uint32_t)bytes.len;
	const bool ours = tls_peers_feed(peers, d);
	free(copy);
	return ours;
}

static struct decoded segment_of(const struct segment *s, uint16_t port)
{
	const struct endpoint client = { { { 1 } }, 40000 }, server = { { { 2 } }, port };
	struct decoded d = { .result = DECODED_SEGMENT };
	d.packet.src = s->side == CLIENT ? client : server;
	d.packet.dst = s->side == CLIENT ? server : client;
	d.tcp.syn = s->flags & SYN;
	d.tcp.fin = s->flags & FIN;
	d.tcp.rst = s->flags & RST;
	return d;
}

static void check(size_t row, const struct tls_peers *peers, bool ours)
{
	const struct tls_counters counters = tls_peers_counters(peers);
	struct tls_peer peer = { .sessions = 99 };
	tls_peers_each(peers, keep_peer, &peer);
	if (counters.sessions != cases[row].sessions ||
	    counters.failed != cases[row].failed)
		fail_msg("%s: %u sessions, %u failed", cases[row].what,
		         (unsigned int)counters.sessions, (unsigned int)counters.failed);
	if (ours != cases[row].ours)
		fail_msg("%s: ours %d", cases[row].what, ours);
	if (!cases[row].server_name) {
		assert_int_equal(peer.sessions, 99);
		return;
	}
	assert_string_equal(peer.server_name, cases[row].server_name);
	assert_int_equal(peer.sessions, cases[row].sessions);
	assert_int_equal(peer.failed, cases[row].failed);
	assert_int_equal(peer.client.port, 0);
	assert_int_equal(peer.client.address.bytes[0], 1);
	assert_int_equal(peer.server.port, cases[row].port);
	assert_int_equal(peer.transport,
	                 cases[row].port == 7443 ? TRANSPORT_WSS : TRANSPORT_TLS);
	assert_int_equal(peer.first,
	                 1 + (cases[row].segments[0].flags & SYN ? 1 : 0) +
	                         (cases[row].segments[1].content == HALF_HELLO));
}

static void sessions_and_failures_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tls_peers *peers = new_peers(10);
		uint32_t next[2] = { 1000, 2000 };
		bool ours = false;
		nstime at = 0;
		for (const struct segment *s = cases[i].segments; s->flags || s->content;
		     s++) {
			struct decoded d = segment_of(s, cases[i].port);
			const struct span bytes = contents[s->content];
			d.tcp.sequence = next[s->side] += s->flags & SYN ? 500 : 0;
			d.packet.at = ++at;
			next[s->side] += (uint32_t)bytes.len + (s->flags & SYN);
			ours = feed(peers, &d, bytes);
		}
		check(i, peers, ours);
		tls_peers_free(peers);
	}
}

static void every_prefix_of_a_hello_is_harmless(void **state)
{
	struct tls_hello out;
	(void)state;
	const struct span whole = { hello_sip + TLS_RECORD_HEADER_BYTES,
		                    sizeof hello_sip - TLS_RECORD_HEADER_BYTES };
	assert_int_equal(tls_hello_decode(whole, &out), OK);
	assert_true(out.offers_sip);
	assert_true(text_equal(out.server_name, TEXT("sip.example.com")));
	for (size_t n = 0; n < whole.len; n++) {
		uint8_t *copy = malloc(n ? n : 1);
		assert_non_null(copy);
		memcpy(copy, whole.at, n);
		const enum status status = tls_hello_decode((struct span){ copy, n }, &out);
		/* Without its extensions it is whole too, as old clients send it. */
		assert_int_equal(status, n == 49 ? OK : ERR_TRUNCATED);
		free(copy);
	}
}

static void say_hello(struct tls_peers *peers, uint16_t who, uint16_t port)
{
	const struct segment s = { CLIENT, 0, HELLO };
	struct decoded d = segment_of(&s, 5061);
	d.packet.src.address.bytes[14] = (uint8_t)(who >> 8);
	d.packet.src.address.bytes[15] = (uint8_t)who;
	d.packet.src.port = port;
	feed(peers, &d, contents[HELLO]);
}

static void list_peer(void *self, const struct tls_peer *peer)
{
	uint64_t *sessions_of_first = self;
	const uint8_t *bytes = peer->client.address.bytes;
	if (bytes[14] == 0 && bytes[15] == 0)
		*sessions_of_first = peer->sessions;
}

/* Strangers who come once each make room for each other; who comes again and again stays.
 */
static void peers_beyond_the_limit_make_room(void **state)
{
	enum { LIMIT = 64, STRANGERS = 5000 };
	struct tls_peers *peers = new_peers(LIMIT);
	uint64_t sessions_of_first = 0;
	(void)state;
	for (uint16_t i = 1; i <= STRANGERS; i++) {
		say_hello(peers, i, 1000);
		if (i % 10 == 0)
			say_hello(peers, 0, i);
	}
	const struct tls_counters counters = tls_peers_counters(peers);
	assert_int_equal(counters.sessions, STRANGERS + STRANGERS / 10);
	assert_int_equal(counters.not_kept, 0);
	assert_int_equal(counters.peers_evicted, STRANGERS + 1 - LIMIT);
	tls_peers_each(peers, list_peer, &sessions_of_first);
	assert_int_equal(sessions_of_first, STRANGERS / 10);
	tls_peers_free(peers);
}

static void connections_beyond_the_limit_make_room(void **state)
{
	struct tls_peers *peers = new_peers(10000);
	struct tls_peer peer = { 0 };
	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		const struct segment s = { CLIENT, SYN, NOTHING };
		struct decoded d = segment_of(&s, 5061);
		d.packet.src.port = (uint16_t)(10000 + i);
		feed(peers, &d, contents[NOTHING]);
		d.tcp = (struct tcp_header){ .sequence = 1 };
		feed(peers, &d, contents[HELLO]);
	}
	tls_peers_each(peers, keep_peer, &peer);
	assert_int_equal(peer.sessions, 10000);
	assert_int_equal(tls_peers_counters(peers).evicted, 10000 - 4096);
	tls_peers_free(peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_and_failures_are_counted),
		cmocka_unit_test(every_prefix_of_a_hello_is_harmless),
		cmocka_unit_test(peers_beyond_the_limit_make_room),
		cmocka_unit_test(connections_beyond_the_limit_make_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
