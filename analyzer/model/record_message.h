/*
 * record_message.h - one SIP message of a leg.
 */
#ifndef EARSHOT_MODEL_RECORD_MESSAGE_H
#define EARSHOT_MODEL_RECORD_MESSAGE_H

#include "analyzer/model/record_base.h"

/* One SIP message of a leg; the message itself is the record's tail. */
struct message_record {
	uint64_t id, leg, call;
	nstime at;
	uint64_t frame;
	struct endpoint src, dst;
	enum transport transport;
	char summary[RECORD_WORDS]; /* "INVITE", "180 Ringing" */
	char cseq[48];              /* "1 INVITE" */
	bool retransmission;
	bool sdp;
	uint64_t length; /* bytes on the wire; the tail may be shorter */
};

#endif
