#include "probe/pipeline_front_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/every_packet.h"
#include "probe/decode_plain.h"

/* --- batches -------------------------------------------------------------------------- */

void front_flush(struct front *front)
{
	if (!packet_batch_is_empty(front->batch))
		front_deliver(front);
}

void front_keep_payload(struct front *p)
{
	struct packet *packet = front_next(p);
	if (!kept_bytes_fit(&p->batch->kept, packet->payload.len)) {
		const struct packet waiting = *packet;
		const bool messages = p->batch->messages;
		front_flush(p);
		p->batch->messages = messages;
		packet = front_next(p);
		*packet = waiting;
	}
	const size_t len = packet->payload.len;
	packet->payload = kept_bytes_add(&p->batch->kept, packet->payload);
	if (packet->payload.len < len) /* memory ran out */
		packet->flags |= PACKET_TRUNCATED;
}

void front_glance_sip(struct front *p)
{
	struct packet_batch *batch = p->batch;
	struct packet *packet = front_next(p);
	if (packet->glance.shows != SHOWS_NO_RTP ||
	    !sip_glance_claims(p->sip_ports, packet))
		return;
	struct sip_glance *glance = &batch->sip[batch->sip_count++];
	sip_glance_at(&p->key, packet, &p->sdp, glance);
	packet->glance.shows = SHOWS_SIP;
	packet->glance.hash = glance->call_id;
	packet->glance.sip = glance;
}

/* --- frames --------------------------------------------------------------------------- */

/* It is asked of every packet: nearly all are RTP, which no agent tells of. */
static inline bool may_be_hep(const struct front *p)
{
	const uint64_t first = span_first_u64(front_next(p)->payload);
	const bool is_rtp_or_rtcp = (first & 0xc0) == 0x80;
	const bool is_rtcp = ((first >> 8 & 0xff) - 192) < 32; /* RFC 5761 section 4 */
	return p->hep && (!is_rtp_or_rtcp || is_rtcp);
}

/* SIP is one at all points; RTP and RTCP are apart at each. */
SELDOM static void note_point(struct front *p)
{
	struct packet *packet = front_next(p);
	if (p->sights && packet->transport == TRANSPORT_UDP &&
	    (span_first_u64(packet->payload) & 0xc0) != 0x80)
		packet->flags |= point_sights_note(p->sights, packet);
}

SELDOM static void take_layers(struct front *p, const struct frame *frame)
{
	struct decoded decoded;
	decode_frame(p->decoder, frame, &decoded);
	switch (decoded.result) {
	case DECODED_DATAGRAM:
		*front_next(p) = decoded.packet;
		note_point(p);
		if (!may_be_hep(p) || !front_take_as_hep(p))
			front_take_datagram(p, frame->stays && !decoded.reassembled);
		if (decoded.reassembled && !front_keeps(p))
			front_flush(p); /* its bytes die at the decoder's next frame */
		break;
	case DECODED_SEGMENT:
		front_take_segment(p, &decoded);
		break;
	case DECODED_HELD:
		p->parsed++;
		break;
	case DECODED_NOT_OURS:
		p->not_ours++;
		break;
	case DECODED_MALFORMED:
	case DECODED_DROPPED:
		p->by_reason[decoded.reason]++;
		break;
	}
}

/* Whatever is not plain. */
SELDOM static void take_other_frame(struct front *p, const struct frame *frame)
{
	frame_digest_add(&p->digest, frame);
	if (frame->link_type == FRAME_HEP && p->hep)
		front_take_hep_frame(p, frame);
	else
		take_layers(p, frame);
}

/* A plain datagram that is no RTP is the next of the batch. */
SELDOM static void take_plain_datagram(struct front *p, const struct frame *frame)
{
	frame_digest_add(&p->digest, frame);
	if (p->sights)
		note_point(p);
	if (!may_be_hep(p) || !front_take_as_hep(p))
		front_take_datagram(p, frame->stays);
}

/* Of a voice packet only its headers can matter, unless its sound is looked at. */
SELDOM static void digest_voice(struct front *p, const struct frame *frame)
{
	frame_digest_add(&p->digest, frame);
}

EVERY_PACKET static void take_frame(struct front *p, const struct frame *frame)
{
	struct packet *packet = front_next(p);
	if (__builtin_expect(!decode_plain(frame, packet), 0)) {
		take_other_frame(p, frame);
		return;
	}
	if (__builtin_expect(!glance_shows_rtp(packet->payload), 0)) {
		take_plain_datagram(p, frame);
		return;
	}
	glance_at_rtp(&p->glance_key, packet, &packet->glance);
	if (frame->bytes.len > FRAME_DIGEST_HEAD && !p->listening)
		frame_digest_add_head(&p->digest, frame);
	else
		digest_voice(p, frame);
	front_take_glanced(p, frame->stays);
}

#define CLOCK_JUMP (10 * NS_PER_SEC) /* no queue holds a packet for so long */

static bool is_far_ahead(nstime a, nstime b)
{
	/* Stamps are a stranger's: their difference may not fit a signed number. */
	return a > b && (uint64_t)a - (uint64_t)b > (uint64_t)CLOCK_JUMP;
}

static bool is_ahead(const struct front *p, const struct frame *frame)
{
	return p->latest == NSTIME_NONE || is_far_ahead(frame->at, p->latest);
}

/*
 * A frame far ahead of all others, when the next one is not: its stamp is wrong.  It must
 * not move time on, for that would end every call; it is put where it stands.
 */
static nstime sane_time(struct front *p, const struct frame *frame,
                        const struct frame *next)
{
	if (!is_ahead(p, frame) || !next || !is_far_ahead(frame->at, next->at))
		return frame->at;
	p->clock_jumps++;
	return p->latest == NSTIME_NONE ? next->at : p->latest;
}

/* A frame with another stamp than its own, or one that a filter may refuse. */
SELDOM static void take_doubtful(struct front *p, const struct frame *frame, nstime at)
{
	struct frame moved = *frame;
	moved.at = at;
	if (p->filter && !frame_filter_matches(p->filter, &moved)) {
		frame_digest_add(&p->digest, &moved);
		p->by_reason[REASON_FILTERED]++;
	} else {
		take_frame(p, &moved);
	}
}

/* next: the frame behind it, NULL = there is none. */
SELDOM static void take_next(struct front *p, const struct frame *frame,
                             const struct frame *next)
{
	p->frames++;
	const nstime at = sane_time(p, frame, next);
	p->latest = at > p->latest ? at : p->latest;
	if (at != frame->at || p->filter)
		take_doubtful(p, frame, at);
	else
		take_frame(p, frame);
}

/* Little later than the latest one, as nearly every frame is.  Before the first, none is.
 */
EVERY_PACKET static bool is_due(const struct front *p, const struct frame *frame)
{
	return (uint64_t)frame->at - (uint64_t)p->latest <= (uint64_t)CLOCK_JUMP &&
	       !p->filter;
}

/* Keeps a copy of the frame until the next one is known; false when memory ran out. */
SELDOM static bool hold(struct front *p, const struct frame *frame)
{
	const struct span bytes = frame->bytes;
	p->held_bytes = malloc(bytes.len + 1);
	if (!p->held_bytes)
		return false;
	if (bytes.len > 0)
		memcpy(p->held_bytes, bytes.at, bytes.len);
	p->held = *frame;
	p->held.bytes.at = p->held_bytes;
	p->held.stays = false;
	return true;
}

SELDOM static void take_held(struct front *p, const struct frame *next)
{
	if (!p->held_bytes)
		return;
	take_next(p, &p->held, next);
	if (!front_keeps(p))
		front_flush(p);
	free(p->held_bytes);
	p->held_bytes = NULL;
}

void front_frames(struct front *front, const struct frame *frames, size_t count)
{
	struct front *p = front;
	if (count == 0)
		return;
	assert(frames);
	if (p->held_bytes)
		take_held(p, &frames[0]);
	for (size_t i = 0; i < count; i++) {
		const bool last = i + 1 == count;
		/* What becomes of a frame must not depend on where a batch happens to end.
		 */
		if (__builtin_expect(is_due(p, &frames[i]), 1)) {
			p->frames++;
			p->latest = frames[i].at;
			take_frame(p, &frames[i]);
		} else if (!last || !is_ahead(p, &frames[i]) || !hold(p, &frames[i])) {
			take_next(p, &frames[i], last ? NULL : &frames[i + 1]);
		}
	}
	if (!front_keeps(p))
		front_flush(p);
}

void front_advance(struct front *front, nstime now)
{
	struct front *p = front;
	/* It was held because nothing else told the time: now something does. */
	if (p->held_bytes && !is_far_ahead(p->held.at, now))
		take_held(p, NULL);
	if (now > p->latest)
		p->latest = now;
	p->batch->end = BATCH_THEN_ADVANCE;
	p->batch->at = now;
	front_deliver(p);
}

void front_note_dropped(struct front *front, uint64_t frames)
{
	front->capture_dropped = frames;
	if (frames == 0)
		return;
	front->batch->end = BATCH_THEN_DROPS;
	front->batch->seen = front->frames;
	front->batch->dropped = frames;
	front_deliver(front);
}

/* --- the end -------------------------------------------------------------------------- */

static void list_peer(void *self, const struct tls_peer *peer)
{
	struct encrypted_list *all = self;
	struct encrypted_record *longer =
	        realloc(all->list, (all->count + 1) * sizeof *all->list);
	if (!longer)
		return; /* memory ran out: as good as a peer that found no room */
	all->list = longer;
	struct encrypted_record *out = &all->list[all->count++];
	*out = (struct encrypted_record){
		.client = peer->client,
		.server = peer->server,
		.transport = peer->transport,
		.sessions = peer->sessions,
		.failed = peer->failed,
		.first = peer->first,
		.last = peer->last,
	};
	text_copy(out->sni, sizeof out->sni, text_from(peer->server_name));
}

void front_finish(struct front *front)
{
	struct front *p = front;
	take_held(p, NULL);
	tcp_streams_finish(p->tcp, &p->messages);
	front_end_messages(p);
	tls_peers_each(p->tls, list_peer, &p->encrypted);
	p->batch->end = BATCH_THEN_FINISH;
	p->batch->encrypted = p->encrypted.list;
	p->batch->encrypted_count = p->encrypted.count;
	front_deliver(p);
}

/* Held fragments that came to nothing move from parsed to what became of them. */
static void settle_fragments(const struct front *p, struct summary *summary)
{
	const struct decoder_held held = decoder_held(p->decoder);
	summary->parsed -= held.timed_out + held.evicted + held.refused;
	summary->dropped[REASON_FRAGMENT_TIMEOUT] += held.timed_out;
	summary->dropped[REASON_FRAGMENTS_FULL] += held.evicted;
	summary->malformed[REASON_FRAGMENT] += held.refused;
}

static_assert((int)PROBE_HEP_WRONG_TIME - (int)PROBE_HEP_SIP == (int)HEP_COUNT_WRONG_TIME,
              "counters of HEP in their order");

static void fill_probe_counters(const struct front *p, uint64_t *to)
{
	const struct tcp_stream_counters tcp = tcp_streams_counters(p->tcp);
	const struct tls_counters tls = tls_peers_counters(p->tls);
	to[PROBE_CAPTURE_DROPPED] = p->capture_dropped;
	to[PROBE_CLOCK_JUMPS] = p->clock_jumps;
	to[PROBE_TCP_GAPS] = tcp.gaps;
	to[PROBE_TCP_LOST_BYTES] = tcp.lost_bytes;
	to[PROBE_TCP_RESYNCHRONISED] = tcp.resynchronised;
	to[PROBE_TCP_INCOMPLETE] = tcp.incomplete;
	to[PROBE_TCP_EVICTED] = tcp.evicted;
	to[PROBE_TCP_NOT_FOLLOWED] = tcp.not_followed;
	to[PROBE_TLS_EVICTED] = tls.evicted;
	to[PROBE_TLS_NOT_KEPT] = tls.not_kept;
	to[PROBE_TLS_PEERS_EVICTED] = tls.peers_evicted;
	if (p->sights)
		to[PROBE_POINT_SIGHTS_EVICTED] = point_sights_evicted(p->sights);
	if (!p->hep)
		return;
	memcpy(&to[PROBE_HEP_SIP], p->hep->counts, sizeof p->hep->counts);
	const struct sightings_counters seen = sightings_counters(p->hep->sightings);
	to[PROBE_HEP_COPIES] = seen.copies;
	to[PROBE_SIGHTINGS_EVICTED] = seen.evicted;
}

struct frame_tally front_tally(const struct front *front)
{
	const struct decoder_held held = decoder_held(front->decoder);
	struct frame_tally tally = { .frames = front->frames,
		                     .parsed = front->parsed,
		                     .not_ours = front->not_ours,
		                     .malformed = held.refused,
		                     .dropped = held.timed_out + held.evicted };
	tally.parsed -= tally.malformed + tally.dropped;
	for (size_t i = 0; i < REASON_COUNT; i++)
		*(i < REASON_FRAGMENTS_FULL ? &tally.malformed : &tally.dropped) +=
		        front->by_reason[i];
	return tally;
}

void front_add_summary(const struct front *front, struct summary *summary)
{
	const struct front *p = front;
	summary->frames += p->frames;
	summary->parsed += p->parsed;
	summary->not_ours += p->not_ours;
	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (i < REASON_FRAGMENTS_FULL)
			summary->malformed[i] += p->by_reason[i];
		else
			summary->dropped[i] += p->by_reason[i];
	}
	settle_fragments(p, summary);
	fill_probe_counters(p, summary->probe);
	summary->pressures[PRESSURE_FRAGMENTS] = decoder_pressure(p->decoder);
	summary->pressures[PRESSURE_TCP] = tcp_streams_pressure(p->tcp);
}

nstime front_latest(const struct front *front)
{
	return front->latest;
}

void front_digest(const struct front *front, uint8_t digest[16])
{
	frame_digest_end(&front->digest, digest);
}

/* --- its life ------------------------------------------------------------------------- */

enum status front_set_points(struct front *front, const struct settings *settings)
{
	return front->sights || !points_are_several(settings)
	               ? OK
	               : point_sights_new(front->key.k1, &front->sights);
}

enum status front_expect_hep(struct front *front)
{
	return front->hep ? OK : hep_feed_new(front->key.k0, &front->hep);
}

enum status front_new(const struct pipeline_options *options,
                      const struct front_outlet *outlet, struct packet_batch *first,
                      struct front **out, char error[PIPELINE_ERROR_SIZE])
{
	struct front *p = calloc(1, sizeof *p);
	if (!p)
		return ERR_NOMEM;
	p->outlet = *outlet;
	p->batch = first;
	p->key = options->settings.key;
	p->glance_key = glance_key_of(&p->key);
	memcpy(p->sip_ports, options->settings.sip_ports, sizeof p->sip_ports);
	p->latest = NSTIME_NONE;
	p->listening = options->settings.audio_facts;
	p->hep_in_udp = options->hep_in_udp;
	p->messages = (struct tcp_stream_sink){ front_take_message, p };
	const struct limits *limits = &options->settings.limits;
	const uint16_t *ports = options->settings.sip_ports;
	size_t port_count = 0;
	while (port_count < LIMIT_SIP_PORTS && ports[port_count])
		port_count++;
	enum status status = OK;
	if (options->bpf)
		status = frame_filter_new(options->bpf, &p->filter, error,
		                          PIPELINE_ERROR_SIZE);
	if (status == OK)
		status = decoder_new(limits->fragment_bytes, &p->decoder);
	if (status == OK)
		status = tcp_streams_new(ports, port_count, limits->tcp_bytes, &p->tcp);
	if (status == OK)
		status = tls_peers_new(tls_ports_default, TLS_PORTS_DEFAULT,
		                       limits->tls_peers, &p->tls);
	if (status == OK)
		status = front_set_points(p, &options->settings);
	if (status == OK && (options->hep_in_udp || options->hep))
		status = front_expect_hep(p);
	if (status != OK) {
		front_free(p);
		return status;
	}
	*out = p;
	return OK;
}

void front_free(struct front *front)
{
	if (!front)
		return;
	hep_feed_free(front->hep);
	point_sights_free(front->sights);
	tls_peers_free(front->tls);
	tcp_streams_free(front->tcp);
	decoder_free(front->decoder);
	frame_filter_free(front->filter);
	free(front->held_bytes);
	free(front->encrypted.list);
	free(front);
}
