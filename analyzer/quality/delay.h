/*
 * delay.h - from a round trip that was measured to the delay from mouth to ear, and what it
 * costs a conversation (quality.md 7.1, 7.3).  Nothing is assumed: what was not measured is
 * NAN, and so is what would follow from it.
 */
#ifndef EARSHOT_QUALITY_DELAY_H
#define EARSHOT_QUALITY_DELAY_H

#include "analyzer/quality/emodel.h"

struct delay_parts {
	double round_trip_ms;   /* of the network; half of it is one way */
	double buffer_depth_ms; /* mean of the jitter buffer; NAN: none emulated, no delay
	                         */
	double ptime_ms;        /* a packet is sent when it is full */
	double look_ahead_ms;   /* of the codec: codec_info */
};

/* Ta of the E-model; NAN without a round trip or a ptime. */
double delay_ta_ms(const struct delay_parts *parts);

/* A stream's score without delay, as it went into R. */
struct delay_score {
	enum band band;
	double ie, bpl, ppl, burstr;
};

struct conversation {
	double r_cq, mos_cq; /* NAN when Ta is, or without a band */
};

struct conversation delay_conversation(const struct delay_score *score, double ta_ms);

#endif
