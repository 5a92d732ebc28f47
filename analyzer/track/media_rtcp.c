/* media_rtcp.c - RTCP: each report joins the stream it is about (RFC 3550 section 6). */
#include "analyzer/track/media.h"

#include <stdlib.h>

#include "analyzer/wire/rtcp.h"

/* A stream of that SSRC between the hosts: on the same ports (mux) or the ports below. */
static struct stream *find_stream(const struct media *media, const struct endpoint *src,
                                  const struct endpoint *dst, uint32_t ssrc)
{
	for (uint16_t below = 0; below <= 1; below++) {
		struct flow flow = { *src, *dst, ssrc };
		flow.src.port = (uint16_t)(flow.src.port - below);
		flow.dst.port = (uint16_t)(flow.dst.port - below);
		const uint64_t hash = media_flow_hash(media, &flow);
		const uint32_t number = media_stream_find(media, &flow, hash);
		if (number != MAP_NONE)
			return media_stream(media, number);
	}
	return NULL;
}

static struct rtcp_figures *figures_of(struct media *media, struct stream *stream)
{
	if (!stream) {
		count(media->context, COUNT_RTCP_UNMATCHED);
		return NULL;
	}
	if (!stream->rtcp) {
		stream->rtcp = calloc(1, sizeof *stream->rtcp);
		if (!stream->rtcp) {
			count(media->context, COUNT_NO_MEMORY);
			return NULL;
		}
		stream->rtcp->bye = NSTIME_NONE;
	}
	return stream->rtcp;
}

static void sender_report(struct media *media, const struct packet *packet,
                          const struct rtcp_part *part)
{
	struct stream *stream = find_stream(media, &packet->src, &packet->dst, part->ssrc);
	struct rtcp_figures *rtcp = figures_of(media, stream);
	if (!rtcp)
		return;
	rtcp->sender_reports++;
	rtcp->sent_packets = part->packets;
}

static void report_blocks(struct media *media, const struct packet *packet,
                          const struct rtcp_part *part)
{
	for (uint8_t i = 0; i < part->report_count; i++) {
		const struct rtcp_report *report = &part->reports[i];
		struct stream *stream =
		        find_stream(media, &packet->dst, &packet->src, report->about_ssrc);
		struct rtcp_figures *rtcp = figures_of(media, stream);
		if (!rtcp)
			continue;
		rtcp->receiver_reports++;
		rtcp->lost = report->cumulative_lost;
		rtcp->jitter_ticks = report->jitter_ticks;
	}
}

static void description(struct media *media, const struct packet *packet,
                        const struct rtcp_part *part)
{
	if (part->cname.len == 0)
		return;
	struct stream *stream =
	        find_stream(media, &packet->src, &packet->dst, part->cname_ssrc);
	if (!stream)
		return; /* a receiver that sends nothing describes itself too */
	struct rtcp_figures *rtcp = figures_of(media, stream);
	if (rtcp)
		context_copy(media->context, rtcp->cname, sizeof rtcp->cname, part->cname);
}

static void goodbye(struct media *media, const struct packet *packet,
                    const struct rtcp_part *part)
{
	for (uint8_t i = 0; i < part->bye_count; i++) {
		struct stream *stream =
		        find_stream(media, &packet->src, &packet->dst, part->bye_ssrcs[i]);
		struct rtcp_figures *rtcp = stream ? figures_of(media, stream) : NULL;
		if (rtcp)
			rtcp->bye = packet->at;
	}
}

static void take_part(struct media *media, const struct packet *packet,
                      const struct rtcp_part *part)
{
	switch (part->type) {
	case RTCP_SR:
		sender_report(media, packet, part);
		report_blocks(media, packet, part);
		break;
	case RTCP_RR:
		report_blocks(media, packet, part);
		break;
	case RTCP_SDES:
		description(media, packet, part);
		break;
	case RTCP_BYE:
		goodbye(media, packet, part);
		break;
	default:
		break;
	}
}

/* Does a leg expect SRTP at this endpoint, or at the port below? */
static bool is_secure(const struct media *media, const struct endpoint *at)
{
	for (uint16_t below = 0; below <= 1; below++) {
		const struct endpoint rtp = { at->address, (uint16_t)(at->port - below) };
		const uint32_t number = media_node_find(media, &rtp);
		if (number == MAP_NONE)
			continue;
		const struct media_node *node = pool_at(&media->nodes, number);
		if (node->expectations && node->expectations->secure)
			return true;
	}
	return false;
}

enum media_claim media_rtcp(struct media *media, const struct packet *packet)
{
	if (packet->transport != TRANSPORT_UDP)
		return MEDIA_NONE;
	/* SRTCP (RFC 3711 3.4): eight clear bytes, the rest is for those with the key. */
	if (is_secure(media, &packet->dst) || is_secure(media, &packet->src))
		return MEDIA_RTCP;
	if (!rtcp_looks_like(packet->payload, packet->payload_len))
		return MEDIA_NONE;
	struct rtcp_walk walk = rtcp_walk_begin(packet->payload);
	struct rtcp_part part;
	enum status status;
	while ((status = rtcp_next(&walk, &part)) == OK)
		take_part(media, packet, &part);
	if (status != ERR_NOT_FOUND)
		count(media->context, COUNT_RTCP_MALFORMED);
	return MEDIA_RTCP;
}
