/*
 * frame_ledger.h - how far an engine has come with the frames that its interfaces bring, in
 * memory that it shares with its parent: an engine that dies tells nobody any more, but
 * what it did not analyse is to be counted, to the frame.
 *
 * The engine alone writes to it while it lives.  Who reads believes none of it more than
 * any number from outside: it is subtracted, and bounded.
 */
#ifndef EARSHOT_PROBE_FRAME_LEDGER_H
#define EARSHOT_PROBE_FRAME_LEDGER_H

#include <stdatomic.h>

#include "probe/source_live.h"

/* Of one socket, for as long as that is open, whoever reads it. */
struct ring_ledger {
	_Atomic uint64_t taken;     /* frames out of it */
	_Atomic uint64_t elsewhere; /* of these, which another ring has, too */
	/* Where in the ring (packet_ring.h): the block that is read next; those before it
	 * that are not the kernel's again; frames of it that are left, once it is begun. */
	_Atomic uint32_t block, held, left;
	_Atomic bool begun;
};

/* Of all sockets of an interface together. */
struct source_ledger {
	_Atomic uint64_t received, dropped; /* as the kernel counts them */
	_Atomic uint64_t settled;           /* analysed, or counted as lost or dropped */
	struct ring_ledger rings[LIVE_WORKERS];
};

enum { LEDGER_SETS = 2 }; /* of sockets: those of now, and those that take their place */

struct frame_ledger {
	struct source_ledger sources[LIVE_SOURCES][LEDGER_SETS];
	/* Of this engine alone. */
	_Atomic uint64_t analysed[LIVE_SOURCES], dropped[LIVE_SOURCES];
	_Atomic uint64_t frames, parsed, not_ours, malformed, lacked_room;
};

/* Shared with every process that is forked from then on; NULL: there is no memory. */
struct frame_ledger *frame_ledger_new(void);
void frame_ledger_free(struct frame_ledger *ledger); /* NULL is fine */

/* What one knows of an interface's sockets goes on in the other. */
void source_ledger_copy(struct source_ledger *to, const struct source_ledger *from);

/*
 * Frames that came to those sockets and are neither analysed nor counted yet.  goes_on:
 * somebody else reads them, from where this one stopped, and what is still in the rings is
 * not lost, but for the block that was in hand: for what is in there may be what it died
 * of.
 */
uint64_t source_ledger_lost(const struct source_ledger *ledger, bool goes_on);

static inline void ledger_add(_Atomic uint64_t *to, uint64_t more)
{
	atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + more,
	                      memory_order_relaxed);
}

static inline void ledger_set(_Atomic uint64_t *to, uint64_t value)
{
	atomic_store_explicit(to, value, memory_order_relaxed);
}

static inline uint64_t ledger_get(const _Atomic uint64_t *from)
{
	return atomic_load_explicit(from, memory_order_relaxed);
}

#endif
