#include "analyzer/track/report.h"

#include <assert.h>
#include <math.h>

static_assert((int)CONCEALMENT_STANDARD == (int)RTCP_XR_PLC_STANDARD &&
                      (int)REPORT_BUFFER_ADAPTIVE == (int)RTCP_XR_BUFFER_ADAPTIVE,
              "the numbers of RFC 3611");

void report_of_xr(const struct rtcp_xr_voip *voip, struct report_record *out)
{
	*out = (struct report_record){
		.source = REPORT_XR,
		.side = SIDE_LOCAL,
		.ssrc = voip->about_ssrc,
		.start = NSTIME_NONE,
		.stop = NSTIME_NONE,
		.loss_pct = voip->loss_pct,
		.discard_pct = voip->discard_pct,
		.lost_packets = NAN,
		.burst_density_pct = voip->burst_density_pct,
		.burst_ms = voip->burst_ms,
		.gap_density_pct = voip->gap_density_pct,
		.gap_ms = voip->gap_ms,
		.gmin = voip->gmin,
		.rtt_ms = voip->round_trip_ms,
		.end_system_ms = voip->end_system_ms,
		.one_way_ms = NAN,
		.jitter_ms = NAN,
		.mean_abs_jitter_ms = NAN,
		.signal_dbm0 = voip->signal_dbm0,
		.noise_dbm0 = voip->noise_dbm0,
		.echo_return_loss_db = voip->echo_return_loss_db,
		.r_lq = NAN,
		.r_cq = voip->r_factor,
		.external_r_in = voip->external_r_factor,
		.external_r_out = NAN,
		.mos_lq = voip->mos_lq,
		.mos_cq = voip->mos_cq,
		.concealment = (enum report_concealment)voip->concealment,
		.buffer = (enum report_buffer)voip->buffer,
		.buffer_nominal_ms = voip->buffer_nominal_ms,
		.buffer_max_ms = voip->buffer_max_ms,
		.buffer_abs_max_ms = voip->buffer_abs_max_ms,
	};
}

/* A number of a short table, as the report gives it; 0, which is "not known", for others.
 */
static unsigned int choice(double number, unsigned int count)
{
	return number > 0 && number < count ? (unsigned int)number : 0;
}

static void fill_metrics(const struct vq_metrics *m, struct report_record *out)
{
	out->start = m->start;
	out->stop = m->stop;
	out->loss_pct = m->loss_pct;
	out->discard_pct = m->discard_pct;
	out->lost_packets = NAN;
	out->burst_density_pct = m->burst_density_pct;
	out->burst_ms = m->burst_ms;
	out->gap_density_pct = m->gap_density_pct;
	out->gap_ms = m->gap_ms;
	out->gmin = m->gmin;
	out->rtt_ms = m->round_trip_ms;
	out->end_system_ms = m->end_system_ms;
	out->one_way_ms = isnan(m->one_way_ms) ? m->symmetric_one_way_ms : m->one_way_ms;
	out->jitter_ms = m->jitter_ms;
	out->mean_abs_jitter_ms = m->mean_abs_jitter_ms;
	out->signal_dbm0 = m->signal_dbm0;
	out->noise_dbm0 = m->noise_dbm0;
	out->echo_return_loss_db = m->echo_return_loss_db;
	out->r_lq = m->r_lq;
	out->r_cq = m->r_cq;
	out->external_r_in = m->external_r_in;
	out->external_r_out = m->external_r_out;
	out->mos_lq = m->mos_lq;
	out->mos_cq = m->mos_cq;
	out->concealment =
	        (enum report_concealment)choice(m->concealment, CONCEALMENT_COUNT);
	out->buffer = (enum report_buffer)choice(m->buffer_adaptive, REPORT_BUFFER_COUNT);
	out->buffer_nominal_ms = m->buffer_nominal_ms;
	out->buffer_max_ms = m->buffer_max_ms;
	out->buffer_abs_max_ms = m->buffer_abs_max_ms;
}

void report_of_vq(struct context *context, const struct vq_report *report,
                  enum report_side side, struct report_record *out)
{
	static const enum report_source sources[VQ_KIND_COUNT] = {
		[VQ_SESSION] = REPORT_VQ_SESSION,
		[VQ_INTERVAL] = REPORT_VQ_INTERVAL,
		[VQ_ALERT] = REPORT_VQ_ALERT,
	};
	const bool local = side == SIDE_LOCAL;
	const struct vq_side *measured = local ? &report->local : &report->remote;
	const struct vq_side *source = local ? &report->remote : &report->local;
	*out = (struct report_record){
		.source = sources[report->kind],
		.side = side,
		.ssrc = source->has_ssrc ? (int64_t)source->ssrc : -1,
	};
	fill_metrics(&measured->metrics, out);
	context_copy(context, out->reporter, sizeof out->reporter, report->local.id);
	context_copy(context, out->peer, sizeof out->peer, report->remote.id);
	context_copy(context, out->sip_call_id, sizeof out->sip_call_id, report->call_id);
	context_copy(context, out->codec, sizeof out->codec, measured->metrics.codec);
	context_copy(context, out->alert_type, sizeof out->alert_type, report->alert_type);
	context_copy(context, out->alert_severity, sizeof out->alert_severity,
	             report->alert_severity);
}

void report_give(struct context *context, const struct packet *packet, unsigned int part,
                 struct report_record *report)
{
	if (context->counters.of[COUNT_REPORTS] >= context->settings.limits.reports) {
		count(context, COUNT_REPORTS_NOT_KEPT);
		return;
	}
	report->at = packet->at;
	report->src = packet->src;
	report->dst = packet->dst;
	struct id_builder id = id_begin(context, RECORD_REPORT);
	id_add_endpoint(&id, &packet->src);
	id_add_endpoint(&id, &packet->dst);
	id_add_number(&id, (uint64_t)packet->at);
	id_add_number(&id, packet->frame);
	id_add_number(&id, part);
	report->id = id_end(&id);
	struct record record = { .kind = RECORD_REPORT, .at = context->now };
	record.report = *report;
	count(context, COUNT_REPORTS);
	context->sink->accept(context->sink->self, &record);
}
