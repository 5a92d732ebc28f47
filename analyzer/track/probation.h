/*
 * probation.h - a flow that looks like RTP though nobody announced it: five packets of one
 * SSRC and payload type, each 1 to 50 numbers on, make it a stream (quality.md 4.1).
 */
#ifndef EARSHOT_TRACK_PROBATION_H
#define EARSHOT_TRACK_PROBATION_H

#include "analyzer/track/stream.h"

enum {
	PROBATION_PACKETS = 5, /* the last of them admits */
	PROBATION_MAX_STEP = 50,
	PROBATION_HELD = 2 * PROBATION_PACKETS, /* a mirror may give each of them twice */
};

struct probation {
	struct flow flow;
	uint64_t hash;
	uint8_t point; /* packet.point */
	uint8_t count;
	uint8_t passed;                               /* packets that were the next */
	uint16_t sequence;                            /* of the latest of those */
	struct stream_packet packets[PROBATION_HELD]; /* without their payload */
};

#endif
