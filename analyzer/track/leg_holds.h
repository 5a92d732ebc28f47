/*
 * leg_holds.h - who puts whom on hold (RFC 3264 section 8.4), how often and for how long.
 */
#ifndef EARSHOT_TRACK_LEG_HOLDS_H
#define EARSHOT_TRACK_LEG_HOLDS_H

#include "analyzer/model/record.h"
#include "analyzer/track/agreement.h"

struct leg_holds {
	nstime since; /* of the hold that lasts */
	nstime total; /* of those that are over */
	uint16_t count;
	uint8_t parties;           /* bits of enum party: who ever did */
	bool by_caller, by_callee; /* now */
};

/*
 * After the answer another agreement was completed.  Who offers to receive nothing holds;
 * who is offered media and takes none holds too; who is offered none has no choice.
 */
void leg_holds_agreed(struct leg_holds *holds, const struct agreement *agreement,
                      nstime at);

/* `ended`: NSTIME_NONE while the leg goes on, then what is on hold lasts until `last`. */
void leg_holds_record(const struct leg_holds *holds, nstime ended, nstime last,
                      struct leg_record *out);

#endif
