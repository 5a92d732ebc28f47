/*
 * keeper_desk.h - what people do about alerts, as far as the rules have to know of it: they
 * want to hear nothing of some for a while, and have rules of their own.
 *
 * It is in FILE.state, where the API puts it; the keeper looks there about once a second,
 * so that it does not matter which process changed it.
 */
#ifndef EARSHOT_PROBE_KEEPER_DESK_H
#define EARSHOT_PROBE_KEEPER_DESK_H

#include "probe/keeper_alerts.h"
#include "schema/desk.h"

struct keeper_desk {
	struct accounts *state; /* owned; NULL: there is none yet */
	int64_t version;        /* of what is known of it; 0: nothing is */
	nstime looked_at;       /* wall clock */
	struct desk_silence silences[DESK_SILENCES]; /* that are not over */
	size_t silence_count;
	bool failing; /* said so */
};

/* Looks whether something has changed, and tells the rules; now: wall clock. */
void keeper_desk_tend(struct keeper_desk *desk, const char *db,
                      struct keeper_alerts *alerts, nstime now);
void keeper_desk_free(struct keeper_desk *desk);

#endif
