#include "probe/pipeline_threads.h"

#include <stdlib.h>

#include "probe/queue.h"
#include "probe/record_queue.h"
#include "probe/worker.h"

/* In flight: what two processors' caches hold. */
enum { BATCHES = 16, ROOMS = 16 };

/* What a source reads to. */
struct room {
	uint8_t *bytes; /* owned, SOURCE_ROOM */
	size_t until;   /* so many batches, counted from the first, may borrow from it */
};

struct pipeline_threads {
	struct bell at_front, at_back, at_sink;
	struct queue packets;
	struct packet_batch *batches; /* owned, BATCHES */
	struct room rooms[ROOMS];
	size_t room; /* the one that is being read to */
	struct record_queue records;
	struct sink from_back;
	const struct sink *sink; /* borrowed */
	struct back *back;       /* borrowed */
	pthread_t back_thread, sink_thread;
	bool has_sink_thread; /* wanted */
	bool back_runs, sink_runs;
	atomic_bool sink_ends;
};

enum status pipeline_threads_new(const struct sink *sink, bool sink_thread,
                                 struct pipeline_threads **out)
{
	struct pipeline_threads *t = aligned_alloc(QUEUE_CACHE_LINE, sizeof *t);
	if (!t)
		return ERR_NOMEM;
	*t = (struct pipeline_threads){ .sink = sink, .has_sink_thread = sink_thread };
	queue_init(&t->packets, BATCHES, &t->at_back, &t->at_front);
	enum status status = record_queue_init(
	        &t->records, sink_thread ? &t->at_sink : &t->at_front, &t->at_back);
	t->from_back = record_queue_sink(&t->records);
	t->batches = calloc(BATCHES, sizeof *t->batches);
	if (!t->batches)
		status = ERR_NOMEM;
	for (size_t i = 0; status == OK && i < BATCHES; i++)
		status = packet_batch_init(&t->batches[i], PACKET_BATCH, true);
	for (size_t i = 0; status == OK && i < ROOMS; i++) {
		t->rooms[i].bytes = malloc(SOURCE_ROOM);
		if (!t->rooms[i].bytes)
			status = ERR_NOMEM;
	}
	if (status != OK) {
		pipeline_threads_free(t);
		return status;
	}
	*out = t;
	return OK;
}

const struct sink *pipeline_threads_sink(struct pipeline_threads *threads)
{
	return &threads->from_back;
}

struct packet_batch *pipeline_threads_first(struct pipeline_threads *threads)
{
	return &threads->batches[0];
}

/* --- the back's thread ---------------------------------------------------------------- */

static const struct packet_batch *next_batch(struct pipeline_threads *t)
{
	size_t slot;
	for (;;) {
		const unsigned int heard = bell_heard(&t->at_back);
		if (queue_has_next(&t->packets, &slot))
			return &t->batches[slot];
		bell_wait(&t->at_back, heard);
	}
}

static void *run_back(void *self)
{
	struct pipeline_threads *t = self;
	worker_be("analyzer");
	for (bool more = true; more;) {
		const struct packet_batch *batch = next_batch(t);
		more = batch->end != BATCH_THEN_NO_MORE;
		back_take(t->back, batch);
		/* Whoever sees that all was taken sees the records of it. */
		if (!queue_has_more(&t->packets) || record_queue_is_worth_it(&t->records))
			record_queue_flush(&t->records);
		queue_take(&t->packets);
	}
	return NULL;
}

/* --- the sink's thread ---------------------------------------------------------------- */

static void *run_sink(void *self)
{
	struct pipeline_threads *t = self;
	worker_be("records");
	for (;;) {
		const unsigned int heard = bell_heard(&t->at_sink);
		if (record_queue_give(&t->records, t->sink))
			bell_ring(&t->at_front);
		else if (atomic_load(&t->sink_ends))
			return NULL;
		else
			bell_wait(&t->at_sink, heard);
	}
}

/* --- the caller's thread -------------------------------------------------------------- */

enum status pipeline_threads_begin(struct pipeline_threads *threads, struct back *back)
{
	struct pipeline_threads *t = threads;
	enum status status = OK;
	t->back = back;
	if (t->has_sink_thread)
		status = worker_start(&t->sink_thread, run_sink, t);
	t->sink_runs = t->has_sink_thread && status == OK;
	if (status == OK)
		status = worker_start(&t->back_thread, run_back, t);
	t->back_runs = status == OK;
	return status;
}

/* Records are given where there is no thread for them; true: there were some. */
static bool give_records(struct pipeline_threads *t)
{
	return !t->has_sink_thread && record_queue_give(&t->records, t->sink);
}

/* Until the back is done with so many batches. */
static void wait_for_back(struct pipeline_threads *t, size_t batches)
{
	for (;;) {
		const unsigned int heard = bell_heard(&t->at_front);
		if (queue_has_taken(&t->packets, batches))
			return;
		if (!give_records(t))
			bell_wait(&t->at_front, heard);
	}
}

static struct packet_batch *deliver(void *self, struct packet_batch *batch)
{
	struct pipeline_threads *t = self;
	size_t slot;
	(void)batch; /* it is the slot to be put */
	queue_put(&t->packets);
	give_records(t);
	const size_t put = queue_all_put(&t->packets);
	wait_for_back(t, put < BATCHES ? 0 : put + 1 - BATCHES);
	(void)queue_has_room(&t->packets, &slot);
	packet_batch_clear(&t->batches[slot]);
	return &t->batches[slot];
}

struct front_outlet pipeline_threads_outlet(struct pipeline_threads *threads)
{
	return (struct front_outlet){ deliver, threads };
}

uint8_t *pipeline_threads_next_room(struct pipeline_threads *threads)
{
	struct pipeline_threads *t = threads;
	const size_t put = queue_all_put(&t->packets);
	size_t slot;
	(void)queue_has_room(&t->packets, &slot);
	const bool filling = !packet_batch_is_empty(&t->batches[slot]);
	struct room *next = &t->rooms[(t->room + 1) % ROOMS];
	if (next->until > put)
		return NULL;
	t->rooms[t->room].until = put + filling;
	t->room = (t->room + 1) % ROOMS;
	queue_urge(&t->packets); /* it may sleep: few batches are no reason to wake it */
	wait_for_back(t, next->until);
	return next->bytes;
}

void pipeline_threads_settle(struct pipeline_threads *threads)
{
	struct pipeline_threads *t = threads;
	queue_urge(&t->packets);
	for (;;) {
		const unsigned int heard = bell_heard(&t->at_front);
		const bool analysed = queue_is_empty(&t->packets);
		if (give_records(t))
			continue;
		if (analysed && queue_depth(&t->records.queue) == 0)
			return;
		bell_wait(&t->at_front, heard);
	}
}

struct pipeline_depth pipeline_threads_depth(struct pipeline_threads *threads)
{
	struct pipeline_threads *t = threads;
	return (struct pipeline_depth){
		.batches = queue_depth(&t->packets),
		.most_batches = queue_most(&t->packets),
		.all_batches = BATCHES,
		.blocks = queue_depth(&t->records.queue),
		.most_blocks = queue_most(&t->records.queue),
		.all_blocks = RECORD_BLOCKS,
	};
}

static void end_threads(struct pipeline_threads *t)
{
	if (t->back_runs) {
		pipeline_threads_settle(t);
		size_t slot;
		(void)queue_has_room(&t->packets, &slot);
		packet_batch_clear(&t->batches[slot]);
		t->batches[slot].end = BATCH_THEN_NO_MORE;
		queue_put(&t->packets);
		queue_urge(&t->packets);
		pthread_join(t->back_thread, NULL);
	}
	if (t->sink_runs) {
		atomic_store(&t->sink_ends, true);
		bell_ring(&t->at_sink);
		pthread_join(t->sink_thread, NULL);
	}
}

void pipeline_threads_free(struct pipeline_threads *threads)
{
	if (!threads)
		return;
	end_threads(threads);
	for (size_t i = 0; threads->batches && i < BATCHES; i++)
		packet_batch_free(&threads->batches[i]);
	free(threads->batches);
	for (size_t i = 0; i < ROOMS; i++)
		free(threads->rooms[i].bytes);
	record_queue_free(&threads->records);
	free(threads);
}
