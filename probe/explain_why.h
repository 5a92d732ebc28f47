/*
 * explain_why.h - the answer in one sentence: why is it 3.1?
 */
#ifndef EARSHOT_PROBE_EXPLAIN_WHY_H
#define EARSHOT_PROBE_EXPLAIN_WHY_H

#include "probe/explain.h"
#include "web/buffer.h"

/* "3.93 because 4.97 % of the packets were lost before this probe, in 12 bursts, ..." */
void explain_add_why(const struct stream_record *stream, const struct explanation *e,
                     struct buffer *to);

/* "not scored: ...", of a stream without a MOS. */
const char *explain_why_not_scored(const struct stream_record *stream);

/* "10:45:20": the time of day of the capture, UTC. */
void explain_add_clock(struct buffer *to, nstime at);

#endif
