#include "probe/tls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/base/hash.h"
#include "probe/tcp_stream_order.h"
#include "probe/tls_hello.h"

enum {
	BUCKETS = 4096,
	FLOWS_MAX = 4096,
	LOOKED_AT = 32,           /* peers, of which the least worth makes room */
	HELLO_BYTES_MAX = 4096,   /* a longer one is counted unread */
	WAITING_BYTES_MAX = 4096, /* behind a gap, before the session is let go undecided */
};

const struct tls_port tls_ports_default[TLS_PORTS_DEFAULT] = {
	{ 5061, TLS_EXPECT_SIP },    { 7443, TLS_EXPECT_WSS },     { 8089, TLS_EXPECT_WSS },
	{ 443, TLS_EXPECT_BY_ALPN }, { 8443, TLS_EXPECT_BY_ALPN },
};

struct peer {
	struct peer *next_in_bucket, *next, *previous;
	uint64_t hash;
	uint32_t flows; /* that are followed now: they borrow it */
	struct tls_peer known;
};

struct tls_side {
	struct tcp_order order;
	size_t skip; /* bytes left of a record that need not be read */
	bool changed_cipher;
};

struct flow {
	struct flow *next_in_bucket, *older, *newer;
	struct endpoint client, server;
	uint64_t hash;
	enum transport transport;
	uint32_t first_sequence; /* of the client's SYN, when has_syn */
	bool has_syn;
	bool decided;      /* established, failed or unreadable: only time is kept */
	struct peer *peer; /* borrowed; NULL before the ClientHello */
	struct tls_side from_client, from_server;
};

struct tls_peers {
	struct tls_port ports[TLS_PORTS_MAX];
	size_t port_count;
	size_t peer_limit, peer_count, flow_count;
	struct peer **peer_buckets;          /* owned, BUCKETS */
	struct peer *first_peer, *last_peer; /* owned list, in order of appearance */
	size_t flow_limit;
	size_t peer_hand; /* bucket at which the search for the least worth goes on */
	struct flow **flow_buckets;   /* owned, BUCKETS */
	struct flow *oldest, *newest; /* owned list, by their last segment */
	struct hash_key hash_key;
	struct tls_counters counters;
};

enum status tls_peers_new(const struct tls_port *ports, size_t port_count,
                          size_t peer_limit, struct tls_peers **out)
{
	struct tls_peers *t = calloc(1, sizeof *t);
	if (!t)
		return ERR_NOMEM;
	t->port_count = port_count < TLS_PORTS_MAX ? port_count : TLS_PORTS_MAX;
	memcpy(t->ports, ports, t->port_count * sizeof *ports);
	t->peer_limit = peer_limit;
	/* There are always peers that nobody borrows. */
	t->flow_limit = peer_limit / 2 < FLOWS_MAX ? peer_limit / 2 + 1 : FLOWS_MAX;
	t->peer_buckets = calloc(BUCKETS, sizeof(struct peer *));
	t->flow_buckets = calloc(BUCKETS, sizeof(struct flow *));
	const bool have_memory = t->peer_buckets && t->flow_buckets;
	if (!have_memory || getentropy(&t->hash_key, sizeof t->hash_key) != 0) {
		tls_peers_free(t);
		return have_memory ? ERR_IO : ERR_NOMEM;
	}
	*out = t;
	return OK;
}

static const struct tls_port *port_of(const struct tls_peers *t, uint16_t port)
{
	for (size_t i = 0; i < t->port_count; i++) {
		if (t->ports[i].port == port)
			return &t->ports[i];
	}
	return NULL;
}

static uint64_t hash_pair(const struct tls_peers *t, const struct endpoint *client,
                          const struct endpoint *server)
{
	const struct endpoint pair[2] = { *client, *server };
	return hash_bytes(&t->hash_key, pair, sizeof pair);
}

static struct peer *find_peer(const struct tls_peers *t, const struct endpoint *client,
                              const struct endpoint *server, uint64_t hash)
{
	struct peer *peer = t->peer_buckets[hash % BUCKETS];
	while (peer &&
	       !(peer->hash == hash && endpoint_equal(&peer->known.client, client) &&
	         endpoint_equal(&peer->known.server, server)))
		peer = peer->next_in_bucket;
	return peer;
}

static void remove_peer(struct tls_peers *t, struct peer *peer)
{
	struct peer **slot = &t->peer_buckets[peer->hash % BUCKETS];
	while (*slot != peer)
		slot = &(*slot)->next_in_bucket;
	*slot = peer->next_in_bucket;
	*(peer->previous ? &peer->previous->next : &t->first_peer) = peer->next;
	*(peer->next ? &peer->next->previous : &t->last_peer) = peer->previous;
	t->peer_count--;
	free(peer);
}

/* Who never came further than to fail goes first, then who had fewer sessions, then who was
 * not heard of for longer. */
static bool is_less_worth(const struct peer *a, const struct peer *b)
{
	const bool a_fails = a->known.failed == a->known.sessions;
	const bool b_fails = b->known.failed == b->known.sessions;
	if (a_fails != b_fails)
		return a_fails;
	if ((a->known.sessions > 1) != (b->known.sessions > 1))
		return b->known.sessions > 1;
	return a->known.last < b->known.last;
}

/* The least worth of some that no connection borrows. */
static void evict_peer(struct tls_peers *t)
{
	struct peer *victim = NULL;
	size_t looked_at = 0;
	for (size_t i = 0; i < BUCKETS && looked_at < LOOKED_AT; i++) {
		struct peer *peer = t->peer_buckets[t->peer_hand++ % BUCKETS];
		for (; peer; peer = peer->next_in_bucket, looked_at++)
			if (peer->flows == 0 && (!victim || is_less_worth(peer, victim)))
				victim = peer;
	}
	if (!victim)
		return;
	t->counters.peers_evicted++;
	remove_peer(t, victim);
}

/* The peer of a connection, made if need be; NULL when there is no room. */
static struct peer *peer_of(struct tls_peers *t, const struct flow *flow, nstime now)
{
	const struct endpoint client = { .address = flow->client.address };
	const uint64_t hash = hash_pair(t, &client, &flow->server);
	struct peer *peer = find_peer(t, &client, &flow->server, hash);
	if (peer)
		return peer;
	if (t->peer_count >= t->peer_limit)
		evict_peer(t);
	if (t->peer_count >= t->peer_limit)
		return NULL;
	peer = calloc(1, sizeof *peer);
	if (!peer)
		return NULL;
	peer->hash = hash;
	peer->known = (struct tls_peer){ .client = client,
		                         .server = flow->server,
		                         .transport = flow->transport,
		                         .first = now,
		                         .last = now };
	peer->next_in_bucket = t->peer_buckets[hash % BUCKETS];
	t->peer_buckets[hash % BUCKETS] = peer;
	peer->previous = t->last_peer;
	*(t->last_peer ? &t->last_peer->next : &t->first_peer) = peer;
	t->last_peer = peer;
	t->peer_count++;
	return peer;
}

static void unlink_flow(struct tls_peers *t, struct flow *flow)
{
	*(flow->older ? &flow->older->newer : &t->oldest) = flow->newer;
	*(flow->newer ? &flow->newer->older : &t->newest) = flow->older;
	flow->older = flow->newer = NULL;
}

static void link_newest(struct tls_peers *t, struct flow *flow)
{
	flow->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = flow;
	t->newest = flow;
}

static void drop_bytes(struct flow *flow)
{
	tcp_order_drop_bytes(&flow->from_client.order);
	tcp_order_drop_bytes(&flow->from_server.order);
}

static void remove_flow(struct tls_peers *t, struct flow *flow)
{
	struct flow **slot = &t->flow_buckets[flow->hash % BUCKETS];
	while (*slot != flow)
		slot = &(*slot)->next_in_bucket;
	*slot = flow->next_in_bucket;
	unlink_flow(t, flow);
	drop_bytes(flow);
	if (flow->peer)
		flow->peer->flows--;
	t->flow_count--;
	free(flow);
}

static struct flow *find_flow(const struct tls_peers *t, const struct endpoint *client,
                              const struct endpoint *server, uint64_t hash)
{
	struct flow *flow = t->flow_buckets[hash % BUCKETS];
	while (flow && !(flow->hash == hash && endpoint_equal(&flow->client, client) &&
	                 endpoint_equal(&flow->server, server)))
		flow = flow->next_in_bucket;
	return flow;
}

static struct flow *create_flow(struct tls_peers *t, const struct endpoint *client,
                                const struct endpoint *server, uint64_t hash)
{
	if (t->flow_count >= t->flow_limit) {
		remove_flow(t, t->oldest);
		t->counters.evicted++;
	}
	struct flow *flow = calloc(1, sizeof *flow);
	if (!flow)
		return NULL;
	flow->client = *client;
	flow->server = *server;
	flow->hash = hash;
	flow->next_in_bucket = t->flow_buckets[hash % BUCKETS];
	t->flow_buckets[hash % BUCKETS] = flow;
	link_newest(t, flow);
	t->flow_count++;
	return flow;
}

static void count_session(struct tls_peers *t, struct flow *flow, struct text server_name,
                          nstime now)
{
	t->counters.sessions++;
	flow->peer = peer_of(t, flow, now);
	if (!flow->peer) {
		t->counters.not_kept++;
		flow->decided = true;
		return;
	}
	flow->peer->flows++;
	flow->peer->known.sessions++;
	if (server_name.len > 0)
		text_copy(flow->peer->known.server_name, TLS_NAME_SIZE, server_name);
}

static void count_failure(struct tls_peers *t, struct flow *flow)
{
	if (!flow->decided && flow->peer) {
		t->counters.failed++;
		flow->peer->known.failed++;
	}
	flow->decided = true;
}

static void read_hello(struct tls_peers *t, struct flow *flow, struct span fragment,
                       nstime now)
{
	struct tls_hello hello;
	if (tls_hello_decode(fragment, &hello) == ERR_NOT_FOUND)
		flow->decided = true; /* a handshake that began elsewhere */
	else
		count_session(t, flow, hello.server_name, now);
}

/* A record at the front of a side's bytes, all of it if it is to be read. */
static void read_record(struct tls_peers *t, struct flow *flow, struct tls_side *side,
                        struct tls_record record, struct span content, nstime now)
{
	switch (record.type) {
	case TLS_HANDSHAKE:
		if (side == &flow->from_client && !flow->peer)
			read_hello(t, flow, content, now);
		break;
	case TLS_CHANGE_CIPHER_SPEC:
		side->changed_cipher = true;
		flow->decided |= flow->from_client.changed_cipher &&
		                 flow->from_server.changed_cipher;
		break;
	case TLS_ALERT:
		if (record.length == 2 && content.len == 2 &&
		    content.at[0] == 2) /* fatal */
			count_failure(t, flow);
		break;
	case TLS_APPLICATION_DATA:
		if (!flow->peer)
			count_session(t, flow, (struct text){ 0 }, now);
		flow->decided = true;
		break;
	}
}

static bool is_to_be_read_whole(const struct flow *flow, const struct tls_side *side,
                                struct tls_record record)
{
	return record.type == TLS_ALERT ||
	       (record.type == TLS_HANDSHAKE && side == &flow->from_client && !flow->peer);
}

static void read_side(struct tls_peers *t, struct flow *flow, struct tls_side *side,
                      nstime now)
{
	while (!flow->decided && side->order.len > 0) {
		if (side->skip > 0) {
			const size_t n =
			        side->skip < side->order.len ? side->skip : side->order.len;
			side->skip -= n;
			tcp_order_consume(&side->order, n);
			continue;
		}
		struct reader r =
		        reader_of((struct span){ side->order.bytes, side->order.len });
		struct tls_record record;
		const enum status status = tls_record_decode(r.rest, &record);
		if (status == ERR_TRUNCATED)
			return;
		if (status != OK) {
			flow->decided = true;
			return;
		}
		take(&r, TLS_RECORD_HEADER_BYTES);
		const size_t here = record.length < r.rest.len ? record.length : r.rest.len;
		if (here < record.length && record.length <= HELLO_BYTES_MAX &&
		    is_to_be_read_whole(flow, side, record))
			return;
		read_record(t, flow, side, record, take(&r, here), now);
		side->skip = record.length;
		tcp_order_consume(&side->order, TLS_RECORD_HEADER_BYTES);
	}
}

/* Whom a segment is between: the server is where the expected port is. */
static const struct tls_port *orient(const struct tls_peers *t, const struct packet *p,
                                     struct endpoint *client, struct endpoint *server,
                                     bool *to_server)
{
	const struct tls_port *port = port_of(t, p->dst.port);
	const struct tls_port *src_port = port_of(t, p->src.port);
	*to_server = port != NULL;
	if (port && src_port) /* both could be: one order for both directions */
		*to_server = endpoint_compare(&p->src, &p->dst) < 0;
	if (!*to_server)
		port = src_port;
	*client = *to_server ? p->src : p->dst;
	*server = *to_server ? p->dst : p->src;
	return port;
}

static bool offers_sip(struct span payload)
{
	struct reader r = reader_of(payload);
	struct tls_record record;
	struct tls_hello hello;
	if (tls_record_decode(payload, &record) != OK || record.type != TLS_HANDSHAKE)
		return false;
	take(&r, TLS_RECORD_HEADER_BYTES);
	return tls_hello_decode(r.rest, &hello) != ERR_NOT_FOUND && hello.offers_sip;
}

/* Is this a segment to begin following its connection with? */
static bool is_beginning(const struct tls_port *port, const struct decoded *segment,
                         bool to_server)
{
	struct tls_record record;
	const struct span payload = segment->packet.payload;
	if (port->expectation == TLS_EXPECT_BY_ALPN)
		return to_server && offers_sip(payload);
	return segment->tcp.syn || tls_record_decode(payload, &record) == OK;
}

/* The client's SYN: on a known connection with other numbers it is a new one. */
static void begin(struct flow *flow, const struct tcp_header *tcp, bool to_server)
{
	if (!to_server) {
		tcp_order_start(&flow->from_server.order, tcp->sequence + 1);
		return;
	}
	if (flow->has_syn && flow->first_sequence == tcp->sequence)
		return;
	drop_bytes(flow);
	flow->from_client = flow->from_server = (struct tls_side){ 0 };
	if (flow->peer)
		flow->peer->flows--;
	flow->peer = NULL;
	flow->decided = false;
	flow->has_syn = true;
	flow->first_sequence = tcp->sequence;
	tcp_order_start(&flow->from_client.order, tcp->sequence + 1);
}

static void read_segment(struct tls_peers *t, struct flow *flow, bool to_server,
                         const struct decoded *segment)
{
	const struct packet *p = &segment->packet;
	const struct tcp_header *tcp = &segment->tcp;
	struct tls_side *side = to_server ? &flow->from_client : &flow->from_server;
	if (tcp->syn)
		begin(flow, tcp, to_server);
	if (flow->decided)
		return;
	const uint32_t sequence = tcp->sequence + tcp->syn;
	const bool kept = tcp_order_add(&side->order, sequence, p->payload);
	read_side(t, flow, side, p->at);
	if (tcp->rst || tcp->fin)
		count_failure(t, flow);
	flow->decided |= !kept || side->order.waiting_bytes > WAITING_BYTES_MAX;
	if (flow->decided)
		drop_bytes(flow);
}

bool tls_peers_feed(struct tls_peers *t, const struct decoded *segment)
{
	const struct packet *p = &segment->packet;
	struct endpoint client, server;
	bool to_server;
	const struct tls_port *port = orient(t, p, &client, &server, &to_server);
	if (!port)
		return false;
	const bool by_alpn = port->expectation == TLS_EXPECT_BY_ALPN;
	const uint64_t hash = hash_pair(t, &client, &server);
	struct flow *flow = find_flow(t, &client, &server, hash);
	if (!flow && !is_beginning(port, segment, to_server))
		return !by_alpn;
	if (!flow && !(flow = create_flow(t, &client, &server, hash)))
		return !by_alpn;
	flow->transport =
	        port->expectation == TLS_EXPECT_WSS ? TRANSPORT_WSS : TRANSPORT_TLS;
	unlink_flow(t, flow);
	link_newest(t, flow);
	read_segment(t, flow, to_server, segment);
	if (flow->peer && p->at > flow->peer->known.last)
		flow->peer->known.last = p->at;
	return true;
}

void tls_peers_each(const struct tls_peers *t,
                    void (*visit)(void *self, const struct tls_peer *peer), void *self)
{
	for (const struct peer *peer = t->first_peer; peer; peer = peer->next)
		visit(self, &peer->known);
}

struct tls_counters tls_peers_counters(const struct tls_peers *t)
{
	return t->counters;
}

void tls_peers_free(struct tls_peers *t)
{
	if (!t)
		return;
	while (t->oldest)
		remove_flow(t, t->oldest);
	for (struct peer *peer = t->first_peer, *next; peer; peer = next) {
		next = peer->next;
		free(peer);
	}
	free(t->peer_buckets);
	free(t->flow_buckets);
	free(t);
}
