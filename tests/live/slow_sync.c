/*
 * slow_sync.c - a disk that is slow to say that it has what was written: preloaded into a
 * program, it makes each fdatasync and fsync take longer by what the file
 * $EARSHOT_SLOW_SYNC holds, milliseconds as a native 64-bit number.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const volatile int64_t *delay;

__attribute__((constructor)) static void map_delay(void)
{
	const char *path = getenv("EARSHOT_SLOW_SYNC");
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *page = fd < 0 ? MAP_FAILED
	                    : mmap(NULL, sizeof *delay, PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		delay = page;
	if (fd >= 0)
		close(fd);
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
