/* pipeline_front_tcp.c - SIP out of TCP, and what is encrypted. */
#include "probe/pipeline_front_parts.h"

/* A batch of its own: everything before it goes first, and its frames are counted here. */
void front_take_message(void *self, const struct packet *message)
{
	struct front *p = self;
	if (p->hep && hep_feed_was_told(p->hep, message))
		return;
	if (!p->batch->messages)
		front_flush(p);
	p->batch->messages = true;
	*front_next(p) = *message;
	front_take_datagram(p, false);
	if (!front_keeps(p))
		front_flush(p);
}

void front_end_messages(struct front *p)
{
	if (p->batch->messages)
		front_flush(p);
	p->batch->messages = false;
}

void front_take_segment(struct front *p, const struct decoded *decoded)
{
	const enum tcp_stream_claim claim = tcp_streams_feed(p->tcp, decoded, &p->messages);
	front_end_messages(p);
	const uint64_t gaps = tcp_streams_counters(p->tcp).gaps;
	if (gaps > p->tcp_gaps) {
		p->batch->end = BATCH_THEN_TCP_GAP;
		p->batch->at = decoded->packet.at;
		front_deliver(p);
	}
	p->tcp_gaps = gaps;
	const bool encrypted = tls_peers_feed(p->tls, decoded);
	if (encrypted || claim == TCP_STREAM_OURS)
		p->parsed++;
	else if (claim == TCP_STREAM_FULL)
		p->by_reason[REASON_TCP_FULL]++;
	else
		p->not_ours++;
}
