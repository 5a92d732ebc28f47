/*
 * record_registration.h - one REGISTER transaction and what came of it.
 */
#ifndef EARSHOT_MODEL_RECORD_REGISTRATION_H
#define EARSHOT_MODEL_RECORD_REGISTRATION_H

#include "analyzer/model/record_base.h"

struct registration_record {
	uint64_t id;
	char aor[RECORD_TEXT], contact[RECORD_TEXT];
	struct endpoint src, registrar;
	nstime at;
	uint64_t status; /* final; 0 = none came */
	double expires_s;
	char sip_call_id[RECORD_TEXT];
	enum transport transport;
	bool authenticated; /* a 401 or 407 round came first */
};

#endif
