#include "schema/kpi_zone.h"

#include <string.h>

#include "analyzer/base/text.h"

/* What there is without any. */
static void kpi_zone_utc(struct kpi_zone *out)
{
	*out = (struct kpi_zone){
		.name = "UTC", .time = { .count = 1, .changes = { { NSTIME_NONE, 0 } } }
	};
}

void kpi_zone_of(const char *name, const struct local_time *time, struct kpi_zone *out)
{
	text_copy(out->name, sizeof out->name, text_from(name));
	out->time = *time;
}

int kpi_zone_read(sqlite3 *db, struct kpi_zone *out)
{
	static const char sql[] =
	        "SELECT name, since, offset_s FROM kpi_zone ORDER BY since";
	sqlite3_stmt *row = NULL;
	size_t count = 0;
	kpi_zone_utc(out);
	int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
	while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW &&
	       count < LOCAL_TIME_CHANGES) {
		const char *name = (const char *)sqlite3_column_text(row, 0);
		const int64_t since = sqlite3_column_int64(row, 1);
		text_copy(out->name, sizeof out->name, text_from(name ? name : ""));
		out->time.changes[count].from =
		        count == 0 ? NSTIME_NONE : since * NS_PER_US;
		out->time.changes[count++].offset_s = sqlite3_column_int(row, 2);
		code = SQLITE_OK;
	}
	sqlite3_finalize(row);
	if (count > 0)
		out->time.count = count;
	return count > 0 && (code == SQLITE_DONE || code == SQLITE_ROW) ? SQLITE_OK : code;
}

int kpi_zone_write(sqlite3 *db, const struct kpi_zone *zone)
{
	static const char sql[] =
	        "INSERT INTO kpi_zone (name, since, offset_s) VALUES (?, ?, ?)";
	sqlite3_stmt *insert = NULL;
	int code = sqlite3_exec(db, "DELETE FROM kpi_zone", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(db, sql, -1, &insert, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < zone->time.count; i++) {
		code = sqlite3_bind_text(insert, 1, zone->name, -1, SQLITE_STATIC);
		if (code == SQLITE_OK && i > 0)
			code = sqlite3_bind_int64(insert, 2,
			                          zone->time.changes[i].from / NS_PER_US);
		if (code == SQLITE_OK)
			code = sqlite3_bind_int(insert, 3, zone->time.changes[i].offset_s);
		if (code == SQLITE_OK && (code = sqlite3_step(insert)) == SQLITE_DONE)
			code = SQLITE_OK;
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	return code;
}

bool kpi_zone_equal(const struct kpi_zone *a, const struct kpi_zone *b)
{
	if (strcmp(a->name, b->name) != 0 || a->time.count != b->time.count)
		return false;
	for (size_t i = 0; i < a->time.count; i++) {
		if (a->time.changes[i].from != b->time.changes[i].from ||
		    a->time.changes[i].offset_s != b->time.changes[i].offset_s)
			return false;
	}
	return true;
}
