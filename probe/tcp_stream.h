/*
 * tcp_stream.h - SIP messages out of TCP connections.
 *
 * Followed are connections of a SIP port and those in which a segment begins like SIP or
 * opens a WebSocket for it (RFC 7118); others cost one look-up for each segment.  Capture
 * loss is stepped over: reading goes on at the next start line.  Memory is bounded; the
 * connection idle for longest makes room, half-open ones and others of which no message
 * came before those that carry SIP.  Under pressure half-open ones are not followed, and
 * those of which no message came are forgotten sooner.
 */
#ifndef EARSHOT_PROBE_TCP_STREAM_H
#define EARSHOT_PROBE_TCP_STREAM_H

#include "analyzer/base/status.h"
#include "analyzer/model/pressure.h"
#include "probe/decode.h"

struct tcp_streams;

/*
 * Where messages go: exactly one each, TRANSPORT_TCP or TRANSPORT_WS, at the time and with
 * the frame number of the segment that completed it.  The payload dies when this returns.
 */
struct tcp_stream_sink {
	void (*message)(void *self, const struct packet *message);
	void *self;
};

enum tcp_stream_claim {
	TCP_STREAM_NOT_OURS,
	TCP_STREAM_OURS, /* carries SIP, or may still turn out to */
	TCP_STREAM_FULL, /* memory ran out: REASON_TCP_FULL */
};

struct tcp_stream_counters {
	uint64_t connections; /* followed */
	uint64_t messages;
	uint64_t resynchronised; /* times that bytes which are no SIP were passed over */
	uint64_t gaps;           /* given up: segments that the capture lost */
	uint64_t lost_bytes;     /* in them */
	uint64_t incomplete;     /* messages of which only a part was seen */
	uint64_t evicted;        /* connections that had to make room */
	uint64_t not_followed; /* half-open ones, under pressure: until they carry something
	                        */
	uint64_t held;         /* connections now */
	uint64_t held_bytes;
};

/* sip_ports: those worth following from the first segment; copied.  ERR_NOMEM, ERR_IO. */
MUST_CHECK enum status tcp_streams_new(const uint16_t *sip_ports, size_t port_count,
                                       size_t byte_limit, struct tcp_streams **out);

/* `segment` is DECODED_SEGMENT. */
enum tcp_stream_claim tcp_streams_feed(struct tcp_streams *streams,
                                       const struct decoded *segment,
                                       const struct tcp_stream_sink *sink);

/* The end of the input: what is complete behind a gap is delivered. */
void tcp_streams_finish(struct tcp_streams *streams, const struct tcp_stream_sink *sink);

struct tcp_stream_counters tcp_streams_counters(const struct tcp_streams *streams);
struct pressure tcp_streams_pressure(const struct tcp_streams *streams);
void tcp_streams_free(struct tcp_streams *streams); /* NULL is fine */

#endif
