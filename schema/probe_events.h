/*
 * probe_events.h - what befell the probe itself: gaps, interfaces that went, a database
 * that was replaced.
 */
#ifndef EARSHOT_SCHEMA_PROBE_EVENTS_H
#define EARSHOT_SCHEMA_PROBE_EVENTS_H

#include "schema/query.h"

struct probe_event_row {
	int64_t seq;      /* they rise */
	nstime at, until; /* until: NSTIME_NONE of what is a moment */
	struct text what, subject;
	int64_t count; /* -1 = none */
};

struct probe_events_wanted {
	nstime from, to; /* by `at`; NSTIME_NONE: no bound */
	int64_t before;  /* seq */
	size_t limit;
};

/* The newest first, each for `accept`, whose texts it borrows. */
MUST_CHECK enum status probe_events_ask(
        struct query *query, const struct probe_events_wanted *wanted,
        void (*accept)(void *self, const struct probe_event_row *row), void *self);

#endif
