/*
 * agent_report.c - what agents at proxies and media relays tell of streams by HEP: kept as
 * their claims, joined with the call that they name and, by its SSRC, with the stream.
 */
#include <math.h>

#include "analyzer/track/agent_report.h"
#include "analyzer/track/report.h"
#include "analyzer/track/signalling.h"
#include "analyzer/wire/hep_report.h"

static void forget(struct report_record *out)
{
	*out = (struct report_record){
		.side = SIDE_LOCAL,
		.ssrc = -1,
		.start = NSTIME_NONE,
		.stop = NSTIME_NONE,
		.loss_pct = NAN,
		.discard_pct = NAN,
		.lost_packets = NAN,
		.burst_density_pct = NAN,
		.burst_ms = NAN,
		.gap_density_pct = NAN,
		.gap_ms = NAN,
		.gmin = NAN,
		.rtt_ms = NAN,
		.end_system_ms = NAN,
		.one_way_ms = NAN,
		.jitter_ms = NAN,
		.mean_abs_jitter_ms = NAN,
		.signal_dbm0 = NAN,
		.noise_dbm0 = NAN,
		.echo_return_loss_db = NAN,
		.r_lq = NAN,
		.r_cq = NAN,
		.external_r_in = NAN,
		.external_r_out = NAN,
		.mos_lq = NAN,
		.mos_cq = NAN,
		.buffer_nominal_ms = NAN,
		.buffer_max_ms = NAN,
		.buffer_abs_max_ms = NAN,
	};
}

/* NAN for what cannot be: agents send 127, 255 and 65535 for "not known", too. */
static double within(double value, double least, double most)
{
	return value >= least && value <= most ? value : NAN;
}

static int64_t ssrc_of(double number)
{
	return number > 0 && number <= UINT32_MAX ? (int64_t)number : -1;
}

static void join(struct signalling *s, struct dialog_set *set, struct report_record *out,
                 double ticks)
{
	const struct stream *stream = report_join(s, set, &out->src, &out->dst, out);
	if (!stream || !stream->type_count || isnan(ticks))
		return;
	const uint32_t clock_hz =
	        stream_type_at(stream, stream->audio_at)->meaning.clock_hz;
	if (clock_hz)
		out->jitter_ms = ticks * 1000 / clock_hz;
}

/* ticks: of the stream's clock, which the join may find; NAN: no jitter is told so. */
static void give(struct signalling *s, const struct agent_report *told, unsigned int part,
                 struct report_record *report, struct text call_id, double ticks)
{
	struct context *context = s->context;
	const uint32_t number =
	        call_id.len ? dialog_set_find(s, call_id,
	                                      hash_text(&context->settings.key, call_id))
	                    : MAP_NONE;
	struct dialog_set *set = number == MAP_NONE ? NULL : dialog_set_at(s, number);
	if (set && set->reports == LIMIT_REPORTS_PER_CALL) {
		count(context, COUNT_REPORTS_NOT_KEPT);
		return;
	}
	report->src = told->packet->src;
	report->dst = told->packet->dst;
	if (set) {
		set->reports++;
		join(s, set, report, ticks);
	}
	context_copy(context, report->reporter, sizeof report->reporter, told->agent);
	context_copy(context, report->sip_call_id, sizeof report->sip_call_id, call_id);
	report_give(context, told->packet, part, report);
}

static void give_block(struct signalling *s, const struct agent_report *told,
                       const struct hep_block *block, unsigned int part)
{
	struct report_record report;
	forget(&report);
	report.source = REPORT_HEP_RTCP;
	report.ssrc = ssrc_of(block->about);
	report.loss_pct = within(block->fraction_lost, 0, 255) * 100 / 256;
	report.lost_packets = within(block->lost, -(1 << 23), (1 << 24) - 1);
	/* 24 bits with a sign (RFC 3550 6.4.1), which some agents leave out. */
	if (report.lost_packets >= 1 << 23)
		report.lost_packets -= 1 << 24;
	if (report.ssrc >= 0)
		give(s, told, part, &report, told->call_id, within(block->jitter, 0, 1e9));
}

static void give_xr(struct signalling *s, const struct agent_report *told,
                    const struct hep_rtcp *rtcp)
{
	struct report_record report;
	forget(&report);
	report.source = REPORT_HEP_RTCP;
	report.ssrc = ssrc_of(rtcp->xr_about);
	report.loss_pct = within(rtcp->xr_lost, 0, 255) * 100 / 256;
	report.discard_pct = within(rtcp->xr_discarded, 0, 255) * 100 / 256;
	report.burst_density_pct = within(rtcp->xr_burst_density, 0, 255) * 100 / 256;
	report.gap_density_pct = within(rtcp->xr_gap_density, 0, 255) * 100 / 256;
	report.burst_ms = within(rtcp->xr_burst_ms, 0, 65534);
	report.gap_ms = within(rtcp->xr_gap_ms, 0, 65534);
	report.rtt_ms = within(rtcp->xr_round_trip_ms, 1, 65534);
	report.end_system_ms = within(rtcp->xr_end_system_ms, 1, 65534);
	report.r_cq = within(rtcp->xr_r, 0, 100);
	report.mos_lq = within(rtcp->xr_mos_lq / 10, 1, 5);
	report.mos_cq = within(rtcp->xr_mos_cq / 10, 1, 5);
	if (report.ssrc >= 0)
		give(s, told, HEP_BLOCKS, &report, told->call_id, NAN);
}

static enum status feed_rtcp(struct signalling *s, const struct agent_report *told)
{
	struct hep_rtcp rtcp;
	const enum status status = hep_rtcp_parse(text_of(told->packet->payload), &rtcp);
	for (unsigned int i = 0; status == OK && i < rtcp.count; i++)
		give_block(s, told, &rtcp.blocks[i], i);
	if (status == OK)
		give_xr(s, told, &rtcp);
	return status;
}

static enum status feed_rtp(struct signalling *s, const struct agent_report *told)
{
	struct hep_rtp rtp;
	struct report_record report;
	const enum status status = hep_rtp_parse(text_of(told->packet->payload), &rtp);
	if (status != OK)
		return status;
	struct packet packet = *told->packet;
	struct agent_report of_stream = *told;
	of_stream.packet = &packet;
	if (rtp.src.port)
		packet.src = rtp.src;
	if (rtp.dst.port)
		packet.dst = rtp.dst;
	forget(&report);
	report.source = REPORT_HEP_RTP;
	report.ssrc = ssrc_of(rtp.ssrc);
	report.lost_packets = within(rtp.lost, -(1 << 23), 1e9);
	if (rtp.expected > 0)
		report.loss_pct = within(rtp.lost / rtp.expected * 100, 0, 100);
	report.jitter_ms = within(rtp.jitter_ms, 0, 60000);
	report.mos_lq = within(rtp.mos, 1, 5);
	report.r_lq = within(rtp.r, 0, 120);
	context_copy(s->context, report.codec, sizeof report.codec, rtp.codec);
	give(s, &of_stream, 0, &report, rtp.call_id.len ? rtp.call_id : told->call_id, NAN);
	return OK;
}

enum status agent_report_feed(struct signalling *s, const struct agent_report *told)
{
	const enum status status = told->of_rtcp ? feed_rtcp(s, told) : feed_rtp(s, told);
	if (status != OK)
		count(s->context, COUNT_REPORTS_MALFORMED);
	return status;
}
