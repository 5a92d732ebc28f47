/*
 * stream_types.h - the payload types of a stream, as stream.c needs them beside what
 * stream.h declares: which is heard now, what each means, and a clock where nobody says
 * one.
 */
#ifndef EARSHOT_TRACK_STREAM_TYPES_H
#define EARSHOT_TRACK_STREAM_TYPES_H

#include "analyzer/track/stream.h"

/* The packets counted since the last switch go where they belong. */
void stream_settle_types(struct stream *stream);

/* Is there one that nobody has explained yet? */
bool stream_any_undecided(const struct stream *stream);

/* What the type means; that of the running one counts from now on. */
void stream_give_meaning(struct stream *stream, struct stream_type *type,
                         const struct payload_meaning *meaning);

/* Those that nobody has explained get the clock that the held headers show, or none. */
void stream_guess_clocks(struct stream *stream);

#endif
