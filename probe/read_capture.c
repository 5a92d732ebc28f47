#include "probe/read_capture.h"

#include <err.h>

#include "probe/progress.h"
#include "probe/read_ahead.h"

/* Few enough that a frame whose record was read lies in the first cache when decoded. */
enum { FRAMES_AT_ONCE = ANALYZER_BATCH };

/* What went wrong, and what the capture says of itself. */
static bool settle(struct source *source, struct pipeline *pipeline, enum status status)
{
	const struct source_error *damage;
	bool whole = status == OK;
	if (!whole)
		warnx("reading stopped: %s", status_name(status));
	for (size_t i = 0; (damage = source_damage(source, i)); i++) {
		warnx("%s", damage->text);
		whole = false;
	}
	pipeline_note_dropped(pipeline, source_dropped(source));
	return whole;
}

bool read_capture(struct source *source, struct pipeline *pipeline, bool progress)
{
	struct frame frames[FRAMES_AT_ONCE];
	struct progress shown = progress_begin(progress);
	const struct source_room *room = pipeline_room(pipeline);
	size_t count;
	enum status status;
	if (room)
		source_read_into(source, room);
	while ((status = source_next(source, frames, FRAMES_AT_ONCE, &count)) == OK &&
	       count) {
		pipeline_frames(pipeline, frames, count);
		progress_step(&shown, source, count);
	}
	progress_end(&shown);
	return settle(source, pipeline, status);
}

bool read_capture_ahead(struct source *source, struct pipeline *pipeline, bool progress)
{
	struct read_ahead *ahead = NULL;
	struct frame *frames;
	size_t count;
	enum status status = read_ahead_begin(source, progress, &ahead);
	while (status == OK && (status = read_ahead_next(ahead, &frames, &count)) == OK &&
	       count)
		pipeline_frames(pipeline, frames, count);
	read_ahead_end(ahead);
	return settle(source, pipeline, status);
}
