/*
 * notify_http.h - one POST after the other to a receiver (RFC 9112), each by a connection
 * of its own, which notify_stream.h has.
 *
 * Not by libcurl: that of Debian 12 (7.88) calls connect() on a socket of which it was told
 * that it is connected, and a process that may call connect() can go anywhere.  So this
 * sends what is always the same, and reads a status, Retry-After in seconds or as a date
 * (RFC 9110 sections 10.2.3 and 5.6.7), and what the receiver says to people; redirects are
 * answers like any other.
 *
 * With a secret, X-Earshot-Signature is "sha256=" and the HMAC-SHA256, in hex, of
 * X-Earshot-Timestamp (seconds since 1970), a full stop and the body.
 */
#ifndef EARSHOT_PROBE_NOTIFY_HTTP_H
#define EARSHOT_PROBE_NOTIFY_HTTP_H

#include "probe/notify_stream.h"
#include "web/buffer.h"

enum {
	HTTP_SAID = 120,      /* octets of an answer's body that are kept, for people */
	HTTP_ANSWER = 16384,  /* of its head, and what is kept */
	HTTP_LINE_FILE = 512, /* of the line of a file */
};

struct http_answer {
	unsigned int code; /* 200 to 599 */
	nstime after;      /* Retry-After: from now; 0: none, or over */
	char said[HTTP_SAID + 1];
};

/* Of what has come; closed: nothing more will.  ERR_NOT_FOUND: more has to come.
 * ERR_MALFORMED: it is no answer.  now: wall clock. */
MUST_CHECK enum status http_answer_read(struct text bytes, bool closed, nstime now,
                                        struct http_answer *out);

struct notify_http {
	const struct receiver *receiver;                            /* borrowed */
	char secret[HTTP_LINE_FILE], authorization[HTTP_LINE_FILE]; /* "": none */
	struct buffer out;                                          /* owned */
	size_t taken;                                               /* of it */
	char in[HTTP_ANSWER];
	size_t in_len;
	bool posting;
};

/* Reads the files of the receiver; *out is NULL if it is none of HTTP.  ERR_IO: *error says
 * which file cannot be read; ERR_NOMEM. */
MUST_CHECK enum status notify_http_new(const struct receiver *receiver,
                                       struct notify_http **out,
                                       char error[NOTIFY_ERROR_SIZE]);
void notify_http_free(struct notify_http *http); /* NULL is fine */

/* now: wall clock.  ERR_NOMEM. */
MUST_CHECK enum status notify_http_post(struct notify_http *http, struct text body,
                                        uint64_t delivery, nstime now);
/* Nothing more of it. */
void notify_http_stop(struct notify_http *http);

/*
 * Moves what can be moved.  OK: there is an answer.  ERR_NOT_FOUND: not yet.  ERR_IO: there
 * is none, stream->error says why.  `late`: what has not come will not come; now: wall
 * clock.
 */
MUST_CHECK enum status notify_http_work(struct notify_http *http,
                                        struct notify_stream *stream, bool late, nstime now,
                                        struct http_answer *out);

#endif
