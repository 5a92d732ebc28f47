/*
 * extract_tcp.h - the segments of the TCP connections that carried a call's messages.
 *
 * A connection that carried nothing else, or WebSocket, is picked whole.  Of another one
 * the segments with the call's messages are; those between them are picked without their
 * data, so that the sequence stays unbroken and what others said stays at home.
 */
#ifndef EARSHOT_PROBE_EXTRACT_TCP_H
#define EARSHOT_PROBE_EXTRACT_TCP_H

#include "analyzer/model/limits.h"
#include "probe/extract_find.h"
#include "probe/extract_picks.h"
#include "probe/tcp_stream.h"

struct extract_tcp;

/* Borrows find, whose call has been chosen. */
MUST_CHECK enum status extract_tcp_new(const struct extract_find *find,
                                       const struct settings *settings,
                                       struct extract_tcp **out);

void extract_tcp_segment(struct extract_tcp *tcp, const struct frame *frame,
                         const struct decoded *segment);

/* The end of the input.  ERR_NOMEM: memory ran out now or before. */
MUST_CHECK enum status extract_tcp_finish(struct extract_tcp *tcp,
                                          struct extract_picks *picks);

void extract_tcp_free(struct extract_tcp *tcp); /* NULL is fine */

#endif
