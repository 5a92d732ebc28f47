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
#include "analyzer/base/endpoint.h"
#include "analyzer/base/status.h"
#include "schema/store_watch.h"

enum control_kind {
	CONTROL_NONE,
	/* to both */
	CONTROL_LINK, /* the record stream; to the keeper with the gap since the last */
	CONTROL_STOP, /* end in order, before it is killed at `until`, by monitor_clock */
	CONTROL_NOTICES, /* to keeper and notifier: the pair between them */
	CONTROL_CONFIG,  /* a file to read the configuration from, whose digest is
	                  * `counts[0]`;  `number`: there are other receivers */
	/* to engine and keeper */
	CONTROL_INTERFACE, /* `number` is called `text`; to the keeper `what`: it is given
	                    * up; to the engine with sockets, one a message, of
	                    * packet_ring.h: `what` is how many are still to come, `at` from
	                    * when on its frames count, `counts` its shape, how many, and
	                    * their place in the ledger. Without: it is listened to no more
	                    */
	/* to the engine */
	CONTROL_FILE,    /* of the watched folder, `step`, open; place 0: it is a new one */
	CONTROL_STREAM,  /* a socket, connection or pipe: `number` is enum stream_kind, from
	                  * `peer`, called `text`; a socket of datagrams takes the place of
	                  * the one before, and without one that is given up, too */
	CONTROL_SETTLED, /* there are no more of them now */
	/* to the keeper */
	CONTROL_HEALTH, /* `counts`: of interface `number` what it dropped; of LIVE_SOURCES,
	                 * memory of each process */
	CONTROL_CLOCK,  /* this machine's may be off by `counts[0]` ms */
	CONTROL_LAST,   /* of an engine that died, `counts`: of interface `number` frames
	                 * that it analysed, that the kernel dropped, and that were lost with
	                 * it; of LIVE_SOURCES, its frames, and what became of them */
	CONTROL_EVENT,  /* `what` befell `text` */
	CONTROL_STATUS, /* a connection: the rest of the status goes there, and the end */
	CONTROL_PLAN,   /* where can a run over the folder go on?  How to answer: below */
	CONTROL_REOPEN, /* there, from the file `number` of it on: answered by the same */
	CONTROL_KNOW,   /* is `step.file` read already? answered by the same: its id, and
	                 * `number`: it is */
	CONTROL_RELOAD, /* certificate and access log of the web */
	CONTROL_GIVE_UP, /* the engine dies of the file `step.id` */
	CONTROL_ENDING,  /* the engine was told to end, and must be heard out soon */
	/* to the notifier */
	CONTROL_RECEIVER, /* a socket of receiver `number`; without one: not now, for that
	                   * `text` */
	/* from the notifier */
	CONTROL_WANTED, /* a socket of receiver `number` */
	/* from all */
	CONTROL_READY, /* nothing can fail any more for want of a right */
	CONTROL_ALIVE, /* it does its work: once a second */
	/* from the engine */
	CONTROL_GONE,         /* interface `number` has gone, `text` says how */
	CONTROL_STREAM_BEGUN, /* a capture that is sent on, in place `number`, called `text`
	                       */
	CONTROL_STREAM_ENDED, /* likewise; `text` says why */
	CONTROL_TOLD,         /* `what` befell `text`: for the keeper */
	CONTROL_FILE_BEGUN,   /* `step.id` */
	CONTROL_FILE_READ,    /* likewise; it is closed */
	CONTROL_CAUGHT_UP,    /* it has read as far as what is kept: the run may go on */
	/* from the keeper */
	CONTROL_KEPT,       /* all is committed: what is left is to tidy up */
	CONTROL_BAD_ENGINE, /* what the engine sends is no record */
	CONTROL_PLAN_FILE,  /* one file of the run, `step`: the latest first */
	CONTROL_PLAN_END,   /* the answer ends; `number`: there is such a run, `plan` */
	CONTROL_KIND_COUNT
};

enum control_memory {
	CONTROL_MEMORY_PARENT,
	CONTROL_MEMORY_ENGINE,
	CONTROL_MEMORY_KEEPER,
	CONTROL_MEMORY_COUNT
};
enum { CONTROL_COUNTS = 5 };

enum stream_kind {
	STREAM_HEP_SOCKET, /* of datagrams */
	STREAM_HEP_CONNECTION,
	STREAM_CAPTURE,
	STREAM_KIND_COUNT
};

struct control {
	uint32_t kind;    /* enum control_kind */
	uint32_t number;  /* of the interface */
	uint32_t what;    /* enum live_what */
	nstime at, until; /* NSTIME_NONE: not known */
	char text[64];
	uint64_t counts[CONTROL_COUNTS];
	struct endpoint peer;
	struct watch_plan plan;
	struct watch_step step;
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
