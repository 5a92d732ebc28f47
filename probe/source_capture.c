#include "probe/source_capture.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/fetch.h"
#include "probe/input_stream.h"
#include "probe/source_pcap.h"
#include "probe/source_pcapng.h"

/*
 * The window holds the longest record twice; what is read at once is small enough to be
 * in the processor's cache still when it is parsed, with room left there for the streams.
 */
enum { WINDOW_BYTES = SOURCE_ROOM, READ_BYTES = 128 * 1024 };
static_assert((int)WINDOW_BYTES >= 2 * (int)FORMAT_WINDOW_MAX, "a record fits, twice");
enum { HEADER_BYTES_MAX = 64 };

struct capture_file {
	const char *path;           /* borrowed */
	struct input_stream *input; /* owned */
	uint8_t *own;               /* owned, WINDOW_BYTES; NULL: there is a room */
	struct source_room room;    /* next NULL: there is none */
	uint8_t *window;            /* one of both; [begin, end) is to be parsed */
	size_t begin, end;
	enum status input_status;
	int input_errno;
	bool input_end;
	bool is_pcapng;
	struct pcap_format pcap;
	struct pcapng_format pcapng;
	struct format_state state;
	struct source_error damage;
};

static const char *why_of(enum status status, int error_number)
{
	switch (status) {
	case ERR_IO:
		return strerror(error_number);
	case ERR_NOMEM:
		return "memory ran out";
	case ERR_TRUNCATED:
		return "the compressed data ends early";
	default:
		return "the compressed data is damaged";
	}
}

static struct span window_of(const struct capture_file *f)
{
	return (struct span){ f->window + f->begin, f->end - f->begin };
}

/*
 * Moves what is left to the front of `to`, which is the window from now on.  What begins a
 * cache line in the file comes to begin one here, too: the kernel copies it up to a third
 * faster.
 */
static void move_window(struct capture_file *f, uint8_t *to)
{
	const size_t left = f->end - f->begin;
	const uint64_t at = input_stream_done(f->input) - left;
	const size_t front = (size_t)(at - (uintptr_t)to) % CACHE_LINE;
	if (left > 0)
		memmove(to + front, f->window + f->begin, left);
	f->window = to;
	f->begin = front;
	f->end = front + left;
}

/* Reads behind what is left.  Of a room, what was given out is never written to again. */
static void refill(struct capture_file *f)
{
	size_t got = 0;
	if (!f->room.next)
		move_window(f, f->window);
	else if (f->begin >= READ_BYTES / 2)
		move_window(f, f->room.next(f->room.self));
	const size_t room = WINDOW_BYTES - f->end;
	f->input_status = input_stream_read(f->input, f->window + f->end,
	                                    room < READ_BYTES ? room : READ_BYTES, &got);
	if (f->input_status != OK) {
		f->input_errno = errno;
		got = 0;
	}
	f->end += got;
	f->input_end = got == 0;
}

/* Passes over bytes that nobody needs, as far as they are there. */
static void skip(struct capture_file *f)
{
	const uint64_t here = f->end - f->begin;
	const uint64_t n = f->state.skip < here ? f->state.skip : here;
	f->begin += (size_t)n;
	f->state.skip -= n;
}

static void refuse(const struct capture_file *f, const char *why,
                   struct source_error *error)
{
	snprintf(error->text, sizeof error->text, "%s: %s", f->path, why);
}

static enum status recognise(struct capture_file *f, struct source_error *error)
{
	while (!f->input_end && f->end - f->begin < HEADER_BYTES_MAX)
		refill(f);
	if (f->input_status != OK) {
		refuse(f, why_of(f->input_status, f->input_errno), error);
		return f->input_status == ERR_TRUNCATED ? ERR_MALFORMED : f->input_status;
	}
	struct span window = window_of(f);
	if (window.len == 0) {
		refuse(f, "the file is empty", error);
		return ERR_MALFORMED;
	}
	enum status status = pcap_format_open(&window, &f->state, &f->pcap);
	f->begin = f->end - window.len;
	if (status == ERR_MALFORMED) {
		status = pcapng_format_open(window, &f->pcapng);
		f->is_pcapng = status == OK;
	}
	if (status == ERR_MALFORMED)
		refuse(f, "not a capture file (pcap or pcapng)", error);
	else if (status == ERR_UNSUPPORTED)
		refuse(f, "a capture file of a version that is not known", error);
	else if (status == ERR_TRUNCATED)
		refuse(f, "the capture file ends inside its header", error);
	return status == ERR_TRUNCATED ? ERR_MALFORMED : status;
}

/* descriptor: -1 = it is opened by its path. */
static enum status open_capture(const char *path, int descriptor, uint32_t *interfaces,
                                struct capture_file **out, struct source_error *error)
{
	struct capture_file *f = calloc(1, sizeof *f);
	if (!f) {
		snprintf(error->text, sizeof error->text, "%s: memory ran out", path);
		return ERR_NOMEM;
	}
	f->path = path;
	f->state.interfaces = interfaces;
	enum status status = descriptor < 0 ? input_stream_open(path, &f->input)
	                                    : input_stream_borrow(descriptor, &f->input);
	if (status != OK) {
		refuse(f, why_of(status, errno), error);
		goto fail;
	}
	f->window = f->own = malloc(WINDOW_BYTES);
	if (!f->own) {
		status = ERR_NOMEM;
		refuse(f, why_of(status, 0), error);
		goto fail;
	}
	status = recognise(f, error);
	if (status != OK)
		goto fail;
	*out = f;
	return OK;
fail:
	capture_file_close(f);
	return status;
}

enum status capture_file_open(const char *path, uint32_t *interfaces,
                              struct capture_file **out, struct source_error *error)
{
	return open_capture(path, -1, interfaces, out, error);
}

enum status capture_file_borrow(int descriptor, const char *name, uint32_t *interfaces,
                                struct capture_file **out, struct source_error *error)
{
	return open_capture(name, descriptor, interfaces, out, error);
}

void capture_file_set_points(struct capture_file *file,
                             const struct interface_points *points)
{
	file->state.points = *points;
}

void capture_file_read_into(struct capture_file *file, const struct source_room *room)
{
	file->room = *room;
	file->state.frames_stay = true;
	move_window(file, room->next(room->self));
	free(file->own);
	file->own = NULL;
}

static size_t parse(struct capture_file *f, struct frame *frames, size_t max)
{
	struct span window = window_of(f);
	const size_t n =
	        f->is_pcapng
	                ? pcapng_format_frames(&f->pcapng, &window, &f->state, frames, max)
	                : pcap_format_frames(&f->pcap, &window, &f->state, frames, max);
	f->begin = f->end - window.len;
	return n;
}

static void note_damage(struct capture_file *f, const char *why)
{
	if (f->damage.text[0])
		return;
	snprintf(f->damage.text, sizeof f->damage.text, "%s: packet %llu: %s", f->path,
	         (unsigned long long)f->state.frames + 1, why);
}

/* The input has no more: was that at the end of a record? */
static void note_end(struct capture_file *f)
{
	if (f->input_status != OK)
		note_damage(f, why_of(f->input_status, f->input_errno));
	else if (f->begin < f->end || f->state.skip > 0)
		note_damage(f, "the record runs past the end of the file");
}

size_t capture_file_next(struct capture_file *f, struct frame *frames, size_t max)
{
	while (!f->damage.text[0]) {
		skip(f);
		const size_t n = f->state.skip ? 0 : parse(f, frames, max);
		if (f->state.fault[0])
			note_damage(f, f->state.fault);
		if (n > 0)
			return n;
		if (f->input_end) {
			note_end(f);
			return 0;
		}
		if (!f->damage.text[0])
			refill(f);
	}
	return 0;
}

const struct source_error *capture_file_damage(const struct capture_file *f)
{
	return &f->damage;
}

uint64_t capture_file_dropped(const struct capture_file *f)
{
	return f->is_pcapng ? pcapng_format_dropped(&f->pcapng) : 0;
}

uint64_t capture_file_done(const struct capture_file *f)
{
	return input_stream_done(f->input);
}

uint64_t capture_file_size(const struct capture_file *f)
{
	return input_stream_size(f->input);
}

bool capture_file_is_regular(const struct capture_file *f)
{
	return input_stream_is_regular(f->input);
}

void capture_file_close(struct capture_file *f)
{
	if (!f)
		return;
	pcapng_format_close(&f->pcapng);
	input_stream_close(f->input);
	free(f->own);
	free(f);
}
