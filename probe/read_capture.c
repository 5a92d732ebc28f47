#include "probe/read_capture.h"

#include <err.h>

#include "probe/progress.h"

/* Few enough that a frame whose record was read lies in the first cache when decoded. */
enum { FRAMES_AT_ONCE = 64 };

bool read_capture(struct source *source, struct pipeline *pipeline, bool progress)
{
	struct frame frames[FRAMES_AT_ONCE];
	struct progress shown = progress_begin(progress);
	const struct source_error *damage;
	size_t count;
	enum status status;
	while ((status = source_next(source, frames, FRAMES_AT_ONCE, &count)) == OK &&
	       count) {
		pipeline_frames(pipeline, frames, count);
		progress_step(&shown, source, count);
	}
	progress_end(&shown);
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
