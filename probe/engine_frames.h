/*
 * engine_frames.h - where the engine's frames come from: interfaces, agents that tell by
 * HEP, captures that are sent on; all of them in the order of time.
 */
#ifndef EARSHOT_PROBE_ENGINE_FRAMES_H
#define EARSHOT_PROBE_ENGINE_FRAMES_H

#include <poll.h>

#include "probe/capture_workers.h"
#include "probe/control.h"
#include "probe/mirror_health.h"
#include "probe/source_hep.h"
#include "probe/source_stream.h"

enum {
	STREAM_SOURCES = 4, /* captures that are sent on, at a time */
	FEED_HEP = LIVE_SOURCES,
	FEED_STREAMS,
	FEEDS = FEED_STREAMS + STREAM_SOURCES,
	FEED_POLLS = FEEDS + HEP_SOCKETS + HEP_CONNECTIONS + 1,
};

struct engine;

/* An interface gets another source while the engine runs, or none any more. */
struct feed_change {
	bool going;
	struct live_source *next; /* owned; NULL: none any more */
	/* What is asked for while one is going: done after it. */
	bool again;
	struct live_source *after; /* owned */
	/* Sockets that have come so far. */
	int fds[LIVE_WORKERS];
	size_t fd_count;
};

struct engine_feeds {
	struct live_source *sources[LIVE_SOURCES]; /* owned; NULL: none, or it has gone */
	struct live_source_stats stats[LIVE_SOURCES]; /* since the start */
	struct live_source_stats gone[LIVE_SOURCES];  /* of sources before this one */
	struct feed_change changes[LIVE_SOURCES];
	struct capture_workers *workers; /* owned; NULL: the engine reads by itself */
	struct hep_source *hep;          /* owned; NULL: nobody may tell */
	struct stream_source *streams[STREAM_SOURCES]; /* owned; NULL = none */
	struct source_clock clocks[LIVE_SOURCES];
	bool said_refused;
	bool told_wrong[FEEDS]; /* the clock, and it was said so */

	struct mirror_health mirror;

	struct frame batches[FEEDS][LIVE_BATCH];
	size_t heads[FEEDS], counts[FEEDS]; /* what has not gone yet */
	bool lost[FEEDS];                   /* that batch was the last of it */
	char why[LIVE_ERROR_SIZE];
	struct frame merged[FEEDS * LIVE_BATCH];
};

/* Takes what there is now; how many frames. */
size_t engine_read_frames(struct engine *engine);
/* Frames are there, and wait for others. */
bool engine_has_pending(const struct engine *engine);

/* All that had come by then (steady_clock.h) has been taken, as far as workers know. */
bool engine_has_taken(const struct engine *engine, nstime until);

/* Adds what is to be polled; how many. */
size_t engine_poll_feeds(const struct engine *engine, struct pollfd polled[FEED_POLLS]);

/* An interface is another one, or none: as CONTROL_INTERFACE says; fd is the engine's. */
void engine_change_interface(struct engine *engine, const struct control *message, int fd);

/* Where interfaces listen, by the configuration of now. */
void engine_set_points(struct engine *engine);

/* What was asked for, as soon as it can be; the interface has no frame that waits. */
void engine_go_on_changing(struct engine *engine, size_t interface, nstime now);
void engine_forget_changes(struct engine *engine);

/* A socket, connection or pipe, which becomes the engine's. */
void engine_add_stream(struct engine *engine, const struct control *message, int fd);

/* Whose clocks are wrong, or right again: tells the parent. */
void engine_check_clocks(struct engine *engine);

/* Interfaces without packets, directions that are missing: tells the parent. */
void engine_check_mirror(struct engine *engine);

void engine_free_feeds(struct engine *engine);

#endif
