/*
 * registration.h - REGISTER transactions (RFC 3261 section 10): a challenge and the answer
 * to it are one attempt.
 */
#ifndef EARSHOT_TRACK_REGISTRATION_H
#define EARSHOT_TRACK_REGISTRATION_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/packet.h"
#include "analyzer/track/context.h"
#include "analyzer/wire/sip.h"

struct registration {
	uint64_t hash, id;
	struct endpoint src, registrar;
	nstime at;       /* first REGISTER of the attempt */
	uint32_t cseq;   /* of the latest REGISTER */
	uint16_t status; /* of the latest final response; 0 = none */
	enum transport transport;
	bool authenticated, reported;
	double expires_s;                  /* asked for, then granted; NAN = not said */
	char *aor, *contact, *sip_call_id; /* owned */
	size_t sip_call_id_len;
	struct deadline deadline;
};

struct registrations {
	struct context *context; /* borrowed */
	struct pool pool;
	struct map map;
	uint32_t hand;
};

MUST_CHECK enum status registrations_init(struct registrations *r, struct context *context);
void registrations_free(struct registrations *r);

/* A REGISTER or a response to one. */
void registrations_feed(struct registrations *r, const struct packet *packet,
                        const struct sip_message *message, nstime at);
void registrations_deadline(struct registrations *r, struct deadline *deadline);
void registrations_finish(struct registrations *r, nstime at);

/* The record of one that is final. */
void registrations_record(struct registrations *r, uint32_t number,
                          struct registration_record *out);

#endif
