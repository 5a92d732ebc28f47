/*
 * record_call.h - the legs of one conversation.
 */
#ifndef EARSHOT_MODEL_RECORD_CALL_H
#define EARSHOT_MODEL_RECORD_CALL_H

#include "analyzer/model/record_leg.h"

/* How a call came out of the first one of its family. */
enum relation {
	RELATION_NONE,
	RELATION_TRANSFER_BLIND,    /* what a REFER asked for */
	RELATION_TRANSFER_ATTENDED, /* it took the place of an answered dialog */
	RELATION_CONSULTATION,      /* the one that was replaced by an attended transfer */
	RELATION_FORWARD,           /* to another than who was called first */
	RELATION_PICKUP,            /* it took the place of one that was still ringing */
	RELATION_CONFERENCE,        /* it came to the same conference */
	RELATION_COUNT
};

struct call_record {
	uint64_t id;
	struct id_list legs;
	nstime start, ended;
	enum leg_state state;
	double mos_lq_min;
	enum band mos_lq_min_band;
	uint64_t mos_lq_min_stream;
	bool capture_loss; /* the capture lost packets of it */
	bool one_way;      /* any of its legs is */
	/* Ids that it had, in part, before that was known: messages and reports which came
	 * then have them. */
	struct id_list aliases;
	uint32_t strategies;   /* that say that its legs are one call: joined_by_bit */
	uint64_t branches;     /* that it was forked into; 0: it was not */
	uint64_t answered_leg; /* that reached who answered; 0: nobody did */
	uint64_t family;       /* id of the first call; 0: no other is known */
	enum relation relation;
};

#endif
