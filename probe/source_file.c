/*
 * Capture files as a source.  A single file is passed through.  Several are merged by the
 * time of the next frame of each; a file is only held open between its first frame's turn
 * and its end, so that a capture split into thousands of files needs one window at a time.
 */
#include "probe/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/source_capture.h"

enum { MERGE_BATCH = 64 };

/* One file of several. */
struct merge_file {
	char *path;                   /* owned */
	size_t argument;              /* its place in the order of the arguments */
	uint64_t size;                /* 0 = unknown */
	nstime first_at;              /* NSTIME_NEVER: it has no frame */
	struct capture_file *capture; /* owned; NULL: not open yet, or read to its end */
	bool finished;
	uint64_t done, dropped; /* of a finished file */
	struct frame *batch;    /* owned; MERGE_BATCH while open among others, else NULL */
	size_t at, count;
};

struct source {
	struct merge_file
	        *files; /* owned; by first_at, then in the order of the arguments */
	size_t file_count;
	size_t open_from,
	        open_to; /* files before are finished, from open_to on not begun */
	uint64_t frames;
	uint32_t interfaces;
	const struct source_points *points; /* borrowed; NULL = none are told apart */
	struct source_error *damage;        /* owned, one for each file */
	size_t damage_count;
};

static void close_file(struct merge_file *f)
{
	capture_file_close(f->capture);
	f->capture = NULL;
	free(f->batch);
	f->batch = NULL;
	f->at = f->count = 0;
}

/* Ends a file, keeping what it told. */
static void finish_file(struct source *s, struct merge_file *f)
{
	const struct source_error *damage = capture_file_damage(f->capture);
	if (damage->text[0])
		s->damage[s->damage_count++] = *damage;
	f->done = capture_file_done(f->capture);
	f->dropped = capture_file_dropped(f->capture);
	close_file(f);
	f->finished = true;
}

/* What is said of the file goes before what is said of its interfaces. */
static void set_point(const struct source *s, const struct merge_file *f,
                      struct frame *frames, size_t count)
{
	const uint8_t point = s->points ? s->points->of_files[f->argument] : 0;
	for (size_t i = 0; point && i < count; i++)
		frames[i].point = point;
}

/* The next frames of a file into its batch; at its end the file is finished. */
static void get_frames(struct source *s, struct merge_file *f)
{
	f->at = 0;
	f->count = capture_file_next(f->capture, f->batch, MERGE_BATCH);
	set_point(s, f, f->batch, f->count);
	if (f->count == 0)
		finish_file(s, f);
}

static enum status open_file(struct source *s, struct merge_file *f,
                             struct source_error *error)
{
	const enum status status =
	        capture_file_open(f->path, &s->interfaces, &f->capture, error);
	if (status != OK)
		return status;
	f->size = capture_file_size(f->capture);
	if (s->points)
		capture_file_set_points(f->capture, &s->points->interfaces);
	if (s->file_count == 1)
		return OK;
	f->batch = malloc(MERGE_BATCH * sizeof *f->batch);
	if (f->batch)
		return OK;
	snprintf(error->text, sizeof error->text, "%s: memory ran out", f->path);
	return ERR_NOMEM;
}

/* Looks at the first frame, then closes what can be opened again. */
static enum status preview_file(struct source *s, struct merge_file *f,
                                struct source_error *error)
{
	const enum status status = open_file(s, f, error);
	if (status != OK)
		return status;
	get_frames(s, f);
	f->first_at = f->count ? f->batch[0].at : NSTIME_NEVER;
	if (f->finished || !capture_file_is_regular(f->capture))
		return OK;
	close_file(f);
	return OK;
}

/* A file's turn has come.  One that has vanished meanwhile is damaged at its first frame.
 */
static void begin_file(struct source *s, struct merge_file *f)
{
	if (f->capture || f->finished)
		return;
	if (open_file(s, f, &s->damage[s->damage_count]) == OK) {
		get_frames(s, f);
		return;
	}
	s->damage_count++;
	close_file(f);
	f->finished = true;
}

static int compare_files(const void *left, const void *right)
{
	const struct merge_file *a = left, *b = right;
	if (a->first_at != b->first_at)
		return a->first_at < b->first_at ? -1 : 1;
	return a->argument < b->argument ? -1 : 1;
}

static enum status open_all(struct source *s, char *const *paths,
                            struct source_error *error)
{
	bool stdin_taken = false;
	enum status failed = OK;
	for (size_t i = 0; i < s->file_count; i++) {
		struct merge_file *f = &s->files[i];
		f->argument = i;
		f->path = strdup(paths[i]);
		if (!f->path)
			return ERR_NOMEM;
		const bool is_stdin = strcmp(f->path, "-") == 0;
		if (is_stdin && stdin_taken) {
			snprintf(error->text, sizeof error->text,
			         "-: standard input can be read only once");
			return ERR_UNSUPPORTED;
		}
		stdin_taken |= is_stdin;
		const enum status status = s->file_count == 1 ? open_file(s, f, error)
		                                              : preview_file(s, f, error);
		if (status == OK)
			continue;
		if (status == ERR_NOMEM || s->file_count == 1)
			return status;
		/* The others are read all the same; the newest of a rotation may be empty.
		 */
		close_file(f);
		f->finished = true;
		f->first_at = NSTIME_NEVER;
		s->damage[s->damage_count++] = *error;
		failed = status;
	}
	if (s->damage_count == s->file_count)
		return failed;
	error->text[0] = '\0';
	qsort(s->files, s->file_count, sizeof *s->files, compare_files);
	return OK;
}

enum status source_open_points(char *const *paths, size_t count,
                               const struct source_points *points, struct source **out,
                               struct source_error *error)
{
	error->text[0] = '\0';
	struct source *s = calloc(1, sizeof *s);
	if (!s)
		return ERR_NOMEM;
	enum status status = ERR_NOMEM;
	s->points = points;
	s->files = calloc(count ? count : 1, sizeof *s->files);
	s->damage = calloc(count ? count : 1, sizeof *s->damage);
	if (s->files && s->damage) {
		s->file_count = count;
		status = open_all(s, paths, error);
	}
	if (status != OK) {
		if (!error->text[0])
			snprintf(error->text, sizeof error->text, "%s", "memory ran out");
		source_close(s);
		return status;
	}
	*out = s;
	return OK;
}

enum status source_open_files(char *const *paths, size_t count, struct source **out,
                              struct source_error *error)
{
	return source_open_points(paths, count, NULL, out, error);
}

void source_read_into(struct source *s, const struct source_room *room)
{
	if (s->file_count == 1 && s->files[0].capture)
		capture_file_read_into(s->files[0].capture, room);
}

static size_t next_of_single(struct source *s, struct frame *frames, size_t max)
{
	struct merge_file *f = &s->files[0];
	if (f->finished)
		return 0;
	const size_t n = capture_file_next(f->capture, frames, max);
	set_point(s, f, frames, n);
	if (n == 0)
		finish_file(s, f);
	return n;
}

/* The open file whose next frame is the earliest; the first of equals.  NULL: none left. */
static struct merge_file *earliest(struct source *s, nstime *until)
{
	struct merge_file *best = NULL;
	*until = NSTIME_NEVER;
	for (size_t i = s->open_from; i < s->open_to; i++) {
		struct merge_file *f = &s->files[i];
		if (f->finished)
			continue;
		const nstime at = f->batch[f->at].at;
		if (!best || at < best->batch[best->at].at) {
			if (best && best->batch[best->at].at < *until)
				*until = best->batch[best->at].at;
			best = f;
		} else if (at < *until) {
			*until = at;
		}
	}
	return best;
}

/* Opens every file whose first frame is due before or at the earliest open one. */
static struct merge_file *choose(struct source *s, nstime *until)
{
	for (;;) {
		struct merge_file *best = earliest(s, until);
		struct merge_file *waiting =
		        s->open_to < s->file_count ? &s->files[s->open_to] : NULL;
		if (!waiting)
			return best;
		if (best && best->batch[best->at].at < waiting->first_at) {
			if (waiting->first_at < *until)
				*until = waiting->first_at;
			return best;
		}
		begin_file(s, waiting);
		s->open_to++;
	}
}

/* Files whose batch went out to its end in the last call read on. */
static void fetch_used_up(struct source *s)
{
	for (size_t i = s->open_from; i < s->open_to; i++) {
		struct merge_file *f = &s->files[i];
		if (!f->finished && f->at == f->count)
			get_frames(s, f);
	}
	while (s->open_from < s->open_to && s->files[s->open_from].finished)
		s->open_from++;
}

/*
 * Frames of the earliest file go out until another's turn comes.  A file that reads on
 * takes back the bytes of the frames it gave: so one whose batch is used up ends ours.
 */
static size_t next_of_merge(struct source *s, struct frame *frames, size_t max)
{
	size_t n = 0;
	nstime until;
	fetch_used_up(s);
	while (n < max) {
		struct merge_file *f = choose(s, &until);
		if (!f)
			break;
		do {
			frames[n] = f->batch[f->at++];
			frames[n++].number = ++s->frames;
		} while (n < max && f->at < f->count && f->batch[f->at].at < until);
		if (f->at == f->count)
			break;
	}
	return n;
}

enum status source_next(struct source *s, struct frame *frames, size_t max, size_t *count)
{
	*count = s->file_count == 1 ? next_of_single(s, frames, max)
	                            : next_of_merge(s, frames, max);
	return OK;
}

const struct source_error *source_damage(const struct source *s, size_t index)
{
	return index < s->damage_count ? &s->damage[index] : NULL;
}

void source_progress(const struct source *s, uint64_t *done, uint64_t *total)
{
	bool known = true;
	*done = *total = 0;
	for (size_t i = 0; i < s->file_count; i++) {
		const struct merge_file *f = &s->files[i];
		*done += f->capture ? capture_file_done(f->capture) : f->done;
		*total += f->size;
		known &= f->size > 0;
	}
	if (!known)
		*total = 0;
}

uint64_t source_dropped(const struct source *s)
{
	uint64_t dropped = 0;
	for (size_t i = 0; i < s->file_count; i++) {
		const struct merge_file *f = &s->files[i];
		dropped += f->capture ? capture_file_dropped(f->capture) : f->dropped;
	}
	return dropped;
}

void source_close(struct source *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->file_count; i++) {
		close_file(&s->files[i]);
		free(s->files[i].path);
	}
	free(s->files);
	free(s->damage);
	free(s);
}
