/*
 * monitor_listen.h - the parent's sockets for what is sent to the probe: HEP, and captures.
 * It binds and accepts; what comes in, the engine reads.
 */
#ifndef EARSHOT_PROBE_MONITOR_LISTEN_H
#define EARSHOT_PROBE_MONITOR_LISTEN_H

#include <poll.h>

#include "probe/monitor.h"
#include "probe/monitor_child.h"

enum { LISTEN_POLLS = 3 };

struct listening {
	const struct monitor_options *options;        /* borrowed: those of now */
	char hep[CAPTURE_LABEL], at[CAPTURE_LABEL];   /* where it does; empty: nowhere */
	int hep_datagrams, hep_connections, captures; /* sockets; -1 = none */
	int pipe;           /* open, until somebody writes; -1 = not */
	bool pipe_given;    /* the engine reads it */
	uint32_t pipe_slot; /* there */
	bool pipe_ended;    /* what cannot be opened again, standard input, has ended */
	nstime pipe_at;     /* monotonic; when to open it again */
};

/* False: an address cannot be bound, which was said. */
bool listening_open(struct listening *listening, const struct monitor_options *options);
void listening_close(struct listening *listening);
/* Its options say where to listen now.  An address that cannot be had is said, and the one
 * before stays. */
void listening_follow(struct listening *listening, const struct child *engine);

/* An engine that is new gets what the one before had. */
void listening_greet(struct listening *listening, const struct child *engine);
/* Connections that have come, and a pipe that somebody may write into again. */
void listening_work(struct listening *listening, const struct child *engine);
/* The engine says that it reads a capture of that name there; and that it has ended. */
void listening_begun(struct listening *listening, uint32_t slot, const char *name);
void listening_ended(struct listening *listening, uint32_t slot);

size_t listening_poll(const struct listening *listening,
                      struct pollfd polled[LISTEN_POLLS]);

/* "127.0.0.1:9060", "[::]:9060", ":9060" (everywhere).  False: it is none. */
bool listening_is_address(const char *text);

#endif
