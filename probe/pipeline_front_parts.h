/*
 * pipeline_front_parts.h - what the front is made of, for the files that it is written in:
 * frames and time (pipeline_front.c), what comes by TCP (pipeline_front_tcp.c) and from
 * agents (pipeline_front_hep.c).
 */
#ifndef EARSHOT_PROBE_PIPELINE_FRONT_PARTS_H
#define EARSHOT_PROBE_PIPELINE_FRONT_PARTS_H

#include "analyzer/track/glance.h"
#include "probe/frame_digest.h"
#include "probe/frame_filter.h"
#include "probe/hep_feed.h"
#include "probe/pipeline_front.h"
#include "probe/points.h"
#include "probe/tcp_stream.h"
#include "probe/tls.h"

struct encrypted_list {
	struct encrypted_record *list; /* owned */
	size_t count;
};

struct front {
	struct frame_filter *filter; /* owned; NULL = every frame */
	struct decoder *decoder;     /* owned */
	struct tcp_streams *tcp;     /* owned */
	struct tls_peers *tls;       /* owned */
	struct tcp_stream_sink messages;
	struct hash_key key; /* of what is remembered of strangers */
	struct glance_key glance_key;
	uint16_t sip_ports[LIMIT_SIP_PORTS];
	struct sdp sdp;              /* scratch */
	struct hep_feed *hep;        /* owned; NULL: agents are not heard */
	bool hep_in_udp;             /* it is looked for in the packets themselves */
	struct point_sights *sights; /* owned; NULL: there are no points to tell apart */

	struct packet_batch *batch; /* borrowed: what is being filled */
	struct front_outlet outlet;

	struct frame held;   /* far ahead of all others, waits for the one after it */
	uint8_t *held_bytes; /* owned; NULL = nothing is held */

	nstime latest; /* highest stamp so far; NSTIME_NONE before the first frame */
	uint64_t clock_jumps, capture_dropped, tcp_gaps;
	uint64_t frames, parsed, not_ours;
	uint64_t by_reason[REASON_COUNT];
	struct frame_digest digest;
	bool listening;                  /* the sound of streams is looked at */
	struct encrypted_list encrypted; /* at the end */
};

static inline void front_deliver(struct front *p)
{
	p->batch = p->outlet.deliver(p->outlet.self, p->batch);
}

/* Where the next packet is put together. */
static inline struct packet *front_next(const struct front *p)
{
	return &p->batch->packets[p->batch->count];
}

/* Packets outlive their frames. */
static inline bool front_keeps(const struct front *p)
{
	return p->batch->kept.room > 0;
}

/* The next packet's payload stays when its frame goes; the batch may become another. */
void front_keep_payload(struct front *p);

/* What the next packet says, if it is SIP; its payload lies where it will be read. */
void front_glance_sip(struct front *p);

static inline void front_make_stay(struct front *p, bool stays)
{
	if (!front_keeps(p))
		return;
	packet_batch_expect(p->batch);
	if (!stays)
		front_keep_payload(p);
}

static inline void front_put(struct front *p)
{
	if (++p->batch->count == p->batch->limit)
		front_deliver(p);
}

/* The next of the batch is filled, and no SIP.  stays: what its payload lies in does. */
static inline void front_take_glanced(struct front *p, bool stays)
{
	front_make_stay(p, stays);
	front_put(p);
}

/* The same of one that nobody has looked at yet. */
static inline void front_take_datagram(struct front *p, bool stays)
{
	struct packet *packet = front_next(p);
	glance_at(&p->glance_key, packet, &packet->glance);
	front_make_stay(p, stays);
	front_glance_sip(p);
	front_put(p);
	if (p->batch->sip_count == PACKET_BATCH_SIP)
		front_deliver(p);
}

/* Where messages out of TCP go: self is the front. */
void front_take_message(void *self, const struct packet *message);
/* Messages of one segment go together. */
void front_end_messages(struct front *p);
void front_take_segment(struct front *p, const struct decoded *decoded);

/* A FRAME_HEP. */
void front_take_hep_frame(struct front *p, const struct frame *frame);
/* True: the next of the batch is no packet of ours, and was dealt with. */
bool front_take_as_hep(struct front *p);

#endif
