#include "schema/kpi_rollup.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/model/record.h"
#include "schema/kpi_peaks.h"

#define HOUR_US INT64_C(3600000000)

/* --- histograms and loads ------------------------------------------------------------- */

static struct span value_span(sqlite3_value *value)
{
	const void *bytes = sqlite3_value_blob(value);
	return (struct span){ bytes, (size_t)sqlite3_value_bytes(value) };
}

/* What is by the second stays in the minutes; loads move to their place in the hour or day.
 */
static enum status add_bins(struct kpi_bins *to, const struct kpi_bins *from,
                            int64_t minute)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < from->count; i++) {
		const struct kpi_bin bin = from->list[i];
		const unsigned int series = bin.key >> 8;
		const int64_t place = bin.key - (KPI_LOADS << 8) + minute;
		if (series < KPI_HISTOGRAM_COUNT)
			status = kpi_bins_add(to, (enum kpi_series)series, (uint8_t)bin.key,
			                      bin.n);
		else if (series >= KPI_LOADS && place >= 0 && place < KPI_LOAD_MINUTES)
			status = kpi_bins_add_load(to, (size_t)place, bin.n);
	}
	return status;
}

/* Minutes have no loads in their bins, hours no occupied time beside them. */
static void roll(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct kpi_bins *sum = sqlite3_aggregate_context(context, sizeof *sum);
	struct kpi_bins bins = { 0 };
	const int64_t minute = sqlite3_value_int64(values[0]);
	(void)count;
	enum status status =
	        sum ? kpi_bins_decode(value_span(values[2]), &bins) : ERR_NOMEM;
	if (status != ERR_NOMEM)
		status = add_bins(sum, &bins, minute);
	if (status == OK && minute >= 0 && minute < KPI_LOAD_MINUTES)
		status = kpi_bins_add_load(sum, (size_t)minute,
		                           sqlite3_value_int64(values[1]));
	if (status == ERR_NOMEM)
		sqlite3_result_error_nomem(context);
	kpi_bins_free(&bins);
}

static void roll_end(sqlite3_context *context)
{
	struct kpi_bins *sum = sqlite3_aggregate_context(context, 0);
	uint8_t *bytes = sum ? malloc(kpi_coded_max(sum)) : NULL;
	if (bytes)
		sqlite3_result_blob(context, bytes, (int)kpi_bins_encode(sum, bytes), free);
	else if (sum)
		sqlite3_result_error_nomem(context);
	if (sum)
		kpi_bins_free(sum);
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

int kpi_functions(sqlite3 *db)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
	const int code =
	        sqlite3_create_function(db, "kpi_merge", 2, flags, NULL, merge, NULL, NULL);
	return code == SQLITE_OK ? sqlite3_create_function(db, "kpi_roll", 3, flags, NULL,
	                                                   NULL, roll, roll_end)
	                         : code;
}

/* --- statements ----------------------------------------------------------------------- */

/* ?1: start of the hour or day; ?2: its end; microseconds. */
static int run_bound(sqlite3 *db, const char *sql, int64_t start, int64_t end)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(statement, 1, start);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement) > 1)
		code = sqlite3_bind_int64(statement, 2, end);
	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_DONE)
		code = SQLITE_OK;
	sqlite3_finalize(statement);
	return code;
}

#define WHOLE "\"view\", trunk, site, peer, direction, prefix"
#define KEY WHOLE ", codec, status"

/* Rows of one table that are added up into one of another. */
struct summing {
	const char *from, *to;
	const char *key;      /* what `to` tells apart */
	const char *occupied; /* microseconds that `from` has beside its bins */
};

static char *compose_sum(const struct summing *summing)
{
	char *sql = NULL;
	size_t len = 0;
	const struct field_table table = record_fields(RECORD_KPI);
	FILE *out = open_memstream(&sql, &len);
	if (!out)
		return NULL;
	fprintf(out, "INSERT INTO %s (start, %s, bins", summing->to, summing->key);
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type == FIELD_COUNT)
			fprintf(out, ", %s", table.fields[i].name);
	}
	fprintf(out, ") SELECT ?1, %s, kpi_roll((start - ?1) / 60000000, %s, bins)",
	        summing->key, summing->occupied);
	for (size_t i = 0; i < table.count; i++) {
		if (table.fields[i].type == FIELD_COUNT)
			fprintf(out, ", sum(%s)", table.fields[i].name);
	}
	fprintf(out, " FROM %s WHERE start >= ?1 AND start < ?2 GROUP BY %s", summing->from,
	        summing->key);
	const bool whole = !ferror(out);
	if (fclose(out) == 0 && whole)
		return sql;
	free(sql);
	return NULL;
}

/* In place of what is there of that time. */
static int run_sum(sqlite3 *db, const struct summing *summing, int64_t start, int64_t end)
{
	char *forget = NULL;
	char *sql = compose_sum(summing);
	int code = SQLITE_NOMEM;
	if (asprintf(&forget, "DELETE FROM %s WHERE start >= ?1 AND start < ?2",
	             summing->to) < 0)
		forget = NULL;
	if (sql && forget)
		code = run_bound(db, forget, start, end);
	if (code == SQLITE_OK)
		code = run_bound(db, sql, start, end);
	free(forget);
	free(sql);
	return code;
}

/* --- hours and days ------------------------------------------------------------------- */

static int roll_hour(sqlite3 *db, int64_t start, int64_t end)
{
	static const struct summing hour = { "kpi", "kpi_hour", KEY, "occupied_us" };
	static const struct summing whole = { "kpi_hour", "kpi_hour_whole", WHOLE, "0" };
	int code = run_bound(db,
	                     "DELETE FROM kpi_peak WHERE step = 'hour' AND start >= ?1 AND "
	                     "start < ?2",
	                     start, end);
	if (code == SQLITE_OK)
		code = run_sum(db, &hour, start, end);
	if (code == SQLITE_OK)
		code = run_sum(db, &whole, start, end);
	return code == SQLITE_OK ? kpi_peaks_of_hour(db, start, end) : code;
}

static int roll_day(sqlite3 *db, int64_t start, int64_t end)
{
	static const struct summing day = { "kpi_hour", "kpi_day", KEY, "0" };
	static const struct summing whole = { "kpi_hour_whole", "kpi_day_whole", WHOLE,
		                              "0" };
	int code = run_bound(db,
	                     "DELETE FROM kpi_peak WHERE step = 'day' AND start >= ?1 AND "
	                     "start < ?2",
	                     start, end);
	if (code == SQLITE_OK)
		code = run_sum(db, &day, start, end);
	if (code == SQLITE_OK)
		code = run_sum(db, &whole, start, end);
	if (code != SQLITE_OK)
		return code;
	return run_bound(
	        db,
	        "INSERT INTO kpi_peak SELECT 'day', \"view\", grouped, ?1, trunk, "
	        "site, peer, direction, prefix, max(starts), max(in_progress), "
	        "max(bits) FROM kpi_peak WHERE step = 'hour' AND start >= ?1 AND "
	        "start < ?2 GROUP BY \"view\", grouped, trunk, site, peer, direction, "
	        "prefix",
	        start, end);
}

/* --- what is stale -------------------------------------------------------------------- */

/* Beyond that lies no time of a packet, and no hour can be told (microseconds). */
#define TIME_MAX_US (INT64_MAX / 10 * 9 / NS_PER_US)

struct hours {
	int64_t *list; /* owned; by time */
	size_t count, room;
};

static bool add_hour(struct hours *hours, int64_t start)
{
	if (hours->count == hours->room) {
		const size_t room = hours->room ? 2 * hours->room : 64;
		int64_t *list = realloc(hours->list, room * sizeof *list);
		if (!list)
			return false;
		hours->list = list;
		hours->room = room;
	}
	hours->list[hours->count++] = start;
	return true;
}

static int read_stale(sqlite3 *db, nstime until, struct hours *out)
{
	static const char sql[] =
	        "SELECT start FROM kpi_stale WHERE start BETWEEN ?1 AND ?2 "
	        "ORDER BY start";
	const int64_t last = until / NS_PER_US - HOUR_US;
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 1, -TIME_MAX_US);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 2, last < TIME_MAX_US ? last : TIME_MAX_US);
	while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
		code = add_hour(out, sqlite3_column_int64(row, 0)) ? SQLITE_OK
		                                                   : SQLITE_NOMEM;
	sqlite3_finalize(row);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

void kpi_rollup_by_hand(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
}

int64_t kpi_rollup_hour(nstime start)
{
	return ns_to_us(start) - ns_to_us(start) % HOUR_US;
}

int kpi_rollup_note(sqlite3 *db, int64_t hour)
{
	return run_bound(db, "INSERT OR IGNORE INTO kpi_stale (start) VALUES (?1)", hour,
	                 0);
}

/* The hours by the zone's clock that an hour of UTC is part of: one, or two. */
static int roll_hours(sqlite3 *db, const struct local_time *zone, int64_t utc)
{
	const nstime until = (utc + HOUR_US) * NS_PER_US;
	int code = SQLITE_OK;
	for (nstime at = utc * NS_PER_US; code == SQLITE_OK && at < until;) {
		const nstime start = local_hour_start(zone, at);
		const nstime end = start + 3600 * NS_PER_SEC;
		code = roll_hour(db, ns_to_us(start), ns_to_us(end));
		at = end;
	}
	return code;
}

/* Each day that one of the hours is part of, once. */
static int roll_days(sqlite3 *db, const struct local_time *zone, const struct hours *hours)
{
	nstime done = NSTIME_NONE; /* days before then */
	int code = SQLITE_OK;
	for (size_t i = 0; code == SQLITE_OK && i < hours->count; i++) {
		const nstime first = hours->list[i] * NS_PER_US;
		const nstime last = first + 3600 * NS_PER_SEC - 1;
		nstime at = local_day_start(zone, first);
		for (at = at > done ? at : done; code == SQLITE_OK && at <= last;) {
			const nstime end = local_day_end(zone, at);
			code = roll_day(db, ns_to_us(at), ns_to_us(end));
			done = at = end;
		}
	}
	return code;
}

int kpi_rollup(sqlite3 *db, nstime until)
{
	struct hours hours = { 0 };
	struct kpi_zone zone;
	int code = kpi_zone_read(db, &zone);
	if (code == SQLITE_DONE)
		code = kpi_zone_write(db, &zone);
	if (code == SQLITE_OK)
		code = read_stale(db, until, &hours);
	for (size_t i = 0; code == SQLITE_OK && i < hours.count; i++)
		code = roll_hours(db, &zone.time, hours.list[i]);
	if (code == SQLITE_OK)
		code = roll_days(db, &zone.time, &hours);
	for (size_t i = 0; code == SQLITE_OK && i < hours.count; i++)
		code = run_bound(db, "DELETE FROM kpi_stale WHERE start = ?1",
		                 hours.list[i], 0);
	free(hours.list);
	return code;
}

/* Would who asks now have to read many minutes of hours that are stale? */
static int stale_are_many(sqlite3 *db, bool *many)
{
	static const char sql[] =
	        "SELECT count(*) FROM (SELECT 1 FROM kpi_stale AS hour CROSS JOIN kpi ON "
	        "kpi.start >= hour.start AND kpi.start < hour.start + 3600000000 LIMIT ?1)";
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 1, KPI_STALE_MAX);
	if (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
		*many = sqlite3_column_int64(row, 0) == KPI_STALE_MAX;
		code = SQLITE_OK;
	}
	sqlite3_finalize(row);
	return code;
}

int kpi_rollup_many(sqlite3 *db)
{
	bool many = false;
	const int code = stale_are_many(db, &many);
	return code == SQLITE_OK && many ? kpi_rollup(db, NSTIME_NEVER) : code;
}

int kpi_rollup_zone(sqlite3 *db, const struct kpi_zone *zone)
{
	static const char forget[] =
	        "DELETE FROM kpi_hour; DELETE FROM kpi_hour_whole; DELETE FROM kpi_day;"
	        "DELETE FROM kpi_day_whole; DELETE FROM kpi_peak;"
	        "INSERT OR IGNORE INTO kpi_stale (start) "
	        "SELECT DISTINCT start - start % 3600000000 FROM kpi WHERE start IS NOT NULL";
	struct kpi_zone kept;
	if (!zone)
		return SQLITE_OK;
	int code = kpi_zone_read(db, &kept);
	if (code == SQLITE_OK && kpi_zone_equal(zone, &kept))
		return SQLITE_OK;
	if (code == SQLITE_OK)
		code = sqlite3_exec(db, forget, NULL, NULL, NULL);
	return code == SQLITE_OK || code == SQLITE_DONE ? kpi_zone_write(db, zone) : code;
}
