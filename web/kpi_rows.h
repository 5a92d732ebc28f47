/*
 * kpi_rows.h - rows of KPIs for programs: JSON objects and CSV, of the command line and the
 * API alike; and what stands at the head of a row for people.
 */
#ifndef EARSHOT_WEB_KPI_ROWS_H
#define EARSHOT_WEB_KPI_ROWS_H

#include "schema/kpi.h"
#include "web/buffer.h"

/* What tells rows apart, one column each; `by` 0: when the step begins. */
struct kpi_group {
	unsigned int by;
	const char *name;
};
extern const struct kpi_group kpi_groups[];
extern const size_t kpi_group_count;

bool kpi_group_is_shown(const struct kpi_request *request, const struct kpi_group *group);
/* What the row has there, for people and CSV; nothing where it is not known. */
void kpi_add_group(struct buffer *to, const struct kpi_row *row,
                   const struct kpi_group *group);

/* One object, without an end of line. */
void kpi_add_json(struct buffer *to, const struct kpi_request *request,
                  const struct kpi_columns *columns, const struct kpi_row *row);

void kpi_add_csv_header(struct buffer *to, const struct kpi_request *request,
                        const struct kpi_columns *columns);
void kpi_add_csv(struct buffer *to, const struct kpi_request *request,
                 const struct kpi_columns *columns, const struct kpi_row *row);

/* "2024-05-01T10:00:00Z": a minute needs no fraction of a second. */
void kpi_add_minute(struct buffer *to, nstime at);

#endif
