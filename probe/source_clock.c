#include "probe/source_clock.h"

#define SKEW_MOST (2 * NS_PER_SEC)
#define JUMP_MOST (10 * NS_PER_SEC)
#define RIGHT_AGAIN (60 * NS_PER_SEC)

/* Stamps are a stranger's: differences may not fit a signed number. */
static bool differ_by(nstime a, nstime b, nstime most)
{
	const uint64_t apart =
	        a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
	return apart > (uint64_t)most;
}

/* Between two facts the source's clock has to go as far as ours. */
static bool has_jumped(const struct source_clock *clock, nstime stamp, nstime arrival)
{
	const uint64_t theirs = (uint64_t)stamp - (uint64_t)clock->stamp;
	const uint64_t ours = (uint64_t)arrival - (uint64_t)clock->arrival;
	return clock->begun && differ_by((nstime)theirs, (nstime)ours, JUMP_MOST);
}

nstime source_clock_take(struct source_clock *clock, nstime stamp, nstime arrival)
{
	if (stamp == NSTIME_NONE)
		return arrival;
	const bool jumped = has_jumped(clock, stamp, arrival);
	const bool skewed = differ_by(stamp, arrival, SKEW_MOST);
	clock->jumps += jumped;
	clock->skewed += skewed;
	clock->begun = true;
	clock->stamp = stamp;
	clock->arrival = arrival;
	if (jumped || skewed) {
		clock->flagged = true;
		clock->wrong_at = arrival;
	} else if (clock->flagged && arrival - clock->wrong_at > RIGHT_AGAIN) {
		clock->flagged = false;
	}
	return clock->flagged || stamp > arrival ? arrival : stamp;
}
