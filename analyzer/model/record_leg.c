#include "analyzer/model/record_fields.h"

const char *const leg_state_names[LEG_STATE_COUNT] = {
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

static const char *const leg_flags[LEG_FLAG_COUNT] = {
	"late_offer", "early_media", "forked",  "held",      "authenticated",
	"t38",        "srtp",        "evicted", "truncated",
};

static const struct field leg_fields[] = {
	{ "id", FIELD_ID, AT(leg, id) },
	{ "call", FIELD_ID, AT(leg, call) },
	{ "sip_call_id", FIELD_TEXT, TEXT_AT(leg, sip_call_id) },
	{ "from", FIELD_TEXT, TEXT_AT(leg, from) },
	{ "to", FIELD_TEXT, TEXT_AT(leg, to) },
	{ "src", FIELD_ENDPOINT, AT(leg, src) },
	{ "dst", FIELD_ENDPOINT, AT(leg, dst) },
	{ "start", FIELD_TIME, AT(leg, start) },
	{ "ringing", FIELD_TIME, AT(leg, ringing) },
	{ "answered", FIELD_TIME, AT(leg, answered) },
	{ "ended", FIELD_TIME, AT(leg, ended) },
	{ "status", FIELD_NUMBER, AT(leg, status) },
	{ "state", FIELD_NAME, AT(leg, state), NAMES(leg_state_names) },
	{ "pdd_ms", FIELD_REAL, AT(leg, pdd_ms) },
	{ "duration_s", FIELD_REAL, AT(leg, duration_s) },
	{ "ended_by", FIELD_NAME, AT(leg, ended_by), NAMES(enders) },
	{ "transport", FIELD_NAME, AT(leg, transport), NAMES(transport_names) },
	{ "codecs", FIELD_CODECS, AT(leg, codecs) },
	{ "messages", FIELD_COUNT, AT(leg, messages) },
	{ "retransmissions", FIELD_COUNT, AT(leg, retransmissions) },
	{ "span_copies", FIELD_COUNT, AT(leg, span_copies) },
	{ "flags", FIELD_FLAGS, AT(leg, flags), NAMES(leg_flags) },
	{ "user_agent", FIELD_TEXT, TEXT_AT(leg, user_agent) },
	{ "server", FIELD_TEXT, TEXT_AT(leg, server) },
	{ "reason", FIELD_TEXT, TEXT_AT(leg, reason) },
	{ "one_way", FIELD_FLAG, AT(leg, one_way) },
	{ "audio_forward", FIELD_NAME, AT(leg, audio_forward), NAMES(audio_fates) },
	{ "audio_reverse", FIELD_NAME, AT(leg, audio_reverse), NAMES(audio_fates) },
	{ "audio_forward_until", FIELD_TIME, AT(leg, audio_forward_until) },
	{ "audio_reverse_until", FIELD_TIME, AT(leg, audio_reverse_until) },
	{ "media_coverage_forward_pct", FIELD_REAL, AT(leg, media_coverage_forward_pct) },
	{ "media_coverage_reverse_pct", FIELD_REAL, AT(leg, media_coverage_reverse_pct) },
	{ "trunk_src", FIELD_TEXT, TEXT_AT(leg, trunk_src) },
	{ "trunk_dst", FIELD_TEXT, TEXT_AT(leg, trunk_dst) },
};

const struct field_table record_leg_table = TABLE(leg_fields);
