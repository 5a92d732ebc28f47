/*
 * record_peer.h - one signalling address that requests are sent to, and how it answers.
 */
#ifndef EARSHOT_MODEL_RECORD_PEER_H
#define EARSHOT_MODEL_RECORD_PEER_H

#include "analyzer/model/record_base.h"
#include "analyzer/model/trunk.h"

enum peer_state {
	PEER_STATE_NONE, /* too little was seen */
	PEER_UP,
	PEER_DOWN,     /* does not answer */
	PEER_REFUSING, /* answers, with 500, 502, 503 or 504 */
	PEER_STATE_COUNT
};

struct peer_record {
	uint64_t id;
	struct endpoint peer;
	char trunk[TRUNK_NAME]; /* whose address it is; empty = nobody's */
	enum peer_state state;
	nstime since; /* of the state */
	nstime first, last, last_answer;
	enum transport transport;
	/* Transactions, retransmissions left out; all but `unanswered` had a final
	 * response. */
	uint64_t options, options_answered, options_unanswered;
	double rtt_last_ms, rtt_min_ms, rtt_mean_ms, rtt_max_ms; /* of OPTIONS answered */
	uint64_t invites, invites_accepted, invites_unanswered;
	uint64_t registers, registers_unanswered;
	uint64_t server_errors;      /* 5xx to any of them */
	uint64_t unavailable;        /* 503 */
	uint64_t outages;            /* times that it went down or began to refuse */
	double outage_s;             /* all of them */
	char software[RECORD_WORDS]; /* Server or User-Agent of its answers */
};

#endif
