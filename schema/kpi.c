#include "schema/kpi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/kpi_bound.h"
#include "schema/kpi_plan.h"
#include "schema/trunk_rows.h"

#define MINUTE_NS (KPI_MINUTE_S * NS_PER_SEC)
/* Beyond them lies no time of a packet, and no hour can be told. */
#define TIME_MAX (INT64_MAX / 10 * 9)
enum { HOUR_S = 3600, WEEK_HOURS = 168 };

/* --- time ----------------------------------------------------------------------------- */

static int hour_of_week(const struct local_time *zone, nstime at)
{
	const struct local_hour hour = local_hour_at(zone, at);
	return (int)(hour.weekday * 24 + hour.hour);
}

static nstime step_start(const struct kpi_request *request, const struct local_time *zone,
                         nstime at)
{
	switch (request->step) {
	case KPI_STEP_NONE:
		return 0;
	case KPI_STEP_MINUTE:
		return at;
	case KPI_STEP_HOUR:
		return local_hour_start(zone, at);
	case KPI_STEP_DAY:
		return local_day_start(zone, at);
	}
	return at;
}

static nstime step_end(const struct kpi_request *request, const struct local_time *zone,
                       nstime start)
{
	if (request->step == KPI_STEP_MINUTE)
		return start + MINUTE_NS;
	return request->step == KPI_STEP_HOUR ? start + HOUR_S * NS_PER_SEC
	                                      : local_day_end(zone, start);
}

double kpi_row_value(const struct kpi_request *request,
                     const struct kpi_definition *definition, const struct kpi_row *row)
{
	if (!definition->every_group && kpi_request_is_by_end(request))
		return NAN;
	if (definition->of_calls && request->view != KPI_VIEW_CALL)
		return NAN;
	if (row->no_peaks && kpi_form_is_peak(definition->form))
		return NAN;
	return kpi_value(definition, &row->sum);
}

/* --- rows ----------------------------------------------------------------------------- */

/* What tells rows apart. */
struct row_key {
	struct kpi_key key;
	int hour_of_week;
};

static struct row_key key_of(const struct kpi_key *key, const struct kpi_request *request,
                             const struct local_time *zone)
{
	const unsigned int by = request->by;
	struct row_key row = { .hour_of_week = -1, .key.view = request->view };
	row.key.start = step_start(request, zone, key->start);
	if (by & (KPI_BY_TRUNK | KPI_BY_PEER))
		memcpy(row.key.trunk, key->trunk, sizeof row.key.trunk);
	if (by & KPI_BY_PEER)
		memcpy(row.key.peer, key->peer, sizeof row.key.peer);
	if (by & KPI_BY_SITE)
		memcpy(row.key.site, key->site, sizeof row.key.site);
	if (by & KPI_BY_DIRECTION)
		row.key.direction = key->direction;
	if (by & KPI_BY_PREFIX)
		memcpy(row.key.prefix, key->prefix, sizeof row.key.prefix);
	if (by & KPI_BY_CODEC)
		row.key.codec = key->codec;
	if (by & KPI_BY_CODE)
		row.key.status = key->status;
	if (by & KPI_BY_HOUR_OF_WEEK)
		row.hour_of_week = hour_of_week(zone, key->start);
	return row;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_keys(const struct kpi_key *a, const struct kpi_key *b)
{
	int order = strcmp(a->site, b->site);
	if (!order)
		order = strcmp(a->peer, b->peer);
	if (!order)
		order = strcmp(a->trunk, b->trunk);
	if (!order)
		order = compare_numbers(a->direction, b->direction);
	if (!order)
		order = strcmp(a->prefix, b->prefix);
	if (!order)
		order = compare_numbers(a->codec, b->codec);
	if (!order)
		order = compare_numbers((int64_t)a->status, (int64_t)b->status);
	return order;
}

static int compare(const void *left, const void *right)
{
	const struct kpi_row *a = left;
	const struct kpi_row *b = right;
	int order = compare_keys(&a->key, &b->key);
	if (!order)
		order = compare_numbers(a->hour_of_week, b->hour_of_week);
	if (!order)
		order = compare_numbers(a->key.start, b->key.start);
	return order;
}

static bool is_of(const struct kpi_row *row, const struct row_key *key)
{
	return row->key.start == key->key.start && row->hour_of_week == key->hour_of_week &&
	       compare_keys(&row->key, &key->key) == 0;
}

static uint64_t hash_of(const struct row_key *row)
{
	static const struct hash_key key = { 1, 2 }; /* rows of our own making */
	const uint64_t parts[] = { hash_text(&key, text_from(row->key.trunk)),
		                   hash_text(&key, text_from(row->key.site)),
		                   hash_text(&key, text_from(row->key.peer)),
		                   hash_text(&key, text_from(row->key.prefix)),
		                   row->key.direction,
		                   row->key.codec,
		                   row->key.status,
		                   (uint64_t)row->hour_of_week,
		                   (uint64_t)row->key.start };
	return hash_bytes(&key, parts, sizeof parts);
}

/* The row of the same key, made when there is none; NULL: no memory. */
static struct kpi_row *find_row(struct kpi_rows *rows, const struct row_key *key)
{
	/* Buckets come in an order in which often the same is meant as before. */
	if (rows->latest < rows->count && is_of(&rows->list[rows->latest], key))
		return &rows->list[rows->latest];
	const uint64_t hash = hash_of(key);
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while ((number = map_next(&rows->map, &cursor)) != MAP_NONE) {
		if (is_of(&rows->list[number], key)) {
			rows->latest = number;
			return &rows->list[number];
		}
	}
	if (rows->count == rows->room) {
		const size_t room = rows->room ? rows->room * 2 : 16;
		struct kpi_row *list = realloc(rows->list, room * sizeof *list);
		if (!list)
			return NULL;
		rows->list = list;
		rows->room = room;
	}
	if (map_insert(&rows->map, hash, (uint32_t)rows->count) != OK)
		return NULL;
	rows->latest = rows->count;
	struct kpi_row *row = &rows->list[rows->count++];
	*row = (struct kpi_row){ .key = key->key,
		                 .hour_of_week = key->hour_of_week,
		                 .peaked = NSTIME_NONE };
	kpi_sum_begin(&row->sum);
	return row;
}

/* --- how much time a row is about ----------------------------------------------------- */

static double overlap_s(nstime a, nstime a_end, nstime b, nstime b_end)
{
	const nstime from = a > b ? a : b;
	const nstime to = a_end < b_end ? a_end : b_end;
	return to > from ? ns_to_s(to - from) : 0;
}

static void count_hours_of_week(const struct local_time *zone, nstime from, nstime to,
                                double seconds[WEEK_HOURS])
{
	while (from < to) {
		const nstime next = local_hour_start(zone, from) + HOUR_S * NS_PER_SEC;
		const nstime until = next < to && next > from ? next : to;
		seconds[hour_of_week(zone, from)] += ns_to_s(until - from);
		from = until;
	}
}

static void finish_rows(struct kpi_rows *rows, const struct kpi_request *request,
                        bool no_peaks)
{
	const struct local_time *zone = &rows->zone.time;
	double seconds[WEEK_HOURS] = { 0 };
	if (request->by & KPI_BY_HOUR_OF_WEEK)
		count_hours_of_week(zone, rows->from, rows->to, seconds);
	for (size_t i = 0; i < rows->count; i++) {
		struct kpi_row *row = &rows->list[i];
		kpi_sum_finish(&row->sum);
		row->no_peaks = no_peaks;
		if (kpi_request_is_by_end(request)) {
			row->sum.busy_hour = NSTIME_NONE;
			row->sum.busy_hour_erlang = NAN;
		}
		if (request->step == KPI_STEP_NONE) {
			row->key.start = rows->from;
			row->end = rows->to;
		} else {
			row->end = step_end(request, zone, row->key.start);
		}
		row->sum.seconds =
		        row->hour_of_week >= 0 && request->step == KPI_STEP_NONE
		                ? seconds[row->hour_of_week]
		                : overlap_s(row->key.start, row->end, rows->from, rows->to);
	}
	if (rows->count > 1)
		qsort(rows->list, rows->count, sizeof *rows->list, compare);
}

/* --- channels ------------------------------------------------------------------------- */

/* NAN: the trunk, or one of the site, does not say. */
static double channels_of(const struct trunk_rows *trunks,
                          const struct kpi_request *request, const struct kpi_row *row)
{
	const bool of_trunk = request->by & (KPI_BY_TRUNK | KPI_BY_PEER);
	const char *wanted = of_trunk ? row->key.trunk : row->key.site;
	double channels = NAN;
	for (size_t i = 0; *wanted && i < trunks->count; i++) {
		const struct trunk *trunk = &trunks->list[i];
		const char *name = of_trunk ? trunk->name : trunk->site;
		if (strcmp(name, wanted) != 0)
			continue;
		if (!trunk->channels)
			return NAN;
		channels = (isnan(channels) ? 0 : channels) + trunk->channels;
	}
	return channels;
}

static enum status add_channels(struct query *query, const struct kpi_request *request,
                                struct kpi_rows *rows)
{
	struct trunk_rows trunks;
	if ((request->view != KPI_VIEW_TRUNK && request->view != KPI_VIEW_PEER) ||
	    !(request->by & (KPI_BY_TRUNK | KPI_BY_PEER | KPI_BY_SITE)))
		return OK;
	const enum status status = trunk_rows_read(query, &trunks);
	for (size_t i = 0; status == OK && i < rows->count; i++)
		rows->list[i].sum.channels_configured =
		        channels_of(&trunks, request, &rows->list[i]);
	trunk_rows_free(&trunks);
	return status;
}

/* --- asking --------------------------------------------------------------------------- */

/* What is in progress has neither codec nor status: it would be a row of neither. */
static bool is_of_no_row(const struct kpi_record *record)
{
	const uint64_t *counts = record->counts;
	return counts[KPI_SEEN] == 0 && counts[KPI_STREAMS] == 0 &&
	       counts[KPI_REGISTRATIONS] == 0 && counts[KPI_REDIALS] == 0;
}

/* Rates are over all the time of which there is data, whatever is left out by a filter. */
static void stretch(struct kpi_rows *rows, nstime first, nstime last)
{
	if (rows->from == NSTIME_NONE || first < rows->from)
		rows->from = first;
	if (rows->to == NSTIME_NONE || last + MINUTE_NS > rows->to)
		rows->to = last + MINUTE_NS;
}

static enum status add_row(struct kpi_rows *rows, const struct kpi_request *request,
                           struct record *record)
{
	if (kpi_request_is_by_end(request)) {
		if (is_of_no_row(&record->kpi))
			return OK;
		record->kpi.counts[KPI_OCCUPIED_US] = 0;
	}
	const struct row_key key = key_of(&record->kpi.key, request, &rows->zone.time);
	struct kpi_row *row = find_row(rows, &key);
	if (!row)
		return ERR_NOMEM;
	const enum status status = kpi_sum_add(&row->sum, &record->kpi, record->tail);
	return status == ERR_NOMEM ? status : OK;
}

/* A filter that speaks of the minutes themselves says what time it is about, too. */
static enum status find_span(struct query *query, const struct kpi_request *request,
                             struct kpi_rows *out)
{
	struct kpi_span span = {
		.view = request->view,
		.from = request->from > -TIME_MAX ? request->from : -TIME_MAX,
		.to = request->to == NSTIME_NONE || request->to > TIME_MAX ? TIME_MAX
		                                                           : request->to,
	};
	if (request->filter && filter_names(request->filter, "start")) {
		span.filter = request->filter;
		span.now = request->now;
	}
	const enum status status = query_kpi_span(query, &span);
	if (status == OK)
		stretch(out, span.first, span.last);
	return status == ERR_NOT_FOUND ? OK : status;
}

struct peaking {
	struct kpi_rows *rows;
	const struct kpi_request *request;
	bool mixed, no_memory;
	bool none; /* rows have no peaks */
};

static bool add_peaks(void *self, const struct kpi_peaks *peaks)
{
	struct peaking *p = self;
	const struct row_key key = key_of(&peaks->key, p->request, &p->rows->zone.time);
	struct kpi_row *row = find_row(p->rows, &key);
	p->no_memory |= !row;
	/* Two groups at the same time have one peak together, which nobody kept. */
	p->mixed |= row && row->peaked == peaks->key.start;
	if (p->mixed || p->no_memory)
		return false;
	row->peaked = peaks->key.start;
	kpi_sum_add_peaks(&row->sum, peaks->of);
	return true;
}

static enum status add_part(struct query *query, const struct kpi_request *request,
                            const struct kpi_plan *plan, const struct kpi_part *part,
                            struct peaking *peaking)
{
	const struct kpi_span span = { .level = part->level,
		                       .whole = !kpi_request_is_by_end(request),
		                       .view = request->view,
		                       .from = part->from,
		                       .to = part->to,
		                       .filter = request->filter,
		                       .now = request->now };
	struct record record;
	struct rows rows;
	enum status status = query_kpis(query, &span, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		status = add_row(peaking->rows, request, &record);
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		return status;
	if (part->level == KPI_MINUTES || !plan->grouped)
		return OK;
	status = query_kpi_peaks(query, &span, plan->grouped, add_peaks, peaking);
	return status == OK && peaking->no_memory ? ERR_NOMEM : status;
}

static void forget_rows(struct kpi_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		kpi_sum_free(&rows->list[i].sum);
	free(rows->list);
	map_free(&rows->map);
	rows->list = NULL;
	rows->count = rows->room = 0;
}

/* Those of hours are mixed, and of minutes there are too many: it is done without. */
static void give_up_peaks(struct kpi_plan *plan, struct peaking *peaking)
{
	plan->grouped = NULL;
	peaking->mixed = false;
	peaking->none = true;
}

static enum status make_plan(struct query *query, const struct kpi_request *request,
                             const struct kpi_zone *kept, struct kpi_rows *rows,
                             struct kpi_plan *out)
{
	const enum status status =
	        kpi_plan_make(query, request, kept, &rows->zone, rows->from, rows->to, out);
	if (status != OK || !request->bounded)
		return status;
	rows->reached = NSTIME_NONE;
	return kpi_bound_plan(query, request, out, &rows->reached);
}

/* ERR_UNSUPPORTED: hours have no such peaks, and minutes are to be read. */
static enum status add_parts(struct query *query, const struct kpi_request *request,
                             const struct kpi_zone *kept, struct kpi_rows *out)
{
	struct peaking peaking = { .rows = out, .request = request };
	struct kpi_plan plan;
	bool few = true;
	enum status status = make_plan(query, request, kept, out, &plan);
	peaking.none = plan.no_peaks;
	if (status == OK)
		status = map_init(&out->map);
	for (size_t i = 0; status == OK && !peaking.mixed && i < plan.count; i++) {
		status = add_part(query, request, &plan, &plan.list[i], &peaking);
		if (peaking.mixed && request->bounded &&
		    kpi_minutes_are_few(query, out->from, out->to, &few) == OK && !few)
			give_up_peaks(&plan, &peaking);
	}
	kpi_plan_free(&plan);
	if (status != OK || peaking.mixed)
		return status == OK ? ERR_UNSUPPORTED : status;
	if (out->reached != NSTIME_NONE)
		out->from = out->reached;
	finish_rows(out, request, peaking.none);
	return request->bounded && request->step != KPI_STEP_NONE ? kpi_bound_rows(out)
	                                                          : OK;
}

static enum status answer(struct query *query, const struct kpi_request *request,
                          struct kpi_rows *out)
{
	struct kpi_zone kept;
	const int code = kpi_zone_read(query_db(query), &kept);
	if (code != SQLITE_OK && code != SQLITE_DONE)
		return query_failed(query);
	out->zone = request->zone ? *request->zone : kept;
	enum status status = find_span(query, request, out);
	if (status != OK || out->from == NSTIME_NONE)
		return status;
	status = add_parts(query, request, &kept, out);
	if (status == ERR_UNSUPPORTED) {
		struct kpi_request minutes = *request;
		minutes.minutes_alone = true;
		forget_rows(out);
		status = add_parts(query, &minutes, &kept, out);
	}
	return status == OK ? add_channels(query, request, out) : status;
}

/* What the filter says of the time is what the question is about, and finds it at once. */
static struct kpi_request narrow(const struct kpi_request *request)
{
	struct kpi_request narrow = *request;
	if (request->filter)
		narrow.start_is_bound = filter_bounds(
		        request->filter, "start", request->now, &narrow.from, &narrow.to);
	return narrow;
}

enum status kpi_ask(struct query *query, const struct kpi_request *request,
                    struct kpi_rows *out)
{
	*out = (struct kpi_rows){ .from = NSTIME_NONE,
		                  .to = NSTIME_NONE,
		                  .reached = NSTIME_NONE };
	const struct kpi_request narrowed = narrow(request);
	/* Minutes and hours are read as they stand at one moment. */
	if (sqlite3_exec(query_db(query), "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return query_failed(query);
	const enum status status = answer(query, &narrowed, out);
	if (sqlite3_exec(query_db(query), "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK &&
	    status == OK)
		return query_failed(query);
	return status;
}

void kpi_rows_free(struct kpi_rows *rows)
{
	forget_rows(rows);
	*rows = (struct kpi_rows){ .from = NSTIME_NONE, .to = NSTIME_NONE };
}
