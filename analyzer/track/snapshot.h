/*
 * snapshot.h - what is known of calls that are not over: to be kept in case that the
 * program does not live to see their end.
 */
#ifndef EARSHOT_TRACK_SNAPSHOT_H
#define EARSHOT_TRACK_SNAPSHOT_H

#include "analyzer/model/sink.h"
#include "analyzer/track/signalling.h"

/* Gives the record of each leg of a call that is not over, if it had a message at `since`
 * or later, as it stands; and that of its call behind it. */
void signalling_snapshot(const struct signalling *s, nstime since, const struct sink *sink);

/* The same of those that are answered and not over, whatever their messages, and of streams
 * that go on (STREAM_IN_PROGRESS, without timelines): of `parts` parts that number, which 0
 * to parts - 1 together are all. */
void signalling_checkpoint(const struct signalling *s, uint32_t part, uint32_t parts,
                           const struct sink *sink);

#endif
