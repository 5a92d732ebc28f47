/*
 * registration.h - REGISTER transactions (RFC 3261 section 10): a challenge and the answer
 * to it are one attempt.  What comes of them is the state of bindings (binding.h).
 */
#ifndef EARSHOT_TRACK_REGISTRATION_H
#define EARSHOT_TRACK_REGISTRATION_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/packet.h"
#include "analyzer/track/binding.h"
#include "analyzer/track/context.h"
#include "analyzer/wire/sip.h"

struct registration {
	uint64_t hash, id;
	struct endpoint src, registrar;
	nstime at;       /* first REGISTER of the attempt */
	nstime answered; /* latest final response */
	uint32_t cseq;   /* of the latest REGISTER */
	uint16_t status; /* of the latest final response; 0 = none */
	enum transport transport;
	bool authenticated, reported, nat;
	bool requested;       /* a REGISTER of it was seen */
	bool answered_before; /* by its time, before the first of them: a clock's mistake */
	double expires_s;     /* asked for, then granted; NAN = not said */
	uint32_t auth_rounds, retransmissions;
	enum register_purpose purpose;
	struct binding_change change;                         /* once it is reported */
	char *aor, *contact, *sip_call_id, *via, *user_agent; /* owned */
	size_t sip_call_id_len;
	struct deadline deadline;
};

struct registrations {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;
	struct bindings bindings;
	uint32_t hand;
};

MUST_CHECK enum status registrations_init(struct registrations *r, struct context *context);
void registrations_free(struct registrations *r);

/* A REGISTER or a response to one; the id of its attempt, 0 = there was no room. */
uint64_t registrations_feed(struct registrations *r, const struct packet *packet,
                            const struct sip_message *message, nstime at);
void registrations_deadline(struct registrations *r, struct deadline *deadline);
void registrations_finish(struct registrations *r, nstime at);

/* The record of one that is final. */
void registrations_record(struct registrations *r, uint32_t number,
                          struct registration_record *out);

#endif
