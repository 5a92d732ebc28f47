/*
 * sla_rows.h - the report on a trunk's month for programs: JSON and CSV, of the command
 * line and the API alike.
 */
#ifndef EARSHOT_WEB_SLA_ROWS_H
#define EARSHOT_WEB_SLA_ROWS_H

#include "schema/sla.h"
#include "web/buffer.h"

/* One object.  `version`: of the program. */
void sla_add_json(struct buffer *to, const struct sla_report *report,
                  const struct sla_settings *settings, const char *version);

/* A row for each figure, then for minutes, under a line of names. */
void sla_add_csv(struct buffer *to, const struct sla_report *report,
                 const struct sla_settings *settings, const char *version);

/* "2026-03", the month that the report is of. */
enum { SLA_MONTH = 8 };
void sla_month(const struct sla_report *report, char to[SLA_MONTH]);

#endif
