/*
 * record_registration.h - one REGISTER transaction and what came of it.
 */
#ifndef EARSHOT_MODEL_RECORD_REGISTRATION_H
#define EARSHOT_MODEL_RECORD_REGISTRATION_H

#include "analyzer/model/record_base.h"

/* What a REGISTER asks for (RFC 3261 section 10.2). */
enum register_purpose {
	REGISTER_UNKNOWN, /* its request was not seen */
	REGISTER_NEW,     /* a binding that was not there, as far as was seen */
	REGISTER_REFRESH, /* a binding that was */
	REGISTER_REMOVAL, /* expires=0, or all of them with "*" */
	REGISTER_FETCH,   /* no Contact: asks what is there */
	REGISTER_PURPOSE_COUNT
};

struct registration_record {
	uint64_t id, binding; /* binding: whose state it changed; 0 = none */
	char aor[RECORD_TEXT], contact[RECORD_TEXT];
	struct endpoint src, registrar;
	struct endpoint src_before; /* of the binding, where it was another host */
	nstime at;
	uint64_t status; /* final; 0 = none came */
	double expires_s;
	/* Registration request delay, RFC 6076 4.1: first REGISTER to the 2xx, with the
	 * challenge in between; NAN unless it succeeded. */
	double rrd_ms;
	enum register_purpose purpose;
	uint64_t auth_rounds;     /* 401 and 407 responses */
	uint64_t retransmissions; /* of requests */
	char sip_call_id[RECORD_TEXT];
	enum transport transport;
	bool authenticated; /* a 401 or 407 round came first */
	bool nat; /* Contact or Via name another host than the packets come from */
	char via[RECORD_WORDS]; /* sent-by of the topmost Via */
	char user_agent[RECORD_WORDS];
};

#endif
