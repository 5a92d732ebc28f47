/* What leaves the database when: by age, by room, whatever clocks do meanwhile. */
#include "schema/retention.h"

#include <stdio.h>

#include "tests/unit/database.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

#define DAY (86400 * NS_PER_SEC)
#define NOW (1800000000 * NS_PER_SEC)

static sqlite3 *db;
static struct retention *retention;
static nstime clock_now; /* monotonic */

static int make_all(void **state)
{
	clock_now = 1000 * DAY;
	return make_folder(state);
}

static const struct retention_limits limits = {
	.age = { [RETENTION_MESSAGES] = 14 * DAY,
	         [RETENTION_TIMELINES] = 30 * DAY,
	         [RETENTION_CALLS] = 90 * DAY,
	         [RETENTION_KPIS] = 400 * DAY },
	.least = DAY,
};

static void run(const char *sql)
{
	char *error = NULL;
	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
}

static int64_t ask(const char *sql)
{
	return database_number(db, sql);
}

static void begin(const struct retention_limits *with)
{
	struct db_error error = { "" };
	if (db_open_live(path, 1000, &db, &error) != OK)
		fail_msg("%s", error.text);
	assert_int_equal(retention_new(db, with, &retention), OK);
}

static void end(void)
{
	retention_free(retention);
	db_close(db);
}

/* So many calls, each with a stream of a timeline and a message, and a minute of KPIs. */
static void add(int count, nstime at)
{
	char sql[1024];
	snprintf(
	        sql, sizeof sql,
	        "BEGIN; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
	        "WHERE i < %d) INSERT INTO call (run, id, legs, start) SELECT 1, i, '', "
	        "%lld FROM n; "
	        "INSERT INTO message_raw (run, message, at, raw, raw_cut) SELECT 1, id, start, "
	        "randomblob(700), 0 FROM call ORDER BY seq DESC LIMIT %d;"
	        "UPDATE upkeep SET value = value + %d WHERE name = 'messages';"
	        "INSERT INTO finding (run, id, rank, at) SELECT 1, id, 1, start FROM call "
	        "ORDER BY seq DESC LIMIT %d;"
	        "INSERT INTO probe_event (at, what) VALUES (%lld, 'x'); COMMIT",
	        count, (long long)(at / NS_PER_US), count, 700 * count, count,
	        (long long)(at / NS_PER_US));
	run(sql);
}

/* That much time passes, by both clocks; the wall clock may be wrong by `wrong`. */
static void pass(nstime length, nstime wall)
{
	for (int i = 0; i < 20; i++) {
		clock_now += length / 20;
		while (retention_work(retention, wall - length + (i + 1) * (length / 20),
		                      clock_now, false, NS_PER_SEC))
			;
	}
}

static void each_class_has_its_age(void **state)
{
	(void)state;
	begin(&limits);
	pass(DAY, NOW);
	add(10, NOW);
	pass(13 * DAY, NOW + 13 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 10);
	pass(3 * DAY, NOW + 16 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 0);
	assert_int_equal(ask("SELECT value FROM upkeep WHERE name = 'messages'"), 0);
	assert_int_equal(ask("SELECT count(*) FROM call"), 10);
	pass(73 * DAY, NOW + 89 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM call"), 10);
	add(1, NOW + 89 * DAY);
	pass(6 * DAY, NOW + 95 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM call"), 1);
	assert_int_equal(ask("SELECT count(*) FROM finding"), 1);
	assert_int_equal(ask("SELECT count(*) FROM probe_event"), 1);
	const struct retention_facts facts = retention_facts(retention);
	assert_int_equal(facts.deleted[RETENTION_MESSAGES], 10);
	assert_int_equal(facts.deleted[RETENTION_CALLS], 21);
	end();
}

static void a_clock_that_jumps_deletes_nothing(void **state)
{
	static const nstime jumps[] = { 365 * DAY, -365 * DAY, -NOW, DAY, 14600 * DAY };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
		begin(&limits);
		pass(DAY, NOW);
		add(10, NOW);
		pass(3600 * NS_PER_SEC, NOW + jumps[i] + 3600 * NS_PER_SEC);
		/* What is stored meanwhile has such stamps, and is as young as it is. */
		add(10, NOW + jumps[i]);
		pass(3600 * NS_PER_SEC, NOW + jumps[i] + 7200 * NS_PER_SEC);
		pass(3600 * NS_PER_SEC, NOW + 10800 * NS_PER_SEC);
		assert_int_equal(ask("SELECT count(*) FROM call"), 20);
		assert_int_equal(ask("SELECT count(*) FROM message_raw"), 20);
		end();
		assert_int_equal(remove_folder(NULL), 0);
		assert_int_equal(make_all(NULL), 0);
	}
}

static void nor_does_it_at_a_start(void **state)
{
	static const nstime starts[] = { 365 * DAY, -365 * DAY };
	(void)state;
	begin(&limits);
	pass(DAY, NOW);
	add(10, NOW);
	pass(DAY, NOW + DAY);
	end();
	for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
		begin(&limits);
		pass(3600 * NS_PER_SEC, NOW + starts[i]);
		assert_int_equal(ask("SELECT count(*) FROM message_raw"), 10);
		end();
	}
	/* After a pause that may well have been one, age counts. */
	begin(&limits);
	pass(3600 * NS_PER_SEC, NOW + 100 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM call"), 0);
	end();
}

/* Rows of before the file had a clock: those of `analyze`. */
static void old_stamps_count_where_nothing_else_is_known(void **state)
{
	(void)state;
	begin(&limits);
	add(10, NOW - 100 * DAY);
	add(10, NOW - 20 * DAY);
	pass(7200 * NS_PER_SEC, NOW);
	assert_int_equal(ask("SELECT count(*) FROM call"), 10);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 0);
	end();
}

static void more_than_there_is_room_for(void **state)
{
	static const struct retention_limits small = { .bytes = { [RETENTION_MESSAGES] =
		                                                          70000 } };
	(void)state;
	begin(&small);
	add(1000, NOW);
	add(50, NOW);
	pass(DAY, NOW);
	const int64_t left = ask("SELECT count(*) FROM message_raw");
	assert_in_range(left, 70, 100);
	assert_int_equal(ask("SELECT min(seq) FROM message_raw"), 1050 - left + 1);
	assert_int_equal(ask("SELECT value FROM upkeep WHERE name = 'messages'"),
	                 ask("SELECT sum(length(raw)) FROM message_raw"));
	assert_int_equal(ask("SELECT count(*) FROM call"), 1050);
	end();
}

struct transactions {
	int64_t changes; /* of all, before the present one */
	int64_t most;    /* of one */
};

static int transaction_ends(void *data)
{
	struct transactions *seen = data;
	const int64_t changes = sqlite3_total_changes64(db);
	if (changes - seen->changes > seen->most)
		seen->most = changes - seen->changes;
	seen->changes = changes;
	return 0;
}

static void space_goes_back(void **state)
{
	(void)state;
	begin(&limits);
	pass(DAY, NOW);
	add(50000, NOW);
	const int64_t pages = ask("PRAGMA page_count");
	struct transactions seen = { .changes = sqlite3_total_changes64(db) };
	sqlite3_commit_hook(db, transaction_ends, &seen);
	pass(20 * DAY, NOW + 20 * DAY);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 0);
	assert_true(ask("PRAGMA page_count") < pages / 2);
	assert_true(ask("PRAGMA freelist_count") <= 256);
	assert_string_equal(sqlite3_errmsg(db), "not an error");
	print_message("longest step %.1f ms\n",
	              (double)retention_facts(retention).longest / NS_PER_MS);
	assert_in_range(seen.most, 1, 50000 / 10); /* the writer waits for a part of it */
	end();
}

static void a_full_disk_takes_detail_first_and_nothing_young(void **state)
{
	(void)state;
	begin(&limits);
	pass(DAY, NOW);
	add(100, NOW);
	pass(2 * DAY, NOW + 2 * DAY);
	add(100, NOW + 2 * DAY);
	bool more = retention_work(retention, NOW + 2 * DAY, clock_now, true, NS_PER_SEC);
	assert_true(more);
	assert_in_range(ask("SELECT count(*) FROM message_raw"), 100, 199);
	assert_int_equal(ask("SELECT count(*) FROM call"), 200);
	for (int i = 0; i < 10000 && more; i++)
		more = retention_work(retention, NOW + 2 * DAY, clock_now, true,
		                      NS_PER_SEC);
	assert_false(more);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 100);
	assert_int_equal(ask("SELECT count(*) FROM call"), 100);
	assert_int_equal(ask("SELECT min(seq) FROM call"), 101);
	end();
}

static void people_prune_by_stamps(void **state)
{
	uint64_t deleted;
	(void)state;
	begin(&limits);
	add(10, NOW - 30 * DAY);
	add(10, NOW - 10 * DAY);
	add(1, NOW + 1000 * DAY); /* a clock was wrong */
	assert_int_equal(
	        retention_prune(db, 1u << RETENTION_MESSAGES, 15 * DAY, NOW, &deleted), OK);
	assert_int_equal(deleted, 10);
	assert_int_equal(ask("SELECT count(*) FROM message_raw"), 11);
	assert_int_equal(ask("SELECT count(*) FROM call"), 21);
	assert_int_equal(
	        retention_prune(db, 1u << RETENTION_CALLS, 15 * DAY, NOW, &deleted), OK);
	assert_int_equal(deleted, 21);
	assert_int_equal(ask("SELECT count(*) FROM call"), 11);
	end();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_all, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_class_has_its_age),
		TEST(a_clock_that_jumps_deletes_nothing),
		TEST(nor_does_it_at_a_start),
		TEST(old_stamps_count_where_nothing_else_is_known),
		TEST(more_than_there_is_room_for),
		TEST(space_goes_back),
		TEST(a_full_disk_takes_detail_first_and_nothing_young),
		TEST(people_prune_by_stamps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
