/* monitor_clock.c - the clocks of the monitor's processes. */
#include <time.h>

#include "probe/monitor.h"

static nstime read_clock(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (nstime)now.tv_sec * NS_PER_SEC + now.tv_nsec;
}

nstime monitor_now(void)
{
	return read_clock(CLOCK_REALTIME);
}

nstime monitor_clock(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int monitor_wait_ms(nstime due)
{
	const nstime left = due - monitor_clock();
	if (left <= 0)
		return 0;
	return left >= NS_PER_SEC ? 1000 : (int)(left / NS_PER_MS) + 1;
}
