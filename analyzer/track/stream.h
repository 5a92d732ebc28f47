/*
 * stream.h - one SSRC from one transport address to another: counts, timing and, at its
 * end, its record.  It knows no SDP: media.c tells it what each payload type is.
 */
#ifndef EARSHOT_TRACK_STREAM_H
#define EARSHOT_TRACK_STREAM_H

#include "analyzer/model/packet.h"
#include "analyzer/model/record.h"
#include "analyzer/quality/jitter.h"
#include "analyzer/quality/sequence.h"
#include "analyzer/track/deadlines.h"
#include "analyzer/wire/rtp.h"

enum {
	STREAM_MAX_CLAIMS = 8,
	HELD_HEADERS = 64, /* quality.md: enough to guess a clock by */
};

/* The key: 40 bytes without padding, hashed as they lie. */
struct flow {
	struct endpoint src, dst;
	uint32_t ssrc;
};

/* What a payload type means in a stream. */
struct payload_meaning {
	uint32_t clock_hz;     /* 0 = unknown */
	uint32_t bit_rate_bps; /* of AMR with a single mode in its SDP; 0 = unknown */
	enum codec codec;
	enum clock_basis basis;
	bool no_vad; /* G.729 with annexb=no */
};

struct stream_type {
	uint32_t packets; /* of this type, copies too */
	uint32_t heard;   /* unique ones; those around which RFC 2198 was, too */
	uint8_t payload_type;
	uint8_t kind;   /* enum codec_kind */
	bool undecided; /* dynamic, and nobody has said what it is yet */
	struct payload_meaning meaning;
	nstime first; /* arrival of the first of them, or of the RFC 2198 packet around it
	               */
};

/* Headers kept until the clock is known, then replayed. */
struct held_headers {
	uint32_t count;
	struct {
		nstime arrival;
		int64_t extended;
		uint32_t timestamp;
		uint8_t payload_type;
		bool restart; /* a segment begins here */
	} list[HELD_HEADERS];
};

struct rtcp_figures {
	uint64_t sender_reports, receiver_reports;
	uint32_t sent_packets, jitter_ticks;
	int32_t lost;
	nstime bye;
	char cname[RECORD_WORDS];
};

struct stream {
	struct flow flow;
	uint16_t flags;              /* enum stream_flag */
	uint16_t ip_id;              /* of the latest packet */
	uint8_t type_count, type_at; /* types[type_at] is the latest packet's */
	uint8_t dscp;
	bool holding; /* there are held headers */
	nstime last;
	uint64_t packets;
	struct sequence sequence;
	struct jitter jitter;
	struct delta delta;
	struct stream_type types[RECORD_MAX_TYPES];
	/* Up to types[0] every packet reads it, what follows few: see HOT_LINES in media.c.
	 */

	struct held_headers *held; /* owned; counted by the media machine; NULL = none */
	uint64_t close_copies;     /* duplicates within 2 ms of the packet before */
	uint64_t span_copies;      /* of those: the same IP packet once more */
	uint64_t outage_lost;
	uint64_t backwards;
	struct timing jumped; /* the held packet */
	uint8_t jumped_type;  /* its own payload type, jumped's is that heard */
	bool jumped_marker;
	bool encrypted;

	uint64_t hash; /* of the flow, in the stream map */
	uint64_t id;
	nstime first;
	struct deadline deadline;
	struct rtcp_figures *rtcp; /* owned; NULL before the first report */

	uint32_t leg;                      /* number of the media leg + 1; 0 = none */
	uint32_t signalling_leg;           /* what the other machine calls it */
	uint32_t next_of_leg, prev_of_leg; /* stream numbers + 1 */
	uint32_t node_in, node_out;        /* numbers of the nodes of dst and src */
	uint32_t next_in, prev_in, next_out, prev_out;
	enum direction direction;
	uint8_t claim_count;
	uint64_t leg_id, call_id;
	uint64_t claims[STREAM_MAX_CLAIMS];
};

/* One RTP packet as the stream sees it. */
struct stream_packet {
	nstime arrival;
	uint32_t timestamp;
	uint16_t sequence;
	uint8_t payload_type;
	bool marker;
	uint16_t ip_id;      /* 0 = has none: IPv6, or a sender that sets none */
	struct span payload; /* may be cut short by the capture */
};

static inline struct stream_packet stream_packet_of(const struct packet *packet,
                                                    const struct rtp *rtp)
{
	return (struct stream_packet){ packet->at,        rtp->timestamp, rtp->sequence,
		                       rtp->payload_type, rtp->marker,    packet->ip_id,
		                       rtp->payload };
}

/* The entry of that payload type, or NULL: then stream_add_type comes first. */
struct stream_type *stream_type(struct stream *stream, uint8_t payload_type);

/* The payload type of an RFC 2198 packet's primary block; false when it is cut short. */
bool stream_red_primary(struct span payload, uint8_t *payload_type);

/*
 * Adds one; NULL when the stream has seen too many types already: such packets are counted
 * without a type.
 */
struct stream_type *stream_add_type(struct stream *stream, uint8_t payload_type, nstime at,
                                    const struct payload_meaning *meaning);

/* A later SDP says what a type is.  Held headers are replayed if that decides them. */
void stream_explain(struct stream *stream, struct stream_type *type,
                    const struct payload_meaning *meaning);

/*
 * Takes the next packet in arrival order.  `type` is that of the packet, `heard` that of
 * its audio (another one only for RFC 2198); NULL: over the cap.
 */
void stream_update(struct stream *stream, const struct stream_packet *packet,
                   struct stream_type *type, struct stream_type *heard);

/* The sender was sending elsewhere in between (sequence_interrupt). */
void stream_interrupt(struct stream *stream);

/*
 * Has it met an undecided type and no block to hold headers in?  Then the caller sets
 * stream->held, if it has one to give, before the next packet.
 */
bool stream_wants_held(const struct stream *stream);

/*
 * Guesses the clock of undecided types from what is held, replays, and empties the block.
 * Called when it is full and at the stream's end.
 */
void stream_decide(struct stream *stream);

/* Everything a record says about it; stream_decide has been called. */
void stream_record(const struct stream *stream, struct stream_record *out);

#endif
