#include "analyzer/model/record_fields.h"

static const struct field encrypted_fields[] = {
	{ "id", FIELD_ID, AT(encrypted, id) },
	{ "client", FIELD_ADDRESS, AT(encrypted, client) },
	{ "server", FIELD_ENDPOINT, AT(encrypted, server) },
	{ "transport", FIELD_NAME, AT(encrypted, transport), NAMES(transport_names) },
	{ "sni", FIELD_TEXT, TEXT_AT(encrypted, sni) },
	{ "sessions", FIELD_COUNT, AT(encrypted, sessions) },
	{ "failed", FIELD_COUNT, AT(encrypted, failed) },
	{ "first", FIELD_TIME, AT(encrypted, first) },
	{ "last", FIELD_TIME, AT(encrypted, last) },
};

const struct field_table record_encrypted_table = TABLE(encrypted_fields);
