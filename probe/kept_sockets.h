/*
 * kept_sockets.h - the packet sockets that an engine reads, kept by its parent, too: when
 * it dies they stay open, and what comes meanwhile waits in their rings for the next one.
 */
#ifndef EARSHOT_PROBE_KEPT_SOCKETS_H
#define EARSHOT_PROBE_KEPT_SOCKETS_H

#include "probe/frame_ledger.h"
#include "probe/packet_ring.h"

struct kept_sockets {
	int fds[LIVE_WORKERS]; /* owned */
	size_t count;          /* 0: none */
	bool has_shape;        /* another process may read them */
	struct packet_ring_shape shape;
	size_t set; /* their place in the ledger */
};

/* In place of those before, with the other place in the ledger.  shape: NULL = only who
 * inherits a handle may read them.  False: there are no descriptors left. */
bool kept_sockets_take(struct kept_sockets *kept, const int *fds, size_t count,
                       const struct packet_ring_shape *shape);
void kept_sockets_drop(struct kept_sockets *kept);

/* Others for the same sockets, the caller's; false: there are none left. */
bool kept_sockets_copy(const struct kept_sockets *kept, int fds[LIVE_WORKERS]);

/*
 * Whoever read them is dead: frames that are lost with it, which are settled with that; and
 * in *dropped what the kernel has dropped since it was asked last.
 */
uint64_t kept_sockets_settle(const struct kept_sockets *kept, struct frame_ledger *ledger,
                             size_t interface, bool goes_on, uint64_t *dropped);

#endif
