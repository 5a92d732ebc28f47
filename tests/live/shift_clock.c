/*
 * shift_clock.c - a wall clock that somebody sets: preloaded into a program, it adds what
 * the file $EARSHOT_CLOCK_SHIFT holds, nanoseconds as a native 64-bit number, to the time
 * of day. The clock of the machine, and those of others, stay as they are.
 */
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "shim.h"

enum { NS = 1000000000 };

static const volatile int64_t *shift;

__attribute__((constructor)) static void find_shift(void)
{
	shift = shim_number("EARSHOT_CLOCK_SHIFT");
}

static int set(clockid_t id)
{
	return shift && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE);
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	const int code = (int)syscall(SYS_clock_gettime, id, now);
	if (code == 0 && set(id)) {
		const int64_t all = (int64_t)now->tv_sec * NS + now->tv_nsec + *shift;
		now->tv_sec = all / NS;
		now->tv_nsec = all % NS;
	}
	return code;
}

int gettimeofday(struct timeval *now, void *zone)
{
	struct timespec precise;
	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *to)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}
