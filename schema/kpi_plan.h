/*
 * kpi_plan.h - out of which buckets a question is answered: days and hours that are kept
 * added up where they are all of the time asked for, minutes elsewhere.
 */
#ifndef EARSHOT_SCHEMA_KPI_PLAN_H
#define EARSHOT_SCHEMA_KPI_PLAN_H

#include "schema/kpi_request.h"
#include "schema/query.h"

struct kpi_part {
	enum kpi_level level;
	nstime from, to;
};

struct kpi_plan {
	struct kpi_part *list; /* owned; by time, without gaps */
	size_t count, room;
	const char
	        *grouped; /* kpi_peak.grouped of hours and days; NULL: nobody wants peaks */
	bool no_peaks;    /* hours and days have none that are asked for */
};

/*
 * Of the time from `from` to `to`, where all data is.  `kept`: the zone that the database's
 * hours and days are of; `zone`: the one asked for.  Free *out in any case.
 */
MUST_CHECK enum status kpi_plan_make(struct query *query, const struct kpi_request *request,
                                     const struct kpi_zone *kept,
                                     const struct kpi_zone *zone, nstime from, nstime to,
                                     struct kpi_plan *out);
void kpi_plan_free(struct kpi_plan *plan);

#endif
