/*
 * leg_ending.h - how a leg ended, and the reasons that were given for it (Reason: RFC 3326;
 * causes of Q.850 in it: RFC 3326 section 2, RFC 6432 in responses).
 */
#ifndef EARSHOT_TRACK_LEG_ENDING_H
#define EARSHOT_TRACK_LEG_ENDING_H

#include "analyzer/model/record.h"
#include "analyzer/track/leg_session.h"
#include "analyzer/track/leg_texts.h"

struct leg_ending {
	struct leg_session session;
	uint16_t q850, sip_cause; /* 0: not said */
	uint8_t cause_in;         /* enum cause_in */
	uint8_t hint;             /* enum ended_how that the words of the reason mean */
	nstime replaced;          /* an INVITE with Replaces has named it then; 0: none */
};

/* The INVITE is tried again. */
void leg_ending_begin(struct leg_ending *ending, struct leg_texts *texts);

/* A message of the leg that is no retransmission. */
void leg_ending_note(struct leg_ending *ending, struct leg_texts *texts,
                     const struct sip_message *message, bool from_caller, nstime at);

struct leg;

/* The causes, and how it ended; after leg_record has said what became of it. */
void leg_ending_record(const struct leg *leg, struct leg_record *out);

#endif
