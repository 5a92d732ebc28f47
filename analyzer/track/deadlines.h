/*
 * deadlines.h - what becomes overdue when time moves: a binary heap of deadlines that are
 * embedded in the objects they belong to.
 */
#ifndef EARSHOT_TRACK_DEADLINES_H
#define EARSHOT_TRACK_DEADLINES_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/status.h"

enum deadline_kind {
	DEADLINE_STREAM,
	DEADLINE_LEG,
	DEADLINE_DIALOG_SET,
	DEADLINE_REGISTRATION,
	DEADLINE_BINDING,
	DEADLINE_ASK,
	DEADLINE_FAILOVER,
	DEADLINE_MATCH,
	DEADLINE_KPI,
	DEADLINE_WATCHED,
};

struct deadline {
	nstime at;
	uint32_t position; /* in the heap, from 1; 0 = not set */
	uint32_t number;   /* of the object in its pool */
	enum deadline_kind kind;
};

/* With its time beside the pointer: to compare two need not fetch what they belong to. */
struct deadline_entry {
	nstime at;
	struct deadline *deadline;
};

struct deadlines {
	struct deadline_entry *heap; /* heap[0] is unused */
	size_t count, room;
};

void deadlines_free(struct deadlines *deadlines);

/* Sets or moves it.  ERR_NOMEM leaves it unset. */
MUST_CHECK enum status deadline_set(struct deadlines *deadlines, struct deadline *deadline,
                                    nstime at);
void deadline_clear(struct deadlines *deadlines, struct deadline *deadline);

/* The earliest, NSTIME_NEVER without any. */
static inline nstime deadlines_next(const struct deadlines *deadlines)
{
	return deadlines->count ? deadlines->heap[1].at : NSTIME_NEVER;
}

/* Takes out the earliest one that is due at `now`, or NULL. */
struct deadline *deadlines_pop(struct deadlines *deadlines, nstime now);

#endif
