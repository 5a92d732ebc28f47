/*
 * media_rtcp_join.c - which stream an RTCP packet is about, by its SSRC and by where RTP
 * may be: on the same ports (mux), on the ports below, or where a=rtcp says.  Where the
 * ports fit neither (NAT changed them), one end and the two hosts must do.
 */
#include "analyzer/track/media.h"

enum { LOOKED_AT = 32 }; /* streams of one address: a load generator has thousands */

struct rtp_ends media_rtp_ends(const struct media *media, const struct endpoint *rtcp)
{
	struct rtp_ends ends = { .list = { *rtcp, *rtcp }, .count = 2 };
	ends.list[1].port--;
	const uint32_t number = media_node_of_rtcp(media, rtcp);
	if (number != MAP_NONE) {
		const struct media_node *node = pool_at(&media->nodes, number);
		ends.list[ends.count++] = node->at;
	}
	return ends;
}

/* Both on their own ports or both on those below; what a=rtcp says goes with either. */
static bool go_together(size_t a, size_t b)
{
	return a == b || a > 1 || b > 1;
}

static struct stream *find_exactly(const struct media *media, const struct rtp_ends *src,
                                   const struct rtp_ends *dst, uint32_t ssrc, uint8_t point)
{
	for (size_t a = 0; a < src->count; a++) {
		for (size_t b = 0; b < dst->count; b++) {
			if (!go_together(a, b))
				continue;
			const struct flow flow = { src->list[a], dst->list[b], ssrc };
			const uint64_t hash = media_flow_hash(media, &flow, point);
			const uint32_t number =
			        media_stream_find(media, &flow, point, hash);
			if (number != MAP_NONE)
				return media_stream(media, number);
		}
	}
	return NULL;
}

static const struct media_node *node_of(const struct media *media,
                                        const struct endpoint *at)
{
	const uint32_t number = media_node_find(media, at);
	return number == MAP_NONE ? NULL : pool_at(&media->nodes, number);
}

static bool is_host(const struct endpoint *at, const struct rtp_ends *ends)
{
	for (size_t i = 0; i < ends->count; i++)
		if (address_equal(&at->address, &ends->list[i].address))
			return true;
	return false;
}

static bool is_one_of(const struct endpoint *at, const struct rtp_ends *ends)
{
	for (size_t i = 0; i < ends->count; i++)
		if (endpoint_equal(at, &ends->list[i]))
			return true;
	return false;
}

/* Among those that arrive at, or leave, one of these ends, from or to one of the others. */
static struct stream *find_at(const struct media *media, const struct rtp_ends *ends,
                              bool leaving, const struct rtp_ends *others, uint32_t ssrc,
                              uint8_t point)
{
	for (size_t i = 0; i < ends->count; i++) {
		const struct media_node *node = node_of(media, &ends->list[i]);
		unsigned int left = LOOKED_AT;
		uint32_t s = !node ? 0 : leaving ? node->first_out : node->first_in;
		while (s && left--) {
			struct stream *stream = media_stream(media, s - 1);
			const struct flow *flow = &stream->hot->flow;
			if (flow->ssrc == ssrc && stream->hot->point == point &&
			    is_host(leaving ? &flow->dst : &flow->src, others))
				return stream;
			s = leaving ? stream->next_out : stream->next_in;
		}
	}
	return NULL;
}

struct stream *media_rtcp_stream(const struct media *media, const struct rtp_ends *src,
                                 const struct rtp_ends *dst, uint32_t ssrc, uint8_t point)
{
	struct stream *stream = find_exactly(media, src, dst, ssrc, point);
	if (!stream)
		stream = find_at(media, dst, false, src, ssrc, point);
	return stream ? stream : find_at(media, src, true, dst, ssrc, point);
}

struct stream *media_rtcp_between(const struct media *media, const struct rtp_ends *src,
                                  const struct rtp_ends *dst, uint8_t point)
{
	for (size_t i = 0; i < src->count; i++) {
		const struct media_node *node = node_of(media, &src->list[i]);
		unsigned int left = LOOKED_AT;
		for (uint32_t s = node ? node->first_out : 0; s && left--;
		     s = media_stream(media, s - 1)->next_out) {
			struct stream *stream = media_stream(media, s - 1);
			if (stream->hot->point == point &&
			    is_one_of(&stream->hot->flow.dst, dst))
				return stream;
		}
	}
	return NULL;
}
