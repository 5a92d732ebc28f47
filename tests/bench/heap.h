/*
 * heap.h - what will happen next, for the generator: a binary heap ordered by time.
 *
 * Events of the same microsecond leave in the order in which they were pushed, so that a
 * seed gives the same capture everywhere.
 */
#ifndef TESTS_BENCH_HEAP_H
#define TESTS_BENCH_HEAP_H

#include <err.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

struct event {
	uint64_t at_us, order;
	uint32_t call, packet;
	uint8_t side, kind; /* `packet` is the step of a SIGNAL */
};

struct heap {
	struct event *events; /* owned */
	size_t used, room;
	uint64_t order;
};

static inline bool event_before(const struct event *a, const struct event *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static inline void event_push(struct heap *h, struct event event)
{
	if (h->used == h->room) {
		h->room = h->room ? h->room * 2 : 1024;
		h->events = realloc(h->events, h->room * sizeof *h->events);
		if (!h->events)
			err(1, "events");
	}
	event.order = h->order++;
	size_t hole = h->used++;
	while (hole > 0 && event_before(&event, &h->events[(hole - 1) / 2])) {
		h->events[hole] = h->events[(hole - 1) / 2];
		hole = (hole - 1) / 2;
	}
	h->events[hole] = event;
}

static inline struct event event_pop(struct heap *h)
{
	const struct event first = h->events[0];
	const struct event last = h->events[--h->used];
	size_t hole = 0;
	for (size_t child; (child = 2 * hole + 1) < h->used; hole = child) {
		if (child + 1 < h->used &&
		    event_before(&h->events[child + 1], &h->events[child]))
			child++;
		if (!event_before(&h->events[child], &last))
			break;
		h->events[hole] = h->events[child];
	}
	h->events[hole] = last;
	return first;
}

#endif
