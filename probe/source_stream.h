/*
 * source_stream.h - frames of a capture that somebody else makes and sends on: pcap or
 * pcapng over a connection or through a pipe, as by `tcpdump -U -w - | nc`.
 *
 * It comes from outside and belongs to the source from then on; nothing blocks.
 */
#ifndef EARSHOT_PROBE_SOURCE_STREAM_H
#define EARSHOT_PROBE_SOURCE_STREAM_H

#include "probe/source_clock.h"
#include "probe/source_live.h"

struct stream_source;

/* number: of the interface, in its frames.  ERR_NOMEM: the descriptor stays the caller's.
 */
MUST_CHECK enum status stream_source_new(int fd, uint16_t number,
                                         struct stream_source **out);
void stream_source_close(struct stream_source *source); /* NULL is fine */

int stream_source_fd(const struct stream_source *source);

/*
 * Frames that are there now, at times that can be believed; borrowed until the next call.
 * ERR_NOT_FOUND: it is over, `error` says how.
 */
MUST_CHECK enum status stream_source_next(struct stream_source *source,
                                          struct frame frames[LIVE_BATCH], size_t *count,
                                          nstime now, char error[LIVE_ERROR_SIZE]);

struct source_clock *stream_source_clock(struct stream_source *source);

#endif
