#include "analyzer/model/record_fields.h"

static const char *const relations[RELATION_COUNT] = {
	[RELATION_TRANSFER_BLIND] = "transfer_blind",
	[RELATION_TRANSFER_ATTENDED] = "transfer_attended",
	[RELATION_CONSULTATION] = "consultation",
	[RELATION_FORWARD] = "forward",
	[RELATION_PICKUP] = "pickup",
	[RELATION_CONFERENCE] = "conference",
};

static const struct field call_fields[] = {
	{ "id", FIELD_ID, AT(call, id) },
	{ "legs", FIELD_IDS, AT(call, legs) },
	{ "start", FIELD_TIME, AT(call, start) },
	{ "ended", FIELD_TIME, AT(call, ended) },
	{ "state", FIELD_NAME, AT(call, state), NAMES(leg_state_names) },
	{ "mos_lq_min", FIELD_REAL, AT(call, mos_lq_min) },
	{ "mos_lq_min_band", FIELD_NAME, AT(call, mos_lq_min_band), NAMES(band_names) },
	{ "mos_lq_min_stream", FIELD_ID, AT(call, mos_lq_min_stream) },
	{ "capture_loss", FIELD_FLAG, AT(call, capture_loss) },
	{ "one_way", FIELD_FLAG, AT(call, one_way) },
	{ "aliases", FIELD_IDS, AT(call, aliases) },
	{ "strategies", FIELD_FLAGS, AT(call, strategies), .names = joined_by_names + 1,
	  .name_count = JOINED_BY_COUNT - 1 },
	{ "branches", FIELD_COUNT, AT(call, branches) },
	{ "answered_leg", FIELD_ID, AT(call, answered_leg) },
	{ "family", FIELD_ID, AT(call, family) },
	{ "relation", FIELD_NAME, AT(call, relation), NAMES(relations) },
};

const struct field_table record_call_table = TABLE(call_fields);
