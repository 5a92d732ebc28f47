/*
 * sight.h - which hosts' media the probe has seen, sent and received.  Where several calls
 * brought media one way and none ever came back, neither from the one host nor to the
 * other, the probe sees one direction only: that is no fault of the calls.
 */
#ifndef EARSHOT_TRACK_SIGHT_H
#define EARSHOT_TRACK_SIGHT_H

#include "analyzer/base/endpoint.h"
#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"

enum { SIGHT_CALLS = 3 }; /* with media one way before the other way is given up */

struct sight {
	struct context *context; /* borrowed */
	struct pool hosts;
	struct map map;
	uint32_t hand; /* where the search for one to evict goes on */
};

MUST_CHECK enum status sight_init(struct sight *sight, struct context *context);
void sight_free(struct sight *sight);

/* Media of a leg went from here to there; once for each direction of a leg. */
void sight_note(struct sight *sight, const struct address *from, const struct address *to);

/* Given media from here to there: does the probe not see what comes back? */
bool sight_is_one_sided(const struct sight *sight, const struct address *from,
                        const struct address *to);

#endif
