#include "analyzer/model/record_fields.h"

static const char *const states[BINDING_STATE_COUNT] = {
	[BINDING_REGISTERED] = "registered",
	[BINDING_EXPIRED] = "expired",
	[BINDING_REMOVED] = "removed",
};

static const struct field binding_fields[] = {
	{ "id", FIELD_ID, AT(binding, id) },
	{ "aor", FIELD_TEXT, TEXT_AT(binding, aor) },
	{ "contact", FIELD_TEXT, TEXT_AT(binding, contact) },
	{ "state", FIELD_NAME, AT(binding, state), NAMES(states) },
	{ "src", FIELD_ENDPOINT, AT(binding, src) },
	{ "registrar", FIELD_ENDPOINT, AT(binding, registrar) },
	{ "first", FIELD_TIME, AT(binding, first) },
	{ "last", FIELD_TIME, AT(binding, last) },
	{ "expires", FIELD_TIME, AT(binding, expires) },
	{ "expires_s", FIELD_REAL, AT(binding, expires_s) },
	{ "registrations", FIELD_COUNT, AT(binding, registrations) },
	{ "refreshes", FIELD_COUNT, AT(binding, refreshes) },
	{ "failures", FIELD_COUNT, AT(binding, failures) },
	{ "auth_failures", FIELD_COUNT, AT(binding, auth_failures) },
	{ "auth_rounds", FIELD_COUNT, AT(binding, auth_rounds) },
	{ "last_failure", FIELD_NUMBER, AT(binding, last_failure) },
	{ "source_changes", FIELD_COUNT, AT(binding, source_changes) },
	{ "rrd_mean_ms", FIELD_REAL, AT(binding, rrd_mean_ms) },
	{ "rrd_max_ms", FIELD_REAL, AT(binding, rrd_max_ms) },
	{ "transport", FIELD_NAME, AT(binding, transport), NAMES(transport_names) },
	{ "nat", FIELD_FLAG, AT(binding, nat) },
	{ "user_agent", FIELD_TEXT, TEXT_AT(binding, user_agent) },
};

const struct field_table record_binding_table = TABLE(binding_fields);
