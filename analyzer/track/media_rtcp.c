/*
 * media_rtcp.c - RTCP: each report joins the stream it is about (RFC 3550 section 6), and
 * those that answer each other make round trips.
 *
 * What B says of A's stream tells of two streams: the block is about A's; and as an answer
 * to A's report it gives the way from the probe to B, which is the sender's half of
 * whatever B itself sends.  Who sends no RTP is found by its addresses.
 */
#include "analyzer/track/media.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/track/report.h"
#include "analyzer/track/stream_rtcp.h"

enum { MAX_HEARD = 4 }; /* streams that one packet reports on; more are bundles of video */

/* A compound packet on its way from a reporter to whom it hears. */
struct compound {
	const struct packet *packet;
	struct rtp_ends src, dst;
	struct stream *heard[MAX_HEARD]; /* named in its blocks so far */
	size_t heard_count;
	unsigned int claims; /* XR reports so far */
};

static struct rtcp_figures *figures_of(struct media *media, struct stream *stream)
{
	if (stream->rtcp)
		return stream->rtcp;
	stream->rtcp = calloc(1, sizeof *stream->rtcp);
	if (stream->rtcp)
		stream->rtcp->bye = NSTIME_NONE;
	else
		count(media->context, COUNT_NO_MEMORY);
	return stream->rtcp;
}

/* The reporter's own stream of that SSRC, or the stream it hears. */
static struct stream *find_own(const struct media *media, const struct compound *c,
                               uint32_t ssrc)
{
	return media_rtcp_stream(media, &c->src, &c->dst, ssrc, c->packet->point);
}

static struct stream *find_heard(const struct media *media, const struct compound *c,
                                 uint32_t ssrc)
{
	return media_rtcp_stream(media, &c->dst, &c->src, ssrc, c->packet->point);
}

/* NTP times of the reporter: whoever sends what it hears may answer them. */
static void note_time(struct media *media, struct compound *c, uint64_t ntp)
{
	if (c->heard_count == 0) {
		struct stream *stream =
		        media_rtcp_between(media, &c->dst, &c->src, c->packet->point);
		if (stream)
			c->heard[c->heard_count++] = stream;
	}
	for (size_t i = 0; i < c->heard_count; i++)
		if (figures_of(media, c->heard[i]))
			stream_rtcp_heard(c->heard[i], ntp, c->packet->at);
}

/* What the reporter itself sends; NULL. */
static struct stream *find_sending(struct media *media, const struct compound *c,
                                   uint32_t reporter)
{
	struct stream *own = find_own(media, c, reporter);
	if (!own)
		own = media_rtcp_between(media, &c->src, &c->dst, c->packet->point);
	return own && figures_of(media, own) ? own : NULL;
}

/* LSR and DLSR, or their like: the reporter answers somebody who sends no stream. */
static void note_answer(struct media *media, const struct compound *c, uint32_t reporter,
                        uint32_t lsr, uint32_t dlsr)
{
	struct stream *own = lsr ? find_sending(media, c, reporter) : NULL;
	if (own)
		stream_rtcp_answered(own, lsr, dlsr, c->packet->at);
}

/* The half of the path that a block tells is the other half of what its reporter sends. */
static void note_trip(struct media *media, const struct compound *c, uint32_t reporter,
                      double ms)
{
	struct stream *own = find_sending(media, c, reporter);
	if (own)
		stream_rtcp_add_sender_trip(own, ms);
}

static void take_block(struct media *media, struct compound *c, uint32_t reporter,
                       const struct rtcp_report *report, struct stream *stream)
{
	const struct media_leg *leg =
	        stream->leg ? pool_at(&media->legs, stream->leg - 1) : NULL;
	if (!figures_of(media, stream))
		return;
	const double trip = stream_rtcp_received(stream, reporter, report,
	                                         leg && !leg->incomplete, c->packet->at);
	if (isnan(trip))
		note_answer(media, c, reporter, report->lsr, report->dlsr);
	else
		note_trip(media, c, reporter, trip);
	if (c->heard_count < MAX_HEARD)
		c->heard[c->heard_count++] = stream;
}

static void report_blocks(struct media *media, struct compound *c,
                          const struct rtcp_part *part)
{
	if (part->report_count == 0)
		media_path_unheard(media, c->packet);
	for (uint8_t i = 0; i < part->report_count; i++) {
		const struct rtcp_report *report = &part->reports[i];
		struct stream *stream = find_heard(media, c, report->about_ssrc);
		if (stream) {
			take_block(media, c, part->ssrc, report, stream);
			continue;
		}
		count(media->context, COUNT_RTCP_UNMATCHED);
		if (report->about_ssrc && report->highest_sequence)
			media_path_received(media, c->packet);
		note_answer(media, c, part->ssrc, report->lsr, report->dlsr);
	}
}

static void sender_report(struct media *media, struct compound *c,
                          const struct rtcp_part *part)
{
	struct stream *stream = find_own(media, c, part->ssrc);
	if (!stream) {
		count(media->context, COUNT_RTCP_UNMATCHED);
		media_path_sent(media, c->packet, part->packets);
	} else if (figures_of(media, stream)) {
		stream_rtcp_sent(stream, part, c->packet->at);
	}
	report_blocks(media, c, part);
	if (!stream)
		note_time(media, c, part->ntp);
}

static void description(struct media *media, const struct compound *c,
                        const struct rtcp_part *part)
{
	if (part->cname.len == 0)
		return;
	struct stream *stream = find_own(media, c, part->cname_ssrc);
	if (!stream)
		return; /* a receiver that sends nothing describes itself too */
	struct rtcp_figures *rtcp = figures_of(media, stream);
	if (rtcp)
		context_copy(media->context, rtcp->cname, sizeof rtcp->cname, part->cname);
}

static void goodbye(struct media *media, const struct compound *c,
                    const struct rtcp_part *part)
{
	for (uint8_t i = 0; i < part->bye_count; i++) {
		struct stream *stream = find_own(media, c, part->bye_ssrcs[i]);
		struct rtcp_figures *rtcp = stream ? figures_of(media, stream) : NULL;
		if (rtcp)
			rtcp->bye = c->packet->at;
	}
}

/* Is it the report before once more, which a mirror showed twice, or with no news? */
static bool is_repeated(const struct media *media, struct rtcp_figures *rtcp,
                        struct span block)
{
	const struct hash_key *key = &media->context->settings.key;
	const uint64_t hash = hash_bytes(key, block.at, block.len);
	const bool again = rtcp->claims > 0 && rtcp->last_claim == hash;
	rtcp->last_claim = hash;
	return again;
}

static void give_claim(struct media *media, struct compound *c,
                       const struct rtcp_xr_block *block)
{
	struct stream *stream = find_heard(media, c, block->voip.about_ssrc);
	struct rtcp_figures *rtcp = stream ? figures_of(media, stream) : NULL;
	if (!stream)
		count(media->context, COUNT_RTCP_UNMATCHED);
	if (!rtcp)
		return;
	if (is_repeated(media, rtcp, block->items)) {
		count(media->context, COUNT_REPORTS_REPEATED);
		return;
	}
	if (rtcp->claims == LIMIT_REPORTS_PER_STREAM) {
		count(media->context, COUNT_REPORTS_NOT_KEPT);
		return;
	}
	rtcp->claims++;
	struct report_record report;
	report_of_xr(&block->voip, &report);
	report.stream = stream->id;
	report.leg = stream->leg_id;
	report.call = stream->call_id;
	report_give(media->context, c->packet, c->claims++, &report);
}

static void extended_report(struct media *media, struct compound *c,
                            const struct rtcp_part *part)
{
	struct rtcp_xr_walk walk = rtcp_xr_walk_begin(part->body);
	struct rtcp_xr_block block;
	enum status status;
	while ((status = rtcp_xr_next(&walk, &block)) == OK || status == ERR_MALFORMED) {
		struct rtcp_xr_dlrr dlrr;
		struct span rest = block.items;
		if (status == ERR_MALFORMED)
			count(media->context, COUNT_REPORTS_MALFORMED);
		else if (block.type == RTCP_XR_RRTR)
			note_time(media, c, block.ntp);
		else if (block.type == RTCP_XR_VOIP)
			give_claim(media, c, &block);
		else if (block.type == RTCP_XR_DLRR)
			while (rtcp_xr_next_dlrr(&rest, &dlrr))
				note_answer(media, c, part->ssrc, dlrr.lrr, dlrr.dlrr);
	}
	if (status != ERR_NOT_FOUND)
		count(media->context, COUNT_REPORTS_MALFORMED);
}

static void take_part(struct media *media, struct compound *c, const struct rtcp_part *part)
{
	switch (part->type) {
	case RTCP_SR:
		sender_report(media, c, part);
		break;
	case RTCP_RR:
		report_blocks(media, c, part);
		break;
	case RTCP_SDES:
		description(media, c, part);
		break;
	case RTCP_BYE:
		goodbye(media, c, part);
		break;
	case RTCP_XR:
		extended_report(media, c, part);
		break;
	default:
		break;
	}
}

/* Does a leg expect SRTP where this RTCP belongs to? */
static bool is_secure(const struct media *media, const struct rtp_ends *ends)
{
	for (size_t i = 0; i < ends->count; i++) {
		const uint32_t number = media_node_find(media, &ends->list[i]);
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
	struct compound compound = {
		.packet = packet,
		.src = media_rtp_ends(media, &packet->src),
		.dst = media_rtp_ends(media, &packet->dst),
	};
	/* SRTCP (RFC 3711 3.4): eight clear bytes, the rest is for those with the key. */
	if (is_secure(media, &compound.dst) || is_secure(media, &compound.src))
		return MEDIA_RTCP;
	if (!rtcp_looks_like(packet->payload, packet->payload_len))
		return MEDIA_NONE;
	struct rtcp_walk walk = rtcp_walk_begin(packet->payload);
	struct rtcp_part part;
	enum status status;
	while ((status = rtcp_next(&walk, &part)) == OK)
		take_part(media, &compound, &part);
	if (status != ERR_NOT_FOUND)
		count(media->context, COUNT_RTCP_MALFORMED);
	return MEDIA_RTCP;
}
