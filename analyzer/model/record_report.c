#include "analyzer/model/record_fields.h"

static const char *const report_sources[REPORT_SOURCE_COUNT] = {
	[REPORT_XR] = "xr",
	[REPORT_VQ_SESSION] = "vq_session",
	[REPORT_VQ_INTERVAL] = "vq_interval",
	[REPORT_VQ_ALERT] = "vq_alert",
	[REPORT_HEP_RTCP] = "hep_rtcp",
	[REPORT_HEP_RTP] = "hep_rtp",
};

static const char *const report_sides[SIDE_COUNT] = {
	[SIDE_LOCAL] = "local",
	[SIDE_REMOTE] = "remote",
};

static const char *const concealments[CONCEALMENT_COUNT] = {
	[CONCEALMENT_DISABLED] = "disabled",
	[CONCEALMENT_ENHANCED] = "enhanced",
	[CONCEALMENT_STANDARD] = "standard",
};

static const char *const report_buffers[REPORT_BUFFER_COUNT] = {
	[REPORT_BUFFER_RESERVED] = "reserved",
	[REPORT_BUFFER_FIXED] = "fixed",
	[REPORT_BUFFER_ADAPTIVE] = "adaptive",
};

static const struct field report_fields[] = {
	{ "id", FIELD_ID, AT(report, id) },
	{ "stream", FIELD_ID, AT(report, stream) },
	{ "leg", FIELD_ID, AT(report, leg) },
	{ "call", FIELD_ID, AT(report, call) },
	{ "at", FIELD_TIME, AT(report, at) },
	{ "source", FIELD_NAME, AT(report, source), NAMES(report_sources) },
	{ "side", FIELD_NAME, AT(report, side), NAMES(report_sides) },
	{ "src", FIELD_ENDPOINT, AT(report, src) },
	{ "dst", FIELD_ENDPOINT, AT(report, dst) },
	{ "reporter", FIELD_TEXT, TEXT_AT(report, reporter) },
	{ "peer", FIELD_TEXT, TEXT_AT(report, peer) },
	{ "sip_call_id", FIELD_TEXT, TEXT_AT(report, sip_call_id) },
	{ "ssrc", FIELD_SSRC_IF, AT(report, ssrc) },
	{ "start", FIELD_TIME, AT(report, start) },
	{ "stop", FIELD_TIME, AT(report, stop) },
	{ "codec", FIELD_TEXT, TEXT_AT(report, codec) },
	{ "loss_pct", FIELD_REAL, AT(report, loss_pct) },
	{ "discard_pct", FIELD_REAL, AT(report, discard_pct) },
	{ "lost_packets", FIELD_REAL, AT(report, lost_packets) },
	{ "burst_density_pct", FIELD_REAL, AT(report, burst_density_pct) },
	{ "burst_ms", FIELD_REAL, AT(report, burst_ms) },
	{ "gap_density_pct", FIELD_REAL, AT(report, gap_density_pct) },
	{ "gap_ms", FIELD_REAL, AT(report, gap_ms) },
	{ "gmin", FIELD_REAL, AT(report, gmin) },
	{ "rtt_ms", FIELD_REAL, AT(report, rtt_ms) },
	{ "end_system_ms", FIELD_REAL, AT(report, end_system_ms) },
	{ "one_way_ms", FIELD_REAL, AT(report, one_way_ms) },
	{ "jitter_ms", FIELD_REAL, AT(report, jitter_ms) },
	{ "mean_abs_jitter_ms", FIELD_REAL, AT(report, mean_abs_jitter_ms) },
	{ "signal_dbm0", FIELD_REAL, AT(report, signal_dbm0) },
	{ "noise_dbm0", FIELD_REAL, AT(report, noise_dbm0) },
	{ "echo_return_loss_db", FIELD_REAL, AT(report, echo_return_loss_db) },
	{ "r_lq", FIELD_REAL, AT(report, r_lq) },
	{ "r_cq", FIELD_REAL, AT(report, r_cq) },
	{ "external_r_in", FIELD_REAL, AT(report, external_r_in) },
	{ "external_r_out", FIELD_REAL, AT(report, external_r_out) },
	{ "mos_lq", FIELD_REAL, AT(report, mos_lq) },
	{ "mos_cq", FIELD_REAL, AT(report, mos_cq) },
	{ "concealment", FIELD_NAME, AT(report, concealment), NAMES(concealments) },
	{ "buffer", FIELD_NAME, AT(report, buffer), NAMES(report_buffers) },
	{ "buffer_nominal_ms", FIELD_REAL, AT(report, buffer_nominal_ms) },
	{ "buffer_max_ms", FIELD_REAL, AT(report, buffer_max_ms) },
	{ "buffer_abs_max_ms", FIELD_REAL, AT(report, buffer_abs_max_ms) },
	{ "alert_type", FIELD_TEXT, TEXT_AT(report, alert_type) },
	{ "alert_severity", FIELD_TEXT, TEXT_AT(report, alert_severity) },
};

const struct field_table record_report_table = TABLE(report_fields);
