/* query_health.c - how the probe fared, added up. */
#include "schema/query_rows.h"

const char *const health_frame_names[HEALTH_FRAMES_COUNT] = {
	[HEALTH_PARSED] = "parsed",       [HEALTH_NOT_OURS] = "not_ours",
	[HEALTH_MALFORMED] = "malformed", [HEALTH_DROPPED] = "no_room",
	[HEALTH_KERNEL] = "kernel",       [HEALTH_INTERFACE] = "interface",
	[HEALTH_LOST] = "engine",
};

enum { AT = HEALTH_FRAMES_COUNT, NOT_KEPT, FREE_BYTES };

enum status query_health_hour(struct query *query, struct health_hour *out)
{
	static const char sql[] =
	        "SELECT sum(parsed), sum(not_ours), sum(malformed), sum(dropped), "
	        "sum(kernel_dropped), sum(interface_dropped), sum(lost), max(at), sum(not_kept), "
	        "(SELECT free_bytes FROM health WHERE source IS NULL ORDER BY at DESC LIMIT 1) "
	        "FROM health WHERE source IS NULL AND "
	        "at > (SELECT max(at) FROM health) - 3600000000";
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(query->db, sql, -1, &row, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(row);
	enum status status = code == SQLITE_ROW ? OK : query_failed(query);
	if (status == OK && sqlite3_column_type(row, AT) == SQLITE_NULL)
		status = ERR_NOT_FOUND;
	if (status == OK) {
		*out = (struct health_hour){
			.at = sqlite3_column_int64(row, AT) * NS_PER_US,
			.not_kept = sqlite3_column_int64(row, NOT_KEPT),
			.free_bytes = sqlite3_column_type(row, FREE_BYTES) == SQLITE_NULL
			                      ? -1
			                      : sqlite3_column_int64(row, FREE_BYTES)
		};
		for (int i = 0; i < HEALTH_FRAMES_COUNT; i++)
			out->frames[i] = sqlite3_column_int64(row, i);
	}
	sqlite3_finalize(row);
	return status;
}

enum status query_pressure(struct query *query, struct pressure_facts out[QUERY_PRESSURES],
                           size_t *count)
{
	static const char sql[] =
	        "SELECT p.key, json_extract(p.value, '$.times'), "
	        "unixepoch(json_extract(p.value, '$.changed')), json_extract(p.value, '$.on') "
	        "FROM (SELECT iif(json_valid(summary), summary, '{}') AS told FROM run "
	        "ORDER BY id DESC LIMIT 1) AS r, json_each(r.told, '$.pressure') AS p";
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(query->db, sql, -1, &row, NULL);
	*count = 0;
	while (code == SQLITE_OK && *count < QUERY_PRESSURES &&
	       sqlite3_step(row) == SQLITE_ROW) {
		struct pressure_facts *facts = &out[(*count)++];
		const char *table = (const char *)sqlite3_column_text(row, 0);
		text_copy(facts->table, sizeof facts->table, text_from(table ? table : ""));
		facts->times = (uint64_t)sqlite3_column_int64(row, 1);
		facts->changed = sqlite3_column_int64(row, 2) * NS_PER_SEC;
		facts->on = sqlite3_column_int(row, 3) != 0;
	}
	if (code == SQLITE_OK)
		code = sqlite3_reset(row);
	const enum status status = code == SQLITE_OK ? OK : query_failed(query);
	sqlite3_finalize(row);
	return status;
}
