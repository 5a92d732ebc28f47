#include "probe/source_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/source_pcap.h"
#include "probe/source_pcapng.h"

enum { WINDOW_BYTES = 2 * FORMAT_WINDOW_MAX, READ_BYTES = 128 * 1024, HEADER_BYTES = 24 };

struct stream_source {
	int fd;
	uint16_t number;
	uint8_t *window; /* owned, WINDOW_BYTES; [begin, end) is to be parsed */
	size_t begin, end;
	bool opened, is_pcapng, ended;
	struct pcap_format pcap;
	struct pcapng_format pcapng;
	struct format_state state;
	uint32_t interfaces;
	struct source_clock clock;
};

enum status stream_source_new(int fd, uint16_t number, struct stream_source **out)
{
	struct stream_source *s = calloc(1, sizeof *s);
	if (!s)
		return ERR_NOMEM;
	s->window = malloc(WINDOW_BYTES);
	if (!s->window) {
		free(s);
		return ERR_NOMEM;
	}
	s->fd = fd;
	s->number = number;
	s->state.interfaces = &s->interfaces;
	*out = s;
	return OK;
}

void stream_source_close(struct stream_source *source)
{
	if (!source)
		return;
	pcapng_format_close(&source->pcapng);
	close(source->fd);
	free(source->window);
	free(source);
}

int stream_source_fd(const struct stream_source *source)
{
	return source->fd;
}

struct source_clock *stream_source_clock(struct stream_source *source)
{
	return &source->clock;
}

static struct span window_of(const struct stream_source *s)
{
	return (struct span){ s->window + s->begin, s->end - s->begin };
}

static void skip(struct stream_source *s)
{
	const uint64_t here = s->end - s->begin;
	const uint64_t n = s->state.skip < here ? s->state.skip : here;
	s->begin += (size_t)n;
	s->state.skip -= n;
}

/* Nothing of the window is borrowed any more. */
static void refill(struct stream_source *s)
{
	if (s->begin > 0)
		memmove(s->window, s->window + s->begin, s->end - s->begin);
	s->end -= s->begin;
	s->begin = 0;
	const size_t room = WINDOW_BYTES - s->end;
	const ssize_t got =
	        read(s->fd, s->window + s->end, room < READ_BYTES ? room : READ_BYTES);
	if (got > 0)
		s->end += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		s->ended = true;
}

/* OK, ERR_TRUNCATED: more has to come; others: it is no capture. */
static enum status recognise(struct stream_source *s)
{
	struct span window = window_of(s);
	if (window.len < HEADER_BYTES)
		return ERR_TRUNCATED;
	enum status status = pcap_format_open(&window, &s->state, &s->pcap);
	s->begin = s->end - window.len;
	if (status == ERR_MALFORMED) {
		status = pcapng_format_open(window, &s->pcapng);
		s->is_pcapng = status == OK;
	}
	s->opened = status == OK;
	return status;
}

static size_t parse(struct stream_source *s, struct frame *frames)
{
	struct span window = window_of(s);
	const size_t count = s->is_pcapng
	                             ? pcapng_format_frames(&s->pcapng, &window, &s->state,
	                                                    frames, LIVE_BATCH)
	                             : pcap_format_frames(&s->pcap, &window, &s->state,
	                                                  frames, LIVE_BATCH);
	s->begin = s->end - window.len;
	return count;
}

static enum status fail(char *error, const char *why)
{
	snprintf(error, LIVE_ERROR_SIZE, "%s", why);
	return ERR_NOT_FOUND;
}

enum status stream_source_next(struct stream_source *s, struct frame frames[LIVE_BATCH],
                               size_t *count, nstime now, char error[LIVE_ERROR_SIZE])
{
	*count = 0;
	if (!s->ended)
		refill(s);
	if (!s->opened) {
		const enum status status = recognise(s);
		if (status != OK && status != ERR_TRUNCATED)
			return fail(error, "it is no capture (pcap or pcapng)");
		if (!s->opened)
			return s->ended ? fail(error, "it ended before it began") : OK;
	}
	skip(s);
	*count = s->state.skip ? 0 : parse(s, frames);
	for (size_t i = 0; i < *count; i++) {
		frames[i].interface = s->number;
		frames[i].at = source_clock_take(&s->clock, frames[i].at, now);
	}
	if (*count > 0)
		return OK;
	if (s->state.fault[0])
		return fail(error, s->state.fault);
	return s->ended ? fail(error, "it has ended") : OK;
}
