#include "probe/capture_workers.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "probe/frame_queue.h"
#include "probe/monitor.h"
#include "probe/worker.h"

/* The kernel hands a block over after 20 ms at the latest; and the machine may be busy. */
#define SHOWN_AFTER (60 * NS_PER_MS)
/* No worker is waited for longer than that. */
#define WAITED_FOR (300 * NS_PER_MS)
enum { LOOK_MS = 20, FULL_MS = 1 };

/* A ring, from its worker to the engine. */
struct lane {
	struct frame_queue queue;
	const struct steady_clock *clock; /* borrowed */
	_Atomic(struct live_ring *) ring; /* borrowed; NULL: there is none */

	/* What takes its place, NULL = nothing: the engine asks for it, the worker does it
	 * when the ring before is over. */
	struct live_ring *next; /* borrowed */
	atomic_bool changing;

	/* The worker's. */
	struct frame frames[LIVE_BATCH];
	size_t at, count; /* what found no room yet */
	nstime asked; /* when there was nothing behind these; NSTIME_NONE: there may be */
	bool is_over;

	_Atomic nstime shown_until;
	atomic_bool lost; /* behind its last frame */
	char why[LIVE_ERROR_SIZE];

	/* The engine's. */
	bool has_queue;
	struct frame_batch *batch; /* borrowed; NULL: none is begun */
	size_t head;
};

struct worker {
	struct capture_workers *all;
	size_t number;
	pthread_t thread;
	bool runs;
};

struct capture_workers {
	const struct steady_clock *clock; /* borrowed */
	struct bell unheard; /* nobody waits at it: the engine polls, workers look again */
	struct worker workers[LIVE_WORKERS];
	size_t count;
	struct lane *lanes; /* owned; [interface * count + worker] */
	nstime latest[LIVE_SOURCES];
	uint64_t late;
	int wake; /* eventfd */
	atomic_bool sleeps, stopping;
};

static struct lane *lane_of(struct capture_workers *c, size_t interface, size_t worker)
{
	return &c->lanes[interface * c->count + worker];
}

/* --- a worker ------------------------------------------------------------------------- */

static void read_ring(struct lane *lane)
{
	const nstime asked = steady_clock_now(lane->clock);
	lane->at = lane->count = 0;
	lane->is_over =
	        live_ring_next(lane->ring, lane->frames, &lane->count, lane->why) != OK;
	lane->asked = lane->count < LIVE_BATCH ? asked : NSTIME_NONE;
}

/* All that there was has gone: the engine may know. */
static void show(struct lane *lane)
{
	frame_queue_flush(&lane->queue);
	atomic_store(&lane->shown_until, lane->asked - SHOWN_AFTER);
	lane->asked = NSTIME_NONE;
	if (lane->is_over)
		atomic_store(&lane->lost, true);
}

/* What it had has gone. */
static void change_ring(struct lane *lane)
{
	const struct live_ring *ring = lane->ring;
	if (!atomic_load(&lane->changing) ||
	    (ring && !lane->is_over &&
	     !live_ring_is_over(ring, steady_clock_now(lane->clock))))
		return;
	frame_queue_flush(&lane->queue);
	lane->is_over = false;
	lane->asked = NSTIME_NONE;
	atomic_store(&lane->ring, lane->next);
	atomic_store(&lane->lost, false);
	atomic_store(&lane->changing, false);
}

/* True: some frames went. */
static bool work(struct lane *lane)
{
	if (lane->at == lane->count) {
		change_ring(lane);
		if (!lane->ring || lane->is_over)
			return false;
		read_ring(lane);
	}
	const size_t left = lane->count - lane->at;
	const size_t added = frame_queue_add(&lane->queue, lane->frames + lane->at, left);
	lane->at += added;
	if (lane->at == lane->count && lane->asked != NSTIME_NONE)
		show(lane);
	return added > 0;
}

static void wait_for_frames(struct worker *w)
{
	struct pollfd polled[LIVE_SOURCES];
	nfds_t count = 0;
	int ms = LOOK_MS;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		const struct lane *lane = lane_of(w->all, i, w->number);
		if (!lane->ring || (lane->is_over && lane->at == lane->count))
			continue;
		if (lane->at < lane->count)
			ms = FULL_MS; /* the engine is behind */
		else
			polled[count++] = (struct pollfd){ .fd = live_ring_fd(lane->ring),
				                           .events = POLLIN };
	}
	(void)!poll(polled, count, ms);
}

static void wake_engine(struct capture_workers *c)
{
	const uint64_t one = 1;
	if (atomic_exchange(&c->sleeps, false))
		(void)!write(c->wake, &one, sizeof one);
}

static void *run(void *self)
{
	struct worker *w = self;
	char name[16];
	snprintf(name, sizeof name, "capture-%zu", w->number + 1);
	worker_be(name);
	while (!atomic_load(&w->all->stopping)) {
		bool any = false;
		for (size_t i = 0; i < LIVE_SOURCES; i++) {
			struct lane *lane = lane_of(w->all, i, w->number);
			const bool has_work = lane->ring || atomic_load(&lane->changing);
			any = (has_work && work(lane)) || any;
		}
		if (any)
			wake_engine(w->all);
		else
			wait_for_frames(w);
	}
	return NULL;
}

/* --- their life ----------------------------------------------------------------------- */

static enum status open_lane(struct capture_workers *c, struct lane *lane)
{
	lane->clock = c->clock;
	lane->asked = NSTIME_NONE;
	atomic_init(&lane->shown_until, NSTIME_NONE);
	const enum status status = frame_queue_init(&lane->queue, &c->unheard, &c->unheard);
	lane->has_queue = status == OK;
	return status;
}

static enum status build(struct capture_workers *c, struct live_source *const *sources)
{
	enum status status = OK;
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		if (sources[i] && live_source_rings(sources[i]) > c->count)
			c->count = live_source_rings(sources[i]);
	c->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->wake < 0)
		return ERR_IO;
	c->lanes = calloc(LIVE_SOURCES * (c->count ? c->count : 1), sizeof *c->lanes);
	if (!c->lanes)
		return ERR_NOMEM;
	for (size_t i = 0; i < LIVE_SOURCES; i++) {
		c->latest[i] = NSTIME_NONE;
		for (size_t n = 0; status == OK && sources[i] && n < c->count; n++) {
			struct lane *lane = lane_of(c, i, n);
			if (n >= live_source_rings(sources[i]))
				continue;
			lane->ring = live_source_ring(sources[i], n);
			status = open_lane(c, lane);
		}
	}
	return status;
}

enum status capture_workers_new(struct live_source *const *sources,
                                const struct steady_clock *clock,
                                struct capture_workers **out)
{
	struct capture_workers *c = aligned_alloc(QUEUE_CACHE_LINE, sizeof *c);
	if (!c)
		return ERR_NOMEM;
	*c = (struct capture_workers){ .wake = -1, .clock = clock };
	const enum status status = build(c, sources);
	if (status != OK) {
		capture_workers_free(c);
		return status;
	}
	*out = c;
	return OK;
}

enum status capture_workers_begin(struct capture_workers *workers)
{
	struct capture_workers *c = workers;
	enum status status = OK;
	for (size_t n = 0; status == OK && n < c->count; n++) {
		c->workers[n].all = c;
		c->workers[n].number = n;
		status = worker_start(&c->workers[n].thread, run, &c->workers[n]);
		c->workers[n].runs = status == OK;
	}
	return status;
}

void capture_workers_free(struct capture_workers *workers)
{
	struct capture_workers *c = workers;
	if (!c)
		return;
	atomic_store(&c->stopping, true);
	for (size_t n = 0; n < c->count; n++)
		if (c->workers[n].runs)
			pthread_join(c->workers[n].thread, NULL);
	for (size_t i = 0; c->lanes && i < LIVE_SOURCES * c->count; i++)
		frame_queue_free(&c->lanes[i].queue);
	free(c->lanes);
	if (c->wake >= 0)
		close(c->wake);
	free(c);
}

/* --- the engine ----------------------------------------------------------------------- */

/* The lane's next frame; NULL: it has none, and *until is what it has shown. */
static const struct frame *head_of(struct lane *lane, nstime least, nstime *until)
{
	/* In that order: what it had shown by then was put before. */
	const bool lost = !atomic_load(&lane->ring) || atomic_load(&lane->lost);
	const nstime shown = atomic_load(&lane->shown_until);
	if (!lane->batch) {
		lane->batch = frame_queue_next(&lane->queue);
		lane->head = 0;
	}
	if (lane->batch)
		return &lane->batch->frames[lane->head];
	*until = lost ? INT64_MAX : shown > least ? shown : least;
	return NULL;
}

/* Batches whose last frame was given in the last call. */
static void give_back(struct capture_workers *c, size_t interface)
{
	for (size_t n = 0; n < c->count; n++) {
		struct lane *lane = lane_of(c, interface, n);
		if (!lane->batch || lane->head < lane->batch->count)
			continue;
		frame_queue_done(&lane->queue);
		lane->batch = NULL;
	}
}

/* Whose turn it is; NULL: that is not known yet, or there is nothing. */
static struct lane *choose(struct capture_workers *c, size_t interface, nstime least)
{
	struct lane *best = NULL;
	nstime first = 0, limit = INT64_MAX;
	for (size_t n = 0; n < c->count; n++) {
		struct lane *lane = lane_of(c, interface, n);
		nstime until = INT64_MAX;
		const struct frame *head =
		        lane->has_queue ? head_of(lane, least, &until) : NULL;
		if (head && (!best || head->at < first)) {
			best = lane;
			first = head->at;
		}
		limit = until < limit ? until : limit;
	}
	return best && first <= limit ? best : NULL;
}

static void note_order(struct capture_workers *c, size_t interface, nstime at)
{
	if (at < c->latest[interface])
		c->late++;
	else
		c->latest[interface] = at;
}

static bool is_lost(struct capture_workers *c, size_t interface, char *error)
{
	const char *why = NULL;
	for (size_t n = 0; n < c->count; n++) {
		struct lane *lane = lane_of(c, interface, n);
		if (!lane->ring)
			continue;
		if (!atomic_load(&lane->lost) || lane->batch ||
		    frame_queue_next(&lane->queue))
			return false;
		why = lane->why;
	}
	if (why)
		snprintf(error, LIVE_ERROR_SIZE, "%s", why);
	return why != NULL;
}

enum status capture_workers_next(struct capture_workers *workers, size_t interface,
                                 nstime now, struct frame frames[LIVE_BATCH], size_t *count,
                                 char error[LIVE_ERROR_SIZE])
{
	struct capture_workers *c = workers;
	struct lane *lane;
	*count = 0;
	give_back(c, interface);
	while (*count < LIVE_BATCH && (lane = choose(c, interface, now - WAITED_FOR))) {
		const struct frame *frame = &lane->batch->frames[lane->head++];
		note_order(c, interface, frame->at);
		frames[(*count)++] = *frame;
		if (lane->head == lane->batch->count)
			break; /* its bytes must stay; there may be more behind them */
	}
	return *count == 0 && is_lost(c, interface, error) ? ERR_NOT_FOUND : OK;
}

enum status capture_workers_change(struct capture_workers *workers, size_t interface,
                                   struct live_source *source)
{
	struct capture_workers *c = workers;
	enum status status = OK;
	for (size_t n = 0; status == OK && n < c->count; n++) {
		struct lane *lane = lane_of(c, interface, n);
		if (!lane->has_queue)
			status = open_lane(c, lane);
	}
	for (size_t n = 0; status == OK && n < c->count; n++) {
		struct lane *lane = lane_of(c, interface, n);
		lane->next = source ? live_source_ring(source, n) : NULL;
		atomic_store(&lane->changing, true);
	}
	return status;
}

bool capture_workers_have_changed(struct capture_workers *workers, size_t interface)
{
	for (size_t n = 0; n < workers->count; n++)
		if (atomic_load(&lane_of(workers, interface, n)->changing))
			return false;
	return true;
}

bool capture_workers_have_frames(struct capture_workers *workers)
{
	struct capture_workers *c = workers;
	for (size_t i = 0; i < LIVE_SOURCES * c->count; i++)
		if (c->lanes[i].has_queue && frame_queue_next(&c->lanes[i].queue))
			return true;
	return false;
}

bool capture_workers_have_shown(struct capture_workers *workers, nstime until)
{
	struct capture_workers *c = workers;
	for (size_t i = 0; i < LIVE_SOURCES * c->count; i++) {
		struct lane *lane = &c->lanes[i];
		/* In that order: what it had shown by then was put before. */
		if (lane->ring && !atomic_load(&lane->lost) &&
		    atomic_load(&lane->shown_until) < until)
			return false;
	}
	return !capture_workers_have_frames(c);
}

int capture_workers_poll(struct capture_workers *workers)
{
	uint64_t rings;
	(void)!read(workers->wake, &rings, sizeof rings);
	atomic_store(&workers->sleeps, true);
	return workers->wake;
}

struct capture_workers_state capture_workers_state(struct capture_workers *workers)
{
	struct capture_workers *c = workers;
	struct capture_workers_state state = {
		.workers = c->count,
		.all_batches = FRAME_BATCHES,
		.late = c->late,
	};
	for (size_t i = 0; i < LIVE_SOURCES * c->count; i++) {
		if (!c->lanes[i].has_queue)
			continue;
		const size_t depth = queue_depth(&c->lanes[i].queue.queue);
		const size_t most = queue_most(&c->lanes[i].queue.queue);
		state.batches = depth > state.batches ? depth : state.batches;
		state.most_batches = most > state.most_batches ? most : state.most_batches;
	}
	return state;
}
