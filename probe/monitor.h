/*
 * monitor.h - the probe as an appliance: processes of one program, each with no more
 * rights than its work needs.
 *
 *   parent   root: opens interfaces, starts the others and starts them again; parses
 *            nothing that comes from the network
 *   engine   a user of its own, no file, no socket: frames to records
 *   keeper   another user: the only one that has the database
 *   notifier a third user, where somebody is to be told of alerts: has no file, and only
 * the sockets of the receivers, which the parent makes
 */
#ifndef EARSHOT_PROBE_MONITOR_H
#define EARSHOT_PROBE_MONITOR_H

#include "probe/config.h"
#include "probe/sandbox.h"
#include "probe/source_live.h"
#include "schema/store_watch.h"

struct monitor_options {
	const char *interfaces[LIVE_SOURCES];
	size_t interface_count;
	const char *hep;         /* address to hear agents at; NULL = none */
	const char *pcap_listen; /* address to take captures at; NULL = none */
	const char *read;        /* a pipe to read a capture from; "-"; NULL = none */
	const char *watch; /* a folder of captures, in place of interfaces; NULL = none */
	const char *bpf, *db, *config_path; /* bpf, config_path: may be NULL */
	const char *status;                 /* socket; NULL = none */
	int snaplen, buffer_mib;
	int workers; /* threads that take frames off interfaces; 1: the engine's own */
	bool adapter_stamps; /* of frames, where the adapter has a clock */
	bool promiscuous, insecure, messages;
	bool no_ndpi;                                 /* whatever the configuration says */
	struct sandbox_user engine, keeper, notifier; /* notifier: root = there is none */
	struct config *config;
	/* What the command line says, before the configuration was asked for the rest;
	 * borrowed. */
	const struct monitor_options *asked;
	/* That the web listens at, opened by the parent for the keeper. */
	int web_fds[SERVER_LISTEN_MAX];
	size_t web_fd_count;
	bool no_web;
};

/* What the command line left open, the configuration says. */
void monitor_settle(struct monitor_options *options, const struct monitor_options *asked,
                    struct config *config);
/* Is a handle of an interface another one by the one than by the other? */
bool monitor_handles_differ(const struct monitor_options *a,
                            const struct monitor_options *b);
/* NULL, or what is wrong with what it is to listen to. */
const char *monitor_lacks(const struct monitor_options *options);

/* The parent: until it is told to stop.  Returns the exit status. */
int monitor_run(const struct monitor_options *options);

/* What gives other records of the same frames. */
void monitor_describe(const struct monitor_options *options, char *to, size_t size);
enum { MONITOR_DESCRIPTION = 4096 };

struct frame_ledger;

/* Where an engine that reads a folder begins. */
struct watch_start {
	struct watch_plan plan; /* its run, which may have been begun before */
	uint64_t place,
	        before; /* files and frames of the run that it does not read again */
};

/*
 * The children; `control` is their end of the pair (control.h).  Each is called in a
 * process of its own, returns its exit status, and owns what it is given.
 */
int monitor_engine(const struct monitor_options *options,
                   struct live_source *sources[LIVE_SOURCES], struct frame_ledger *ledger,
                   const struct watch_start *start, int control); /* start: NULL = none */
int monitor_keeper(const struct monitor_options *options, int control);
int monitor_notifier(const struct monitor_options *options, int control);

/* Wall clock, and one that is never set. */
nstime monitor_now(void);
nstime monitor_clock(void);
/* Time until `due` by monitor_clock, in ms for poll: at least 0, at most 1000. */
int monitor_wait_ms(nstime due);

/* How long an orderly end may take: of all together less than 5 s, and of that what is left
 * for each at least; then it is killed. */
#define MONITOR_END (4900 * NS_PER_MS)
#define MONITOR_ENGINE_END (3600 * NS_PER_MS)
#define MONITOR_KEEPER_END (1100 * NS_PER_MS)
#define MONITOR_NOTIFIER_END (200 * NS_PER_MS)

#endif
