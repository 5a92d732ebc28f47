/*
 * trunk_ends.h - whose the two ends of legs and streams are, and what follows from that:
 * the numbers of a leg, and what is otherwise than its trunks expect.
 */
#ifndef EARSHOT_TRACK_TRUNK_ENDS_H
#define EARSHOT_TRACK_TRUNK_ENDS_H

#include "analyzer/model/limits.h"
#include "analyzer/model/record.h"

/* By signalling addresses. */
void trunk_ends_of_leg(const struct settings *settings, struct leg_record *leg);
/* By media addresses: also of streams that nobody announced. */
void trunk_ends_of_stream(const struct settings *settings, struct stream_record *stream);

#endif
