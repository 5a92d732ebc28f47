/*
 * monitor_child.h - one child of the monitor: started, told to end, killed when it does not
 * or when it hangs, and when to start it again.
 */
#ifndef EARSHOT_PROBE_MONITOR_CHILD_H
#define EARSHOT_PROBE_MONITOR_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "analyzer/base/clock.h"

struct child {
	const char *name;
	pid_t pid;                              /* 0 = none */
	int control;                            /* -1 = none */
	bool ready;                             /* it has what it needs */
	bool was_ever;                          /* one before it had */
	bool kept;                              /* a keeper: nothing of it can be lost */
	nstime started, restart_at, restart_in; /* monotonic */
	nstime died;                            /* wall clock */
	nstime kill_at; /* monotonic; of one that was told to stop; 0 = not told */
	nstime heard;   /* monotonic */
	uint64_t restarts;
};

/* In the new process 0, with its end of the control pair; in the parent its pid; -1: it
 * could not be started. */
pid_t child_fork(struct child *child, int *control);

/* In the new process, after all that is the parent's was closed. */
void child_become(const char *name);

void child_forget_control(struct child *child);

/* By that status of waitpid it ended by itself and not in order: nobody has killed it. */
bool child_has_crashed(int status);

/* It has died, or could not be started: when to try again. */
void child_plan_restart(struct child *child);

/* In order; it is killed if that takes longer than until then, by monitor_clock. */
void child_stop(struct child *child, nstime until);
void child_kill_late(struct child *child);
/* One that says nothing for long is as good as dead. */
void child_kill_silent(struct child *child);

#endif
