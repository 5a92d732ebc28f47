#include "schema/kpi.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE_NS (KPI_MINUTE_S * NS_PER_SEC)
enum { HOUR_S = 3600, DAY_S = 86400, WEEK_HOURS = 168 };

/* --- writing -------------------------------------------------------------------------- */

static struct span value_span(sqlite3_value *value)
{
	const void *bytes = sqlite3_value_blob(value);
	return (struct span){ bytes, (size_t)sqlite3_value_bytes(value) };
}

/* What is damaged is taken as far as it goes: losing it all would not be better. */
static void merge(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct kpi_bins bins = { 0 };
	bool no_memory = false;
	for (int i = 0; i < count; i++)
		no_memory |= kpi_bins_decode(value_span(values[i]), &bins) == ERR_NOMEM;
	uint8_t *bytes = no_memory ? NULL : malloc(kpi_coded_max(&bins));
	if (bytes)
		sqlite3_result_blob(context, bytes, (int)kpi_bins_encode(&bins, bytes),
		                    free);
	else
		sqlite3_result_error_nomem(context);
	kpi_bins_free(&bins);
}

enum status kpi_functions(sqlite3 *db)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	return sqlite3_create_function(db, "kpi_merge", 2, flags, NULL, merge, NULL,
	                               NULL) == SQLITE_OK
	               ? OK
	               : ERR_NOMEM;
}

/* --- time ----------------------------------------------------------------------------- */

static int64_t seconds_of(nstime at)
{
	return at / NS_PER_SEC - (at % NS_PER_SEC < 0);
}

/* 0: Monday 0:00; and the offset of local time, in s. */
static int hour_of_week(nstime at, int64_t *offset)
{
	const time_t seconds = (time_t)seconds_of(at);
	struct tm local = { 0 };
	if (!localtime_r(&seconds, &local))
		return 0;
	*offset = local.tm_gmtoff;
	return (local.tm_wday + 6) % 7 * 24 + local.tm_hour;
}

/* Where the step that has `at` begins, in local time. */
static nstime step_start(nstime at, enum kpi_step step)
{
	const int64_t length = step == KPI_STEP_DAY ? DAY_S : HOUR_S;
	const time_t seconds = (time_t)seconds_of(at);
	struct tm local = { 0 };
	if (step == KPI_STEP_NONE || step == KPI_STEP_MINUTE)
		return at;
	if (!localtime_r(&seconds, &local))
		return at;
	if (step == KPI_STEP_DAY) { /* a day may have 23 hours */
		local.tm_sec = local.tm_min = local.tm_hour = 0;
		local.tm_isdst = -1;
		return (nstime)mktime(&local) * NS_PER_SEC;
	}
	const int64_t past = (seconds + local.tm_gmtoff) % length;
	return (seconds - past) * NS_PER_SEC;
}

static nstime step_end(nstime start, enum kpi_step step)
{
	const time_t seconds = (time_t)seconds_of(start);
	struct tm local = { 0 };
	if (step == KPI_STEP_MINUTE)
		return start + MINUTE_NS;
	if (step == KPI_STEP_HOUR)
		return start + HOUR_S * NS_PER_SEC;
	if (!localtime_r(&seconds, &local))
		return start + DAY_S * NS_PER_SEC;
	local.tm_mday++;
	local.tm_isdst = -1;
	return (nstime)mktime(&local) * NS_PER_SEC;
}

/* --- rows ----------------------------------------------------------------------------- */

static struct kpi_row row_of(const struct kpi_record *record,
                             const struct kpi_request *request)
{
	const struct kpi_key *key = &record->key;
	struct kpi_row row = { .hour_of_week = -1, .key.view = request->view };
	int64_t offset = 0;
	row.key.start = step_start(key->start, request->step);
	if (request->step == KPI_STEP_NONE)
		row.key.start = 0;
	if (request->by & KPI_BY_TRUNK)
		memcpy(row.key.trunk, key->trunk, sizeof row.key.trunk);
	if (request->by & KPI_BY_DIRECTION)
		row.key.direction = key->direction;
	if (request->by & KPI_BY_PREFIX)
		memcpy(row.key.prefix, key->prefix, sizeof row.key.prefix);
	if (request->by & KPI_BY_CODEC)
		row.key.codec = key->codec;
	if (request->by & KPI_BY_CODE)
		row.key.status = key->status;
	if (request->by & KPI_BY_HOUR_OF_WEEK)
		row.hour_of_week = hour_of_week(key->start, &offset);
	return row;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
	const struct kpi_row *a = left;
	const struct kpi_row *b = right;
	int order = strcmp(a->key.trunk, b->key.trunk);
	if (!order)
		order = compare_numbers(a->key.direction, b->key.direction);
	if (!order)
		order = strcmp(a->key.prefix, b->key.prefix);
	if (!order)
		order = compare_numbers(a->key.codec, b->key.codec);
	if (!order)
		order = compare_numbers((int64_t)a->key.status, (int64_t)b->key.status);
	if (!order)
		order = compare_numbers(a->hour_of_week, b->hour_of_week);
	if (!order)
		order = compare_numbers(a->key.start, b->key.start);
	return order;
}

static uint64_t hash_of(const struct kpi_row *row)
{
	static const struct hash_key key = { 1, 2 }; /* rows of our own making */
	const uint64_t parts[] = { hash_text(&key, text_from(row->key.trunk)),
		                   hash_text(&key, text_from(row->key.prefix)),
		                   row->key.direction,
		                   row->key.codec,
		                   row->key.status,
		                   (uint64_t)row->hour_of_week,
		                   (uint64_t)row->key.start };
	return hash_bytes(&key, parts, sizeof parts);
}

/* The row of the same key, made when there is none; NULL: no memory. */
static struct kpi_row *find_row(struct kpi_rows *rows, const struct kpi_row *like)
{
	const uint64_t hash = hash_of(like);
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while ((number = map_next(&rows->map, &cursor)) != MAP_NONE) {
		if (compare(&rows->list[number], like) == 0)
			return &rows->list[number];
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
	struct kpi_row *row = &rows->list[rows->count++];
	*row = *like;
	kpi_sum_begin(&row->sum);
	return row;
}

/* --- how much time a row is about ------------------------------------------------------
 */

static double overlap_s(nstime a, nstime a_end, nstime b, nstime b_end)
{
	const nstime from = a > b ? a : b;
	const nstime to = a_end < b_end ? a_end : b_end;
	return to > from ? ns_to_s(to - from) : 0;
}

static void count_hours_of_week(nstime from, nstime to, double seconds[WEEK_HOURS])
{
	int64_t offset = 0;
	for (nstime at = from; at < to; at += MINUTE_NS)
		seconds[hour_of_week(at, &offset)] += KPI_MINUTE_S;
}

static void finish_rows(struct kpi_rows *rows, const struct kpi_request *request)
{
	double seconds[WEEK_HOURS] = { 0 };
	if (request->by & KPI_BY_HOUR_OF_WEEK)
		count_hours_of_week(rows->from, rows->to, seconds);
	for (size_t i = 0; i < rows->count; i++) {
		struct kpi_row *row = &rows->list[i];
		kpi_sum_finish(&row->sum);
		if (request->step == KPI_STEP_NONE) {
			row->key.start = rows->from;
			row->end = rows->to;
		} else {
			row->end = step_end(row->key.start, request->step);
		}
		row->sum.seconds =
		        row->hour_of_week >= 0 && request->step == KPI_STEP_NONE
		                ? seconds[row->hour_of_week]
		                : overlap_s(row->key.start, row->end, rows->from, rows->to);
	}
	if (rows->count > 1)
		qsort(rows->list, rows->count, sizeof *rows->list, compare);
}

/* --- asking --------------------------------------------------------------------------- */

/* What is in progress is told apart neither by codec nor by status: it would be a row of
 * neither. */
static bool is_of_no_row(const struct kpi_record *record, const struct kpi_request *request)
{
	const uint64_t *counts = record->counts;
	return request->by & (KPI_BY_CODEC | KPI_BY_CODE) && counts[KPI_SEEN] == 0 &&
	       counts[KPI_STREAMS] == 0 && counts[KPI_REGISTRATIONS] == 0 &&
	       counts[KPI_REDIALS] == 0;
}

static enum status add_row(struct kpi_rows *rows, const struct kpi_request *request,
                           const struct record *record)
{
	const struct kpi_row like = row_of(&record->kpi, request);
	const nstime start = record->kpi.key.start;
	if (rows->from == NSTIME_NONE || start < rows->from)
		rows->from = start;
	if (rows->to == NSTIME_NONE || start + MINUTE_NS > rows->to)
		rows->to = start + MINUTE_NS;
	if (is_of_no_row(&record->kpi, request))
		return OK;
	struct kpi_row *row = find_row(rows, &like);
	if (!row)
		return ERR_NOMEM;
	const enum status status = kpi_sum_add(&row->sum, &record->kpi, record->tail);
	return status == ERR_NOMEM ? status : OK;
}

enum status kpi_ask(struct query *query, const struct kpi_request *request,
                    struct kpi_rows *out)
{
	struct record record;
	struct rows rows;
	*out = (struct kpi_rows){ .from = NSTIME_NONE, .to = NSTIME_NONE };
	if (map_init(&out->map) != OK)
		return ERR_NOMEM;
	enum status status =
	        query_kpis(query, request->view, request->from, request->to, &rows);
	while (status == OK && (status = rows_next(&rows, &record)) == OK)
		status = add_row(out, request, &record);
	rows_end(&rows);
	if (status != ERR_NOT_FOUND)
		return status;
	finish_rows(out, request);
	return OK;
}

void kpi_rows_free(struct kpi_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		kpi_sum_free(&rows->list[i].sum);
	free(rows->list);
	map_free(&rows->map);
	*rows = (struct kpi_rows){ .from = NSTIME_NONE, .to = NSTIME_NONE };
}
