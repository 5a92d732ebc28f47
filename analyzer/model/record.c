#include "analyzer/model/record_fields.h"

#include <assert.h>

const char *const record_kind_names[RECORD_KIND_COUNT] = {
	[RECORD_MESSAGE] = "message",
	[RECORD_REGISTRATION] = "registration",
	[RECORD_STREAM] = "stream",
	[RECORD_LEG] = "leg",
	[RECORD_CALL] = "call",
	[RECORD_ENCRYPTED] = "encrypted",
	[RECORD_REPORT] = "report",
	[RECORD_BINDING] = "binding",
	[RECORD_PEER] = "peer",
	[RECORD_EVENT] = "event",
	[RECORD_OBSERVATION] = "observation",
	[RECORD_FINDING] = "finding",
	[RECORD_KPI] = "kpi",
	[RECORD_ALERT] = "alert",
};

const char *const direction_names[DIRECTION_COUNT] = {
	[DIRECTION_FORWARD] = "forward",
	[DIRECTION_REVERSE] = "reverse",
};
const char *const band_names[BAND_COUNT] = {
	[BAND_NB] = "nb",
	[BAND_WB] = "wb",
	[BAND_FB] = "fb",
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

static const struct field_table *const tables[] = {
	[RECORD_MESSAGE] = &record_message_table,
	[RECORD_REPORT] = &record_report_table,
	[RECORD_REGISTRATION] = &record_registration_table,
	[RECORD_STREAM] = &record_stream_table,
	[RECORD_LEG] = &record_leg_table,
	[RECORD_FINDING] = &record_finding_table,
	[RECORD_CALL] = &record_call_table,
	[RECORD_BINDING] = &record_binding_table,
	[RECORD_PEER] = &record_peer_table,
	[RECORD_EVENT] = &record_event_table,
	[RECORD_KPI] = &record_kpi_table,
	[RECORD_OBSERVATION] = &record_observation_table,
	[RECORD_ENCRYPTED] = &record_encrypted_table,
	[RECORD_ALERT] = &record_alert_table,
};
static_assert(ARRAY_LEN(tables) == RECORD_KIND_COUNT, "list the fields of every kind");

struct field_table record_fields(enum record_kind kind)
{
	return *tables[kind];
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
	case RECORD_FINDING:
		return record->finding.id;
	case RECORD_CALL:
		return record->call.id;
	case RECORD_KPI:
		return record->kpi.id;
	case RECORD_ENCRYPTED:
		return record->encrypted.id;
	case RECORD_BINDING:
		return record->binding.id;
	case RECORD_PEER:
		return record->peer.id;
	case RECORD_EVENT:
		return record->event.id;
	case RECORD_OBSERVATION:
		return record->observation.id;
	case RECORD_ALERT:
		return record->alert.id;
	case RECORD_KIND_COUNT:
		break;
	}
	return 0;
}
