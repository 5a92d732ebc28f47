/*
 * leg_stages.h - when each stage of a leg was reached, and how often it had to be said:
 * from INVITE to BYE and its answer (RFC 3261 sections 13 to 17, RFC 6076 section 4).
 */
#ifndef EARSHOT_TRACK_LEG_STAGES_H
#define EARSHOT_TRACK_LEG_STAGES_H

#include "analyzer/base/clock.h"
#include "analyzer/model/record.h"
#include "analyzer/wire/sip.h"

/* Times: 0 is "not yet", so that a zeroed leg needs no further care. */
struct leg_stages {
	nstime responded; /* first response of any kind to the INVITE that counts */
	nstime indicated; /* first but 100 and challenges: what RFC 6076 4.3 waits for */
	nstime acked;     /* ACK of its final response */
	nstime bye, bye_answered;
	uint32_t bye_cseq;
	uint32_t bye_retransmissions, final_retransmissions;
	uint16_t bye_status;
	uint16_t auth_rounds; /* challenges of its INVITEs */
	bool bye_by_caller;
};

/* The INVITE is tried again: what was reached before counts no more. */
void leg_stages_begin(struct leg_stages *stages);

/* A message of the leg that is no retransmission; `invite_cseq` of the one that counts. */
void leg_stages_note(struct leg_stages *stages, const struct sip_message *message,
                     uint32_t invite_cseq, bool from_caller, nstime at);
/* One that is. */
void leg_stages_repeat(struct leg_stages *stages, const struct sip_message *message,
                       uint32_t invite_cseq);

/* Has a BYE been sent that may still be answered? */
bool leg_stages_awaits_bye(const struct leg_stages *stages);

/* The times and counts; `out` has the leg's own times already. */
void leg_stages_record(const struct leg_stages *stages, nstime invited,
                       struct leg_record *out);

#endif
