#include "analyzer/model/record_fields.h"

static const char *const view_names[KPI_VIEW_COUNT] = {
	[KPI_VIEW_LEG] = "leg",
	[KPI_VIEW_TRUNK] = "trunk",
	[KPI_VIEW_CALL] = "call",
};
static const char *const kpi_direction_names[KPI_DIRECTION_COUNT] = {
	[KPI_INBOUND] = "inbound",
	[KPI_OUTBOUND] = "outbound",
};

#define COUNT_AT(index) FIELD_COUNT, AT(kpi, counts[index])

static const struct field kpi_fields[] = {
	{ "id", FIELD_ID, AT(kpi, id) },
	{ "start", FIELD_TIME, AT(kpi, key.start) },
	{ "view", FIELD_NAME, AT(kpi, key.view), NAMES(view_names) },
	{ "trunk", FIELD_TEXT, TEXT_AT(kpi, key.trunk) },
	{ "direction", FIELD_NAME, AT(kpi, key.direction), NAMES(kpi_direction_names) },
	{ "prefix", FIELD_TEXT, TEXT_AT(kpi, key.prefix) },
	{ "codec", FIELD_CODEC, AT(kpi, key.codec) },
	{ "status", FIELD_NUMBER, AT(kpi, key.status) },
	{ "seen", COUNT_AT(KPI_SEEN) },
	{ "incomplete", COUNT_AT(KPI_INCOMPLETE) },
	{ "interrupted", COUNT_AT(KPI_INTERRUPTED) },
	{ "pending", COUNT_AT(KPI_PENDING) },
	{ "seizures", COUNT_AT(KPI_SEIZURES) },
	{ "answered", COUNT_AT(KPI_ANSWERED) },
	{ "redirected", COUNT_AT(KPI_REDIRECTED) },
	{ "delivered", COUNT_AT(KPI_DELIVERED) },
	{ "effective", COUNT_AT(KPI_EFFECTIVE) },
	{ "ineffective", COUNT_AT(KPI_INEFFECTIVE) },
	{ "busy", COUNT_AT(KPI_BUSY) },
	{ "no_answer", COUNT_AT(KPI_NO_ANSWER) },
	{ "cancelled", COUNT_AT(KPI_CANCELLED) },
	{ "no_response", COUNT_AT(KPI_NO_RESPONSE) },
	{ "capacity_rejects", COUNT_AT(KPI_CAPACITY) },
	{ "rang", COUNT_AT(KPI_RANG) },
	{ "authenticated", COUNT_AT(KPI_AUTHENTICATED) },
	{ "forked", COUNT_AT(KPI_FORKED) },
	{ "talking", COUNT_AT(KPI_TALKING) },
	{ "ended", COUNT_AT(KPI_ENDED) },
	{ "completed", COUNT_AT(KPI_COMPLETED) },
	{ "short_calls", COUNT_AT(KPI_SHORT) },
	{ "audio_judged", COUNT_AT(KPI_JUDGED) },
	{ "one_way", COUNT_AT(KPI_ONE_WAY) },
	{ "talk_us", COUNT_AT(KPI_TALK_US) },
	{ "completed_us", COUNT_AT(KPI_COMPLETED_US) },
	{ "occupied_us", COUNT_AT(KPI_OCCUPIED_US) },
	{ "pdd_us", COUNT_AT(KPI_PDD_US) },
	{ "srd_us", COUNT_AT(KPI_SRD_US) },
	{ "srd_failed_us", COUNT_AT(KPI_SRD_FAILED_US) },
	{ "setup_us", COUNT_AT(KPI_SETUP_US) },
	{ "sdd_us", COUNT_AT(KPI_SDD_US) },
	{ "rrd_us", COUNT_AT(KPI_RRD_US) },
	{ "messages", COUNT_AT(KPI_MESSAGES) },
	{ "retransmissions", COUNT_AT(KPI_RETRANSMISSIONS) },
	{ "call_legs", COUNT_AT(KPI_CALL_LEGS) },
	{ "redials", COUNT_AT(KPI_REDIALS) },
	{ "registrations", COUNT_AT(KPI_REGISTRATIONS) },
	{ "registrations_failed", COUNT_AT(KPI_REGISTRATIONS_FAILED) },
	{ "streams", COUNT_AT(KPI_STREAMS) },
	{ "packets_expected", COUNT_AT(KPI_EXPECTED) },
	{ "packets_lost", COUNT_AT(KPI_LOST) },
	{ "octets", COUNT_AT(KPI_OCTETS) },
};

const struct field_table record_kpi_table = TABLE(kpi_fields);
