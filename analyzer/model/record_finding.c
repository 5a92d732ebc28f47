#include "analyzer/model/record_fields.h"

const char *const finding_code_names[FINDING_CODE_COUNT] = {
	[FINDING_ONE_WAY_NAT] = "one_way_nat",
	[FINDING_ONE_WAY_CLOSED_PORT] = "one_way_closed_port",
	[FINDING_ONE_WAY_WRONG_SDP] = "one_way_wrong_sdp",
	[FINDING_ONE_WAY_AUDIO] = "one_way_audio",
	[FINDING_SIP_ALG] = "sip_alg",
	[FINDING_CODEC_MISMATCH] = "codec_mismatch",
	[FINDING_ACK_LOST] = "ack_lost",
	[FINDING_ACK_LATE] = "ack_late",
	[FINDING_SIP_LOSS] = "sip_loss",
	[FINDING_SIP_DELAY] = "sip_delay",
	[FINDING_NO_RESPONSE] = "no_response",
	[FINDING_SESSION_TIMER] = "session_timer",
	[FINDING_RINGBACK_MISSING] = "ringback_missing",
	[FINDING_TRUNK_CAPACITY] = "trunk_capacity",
	[FINDING_AUTH_LOOP] = "auth_loop",
	[FINDING_DTMF_MISMATCH] = "dtmf_mismatch",
	[FINDING_LOSS_CONGESTION] = "loss_congestion",
	[FINDING_LOSS_WIFI] = "loss_wifi",
	[FINDING_LOSS_PERIODIC] = "loss_periodic",
	[FINDING_LOSS_RANDOM] = "loss_random",
	[FINDING_LOSS_BEHIND] = "loss_behind",
	[FINDING_JITTER_QUEUEING] = "jitter_queueing",
	[FINDING_DSCP_REMARKED] = "dscp_remarked",
	[FINDING_CLOCK_DRIFT] = "clock_drift",
	[FINDING_CAPTURE_FAULT] = "capture_fault",
	[FINDING_TRUNK_SECURITY] = "trunk_security",
	[FINDING_TRUNK_TRANSPORT] = "trunk_transport",
	[FINDING_TRUNK_CODEC] = "trunk_codec",
	[FINDING_TRUNK_DSCP] = "trunk_dscp",
	[FINDING_TRUNK_SIP_DSCP] = "trunk_sip_dscp",
};

const char *const finding_party_names[POINTS_TO_COUNT] = {
	[POINTS_TO_CALLER] = "caller",
	[POINTS_TO_CALLEE] = "callee",
	[POINTS_TO_CALLER_SIDE] = "caller_side",
	[POINTS_TO_CALLEE_SIDE] = "callee_side",
	[POINTS_TO_BETWEEN] = "between",
	[POINTS_TO_PEER] = "peer",
	[POINTS_TO_PROBE] = "probe",
	[POINTS_TO_TRUNK] = "trunk",
};

static const struct field finding_fields[] = {
	{ "id", FIELD_ID, AT(finding, id) },
	{ "call", FIELD_ID, AT(finding, call) },
	{ "leg", FIELD_ID, AT(finding, leg) },
	{ "stream", FIELD_ID, AT(finding, stream) },
	{ "rank", FIELD_COUNT, AT(finding, rank) },
	{ "code", FIELD_NAME, AT(finding, code), NAMES(finding_code_names) },
	{ "confidence", FIELD_REAL, AT(finding, confidence) },
	{ "points_to", FIELD_NAME, AT(finding, points_to), NAMES(finding_party_names) },
	{ "peer", FIELD_ENDPOINT, AT(finding, peer) },
	{ "sentence", FIELD_TEXT, TEXT_AT(finding, sentence) },
	{ "evidence", FIELD_TEXT, TEXT_AT(finding, evidence) },
	{ "at", FIELD_TIME, AT(finding, at) },
	{ "first", FIELD_TIME, AT(finding, first) },
	{ "last", FIELD_TIME, AT(finding, last) },
};

const struct field_table record_finding_table = TABLE(finding_fields);
