/*
 * notify_stream.h - octets to a receiver and back: a socket, with TLS or without.
 *
 * The socket is another's gift and never blocks.  Certificates and keys are read once,
 * before the process gives up its files; who has no CA of its own is judged by those of the
 * system. What went wrong is kept in words for people.
 */
#ifndef EARSHOT_PROBE_NOTIFY_STREAM_H
#define EARSHOT_PROBE_NOTIFY_STREAM_H

#include <poll.h>
#include <sys/types.h>

#include "probe/notify.h"

enum { NOTIFY_ERROR_SIZE = 200 };

/* Whom a receiver's certificate has to be of, and what we show. */
struct notify_trust;

/* ERR_IO: *error says which file is none.  *out is NULL for a receiver without TLS. */
MUST_CHECK enum status notify_trust_new(const struct receiver *receiver,
                                        struct notify_trust **out,
                                        char error[NOTIFY_ERROR_SIZE]);
void notify_trust_free(struct notify_trust *trust);

struct notify_stream {
	int fd;                         /* owned; -1: none */
	struct gnutls_session_int *tls; /* owned; NULL: in clear */
	bool shaken;                    /* hands: octets of others may go */
	char error[NOTIFY_ERROR_SIZE];  /* the latest; "": none yet */
};

/* Takes the socket over; `trust` may be NULL, else it has to outlive the stream. */
void notify_stream_open(struct notify_stream *stream, int fd,
                        const struct notify_trust *trust);
/* Says goodbye where there is somebody to hear it. */
void notify_stream_close(struct notify_stream *stream);

/* How many octets were taken, or came; 0: none can be now; -1: it has failed, or ended, and
 * is closed. */
ssize_t notify_stream_send(struct notify_stream *stream, const char *from, size_t len);
ssize_t notify_stream_receive(struct notify_stream *stream, char *to, size_t size);

/* Events of poll to wait for; `writes`: there is something to send. */
short notify_stream_events(const struct notify_stream *stream, bool writes);

/* Keeps the words, cut to fit. */
__attribute__((format(printf, 2, 3))) void notify_stream_fail(struct notify_stream *stream,
                                                              const char *format, ...);

#endif
