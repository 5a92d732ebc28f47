#include "analyzer/model/record_fields.h"

const char *const observation_type_names[OBSERVATION_TYPE_COUNT] = {
	[OBSERVATION_BRUTE_FORCE] = "brute_force",
	[OBSERVATION_HIJACK] = "registration_hijack",
	[OBSERVATION_SCANNER] = "scanner",
	[OBSERVATION_EXTENSION_SCAN] = "extension_scan",
	[OBSERVATION_SWEEP] = "sweep",
	[OBSERVATION_INVITE_FLOOD] = "invite_flood",
	[OBSERVATION_REGISTER_FLOOD] = "register_flood",
	[OBSERVATION_MALFORMED_FLOOD] = "malformed_flood",
	[OBSERVATION_TOLL_FRAUD] = "toll_fraud",
	[OBSERVATION_TOLL_OFF_HOURS] = "toll_off_hours",
	[OBSERVATION_TOLL_LONG] = "toll_long_calls",
	[OBSERVATION_WANGIRI] = "wangiri",
	[OBSERVATION_FOREIGN_RTP] = "foreign_rtp",
	[OBSERVATION_SRTP_UNUSED] = "srtp_unused",
	[OBSERVATION_SRTP_DOWNGRADE] = "srtp_downgrade",
	[OBSERVATION_PLAIN_SIP] = "plain_sip",
};

static const struct field observation_fields[] = {
	{ "id", FIELD_ID, AT(observation, id) },
	{ "type", FIELD_NAME, AT(observation, type), NAMES(observation_type_names) },
	{ "first", FIELD_TIME, AT(observation, first) },
	{ "last", FIELD_TIME, AT(observation, last) },
	{ "detected", FIELD_TIME, AT(observation, detected) },
	{ "src", FIELD_ADDRESS, AT(observation, src) },
	{ "dst", FIELD_ENDPOINT, AT(observation, dst) },
	{ "sources", FIELD_COUNT, AT(observation, sources) },
	{ "targets", FIELD_COUNT, AT(observation, targets) },
	{ "subject", FIELD_TEXT, TEXT_AT(observation, subject) },
	{ "events", FIELD_COUNT, AT(observation, events) },
	{ "others", FIELD_COUNT, AT(observation, others) },
	{ "peak_per_min", FIELD_COUNT, AT(observation, peak_per_min) },
	{ "examples", FIELD_IDS, AT(observation, examples) },
	{ "software", FIELD_TEXT, TEXT_AT(observation, software) },
	{ "over", FIELD_FLAG, AT(observation, over) },
};

const struct field_table record_observation_table = TABLE(observation_fields);
