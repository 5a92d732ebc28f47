/*
 * extract_picks.h - the frames that go into an extract.
 */
#ifndef EARSHOT_PROBE_EXTRACT_PICKS_H
#define EARSHOT_PROBE_EXTRACT_PICKS_H

#include "analyzer/base/status.h"
#include "probe/frame.h"

struct extract_pick {
	uint64_t frame; /* its number */
	nstime at;
	uint16_t link_type;
	bool blank; /* without its TCP data */
};

struct extract_picks {
	struct extract_pick *list; /* owned */
	size_t count, room;
	bool no_memory;
};

static inline struct extract_pick extract_pick_of(const struct frame *frame)
{
	return (struct extract_pick){ frame->number, frame->at, frame->link_type, false };
}

void extract_picks_add(struct extract_picks *picks, const struct extract_pick *pick);

/* In the order of frames, each once; one that is wanted whole by anybody is whole. */
void extract_picks_sort(struct extract_picks *picks);

void extract_picks_free(struct extract_picks *picks);

#endif
