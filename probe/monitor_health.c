#include "probe/monitor_health.h"

#include <fcntl.h>
#include <stdio.h>
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

static uint64_t dropped_by(const char *interface)
{
	static const char *const counters[] = { "rx_dropped", "rx_missed_errors" };
	uint64_t total = 0;
	for (size_t i = 0; i < ARRAY_LEN(counters); i++) {
		char path[160];
		uint64_t count;
		const int len =
		        snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s",
		                 interface, counters[i]);
		if (len < 0 || (size_t)len >= sizeof path)
			continue;
		read_numbers(path, &count, 1);
		total += count;
	}
	return total;
}

void monitor_tell_health(int keeper_control, const struct monitor_options *options,
                         pid_t engine, pid_t keeper)
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
	for (size_t i = 0; i < options->interface_count; i++) {
		message = (struct control){ .kind = CONTROL_HEALTH,
			                    .number = (uint32_t)i,
			                    .counts = {
			                            dropped_by(options->interfaces[i]) } };
		(void)!control_send(keeper_control, &message, -1);
	}
}
