/*
 * control.h - what the parent and its children tell each other: one message a packet of a
 * SOCK_SEQPACKET pair, with a descriptor where it takes one.
 *
 * A child knows by the end of its socket that the parent is gone.  What a child says is
 * checked like anything from outside: it can make the parent restart it, and no more.
 */
#ifndef EARSHOT_PROBE_CONTROL_H
#define EARSHOT_PROBE_CONTROL_H

#include "analyzer/base/clock.h"
#include "analyzer/base/status.h"

enum control_kind {
	CONTROL_NONE,
	/* to both */
	CONTROL_LINK, /* the record stream; to the keeper with the gap since the last */
	CONTROL_STOP, /* end in order */
	/* to the engine */
	CONTROL_CONFIG, /* a file to read the configuration from */
	/* to the keeper */
	CONTROL_EVENT,  /* `what` befell `text` */
	CONTROL_STATUS, /* a connection: the rest of the status goes there, and the end */
	/* from both */
	CONTROL_READY, /* nothing can fail any more for want of a right */
	CONTROL_ALIVE, /* it does its work: once a second */
	/* from the engine */
	CONTROL_GONE, /* interface `number` has gone, `text` says how */
	/* from the keeper */
	CONTROL_BAD_ENGINE, /* what the engine sends is no record */
	CONTROL_KIND_COUNT
};

struct control {
	uint32_t kind;    /* enum control_kind */
	uint32_t number;  /* of the interface */
	uint32_t what;    /* enum live_what */
	nstime at, until; /* NSTIME_NONE: not known */
	char text[64];
};

/* Both ends, close-on-exec.  ERR_IO. */
MUST_CHECK enum status control_pair(int ends[2]);
/* Both ends of a record stream, neither of which blocks.  ERR_IO. */
MUST_CHECK enum status control_stream_pair(int ends[2]);

/* fd: -1 = none; it stays the caller's.  Never waits: ERR_FULL; ERR_IO: the other end has
 * gone. */
MUST_CHECK enum status control_send(int socket, const struct control *message, int fd);

/*
 * The next message; *fd becomes the caller's, -1 = none came.  ERR_NOT_FOUND: there is none
 * now.  ERR_IO: the other end has gone.  ERR_MALFORMED: it is none of ours.
 */
MUST_CHECK enum status control_receive(int socket, struct control *message, int *fd);

#endif
