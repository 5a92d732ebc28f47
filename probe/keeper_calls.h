/*
 * keeper_calls.h - calls that are over, for receivers that want a line of each.
 *
 * They are told when they are kept, by the database's copy, and pass: nobody waits for a
 * receiver that does not take them.
 */
#ifndef EARSHOT_PROBE_KEEPER_CALLS_H
#define EARSHOT_PROBE_KEEPER_CALLS_H

#include "probe/keeper_notices.h"
#include "schema/query.h"
#include "web/mask.h"

enum { CALLS_OF_A_BATCH = 1000 };

struct keeper_calls {
	struct call_record *ended; /* owned; of this batch; NULL: none yet */
	size_t count;
	struct query *query; /* owned; NULL: not open */
	uint8_t key[SECRET_BYTES];
	bool keyed;
};

void keeper_calls_free(struct keeper_calls *calls);

/* One that is over, into the batch. */
void keeper_calls_record(struct keeper_calls *calls, const struct keeper_notices *notices,
                         const struct record *record);
/* The batch is committed: they are told.  key: of pseudonyms; NULL: one of its own. */
void keeper_calls_kept(struct keeper_calls *calls, struct keeper_notices *notices,
                       const char *db, const uint8_t *key);
void keeper_calls_undone(struct keeper_calls *calls);

#endif
