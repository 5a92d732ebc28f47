/*
 * slow_sync.c - a disk that is slow to say that it has what was written: preloaded into a
 * program, it makes each fdatasync and fsync take longer by what the file
 * $EARSHOT_SLOW_SYNC holds, milliseconds as a native 64-bit number.
 */
#include <poll.h>
#include <sys/syscall.h>

#include "shim.h"

static const volatile int64_t *delay;

__attribute__((constructor)) static void find_delay(void)
{
	delay = shim_number("EARSHOT_SLOW_SYNC");
}

static int sync_late(long call, int fd)
{
	if (delay && *delay > 0)
		poll(NULL, 0, (int)*delay);
	return (int)syscall(call, fd);
}

int fdatasync(int fd)
{
	return sync_late(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return sync_late(SYS_fsync, fd);
}
