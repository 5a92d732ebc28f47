/*
 * source.h - where frames come from.  A source gives frames in batches; the bytes of a
 * batch stay valid until the next one is asked for.
 */
#ifndef EARSHOT_PROBE_SOURCE_H
#define EARSHOT_PROBE_SOURCE_H

#include "analyzer/base/status.h"
#include "probe/frame.h"

struct source;

/* What went wrong with one file: shown to the user as it is. */
struct source_error {
	char text[512]; /* "calls.pcap: packet 812: record longer than the file"; empty =
	                   none */
};

/*
 * Opens capture files: pcap (us and ns stamps, either byte order), pcapng, each plain,
 * gzip or zstd; "-" is standard input.  Several files are merged by time, so that a split
 * capture reads as the whole.  ERR_IO, ERR_MALFORMED or ERR_UNSUPPORTED with *error filled
 * when a file cannot be opened or is no capture at all.
 */
MUST_CHECK enum status source_open_files(char *const *paths, size_t count,
                                         struct source **out, struct source_error *error);

/* At which points of the network the files were captured (points.h); 0: not said. */
struct source_points {
	const uint8_t *of_files;            /* in the order of `paths`; borrowed */
	struct interface_points interfaces; /* in those of which it is not said */
};

/* The same, where points are told apart. */
MUST_CHECK enum status source_open_points(char *const *paths, size_t count,
                                          const struct source_points *points,
                                          struct source **out, struct source_error *error);

/*
 * Fills up to max frames; *count 0 with OK is the end.  A file that turns out damaged ends
 * there, the others go on; source_damage tells.
 */
MUST_CHECK enum status source_next(struct source *source, struct frame *frames, size_t max,
                                   size_t *count);

/* Memory that a source reads to, so that frames stay there and need not be copied. */
struct source_room {
	/*
	 * SOURCE_ROOM bytes.  Those that earlier calls gave are not written to any more:
	 * when they may be given again, he knows who lends them.
	 */
	uint8_t *(*next)(void *self);
	void *self;
};

enum { SOURCE_ROOM = 1024 * 1024 };

/*
 * Before the first frame: all will lie there (`stays`), if the source can do so; of several
 * files it cannot.  Copies *room.
 */
void source_read_into(struct source *source, const struct source_room *room);

/* The damage met so far (first of each file): index from 0, NULL past the last. */
const struct source_error *source_damage(const struct source *source, size_t index);

/* Bytes read so far and in all as they lie on disk, for a progress bar; total 0 = unknown.
 */
void source_progress(const struct source *source, uint64_t *done, uint64_t *total);

/* What pcapng interface statistics say was dropped before it was written (0 if nothing). */
uint64_t source_dropped(const struct source *source);

void source_close(struct source *source); /* NULL is fine */

#endif
