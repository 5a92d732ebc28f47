/*
 * kpi.h - KPI buckets in the database: how they are added up when they are written, and the
 * answers that are made of them when they are read.
 */
#ifndef EARSHOT_SCHEMA_KPI_H
#define EARSHOT_SCHEMA_KPI_H

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "analyzer/model/kpi_sum.h"
#include "schema/query.h"

/* kpi_merge(bins, bins) for the statements of this connection. */
MUST_CHECK enum status kpi_functions(sqlite3 *db);

/* What rows are told apart by. */
enum kpi_by {
	KPI_BY_TRUNK = 1 << 0,
	KPI_BY_DIRECTION = 1 << 1,
	KPI_BY_PREFIX = 1 << 2,
	KPI_BY_CODEC = 1 << 3,
	KPI_BY_CODE = 1 << 4, /* final SIP status */
	KPI_BY_HOUR_OF_WEEK = 1 << 5,
};

enum kpi_step { KPI_STEP_NONE, KPI_STEP_MINUTE, KPI_STEP_HOUR, KPI_STEP_DAY };

/*
 * Hours, days and hours of the week are those of local time as the process has it (TZ):
 * who asks sets it to the sensor's time zone.
 */
struct kpi_request {
	enum kpi_view view;
	unsigned int by; /* enum kpi_by */
	enum kpi_step step;
	nstime from, to; /* NSTIME_NONE: all there is */
};

struct kpi_row {
	struct kpi_key key; /* what `by` tells apart; start: of the step */
	nstime end;         /* of the step; without steps, of the time asked for */
	int hour_of_week;   /* 0: Monday 0:00; -1 unless told apart */
	struct kpi_sum sum;
};

struct kpi_rows {
	struct kpi_row *list; /* owned; by trunk, direction, prefix, codec, status, time */
	size_t count, room;
	struct map map;
	nstime from, to; /* the time that there is data of; NSTIME_NONE: none */
};

/* Free *out in any case. */
MUST_CHECK enum status kpi_ask(struct query *query, const struct kpi_request *request,
                               struct kpi_rows *out);
void kpi_rows_free(struct kpi_rows *rows);

#endif
