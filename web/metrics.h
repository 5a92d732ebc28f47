/*
 * metrics.h - figures as Prometheus reads them: OpenMetrics 1.0, or the text format 0.0.4.
 * A family is begun once, and all of its samples follow.
 */
#ifndef EARSHOT_WEB_METRICS_H
#define EARSHOT_WEB_METRICS_H

#include "web/handlers.h"

struct metrics {
	struct buffer *to;
	bool open; /* OpenMetrics: a counter's family has no _total */
};

/* type: counter, gauge, info or histogram, this of what is not counted for ever. */
void metrics_family(struct metrics *m, const char *name, const char *type,
                    const char *help);
void metrics_gauge(struct metrics *m, const char *name, const char *help, double value);

/* "name{" and the trunk's labels of a row, without the closing brace. */
void metrics_labels(struct metrics *m, const char *name, const struct kpi_key *key);
/* A number, never null, and the end of the line. */
void metrics_value(struct metrics *m, double value);

/* Calls, delays and quality of the last hour by trunk and direction (metrics_kpis.c). */
MUST_CHECK bool metrics_kpis(struct metrics *m, struct exchange *x);

#endif
