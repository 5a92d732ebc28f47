/*
 * loss_shape.h - how the losses of a stream lie: one by one or in clumps, with a period,
 * and how long packets were on their way just before and after.  From that follows what
 * kind of trouble it was: a queue is full before it loses, a radio link is late after it
 * has lost. Given numbers, no packets.
 *
 * Only gaps cost time and memory: the latest LOSS_GAPS of them are remembered.
 */
#ifndef EARSHOT_QUALITY_LOSS_SHAPE_H
#define EARSHOT_QUALITY_LOSS_SHAPE_H

#include <stdint.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/status.h"

enum { LOSS_GAPS = 64 };

/* Numbers that were skipped. */
struct loss_gap {
	uint32_t at_ms;     /* of the packet behind it, since the stream began */
	uint16_t number;    /* the first that is missing */
	uint16_t length;    /* how many were skipped */
	uint16_t missing;   /* of these, how many have not come late */
	uint16_t before_ms; /* delay variation of the packet in front, and of that behind */
	uint16_t after_ms;
};

struct loss_gaps {
	uint32_t count; /* all of them; the latest is list[(count - 1) % LOSS_GAPS] */
	uint32_t room;
	struct loss_gap *list; /* owned */
};

/* ERR_NOMEM: it is not remembered. */
MUST_CHECK enum status loss_gaps_add(struct loss_gaps *gaps, const struct loss_gap *gap);

/* A packet of that number came late: it was not lost. */
void loss_gaps_fill(struct loss_gaps *gaps, uint16_t number);

void loss_gaps_free(struct loss_gaps *gaps);

enum { LOSS_TIMES = 32 };

struct loss_shape {
	uint32_t runs, lost, longest; /* of what is remembered; 0 runs: nothing */
	double period_ms;             /* NAN: none */
	double before_ms, after_ms;   /* median delay variation; NAN without losses */
	/*
	 * Share of the losses after which packets came in one go, or only after a wait:
	 * from one packet to the next, delay fell or rose faster than a queue can drain or
	 * fill.
	 */
	double stalled;
	/* Coefficient of variation of the times between losses: 1 when they come by chance,
	 * more in clumps; NAN for fewer than four. */
	double clumping;
	uint32_t time_count;
	uint32_t times[LOSS_TIMES]; /* at_ms of the latest ones, in order */
};

/* ptime_ms: from one packet to the next, when they were sent. */
struct loss_shape loss_shape_of(const struct loss_gaps *gaps, double ptime_ms);

#endif
