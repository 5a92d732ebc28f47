/*
 * summary.h - what became of every frame, at the end of a run.
 *
 * frames = parsed + not_ours + all of malformed + all of dropped, always.
 */
#ifndef EARSHOT_PROBE_SUMMARY_H
#define EARSHOT_PROBE_SUMMARY_H

#include "analyzer/model/counters.h"
#include "analyzer/track/tally.h"
#include "probe/decode.h"

struct summary {
	uint64_t frames, parsed, not_ours;
	uint64_t malformed[REASON_COUNT];
	uint64_t dropped[REASON_COUNT];
	const struct counters *counters; /* borrowed */
	const struct sip_tally *sip;     /* borrowed */
};

#endif
