/*
 * record_binding.h - where an address-of-record can be reached, by the word of a registrar
 * (RFC 3261 section 10): one contact, from its first registration on.
 */
#ifndef EARSHOT_MODEL_RECORD_BINDING_H
#define EARSHOT_MODEL_RECORD_BINDING_H

#include "analyzer/model/record_base.h"

enum binding_state {
	BINDING_STATE_NONE,
	BINDING_REGISTERED,
	BINDING_EXPIRED, /* its time ran out without a refresh */
	BINDING_REMOVED, /* unregistered */
	BINDING_STATE_COUNT
};

struct binding_record {
	uint64_t id;
	char aor[RECORD_TEXT], contact[RECORD_TEXT];
	enum binding_state state;
	struct endpoint src, registrar; /* src: of the latest REGISTER that succeeded */
	nstime first, last, expires;    /* first and latest success; end of its time */
	double expires_s;               /* as granted last */
	uint64_t registrations;         /* transactions about it, failed ones too */
	uint64_t refreshes;
	uint64_t failures;      /* final 3xx to 6xx but for challenges, or no answer */
	uint64_t auth_failures; /* of these: the password was refused, or again asked for */
	uint64_t auth_rounds;
	uint64_t last_failure; /* SIP status; 0 = none, or no answer */
	uint64_t source_changes;
	double rrd_mean_ms, rrd_max_ms;
	enum transport transport;
	bool nat;
	char user_agent[RECORD_WORDS];
};

#endif
