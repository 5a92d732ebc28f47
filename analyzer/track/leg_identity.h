/*
 * leg_identity.h - who the two sides of a leg are said to be, and by whom: asserted
 * identity (RFC 3325, draft-ietf-sip-privacy for Remote-Party-ID), privacy (RFC 3323),
 * diversion (RFC 5806, RFC 7044), STIR/SHAKEN (RFC 8224, RFC 8588), transfer (RFC 3515, RFC
 * 3891, RFC 3892).
 */
#ifndef EARSHOT_TRACK_LEG_IDENTITY_H
#define EARSHOT_TRACK_LEG_IDENTITY_H

#include "analyzer/model/record.h"
#include "analyzer/track/leg_texts.h"
#include "analyzer/wire/sip.h"

struct leg_identity {
	int32_t stir_age_s;  /* where stir_aged */
	uint16_t stir;       /* enum stir_flag */
	uint8_t privacy;     /* enum privacy */
	uint8_t transfer;    /* enum transfer */
	uint8_t asserted_in; /* enum identity_header */
	uint8_t attest;      /* enum attestation */
	uint8_t diversions;
	bool stir_aged;
};

/* A message of the leg that is no retransmission. */
void leg_identity_note(struct leg_identity *identity, struct leg_texts *texts,
                       const struct sip_message *message, bool from_caller, nstime at);

void leg_identity_record(const struct leg_identity *identity, const struct leg_texts *texts,
                         struct leg_record *out);

/* leg_stir.c: the Identity headers of an INVITE. */
void leg_stir_note(struct leg_identity *identity, struct leg_texts *texts,
                   const struct sip_message *message, nstime at);

#endif
