/*
 * monitor_watch.h - the parent's part in reading a folder of captures: it finds files that
 * are finished, asks the keeper what is known of them, and hands them to the engine, open.
 */
#ifndef EARSHOT_PROBE_MONITOR_WATCH_H
#define EARSHOT_PROBE_MONITOR_WATCH_H

#include "probe/control.h"
#include "probe/monitor.h"
#include "probe/monitor_child.h"
#include "probe/watch_folder.h"
#include "web/buffer.h"

enum watch_phase {
	WATCH_UNPLANNED, /* nobody knows yet where to begin */
	WATCH_ASKING,
	WATCH_PLANNED,   /* an engine can be started, and reads what is kept already */
	WATCH_REOPENING, /* it has read it */
	WATCH_OPEN,      /* its records can be taken */
};

struct watching {
	const struct monitor_options *options; /* borrowed */
	struct watch_folder folder;
	enum watch_phase phase;
	struct watch_start start;
	/* Of the run that goes on, which files are read again, the latest first. */
	struct watch_step *again; /* owned */
	size_t again_count, again_room;
	bool is_known;     /* the run was begun before */
	bool caught_up;    /* the engine has read what is kept of it */
	bool again_broken; /* one was not there: what is before it cannot be used */

	nstime patience; /* monotonic; until then it is waited for; 0: nobody waits */
	bool asked;      /* the keeper, about a file */
	bool settled;    /* the engine knows that it has all */
	bool running;    /* an engine takes files */
	size_t given;    /* it has so many */
	uint64_t read;   /* since the start of the probe */
	/* The file that it reads, 0 = none; and how many died of it. */
	uint64_t reading, suspect, deaths;
};

void watching_init(struct watching *watch, const struct monitor_options *options);
void watching_free(struct watching *watch);

/* Does what can be done now; may be called at any time. */
void watching_work(struct watching *watch, const struct child *engine,
                   const struct child *keeper);
/* From the keeper or the engine; false: it was not about this. */
bool watching_obey(struct watching *watch, const struct control *message);

/* An engine was started, with what `start` says; it has gone, by itself or not. */
void watching_engine_started(struct watching *watch);
/* crashed: not ended in order, nor killed from outside.  True: the file that it read, which
 * *suspect names, is given up. */
bool watching_engine_gone(struct watching *watch, const struct child *keeper, bool crashed,
                          char suspect[WATCH_NAME]);
/*
 * The probe is to stop, but its engine reads again what one that died had read: only when
 * it has found its place what is not over is written to its end.  For a moment it is waited
 * for. unlinked: the keeper does not hear it yet.
 */
bool watching_is_catching_up(struct watching *watch, const struct child *engine,
                             bool unlinked);
/* What it was asked will not be answered. */
void watching_keeper_gone(struct watching *watch);

/* ,"watch":{...} */
void watching_add_status(const struct watching *watch, struct buffer *to);

#endif
