#include "probe/tcp_stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/base/hash.h"
#include "probe/tcp_stream_reader.h"

enum { BUCKETS = 16384, PORT_COUNT = 65536 };
static const nstime idle_limit = 600 * NS_PER_SEC;
static const nstime idle_limit_tight = 30 * NS_PER_SEC; /* of which nothing came */

struct flow_key {
	struct endpoint low, high; /* by endpoint_compare, whoever began */
};

struct flow {
	struct flow *next_in_bucket, *older, *newer;
	struct flow_key key;
	uint64_t hash;
	nstime seen;
	size_t charge;
	bool proven;              /* a message came out of it */
	struct tcp_reader reader; /* side 0 is sent by key.low */
};

struct flow_list {
	struct flow *oldest, *newest;
};

struct tcp_streams {
	struct flow **buckets; /* owned, BUCKETS */
	/* Owned, by their last segment: those of which nothing came yet, and the others. */
	struct flow_list lists[2];
	size_t byte_limit;
	struct hash_key hash_key;
	uint8_t sip_port[PORT_COUNT / 8]; /* a bit for each port */
	uint8_t *scratch;                 /* owned; see tcp_outlet */
	struct tcp_stream_counters counters;
	struct pressure pressure;
};

static bool is_sip_port(const struct tcp_streams *t, uint16_t port)
{
	return t->sip_port[port / 8] >> port % 8 & 1;
}

enum status tcp_streams_new(const uint16_t *sip_ports, size_t port_count, size_t byte_limit,
                            struct tcp_streams **out)
{
	struct tcp_streams *t = calloc(1, sizeof *t);
	if (!t)
		return ERR_NOMEM;
	t->byte_limit = byte_limit;
	for (size_t i = 0; i < port_count; i++)
		t->sip_port[sip_ports[i] / 8] |= (uint8_t)(1u << sip_ports[i] % 8);
	t->buckets = calloc(BUCKETS, sizeof(struct flow *));
	const bool have_key = getentropy(&t->hash_key, sizeof t->hash_key) == 0;
	if (!t->buckets || !have_key) {
		const enum status status = t->buckets ? ERR_IO : ERR_NOMEM;
		tcp_streams_free(t);
		return status;
	}
	*out = t;
	return OK;
}

static struct flow_key key_of(const struct packet *p, unsigned int *side)
{
	*side = endpoint_compare(&p->src, &p->dst) > 0;
	return *side ? (struct flow_key){ p->dst, p->src }
	             : (struct flow_key){ p->src, p->dst };
}

static struct flow *find(const struct tcp_streams *t, const struct flow_key *key,
                         uint64_t hash)
{
	struct flow *flow = t->buckets[hash % BUCKETS];
	while (flow && (flow->hash != hash || memcmp(&flow->key, key, sizeof *key) != 0))
		flow = flow->next_in_bucket;
	return flow;
}

static void unlink_flow(struct tcp_streams *t, struct flow *flow)
{
	struct flow_list *list = &t->lists[flow->proven];
	*(flow->older ? &flow->older->newer : &list->oldest) = flow->newer;
	*(flow->newer ? &flow->newer->older : &list->newest) = flow->older;
	flow->older = flow->newer = NULL;
}

static void link_newest(struct tcp_streams *t, struct flow *flow)
{
	struct flow_list *list = &t->lists[flow->proven];
	flow->older = list->newest;
	*(list->newest ? &list->newest->newer : &list->oldest) = flow;
	list->newest = flow;
}

static void remove_flow(struct tcp_streams *t, struct flow *flow)
{
	struct flow **slot = &t->buckets[flow->hash % BUCKETS];
	while (*slot != flow)
		slot = &(*slot)->next_in_bucket;
	*slot = flow->next_in_bucket;
	unlink_flow(t, flow);
	tcp_reader_drop(&flow->reader, &t->counters);
	t->counters.held--;
	t->counters.held_bytes -= flow->charge;
	free(flow);
}

static struct flow *create(struct tcp_streams *t, const struct flow_key *key, uint64_t hash)
{
	struct flow *flow = calloc(1, sizeof *flow);
	if (!flow)
		return NULL;
	flow->key = *key;
	flow->hash = hash;
	flow->charge = sizeof *flow;
	flow->next_in_bucket = t->buckets[hash % BUCKETS];
	t->buckets[hash % BUCKETS] = flow;
	link_newest(t, flow);
	t->counters.connections++;
	t->counters.held++;
	t->counters.held_bytes += flow->charge;
	return flow;
}

static void charge(struct tcp_streams *t, struct flow *flow)
{
	const size_t now = sizeof *flow + tcp_reader_memory(&flow->reader);
	t->counters.held_bytes += now - flow->charge;
	flow->charge = now;
}

/* Half-open connections and those of strangers go before any that has carried SIP. */
static void make_room(struct tcp_streams *t, nstime now)
{
	pressure_look(&t->pressure, t->counters.held_bytes, t->byte_limit, now);
	for (size_t i = 0; i < ARRAY_LEN(t->lists); i++) {
		struct flow **oldest = &t->lists[i].oldest;
		const nstime limit = i == 0 ? pressure_patience(&t->pressure, idle_limit,
		                                                idle_limit_tight)
		                            : idle_limit;
		while (*oldest && now > (*oldest)->seen && now - (*oldest)->seen > limit)
			remove_flow(t, *oldest);
	}
	for (size_t i = 0; i < ARRAY_LEN(t->lists); i++) {
		while (t->counters.held_bytes > t->byte_limit && t->lists[i].oldest) {
			remove_flow(t, t->lists[i].oldest);
			t->counters.evicted++;
		}
	}
}

/* Is a segment of a connection that is not followed worth beginning with? */
static bool is_beginning(const struct tcp_streams *t, const struct decoded *segment)
{
	const struct packet *p = &segment->packet;
	if (is_sip_port(t, p->src.port) || is_sip_port(t, p->dst.port))
		return segment->tcp.syn || p->payload.len > 0;
	return tcp_reader_is_beginning(p->payload);
}

enum tcp_stream_claim tcp_streams_feed(struct tcp_streams *t, const struct decoded *segment,
                                       const struct tcp_stream_sink *sink)
{
	const struct packet *p = &segment->packet;
	unsigned int side;
	const struct flow_key key = key_of(p, &side);
	const uint64_t hash = hash_bytes(&t->hash_key, &key, sizeof key);
	struct flow *flow = find(t, &key, hash);
	if (!flow && !is_beginning(t, segment)) {
		const bool sip = is_sip_port(t, p->src.port) || is_sip_port(t, p->dst.port);
		return sip ? TCP_STREAM_OURS : TCP_STREAM_NOT_OURS;
	}
	if (!flow && t->pressure.on && p->payload.len == 0) {
		t->counters.not_followed++;
		make_room(t, p->at);
		return TCP_STREAM_OURS;
	}
	if (!flow && !(flow = create(t, &key, hash)))
		return TCP_STREAM_FULL;
	const struct tcp_outlet outlet = { sink, &t->counters, &t->scratch };
	const uint64_t messages = t->counters.messages;
	const bool fits = tcp_reader_feed(&flow->reader, side, segment, &outlet);
	unlink_flow(t, flow);
	flow->proven = flow->proven || t->counters.messages > messages;
	flow->seen = p->at;
	link_newest(t, flow);
	const bool ours = !tcp_reader_is_foreign(&flow->reader);
	charge(t, flow);
	make_room(t, p->at); /* may free the flow */
	if (!fits)
		return TCP_STREAM_FULL;
	return ours ? TCP_STREAM_OURS : TCP_STREAM_NOT_OURS;
}

void tcp_streams_finish(struct tcp_streams *t, const struct tcp_stream_sink *sink)
{
	const struct tcp_outlet outlet = { sink, &t->counters, &t->scratch };
	for (size_t i = 0; i < ARRAY_LEN(t->lists); i++) {
		for (struct flow *flow; (flow = t->lists[i].oldest);) {
			tcp_reader_finish(&flow->reader, &outlet);
			remove_flow(t, flow);
		}
	}
}

struct pressure tcp_streams_pressure(const struct tcp_streams *t)
{
	return t->pressure;
}

struct tcp_stream_counters tcp_streams_counters(const struct tcp_streams *t)
{
	return t->counters;
}

void tcp_streams_free(struct tcp_streams *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < ARRAY_LEN(t->lists); i++) {
		while (t->lists[i].oldest)
			remove_flow(t, t->lists[i].oldest);
	}
	free(t->buckets);
	free(t->scratch);
	free(t);
}
