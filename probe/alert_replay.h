/* alert_replay.h - what a database keeps, back through the rules. */
#ifndef EARSHOT_PROBE_ALERT_REPLAY_H
#define EARSHOT_PROBE_ALERT_REPLAY_H

#include "analyzer/track/rules.h"
#include "schema/query.h"

/*
 * Buckets, streams, legs, registrations, contacts, events, observations and findings in the
 * order of time.  A bucket counts at the end of its minute: when its figures became known
 * is not kept, so that rules look at times of beginning here, and at those of ends live.
 * Errors as query_list.
 */
MUST_CHECK enum status alert_replay(struct query *query, struct rules *rules);

/* Is it a database of SQLite? */
bool alert_is_database(const char *path);

#endif
