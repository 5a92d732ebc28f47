/* report_sla.h - the report on a trunk's month as one page, to be sent and printed. */
#ifndef EARSHOT_PROBE_REPORT_SLA_H
#define EARSHOT_PROBE_REPORT_SLA_H

#include "schema/sla.h"
#include "web/buffer.h"

void report_sla_add(struct buffer *to, const struct sla_report *report,
                    const struct sla_settings *settings);

#endif
