/*
 * extract_select.h - the second reading of `earshot extract`: which frames make up the
 * call.
 */
#ifndef EARSHOT_PROBE_EXTRACT_SELECT_H
#define EARSHOT_PROBE_EXTRACT_SELECT_H

#include "probe/extract_find.h"
#include "probe/extract_fragments.h"
#include "probe/extract_tcp.h"

/* A message in a datagram, as far as a mirror's copy of it is the same. */
struct extract_datagram {
	struct endpoint src, dst;
	nstime at;
	uint64_t payload; /* hash */
	uint16_t ip_id;
};

enum { EXTRACT_RECENT = 24 };

struct extract_select {
	const struct extract_find *find; /* borrowed; its call has been chosen */
	struct extract_window window;
	struct decoder *decoder; /* owned */
	struct extract_fragments fragments;
	struct extract_tcp *tcp;                        /* owned */
	struct extract_datagram recent[EXTRACT_RECENT]; /* messages of the call */
	size_t recent_at;
	struct extract_picks picks;
};

MUST_CHECK enum status extract_select_init(struct extract_select *select,
                                           const struct extract_find *find,
                                           const struct settings *settings);
void extract_select_frame(struct extract_select *select, const struct frame *frame);
/* Completes and sorts `picks`. */
MUST_CHECK enum status extract_select_finish(struct extract_select *select);
void extract_select_free(struct extract_select *select);

#endif
