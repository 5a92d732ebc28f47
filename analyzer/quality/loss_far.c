#include "analyzer/quality/loss_far.h"

void loss_far_add(struct loss_far *far, int64_t expected, int64_t ours, int64_t theirs)
{
	if (expected <= 0 || ours < 0 || ours > expected || theirs > expected)
		return; /* no two counts of the same packets */
	far->expected += (uint64_t)expected;
	far->ours += (uint64_t)ours;
	if (ours > theirs) /* theirs is below 0 when only duplicates came */
		far->unconfirmed += (uint64_t)(theirs > 0 ? ours - theirs : ours);
	else
		far->beyond += (uint64_t)(theirs - ours);
}

void loss_far_sum(struct loss_far *far, const struct loss_far *more)
{
	far->expected += more->expected;
	far->ours += more->ours;
	far->unconfirmed += more->unconfirmed;
	far->beyond += more->beyond;
}

bool loss_far_accuses(const struct loss_far *far)
{
	return far->unconfirmed > 1 + far->ours / 20;
}

bool loss_far_acquits(const struct loss_far *far)
{
	return far->ours >= 3 && far->unconfirmed <= 1 + far->ours / 50 &&
	       far->beyond <= 2 + far->ours / 8;
}

bool loss_far_hides(const struct loss_far *far)
{
	return far->beyond > 1 + far->ours / 100;
}
