#include "probe/steady_clock.h"

#include "probe/monitor.h"

/* What is less, a clock that is kept right may do at a time. */
#define CORRECTION (2 * NS_PER_SEC)

static uint64_t apart(nstime a, nstime b)
{
	return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

void steady_clock_init(struct steady_clock *clock)
{
	*clock = (struct steady_clock){ .ahead = 0 };
	atomic_init(&clock->offset, monitor_now() - monitor_clock());
}

nstime steady_clock_now(const struct steady_clock *clock)
{
	return monitor_clock() + atomic_load_explicit(&clock->offset, memory_order_relaxed);
}

nstime steady_clock_of(const struct steady_clock *clock, nstime wall, nstime now)
{
	if (apart(wall, now) <= (uint64_t)CORRECTION)
		return wall;
	/* It is of the clock as it is set now, or it has waited for long. */
	const nstime ahead = monitor_now() - steady_clock_now(clock);
	const uint64_t shifted = (uint64_t)wall - (uint64_t)ahead;
	return apart((nstime)shifted, now) < apart(wall, now) ? (nstime)shifted : wall;
}

nstime steady_clock_look(struct steady_clock *clock)
{
	const nstime monotonic = monitor_clock();
	const nstime offset = monitor_now() - monotonic;
	const nstime believed = atomic_load_explicit(&clock->offset, memory_order_relaxed);
	const nstime ahead = offset - believed;
	if (apart(ahead, 0) <= (uint64_t)CORRECTION) {
		clock->ahead = 0;
		atomic_store_explicit(&clock->offset, offset, memory_order_relaxed);
		return monotonic + offset;
	}
	if (!clock->ahead || apart(ahead, clock->ahead) > (uint64_t)CORRECTION) {
		clock->jumps++;
		clock->since = monotonic;
	}
	clock->ahead = ahead;
	return monotonic + believed;
}

bool steady_clock_is_off(const struct steady_clock *clock, nstime longer_than)
{
	return clock->ahead && monitor_clock() - clock->since > longer_than;
}
