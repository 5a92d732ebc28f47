/*
 * context.h - what the two machines of the analyzer, signalling and media, share: the
 * settings they obey, the counters they raise, time, and where finished things go.
 */
#ifndef EARSHOT_TRACK_CONTEXT_H
#define EARSHOT_TRACK_CONTEXT_H

#include "analyzer/model/counters.h"
#include "analyzer/model/limits.h"
#include "analyzer/model/pressure.h"
#include "analyzer/model/sink.h"
#include "analyzer/track/deadlines.h"
#include "analyzer/track/finals.h"

struct id_builder {
	uint64_t state;
};

struct context {
	struct settings settings;
	const struct sink *sink; /* borrowed */
	struct counters counters;
	struct pressure pressures[PRESSURE_TABLES]; /* its own tables' */
	struct deadlines deadlines;
	struct finals finals;
	nstime now;                                     /* highest packet time so far */
	struct id_builder id_starts[RECORD_KIND_COUNT]; /* of (sensor, kind) */
};

static inline void count(struct context *context, enum counter what)
{
	context->counters.of[what]++;
}

/* After the settings are in. */
void context_init_ids(struct context *context);

/* Counts a failure for want of memory or room; OK passes through. */
void context_count_failure(struct context *context, enum status status, enum counter full);

/*
 * Ids are hashes with a fixed key of (sensor, kind, natural key), so that the same capture
 * gives the same ids.  Add the parts of the natural key in order; the result is never 0.
 */
static inline struct id_builder id_begin(const struct context *context,
                                         enum record_kind kind)
{
	return context->id_starts[kind];
}
void id_add_text(struct id_builder *id, struct text part);
void id_add_endpoint(struct id_builder *id, const struct endpoint *endpoint);
void id_add_number(struct id_builder *id, uint64_t number);
uint64_t id_end(const struct id_builder *id);

/* text_copy that counts what it cut. */
void context_copy(struct context *context, char *to, size_t size, struct text from);

#endif
