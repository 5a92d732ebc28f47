/* monitor_hear.c - what the parent hears: signals, the end of children, what they tell. */
#include "probe/monitor_parent.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "probe/control.h"
#include "probe/monitor_reload.h"
#include "probe/monitor_status.h"
#include "probe/service_notify.h"

#define NOTIFIER_END NS_PER_SEC

void parent_tell_event(struct parent *p, enum live_what what, nstime at,
                       const char *subject)
{
	struct control event = {
		.kind = CONTROL_EVENT, .what = what, .at = at, .until = NSTIME_NONE
	};
	text_copy(event.text, sizeof event.text, text_from(subject));
	if (p->keeper.control >= 0 && control_send(p->keeper.control, &event, -1) != OK)
		warnx("keeper: does not listen");
}

static void tell_last(struct parent *p, uint32_t number, const uint64_t *counts,
                      size_t count)
{
	struct control last = { .kind = CONTROL_LAST, .number = number };
	memcpy(last.counts, counts, count * sizeof *counts);
	if (p->keeper.control >= 0 && control_send(p->keeper.control, &last, -1) != OK)
		warnx("keeper: does not listen");
}

static void add_lost(struct parent *p, uint64_t lost)
{
	lost += p->gap_lost;
	p->gap_lost = lost < UINT32_MAX ? (uint32_t)lost : UINT32_MAX;
}

/* What it analysed, and what is lost with it, is in what it shared.  told: it has said it
 * itself. */
static void settle_engine(struct parent *p, bool told)
{
	struct engine_end end;
	interfaces_settle(&p->interfaces, &end);
	const uint64_t whole[] = { end.frames.frames, end.frames.parsed,
		                   end.frames.not_ours, end.frames.malformed,
		                   end.frames.dropped };
	static_assert(ARRAY_LEN(whole) == CONTROL_COUNTS, "room for all");
	for (size_t i = 0; i < p->interfaces.count; i++) {
		const uint64_t counts[] = { end.of[i].analysed, end.of[i].dropped,
			                    end.of[i].lost };
		add_lost(p, end.of[i].lost);
		if (!told)
			tell_last(p, (uint32_t)i, counts, ARRAY_LEN(counts));
	}
	if (!told)
		tell_last(p, LIVE_SOURCES, whole, ARRAY_LEN(whole));
}

void parent_settle_rest(struct parent *p)
{
	const uint64_t nothing[CONTROL_COUNTS] = { 0 };
	uint64_t lost[LIVE_SOURCES];
	if (!interfaces_settle_rest(&p->interfaces, lost))
		return;
	for (size_t i = 0; i < p->interfaces.count; i++) {
		const uint64_t counts[] = { 0, 0, lost[i] };
		tell_last(p, (uint32_t)i, counts, ARRAY_LEN(counts));
		add_lost(p, lost[i]);
	}
	tell_last(p, LIVE_SOURCES, nothing, ARRAY_LEN(nothing));
}

/* A slow disk takes longer over the journal than there is time; the next start does it. */
static bool is_late_tidying(const struct child *child, int status)
{
	return child->kept && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void note_death(struct parent *p, struct child *child, int status)
{
	const bool expected = child->kill_at || p->stopping;
	const bool clean = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
	if (!clean || !expected)
		warnx("%s: %s %d", child->name,
		      WIFSIGNALED(status) ? "killed by signal" : "ended with status",
		      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (!clean && p->stopping && !is_late_tidying(child, status))
		p->failed = true;
	child->pid = 0;
	child->ready = false;
	child_forget_control(child);
	if (child == &p->retiring)
		return;
	if (child == &p->engine && !p->options->watch && !(clean && expected))
		settle_engine(p, clean);
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
			parent_tell_event(p, LIVE_FILE_GIVEN_UP, monitor_now(), suspect);
	}
	if (p->options->watch && child == &p->keeper)
		watching_keeper_gone(&p->watch);
	child_plan_restart(child);
}

void parent_reap(struct parent *p)
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

/* The keeper calls them by their names. */
static void tell_interfaces(struct parent *p)
{
	for (size_t i = 0; i < p->interfaces.count && p->keeper.control >= 0; i++) {
		struct control message = { .kind = CONTROL_INTERFACE,
			                   .number = (uint32_t)i,
			                   .what = !p->interfaces.of[i].wanted };
		text_copy(message.text, sizeof message.text,
		          text_from(p->interfaces.names[i]));
		if (control_send(p->keeper.control, &message, -1) != OK)
			warnx("keeper: does not listen");
	}
}

/* A word of the configuration, which may be read again. */
static const char *keep(char *to, size_t size, const char *word, const char *asked)
{
	if (!word || word == asked)
		return word;
	text_copy(to, size, text_from(word));
	return to;
}

/* Where frames come from now; what the engine lacks it gets soon. */
static void follow_sources(struct parent *p, struct config *config)
{
	struct monitor_options now = p->now;
	monitor_settle(&now, p->options->asked, config);
	const char *wrong = monitor_lacks(&now);
	const bool anew = monitor_handles_differ(&now, &p->now);
	p->now.config = config;
	if (wrong) {
		warnx("reload: %s; what is listened to stays", wrong);
	} else if (p->options->watch) {
		return;
	} else if (!interfaces_follow(&p->interfaces, &now, anew)) {
		warnx("reload: more than %d interfaces since the start need a restart",
		      LIVE_SOURCES);
	} else {
		p->now = now;
		const struct monitor_options *asked = p->options->asked;
		p->now.bpf = keep(p->bpf, sizeof p->bpf, now.bpf, asked->bpf);
		p->now.hep = keep(p->hep, sizeof p->hep, now.hep, asked->hep);
		p->now.pcap_listen = keep(p->captures, sizeof p->captures, now.pcap_listen,
		                          asked->pcap_listen);
		tell_interfaces(p);
		listening_follow(&p->listening, &p->engine);
	}
}

static void reload(struct parent *p)
{
	bool receivers;
	struct config *config =
	        monitor_reload(&p->now, p->options->config, p->engine.control,
	                       p->keeper.control, &p->stays, &receivers);
	if (!config)
		return;
	follow_sources(p, config);
	config_free(p->config);
	p->config = config;
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

void parent_hear_signals(struct parent *p)
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
void parent_tell_status(struct parent *p)
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
		status_add_stays(&text, &p->stays);
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
		parent_tell_event(p, LIVE_STREAM_BEGUN, monitor_now(), message->text);
		return true;
	case CONTROL_STREAM_ENDED:
		listening_ended(&p->listening, message->number);
		parent_tell_event(p, LIVE_STREAM_ENDED, monitor_now(), message->text);
		return true;
	case CONTROL_TOLD:
		if (message->what >= LIVE_CLOCK_WRONG && message->what < LIVE_WHAT_COUNT)
			parent_tell_event(p, (enum live_what)message->what, monitor_now(),
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
			parent_tell_event(p, LIVE_INTERFACE_GONE, monitor_now(), name);
	} else if (message->kind == CONTROL_WANTED && child == &p->notifier &&
	           !child->kill_at) {
		receiving_ask(&p->receiving, message->number, child->control);
	} else if (message->kind == CONTROL_KEPT && child == &p->keeper) {
		child->kept = true;
	} else if (message->kind == CONTROL_BAD_ENGINE && child == &p->keeper &&
	           p->engine.pid) {
		warnx("engine: is killed for what it says");
		kill(p->engine.pid, SIGKILL);
	}
}

void parent_hear_child(struct parent *p, struct child *child)
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
