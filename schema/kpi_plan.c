#include "schema/kpi_plan.h"

#include <stdlib.h>
#include <string.h>

#include "schema/kpi_bound.h"
#include "schema/kpi_peaks.h"

#define HOUR_NS (3600 * NS_PER_SEC)

void kpi_plan_free(struct kpi_plan *plan)
{
	free(plan->list);
	*plan = (struct kpi_plan){ 0 };
}

/* Behind the last part, or one with it. */
static enum status add_part(struct kpi_plan *plan, enum kpi_level level, nstime from,
                            nstime to)
{
	struct kpi_part *last = plan->count ? &plan->list[plan->count - 1] : NULL;
	if (last && last->level == level && last->to == from) {
		last->to = to;
		return OK;
	}
	if (plan->count == plan->room) {
		const size_t room = plan->room ? 2 * plan->room : 16;
		struct kpi_part *list = realloc(plan->list, room * sizeof *list);
		if (!list)
			return ERR_NOMEM;
		plan->list = list;
		plan->room = room;
	}
	plan->list[plan->count++] = (struct kpi_part){ level, from, to };
	return OK;
}

/* --- what hours and days can answer --------------------------------------------------- */

static const struct {
	const char *field;
	unsigned int by;
} dimensions[] = {
	{ "trunk", KPI_BY_TRUNK },   { "site", KPI_BY_SITE },
	{ "peer", KPI_BY_PEER },     { "direction", KPI_BY_DIRECTION },
	{ "prefix", KPI_BY_PREFIX }, { "codec", KPI_BY_CODEC },
	{ "status", KPI_BY_CODE },
};

/* 0: the field is not the same in all buckets of an hour's row. */
static unsigned int dimension_of(const char *field)
{
	for (size_t i = 0; i < ARRAY_LEN(dimensions); i++) {
		if (strcmp(field, dimensions[i].field) == 0)
			return dimensions[i].by;
	}
	return 0;
}

/* The dimensions that the filter speaks of; false: it speaks of more. */
static bool filter_dimensions(const struct kpi_request *request, unsigned int *by)
{
	const struct filter *filter = request->filter;
	const struct field_table table = record_fields(RECORD_KPI);
	for (size_t i = 0; i < table.count; i++) {
		const char *field = table.fields[i].name;
		if (!filter_names(filter, field) ||
		    (request->start_is_bound && strcmp(field, "start") == 0))
			continue;
		const unsigned int dimension = dimension_of(field);
		if (!dimension)
			return false;
		*by |= dimension;
	}
	return true;
}

/* Will hours and days do, or does it take what only minutes know? */
static bool is_in_hours(const struct kpi_request *request, bool few_minutes,
                        struct kpi_plan *out)
{
	const unsigned int known_later = KPI_BY_CODEC | KPI_BY_CODE;
	unsigned int by = request->by & ~(unsigned int)KPI_BY_HOUR_OF_WEEK;
	if (request->step == KPI_STEP_MINUTE || request->minutes_alone)
		return false;
	if (request->filter && !filter_dimensions(request, &by))
		return false;
	if (request->no_peaks || by & known_later)
		return true;
	out->grouped = kpi_peaks_grouped(request->view, by);
	out->no_peaks = !out->grouped && !few_minutes;
	return out->grouped || out->no_peaks;
}

/* --- the plan ------------------------------------------------------------------------- */

struct planning {
	const struct kpi_request *request;
	const struct local_time *kept, *zone;
	bool same_zone;
	sqlite3_stmt *stale; /* hours of UTC by time */
	nstime next_stale;   /* NSTIME_NEVER: none any more */
};

static void find_stale(struct planning *p)
{
	p->next_stale = sqlite3_step(p->stale) == SQLITE_ROW
	                        ? sqlite3_column_int64(p->stale, 0) * NS_PER_US
	                        : NSTIME_NEVER;
}

/* Times come in order. */
static bool is_stale(struct planning *p, nstime from, nstime to)
{
	while (p->next_stale != NSTIME_NEVER && p->next_stale + HOUR_NS <= from)
		find_stale(p);
	return p->next_stale < to;
}

static bool is_day(struct planning *p, nstime at, nstime end)
{
	const struct kpi_request *request = p->request;
	return request->step != KPI_STEP_HOUR && !(request->by & KPI_BY_HOUR_OF_WEEK) &&
	       (p->same_zone || request->step == KPI_STEP_NONE) &&
	       local_day_start(p->kept, at) == at && !is_stale(p, at, end);
}

static bool is_hour(struct planning *p, nstime at, nstime end)
{
	const bool any = p->request->step == KPI_STEP_NONE &&
	                 !(p->request->by & KPI_BY_HOUR_OF_WEEK);
	return local_hour_start(p->kept, at) == at &&
	       (any || local_hour_start(p->zone, at) == at) && !is_stale(p, at, end);
}

static enum status make(struct planning *p, nstime from, nstime to, struct kpi_plan *out)
{
	enum status status = OK;
	for (nstime at = from; status == OK && at < to;) {
		const nstime day = local_day_end(p->kept, at);
		const nstime hour = local_hour_start(p->kept, at) + HOUR_NS;
		if (day <= to && is_day(p, at, day)) {
			status = add_part(out, KPI_DAYS, at, day);
			at = day;
		} else if (hour <= to && is_hour(p, at, hour)) {
			status = add_part(out, KPI_HOURS, at, hour);
			at = hour;
		} else {
			const nstime until = hour > at && hour < to ? hour : to;
			status = add_part(out, KPI_MINUTES, at, until);
			at = until;
		}
	}
	return status;
}

enum status kpi_plan_make(struct query *query, const struct kpi_request *request,
                          const struct kpi_zone *kept, const struct kpi_zone *zone,
                          nstime from, nstime to, struct kpi_plan *out)
{
	static const char sql[] = "SELECT start FROM kpi_stale ORDER BY start";
	struct planning p = { .request = request,
		              .kept = &kept->time,
		              .zone = &zone->time,
		              .same_zone = kpi_zone_equal(kept, zone) };
	bool few = true;
	*out = (struct kpi_plan){ 0 };
	if (request->bounded && !is_in_hours(request, true, out) &&
	    kpi_minutes_are_few(query, from, to, &few) != OK)
		return query_failed(query);
	if (!is_in_hours(request, few, out))
		return add_part(out, KPI_MINUTES, from, to);
	/* Without bounds of the question all of the first and last day is meant. */
	const nstime first = local_day_start(p.kept, from);
	const nstime last = local_day_end(p.kept, to - 1);
	from = request->from < first ? first : request->from;
	to = request->to == NSTIME_NONE || request->to > last ? last : request->to;
	if (sqlite3_prepare_v2(query_db(query), sql, -1, &p.stale, NULL) != SQLITE_OK)
		return query_failed(query);
	find_stale(&p);
	const enum status status = make(&p, from, to, out);
	sqlite3_finalize(p.stale);
	return status;
}
