/*
 * loss_far.h - our losses beside the receiver's: whose are they?  Given numbers, no
 * packets.
 *
 * What the receiver got and we did not see, the capture lost.  What both lack, the network
 * lost before us, unless the receiver lacks so much more that it hides ours.
 */
#ifndef EARSHOT_QUALITY_LOSS_FAR_H
#define EARSHOT_QUALITY_LOSS_FAR_H

#include <stdbool.h>
#include <stdint.h>

/* Summed report by report: losses of one report must not make up for those of another. */
struct loss_far {
	uint64_t expected, ours; /* of the packets that reports speak about */
	uint64_t unconfirmed;    /* lost to us, not to the receiver */
	uint64_t beyond;         /* lost to the receiver, not to us */
};

/* Adds what one report says of the packets since the one before: sent, lost to us, lost to
 * the receiver, which a duplicate makes one less. */
void loss_far_add(struct loss_far *far, int64_t expected, int64_t ours, int64_t theirs);
void loss_far_sum(struct loss_far *far, const struct loss_far *more);

/* So many unconfirmed losses are more than reports that miss a packet at their edge. */
bool loss_far_accuses(const struct loss_far *far);
/* Nearly all is confirmed, and the receiver lacks little else that could hide the rest. */
bool loss_far_acquits(const struct loss_far *far);
/* The receiver lacks what we do not: of ours, more may be unconfirmed than is seen to be.
 */
bool loss_far_hides(const struct loss_far *far);

#endif
