/*
 * trunk_load.h - how many channels of each trunk are taken: by every leg that comes from it
 * or goes to it, from its INVITE to its end.
 */
#ifndef EARSHOT_TRACK_TRUNK_LOAD_H
#define EARSHOT_TRACK_TRUNK_LOAD_H

#include "analyzer/model/trunk.h"
#include "analyzer/track/leg.h"

struct trunk_load {
	const struct trunks *trunks; /* borrowed; NULL: none are configured */
	uint32_t *taken;             /* owned; for each trunk */
};

/* ERR_NOMEM */
MUST_CHECK enum status trunk_load_init(struct trunk_load *load,
                                       const struct trunks *trunks);
void trunk_load_free(struct trunk_load *load);

/*
 * The leg as it stands: takes its channels when it has begun, gives them back when it is
 * over.  One that is refused then knows how many of the trunk it went to others had.
 */
void trunk_load_note(struct trunk_load *load, struct leg *leg, bool over);

#endif
