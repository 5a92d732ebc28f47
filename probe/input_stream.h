/*
 * input_stream.h - the bytes of a capture file in order, from disk or standard input;
 * gzip (RFC 1952) and zstd (RFC 8878), told by their first bytes, are unpacked.
 */
#ifndef EARSHOT_PROBE_INPUT_STREAM_H
#define EARSHOT_PROBE_INPUT_STREAM_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

struct input_stream;

/* "-" is standard input.  ERR_IO: errno says why; ERR_NOMEM. */
MUST_CHECK enum status input_stream_open(const char *path, struct input_stream **out);

/* The same of a regular file that is open, read from its start.  It stays the caller's, and
 * must outlive the stream.  Opens nothing. */
MUST_CHECK enum status input_stream_borrow(int descriptor, struct input_stream **out);

/*
 * Up to `size` bytes into `to`; *got 0 with OK is the end.  ERR_IO: errno says why;
 * ERR_MALFORMED: the compressed data is damaged; ERR_TRUNCATED: it ends early.
 */
MUST_CHECK enum status input_stream_read(struct input_stream *stream, uint8_t *to,
                                         size_t size, size_t *got);

/* Bytes read so far and in all as they lie on disk; the size is 0 when it is not known. */
uint64_t input_stream_done(const struct input_stream *stream);
uint64_t input_stream_size(const struct input_stream *stream);

/* A regular file, which can be opened again from its start. */
bool input_stream_is_regular(const struct input_stream *stream);

void input_stream_close(struct input_stream *stream); /* NULL is fine */

#endif
