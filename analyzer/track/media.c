#include "analyzer/track/media.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/track/probation.h"

enum { HOT_LINES = 3, STREAM_LINES = 24 };
/* Of a stream, its state and what a loss concerns lie in the first. */
enum { LOSS_LINES = 8 };
static_assert(sizeof(struct stream_hot) == (size_t)HOT_LINES * CACHE_LINE,
              "what every packet touches");
static_assert(sizeof(struct stream) == (size_t)STREAM_LINES * CACHE_LINE,
              "its first members lie in cache lines as they are meant to");

enum status media_init(struct media *media, struct context *context)
{
	const struct limits *limits = &context->settings.limits;
	*media = (struct media){
		.context = context,
		.flow_key = glance_key_of(&context->settings.key),
		.ratings = { .counters = &context->counters },
	};
	pool_init(&media->streams, sizeof(struct stream), (uint32_t)limits->streams);
	pool_init(&media->hots, sizeof(struct stream_hot), (uint32_t)limits->streams);
	pool_init(&media->nodes, sizeof(struct media_node),
	          (uint32_t)(limits->expectations + 2 * limits->streams));
	pool_init(&media->legs, sizeof(struct media_leg), (uint32_t)limits->legs);
	pool_init(&media->probations, sizeof(struct probation),
	          (uint32_t)limits->probations);
	media_match_init(&media->matcher, &context->settings);
	media_only_init(&media->only, limits->streams);
	if (loss_witness_init(&media->witness, &context->settings.key,
	                      context->settings.interval) != OK ||
	    map_init_hot(&media->stream_map) != OK || map_init(&media->node_map) != OK ||
	    map_init(&media->rtcp_map) != OK || map_init(&media->probation_map) != OK ||
	    sight_init(&media->sight, context) != OK) {
		media_free(media);
		return ERR_NOMEM;
	}
	return OK;
}

void media_free(struct media *media)
{
	for (uint32_t i = 0; i < media->streams.reach; i++) {
		struct stream *stream = pool_live(&media->streams, i);
		if (stream) {
			free(stream->held);
			stream_drop(stream);
			free(stream->audio);
		}
	}
	for (uint32_t i = 0; i < media->legs.reach; i++) {
		struct media_leg *leg = pool_live(&media->legs, i);
		while (leg && leg->expectations) {
			struct expectation *next = leg->expectations->next_of_leg;
			free(leg->expectations);
			leg->expectations = next;
		}
	}
	pool_free(&media->streams);
	pool_free(&media->hots);
	pool_free(&media->nodes);
	pool_free(&media->legs);
	pool_free(&media->probations);
	media_only_free(&media->only);
	loss_witness_free(&media->witness);
	media_match_free(&media->matcher);
	map_free(&media->stream_map);
	map_free(&media->node_map);
	map_free(&media->rtcp_map);
	map_free(&media->probation_map);
	sight_free(&media->sight);
}

static struct flow flow_of(const struct packet *packet, uint32_t ssrc)
{
	return (struct flow){ packet->src, packet->dst, ssrc };
}

uint64_t media_flow_hash(const struct media *media, const struct flow *flow, uint8_t point)
{
	return glance_flow_hash(&media->flow_key, &flow->src, &flow->dst, flow->ssrc,
	                        point);
}

static inline bool may_be_rtp(const struct packet_glance *glance)
{
	return glance->shows >= SHOWS_RTP;
}

SELDOM static void look(const struct media *media, const struct packet *packet,
                        struct packet_glance *out)
{
	glance_at(&media->flow_key, packet, out);
}

EVERY_PACKET void media_foresee(const struct media *media, const struct packet *packet)
{
	const struct packet_glance *glance = &packet->glance;
	if (glance->shows != SHOWS_PLAIN_RTP)
		fetch_line(packet->payload.at);
	map_prefetch(&media->stream_map, glance->hash);
}

EVERY_PACKET void media_find_ahead(const struct media *media, const struct packet *packet,
                                   struct media_ahead *out)
{
	out->glance = &packet->glance;
	out->hot = NULL;
	if (__builtin_expect(packet->glance.shows == SHOWS_NOT_LOOKED_AT, 0)) {
		look(media, packet, &out->own);
		out->glance = &out->own;
	}
	if (!may_be_rtp(out->glance))
		return;
	struct map_cursor cursor = map_cursor_of(out->glance->hash);
	out->number = map_next(&media->stream_map, &cursor);
	if (out->number != MAP_NONE)
		out->hot = media_hot(media, out->number);
}

EVERY_PACKET void media_fetch_ahead(const struct media_ahead *ahead)
{
	if (ahead->hot)
		fetch(ahead->hot, sizeof *ahead->hot);
}

EVERY_PACKET void media_fetch_more(const struct media *media, const struct packet *packet,
                                   const struct media_ahead *ahead)
{
	const struct stream_hot *hot = ahead->hot;
	if (!hot)
		return;
	const struct packet_glance *glance = ahead->glance;
	if (__builtin_expect(media_match_wants(hot, glance->sample), 0))
		fetch_line(media_match_place(&media->matcher, glance->sample_digest));
	if (__builtin_expect(hot->most > 0 && packet->at >= hot->until, 0))
		pool_prefetch(&media->streams, ahead->number);
	else if (__builtin_expect(
	                 glance->sequence != hot->sequence || hot->run >= hot->most, 0))
		fetch(media_stream(media, ahead->number), (size_t)LOSS_LINES * CACHE_LINE);
}

/* Nothing known: an endpoint somebody announced admits it, or it goes on probation. */
static enum media_claim feed_unknown(struct media *media, const struct packet *packet,
                                     const struct rtp *rtp, const struct flow *flow,
                                     uint64_t hash)
{
	const uint32_t in = media_node_find(media, &packet->dst);
	const uint32_t out = media_node_find(media, &packet->src);
	if (!media_is_expected(media, in, out, rtp->payload_type))
		return media_probe(media, packet, rtp, flow, hash);
	const uint32_t number = media_stream_new(media, flow, hash, packet);
	if (number == MAP_NONE)
		return MEDIA_NONE;
	const struct stream_packet sp = stream_packet_of(packet, rtp);
	media_stream_packet(media, number, &sp, packet->flags);
	return MEDIA_RTP;
}

/* What is no RTP may still be SRTP, where one is known or expected. */
static bool decode_encrypted(const struct media *media, const struct packet *packet,
                             uint64_t hash, struct rtp *rtp)
{
	if (rtp_decode_encrypted(packet->payload, packet->payload_len, rtp) != OK)
		return false;
	const struct flow flow = flow_of(packet, rtp->ssrc);
	const uint32_t number = media_stream_find(media, &flow, packet->point, hash);
	if (number != MAP_NONE)
		return media_stream(media, number)->encrypted;
	const uint32_t in = media_node_find(media, &packet->dst);
	const uint32_t out = media_node_find(media, &packet->src);
	return media_find_join(media, in, out).secure;
}

enum { BOTH_ENDS = 2 * sizeof(struct endpoint) };
static_assert(offsetof(struct packet, dst) ==
                              offsetof(struct packet, src) + sizeof(struct endpoint) &&
                      offsetof(struct flow, src) == 0 &&
                      offsetof(struct flow, ssrc) == BOTH_ENDS,
              "both ends lie side by side, and are compared at once");

/*
 * Compared where it lies: a flow that was put together just now would have to leave the
 * processor's store buffer first.
 */
static bool is_stream_of(const struct stream_hot *hot, const struct packet *packet,
                         uint32_t ssrc)
{
	return memcmp(&hot->flow, (const char *)packet + offsetof(struct packet, src),
	              BOTH_ENDS) == 0 &&
	       hot->flow.ssrc == ssrc && hot->point == packet->point;
}

/* The stream of the packet; MAP_NONE: there is none. */
static uint32_t find_stream(const struct media *media, const struct packet *packet,
                            uint32_t ssrc, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&media->stream_map, &cursor);
		if (number == MAP_NONE ||
		    is_stream_of(media_hot(media, number), packet, ssrc))
			return number;
	}
}

/* Of any stream, known or not. */
static enum media_claim feed_other(struct media *media, const struct packet *packet,
                                   const struct rtp *rtp, uint64_t hash)
{
	const uint32_t number = find_stream(media, packet, rtp->ssrc, hash);
	if (number == MAP_NONE) {
		const struct flow flow = flow_of(packet, rtp->ssrc);
		return feed_unknown(media, packet, rtp, &flow, hash);
	}
	const struct stream_packet sp = stream_packet_of(packet, rtp);
	media_stream_packet(media, number, &sp, packet->flags);
	return MEDIA_RTP;
}

SELDOM static enum media_claim feed_no_rtp(struct media *media, const struct packet *packet)
{
	if (packet->transport == TRANSPORT_ICMP)
		return media_path_unreachable(media, packet) ? MEDIA_ICMP : MEDIA_NONE;
	if (rtp_is_rtcp(packet->payload))
		return media_rtcp(media, packet);
	media_path_handshake(media, packet);
	return MEDIA_NONE;
}

/* What rtp_decode says of a packet with nothing but the fixed header, which is not read. */
static inline struct rtp plain_rtp(const struct packet *packet,
                                   const struct packet_glance *glance)
{
	struct reader rest = reader_of(packet->payload);
	take(&rest, RTP_HEADER_BYTES);
	const struct span payload = rest.rest;
	return (struct rtp){
		.sequence = glance->sequence,
		.timestamp = glance->timestamp,
		.ssrc = glance->ssrc,
		.payload_type = glance->type_octet & 0x7f,
		.marker = glance->type_octet >> 7,
		.payload = payload,
		.payload_len = packet->payload_len > packet->payload.len
		                       ? packet->payload_len - RTP_HEADER_BYTES
		                       : (uint32_t)payload.len,
	};
}

/* ERR_MALFORMED: neither RTP nor SRTP. */
SELDOM static enum status decode(const struct media *media, const struct packet *packet,
                                 uint64_t hash, struct rtp *rtp)
{
	if (rtp_decode(packet->payload, packet->payload_len, rtp) == OK ||
	    decode_encrypted(media, packet, hash, rtp))
		return OK;
	return ERR_MALFORMED;
}

/* Takes it, if it is of the stream that was found ahead, and steady there. */
EVERY_PACKET static bool take_steady(struct media *media, const struct packet *packet,
                                     const struct media_ahead *ahead)
{
	struct stream_hot *hot = ahead->hot;
	const struct packet_glance *glance = ahead->glance;
	if (!hot || !hot->open || !is_stream_of(hot, packet, glance->ssrc))
		return false;
	if (__builtin_expect(hot->run >= hot->most, 0) &&
	    !stream_prolong_run(media_stream(media, ahead->number), glance->sequence))
		return false;
	const enum stream_step step =
	        stream_take_steady(hot, &media->context->settings.playout, packet, glance);
	if (__builtin_expect(step == STREAM_OTHER, 0))
		return false;
	if (__builtin_expect(step == STREAM_LEAST, 0))
		media_stream(media, ahead->number)->transit.least_at = packet->at;
	if (__builtin_expect(packet->flags & PACKET_TRUNCATED, 0))
		hot->truncated = true;
	return true;
}

static inline bool is_heard(const struct media *media, const struct stream_hot *hot)
{
	return hot->has_modes || media->context->settings.audio_facts;
}

SELDOM static void hear_plain(struct media *media, const struct packet *packet,
                              const struct media_ahead *ahead)
{
	const struct rtp rtp = plain_rtp(packet, ahead->glance);
	const struct stream_packet sp = stream_packet_of(packet, &rtp);
	media_stream_hear(media, ahead->number, &sp);
}

SELDOM static void note_sample(struct media *media, const struct packet *packet,
                               const struct media_ahead *ahead)
{
	const struct packet_glance *glance = ahead->glance;
	const struct media_sample sample = {
		.at = packet->at,
		.sequence = glance->sequence,
		.of = { glance->sample, glance->sample_digest },
	};
	media_match_note(media, ahead->number, &sample);
}

/* Of a packet with more than the fixed header, or that is not steady, or no RTP at all. */
SELDOM static enum media_claim feed_any(struct media *media, const struct packet *packet,
                                        const struct media_ahead *ahead)
{
	const struct packet_glance *glance = ahead->glance;
	struct rtp rtp;
	if (!may_be_rtp(glance))
		return feed_no_rtp(media, packet);
	if (glance->shows == SHOWS_PLAIN_RTP) {
		rtp = plain_rtp(packet, glance);
	} else if (decode(media, packet, glance->hash, &rtp) != OK) {
		count(media->context, COUNT_RTP_MALFORMED);
		return MEDIA_NONE;
	} else if (take_steady(media, packet, ahead)) {
		const struct stream_packet sp = stream_packet_of(packet, &rtp);
		media_stream_hear(media, ahead->number, &sp);
		media_stream_sample(media, ahead->number, &sp);
		return MEDIA_RTP;
	}
	return feed_other(media, packet, &rtp, glance->hash);
}

EVERY_PACKET enum media_claim media_feed(struct media *media, const struct packet *packet,
                                         const struct media_ahead *ahead)
{
	if (__builtin_expect(ahead->glance->shows != SHOWS_PLAIN_RTP, 0) ||
	    !take_steady(media, packet, ahead))
		return feed_any(media, packet, ahead);
	if (__builtin_expect(is_heard(media, ahead->hot), 0))
		hear_plain(media, packet, ahead);
	if (__builtin_expect(media_match_wants(ahead->hot, ahead->glance->sample), 0))
		note_sample(media, packet, ahead);
	return MEDIA_RTP;
}
