#include "probe/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { STEPS_BETWEEN_LOOKS = 64 }; /* the clock is not asked for each batch */

static double seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) +
	       (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

struct progress progress_begin(bool wanted)
{
	struct progress progress = { .wanted = wanted && isatty(STDERR_FILENO) };
	clock_gettime(CLOCK_MONOTONIC, &progress.begun);
	progress.drawn = progress.begun;
	return progress;
}

static void draw(struct progress *progress, const struct source *source, double elapsed)
{
	uint64_t done, total;
	source_progress(source, &done, &total);
	const double rate = (double)progress->frames / elapsed;
	if (total > 0 && done > 0) {
		const double share = (double)done / (double)total;
		fprintf(stderr, "\r%3.0f %%  %.0f packets/s  %.0f s left \033[K",
		        share * 100, rate, elapsed / share - elapsed);
	} else {
		fprintf(stderr, "\r%ju packets  %.0f packets/s \033[K",
		        (uintmax_t)progress->frames, rate);
	}
	progress->shown = true;
}

void progress_step(struct progress *progress, const struct source *source, size_t frames)
{
	progress->frames += frames;
	if (!progress->wanted || ++progress->steps % STEPS_BETWEEN_LOOKS)
		return;
	const double elapsed = seconds_since(&progress->begun);
	if (elapsed < 1 || seconds_since(&progress->drawn) < 0.2)
		return;
	clock_gettime(CLOCK_MONOTONIC, &progress->drawn);
	draw(progress, source, elapsed);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
}
