/*
 * monitor.c - the parent: opens the interfaces, starts engine and keeper, starts them again
 * when they die, and ends them in order.
 */
#include "probe/monitor.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/monitor_child.h"
#include "probe/monitor_health.h"
#include "probe/monitor_interfaces.h"
#include "probe/monitor_listen.h"
#include "probe/monitor_receivers.h"
#include "probe/monitor_reload.h"
#include "probe/monitor_status.h"
#include "probe/monitor_watch.h"
#include "probe/sandbox_files.h"
#include "probe/service_notify.h"
#include "schema/store_live.h"

enum { LOOK_MS = 250 }; /* how often interfaces are looked at */
#define NOTIFIER_END NS_PER_SEC
#define CLOCK_AFTER (600 * NS_PER_SEC)
/* Of an engine in whose place another one listens already. */
#define RETIRING_END (20 * NS_PER_SEC)

struct parent {
	const struct monitor_options *options; /* as it was started */
	struct monitor_options now;            /* with `config` */
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
};

/* --- children ---------------------------------------------------------------------------
 */

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

static void start_keeper(struct parent *p)
{
	int control;
	if (start(p, &p->keeper, &control) == 0) {
		interfaces_forget(&p->interfaces);
		watching_free(&p->watch);
		exit(monitor_keeper(&p->now, control));
	}
}

static void start_notifier(struct parent *p)
{
	int control;
	if (start(p, &p->notifier, &control) == 0) {
		interfaces_forget(&p->interfaces);
		watching_free(&p->watch);
		exit(monitor_notifier(&p->now, control));
	}
}

/* A pair for messages and for what was delivered. */
static void link_notifier(struct parent *p)
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

static void tell_event(struct parent *p, enum live_what what, nstime at,
                       const char *subject)
{
	struct control event = {
		.kind = CONTROL_EVENT, .what = what, .at = at, .until = NSTIME_NONE
	};
	text_copy(event.text, sizeof event.text, text_from(subject));
	if (p->keeper.control >= 0 && control_send(p->keeper.control, &event, -1) != OK)
		warnx("keeper: does not listen");
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
		exit(monitor_engine(p->options, none, &start, control));
	}
	if (pid > 0)
		watching_engine_started(&p->watch);
}

/* The handles are the child's alone from then on. */
static void start_engine(struct parent *p)
{
	struct live_source *sources[LIVE_SOURCES];
	int control;
	if (interfaces_open(&p->interfaces, sources) == 0 && p->options->interface_count) {
		p->failed = !p->engine.was_ever;
		child_plan_restart(&p->engine);
		return;
	}
	const nstime opened = monitor_now();
	const pid_t pid = start(p, &p->engine, &control);
	if (pid == 0) {
		interfaces_forget(&p->interfaces);
		exit(monitor_engine(&p->now, sources, NULL, control));
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

/* A new record stream, once both are there to have it. */
static void link_children(struct parent *p)
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
	}
	if (status == OK)
		status = control_send(p->keeper.control, &message, ends[1]);
	close(ends[0]);
	close(ends[1]);
	if (status != OK)
		return; /* one of them is dead; that will be heard */
	p->unlinked = false;
	p->gap_at = 0;
	if (!p->announced) {
		p->announced = true;
		fprintf(stderr, "earshot: listening\n");
		service_notify("READY=1");
	}
}

/* --- what is heard
 * ------------------------------------------------------------------------ */

static void note_death(struct parent *p, struct child *child, int status)
{
	const bool expected = child->kill_at || p->stopping;
	const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
	if (!clean || !expected)
		warnx("%s: %s %d", child->name,
		      WIFSIGNALED(status) ? "killed by signal" : "ended with status",
		      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (!clean && p->stopping)
		p->failed = true;
	child->pid = 0;
	child->ready = false;
	child_forget_control(child);
	if (child == &p->retiring)
		return;
	child->died = monitor_now();
	child->restarts++;
	if (child == &p->keeper && !p->gap_at) {
		p->gap = LIVE_KEEPER_GAP;
		p->gap_at = child->died;
	}
	/* What it said why is the answer; a notifier may begin late. */
	if (!child->was_ever && (child != &p->notifier || !p->announced))
		p->failed = p->stopping = true;
	char suspect[WATCH_NAME];
	if (p->options->watch && child == &p->engine) {
		if (watching_engine_gone(&p->watch, &p->keeper, child_has_crashed(status),
		                         suspect))
			tell_event(p, LIVE_FILE_GIVEN_UP, monitor_now(), suspect);
	}
	if (p->options->watch && child == &p->keeper)
		watching_keeper_gone(&p->watch);
	child_plan_restart(child);
}

static void reap(struct parent *p)
{
	struct child *const children[] = { &p->engine, &p->keeper, &p->notifier,
		                           &p->retiring };
	pid_t pid;
	int status;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < ARRAY_LEN(children); i++)
			if (children[i]->pid == pid)
				note_death(p, children[i], status);
}

static void reload(struct parent *p)
{
	bool receivers;
	struct config *config =
	        monitor_reload(&p->now, p->options->config, p->engine.control,
	                       p->keeper.control, &receivers);
	if (!config)
		return;
	config_free(p->config);
	p->config = p->now.config = config;
	if (receivers) {
		/* The next one knows them. */
		child_stop(&p->notifier, monitor_clock() + NOTIFIER_END);
		receiving_free(&p->receiving);
		receiving_init(&p->receiving, &p->now);
	}
	if (config->notify.count && !p->now.notifier.uid)
		warnx("reload: there is no user for a notifier: nobody is told of alerts");
}

static void reload_web(struct parent *p)
{
	const struct control message = { .kind = CONTROL_RELOAD };
	if (p->keeper.control >= 0 && control_send(p->keeper.control, &message, -1) != OK)
		warnx("keeper: does not listen");
}

/* Certificates and keys are read before a notifier gives up its files: a new one is. */
static void reload_receivers(struct parent *p)
{
	if (p->notifier.ready && receiving_may_reload(&p->receiving))
		child_stop(&p->notifier, monitor_clock() + NOTIFIER_END);
}

static void hear_signals(struct parent *p)
{
	struct signalfd_siginfo info;
	while (read(p->signals, &info, sizeof info) == sizeof info) {
		if (info.ssi_signo == SIGHUP) {
			reload(p);
			reload_web(p);
			reload_receivers(p);
		} else if (info.ssi_signo != SIGCHLD) {
			p->stopping = true;
		}
	}
	if (p->stopping)
		service_notify("STOPPING=1");
}

/* The parent's half goes first; who has the rest may be dead. */
static void tell_status(struct parent *p)
{
	const struct control message = { .kind = CONTROL_STATUS };
	const struct status_process processes[] = {
		{ "engine", p->engine.pid, p->engine.ready, p->engine.restarts },
		{ "keeper", p->keeper.pid, p->keeper.ready, p->keeper.restarts },
	};
	int connection;
	while (p->status >= 0 && (connection = status_accept(p->status)) >= 0) {
		struct buffer text = { 0 };
		status_add_parent(&text, processes, ARRAY_LEN(processes), &p->interfaces,
		                  monitor_clock() - p->started);
		if (p->options->watch)
			watching_add_status(&p->watch, &text);
		if (!text.failed && status_write(connection, buffer_text(&text)) &&
		    (!p->keeper.ready ||
		     control_send(p->keeper.control, &message, connection) != OK))
			(void)!status_write(connection, TEXT(",\"store\":null}\n"));
		buffer_free(&text);
		close(connection);
	}
}

/* What the engine may say of them; true: it was that. */
static bool hear_of_sources(struct parent *p, const struct control *message)
{
	switch (message->kind) {
	case CONTROL_STREAM_BEGUN:
		listening_begun(&p->listening, message->number, message->text);
		tell_event(p, LIVE_STREAM_BEGUN, monitor_now(), message->text);
		return true;
	case CONTROL_STREAM_ENDED:
		listening_ended(&p->listening, message->number);
		tell_event(p, LIVE_STREAM_ENDED, monitor_now(), message->text);
		return true;
	case CONTROL_TOLD:
		if (message->what >= LIVE_CLOCK_WRONG && message->what < LIVE_WHAT_COUNT)
			tell_event(p, (enum live_what)message->what, monitor_now(),
			           message->text);
		return true;
	default:
		return false;
	}
}

static void obey(struct parent *p, struct child *child, const struct control *message)
{
	if (message->kind == CONTROL_READY) {
		child->ready = child->was_ever = true;
		if (child == &p->engine)
			listening_greet(&p->listening, child);
	} else if (p->options->watch && watching_obey(&p->watch, message)) {
		return;
	} else if (child != &p->keeper && hear_of_sources(p, message)) {
		return;
	} else if (message->kind == CONTROL_GONE && child == &p->engine) {
		const char *name =
		        interfaces_lost(&p->interfaces, message->number, message->text);
		if (name)
			tell_event(p, LIVE_INTERFACE_GONE, monitor_now(), name);
	} else if (message->kind == CONTROL_WANTED && child == &p->notifier &&
	           !child->kill_at) {
		receiving_ask(&p->receiving, message->number, child->control);
	} else if (message->kind == CONTROL_BAD_ENGINE && child == &p->keeper &&
	           p->engine.pid) {
		warnx("engine: is killed for what it says");
		kill(p->engine.pid, SIGKILL);
	}
}

static void hear_child(struct parent *p, struct child *child)
{
	struct control message = { 0 };
	enum status status = OK;
	int fd;
	while (child->control >= 0 && status == OK) {
		status = control_receive(child->control, &message, &fd);
		child->heard = status == OK ? monitor_clock() : child->heard;
		if (fd >= 0)
			close(fd); /* nothing that they have is wanted */
		if (status == OK)
			obey(p, child, &message);
	}
	if (status == ERR_IO)
		child_forget_control(child); /* its death comes by signal */
	else if (status == ERR_MALFORMED && child->pid)
		kill(child->pid, SIGKILL);
}

/* --- time ------------------------------------------------------------------------------
 */

/* An interface that came back needs a handle, which only a new engine can be given. */
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
	start_engine(p);
}

static void look_at_interfaces(struct parent *p)
{
	const char *name;
	bool up;
	bool renew = false;
	while ((name = interfaces_changed(&p->interfaces, &up, &renew)))
		tell_event(p, up ? LIVE_INTERFACE_BACK : LIVE_INTERFACE_GONE, monitor_now(),
		           name);
	if (renew)
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
		start_keeper(p);
	/* The first engine waits until it is sure that its records can be kept. */
	if (!p->engine.pid && p->keeper.was_ever && now >= p->engine.restart_at) {
		if (p->options->watch)
			start_reading_engine(p);
		else
			start_engine(p);
	}
	if (!p->options->watch)
		look_at_interfaces(p);
	if (p->engine.ready)
		listening_work(&p->listening, &p->engine);
	link_children(p);
	if (p->now.config->notify.count && p->now.notifier.uid && !p->notifier.pid &&
	    p->keeper.was_ever && now >= p->notifier.restart_at)
		start_notifier(p);
	link_notifier(p);
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
	if (!confine(options))
		return EXIT_FAILURE;
	if (!catch_signals(&p)) {
		warn("signals");
		return EXIT_FAILURE;
	}
	interfaces_init(&p.interfaces, options);
	watching_init(&p.watch, options);
	if (!listening_open(&p.listening, options))
		p.failed = p.stopping = true;
	p.status = options->status ? status_listen(options->status) : -1;
	receiving_init(&p.receiving, &p.now);
	p.watchdog = service_watchdog();
	p.started = monitor_clock();
	for (;;) {
		if (p.failed && !p.announced)
			p.stopping = true;
		if (p.stopping && !p.end_by)
			p.end_by = monitor_clock() + MONITOR_END;
		if (!p.stopping || watching_is_catching_up(&p.watch, &p.engine, p.unlinked))
			keep_alive(&p);
		else if (end_all(&p))
			break;
		wait_for_news(&p);
		hear_signals(&p);
		tell_status(&p);
		notice_service(&p);
		tell_health(&p);
		hear_child(&p, &p.engine);
		hear_child(&p, &p.keeper);
		hear_child(&p, &p.notifier);
		hear_child(&p, &p.retiring);
		receiving_hear(&p.receiving, p.notifier.control);
		reap(&p);
	}
	interfaces_forget(&p.interfaces);
	watching_free(&p.watch);
	listening_close(&p.listening);
	receiving_free(&p.receiving);
	close(p.signals);
	if (p.status >= 0)
		close(p.status);
	if (p.status >= 0 && options->status)
		unlink(options->status);
	config_free(p.config);
	return p.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
