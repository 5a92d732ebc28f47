/* sla_points.h - between schema/sla.c and schema/sla_points.c: what each point measured. */
#ifndef EARSHOT_SCHEMA_SLA_POINTS_H
#define EARSHOT_SCHEMA_SLA_POINTS_H

#include "schema/sla.h"

/* Its value and samples, out of what was added up. */
void sla_set_figure(enum sla_figure figure, const struct kpi_sum *sum,
                    struct sla_value *out);
/* Its target, and whether that was missed. */
void sla_judge(const struct sla_settings *settings, enum sla_figure figure,
               struct sla_value *value);

/* Fills in report->points of the trunk's streams that began in these parts of the time. */
MUST_CHECK enum status sla_points_ask(struct query *query,
                                      const struct sla_settings *settings,
                                      const struct spans *parts, struct sla_report *out);

#endif
