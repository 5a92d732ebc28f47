/*
 * decode.h - a frame to a packet: link layer, tunnels, IP and its fragments, UDP, and TCP
 * segments as far as tcp_stream.h needs them.  Checksums are not looked at: captures on a
 * sending host are full of wrong ones that the network card puts right.
 */
#ifndef EARSHOT_PROBE_DECODE_H
#define EARSHOT_PROBE_DECODE_H

#include "analyzer/model/packet.h"
#include "probe/frame.h"

enum decode_result {
	DECODED_DATAGRAM, /* packet is a whole UDP datagram, or an ICMP error about one:
	                   * TRANSPORT_ICMP, src and dst as quoted, no payload */
	DECODED_SEGMENT, /* packet is a TCP segment: `tcp` is filled, payload is its data */
	DECODED_HELD,    /* an IP fragment, kept until its datagram is whole */
	DECODED_NOT_OURS,  /* well formed, but not IP, or an IP protocol we do not read */
	DECODED_MALFORMED, /* `reason` says why */
	DECODED_DROPPED,   /* a bounded table was full; `reason` says which */
};

/* Reasons a frame is malformed or dropped; the names are counters people see. */
enum decode_reason {
	REASON_NONE,
	/* malformed */
	REASON_LINK_HEADER,
	REASON_LINK_TYPE,
	REASON_TAG,
	REASON_MPLS,
	REASON_PPPOE,
	REASON_IP_HEADER,
	REASON_IP_LENGTH,
	REASON_IP_EXTENSION,
	REASON_FRAGMENT,
	REASON_UDP_HEADER,
	REASON_UDP_LENGTH,
	REASON_TCP_HEADER,
	REASON_TUNNEL,
	REASON_TOO_DEEP,
	REASON_CUT_SHORT,
	REASON_HEP,
	/* dropped */
	REASON_FRAGMENTS_FULL,
	REASON_FRAGMENT_TIMEOUT,
	REASON_TCP_FULL,
	REASON_FILTERED,
	REASON_COUNT
};

extern const char *const decode_reason_names[REASON_COUNT];

struct tcp_header {
	uint32_t sequence, acknowledgement;
	bool syn, fin, rst, ack;
};

/*
 * Only what `result` promises is filled: packet for datagrams and segments, tcp for
 * segments.
 */
struct decoded {
	enum decode_result result;
	enum decode_reason reason;
	struct packet packet; /* payload borrows from the frame, or from the decoder when
	                       * `reassembled`: then it dies at the next decode_frame */
	bool reassembled;
	struct tcp_header tcp;
};

/*
 * What became of the frames that were DECODED_HELD; their sum is how many there were.
 * The frame that completes a datagram is not among them: it had a result of its own.
 */
struct decoder_held {
	uint64_t waiting;   /* in datagrams that are not whole yet */
	uint64_t joined;    /* in datagrams that became whole */
	uint64_t timed_out; /* REASON_FRAGMENT_TIMEOUT */
	uint64_t evicted;   /* REASON_FRAGMENTS_FULL */
	uint64_t refused;   /* REASON_FRAGMENT: a later fragment contradicted them */
};

struct decoder;

/* fragment_bytes: memory cap for incomplete datagrams.  ERR_NOMEM; ERR_IO: no key. */
MUST_CHECK enum status decoder_new(size_t fragment_bytes, struct decoder **out);

/* Any frame; see decode_plain.h for the plain ones. */
void decode_frame(struct decoder *decoder, const struct frame *frame, struct decoded *out);
struct decoder_held decoder_held(const struct decoder *decoder);
/* Of datagrams that are not whole. */
struct pressure decoder_pressure(const struct decoder *decoder);
void decoder_free(struct decoder *decoder);

#endif
