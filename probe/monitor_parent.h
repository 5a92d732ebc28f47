/*
 * monitor_parent.h - the parent's state, and what its three files ask of each other:
 *
 *   monitor_start.c  starts the children, and links them with one another
 *   monitor_hear.c   hears signals, the children, their deaths, and who asks for the status
 *   monitor.c        does what the time has come for, and the end in order: the loop
 */
#ifndef EARSHOT_PROBE_MONITOR_PARENT_H
#define EARSHOT_PROBE_MONITOR_PARENT_H

#include "probe/monitor.h"
#include "probe/monitor_child.h"
#include "probe/monitor_interfaces.h"
#include "probe/monitor_listen.h"
#include "probe/monitor_receivers.h"
#include "probe/monitor_watch.h"
#include "schema/store_live.h"
#include "web/buffer.h"

struct parent {
	const struct monitor_options *options; /* as it was started */
	struct monitor_options now; /* with `config`, and interfaces in their places */
	/* What of these is the configuration's, which does not live as long. */
	char bpf[CAPTURE_FILTER], hep[CAPTURE_LABEL], captures[CAPTURE_LABEL];
	struct buffer stays;   /* keys of which only a restart takes what they say now */
	struct config *config; /* owned; that was read last; NULL: once alone */
	struct child engine, keeper;
	struct child notifier;
	struct child retiring; /* an engine that was told to end, while the next one runs */
	struct interfaces interfaces;
	struct listening listening;
	struct receiving receiving;
	struct watching watch; /* in place of interfaces, if options->watch */
	bool unnoticed;        /* keeper and notifier have no pair yet */
	bool unlinked;         /* engine and keeper have no record stream yet */
	bool announced;        /* all is up, and it was said so */
	bool stopping, failed;
	int signals, status;                   /* the latter: socket; -1 = none */
	nstime started, watchdog, next_notice; /* monotonic; a length; monotonic */
	nstime next_health;                    /* monotonic */
	nstime end_by;            /* monotonic; of all; 0 = nobody was told to end */
	nstime gap_at, gap_until; /* wall clock; of the engine, else of the keeper */
	enum live_what gap;
	uint32_t gap_lost; /* frames */
};

/*
 * monitor_start.c.  In the child these do not return.  One that cannot be started is tried
 * again after a while.
 */
void parent_start_keeper(struct parent *p);
void parent_start_notifier(struct parent *p);
/* On the interfaces, which are opened for it; over a folder, once it is planned. */
void parent_start_engine(struct parent *p);

/*
 * Where one is needed, and both are there to have it: a new record stream between engine
 * and keeper; between keeper and notifier a pair for messages and for what was delivered.
 */
void parent_link_children(struct parent *p);
void parent_link_notifier(struct parent *p);

/* monitor_hear.c.  Whatever there is to be heard, without waiting. */
void parent_hear_signals(struct parent *p);
void parent_hear_child(struct parent *p, struct child *child);
/* What waited for the next engine, and cannot be its own: the keeper is told. */
void parent_settle_rest(struct parent *p);
/* Children that have died. */
void parent_reap(struct parent *p);
/* Answers who is connected to the status socket. */
void parent_tell_status(struct parent *p);
/* An event for the keeper to write down; subject: what it befell. */
void parent_tell_event(struct parent *p, enum live_what what, nstime at,
                       const char *subject);

#endif
