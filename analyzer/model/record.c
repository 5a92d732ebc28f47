#include "analyzer/model/record.h"

#include <assert.h>

const char *const record_kind_names[RECORD_KIND_COUNT] = {
	[RECORD_MESSAGE] = "message", [RECORD_REGISTRATION] = "registration",
	[RECORD_STREAM] = "stream",   [RECORD_LEG] = "leg",
	[RECORD_CALL] = "call",       [RECORD_ENCRYPTED] = "encrypted",
	[RECORD_REPORT] = "report",
};

/* Index 0 of each table is "not known" and has no name. */
static const char *const leg_states[LEG_STATE_COUNT] = {
	[LEG_COMPLETED] = "completed",     [LEG_IN_PROGRESS] = "in_progress",
	[LEG_CANCELLED] = "cancelled",     [LEG_NO_ANSWER] = "no_answer",
	[LEG_NO_RESPONSE] = "no_response", [LEG_FAILED] = "failed",
	[LEG_INCOMPLETE] = "incomplete",
};
static const char *const enders[ENDED_BY_COUNT] = {
	[ENDED_BY_CALLER] = "caller",
	[ENDED_BY_CALLEE] = "callee",
	[ENDED_BY_TIMEOUT] = "timeout",
};
static const char *const directions[DIRECTION_COUNT] = {
	[DIRECTION_FORWARD] = "forward",
	[DIRECTION_REVERSE] = "reverse",
};
static const char *const audio_fates[AUDIO_FATE_COUNT] = {
	[AUDIO_FATE_OK] = "ok",
	[AUDIO_FATE_NONE] = "none",
	[AUDIO_FATE_EARLY_ONLY] = "early_only",
	[AUDIO_FATE_STOPPED] = "stopped",
	[AUDIO_FATE_SILENT] = "silent",
	[AUDIO_FATE_CLOSED_PORT] = "closed_port",
	[AUDIO_FATE_PRIVATE_ADDRESS] = "private_address",
	[AUDIO_FATE_HELD] = "held",
	[AUDIO_FATE_MOVED] = "moved",
	[AUDIO_FATE_NOT_SEEN] = "not_seen",
};
static const char *const clock_bases[CLOCK_BASIS_COUNT] = {
	[CLOCK_SDP] = "sdp",
	[CLOCK_STATIC] = "static",
	[CLOCK_GUESSED] = "guessed",
	[CLOCK_CONFIGURED] = "configured",
};
static const char *const bands[BAND_COUNT] = {
	[BAND_NB] = "nb",
	[BAND_WB] = "wb",
	[BAND_FB] = "fb",
};
static const char *const bases[BASIS_COUNT] = {
	[BASIS_PUBLISHED] = "published",
	[BASIS_MIXED] = "mixed",
	[BASIS_PROJECT] = "project",
	[BASIS_CONFIGURED] = "configured",
};
static const char *const fax_tones[FAX_TONE_COUNT] = {
	[FAX_TONE_CNG] = "cng",
	[FAX_TONE_CED] = "ced",
};
static const char *const report_sources[REPORT_SOURCE_COUNT] = {
	[REPORT_XR] = "xr",
	[REPORT_VQ_SESSION] = "vq_session",
	[REPORT_VQ_INTERVAL] = "vq_interval",
	[REPORT_VQ_ALERT] = "vq_alert",
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
static const char *const stream_flags[STREAM_FLAG_COUNT] = {
	"short", "mirrored",  "guessed", "extrapolated",   "nat",          "early",
	"fec",   "truncated", "evicted", "time_backwards", "timeline_cut", "capture_loss",
};
const char *const loss_verdict_names[LOSS_VERDICT_COUNT] = {
	[LOSS_NETWORK] = "network",
	[LOSS_CAPTURE] = "capture",
	[LOSS_UNKNOWN] = "unknown",
};
static const char *const leg_flags[LEG_FLAG_COUNT] = {
	"late_offer", "early_media", "forked",  "held",      "authenticated",
	"t38",        "srtp",        "evicted", "truncated",
};

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a member is no expression */
#define AT(kind, member) offsetof(struct record, kind.member)
#define NAMES(table) .names = (table), .name_count = ARRAY_LEN(table)

static const struct field leg_fields[] = {
	{ "id", FIELD_ID, AT(leg, id) },
	{ "call", FIELD_ID, AT(leg, call) },
	{ "sip_call_id", FIELD_TEXT, AT(leg, sip_call_id) },
	{ "from", FIELD_TEXT, AT(leg, from) },
	{ "to", FIELD_TEXT, AT(leg, to) },
	{ "src", FIELD_ENDPOINT, AT(leg, src) },
	{ "dst", FIELD_ENDPOINT, AT(leg, dst) },
	{ "start", FIELD_TIME, AT(leg, start) },
	{ "ringing", FIELD_TIME, AT(leg, ringing) },
	{ "answered", FIELD_TIME, AT(leg, answered) },
	{ "ended", FIELD_TIME, AT(leg, ended) },
	{ "status", FIELD_NUMBER, AT(leg, status) },
	{ "state", FIELD_NAME, AT(leg, state), NAMES(leg_states) },
	{ "pdd_ms", FIELD_REAL, AT(leg, pdd_ms) },
	{ "duration_s", FIELD_REAL, AT(leg, duration_s) },
	{ "ended_by", FIELD_NAME, AT(leg, ended_by), NAMES(enders) },
	{ "transport", FIELD_NAME, AT(leg, transport), NAMES(transport_names) },
	{ "codecs", FIELD_CODECS, AT(leg, codecs) },
	{ "messages", FIELD_COUNT, AT(leg, messages) },
	{ "retransmissions", FIELD_COUNT, AT(leg, retransmissions) },
	{ "span_copies", FIELD_COUNT, AT(leg, span_copies) },
	{ "flags", FIELD_FLAGS, AT(leg, flags), NAMES(leg_flags) },
	{ "user_agent", FIELD_TEXT, AT(leg, user_agent) },
	{ "server", FIELD_TEXT, AT(leg, server) },
	{ "reason", FIELD_TEXT, AT(leg, reason) },
	{ "one_way", FIELD_FLAG, AT(leg, one_way) },
	{ "audio_forward", FIELD_NAME, AT(leg, audio_forward), NAMES(audio_fates) },
	{ "audio_reverse", FIELD_NAME, AT(leg, audio_reverse), NAMES(audio_fates) },
	{ "audio_forward_until", FIELD_TIME, AT(leg, audio_forward_until) },
	{ "audio_reverse_until", FIELD_TIME, AT(leg, audio_reverse_until) },
	{ "media_coverage_forward_pct", FIELD_REAL, AT(leg, media_coverage_forward_pct) },
	{ "media_coverage_reverse_pct", FIELD_REAL, AT(leg, media_coverage_reverse_pct) },
};

static const struct field call_fields[] = {
	{ "id", FIELD_ID, AT(call, id) },
	{ "legs", FIELD_IDS, AT(call, legs) },
	{ "start", FIELD_TIME, AT(call, start) },
	{ "ended", FIELD_TIME, AT(call, ended) },
	{ "state", FIELD_NAME, AT(call, state), NAMES(leg_states) },
	{ "mos_lq_min", FIELD_REAL, AT(call, mos_lq_min) },
	{ "mos_lq_min_band", FIELD_NAME, AT(call, mos_lq_min_band), NAMES(bands) },
	{ "mos_lq_min_stream", FIELD_ID, AT(call, mos_lq_min_stream) },
	{ "capture_loss", FIELD_FLAG, AT(call, capture_loss) },
	{ "one_way", FIELD_FLAG, AT(call, one_way) },
};

static const struct field stream_fields[] = {
	{ "id", FIELD_ID, AT(stream, id) },
	{ "leg", FIELD_ID, AT(stream, leg) },
	{ "call", FIELD_ID, AT(stream, call) },
	{ "legs", FIELD_IDS, AT(stream, legs) },
	{ "direction", FIELD_NAME, AT(stream, direction), NAMES(directions) },
	{ "src", FIELD_ENDPOINT, AT(stream, src) },
	{ "dst", FIELD_ENDPOINT, AT(stream, dst) },
	{ "ssrc", FIELD_SSRC, AT(stream, ssrc) },
	{ "codec", FIELD_CODEC, AT(stream, codec) },
	{ "codec_bit_rate_bps", FIELD_NUMBER, AT(stream, codec_bit_rate_bps) },
	{ "codec_audio_hz", FIELD_NUMBER, AT(stream, codec_audio_hz) },
	{ "codec_mode_assumed", FIELD_FLAG, AT(stream, codec_mode_assumed) },
	{ "payload_types", FIELD_PAYLOAD_TYPES, AT(stream, payload_types) },
	{ "clock_hz", FIELD_NUMBER, AT(stream, clock_hz) },
	{ "clock_basis", FIELD_NAME, AT(stream, clock_basis), NAMES(clock_bases) },
	{ "packets", FIELD_COUNT, AT(stream, packets) },
	{ "expected", FIELD_COUNT, AT(stream, expected) },
	{ "received", FIELD_COUNT, AT(stream, received) },
	{ "lost", FIELD_COUNT, AT(stream, lost) },
	{ "duplicates", FIELD_COUNT, AT(stream, duplicates) },
	{ "reordered", FIELD_COUNT, AT(stream, reordered) },
	{ "restarts", FIELD_COUNT, AT(stream, restarts) },
	{ "ts_resync", FIELD_COUNT, AT(stream, ts_resync) },
	{ "outage_lost", FIELD_COUNT, AT(stream, outage_lost) },
	{ "span_copies", FIELD_COUNT, AT(stream, span_copies) },
	{ "loss_pct", FIELD_REAL, AT(stream, loss_pct) },
	{ "jitter_last_ms", FIELD_REAL, AT(stream, jitter_last_ms) },
	{ "jitter_mean_ms", FIELD_REAL, AT(stream, jitter_mean_ms) },
	{ "jitter_max_ms", FIELD_REAL, AT(stream, jitter_max_ms) },
	{ "delta_max_ms", FIELD_REAL, AT(stream, delta_max_ms) },
	{ "delta_mean_ms", FIELD_REAL, AT(stream, delta_mean_ms) },
	{ "ptime_ms", FIELD_REAL, AT(stream, ptime_ms) },
	{ "ptime_changes", FIELD_COUNT, AT(stream, ptime_changes) },
	{ "pdv_p50_ms", FIELD_REAL, AT(stream, pdv_p50_ms) },
	{ "pdv_p95_ms", FIELD_REAL, AT(stream, pdv_p95_ms) },
	{ "pdv_p99_ms", FIELD_REAL, AT(stream, pdv_p99_ms) },
	{ "pdv", FIELD_HISTOGRAM, AT(stream, pdv) },
	{ "skew_ppm", FIELD_REAL, AT(stream, skew_ppm) },
	{ "first", FIELD_TIME, AT(stream, first) },
	{ "last", FIELD_TIME, AT(stream, last) },
	{ "media_coverage_pct", FIELD_REAL, AT(stream, media_coverage_pct) },
	{ "uncovered_s", FIELD_REAL, AT(stream, uncovered_s) },
	{ "octets", FIELD_COUNT, AT(stream, octets) },
	{ "kbit_s", FIELD_REAL, AT(stream, kbit_s) },
	{ "dscp", FIELD_COUNT, AT(stream, dscp) },
	{ "dscp_changes", FIELD_COUNT, AT(stream, dscp_changes) },
	{ "ttl", FIELD_COUNT, AT(stream, ttl) },
	{ "ttl_changes", FIELD_COUNT, AT(stream, ttl_changes) },
	{ "encrypted", FIELD_FLAG, AT(stream, encrypted) },
	{ "flags", FIELD_FLAGS, AT(stream, flags), NAMES(stream_flags) },
	{ "band", FIELD_NAME, AT(stream, band), NAMES(bands) },
	{ "basis", FIELD_NAME, AT(stream, basis), NAMES(bases) },
	{ "ie", FIELD_REAL, AT(stream, ie) },
	{ "bpl", FIELD_REAL, AT(stream, bpl) },
	{ "ppl", FIELD_REAL, AT(stream, ppl) },
	{ "burstr", FIELD_REAL, AT(stream, burstr) },
	{ "burstr_used", FIELD_REAL, AT(stream, burstr_used) },
	{ "r", FIELD_REAL, AT(stream, r) },
	{ "mos_lq", FIELD_REAL, AT(stream, mos_lq) },
	{ "ppl_answered", FIELD_REAL, AT(stream, ppl_answered), .rare = true },
	{ "r_answered", FIELD_REAL, AT(stream, r_answered), .rare = true },
	{ "mos_lq_answered", FIELD_REAL, AT(stream, mos_lq_answered), .rare = true },
	{ "mos_buffer", FIELD_TEXT, AT(stream, mos_buffer) },
	{ "buffers", FIELD_BUFFERS, AT(stream, buffers) },
	{ "loss_verdict", FIELD_NAME, AT(stream, loss_verdict), NAMES(loss_verdict_names) },
	{ "suspect_lost", FIELD_REAL, AT(stream, suspect_lost) },
	{ "r_unsuspected", FIELD_REAL, AT(stream, r_unsuspected), .rare = true },
	{ "mos_lq_unsuspected", FIELD_REAL, AT(stream, mos_lq_unsuspected), .rare = true },
	{ "interval_min_at", FIELD_TIME, AT(stream, interval_min_at) },
	{ "interval_min_mos_lq", FIELD_REAL, AT(stream, interval_min_mos_lq) },
	{ "intervals", FIELD_COUNT, AT(stream, intervals) },
	{ "rtcp_sender_reports", FIELD_COUNT, AT(stream, rtcp_sender_reports) },
	{ "rtcp_receiver_reports", FIELD_COUNT, AT(stream, rtcp_receiver_reports) },
	{ "rtcp_sent_packets", FIELD_REAL, AT(stream, rtcp_sent_packets), .rare = true },
	{ "rtcp_lost", FIELD_REAL, AT(stream, rtcp_lost), .rare = true },
	{ "rtcp_jitter_ms", FIELD_REAL, AT(stream, rtcp_jitter_ms), .rare = true },
	{ "rtcp_cname", FIELD_TEXT, AT(stream, rtcp_cname), .rare = true },
	{ "rtcp_bye", FIELD_TIME, AT(stream, rtcp_bye), .rare = true },
	{ "audio_heard_s", FIELD_REAL, AT(stream, audio_heard_s), .rare = true },
	{ "audio_speech_pct", FIELD_REAL, AT(stream, audio_speech_pct), .rare = true },
	{ "audio_silence_pct", FIELD_REAL, AT(stream, audio_silence_pct), .rare = true },
	{ "audio_dead_air_s", FIELD_REAL, AT(stream, audio_dead_air_s), .rare = true },
	{ "audio_dead_air_total_s", FIELD_REAL, AT(stream, audio_dead_air_total_s),
	  .rare = true },
	{ "audio_clipping_pct", FIELD_REAL, AT(stream, audio_clipping_pct), .rare = true },
	{ "audio_level_dbov", FIELD_REAL, AT(stream, audio_level_dbov), .rare = true },
	{ "audio_rms_dbov", FIELD_REAL, AT(stream, audio_rms_dbov), .rare = true },
	{ "audio_peak_dbov", FIELD_REAL, AT(stream, audio_peak_dbov), .rare = true },
	{ "audio_dtmf", FIELD_REAL, AT(stream, audio_dtmf), .rare = true },
	{ "audio_dtmf_first", FIELD_TIME, AT(stream, audio_dtmf_first), .rare = true },
	{ "audio_fax", FIELD_NAME, AT(stream, audio_fax), NAMES(fax_tones), .rare = true },
	{ "far_expected", FIELD_REAL, AT(stream, far_expected), .rare = true },
	{ "far_lost", FIELD_REAL, AT(stream, far_lost), .rare = true },
	{ "far_loss_pct", FIELD_REAL, AT(stream, far_loss_pct), .rare = true },
	{ "far_jitter_mean_ms", FIELD_REAL, AT(stream, far_jitter_mean_ms), .rare = true },
	{ "far_jitter_max_ms", FIELD_REAL, AT(stream, far_jitter_max_ms), .rare = true },
	{ "lost_at_report", FIELD_REAL, AT(stream, lost_at_report), .rare = true },
	{ "lost_after", FIELD_REAL, AT(stream, lost_after), .rare = true },
	{ "unconfirmed_lost", FIELD_REAL, AT(stream, unconfirmed_lost), .rare = true },
	{ "rtt_receiver_ms", FIELD_REAL, AT(stream, rtt_receiver_ms), .rare = true },
	{ "rtt_sender_ms", FIELD_REAL, AT(stream, rtt_sender_ms), .rare = true },
	{ "rtt_ms", FIELD_REAL, AT(stream, rtt_ms), .rare = true },
	{ "rtt_partial", FIELD_FLAG, AT(stream, rtt_partial) },
	{ "ta_ms", FIELD_REAL, AT(stream, ta_ms), .rare = true },
	{ "r_cq", FIELD_REAL, AT(stream, r_cq), .rare = true },
	{ "mos_cq", FIELD_REAL, AT(stream, mos_cq), .rare = true },
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
	{ "reporter", FIELD_TEXT, AT(report, reporter) },
	{ "peer", FIELD_TEXT, AT(report, peer) },
	{ "sip_call_id", FIELD_TEXT, AT(report, sip_call_id) },
	{ "ssrc", FIELD_SSRC_IF, AT(report, ssrc) },
	{ "start", FIELD_TIME, AT(report, start) },
	{ "stop", FIELD_TIME, AT(report, stop) },
	{ "codec", FIELD_TEXT, AT(report, codec) },
	{ "loss_pct", FIELD_REAL, AT(report, loss_pct) },
	{ "discard_pct", FIELD_REAL, AT(report, discard_pct) },
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
	{ "alert_type", FIELD_TEXT, AT(report, alert_type) },
	{ "alert_severity", FIELD_TEXT, AT(report, alert_severity) },
};

static const struct field registration_fields[] = {
	{ "id", FIELD_ID, AT(registration, id) },
	{ "aor", FIELD_TEXT, AT(registration, aor) },
	{ "contact", FIELD_TEXT, AT(registration, contact) },
	{ "src", FIELD_ENDPOINT, AT(registration, src) },
	{ "registrar", FIELD_ENDPOINT, AT(registration, registrar) },
	{ "at", FIELD_TIME, AT(registration, at) },
	{ "status", FIELD_NUMBER, AT(registration, status) },
	{ "expires_s", FIELD_REAL, AT(registration, expires_s) },
	{ "sip_call_id", FIELD_TEXT, AT(registration, sip_call_id) },
	{ "transport", FIELD_NAME, AT(registration, transport), NAMES(transport_names) },
	{ "authenticated", FIELD_FLAG, AT(registration, authenticated) },
};

static const struct field message_fields[] = {
	{ "id", FIELD_ID, AT(message, id) },
	{ "leg", FIELD_ID, AT(message, leg) },
	{ "call", FIELD_ID, AT(message, call) },
	{ "at", FIELD_TIME, AT(message, at) },
	{ "frame", FIELD_COUNT, AT(message, frame) },
	{ "src", FIELD_ENDPOINT, AT(message, src) },
	{ "dst", FIELD_ENDPOINT, AT(message, dst) },
	{ "transport", FIELD_NAME, AT(message, transport), NAMES(transport_names) },
	{ "summary", FIELD_TEXT, AT(message, summary) },
	{ "cseq", FIELD_TEXT, AT(message, cseq) },
	{ "retransmission", FIELD_FLAG, AT(message, retransmission) },
	{ "sdp", FIELD_FLAG, AT(message, sdp) },
	{ "length", FIELD_COUNT, AT(message, length) },
};

static const struct field encrypted_fields[] = {
	{ "id", FIELD_ID, AT(encrypted, id) },
	{ "client", FIELD_ADDRESS, AT(encrypted, client) },
	{ "server", FIELD_ENDPOINT, AT(encrypted, server) },
	{ "transport", FIELD_NAME, AT(encrypted, transport), NAMES(transport_names) },
	{ "sni", FIELD_TEXT, AT(encrypted, sni) },
	{ "sessions", FIELD_COUNT, AT(encrypted, sessions) },
	{ "failed", FIELD_COUNT, AT(encrypted, failed) },
	{ "first", FIELD_TIME, AT(encrypted, first) },
	{ "last", FIELD_TIME, AT(encrypted, last) },
};

#define BUFFER_AT(member)                                                                  \
	{                                                                                  \
#member, offsetof(struct buffer_record, member)                            \
	}

static const struct buffer_field buffer_fields[BUFFER_FIELDS] = {
	BUFFER_AT(discarded),   BUFFER_AT(ppl),
	BUFFER_AT(burstr),      BUFFER_AT(burstr_used),
	BUFFER_AT(r),           BUFFER_AT(mos_lq),
	BUFFER_AT(bursts),      BUFFER_AT(burst_density),
	BUFFER_AT(gap_density), BUFFER_AT(burst_ms),
	BUFFER_AT(gap_ms),      BUFFER_AT(depth_ms),
};

const struct buffer_field *record_buffer_field(size_t index)
{
	return &buffer_fields[index];
}

#define TABLE(fields)                                                                      \
	{                                                                                  \
		(fields), ARRAY_LEN(fields)                                                \
	}

static const struct field_table tables[] = {
	[RECORD_MESSAGE] = TABLE(message_fields),
	[RECORD_REPORT] = TABLE(report_fields),
	[RECORD_REGISTRATION] = TABLE(registration_fields),
	[RECORD_STREAM] = TABLE(stream_fields),
	[RECORD_LEG] = TABLE(leg_fields),
	[RECORD_CALL] = TABLE(call_fields),
	[RECORD_ENCRYPTED] = TABLE(encrypted_fields),
};
static_assert(ARRAY_LEN(tables) == RECORD_KIND_COUNT, "list the fields of every kind");

struct field_table record_fields(enum record_kind kind)
{
	return tables[kind];
}

uint64_t record_id(const struct record *record)
{
	switch (record->kind) {
	case RECORD_MESSAGE:
		return record->message.id;
	case RECORD_REPORT:
		return record->report.id;
	case RECORD_REGISTRATION:
		return record->registration.id;
	case RECORD_STREAM:
		return record->stream.id;
	case RECORD_LEG:
		return record->leg.id;
	case RECORD_CALL:
		return record->call.id;
	case RECORD_ENCRYPTED:
		return record->encrypted.id;
	case RECORD_KIND_COUNT:
		break;
	}
	return 0;
}

int record_compare(const struct record *a, const struct record *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	const uint64_t id_a = record_id(a);
	const uint64_t id_b = record_id(b);
	return (id_a > id_b) - (id_a < id_b);
}
