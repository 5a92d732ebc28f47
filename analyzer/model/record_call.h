/*
 * record_call.h - the legs of one conversation.
 */
#ifndef EARSHOT_MODEL_RECORD_CALL_H
#define EARSHOT_MODEL_RECORD_CALL_H

#include "analyzer/model/record_leg.h"

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
	uint32_t strategies; /* that say that its legs are one call: joined_by_bit */
};

#endif
