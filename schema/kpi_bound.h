/*
 * kpi_bound.h - how far back a question is answered that is asked over the network: of the
 * newest buckets, so many as take some tens of milliseconds, and not more rows than are of
 * use.  The answer says from when on it is.
 */
#ifndef EARSHOT_SCHEMA_KPI_BOUND_H
#define EARSHOT_SCHEMA_KPI_BOUND_H

#include "schema/kpi.h"
#include "schema/kpi_plan.h"

enum {
	KPI_MINUTES_MAX = 40000, /* rows of minutes, of all views, that are looked at */
	KPI_HOURS_MAX = 25000,   /* likewise of hours, of one view */
	KPI_ROWS_MAX = 2000,     /* of an answer by steps of time */

	/* Steps and groups at once fill an answer from fewer, and each costs more. */
	KPI_MINUTES_MAX_GROUPED = 16000,
	KPI_HOURS_MAX_GROUPED = 20000,
};

/* Is there so little between these times that its minutes can be read one by one? */
MUST_CHECK enum status kpi_minutes_are_few(struct query *query, nstime from, nstime to,
                                           bool *out);

/*
 * Leaves of the plan the newest part.  *reached: from when on that is; NSTIME_NONE: all of
 * it is left.  Days are few, and all stay.
 */
MUST_CHECK enum status kpi_bound_plan(struct query *query,
                                      const struct kpi_request *request,
                                      struct kpi_plan *plan, nstime *reached);

/* Leaves of the rows, if they are by steps, those of the newest steps. */
MUST_CHECK enum status kpi_bound_rows(struct kpi_rows *rows);

#endif
