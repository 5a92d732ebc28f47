/*
 * monitor_interfaces.h - the interfaces that are listened to, as the parent sees them:
 * open, gone, set down, back again.
 */
#ifndef EARSHOT_PROBE_MONITOR_INTERFACES_H
#define EARSHOT_PROBE_MONITOR_INTERFACES_H

#include "probe/kept_sockets.h"
#include "probe/monitor.h"
#include "probe/pipeline.h"

/* The name of one has its place as long as the probe runs. */
struct interfaces {
	const struct monitor_options *options; /* borrowed: those of now */
	char names[LIVE_SOURCES][CAPTURE_NAME];
	size_t count;
	int rings;          /* of each, in the engine: its workers were begun for so many */
	int socket;         /* to ask the kernel by; -1 = none */
	nstime stamps_till; /* monotonic; it has the kernel stamp frames once for all */
	struct frame_ledger
	        *ledger; /* owned, shared with the engine; NULL: there is none */
	struct {
		bool wanted;        /* the configuration of now names it */
		bool open;          /* the engine has a handle */
		bool stale;         /* which is not as the configuration of now wants it */
		unsigned int index; /* by which the kernel knows what is open */
		bool known;         /* the rest is */
		bool up;            /* it is there, and carries frames */
		bool said;          /* why it cannot be opened */
		struct live_source *spare; /* owned; a handle for the next engine */
		struct kept_sockets kept;  /* those that the engine reads */
		uint64_t lost;             /* frames, with engines that died */
		uint64_t dropped_total;    /* as it counted when it was last asked */
		uint64_t dropped;          /* since the probe began */
	} of[LIVE_SOURCES];
};

void interfaces_init(struct interfaces *interfaces, struct monitor_options *options);

/*
 * Those of *options are wanted from now on, each in its place, which *options has then in
 * place of them.  anew: handles of all are, too, for something that concerns them has
 * changed.  False: there were too many different ones since the probe began.
 */
bool interfaces_follow(struct interfaces *interfaces, struct monitor_options *options,
                       bool anew);
/* In a child: nothing of it stays, but what it shares is the caller's to know. */
void interfaces_forget(struct interfaces *interfaces);
void interfaces_free(struct interfaces *interfaces);

/* What is known of an engine that died. */
struct engine_end {
	struct frame_tally frames;
	struct {
		uint64_t analysed, dropped, lost;
	} of[LIVE_SOURCES];
};

/*
 * It has died.  What is in the rings waits for the next one where that can read it, and is
 * lost elsewhere.
 */
void interfaces_settle(struct interfaces *interfaces, struct engine_end *end);
/* The next one is about to begin: what waited for it and cannot be read after all, for the
 * interface is another one since, is lost, too.  True: there is some. */
bool interfaces_settle_rest(struct interfaces *interfaces, uint64_t lost[LIVE_SOURCES]);
/* It goes on, or ends in order, with what it has: the next one begins anew. */
void interfaces_release(struct interfaces *interfaces);
/* A new one begins.  ERR_NOMEM. */
MUST_CHECK enum status interfaces_begin(struct interfaces *interfaces);

/* Frames that it dropped before anybody who listens could have had them, since the probe
 * began; one that goes and comes back counts anew. */
uint64_t interfaces_dropped(struct interfaces *interfaces, size_t i);

/* Handles of all that can be opened, the caller's from then on; NULL where one cannot,
 * which is said once.  Returns how many.  Between interfaces_begin and the engine's start.
 */
size_t interfaces_open(struct interfaces *interfaces,
                       struct live_source *sources[LIVE_SOURCES]);

/* The engine has lost that one.  Its name; NULL: it has none of that number, or that it has
 * gone was told already. */
const char *interfaces_lost(struct interfaces *interfaces, uint32_t number,
                            const char *why);

/* The name of one that went up or down since the last call, NULL = none has. */
const char *interfaces_changed(struct interfaces *interfaces, bool *up);

/* The engine gets what it does not have, and gives up what is not wanted; true: another one
 * is needed, for there is a handle that can only be inherited. */
bool interfaces_hand_over(struct interfaces *interfaces, int engine_control);

#endif
