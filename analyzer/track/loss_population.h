/*
 * loss_population.h - who lost, and who did not: what the losses of all streams of a minute
 * say about their cause.
 *
 * A capture that drops frames drops them whatever their stream: given how many were lost in
 * an interval, each loss falls on a path as its share of the packets has it.  Losses in the
 * network have a place: an address, a site (/24, /64) or a link, in one direction or both.
 *
 * So the elements that lost more than their share are taken out, the worst first, as long
 * as chance is no explanation: what they lost above the rest is the network's.  What the
 * rest lost is the *floor*.  It is the capture's when
 *   - nothing in it stands out, above or below: all lose alike, and
 *   - no one site is behind it: without the site that lost most there is still enough, in
 *     intervals that this site did not have for itself, and
 *   - no one direction is behind it: between two sites both directions lost.
 * Receivers overrule that: what they got and we did not see is the capture's loss; where
 * they confirm ours, the capture is innocent.  Drops that the kernel owns up to are the
 * capture's as far as their number reaches.
 *
 * Chances are Chernoff's bounds, in nats: never too small.  A loss run counts for less than
 * its packets, for more than one: by the root of its length.
 */
#ifndef EARSHOT_TRACK_LOSS_POPULATION_H
#define EARSHOT_TRACK_LOSS_POPULATION_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/status.h"
#include "analyzer/quality/loss_far.h"
#include "analyzer/track/loss_element.h"

enum {
	LOSS_WINDOW = 13,         /* intervals that are looked at together */
	LOSS_PATHS = 512,         /* of an interval */
	LOSS_WINDOW_PATHS = 1024, /* of a window */
	LOSS_FAULTS = 8,          /* elements taken out at most */
};

struct loss_counts {
	uint64_t expected, lost, gaps; /* gaps: runs of lost packets */
};

struct loss_path {
	struct loss_ends ends;
	struct loss_counts counts;
	struct loss_far far;
};

/* What else is known of the window. */
struct loss_hints {
	uint64_t seen, dropped; /* frames, by the kernel's or the file's own count */
	bool tcp_gaps;          /* data was acknowledged that was never seen */
};

/* What the window says.  All zero: nothing. */
struct loss_opinion {
	double rate;        /* the floor in the interval asked about: lost of expected */
	double run;         /* mean length of its runs */
	double capture;     /* share of the floor that is the capture's, */
	double network;     /* and the network's; what is left is unknown */
	bool drops_explain; /* losses above the floor may be the kernel's drops */
	uint8_t faults;
	uint64_t fault[LOSS_FAULTS]; /* names of the elements that lost more than others */
};

struct loss_population; /* scratch memory, used again for each window */

MUST_CHECK enum status loss_population_new(struct loss_population **out);
void loss_population_free(struct loss_population *p); /* NULL is fine */

void loss_population_clear(struct loss_population *p);
/* One path in one interval, 0 to LOSS_WINDOW - 1.  Paths above the cap are left out. */
void loss_population_add(struct loss_population *p, unsigned int interval,
                         const struct loss_path *path);
struct loss_opinion loss_population_judge(struct loss_population *p, unsigned int interval,
                                          const struct loss_hints *hints);

/* Does a path touch one of the faulty elements? */
bool loss_opinion_blames(const struct loss_opinion *opinion, const struct loss_ends *ends);

#endif
