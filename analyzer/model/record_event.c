#include "analyzer/model/record_fields.h"

const char *const event_type_names[EVENT_TYPE_COUNT] = {
	[EVENT_PEER_DOWN] = "peer_down",
	[EVENT_PEER_UP] = "peer_up",
	[EVENT_PEER_REFUSING] = "peer_refusing",
	[EVENT_FAILOVER] = "failover",
};

const char *const event_cause_names[EVENT_CAUSE_COUNT] = {
	[EVENT_UNANSWERED_OPTIONS] = "unanswered_options",
	[EVENT_UNANSWERED_INVITE] = "unanswered_invite",
	[EVENT_UNANSWERED_REGISTER] = "unanswered_register",
	[EVENT_SERVER_ERROR] = "server_error",
	[EVENT_ANSWER] = "answer",
};

static const struct field event_fields[] = {
	{ "id", FIELD_ID, AT(event, id) },
	{ "type", FIELD_NAME, AT(event, type), NAMES(event_type_names) },
	{ "began", FIELD_TIME, AT(event, began) },
	{ "detected", FIELD_TIME, AT(event, detected) },
	{ "ended", FIELD_TIME, AT(event, ended) },
	{ "duration_s", FIELD_REAL, AT(event, duration_s) },
	{ "peer", FIELD_ENDPOINT, AT(event, peer), .trunk = AT(event, trunk) },
	{ "backup", FIELD_ENDPOINT, AT(event, backup), .trunk = AT(event, backup_trunk) },
	{ "src", FIELD_ADDRESS, AT(event, src) },
	{ "trunk", FIELD_TEXT, TEXT_AT(event, trunk), .open = true },
	{ "backup_trunk", FIELD_TEXT, TEXT_AT(event, backup_trunk), .open = true },
	{ "redundancy_group", FIELD_TEXT, TEXT_AT(event, group), .open = true },
	{ "cause", FIELD_NAME, AT(event, cause), NAMES(event_cause_names) },
	{ "status", FIELD_NUMBER, AT(event, status) },
	{ "failed", FIELD_COUNT, AT(event, failed) },
	{ "switched", FIELD_COUNT, AT(event, switched) },
	{ "calls_backup", FIELD_COUNT, AT(event, calls_backup) },
	{ "calls_lost", FIELD_COUNT, AT(event, calls_lost) },
	{ "calls_carried", FIELD_COUNT, AT(event, calls_carried) },
	{ "calls_survived", FIELD_COUNT, AT(event, calls_survived) },
	{ "calls_silent", FIELD_COUNT, AT(event, calls_silent) },
	{ "calls_one_way", FIELD_COUNT, AT(event, calls_one_way) },
	{ "calls_dropped", FIELD_COUNT, AT(event, calls_dropped) },
	{ "rtp_after_s", FIELD_REAL, AT(event, rtp_after_s) },
	{ "pdd_before_ms", FIELD_REAL, AT(event, pdd_before_ms) },
	{ "pdd_after_ms", FIELD_REAL, AT(event, pdd_after_ms) },
	{ "mos_lq_before", FIELD_REAL, AT(event, mos_lq_before) },
	{ "mos_lq_after", FIELD_REAL, AT(event, mos_lq_after) },
};

const struct field_table record_event_table = TABLE(event_fields);
