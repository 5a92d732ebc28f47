/* store_baselines.h - what alert rules know of past weeks, kept over a restart. */
#ifndef EARSHOT_SCHEMA_STORE_BASELINES_H
#define EARSHOT_SCHEMA_STORE_BASELINES_H

#include "schema/store_live.h"

/* As alert_baseline has it; names as in the record of an alert. */
struct stored_baseline {
	const char *rule, *scope, *name, *codec; /* borrowed for the time of the call */
	unsigned int direction;
	const float *hours;
	size_t hour_count;
};

MUST_CHECK enum status store_baseline_put(struct store_live *live,
                                          const struct stored_baseline *baseline);

/* All of them, with `hour_count` hours: others are of another time and left out. */
MUST_CHECK enum status store_baselines(struct store_live *live, size_t hour_count,
                                       void (*hand)(void *self,
                                                    const struct stored_baseline *baseline),
                                       void *self);

#endif
