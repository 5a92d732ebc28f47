/*
 * progress.h - a line on standard error while a capture is read: share, rate, time left.
 * Only on a terminal, and only for work of over a second.
 */
#ifndef EARSHOT_PROBE_PROGRESS_H
#define EARSHOT_PROBE_PROGRESS_H

#include <time.h>

#include "probe/source.h"

struct progress {
	bool wanted, shown;
	struct timespec begun, drawn;
	uint64_t frames;
	uint32_t steps;
};

struct progress progress_begin(bool wanted);
void progress_step(struct progress *progress, const struct source *source, size_t frames);
void progress_end(struct progress *progress);

#endif
