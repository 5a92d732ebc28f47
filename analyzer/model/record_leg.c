#include "analyzer/model/record_fields.h"

const char *const leg_state_names[LEG_STATE_COUNT] = {
	[LEG_COMPLETED] = "completed",     [LEG_IN_PROGRESS] = "in_progress",
	[LEG_CANCELLED] = "cancelled",     [LEG_NO_ANSWER] = "no_answer",
	[LEG_NO_RESPONSE] = "no_response", [LEG_FAILED] = "failed",
	[LEG_INCOMPLETE] = "incomplete",   [CALL_MEDIA_ONLY] = "media_only",
	[LEG_INTERRUPTED] = "interrupted",
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
	"t38",        "srtp",        "evicted", "truncated", "gap",
};

static const char *const hows[ENDED_HOW_COUNT] = {
	[ENDED_HOW_BYE] = "bye",
	[ENDED_HOW_CANCEL] = "cancel",
	[ENDED_HOW_REFUSED] = "refused",
	[ENDED_HOW_TIMEOUT] = "timeout",
	[ENDED_HOW_SESSION_TIMER] = "session_timer",
	[ENDED_HOW_MEDIA_GONE] = "media_gone",
	[ENDED_HOW_REPLACED] = "replaced",
};

static const char *const causes_in[CAUSE_IN_COUNT] = {
	[CAUSE_IN_BYE] = "bye",
	[CAUSE_IN_CANCEL] = "cancel",
	[CAUSE_IN_RESPONSE] = "response",
};

static const char *const parties[PARTY_COUNT] = {
	[PARTY_CALLER] = "caller",
	[PARTY_CALLEE] = "callee",
	[PARTY_BOTH] = "both",
};

static const char *const key_exchanges[KEYS_COUNT] = { "sdes", "dtls" };
static const char *const dtmf_ways[DTMF_WAY_COUNT] = { "rfc4733", "info", "notify",
	                                               "inband" };

static const char *const nat_signs[NAT_SIGN_COUNT] = {
	"via", "received",    "contact",   "contact_private",
	"sdp", "sdp_private", "rewritten", "alg",
};

const char *const joined_by_names[JOINED_BY_COUNT] = {
	[JOINED_BY_CALL_ID] = "call_id", [JOINED_BY_SESSION_ID] = "session_id",
	[JOINED_BY_HEADER] = "header",   [JOINED_BY_RTP] = "rtp",
	[JOINED_BY_PAYLOAD] = "payload", [JOINED_BY_NUMBERS] = "numbers",
};

static const char *const identity_headers[IDENTITY_HEADER_COUNT] = {
	[IDENTITY_ASSERTED] = "p_asserted_identity",
	[IDENTITY_PREFERRED] = "p_preferred_identity",
	[IDENTITY_REMOTE_PARTY] = "remote_party_id",
};
static const char *const privacies[PRIVACY_COUNT] = {
	"header", "session", "user", "none", "critical", "id", "history", "anonymous",
};
static const char *const transfers[TRANSFER_COUNT] = { "replaces", "refer", "referred_by",
	                                               "join", "focus" };
static const char *const stir_flags[STIR_FLAG_COUNT] = {
	"unverified",    "malformed",     "compact",     "stale",    "future",
	"orig_mismatch", "dest_mismatch", "foreign_alg", "diverted",
};
static const char *const attests[STIR_ATTEST_COUNT] = {
	[STIR_ATTEST_A] = "A",
	[STIR_ATTEST_B] = "B",
	[STIR_ATTEST_C] = "C",
};

static const char *const handshakes[HANDSHAKE_STATE_COUNT] = {
	[HANDSHAKE_OFFERED] = "offered",   [HANDSHAKE_COMPLETED] = "completed",
	[HANDSHAKE_FAILED] = "failed",     [HANDSHAKE_NEVER_TRIED] = "never_tried",
	[HANDSHAKE_NOT_SEEN] = "not_seen",
};

static const char *const leg_violations[LEG_VIOLATION_COUNT] = { "transport", "dscp" };

static const char *const number_violations[NUMBER_VIOLATION_COUNT] = {
	[NUMBER_VIOLATION_FROM] = "from",
	[NUMBER_VIOLATION_TO] = "to",
	[NUMBER_VIOLATION_BOTH] = "both",
};

const char *const change_names[CHANGE_COUNT] = {
	"call_id",    "tag",          "caller",        "callee",        "transport",
	"transcoded", "srtp_removed", "srtp_added",    "display",       "from_user",
	"to_user",    "asserted",     "diversion",     "history_info",  "contact",
	"user_agent", "codecs",       "media_address", "ptime",         "media_direction",
	"keys",       "allow",        "supported",     "session_timer", "identity",
};

static const char *const branch_fates[BRANCH_FATE_COUNT] = {
	[BRANCH_ANSWERED] = "answered",   [BRANCH_ELSEWHERE] = "answered_elsewhere",
	[BRANCH_CANCELLED] = "cancelled", [BRANCH_REFUSED] = "refused",
	[BRANCH_NO_ANSWER] = "no_answer", [BRANCH_OPEN] = "open",
};

static const struct field leg_fields[] = {
	{ "id", FIELD_ID, AT(leg, id) },
	{ "call", FIELD_ID, AT(leg, call) },
	{ "sip_call_id", FIELD_TEXT, TEXT_AT(leg, sip_call_id) },
	{ "from", FIELD_TEXT, TEXT_AT(leg, from) },
	{ "to", FIELD_TEXT, TEXT_AT(leg, to) },
	{ "src", FIELD_ENDPOINT, AT(leg, src), .trunk = AT(leg, trunk_src) },
	{ "dst", FIELD_ENDPOINT, AT(leg, dst), .trunk = AT(leg, trunk_dst) },
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
	{ "trunk_src", FIELD_TEXT, TEXT_AT(leg, trunk_src), .open = true, .rare = true },
	{ "trunk_dst", FIELD_TEXT, TEXT_AT(leg, trunk_dst), .open = true, .rare = true },
	{ "trunk_violations", FIELD_FLAGS, AT(leg, trunk_violations),
	  NAMES(leg_violations) },
	{ "number_from", FIELD_TEXT, TEXT_AT(leg, number_from) },
	{ "number_to", FIELD_TEXT, TEXT_AT(leg, number_to) },
	{ "prefix_label", FIELD_TEXT, TEXT_AT(leg, prefix_label), .open = true },
	{ "emergency", FIELD_FLAG, AT(leg, emergency) },
	{ "number_violation", FIELD_NAME, AT(leg, number_violation),
	  NAMES(number_violations), .rare = true },
	{ "invited", FIELD_TIME, AT(leg, invited) },
	{ "responded", FIELD_TIME, AT(leg, responded) },
	{ "ack", FIELD_TIME, AT(leg, ack) },
	{ "setup_ms", FIELD_REAL, AT(leg, setup_ms) },
	{ "ringing_ms", FIELD_REAL, AT(leg, ringing_ms) },
	{ "srd_ms", FIELD_REAL, AT(leg, srd_ms) },
	{ "sdd_ms", FIELD_REAL, AT(leg, sdd_ms) },
	{ "invite_retransmissions", FIELD_COUNT, AT(leg, invite_retransmissions),
	  .rare = true },
	{ "bye_retransmissions", FIELD_COUNT, AT(leg, bye_retransmissions), .rare = true },
	{ "final_retransmissions", FIELD_COUNT, AT(leg, final_retransmissions),
	  .rare = true },
	{ "auth_rounds", FIELD_COUNT, AT(leg, auth_rounds), .rare = true },
	{ "ended_how", FIELD_NAME, AT(leg, ended_how), NAMES(hows) },
	{ "bye_status", FIELD_NUMBER, AT(leg, bye_status) },
	{ "q850", FIELD_NUMBER, AT(leg, q850), .rare = true },
	{ "sip_cause", FIELD_NUMBER, AT(leg, sip_cause), .rare = true },
	{ "cause_in", FIELD_NAME, AT(leg, cause_in), NAMES(causes_in), .rare = true },
	{ "cause_text", FIELD_TEXT, TEXT_AT(leg, cause_text), .rare = true },
	{ "session_expires_s", FIELD_NUMBER, AT(leg, session_expires_s), .rare = true },
	{ "session_refresher", FIELD_NAME, AT(leg, session_refresher), NAMES(parties),
	  .rare = true },
	{ "session_refreshes", FIELD_COUNT, AT(leg, session_refreshes), .rare = true },
	{ "holds", FIELD_COUNT, AT(leg, holds), .rare = true },
	{ "hold_s", FIELD_REAL, AT(leg, hold_s) },
	{ "held_by", FIELD_NAME, AT(leg, held_by), NAMES(parties), .rare = true },
	{ "codecs_offered", FIELD_CODECS, AT(leg, codecs_offered) },
	{ "codecs_answered", FIELD_CODECS, AT(leg, codecs_answered) },
	{ "codec_changes", FIELD_COUNT, AT(leg, codec_changes), .rare = true },
	{ "early_rtp", FIELD_TIME, AT(leg, early_rtp) },
	{ "keys_offered", FIELD_FLAGS, AT(leg, keys_offered), NAMES(key_exchanges) },
	{ "keys_accepted", FIELD_FLAGS, AT(leg, keys_accepted), NAMES(key_exchanges) },
	{ "dtmf_offered", FIELD_NUMBER, AT(leg, dtmf_offered) },
	{ "dtmf_answered", FIELD_NUMBER, AT(leg, dtmf_answered) },
	{ "dtmf_seen", FIELD_FLAGS, AT(leg, dtmf_seen), NAMES(dtmf_ways) },
	{ "dtmf_mismatch", FIELD_FLAG, AT(leg, dtmf_mismatch) },
	{ "t38", FIELD_TIME, AT(leg, t38), .rare = true },
	{ "nat_src", FIELD_FLAGS, AT(leg, nat_src), NAMES(nat_signs), .rare = true },
	{ "nat_dst", FIELD_FLAGS, AT(leg, nat_dst), NAMES(nat_signs), .rare = true },
	{ "via_src", FIELD_TEXT, TEXT_AT(leg, via_src), .rare = true },
	{ "contact_src", FIELD_TEXT, TEXT_AT(leg, contact_src), .rare = true },
	{ "contact_dst", FIELD_TEXT, TEXT_AT(leg, contact_dst), .rare = true },
	{ "sdp_src", FIELD_TEXT, TEXT_AT(leg, sdp_src), .rare = true },
	{ "sdp_dst", FIELD_TEXT, TEXT_AT(leg, sdp_dst), .rare = true },
	{ "asserted", FIELD_TEXT, TEXT_AT(leg, asserted) },
	{ "asserted_in", FIELD_NAME, AT(leg, asserted_in), NAMES(identity_headers) },
	{ "connected", FIELD_TEXT, TEXT_AT(leg, connected), .rare = true },
	{ "privacy", FIELD_FLAGS, AT(leg, privacy), NAMES(privacies), .rare = true },
	{ "diversions", FIELD_COUNT, AT(leg, diversions), .rare = true },
	{ "diverted_from", FIELD_TEXT, TEXT_AT(leg, diverted_from), .rare = true },
	{ "transfer", FIELD_FLAGS, AT(leg, transfer), NAMES(transfers) },
	{ "replaces", FIELD_TEXT, TEXT_AT(leg, replaces), .rare = true },
	{ "refer_to", FIELD_TEXT, TEXT_AT(leg, refer_to), .rare = true },
	{ "referred_by", FIELD_TEXT, TEXT_AT(leg, referred_by), .rare = true },
	{ "conference", FIELD_TEXT, TEXT_AT(leg, conference), .rare = true },
	{ "stir", FIELD_FLAGS, AT(leg, stir), NAMES(stir_flags) },
	{ "stir_attest", FIELD_NAME, AT(leg, stir_attest), NAMES(attests), .rare = true },
	{ "stir_age_s", FIELD_REAL, AT(leg, stir_age_s), .rare = true },
	{ "stir_orig", FIELD_TEXT, TEXT_AT(leg, stir_orig), .rare = true },
	{ "stir_dest", FIELD_TEXT, TEXT_AT(leg, stir_dest), .rare = true },
	{ "ice", FIELD_NAME, AT(leg, ice), NAMES(handshakes), .rare = true },
	{ "dtls", FIELD_NAME, AT(leg, dtls), NAMES(handshakes), .rare = true },
	{ "dscp_src", FIELD_REAL, AT(leg, dscp_src) },
	{ "dscp_dst", FIELD_REAL, AT(leg, dscp_dst) },
	{ "joined_by", FIELD_NAME, AT(leg, joined_by), NAMES(joined_by_names),
	  .rare = true },
	{ "joined_leg", FIELD_ID, AT(leg, joined_leg), .rare = true },
	{ "joined_header", FIELD_TEXT, TEXT_AT(leg, joined_header), .rare = true },
	{ "joined_value", FIELD_ID, AT(leg, joined_value), .rare = true },
	{ "joined_matches", FIELD_NUMBER, AT(leg, joined_matches), .rare = true },
	{ "joined_offset_ms", FIELD_REAL, AT(leg, joined_offset_ms), .rare = true },
	{ "branch", FIELD_NAME, AT(leg, branch), NAMES(branch_fates), .rare = true },
	{ "parent_leg", FIELD_ID, AT(leg, parent_leg), .rare = true },
	{ "changes", FIELD_FLAGS, AT(leg, changes), NAMES(change_names) },
	{ "rewritten", FIELD_TEXT, TEXT_AT(leg, rewritten), .rare = true },
	{ "points", FIELD_TEXT, TEXT_AT(leg, points), .open = true, .rare = true },
};

const struct field_table record_leg_table = TABLE(leg_fields);
