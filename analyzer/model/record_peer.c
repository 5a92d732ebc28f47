#include "analyzer/model/record_fields.h"

static const char *const states[PEER_STATE_COUNT] = {
	[PEER_UP] = "up",
	[PEER_DOWN] = "down",
	[PEER_REFUSING] = "refusing",
};

static const struct field peer_fields[] = {
	{ "id", FIELD_ID, AT(peer, id) },
	{ "peer", FIELD_ENDPOINT, AT(peer, peer), .trunk = AT(peer, trunk) },
	{ "trunk", FIELD_TEXT, TEXT_AT(peer, trunk), .open = true },
	{ "state", FIELD_NAME, AT(peer, state), NAMES(states) },
	{ "since", FIELD_TIME, AT(peer, since) },
	{ "first", FIELD_TIME, AT(peer, first) },
	{ "last", FIELD_TIME, AT(peer, last) },
	{ "last_answer", FIELD_TIME, AT(peer, last_answer) },
	{ "transport", FIELD_NAME, AT(peer, transport), NAMES(transport_names) },
	{ "options", FIELD_COUNT, AT(peer, options) },
	{ "options_answered", FIELD_COUNT, AT(peer, options_answered) },
	{ "options_unanswered", FIELD_COUNT, AT(peer, options_unanswered) },
	{ "rtt_last_ms", FIELD_REAL, AT(peer, rtt_last_ms) },
	{ "rtt_min_ms", FIELD_REAL, AT(peer, rtt_min_ms) },
	{ "rtt_mean_ms", FIELD_REAL, AT(peer, rtt_mean_ms) },
	{ "rtt_max_ms", FIELD_REAL, AT(peer, rtt_max_ms) },
	{ "invites", FIELD_COUNT, AT(peer, invites) },
	{ "invites_accepted", FIELD_COUNT, AT(peer, invites_accepted) },
	{ "invites_unanswered", FIELD_COUNT, AT(peer, invites_unanswered) },
	{ "registers", FIELD_COUNT, AT(peer, registers) },
	{ "registers_unanswered", FIELD_COUNT, AT(peer, registers_unanswered) },
	{ "server_errors", FIELD_COUNT, AT(peer, server_errors) },
	{ "unavailable", FIELD_COUNT, AT(peer, unavailable) },
	{ "outages", FIELD_COUNT, AT(peer, outages) },
	{ "outage_s", FIELD_REAL, AT(peer, outage_s) },
	{ "software", FIELD_TEXT, TEXT_AT(peer, software) },
};

const struct field_table record_peer_table = TABLE(peer_fields);
