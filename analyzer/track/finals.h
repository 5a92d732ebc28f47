/*
 * finals.h - what became final and waits to be reported.  Reports leave in the order
 * (time, kind, id), never in the order of a hash table.
 */
#ifndef EARSHOT_TRACK_FINALS_H
#define EARSHOT_TRACK_FINALS_H

#include "analyzer/model/record.h"

struct final {
	nstime at;
	uint64_t id;
	uint32_t number; /* of the object in its pool */
	enum record_kind kind;
	bool media_only; /* a call of media_only.h */
};

struct finals {
	struct final *list; /* owned; behind its room as much again, to sort in */
	size_t count, room;
};

MUST_CHECK enum status finals_add(struct finals *finals, struct final what);
/* Those from that position on. */
void finals_sort(struct finals *finals, size_t from);
void finals_free(struct finals *finals);

#endif
