/*
 * monitor_engine.h - what the engine is made of, for the files that it is written in: its
 * life (monitor_engine.c), where frames come from (engine_frames.c, engine_interfaces.c),
 * the account of them (engine_account.c), a folder of captures (engine_watch.c).
 */
#ifndef EARSHOT_PROBE_MONITOR_ENGINE_H
#define EARSHOT_PROBE_MONITOR_ENGINE_H

#include "probe/control.h"
#include "probe/engine_frames.h"
#include "probe/engine_watch.h"
#include "probe/frame_ledger.h"
#include "probe/monitor.h"
#include "probe/pipeline.h"
#include "probe/record_link.h"
#include "probe/steady_clock.h"

struct engine {
	const struct monitor_options *options; /* `now` */
	struct monitor_options now;            /* with interfaces that came later */
	char names[LIVE_SOURCES][CAPTURE_NAME];
	struct settings settings; /* with every point that there was so far */
	int control;              /* -1: the parent has gone */
	struct engine_feeds feeds;
	struct steady_clock clock;
	struct frame_ledger *ledger; /* borrowed from the parent, who reads it */
	struct pipeline *pipeline;
	struct link_sender *sender;
	struct config *config; /* owned; NULL: still the parent's */
	struct sink finals, snapshots;
	uint64_t frames;
	nstime next_tick;   /* monotonic */
	nstime progress_at; /* wall clock; how calls stand was told */
	unsigned int ticks;
	/* The round that is going on: streams told in it, its parts, and those done. */
	uint32_t told_streams, parts, part;
	bool stopping;
	bool all_shown; /* stopping: of no source a frame is waited for any more */
	bool finishing; /* all that is open becomes a record: there is time for each */
	nstime end_by;  /* monotonic; of stopping */
	struct engine_watch *watch; /* owned; NULL: it listens to interfaces */
};

#endif
