/*
 * monitor.c - the parent's loop: what the time has come for, and the end in order.
 */
#include "probe/monitor.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/monitor_health.h"
#include "probe/monitor_parent.h"
#include "probe/monitor_status.h"
#include "probe/sandbox_files.h"
#include "probe/service_notify.h"

enum { LOOK_MS = 250 }; /* how often interfaces are looked at */
#define CLOCK_AFTER (600 * NS_PER_SEC)
/* Of an engine in whose place another one listens already. */
#define RETIRING_END (20 * NS_PER_SEC)

/* There is a handle that can only be inherited, or there are to be other threads. */
static void renew_engine(struct parent *p)
{
	if (p->retiring.pid || !p->engine.ready)
		return;
	p->retiring = p->engine;
	p->retiring.name = "engine";
	p->engine.pid = 0;
	p->engine.control = -1;
	p->engine.ready = false;
	child_stop(&p->retiring, monitor_clock() + RETIRING_END);
	interfaces_release(&p->interfaces);
	parent_start_engine(p);
}

static void look_at_interfaces(struct parent *p)
{
	const char *name;
	bool up;
	while ((name = interfaces_changed(&p->interfaces, &up)))
		parent_tell_event(p, up ? LIVE_INTERFACE_BACK : LIVE_INTERFACE_GONE,
		                  monitor_now(), name);
	if (p->engine.ready && p->engine.control >= 0 &&
	    interfaces_hand_over(&p->interfaces, p->engine.control))
		renew_engine(p);
}

static void tell_health(struct parent *p)
{
	if (!p->keeper.ready || p->keeper.control < 0 || monitor_clock() < p->next_health)
		return;
	monitor_tell_health(p->keeper.control, &p->interfaces, p->engine.pid,
	                    p->keeper.pid);
	/* Whoever keeps the clock needs some minutes, too. */
	if (monitor_clock() - p->started >= CLOCK_AFTER)
		monitor_tell_clock(p->keeper.control);
	p->next_health = monitor_clock() + MONITOR_HEALTH_EVERY;
}

static void notice_service(struct parent *p)
{
	if (!p->watchdog || monitor_clock() < p->next_notice)
		return;
	service_notify("WATCHDOG=1");
	p->next_notice = monitor_clock() + p->watchdog / 3;
}

static void keep_alive(struct parent *p)
{
	const nstime now = monitor_clock();
	if (!p->keeper.pid && now >= p->keeper.restart_at)
		parent_start_keeper(p);
	/* The first engine waits until it is sure that its records can be kept. */
	if (!p->engine.pid && p->keeper.was_ever && now >= p->engine.restart_at)
		parent_start_engine(p);
	if (!p->options->watch)
		look_at_interfaces(p);
	if (p->engine.ready)
		listening_work(&p->listening, &p->engine);
	parent_link_children(p);
	if (p->now.config->notify.count && p->now.notifier.uid && !p->notifier.pid &&
	    p->keeper.was_ever && now >= p->notifier.restart_at)
		parent_start_notifier(p);
	parent_link_notifier(p);
	if (p->options->watch)
		watching_work(&p->watch, &p->engine, &p->keeper);
	child_kill_late(&p->retiring);
	child_kill_silent(&p->engine);
	child_kill_silent(&p->keeper);
	child_kill_silent(&p->notifier);
	child_kill_late(&p->notifier);
}

static nstime earlier(nstime a, nstime b)
{
	return a < b ? a : b;
}

static void end_engine(struct parent *p)
{
	const nstime until = earlier(monitor_clock() + MONITOR_ENGINE_END,
	                             p->end_by - MONITOR_KEEPER_END);
	const struct control ending = { .kind = CONTROL_ENDING };
	if (!p->engine.kill_at && p->keeper.control >= 0 &&
	    control_send(p->keeper.control, &ending, -1) != OK)
		warnx("keeper: does not listen");
	child_stop(&p->engine, until);
	if (p->retiring.pid)
		p->retiring.kill_at = earlier(p->retiring.kill_at, until);
}

/* Engine first, for the keeper has to hear it out.  True: all are gone. */
static bool end_all(struct parent *p)
{
	if (p->engine.pid || p->retiring.pid) {
		end_engine(p);
		child_kill_late(&p->engine);
		child_kill_late(&p->retiring);
		return false;
	}
	child_stop(&p->keeper, p->end_by - MONITOR_NOTIFIER_END);
	child_kill_late(&p->keeper);
	if (p->keeper.pid)
		return false;
	child_stop(&p->notifier, p->end_by);
	child_kill_late(&p->notifier);
	return !p->notifier.pid;
}

static void wait_for_news(struct parent *p)
{
	/* poll passes over a descriptor of -1. */
	struct pollfd polled[7 + LISTEN_POLLS + RECEIVERS] = {
		{ .fd = p->signals, .events = POLLIN },
		{ .fd = p->status, .events = POLLIN },
		{ .fd = watch_folder_fd(&p->watch.folder), .events = POLLIN }
	};
	const int controls[] = { p->engine.control, p->keeper.control, p->notifier.control,
		                 p->retiring.control };
	nfds_t count = 3;
	for (size_t i = 0; i < ARRAY_LEN(controls); i++)
		polled[count++] = (struct pollfd){ .fd = controls[i], .events = POLLIN };
	count += receiving_poll(&p->receiving, polled + count);
	count += listening_poll(&p->listening, polled + count);
	int ms = LOOK_MS;
	const struct child *const children[] = { &p->engine, &p->keeper };
	for (size_t i = 0; i < ARRAY_LEN(children); i++) {
		const int wait = monitor_wait_ms(children[i]->restart_at);
		/* One whose time has come waits for something else. */
		if (!children[i]->pid && !p->stopping && wait > 0 && wait < ms)
			ms = wait;
	}
	if (poll(polled, count, ms) < 0 && errno != EINTR)
		warn("poll");
}

static bool catch_signals(struct parent *p)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		sigaddset(&set, caught[i]);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGIO, SIG_IGN); /* somebody writes to a file that we just looked at */
	p->signals = sigprocmask(SIG_BLOCK, &set, NULL)
	                     ? -1
	                     : signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signals >= 0;
}

/* It reads what it likes, but writes nothing except where the keeper does, and the socket.
 */
static bool confine(const struct monitor_options *options)
{
	static char folders[2][PATH_MAX];
	struct sandbox_files files = { .reads = true };
	if (sandbox_folder_of(options->db, folders[0], sizeof folders[0]))
		files.writes[0] = folders[0];
	if (options->status &&
	    sandbox_folder_of(options->status, folders[1], sizeof folders[1]))
		files.writes[1] = folders[1];
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    sandbox_confine_files(&files) == OK)
		return true;
	warn("files cannot be confined");
	return options->insecure;
}

/* False: it cannot even begin. */
static bool begin(struct parent *p)
{
	if (!confine(p->options))
		return false;
	if (!catch_signals(p)) {
		warn("signals");
		return false;
	}
	interfaces_init(&p->interfaces, &p->now);
	watching_init(&p->watch, p->options);
	if (!listening_open(&p->listening, &p->now))
		p->failed = p->stopping = true;
	p->status = p->options->status ? status_listen(p->options->status) : -1;
	receiving_init(&p->receiving, &p->now);
	p->watchdog = service_watchdog();
	p->started = monitor_clock();
	return true;
}

static void hear_all(struct parent *p)
{
	parent_hear_signals(p);
	parent_tell_status(p);
	parent_hear_child(p, &p->engine);
	parent_hear_child(p, &p->keeper);
	parent_hear_child(p, &p->notifier);
	parent_hear_child(p, &p->retiring);
	receiving_hear(&p->receiving, p->notifier.control);
	parent_reap(p);
}

/* Until it was told to stop, and all have ended. */
static void work(struct parent *p)
{
	for (;;) {
		if (p->failed && !p->announced)
			p->stopping = true;
		if (p->stopping && !p->end_by)
			p->end_by = monitor_clock() + MONITOR_END;
		if (!p->stopping ||
		    watching_is_catching_up(&p->watch, &p->engine, p->unlinked))
			keep_alive(p);
		else if (end_all(p))
			return;
		wait_for_news(p);
		hear_all(p);
		notice_service(p);
		tell_health(p);
	}
}

static void clean_up(struct parent *p)
{
	interfaces_free(&p->interfaces);
	watching_free(&p->watch);
	listening_close(&p->listening);
	receiving_free(&p->receiving);
	close(p->signals);
	if (p->status >= 0) {
		close(p->status);
		unlink(p->options->status);
	}
	config_free(p->config);
	buffer_free(&p->stays);
}

int monitor_run(const struct monitor_options *options)
{
	struct parent p = {
		.options = options,
		.now = *options,
		.engine = { .name = "engine", .control = -1 },
		.keeper = { .name = "keeper", .control = -1 },
		.notifier = { .name = "notifier", .control = -1 },
		.retiring = { .name = "engine", .control = -1 },
		.status = -1,
	};
	if (!begin(&p))
		return EXIT_FAILURE;
	work(&p);
	clean_up(&p);
	return p.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
