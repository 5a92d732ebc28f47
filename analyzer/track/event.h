/*
 * event.h - events about peers on their way out: each is a record as soon as it is known.
 */
#ifndef EARSHOT_TRACK_EVENT_H
#define EARSHOT_TRACK_EVENT_H

#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"

struct events {
	struct context *context; /* borrowed */
	struct pool pool;        /* of struct event_record, until they have left */
};

void events_init(struct events *events, struct context *context);
void events_free(struct events *events);

/* Everything unknown, of that type about that peer. */
struct event_record event_blank(enum event_type type, const struct endpoint *peer);

/* Takes a copy, gives it its id, and lets it out now. */
void events_add(struct events *events, const struct event_record *event);

void events_record(struct events *events, uint32_t number, struct event_record *out);

#endif
