/*
 * spans.h - sets of times: what was watched, what was left out, when something was down.
 * All in half-open spans of nanoseconds.
 */
#ifndef EARSHOT_SCHEMA_SPANS_H
#define EARSHOT_SCHEMA_SPANS_H

#include <stddef.h>

#include "analyzer/base/clock.h"
#include "analyzer/base/status.h"

struct span_of_time {
	nstime from, to;
};

struct spans {
	struct span_of_time *list; /* owned */
	size_t count, room;
};

void spans_free(struct spans *spans);

/* One more, in any order; one that is empty is none.  ERR_NOMEM. */
MUST_CHECK enum status spans_add(struct spans *spans, nstime from, nstime to);

/* In order, without overlaps; what is no more than `gap` apart becomes one. */
void spans_unite(struct spans *spans, nstime gap);

/* Into *out, which is empty: what is in `from` and not in `less`, both united. */
MUST_CHECK enum status spans_subtract(const struct spans *from, const struct spans *less,
                                      struct spans *out);

/* What is in both, likewise. */
MUST_CHECK enum status spans_intersect(const struct spans *a, const struct spans *b,
                                       struct spans *out);

/* When `least` of these, each united, are there at once; least is at least 1. */
MUST_CHECK enum status spans_overlap(const struct spans *sets, size_t count, size_t least,
                                     struct spans *out);

/* All of it, when it is united. */
nstime spans_length(const struct spans *spans);

#endif
