/*
 * receivers.h - how those fare who are told of alerts, as the probe that runs here said
 * last: their queues, and what goes wrong.
 */
#ifndef EARSHOT_WEB_RECEIVERS_H
#define EARSHOT_WEB_RECEIVERS_H

#include "web/metrics.h"

/* As a JSON list; null: no probe runs here, or it has said nothing yet. */
void receivers_add(const struct site *site, struct buffer *to);

/* One label, the receiver's name: at most as many as the configuration may have. */
void metrics_receivers(struct metrics *m, const struct site *site);

#endif
