#include "probe/engine_watch.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/monitor_engine.h"
#include "probe/source_capture.h"

/* It waits for the keeper when that much is on its way. */
#define AHEAD_BYTES ((size_t)16 << 20)
enum { WATCH_BATCH = 64 };

struct given {
	struct watch_step step; /* place 0: it is a new one */
	int fd;                 /* owned */
	nstime first;           /* NSTIME_NEVER: it has no frame */
};

struct engine_watch {
	struct watch_start start;
	struct given given[WATCH_WINDOW]; /* in the order in which they came */
	size_t count;
	bool settled;   /* there are no more just now */
	uint64_t place; /* of the last file that was begun */
	uint64_t steps;
	uint64_t dropped;   /* in files that were read, by what they say themselves */
	bool caught_up;     /* with what is kept, and the parent was told */
	bool finishing;     /* what comes is the state at the end */
	bool spoke;         /* records came since the last position */
	nstime snapshot_at; /* packet time */

	struct given now;             /* fd < 0: no file is being read */
	struct capture_file *capture; /* owned */
	uint64_t before;              /* frames before it */
	uint32_t interfaces;
};

enum status engine_watch_new(const struct watch_start *start, struct engine_watch **out)
{
	struct engine_watch *w = calloc(1, sizeof *w);
	if (!w)
		return ERR_NOMEM;
	w->start = *start;
	w->place = start->place;
	w->steps = 2 * start->place;
	w->now.fd = -1;
	w->snapshot_at = NSTIME_NONE;
	*out = w;
	return OK;
}

void engine_watch_free(struct engine_watch *watch)
{
	if (!watch)
		return;
	capture_file_close(watch->capture);
	if (watch->now.fd >= 0)
		close(watch->now.fd);
	for (size_t i = 0; i < watch->count; i++)
		close(watch->given[i].fd);
	free(watch);
}

void engine_watch_identify(const struct engine_watch *watch, uint8_t id[LIVE_ENGINE_ID])
{
	memcpy(id, watch->start.plan.engine, LIVE_ENGINE_ID);
}

void engine_watch_begin(struct engine *e)
{
	e->frames = e->watch->start.before;
	link_sender_watch(e->sender, e->watch->start.plan.position.number);
}

static bool is_past(const struct engine_watch *w, uint64_t frames)
{
	const struct watch_position *kept = &w->start.plan.position;
	return frames > kept->frames || w->steps > kept->steps;
}

bool engine_watch_speaks(struct engine_watch *watch, uint64_t frames)
{
	const bool speaks = watch->finishing || is_past(watch, frames);
	watch->spoke = watch->spoke || speaks;
	return speaks;
}

static void tell_position(struct engine *e)
{
	const uint64_t numbers[] = { e->frames, e->watch->steps };
	link_sender_tell(e->sender, LINK_POSITION, numbers, ARRAY_LEN(numbers), TEXT(""));
	e->watch->spoke = false;
}

/* --- which file is next --------------------------------------------------------------- */

bool engine_watch_obey(struct engine_watch *w, const struct control *message, int fd)
{
	if (message->kind == CONTROL_SETTLED) {
		w->settled = true;
	} else if (message->kind == CONTROL_FILE && fd >= 0 && w->count < WATCH_WINDOW) {
		w->given[w->count++] = (struct given){ message->step, fd, NSTIME_NONE };
		w->settled = false;
		return true;
	}
	return false;
}

/* When its first frame was captured. */
static void look_into(struct given *given)
{
	struct capture_file *capture = NULL;
	struct source_error error;
	struct frame frame;
	uint32_t interfaces = 0;
	given->first = NSTIME_NEVER;
	if (capture_file_borrow(given->fd, given->step.file.name, &interfaces, &capture,
	                        &error) == OK &&
	    capture_file_next(capture, &frame, 1) == 1)
		given->first = frame.at;
	capture_file_close(capture);
}

/* Those that are read again come in the order that they had; new ones by their first
 * frames, and what has the same in the order in which they were found. */
static bool goes_before(const struct given *a, const struct given *b)
{
	if (a->step.place || b->step.place)
		return a->step.place && (!b->step.place || a->step.place < b->step.place);
	return a->first < b->first;
}

static bool choose(struct engine_watch *w)
{
	size_t best = 0;
	for (size_t i = 0; i < w->count; i++) {
		struct given *given = &w->given[i];
		if (!given->step.place && given->first == NSTIME_NONE)
			look_into(given);
		if (goes_before(given, &w->given[best]))
			best = i;
	}
	/* Of new ones all that there are have to be known, or as many as can be. */
	if (w->count == 0 ||
	    (!w->given[best].step.place && !w->settled && w->count < WATCH_WINDOW))
		return false;
	w->now = w->given[best];
	w->count--;
	memmove(&w->given[best], &w->given[best + 1], (w->count - best) * sizeof *w->given);
	return true;
}

/* --- reading it ----------------------------------------------------------------------- */

static void tell_parent(struct engine *e, enum control_kind kind)
{
	const struct control message = { .kind = kind, .step = e->watch->now.step };
	if (e->control >= 0 && control_send(e->control, &message, -1) != OK)
		warnx("engine: the parent does not listen");
}

/* Names of files are anything. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
}

static void end_file(struct engine *e, const char *why)
{
	struct engine_watch *w = e->watch;
	char damage[sizeof((struct source_error *)NULL)->text];
	text_copy(damage, sizeof damage, text_from(why));
	make_printable(damage);
	const nstime oldest = pipeline_oldest(e->pipeline);
	const uint64_t numbers[] = {
		w->now.step.id,
		e->frames - w->before,
		(uint64_t)pipeline_latest(e->pipeline),
		(uint64_t)(oldest == NSTIME_NEVER ? NSTIME_NONE : oldest),
	};
	if (w->capture)
		w->dropped += capture_file_dropped(w->capture);
	pipeline_note_dropped(e->pipeline, w->dropped);
	w->steps++;
	if (is_past(w, e->frames)) {
		link_sender_tell(e->sender, LINK_FILE_END, numbers, ARRAY_LEN(numbers),
		                 text_from(damage));
		tell_position(e);
	}
	capture_file_close(w->capture);
	w->capture = NULL;
	close(w->now.fd);
	w->now.fd = -1;
	tell_parent(e, CONTROL_FILE_READ);
}

static void begin_file(struct engine *e)
{
	struct engine_watch *w = e->watch;
	struct source_error error;
	w->before = e->frames;
	w->steps++;
	w->place++;
	tell_parent(e, CONTROL_FILE_BEGUN);
	if (is_past(w, e->frames)) {
		const uint64_t numbers[] = { w->now.step.id, w->place, w->before };
		link_sender_tell(e->sender, LINK_FILE_BEGIN, numbers, ARRAY_LEN(numbers),
		                 TEXT(""));
		tell_position(e);
	}
	if (capture_file_borrow(w->now.fd, w->now.step.file.name, &w->interfaces,
	                        &w->capture, &error) != OK)
		end_file(e, error.text);
	else
		capture_file_set_points(w->capture, &e->options->config->points);
}

/* A position that is kept lies between two frames: no batch goes over it. */
static void take_frames(struct engine *e, struct frame *frames, size_t count)
{
	const uint64_t kept = e->watch->start.plan.position.frames;
	while (count > 0) {
		size_t now = count;
		if (e->frames < kept && kept - e->frames < count)
			now = (size_t)(kept - e->frames);
		for (size_t i = 0; i < now; i++)
			frames[i].number = e->frames + i + 1;
		e->frames += now;
		pipeline_frames(e->pipeline, frames, now);
		frames += now;
		count -= now;
	}
	if (e->watch->spoke)
		tell_position(e);
}

/* Until the place is found where to go on, there is nothing to say, and nobody to say it
 * to: only then the end of the run before is taken back. */
static bool may_read(struct engine *e)
{
	struct engine_watch *w = e->watch;
	const struct watch_position *kept = &w->start.plan.position;
	if (!w->caught_up && e->frames >= kept->frames && w->steps >= kept->steps) {
		w->caught_up = true;
		tell_parent(e, CONTROL_CAUGHT_UP);
	}
	return !w->caught_up || (link_sender_fd(e->sender) >= 0 &&
	                         link_sender_bytes(e->sender) <= AHEAD_BYTES);
}

size_t engine_watch_read(struct engine *e)
{
	struct engine_watch *w = e->watch;
	struct frame frames[WATCH_BATCH];
	if (!may_read(e))
		return 0;
	if (w->now.fd < 0) {
		if (!choose(w))
			return 0;
		begin_file(e);
		return 1;
	}
	const size_t count = capture_file_next(w->capture, frames, WATCH_BATCH);
	if (count == 0)
		end_file(e, capture_file_damage(w->capture)->text);
	else
		take_frames(e, frames, count);
	return count ? count : 1;
}

void engine_watch_snapshot(struct engine *e)
{
	if (!is_past(e->watch, e->frames))
		return;
	pipeline_snapshot(e->pipeline, e->watch->snapshot_at, &e->snapshots);
	e->watch->snapshot_at = pipeline_latest(e->pipeline);
}

bool engine_watch_finish(struct engine *e)
{
	struct engine_watch *w = e->watch;
	if (!w->caught_up || link_sender_fd(e->sender) < 0)
		return false;
	w->finishing = true;
	link_sender_tell(e->sender, LINK_FINISHING, NULL, 0, TEXT(""));
	return true;
}
