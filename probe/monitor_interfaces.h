/*
 * monitor_interfaces.h - the interfaces that are listened to, as the parent sees them:
 * open, gone, set down, back again.
 */
#ifndef EARSHOT_PROBE_MONITOR_INTERFACES_H
#define EARSHOT_PROBE_MONITOR_INTERFACES_H

#include "probe/monitor.h"

struct interfaces {
	const struct monitor_options *options; /* borrowed */
	int socket;                            /* to ask the kernel by; -1 = none */
	struct {
		bool open;                 /* the engine has a handle */
		bool known;                /* the rest is */
		bool up;                   /* it is there, and carries frames */
		bool said;                 /* why it cannot be opened */
		struct live_source *spare; /* owned; a handle for the next engine */
		uint64_t dropped_total;    /* as it counted when it was last asked */
		uint64_t dropped;          /* since the probe began */
	} of[LIVE_SOURCES];
};

void interfaces_init(struct interfaces *interfaces, const struct monitor_options *options);
void interfaces_forget(struct interfaces *interfaces);

/* What that interface itself has dropped since it is there; 0: that is not known. */
uint64_t interface_drops(const char *name);
/* Frames that it dropped before anybody who listens could have had them, since the probe
 * began; one that goes and comes back counts anew. */
uint64_t interfaces_dropped(struct interfaces *interfaces, size_t i);

/* Handles of all that can be opened, the caller's from then on; NULL where one cannot,
 * which is said once.  Returns how many. */
size_t interfaces_open(struct interfaces *interfaces,
                       struct live_source *sources[LIVE_SOURCES]);

/* The engine has lost that one.  Its name; NULL: it has none of that number, or that it has
 * gone was told already. */
const char *interfaces_lost(struct interfaces *interfaces, uint32_t number,
                            const char *why);

/*
 * The name of one that went up or down since the last call, NULL = none has.  *renew
 * becomes true when there is a handle that the engine does not have.
 */
const char *interfaces_changed(struct interfaces *interfaces, bool *up, bool *renew);

#endif
