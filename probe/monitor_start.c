/* monitor_start.c - the parent starts its children, and has them talk to each other. */
#include "probe/monitor_parent.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/service_notify.h"

/* In the child: nothing of the parent's stays. */
static void become_child(struct parent *p, const char *name)
{
	close(p->signals);
	listening_close(&p->listening);
	if (p->status >= 0)
		close(p->status);
	child_forget_control(&p->engine);
	child_forget_control(&p->keeper);
	child_forget_control(&p->notifier);
	child_forget_control(&p->retiring);
	for (size_t i = 0;
	     strcmp(name, p->keeper.name) != 0 && i < p->options->web_fd_count; i++)
		close(p->options->web_fds[i]);
	child_become(name);
}

/* In the child 0; in the parent its pid; -1: it could not be started, and will be tried
 * again. */
static pid_t start(struct parent *p, struct child *child, int *control)
{
	const pid_t pid = child_fork(child, control);
	if (pid == 0) {
		become_child(p, child->name);
	} else if (pid < 0) {
		warn("%s", child->name);
		child_plan_restart(child);
	} else {
		p->unlinked |= child != &p->notifier;
		p->unnoticed |= child != &p->engine;
	}
	return pid;
}

void parent_start_keeper(struct parent *p)
{
	int control;
	if (start(p, &p->keeper, &control) == 0) {
		interfaces_free(&p->interfaces);
		watching_free(&p->watch);
		exit(monitor_keeper(&p->now, control));
	}
}

void parent_start_notifier(struct parent *p)
{
	int control;
	if (start(p, &p->notifier, &control) == 0) {
		interfaces_free(&p->interfaces);
		watching_free(&p->watch);
		exit(monitor_notifier(&p->now, control));
	}
}

/* It is given its files later. */
static void start_reading_engine(struct parent *p)
{
	struct live_source *none[LIVE_SOURCES] = { NULL };
	int control;
	if (p->watch.phase != WATCH_PLANNED)
		return;
	const pid_t pid = start(p, &p->engine, &control);
	if (pid == 0) {
		interfaces_forget(&p->interfaces);
		const struct watch_start start = p->watch.start;
		watching_free(&p->watch);
		exit(monitor_engine(p->options, none, NULL, &start, control));
	}
	if (pid > 0)
		watching_engine_started(&p->watch);
}

/* The handles are the child's alone from then on. */
static void start_listening_engine(struct parent *p)
{
	struct live_source *sources[LIVE_SOURCES];
	struct interfaces *interfaces = &p->interfaces;
	int control;
	parent_settle_rest(p);
	if (interfaces_begin(interfaces) != OK) {
		warnx("engine: memory ran out");
		child_plan_restart(&p->engine);
		return;
	}
	if (interfaces_open(&p->interfaces, sources) == 0 && !p->engine.was_ever &&
	    p->now.interface_count) {
		p->failed = true;
		child_plan_restart(&p->engine);
		return;
	}
	const nstime opened = monitor_now();
	const pid_t pid = start(p, &p->engine, &control);
	if (pid == 0) {
		interfaces_forget(interfaces);
		exit(monitor_engine(&p->now, sources, interfaces->ledger, NULL, control));
	}
	for (size_t i = 0; i < LIVE_SOURCES; i++)
		live_source_close(sources[i]);
	if (pid > 0 && p->engine.died) {
		p->gap = LIVE_ENGINE_GAP;
		p->gap_at = p->engine.died;
		p->gap_until = opened;
		p->engine.died = 0;
	}
}

void parent_start_engine(struct parent *p)
{
	if (p->options->watch)
		start_reading_engine(p);
	else
		start_listening_engine(p);
}

void parent_link_children(struct parent *p)
{
	struct control message = { .kind = CONTROL_LINK, .at = NSTIME_NONE };
	int ends[2];
	if (!p->unlinked || !p->engine.ready || !p->keeper.ready ||
	    (p->options->watch && p->watch.phase != WATCH_OPEN))
		return;
	if (control_stream_pair(ends) != OK) {
		warn("record stream");
		return;
	}
	enum status status = control_send(p->engine.control, &message, ends[0]);
	if (p->gap_at) {
		message.what = p->gap;
		message.at = p->gap_at;
		message.until = p->gap == LIVE_ENGINE_GAP ? p->gap_until : monitor_now();
		message.number = p->gap == LIVE_ENGINE_GAP ? p->gap_lost : 0;
	}
	if (status == OK)
		status = control_send(p->keeper.control, &message, ends[1]);
	close(ends[0]);
	close(ends[1]);
	if (status != OK)
		return; /* one of them is dead; that will be heard */
	p->unlinked = false;
	p->gap_at = 0;
	p->gap_lost = 0;
	if (!p->announced) {
		p->announced = true;
		fprintf(stderr, "earshot: listening\n");
		service_notify("READY=1");
	}
}

void parent_link_notifier(struct parent *p)
{
	const struct control message = { .kind = CONTROL_NOTICES };
	int ends[2];
	if (!p->unnoticed || !p->keeper.ready || !p->notifier.ready)
		return;
	if (control_pair(ends) != OK) {
		warn("notifier");
		return;
	}
	p->unnoticed = control_send(p->notifier.control, &message, ends[0]) != OK ||
	               control_send(p->keeper.control, &message, ends[1]) != OK;
	close(ends[0]);
	close(ends[1]);
}
