/*
 * store_continue.c - a call that goes on after the engine that saw its beginning has died.
 *
 * The next engine knows it by its later messages alone: a leg that began before the
 * capture. When that leg's call is over, its row is put together with the one that was
 * interrupted: that of the earlier run stays, with its id and its beginning, gets the end,
 * and is flagged `gap`.  A leg of which nothing but the BYE is known, and no beginning, is
 * no call at all: an engine that listens takes it up for this alone.
 */
#include "schema/store_live_parts.h"

#include <string.h>

/* What a merge is about; all of its statements have these parameters. */
enum part {
	NEW_RUN = 1, /* ?1 */
	NEW_LEG,     /* ?2: id */
	OLD_SEQ,     /* ?3: of the leg's row */
	NEW_SEQ,     /* ?4 */
	TURNED,      /* ?5: 1: who called is dst in the new one */
	OLD_RUN,     /* ?6 */
	OLD_LEG,     /* ?7 */
	OLD_CALL,    /* ?8 */
	NEW_CALL,    /* ?9 */
	PART_COUNT
};

struct merge {
	int64_t parts[PART_COUNT];
};

/* clang-format off */
/* The latest one of the same Call-ID between the same addresses that has no end. */
static const char find[] =
	"SELECT o.seq, n.seq, o.src <> n.src, o.run, o.id, o.call, n.call FROM leg AS n "
	"JOIN leg AS o ON o.sip_call_id = n.sip_call_id AND o.run <> n.run "
	"AND (o.src = n.src AND o.dst = n.dst OR o.src = n.dst AND o.dst = n.src) "
	"AND o.state IN ('interrupted', 'in_progress') AND o.start <= n.start "
	"WHERE n.run = ?1 AND n.id = ?2 AND n.state = 'incomplete' ORDER BY o.start DESC LIMIT 1";

#define FLIPPED(n) \
	"CASE json_extract(m.value, '$[" #n "]') WHEN 0 THEN 1 WHEN 1 THEN 0 " \
	"ELSE json_extract(m.value, '$[" #n "]') END"
/* An endpoint is 0 or 1 where it is the first message's src or dst (ladders.h). */
#define NEW_LADDER \
	"iif(?5, (SELECT json_group_array(json(json_set(m.value, '$[3]', " FLIPPED(3) \
	", '$[4]', " FLIPPED(4) "))) FROM json_each(n.ladder) AS m), n.ladder)"

static const char *const steps[] = {
	/* Its messages, while it is known which they are. */
	"UPDATE message_raw SET run = ?6 WHERE run = ?1 AND message IN "
	"(SELECT json_extract(m.value, '$[0]') FROM leg AS n, json_each(n.ladder) AS m "
	"WHERE n.seq = ?4)",
	"UPDATE leg SET answered = coalesce(leg.answered, n.answered), ended = n.ended, "
	"status = coalesce(n.status, leg.status), ack = coalesce(leg.ack, n.ack), "
	"state = CASE WHEN n.ended IS NULL THEN 'in_progress' "
		"WHEN coalesce(leg.answered, n.answered) IS NOT NULL THEN 'completed' "
		"WHEN n.status = 487 THEN 'cancelled' ELSE 'failed' END, "
	"duration_s = (n.ended - coalesce(leg.answered, n.answered)) / 1e6, "
	"setup_ms = coalesce(leg.setup_ms, (coalesce(leg.answered, n.answered) - leg.invited) / 1e3), "
	"ended_by = CASE WHEN NOT ?5 THEN n.ended_by WHEN n.ended_by = 'caller' THEN 'callee' "
		"WHEN n.ended_by = 'callee' THEN 'caller' ELSE n.ended_by END, "
	"ended_how = n.ended_how, bye_status = n.bye_status, sdd_ms = n.sdd_ms, "
	"q850 = coalesce(n.q850, leg.q850), sip_cause = coalesce(n.sip_cause, leg.sip_cause), "
	"cause_in = coalesce(n.cause_in, leg.cause_in), cause_text = coalesce(n.cause_text, leg.cause_text), "
	"messages = leg.messages + n.messages, retransmissions = leg.retransmissions + n.retransmissions, "
	"span_copies = leg.span_copies + n.span_copies, "
	"flags = iif(leg.flags LIKE '%\"gap\"%', leg.flags, json_insert(leg.flags, '$[#]', 'gap')), "
	"ladder = CASE WHEN n.ladder IS NULL THEN leg.ladder WHEN leg.ladder IS NULL THEN n.ladder "
		"ELSE substr(leg.ladder, 1, length(leg.ladder) - 1) || ',' || substr(" NEW_LADDER ", 2) END "
	"FROM leg AS n WHERE leg.seq = ?3 AND n.seq = ?4",
	"DELETE FROM leg WHERE seq = ?4",
	"UPDATE stream SET run = ?6, leg = ?7, call = ?8, legs = json_array(printf('%016x', ?7)), "
	"direction = CASE WHEN NOT ?5 THEN direction WHEN direction = 'forward' THEN 'reverse' "
		"WHEN direction = 'reverse' THEN 'forward' END WHERE run = ?1 AND leg = ?2",
	"UPDATE report SET run = ?6, leg = iif(leg IS NULL, NULL, ?7), call = ?8 "
	"WHERE run = ?1 AND call = ?9",
	/* What is said of half a call is not said of the whole. */
	"DELETE FROM finding WHERE run = ?1 AND call = ?9",
	"UPDATE call SET state = (SELECT state FROM leg WHERE seq = ?3), "
	"ended = (SELECT ended FROM leg WHERE seq = ?3), "
	"mos_lq_min_band = iif(call.mos_lq_min IS NULL, n.mos_lq_min_band, call.mos_lq_min_band), "
	"mos_lq_min_stream = iif(call.mos_lq_min IS NULL, n.mos_lq_min_stream, call.mos_lq_min_stream), "
	"mos_lq_min = coalesce(call.mos_lq_min, n.mos_lq_min) FROM call AS n "
	"WHERE call.run = ?6 AND call.id = ?8 AND n.run = ?1 AND n.id = ?9 AND NOT EXISTS "
	"(SELECT 1 FROM leg WHERE leg.run = ?6 AND leg.call = ?8 AND leg.state = 'interrupted')",
	"DELETE FROM call WHERE run = ?1 AND id = ?9 AND NOT EXISTS "
	"(SELECT 1 FROM leg WHERE leg.run = ?1 AND leg.call = ?9)",
};

/* Of the BYE and what answers it there is nothing else to be known. */
static const char *const forget[] = {
	("DELETE FROM message_raw WHERE run = ?1 AND message IN "
	 "(SELECT json_extract(m.value, '$[0]') FROM leg AS n, json_each(n.ladder) AS m "
	 "WHERE n.run = ?1 AND n.id = ?2)"),
	"DELETE FROM finding WHERE run = ?1 AND call = ?9",
	"DELETE FROM leg WHERE run = ?1 AND id = ?2",
	"DELETE FROM call WHERE run = ?1 AND id = ?9",
};
static const char only_bye[] =
	"SELECT 1 FROM leg AS n WHERE n.run = ?1 AND n.id = ?2 AND n.state = 'incomplete' "
	"AND NOT EXISTS (SELECT 1 FROM json_each(n.ladder) AS m "
	"WHERE json_extract(m.value, '$[7]') NOT LIKE '% BYE')";
/* clang-format on */

static sqlite3_stmt *prepare(struct store_live *live, const char *sql,
                             const struct merge *merge)
{
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v2(live_db(live), sql, -1, &statement, NULL) != SQLITE_OK)
		return NULL;
	const int count = sqlite3_bind_parameter_count(statement);
	for (int i = 1; i <= count && i < PART_COUNT; i++)
		sqlite3_bind_int64(statement, i, merge->parts[i]);
	return statement;
}

static enum status run_all(struct store_live *live, const char *const *sql, size_t count,
                           const struct merge *merge)
{
	for (size_t i = 0; i < count; i++) {
		sqlite3_stmt *statement = prepare(live, sql[i], merge);
		const bool done = statement && sqlite3_step(statement) == SQLITE_DONE;
		sqlite3_finalize(statement);
		if (!done)
			return live_failed(live);
	}
	return OK;
}

/* Is there a row?  Then its numbers are parts from OLD_SEQ on, as `find` has them. */
static enum status look(struct store_live *live, const char *sql, struct merge *merge,
                        bool *found)
{
	sqlite3_stmt *statement = prepare(live, sql, merge);
	const int code = statement ? sqlite3_step(statement) : SQLITE_ERROR;
	*found = code == SQLITE_ROW;
	for (int i = 0; *found && sql == find && i < sqlite3_column_count(statement); i++)
		merge->parts[OLD_SEQ + i] = sqlite3_column_int64(statement, i);
	const bool good = code == SQLITE_ROW || code == SQLITE_DONE;
	sqlite3_finalize(statement);
	return good ? OK : live_failed(live);
}

static void note_gone(struct store_live *live, uint64_t call)
{
	live->gone[live->gone_count++ % ARRAY_LEN(live->gone)] = call;
}

static enum status continue_leg(struct store_live *live, uint64_t leg, uint64_t call)
{
	struct merge merge = { .parts = { [NEW_RUN] = live->store->run,
		                          [NEW_LEG] = (int64_t)leg,
		                          [NEW_CALL] = (int64_t)call } };
	bool found = false;
	enum status status = look(live, find, &merge, &found);
	if (status == OK && found) {
		note_gone(live, call);
		return run_all(live, steps, ARRAY_LEN(steps), &merge);
	}
	if (status == OK)
		status = look(live, only_bye, &merge, &found);
	if (status != OK || !found)
		return status;
	note_gone(live, call);
	return run_all(live, forget, ARRAY_LEN(forget), &merge);
}

enum status live_continue(struct store_live *live, const struct call_record *call)
{
	enum status status = OK;
	for (size_t i = 0; status == OK && i < call->legs.count; i++)
		status = continue_leg(live, call->legs.ids[i], call->id);
	return status;
}

bool live_is_gone(const struct store_live *live, uint64_t call)
{
	for (size_t i = 0; i < ARRAY_LEN(live->gone) && i < live->gone_count; i++)
		if (live->gone[i] == call)
			return true;
	return false;
}
