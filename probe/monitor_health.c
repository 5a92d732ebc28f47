#include "probe/monitor_health.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/timex.h>
#include <unistd.h>

#include "probe/control.h"

enum { NUMBERS = 64 };

/* The first numbers of a file, 0 for those that are not there. */
static void read_numbers(const char *path, uint64_t *numbers, size_t count)
{
	char bytes[NUMBERS];
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t len = fd < 0 ? -1 : read(fd, bytes, sizeof bytes);
	struct text rest = { bytes, len > 0 ? (size_t)len : 0 };
	if (fd >= 0)
		close(fd);
	for (size_t i = 0; i < count; i++) {
		const struct text word = text_trim(text_cut_word(&rest));
		if (text_number(word, INT64_MAX, &numbers[i]) != OK)
			numbers[i] = 0;
	}
}

static uint64_t memory_of(pid_t pid)
{
	char path[64];
	uint64_t pages[2]; /* all, and those that are resident */
	if (pid <= 0)
		return 0;
	snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
	read_numbers(path, pages, ARRAY_LEN(pages));
	return pages[1] * (uint64_t)sysconf(_SC_PAGESIZE);
}

void monitor_tell_clock(int keeper_control)
{
	enum { US_PER_MS = 1000, NOBODY_KEEPS_IT_MS = 16000 }; /* as the kernel has it */
	struct timex clock = { .modes = 0 };
	const int state = adjtimex(&clock);
	if (state < 0)
		return;
	const uint64_t most = clock.maxerror > 0 ? (uint64_t)clock.maxerror / US_PER_MS : 0;
	const bool kept = state != TIME_ERROR && !(clock.status & STA_UNSYNC);
	const struct control message = {
		.kind = CONTROL_CLOCK,
		.counts = { kept || most > NOBODY_KEEPS_IT_MS ? most : NOBODY_KEEPS_IT_MS },
	};
	(void)!control_send(keeper_control, &message, -1);
}

void monitor_tell_health(int keeper_control, struct interfaces *interfaces, pid_t engine,
                         pid_t keeper)
{
	struct control message = {
		.kind = CONTROL_HEALTH,
		.number = LIVE_SOURCES,
		.counts = { [CONTROL_MEMORY_PARENT] = memory_of(getpid()),
		            [CONTROL_MEMORY_ENGINE] = memory_of(engine),
		            [CONTROL_MEMORY_KEEPER] = memory_of(keeper) },
	};
	if (control_send(keeper_control, &message, -1) != OK)
		return; /* it has enough to do */
	for (size_t i = 0; i < interfaces->count; i++) {
		message =
		        (struct control){ .kind = CONTROL_HEALTH,
			                  .number = (uint32_t)i,
			                  .counts = { interfaces_dropped(interfaces, i) } };
		(void)!control_send(keeper_control, &message, -1);
	}
}
