#include "analyzer/model/record_fields.h"

static const char *const purposes[REGISTER_PURPOSE_COUNT] = {
	[REGISTER_NEW] = "register",
	[REGISTER_REFRESH] = "refresh",
	[REGISTER_REMOVAL] = "unregister",
	[REGISTER_FETCH] = "fetch",
};

static const struct field registration_fields[] = {
	{ "id", FIELD_ID, AT(registration, id) },
	{ "aor", FIELD_TEXT, TEXT_AT(registration, aor) },
	{ "contact", FIELD_TEXT, TEXT_AT(registration, contact) },
	{ "src", FIELD_ENDPOINT, AT(registration, src) },
	{ "registrar", FIELD_ENDPOINT, AT(registration, registrar) },
	{ "at", FIELD_TIME, AT(registration, at) },
	{ "status", FIELD_NUMBER, AT(registration, status) },
	{ "expires_s", FIELD_REAL, AT(registration, expires_s) },
	{ "sip_call_id", FIELD_TEXT, TEXT_AT(registration, sip_call_id) },
	{ "transport", FIELD_NAME, AT(registration, transport), NAMES(transport_names) },
	{ "authenticated", FIELD_FLAG, AT(registration, authenticated) },
	{ "purpose", FIELD_NAME, AT(registration, purpose), NAMES(purposes) },
	{ "rrd_ms", FIELD_REAL, AT(registration, rrd_ms) },
	{ "auth_rounds", FIELD_COUNT, AT(registration, auth_rounds) },
	{ "retransmissions", FIELD_COUNT, AT(registration, retransmissions) },
	{ "src_before", FIELD_ENDPOINT, AT(registration, src_before) },
	{ "nat", FIELD_FLAG, AT(registration, nat) },
	{ "via", FIELD_TEXT, TEXT_AT(registration, via) },
	{ "user_agent", FIELD_TEXT, TEXT_AT(registration, user_agent) },
	{ "binding", FIELD_ID, AT(registration, binding) },
};

const struct field_table record_registration_table = TABLE(registration_fields);
