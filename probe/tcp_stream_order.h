/*
 * tcp_stream_order.h - the bytes of one direction of a TCP connection in their order
 * (RFC 9293), from segments that come twice, overlap, come early or never.
 *
 * Bounded: what waits behind a gap takes at most TCP_ORDER_WAITING_MAX bytes.
 */
#ifndef EARSHOT_PROBE_TCP_STREAM_ORDER_H
#define EARSHOT_PROBE_TCP_STREAM_ORDER_H

#include "analyzer/base/span.h"

enum { TCP_ORDER_WAITING_MAX = 128 * 1024 };

struct tcp_piece;

/* All zero: nothing seen yet. */
struct tcp_order {
	uint8_t *bytes; /* owned; [0, len) is in order and not consumed yet */
	size_t len, room;
	struct tcp_piece *waiting; /* owned list behind a gap, in sequence order */
	size_t waiting_bytes;      /* of them, with what they cost */
	uint32_t next;             /* sequence number behind `bytes` */
	uint32_t acknowledged;     /* by the other side, when has_acknowledged */
	unsigned int gap_acks; /* segments seen since the other side confirmed the gap */
	bool started, has_acknowledged;
	bool has_fin; /* the sender has closed; kept here by the caller */
};

/* Begins, or begins anew, with the byte `sequence`. */
void tcp_order_start(struct tcp_order *order, uint32_t sequence);

/*
 * Takes a segment's data.  `data` may be shorter than it was on the wire: what lacks is a
 * gap like any other.  False when memory ran out: then the bytes are as if never seen.
 */
bool tcp_order_add(struct tcp_order *order, uint32_t sequence, struct span data);

/* The other side has received everything before `sequence`; call for each of its ACKs. */
void tcp_order_acknowledge(struct tcp_order *order, uint32_t sequence);

/*
 * Is there a gap that will not be filled?  The other side confirmed its bytes, and not in
 * the very last segment, because mirror ports swap neighbours; or too much waits.
 */
bool tcp_order_is_gap_lost(const struct tcp_order *order);

/*
 * Gives up the gap: drops the bytes before it and goes on behind it.  Returns the bytes
 * missing, 0 without a gap.
 */
size_t tcp_order_skip_gap(struct tcp_order *order);

void tcp_order_consume(struct tcp_order *order, size_t n);
size_t tcp_order_memory(const struct tcp_order *order);

/* Frees what is held and keeps the place, so that repeated segments are known as such. */
void tcp_order_drop_bytes(struct tcp_order *order);

#endif
