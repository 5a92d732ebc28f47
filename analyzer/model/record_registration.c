#include "analyzer/model/record_fields.h"

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
};

const struct field_table record_registration_table = TABLE(registration_fields);
