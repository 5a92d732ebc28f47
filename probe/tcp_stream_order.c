#include "probe/tcp_stream_order.h"

#include <stdlib.h>
#include <string.h>

enum {
	FIRST_ROOM = 2048,
	FAR_AWAY = 16 * 1024 * 1024, /* beyond any window: another connection's numbers */
	GAP_ACKS = 2,
};

/* A segment that came before its turn. */
struct tcp_piece {
	struct tcp_piece *next;
	uint32_t sequence;
	uint32_t len;
	uint8_t bytes[];
};

/* How far b lies behind a; sequence numbers wrap. */
static int32_t distance(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

static void drop_waiting(struct tcp_order *o)
{
	for (struct tcp_piece *piece = o->waiting, *next; piece; piece = next) {
		next = piece->next;
		free(piece);
	}
	o->waiting = NULL;
	o->waiting_bytes = 0;
	o->gap_acks = 0;
}

void tcp_order_drop_bytes(struct tcp_order *o)
{
	drop_waiting(o);
	free(o->bytes);
	o->bytes = NULL;
	o->len = o->room = 0;
}

void tcp_order_start(struct tcp_order *o, uint32_t sequence)
{
	tcp_order_drop_bytes(o);
	*o = (struct tcp_order){ .started = true, .next = sequence };
}

static bool append(struct tcp_order *o, struct span data)
{
	if (data.len > o->room - o->len) {
		size_t room = o->room ? o->room : FIRST_ROOM;
		while (data.len > room - o->len)
			room *= 2;
		uint8_t *grown = realloc(o->bytes, room);
		if (!grown)
			return false;
		o->bytes = grown;
		o->room = room;
	}
	memcpy(o->bytes + o->len, data.at, data.len);
	o->len += data.len;
	o->next += (uint32_t)data.len;
	return true;
}

/* The part of a segment from the byte `next` on; empty when it is all old. */
static struct span fresh_part(const struct tcp_order *o, uint32_t sequence,
                              struct span data)
{
	const int32_t old = distance(sequence, o->next);
	struct reader r = reader_of(data);
	if (old > 0)
		take(&r, (size_t)old);
	return r.rest;
}

/* Takes over what waited for the bytes just added. */
static bool take_waiting(struct tcp_order *o)
{
	bool fits = true;
	while (fits && o->waiting && distance(o->next, o->waiting->sequence) <= 0) {
		struct tcp_piece *piece = o->waiting;
		const struct span data = { piece->bytes, piece->len };
		const struct span fresh = fresh_part(o, piece->sequence, data);
		fits = fresh.len == 0 || append(o, fresh);
		o->waiting = piece->next;
		o->waiting_bytes -= sizeof *piece + piece->len;
		o->gap_acks = 0;
		free(piece);
	}
	return fits;
}

static bool keep_waiting(struct tcp_order *o, uint32_t sequence, struct span data)
{
	struct tcp_piece **slot = &o->waiting;
	while (*slot && distance((*slot)->sequence, sequence) > 0)
		slot = &(*slot)->next;
	if (*slot && (*slot)->sequence == sequence && (*slot)->len >= data.len)
		return true;
	struct tcp_piece *piece = malloc(sizeof *piece + data.len);
	if (!piece)
		return false;
	piece->sequence = sequence;
	piece->len = (uint32_t)data.len;
	memcpy(piece->bytes, data.at, data.len);
	piece->next = *slot;
	*slot = piece;
	o->waiting_bytes += sizeof *piece + data.len;
	return true;
}

bool tcp_order_add(struct tcp_order *o, uint32_t sequence, struct span data)
{
	if (data.len == 0)
		return true;
	const int32_t ahead = distance(o->next, sequence);
	if (!o->started || ahead > FAR_AWAY || ahead < -FAR_AWAY)
		tcp_order_start(o, sequence);
	else if (ahead > 0)
		return keep_waiting(o, sequence, data);
	const struct span fresh = fresh_part(o, sequence, data);
	return fresh.len == 0 || (append(o, fresh) && take_waiting(o));
}

void tcp_order_acknowledge(struct tcp_order *o, uint32_t sequence)
{
	if (o->has_acknowledged && distance(o->acknowledged, sequence) < 0)
		return;
	o->acknowledged = sequence;
	o->has_acknowledged = true;
	if (o->waiting && distance(o->waiting->sequence, sequence) >= 0 &&
	    distance(o->next, sequence) <= FAR_AWAY)
		o->gap_acks++;
}

bool tcp_order_is_gap_lost(const struct tcp_order *o)
{
	return o->waiting &&
	       (o->gap_acks >= GAP_ACKS || o->waiting_bytes > TCP_ORDER_WAITING_MAX);
}

size_t tcp_order_skip_gap(struct tcp_order *o)
{
	if (!o->waiting)
		return 0;
	const int32_t missing = distance(o->next, o->waiting->sequence);
	o->len = 0;
	o->next = o->waiting->sequence;
	take_waiting(o);
	return missing > 0 ? (size_t)missing : 0;
}

void tcp_order_consume(struct tcp_order *o, size_t n)
{
	o->len -= n;
	if (o->len > 0) {
		memmove(o->bytes, o->bytes + n, o->len);
		return;
	}
	free(o->bytes);
	o->bytes = NULL;
	o->room = 0;
}

size_t tcp_order_memory(const struct tcp_order *o)
{
	return o->room + o->waiting_bytes;
}
