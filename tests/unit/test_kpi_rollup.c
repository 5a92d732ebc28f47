/*
 * Hours and days that a probe keeps added up while it listens: which hours when, what a
 * batch that is undone leaves, and what the zone changes.
 */
#include <stdio.h>

#include "schema/kpi_rollup.h"
#include "schema/store_live.h"
#include "tests/unit/database.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

#define HOUR (3600 * NS_PER_SEC)
#define NOON (INT64_C(1774785600) * NS_PER_SEC) /* 2026-03-29T12:00Z, Berlin 14:00 */

/* Of that zone alone, from midnight before the clocks went forward (2026-03-29T01:00Z). */
static const struct kpi_zone berlin = {
	.name = "Europe/Berlin",
	.time = { .count = 2,
	          .changes = { { NSTIME_NONE, 3600 }, { NOON - 11 * HOUR, 7200 } } }
};

static struct store_live *open_live(const struct kpi_zone *zone)
{
	struct db_error error = { "" };
	struct store_live *live = NULL;
	uint64_t kept;
	const struct live_run run = { .engine = { 7 },
		                      .sensor = "local",
		                      .program = "test",
		                      .options = "live",
		                      .zone = zone };
	if (store_live_open(path, &live, &error) != OK)
		fail_msg("%s", error.text);
	assert_int_equal(store_live_begin(live, &run, NOON, &kept), OK);
	return live;
}

/* A leg that began in that minute and was given at that time. */
static void add(struct store_live *live, uint64_t number, nstime minute, nstime at)
{
	struct record record = { .kind = RECORD_KPI, .at = at };
	record.kpi.id = number;
	record.kpi.key.start = minute;
	record.kpi.key.view = KPI_VIEW_LEG;
	record.kpi.counts[KPI_SEEN] = 1;
	record.kpi.counts[KPI_OCCUPIED_US] = 1000;
	if (store_live_add(live, number, true, &record) != OK)
		fail_msg("%d: %s", (int)number, store_live_error(live));
}

static sqlite3 *open_db(void)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
	                 SQLITE_OK);
	assert_int_equal(kpi_functions(db), SQLITE_OK);
	/* Nothing here is about a machine that loses power. */
	assert_int_equal(sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL),
	                 SQLITE_OK);
	return db;
}

static const char *ask(const char *sql)
{
	sqlite3 *db = open_db();
	const char *answer = database_text(db, sql);
	sqlite3_close(db);
	return answer;
}

/* "start+hours:seen" of each, hours from NOON, with a blank between them. */
#define HOURS_OF(table)                                                                         \
	"SELECT group_concat(((start - 1774785600000000) / 3600000000.0) || ':' || seen, ' ') " \
	"FROM (SELECT * FROM " table " ORDER BY start)"
static const char stale[] =
        "SELECT group_concat((start - 1774785600000000) / 3600000000, ' ') FROM kpi_stale";

static void an_hour_is_added_up_when_it_is_over(void **state)
{
	struct store_live *live = open_live(&berlin);
	(void)state;
	add(live, 1, NOON + 60 * NS_PER_SEC, NOON + 120 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "NULL");
	assert_string_equal(ask(stale), "0");
	add(live, 2, NOON + HOUR, NOON + HOUR + 120 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:1");
	assert_string_equal(ask(stale), "1");
	/* The day began at midnight in Berlin. */
	assert_string_equal(ask(HOURS_OF("kpi_day")), "-13.0:1");

	/* A call ends that began in the first hour: its minute is read until the next time.
	 */
	add(live, 3, NOON + 60 * NS_PER_SEC, NOON + HOUR + 180 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(stale), "0 1");
	add(live, 4, NOON + HOUR, NOON + HOUR + 720 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:2");

	/* The batch is gone, and with it what it added up. */
	add(live, 5, NOON + 60 * NS_PER_SEC, NOON + 3 * HOUR);
	store_live_close(live, true);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:2");

	live = open_live(&berlin);
	add(live, 5, NOON + 2 * HOUR, NOON + 2 * HOUR + 60 * NS_PER_SEC);
	assert_int_equal(store_live_end(live, 9), OK);
	store_live_close(live, true);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:2 1.0:2 2.0:1");
	assert_string_equal(ask(HOURS_OF("kpi_day")), "-13.0:5");
	assert_string_equal(ask(stale), "NULL");
}

static void a_clock_that_jumped_keeps_nobody_from_adding_up(void **state)
{
	struct store_live *live = open_live(NULL);
	(void)state;
	add(live, 1, NOON + 900000 * HOUR, NOON + 60 * NS_PER_SEC);
	add(live, 2, INT64_MAX / NS_PER_US * NS_PER_US, NOON + 60 * NS_PER_SEC);
	add(live, 3, NOON, NOON + 60 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	add(live, 4, NOON + HOUR, NOON + HOUR);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:1");
	assert_int_equal(store_live_end(live, 9), OK);
	store_live_close(live, true);
	assert_string_equal(ask(HOURS_OF("kpi_hour")), "0.0:1 1.0:1 900000.0:1");
}

static void another_zone_makes_other_days(void **state)
{
	static const struct kpi_zone india = {
		.name = "Asia/Kolkata",
		.time = { .count = 1, .changes = { { NSTIME_NONE, 19800 } } }
	};
	struct store_live *live = open_live(&berlin);
	(void)state;
	for (uint64_t i = 0; i < 48; i++)
		add(live, i + 1, NOON + (nstime)i * HOUR, NOON + (nstime)i * HOUR);
	assert_int_equal(store_live_end(live, 99), OK);
	store_live_close(live, true);
	assert_string_equal(ask(HOURS_OF("kpi_day")), "-13.0:10 10.0:24 34.0:14");

	sqlite3 *db = open_db();
	assert_int_equal(kpi_rollup_zone(db, &berlin), SQLITE_OK);
	assert_string_equal(ask(stale), "NULL");
	assert_int_equal(kpi_rollup_zone(db, &india), SQLITE_OK);
	assert_int_equal(kpi_rollup(db, NSTIME_NEVER), SQLITE_OK);
	assert_string_equal(ask(HOURS_OF("kpi_day")), "-17.5:7 6.5:24 30.5:17");
	/* What is too old leaves its hours and days, too. */
	assert_int_equal(
	        sqlite3_exec(db,
	                     "DELETE FROM kpi WHERE start < 1774785600000000 + 8 * "
	                     "3600000000",
	                     NULL, NULL, NULL),
	        SQLITE_OK);
	assert_int_equal(kpi_rollup(db, NSTIME_NEVER), SQLITE_OK);
	assert_string_equal(ask(HOURS_OF("kpi_day")), "6.5:23 30.5:17");
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_hour_is_added_up_when_it_is_over,
		                                make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
		        a_clock_that_jumped_keeps_nobody_from_adding_up, make_folder,
		        remove_folder),
		cmocka_unit_test_setup_teardown(another_zone_makes_other_days, make_folder,
		                                remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
