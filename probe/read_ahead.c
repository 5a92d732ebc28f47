#include "probe/read_ahead.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "probe/frame_queue.h"
#include "probe/worker.h"

enum { FRAMES_AT_ONCE = 64 };

struct read_ahead {
	struct bell at_reader, at_source;
	struct frame_queue queue;
	struct source *source; /* borrowed */
	pthread_t thread;
	bool running;
	bool given;            /* the caller has a batch */
	enum status status;    /* the thread's, until it has ended */
	atomic_bool has_ended; /* behind all that it put */
	atomic_bool is_unwanted;
	struct progress progress; /* the thread's */
};

/* False: nobody wants them. */
static bool add_all(struct read_ahead *a, const struct frame *frames, size_t count)
{
	while (count > 0) {
		const unsigned int heard = bell_heard(&a->at_source);
		if (atomic_load(&a->is_unwanted))
			return false;
		const size_t added = frame_queue_add(&a->queue, frames, count);
		if (added == 0)
			bell_wait(&a->at_source, heard);
		frames += added;
		count -= added;
	}
	return true;
}

static void *run(void *self)
{
	struct read_ahead *a = self;
	worker_be("reader");
	struct frame frames[FRAMES_AT_ONCE];
	size_t count;
	do {
		a->status = source_next(a->source, frames, FRAMES_AT_ONCE, &count);
		progress_step(&a->progress, a->source, count);
	} while (a->status == OK && count > 0 && add_all(a, frames, count));
	progress_end(&a->progress);
	frame_queue_flush(&a->queue);
	atomic_store(&a->has_ended, true);
	bell_ring(&a->at_reader);
	return NULL;
}

enum status read_ahead_begin(struct source *source, bool progress, struct read_ahead **out)
{
	struct read_ahead *a = aligned_alloc(QUEUE_CACHE_LINE, sizeof *a);
	if (!a)
		return ERR_NOMEM;
	*a = (struct read_ahead){ .source = source, .progress = progress_begin(progress) };
	enum status status = frame_queue_init(&a->queue, &a->at_reader, &a->at_source);
	if (status == OK)
		status = worker_start(&a->thread, run, a);
	a->running = status == OK;
	if (status != OK) {
		read_ahead_end(a);
		return status;
	}
	*out = a;
	return OK;
}

enum status read_ahead_next(struct read_ahead *ahead, struct frame **frames, size_t *count)
{
	struct read_ahead *a = ahead;
	if (a->given)
		frame_queue_done(&a->queue);
	a->given = false;
	for (;;) {
		const unsigned int heard = bell_heard(&a->at_reader);
		const bool ended = atomic_load(&a->has_ended);
		struct frame_batch *batch = frame_queue_next(&a->queue);
		*count = batch ? batch->count : 0;
		*frames = batch ? batch->frames : NULL;
		a->given = batch != NULL;
		if (batch || ended)
			return batch ? OK : a->status;
		bell_wait(&a->at_reader, heard);
	}
}

void read_ahead_end(struct read_ahead *ahead)
{
	if (!ahead)
		return;
	if (ahead->running) {
		atomic_store(&ahead->is_unwanted, true);
		bell_ring(&ahead->at_source);
		pthread_join(ahead->thread, NULL);
	}
	frame_queue_free(&ahead->queue);
	free(ahead);
}
