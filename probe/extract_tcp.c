#include "probe/extract_tcp.h"

#include <string.h>

#include "probe/extract_list.h"

#define BYTE_LIMIT ((size_t)64 << 20)

/* One segment, and the messages that it completed. */
struct event {
	struct extract_pick pick;
	uint8_t side; /* which sent it: 0 is connection.a */
	bool has_data;
	bool has_rest;  /* behind its last message comes more: the next one begins in it */
	bool ours[2];   /* completed a message of the call, sent by side 0, 1 */
	bool others[2]; /* completed another message */
	bool wanted;
};

struct connection {
	struct endpoint a, b;
	bool whole;           /* WebSocket */
	bool shared;          /* carried messages that are not the call's */
	struct event *events; /* owned; in the order of frames */
	size_t count, room;
};

struct extract_tcp {
	const struct extract_find *find; /* borrowed */
	struct tcp_streams *streams;     /* owned */
	struct tcp_stream_sink sink;
	struct connection *connections; /* owned */
	size_t count, room;
	struct span data; /* of the segment at hand; borrowed */
	bool no_memory;
};

static bool joins(const struct connection *c, const struct endpoint *src,
                  const struct endpoint *dst)
{
	return (endpoint_equal(&c->a, src) && endpoint_equal(&c->b, dst)) ||
	       (endpoint_equal(&c->a, dst) && endpoint_equal(&c->b, src));
}

static struct connection *find_connection(const struct extract_tcp *tcp,
                                          const struct endpoint *src,
                                          const struct endpoint *dst)
{
	for (size_t i = 0; i < tcp->count; i++) {
		if (joins(&tcp->connections[i], src, dst))
			return &tcp->connections[i];
	}
	return NULL;
}

static enum status add_connection(struct extract_tcp *tcp,
                                  const struct extract_message *message)
{
	struct connection *known = find_connection(tcp, &message->src, &message->dst);
	if (!known) {
		void *moved = extract_list_grow(tcp->connections, tcp->count, &tcp->room,
		                                sizeof *tcp->connections);
		if (!moved)
			return ERR_NOMEM;
		tcp->connections = moved;
		known = &tcp->connections[tcp->count++];
		*known = (struct connection){ .a = message->src, .b = message->dst };
	}
	known->whole |= message->transport == TRANSPORT_WS;
	return OK;
}

/* --- messages ------------------------------------------------------------------------- */

static bool is_ours(const struct extract_tcp *tcp, const struct packet *message)
{
	const struct extract_message *m = extract_find_message(tcp->find, message->frame);
	const struct extract_message *end = tcp->find->messages + tcp->find->message_count;
	for (; m && m < end && m->frame == message->frame; m++) {
		if (endpoint_equal(&m->src, &message->src) &&
		    endpoint_equal(&m->dst, &message->dst))
			return true;
	}
	return false;
}

static bool ends_alike(struct span a, struct span b)
{
	const size_t len = a.len < b.len ? a.len : b.len;
	return len > 0 && memcmp(a.at + (a.len - len), b.at + (b.len - len), len) == 0;
}

/* The event at hand is the last of its connection. */
static void take_message(void *self, const struct packet *message)
{
	struct extract_tcp *tcp = self;
	struct connection *c = find_connection(tcp, &message->src, &message->dst);
	if (!c || c->count == 0)
		return;
	struct event *event = &c->events[c->count - 1];
	const unsigned int side = !endpoint_equal(&c->a, &message->src);
	const bool ours = is_ours(tcp, message);
	event->ours[side] |= ours;
	event->others[side] |= !ours;
	c->shared |= !ours;
	if (event->side == side)
		event->has_rest = !ends_alike(tcp->data, message->payload);
}

/* --- segments ------------------------------------------------------------------------- */

enum status extract_tcp_new(const struct extract_find *find,
                            const struct settings *settings, struct extract_tcp **out)
{
	size_t port_count = 0;
	while (port_count < LIMIT_SIP_PORTS && settings->sip_ports[port_count])
		port_count++;
	struct extract_tcp *tcp = calloc(1, sizeof *tcp);
	if (!tcp)
		return ERR_NOMEM;
	tcp->find = find;
	tcp->sink = (struct tcp_stream_sink){ take_message, tcp };
	enum status status =
	        tcp_streams_new(settings->sip_ports, port_count, BYTE_LIMIT, &tcp->streams);
	for (size_t i = 0; status == OK && i < find->message_count; i++) {
		const enum transport transport = find->messages[i].transport;
		if (transport == TRANSPORT_TCP || transport == TRANSPORT_WS)
			status = add_connection(tcp, &find->messages[i]);
	}
	if (status != OK) {
		extract_tcp_free(tcp);
		return status;
	}
	*out = tcp;
	return OK;
}

void extract_tcp_segment(struct extract_tcp *tcp, const struct frame *frame,
                         const struct decoded *segment)
{
	const struct packet *packet = &segment->packet;
	struct connection *c = find_connection(tcp, &packet->src, &packet->dst);
	if (!c)
		return;
	void *moved = extract_list_grow(c->events, c->count, &c->room, sizeof *c->events);
	if (!moved) {
		tcp->no_memory = true;
		return;
	}
	c->events = moved;
	c->events[c->count++] = (struct event){
		.pick = extract_pick_of(frame),
		.side = !endpoint_equal(&c->a, &packet->src),
		.has_data = packet->payload.len > 0,
		.has_rest = true,
	};
	tcp->data = packet->payload;
	if (tcp_streams_feed(tcp->streams, segment, &tcp->sink) == TCP_STREAM_FULL)
		tcp->no_memory = true;
}

/* --- what is picked ------------------------------------------------------------------- */

/* From where its first byte may be up to the event that completed it. */
static void want_message(struct connection *c, unsigned int side, size_t from, size_t to)
{
	for (size_t i = from; i <= to; i++)
		c->events[i].wanted |= c->events[i].side == side;
}

/* Marks the segments of one side's messages; `from` is where the next message may begin. */
static void want_side(struct connection *c, unsigned int side)
{
	size_t from = 0, last_data = 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct event *event = &c->events[i];
		if (event->side == side && event->has_data)
			last_data = i;
		if (event->ours[side])
			want_message(c, side, from, i);
		if (event->ours[side] || event->others[side])
			from = c->events[last_data].has_rest ? last_data : i + 1;
	}
}

static void pick_shared(struct connection *c, struct extract_picks *picks)
{
	size_t first = c->count, last = 0;
	want_side(c, 0);
	want_side(c, 1);
	for (size_t i = 0; i < c->count; i++) {
		if (!c->events[i].wanted)
			continue;
		first = i < first ? i : first;
		last = i;
	}
	for (size_t i = first; i < c->count && i <= last; i++) {
		struct event *event = &c->events[i];
		event->pick.blank = !event->wanted && event->has_data;
		extract_picks_add(picks, &event->pick);
	}
}

enum status extract_tcp_finish(struct extract_tcp *tcp, struct extract_picks *picks)
{
	tcp->data = (struct span){ 0 };
	tcp_streams_finish(tcp->streams, &tcp->sink);
	for (size_t i = 0; i < tcp->count; i++) {
		struct connection *c = &tcp->connections[i];
		if (c->shared && !c->whole) {
			pick_shared(c, picks);
			continue;
		}
		for (size_t k = 0; k < c->count; k++)
			extract_picks_add(picks, &c->events[k].pick);
	}
	return tcp->no_memory || picks->no_memory ? ERR_NOMEM : OK;
}

void extract_tcp_free(struct extract_tcp *tcp)
{
	if (!tcp)
		return;
	for (size_t i = 0; i < tcp->count; i++)
		free(tcp->connections[i].events);
	free(tcp->connections);
	tcp_streams_free(tcp->streams);
	free(tcp);
}
