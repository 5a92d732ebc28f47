#include "analyzer/model/record_fields.h"

static const struct field message_fields[] = {
	{ "id", FIELD_ID, AT(message, id) },
	{ "leg", FIELD_ID, AT(message, leg) },
	{ "call", FIELD_ID, AT(message, call) },
	{ "at", FIELD_TIME, AT(message, at) },
	{ "frame", FIELD_COUNT, AT(message, frame) },
	{ "src", FIELD_ENDPOINT, AT(message, src) },
	{ "dst", FIELD_ENDPOINT, AT(message, dst) },
	{ "transport", FIELD_NAME, AT(message, transport), NAMES(transport_names) },
	{ "summary", FIELD_TEXT, TEXT_AT(message, summary) },
	{ "cseq", FIELD_TEXT, TEXT_AT(message, cseq) },
	{ "retransmission", FIELD_FLAG, AT(message, retransmission) },
	{ "sdp", FIELD_FLAG, AT(message, sdp) },
	{ "length", FIELD_COUNT, AT(message, length) },
};

const struct field_table record_message_table = TABLE(message_fields);
