/*
 * tcp_stream_reader.h - one TCP connection: both directions put in order, recognised as
 * SIP, as a WebSocket that carries it or as foreign, and cut into messages.
 */
#ifndef EARSHOT_PROBE_TCP_STREAM_READER_H
#define EARSHOT_PROBE_TCP_STREAM_READER_H

#include "probe/tcp_stream.h"
#include "probe/tcp_stream_order.h"

enum tcp_carrier {
	CARRIER_UNKNOWN,
	CARRIER_SIP,
	CARRIER_WEBSOCKET,
	CARRIER_FOREIGN, /* its bytes are not kept */
};

/* One direction. */
struct tcp_side {
	struct tcp_order order;
	struct packet last;      /* its latest segment, without payload */
	uint32_t first_sequence; /* of its SYN, when has_syn */
	bool has_syn;
	bool from_start;    /* order.bytes begins with the connection's first byte */
	bool in_frames;     /* of a WebSocket: its handshake is done with */
	bool behind_header; /* the header section in order.bytes is complete */
	size_t searched;    /* bytes of order.bytes known to hold no end of a header */
	size_t passed;      /* bytes passed over before the first message */
	bool has_gap;
	nstime gap_since;
};

/* What the readers of a table share. */
struct tcp_outlet {
	const struct tcp_stream_sink *sink;
	struct tcp_stream_counters *counters;
	uint8_t **
	        scratch; /* for a message out of WebSocket frames; made when first needed */
};

/* All zero: nothing seen yet. */
struct tcp_reader {
	struct tcp_side sides[2];
	enum tcp_carrier carrier;
};

/* Does a segment in the middle of nowhere show that its connection carries SIP? */
bool tcp_reader_is_beginning(struct span payload);

/* A segment sent by `side`.  False when memory ran out. */
bool tcp_reader_feed(struct tcp_reader *reader, unsigned int side,
                     const struct decoded *segment, const struct tcp_outlet *outlet);

static inline bool tcp_reader_is_foreign(const struct tcp_reader *reader)
{
	return reader->carrier == CARRIER_FOREIGN;
}

/* Delivers what is complete, gaps or not; then frees as tcp_reader_drop does. */
void tcp_reader_finish(struct tcp_reader *reader, const struct tcp_outlet *outlet);

/* Frees what is held; a message begun counts as incomplete. */
void tcp_reader_drop(struct tcp_reader *reader, struct tcp_stream_counters *counters);

size_t tcp_reader_memory(const struct tcp_reader *reader);

#endif
