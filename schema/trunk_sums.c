#include "schema/trunk_sums.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyzer/model/record_fields.h"
#include "schema/filter.h"

enum { FIRST_FILTERED = 1 /* parameter */, FIRST_ROOM = 64 };

/* "198.18.0.1:5060" and "[2001:db8::1]:5060" without their ports. */
#define ADDRESS(column)                                                                    \
	"CASE WHEN substr(" column ", 1, 1) = '[' THEN substr(" column                     \
	", 2, instr(" column ", ']') - 2) ELSE substr(" column ", 1, instr(" column        \
	", ':') - 1) END"
#define LATEST(table)                                                                      \
	"run = (SELECT max(run) FROM " table " AS other WHERE other.id = " table ".id)"

/*
 * Each leg and stream counts at either end; where both are of one trunk, a leg is one in
 * and one out, a stream one.  %s: what the filter leaves, empty or "AND ...".
 *
 * At once are those that have begun and not ended; of two at the same microsecond the end
 * goes first.
 */
/* clang-format off */
static const char sums_sql[] =
	"WITH l AS (SELECT * FROM leg WHERE " LATEST("leg") " %s), "
	"s AS (SELECT * FROM stream WHERE " LATEST("stream") " %s), "
	"leg_end AS ("
	"SELECT trunk_src IS NOT NULL AS is_trunk, coalesce(trunk_src, " ADDRESS("src") ") AS peer, "
	"1 AS inward, start, ended, answered, state, status, q850 FROM l "
	"UNION ALL "
	"SELECT trunk_dst IS NOT NULL, coalesce(trunk_dst, " ADDRESS("dst") "), "
	"0, start, ended, answered, state, status, q850 FROM l), "
	"legs AS (SELECT is_trunk, peer, sum(inward) AS legs_in, sum(NOT inward) AS legs_out, "
	"sum(answered IS NOT NULL) AS answered, "
	"sum(state IN ('failed', 'no_response')) AS failed, "
	/* As analyzer/model/kpi_cause.h has them. */
	"sum(answered IS NULL AND iif(q850 IS NULL, status = 503, q850 IN (34, 42, 44, 47))) "
	"AS capacity_rejects "
	"FROM leg_end GROUP BY is_trunk, peer), "
	"step AS (SELECT is_trunk, peer, start AS at, 1 AS by FROM leg_end "
	"UNION ALL SELECT is_trunk, peer, coalesce(ended, start), -1 FROM leg_end "
	"WHERE ended IS NOT NULL OR state <> 'in_progress'), "
	"held AS (SELECT is_trunk, peer, sum(by) OVER (PARTITION BY is_trunk, peer "
	"ORDER BY at, by ROWS UNBOUNDED PRECEDING) AS count FROM step), "
	"peak AS (SELECT is_trunk, peer, max(count) AS legs_peak FROM held "
	"GROUP BY is_trunk, peer), "
	"stream_end AS ("
	"SELECT trunk_src IS NOT NULL AS is_trunk, coalesce(trunk_src, " ADDRESS("src") ") AS peer, "
	"expected, lost, mos_lq, band FROM s "
	"UNION ALL "
	"SELECT trunk_dst IS NOT NULL, coalesce(trunk_dst, " ADDRESS("dst") "), "
	"expected, lost, mos_lq, band FROM s "
	"WHERE trunk_dst IS NULL OR trunk_dst IS NOT trunk_src), "
	"streams AS (SELECT is_trunk, peer, count(*) AS streams, "
	"100.0 * sum(lost) / nullif(sum(expected), 0) AS loss_pct, avg(mos_lq) AS mos_lq_mean "
	"FROM stream_end GROUP BY is_trunk, peer), "
	/* A bare column beside min() is of the row that has it: so SQLite promises. */
	"worst AS (SELECT is_trunk, peer, min(mos_lq) AS mos_lq_min, band FROM stream_end "
	"WHERE mos_lq IS NOT NULL GROUP BY is_trunk, peer), "
	"registrar AS (SELECT DISTINCT peer, trunk FROM peer WHERE trunk IS NOT NULL "
	"AND " LATEST("peer") "), "
	"contact AS (SELECT * FROM binding WHERE NOT EXISTS (SELECT 1 FROM binding AS other "
	"WHERE other.aor = binding.aor AND other.contact = binding.contact "
	"AND other.registrar = binding.registrar "
	"AND (other.last, other.seq) > (binding.last, binding.seq))), "
	"registered AS (SELECT 1 AS is_trunk, registrar.trunk AS peer, "
	"count(*) AS registrations, sum(contact.state = 'registered') AS registered "
	"FROM contact JOIN registrar ON registrar.peer = contact.registrar "
	"GROUP BY registrar.trunk), "
	"who AS (SELECT is_trunk, peer FROM legs UNION SELECT is_trunk, peer FROM streams "
	"UNION SELECT is_trunk, peer FROM registered) "
	"SELECT is_trunk, peer, legs_in, legs_out, answered, failed, capacity_rejects, legs_peak, "
	"streams, loss_pct, mos_lq_mean, mos_lq_min, band, registrations, registered FROM who "
	"LEFT JOIN legs USING (is_trunk, peer) LEFT JOIN peak USING (is_trunk, peer) "
	"LEFT JOIN streams USING (is_trunk, peer) LEFT JOIN worst USING (is_trunk, peer) "
	"LEFT JOIN registered USING (is_trunk, peer) "
	"ORDER BY is_trunk DESC, CASE WHEN is_trunk THEN peer END, "
	"coalesce(legs_in, 0) + coalesce(legs_out, 0) DESC, coalesce(streams, 0) DESC, peer";
/* clang-format on */

/* In the order of the columns above. */
enum column {
	COLUMN_IS_TRUNK,
	COLUMN_PEER,
	COLUMN_LEGS_IN,
	COLUMN_LEGS_OUT,
	COLUMN_ANSWERED,
	COLUMN_FAILED,
	COLUMN_CAPACITY_REJECTS,
	COLUMN_LEGS_PEAK,
	COLUMN_STREAMS,
	COLUMN_LOSS_PCT,
	COLUMN_MOS_LQ_MEAN,
	COLUMN_MOS_LQ_MIN,
	COLUMN_BAND,
	COLUMN_REGISTRATIONS,
	COLUMN_REGISTERED,
};

static uint64_t count_at(sqlite3_stmt *row, enum column column)
{
	return (uint64_t)sqlite3_column_int64(row, (int)column);
}

static double real_at(sqlite3_stmt *row, enum column column)
{
	return sqlite3_column_type(row, (int)column) == SQLITE_NULL
	               ? NAN
	               : sqlite3_column_double(row, (int)column);
}

static struct text text_at(sqlite3_stmt *row, enum column column)
{
	const void *bytes = sqlite3_column_blob(row, (int)column);
	return (struct text){ bytes ? bytes : "",
		              (size_t)sqlite3_column_bytes(row, (int)column) };
}

static enum band band_at(sqlite3_stmt *row)
{
	const struct text name = text_at(row, COLUMN_BAND);
	for (unsigned int band = 1; band < BAND_COUNT; band++)
		if (text_equal(name, text_from(band_names[band])))
			return (enum band)band;
	return BAND_NONE;
}

static void read_sum(sqlite3_stmt *row, struct trunk_sum *out)
{
	*out = (struct trunk_sum){
		.is_trunk = count_at(row, COLUMN_IS_TRUNK) != 0,
		.legs_in = count_at(row, COLUMN_LEGS_IN),
		.legs_out = count_at(row, COLUMN_LEGS_OUT),
		.answered = count_at(row, COLUMN_ANSWERED),
		.failed = count_at(row, COLUMN_FAILED),
		.capacity_rejects = count_at(row, COLUMN_CAPACITY_REJECTS),
		.legs_peak = count_at(row, COLUMN_LEGS_PEAK),
		.streams = count_at(row, COLUMN_STREAMS),
		.loss_pct = real_at(row, COLUMN_LOSS_PCT),
		.mos_lq_mean = real_at(row, COLUMN_MOS_LQ_MEAN),
		.mos_lq_min = real_at(row, COLUMN_MOS_LQ_MIN),
		.mos_lq_min_band = band_at(row),
		.registrations = count_at(row, COLUMN_REGISTRATIONS),
		.registered = count_at(row, COLUMN_REGISTERED),
	};
	(void)text_copy(out->peer, sizeof out->peer, text_at(row, COLUMN_PEER));
}

static struct trunk_sum *grow(struct trunk_sums *sums)
{
	if (sums->count == sums->room) {
		const size_t room = sums->room ? 2 * sums->room : FIRST_ROOM;
		struct trunk_sum *list = realloc(sums->list, room * sizeof *list);
		if (!list)
			return NULL;
		sums->list = list;
		sums->room = room;
	}
	return &sums->list[sums->count++];
}

void trunk_sums_free(struct trunk_sums *sums)
{
	free(sums->list);
	*sums = (struct trunk_sums){ 0 };
}

/* Both conditions have the same parameters. */
static char *compose(const struct filter *calls)
{
	char *sql = NULL, *of_leg = NULL, *of_stream = NULL;
	char *condition = calls ? filter_condition(calls, FIRST_FILTERED) : NULL;
	int len = 0;
	if (calls && !condition)
		return NULL;
	if (condition)
		len = asprintf(
		        &of_leg,
		        "AND EXISTS (SELECT 1 FROM \"call\" AS t WHERE t.id = leg.call "
		        "AND t.run = leg.run AND (%s))",
		        condition);
	if (condition && len >= 0)
		len = asprintf(&of_stream,
		               "AND EXISTS (SELECT 1 FROM \"call\" AS t WHERE t.id = "
		               "stream.call AND t.run = stream.run AND (%s))",
		               condition);
	if (len >= 0)
		len = asprintf(&sql, sums_sql, of_leg ? of_leg : "",
		               of_stream ? of_stream : "");
	free(condition);
	free(of_leg);
	free(of_stream);
	return len < 0 ? NULL : sql;
}

enum status trunk_sums_ask(struct query *query, const struct filter *calls, nstime now,
                           struct trunk_sums *out)
{
	*out = (struct trunk_sums){ 0 };
	char *sql = compose(calls);
	if (!sql)
		return query_no_memory(query);
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(query_db(query), sql, -1, &row, NULL);
	free(sql);
	if (code == SQLITE_OK && calls)
		code = filter_bind(calls, row, FIRST_FILTERED, now);
	bool whole = true;
	while (code == SQLITE_OK || code == SQLITE_ROW) {
		code = sqlite3_step(row);
		if (code != SQLITE_ROW)
			break;
		struct trunk_sum *sum = grow(out);
		whole = sum != NULL;
		if (!whole)
			break;
		read_sum(row, sum);
	}
	const enum status status = code == SQLITE_DONE ? OK
	                           : !whole            ? query_no_memory(query)
	                                               : query_failed(query);
	sqlite3_finalize(row);
	return status;
}
