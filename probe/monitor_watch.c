#include "probe/monitor_watch.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "probe/engine_watch.h"
#include "probe/monitor_status.h"

/* Of so many engines a file is the death of, and no accident. */
#define CATCH_UP (NS_PER_SEC + 500 * NS_PER_MS)
enum { DEATHS = 3, AGAIN_ROOM = 64 };

void watching_init(struct watching *watch, const struct monitor_options *options)
{
	*watch = (struct watching){ .options = options };
	watch_folder_init(&watch->folder, options->watch);
}

void watching_free(struct watching *watch)
{
	watch_folder_free(&watch->folder);
	free(watch->again);
	watch->again = NULL;
}

static bool ask(const struct child *keeper, const struct control *message)
{
	return keeper->control >= 0 && control_send(keeper->control, message, -1) == OK;
}

/* --- where to begin ------------------------------------------------------------------- */

static void begin_anew(struct watching *w)
{
	w->again_count = 0;
	w->is_known = false;
	w->start = (struct watch_start){ 0 };
	if (getrandom(w->start.plan.engine, sizeof w->start.plan.engine, 0) !=
	    sizeof w->start.plan.engine)
		warn("random numbers");
	w->phase = WATCH_PLANNED;
}

static void add_again(struct watching *w, const struct watch_step *step)
{
	if (w->again_broken || !watch_folder_find(&w->folder, &step->file)) {
		w->again_broken = true;
		return;
	}
	if (w->again_count == w->again_room) {
		const size_t room = w->again_room ? 2 * w->again_room : AGAIN_ROOM;
		struct watch_step *more = realloc(w->again, room * sizeof *more);
		if (!more) {
			w->again_broken = true;
			return;
		}
		w->again = more;
		w->again_room = room;
	}
	w->again[w->again_count++] = *step;
}

/* The keeper has told all: from the earliest of the files that are there, the run goes on.
 */
static void decide(struct watching *w, const struct control *end)
{
	const bool untouched = end->number && end->plan.position.steps == 0;
	if (!end->number || (w->again_count == 0 && !untouched)) {
		begin_anew(w);
		return;
	}
	w->is_known = true;
	w->start.plan = end->plan;
	w->start.place = w->start.before = 0;
	if (w->again_count) {
		w->start.place = w->again[w->again_count - 1].place - 1;
		w->start.before = w->again[w->again_count - 1].before;
	}
	w->phase = WATCH_PLANNED;
}

/* A run that is new needs nothing; the other's end is taken back. */
static void reopen(struct watching *w, const struct child *keeper)
{
	const struct control message = {
		.kind = CONTROL_REOPEN,
		.plan = w->start.plan,
		.number = (uint32_t)(w->start.place + 1),
	};
	if (!w->is_known)
		w->phase = WATCH_OPEN;
	else if (keeper->ready && ask(keeper, &message))
		w->phase = WATCH_REOPENING;
}

static void plan(struct watching *w, const struct child *keeper)
{
	const struct control question = { .kind = CONTROL_PLAN };
	if (w->phase != WATCH_UNPLANNED || !keeper->ready || w->running || w->folder.fd < 0)
		return;
	w->again_count = 0;
	w->again_broken = false;
	if (w->deaths >= DEATHS) {
		/* What could go on would end in the same place. */
		w->deaths = 0;
		begin_anew(w);
	} else if (ask(keeper, &question)) {
		w->phase = WATCH_ASKING;
	}
}

/* --- files ---------------------------------------------------------------------------- */

static bool give(struct watching *w, const struct child *engine, struct watched *watched)
{
	struct control message = { .kind = CONTROL_FILE };
	const int fd = watch_folder_open(&w->folder, watched);
	if (fd < 0) {
		watched->state = WATCHED_OVER; /* it has gone; or is looked at once more */
		return false;
	}
	message.step = (struct watch_step){ .id = watched->id,
		                            .place = watched->place,
		                            .before = watched->before,
		                            .file = watched->file };
	const bool sent = control_send(engine->control, &message, fd) == OK;
	close(fd);
	if (sent) {
		watched->state = WATCHED_GIVEN;
		w->given++;
		w->settled = false;
	}
	return sent;
}

/* The files that are read again, in their order, before all others. */
static bool give_again(struct watching *w, const struct child *engine)
{
	while (w->again_count && w->given < WATCH_WINDOW) {
		const struct watch_step *step = &w->again[w->again_count - 1];
		struct watched *watched = watch_folder_find(&w->folder, &step->file);
		if (watched) {
			watched->id = step->id;
			watched->place = step->place;
			watched->before = step->before;
		}
		if (!watched || !give(w, engine, watched)) {
			/* Without it nothing that follows is what it was. */
			warnx("%s: has gone while it was needed", step->file.name);
			kill(engine->pid, SIGKILL);
			w->again_count = 0;
			return false;
		}
		w->again_count--;
	}
	return w->again_count == 0;
}

static void ask_next(struct watching *w, const struct child *engine,
                     const struct child *keeper)
{
	struct watched *next =
	        w->given < WATCH_WINDOW ? watch_folder_next(&w->folder) : NULL;
	struct control message = { .kind = CONTROL_KNOW };
	if (w->asked)
		return;
	if (next && next->id) {
		(void)give(w, engine, next);
	} else if (next && keeper->ready) {
		message.step.file = next->file;
		w->asked = ask(keeper, &message);
		next->state = w->asked ? WATCHED_ASKED : next->state;
	} else if (!next && !w->settled) {
		message.kind = CONTROL_SETTLED;
		w->settled = control_send(engine->control, &message, -1) == OK;
	}
}

void watching_work(struct watching *w, const struct child *engine,
                   const struct child *keeper)
{
	watch_folder_look(&w->folder);
	plan(w, keeper);
	if (w->phase == WATCH_PLANNED && w->caught_up)
		reopen(w, keeper);
	if (w->running && engine->pid && engine->control >= 0 && give_again(w, engine))
		ask_next(w, engine, keeper);
}

static struct watched *find_asked(struct watching *w)
{
	for (size_t i = 0; i < w->folder.count; i++)
		if (w->folder.files[i].state == WATCHED_ASKED)
			return &w->folder.files[i];
	return NULL;
}

/* What the keeper knows is over; the rest the next round gives to the engine. */
static void take_answer(struct watching *w, const struct control *answer)
{
	struct watched *watched = find_asked(w);
	w->asked = false;
	if (!watched ||
	    memcmp(watched->file.digest, answer->step.file.digest, WATCH_DIGEST) != 0)
		return;
	watched->id = answer->step.id;
	watched->place = watched->before = 0;
	watched->state = answer->number ? WATCHED_OVER : WATCHED_FINISHED;
	watched->kept_by_now = answer->number != 0;
}

static struct watched *find_id(struct watching *w, uint64_t id)
{
	for (size_t i = 0; i < w->folder.count; i++)
		if (w->folder.files[i].state == WATCHED_GIVEN &&
		    w->folder.files[i].id == id)
			return &w->folder.files[i];
	return NULL;
}

static void note_read(struct watching *w, uint64_t id)
{
	struct watched *watched = find_id(w, id);
	if (watched) {
		watched->state = WATCHED_OVER;
		watched->kept_by_now = false;
	}
	w->given -= w->given > 0;
	w->read++;
	w->reading = 0;
}

bool watching_obey(struct watching *w, const struct control *message)
{
	switch (message->kind) {
	case CONTROL_PLAN_FILE:
		if (w->phase == WATCH_ASKING)
			add_again(w, &message->step);
		return true;
	case CONTROL_PLAN_END:
		if (w->phase == WATCH_ASKING)
			decide(w, message);
		return true;
	case CONTROL_REOPEN:
		if (w->phase == WATCH_REOPENING)
			w->phase = WATCH_OPEN;
		return true;
	case CONTROL_CAUGHT_UP:
		w->caught_up = true;
		return true;
	case CONTROL_KNOW:
		take_answer(w, message);
		return true;
	case CONTROL_FILE_BEGUN:
		w->reading = message->step.id;
		return true;
	case CONTROL_FILE_READ:
		note_read(w, message->step.id);
		return true;
	default:
		return false;
	}
}

/* --- who comes and goes --------------------------------------------------------------- */

void watching_engine_started(struct watching *w)
{
	w->running = true;
	w->caught_up = false;
	w->settled = false;
	w->given = 0;
}

static void give_up(struct watching *w, const struct child *keeper, char name[WATCH_NAME])
{
	const struct control message = { .kind = CONTROL_GIVE_UP, .step.id = w->suspect };
	const struct watched *watched = find_id(w, w->suspect);
	text_copy(name, WATCH_NAME, text_from(watched ? watched->file.name : ""));
	warnx("a file is given up: %d engines have died of it", DEATHS);
	(void)ask(keeper, &message);
}

bool watching_engine_gone(struct watching *w, const struct child *keeper, bool crashed,
                          char suspect[WATCH_NAME])
{
	bool given_up = false;
	if (crashed && w->reading) {
		w->deaths = w->reading == w->suspect ? w->deaths + 1 : 1;
		w->suspect = w->reading;
		given_up = w->deaths == DEATHS;
		if (given_up)
			give_up(w, keeper, suspect);
	}
	/* What it has read may be kept or not: the keeper knows. */
	for (size_t i = 0; i < w->folder.count; i++) {
		struct watched *watched = &w->folder.files[i];
		if (watched->state == WATCHED_GIVEN ||
		    (watched->state == WATCHED_OVER && !watched->kept_by_now)) {
			watched->state = WATCHED_FINISHED;
			watched->id = 0;
		}
	}
	w->running = w->caught_up = false;
	w->reading = 0;
	w->phase = WATCH_UNPLANNED;
	return given_up;
}

bool watching_is_catching_up(struct watching *w, const struct child *engine, bool unlinked)
{
	if (!w->options->watch || !engine->pid || engine->kill_at)
		return false;
	if (!w->patience)
		w->patience = monitor_clock() + CATCH_UP;
	return (w->phase != WATCH_OPEN || unlinked) && monitor_clock() < w->patience;
}

void watching_keeper_gone(struct watching *w)
{
	struct watched *watched = find_asked(w);
	if (watched)
		watched->state = WATCHED_FINISHED;
	w->asked = false;
	if (w->phase == WATCH_ASKING)
		w->phase = WATCH_UNPLANNED;
	if (w->phase == WATCH_REOPENING)
		w->phase = WATCH_PLANNED;
}

void watching_add_status(const struct watching *w, struct buffer *to)
{
	size_t waiting = 0;
	for (size_t i = 0; i < w->folder.count; i++)
		waiting += w->folder.files[i].state != WATCHED_OVER;
	buffer_add_string(to, ",\"watch\":{\"folder\":");
	status_add_string(to, w->options->watch);
	buffer_format(to, ",\"there\":%s,\"files\":%zu,\"waiting\":%zu,\"read\":%llu}",
	              w->folder.fd >= 0 ? "true" : "false", w->folder.count, waiting,
	              (unsigned long long)w->read);
}
