/* fuzz_vq_report.c - one RFC 6035 body. */
#include "analyzer/wire/vq_report.h"

#include <assert.h>
#include <math.h>

static bool is_inside(struct text inner, struct text outer)
{
	return inner.len == 0 ||
	       (inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len);
}

static bool is_within(double value, double least, double most)
{
	return isnan(value) || (value >= least && value <= most);
}

static void check_side(const struct vq_side *side, struct text body)
{
	const struct vq_metrics *m = &side->metrics;
	assert(is_inside(side->id, body) && is_inside(m->codec, body));
	assert(is_inside(m->fmtp, body) && is_inside(m->silence_suppression, body));
	assert(m->start == NSTIME_NONE || m->start >= -NS_PER_SEC * 86400);
	assert(is_within(m->payload_type, 0, 127));
	assert(is_within(m->buffer_adaptive, 0, 3) && is_within(m->gmin, 1, 255));
	assert(is_within(m->loss_pct, 0, 100) && is_within(m->gap_density_pct, 0, 100));
	assert(is_within(m->round_trip_ms, 0, 3600000) && m->round_trip_ms != 65535);
	assert(is_within(m->signal_dbm0, -128, 126) && m->echo_return_loss_db != 127);
	assert(is_within(m->r_lq, 0, 120) && is_within(m->external_r_out, 0, 120));
	assert(is_within(m->mos_lq, 1, 5) && is_within(m->mos_cq, 1, 5));
	assert(side->has_ssrc || side->ssrc == 0);
	if (!side->has_metrics)
		assert(isnan(m->mos_cq) && m->stop == NSTIME_NONE && m->codec.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct text body = text_of((struct span){ data, len });
	struct vq_report report;
	const enum status status = vq_report_parse(body, &report);
	assert((status == ERR_TOO_LONG) == (len > VQ_REPORT_MAX_BYTES));
	if (status != OK)
		return 0;
	assert(len >= sizeof("VQAlertReport") - 1);
	assert(is_inside(report.call_id, body) && is_inside(report.dialog_id, body));
	assert(is_inside(report.orig_id, body) && is_inside(report.from_id, body));
	assert(is_inside(report.alert_type, body) &&
	       is_inside(report.alert_direction, body));
	check_side(&report.local, body);
	check_side(&report.remote, body);
	return 0;
}
