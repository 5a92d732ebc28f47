/*
 * extract_fragments.h - IP fragments that wait to see whether the datagram they are part of
 * is wanted.
 */
#ifndef EARSHOT_PROBE_EXTRACT_FRAGMENTS_H
#define EARSHOT_PROBE_EXTRACT_FRAGMENTS_H

#include "probe/decode.h"
#include "probe/extract_picks.h"

struct extract_fragment {
	struct address src, dst;
	uint32_t id;
	struct extract_pick pick;
};

struct extract_fragments {
	struct decoder *headers; /* owned; without memory: reads the header of a fragment */
	struct extract_fragment *list; /* owned; in no order */
	size_t count, room;
	bool no_memory;
};

MUST_CHECK enum status extract_fragments_init(struct extract_fragments *fragments);

/* A fragment of a datagram that is not whole yet. */
void extract_fragments_hold(struct extract_fragments *fragments, const struct frame *frame);

/*
 * The frame has made a datagram whole: its other fragments are picked if it is wanted, and
 * forgotten.
 */
void extract_fragments_settle(struct extract_fragments *fragments,
                              const struct frame *frame, bool wanted,
                              struct extract_picks *picks);

void extract_fragments_free(struct extract_fragments *fragments);

#endif
