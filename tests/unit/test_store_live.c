#include "schema/store_live.h"

#include "tests/unit/database.h"
#include "tests/unit/folder.h"
#include "tests/unit/records.h"
#include "tests/unit/unit.h"

#define NOW (RECORDS_TIME)

static struct store_live *open_live(uint8_t engine, uint64_t durable)
{
	struct db_error error = { "" };
	struct store_live *live = NULL;
	if (store_live_open(path, &live, &error) != OK)
		fail_msg("%s", error.text);
	const struct live_run run = { .engine = { engine },
		                      .sensor = "local",
		                      .program = "test",
		                      .options = "live" };
	uint64_t kept = UINT64_MAX;
	assert_int_equal(store_live_begin(live, &run, NOW, &kept), OK);
	assert_int_equal(kept, durable);
	return live;
}

/* What another process sees. */
static const char *ask(const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL),
	                 SQLITE_OK);
	const char *answer = database_text(db, sql);
	sqlite3_close(db);
	return answer;
}

static enum status add_message(struct store_live *live, uint64_t number, const char *text)
{
	struct record record;
	records_fill(&record, RECORD_MESSAGE, text);
	return store_live_add(live, number, true, &record);
}

static enum status add(struct store_live *live, uint64_t number, enum record_kind kind,
                       enum leg_state state)
{
	struct record record;
	records_fill(&record, kind, "text");
	/* The leg of every message that records_fill makes. */
	if (kind == RECORD_LEG) {
		struct record message;
		records_fill(&message, RECORD_MESSAGE, "text");
		record.leg.id = message.message.leg;
		record.leg.state = state;
	}
	return store_live_add(live, number, state != LEG_IN_PROGRESS, &record);
}

static const char all_rows[] =
        "SELECT (SELECT count(*) FROM leg) || ' ' || (SELECT count(*) FROM stream) || ' ' "
        "|| (SELECT count(*) FROM in_progress)";
static const char summaries[] = "SELECT json_extract(ladder, '$[0][6]', '$[1][6]', "
                                "'$[2][6]') || json_array_length(ladder) FROM leg";

static void a_leg_that_ends_takes_the_place_of_what_it_was(void **state)
{
	(void)state;
	struct store_live *live = open_live(1, 0);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(add(live, 2, RECORD_LEG, LEG_IN_PROGRESS), OK);
	assert_string_equal(ask(all_rows), "0 0 0"); /* nothing before the commit */
	assert_int_equal(store_live_durable(live), 0);
	assert_int_equal(store_live_commit(live), OK);
	assert_int_equal(store_live_durable(live), 2);
	assert_string_equal(ask(all_rows), "1 0 1");
	assert_string_equal(ask("SELECT state FROM leg"), "in_progress");
	assert_int_equal(add_message(live, 3, "BYE"), OK);
	assert_int_equal(add(live, 4, RECORD_LEG, LEG_COMPLETED), OK);
	assert_int_equal(store_live_end(live, 9), OK);
	store_live_close(live, true);
	assert_string_equal(ask(all_rows), "1 0 0");
	assert_string_equal(ask("SELECT state FROM leg"), "completed");
	assert_string_equal(ask(summaries), "[\"INVITE\",\"BYE\",null]2");
	assert_string_equal(ask("SELECT state || durable FROM run"), "complete9");
	assert_string_equal(ask("PRAGMA journal_mode"), "delete");
}

static void what_comes_again_is_not_kept_twice(void **state)
{
	(void)state;
	struct store_live *live = open_live(2, 0);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(add(live, 2, RECORD_STREAM, LEG_COMPLETED), OK);
	assert_int_equal(store_live_commit(live), OK);
	/* Its writer was killed: what it had not committed is gone. */
	assert_int_equal(add_message(live, 3, "200 OK"), OK);
	assert_int_equal(add(live, 4, RECORD_STREAM, LEG_COMPLETED), OK);
	store_live_close(live, true);

	live = open_live(2, 2);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(add(live, 2, RECORD_STREAM, LEG_COMPLETED), OK);
	assert_int_equal(add_message(live, 3, "200 OK"), OK);
	assert_int_equal(add(live, 4, RECORD_STREAM, LEG_COMPLETED), OK);
	assert_int_equal(add(live, 5, RECORD_LEG, LEG_COMPLETED), OK);
	assert_int_equal(store_live_end(live, 9), OK);
	store_live_close(live, true);
	assert_string_equal(ask(all_rows), "1 2 0");
	/* The ladder goes on where it was. */
	assert_string_equal(ask(summaries), "[\"INVITE\",\"200 OK\",null]2");
}

static void a_batch_that_fails_leaves_nothing_and_may_come_again(void **state)
{
	(void)state;
	struct store_live *live = open_live(3, 0);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(store_live_commit(live), OK);

	sqlite3 *other;
	assert_int_equal(sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	                 SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	                 SQLITE_OK);
	assert_int_equal(add_message(live, 2, "180 Ringing"), ERR_FULL);
	sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL);
	sqlite3_close(other);

	assert_int_equal(add_message(live, 2, "180 Ringing"), OK);
	assert_int_equal(add_message(live, 3, "200 OK"), OK);
	assert_int_equal(add(live, 4, RECORD_LEG, LEG_COMPLETED), OK);
	assert_int_equal(store_live_end(live, 9), OK);
	store_live_close(live, true);
	assert_string_equal(ask(summaries), "[\"INVITE\",\"180 Ringing\",\"200 OK\"]3");
}

static void what_a_dead_engine_had_in_progress_is_interrupted(void **state)
{
	(void)state;
	struct store_live *live = open_live(4, 0);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(add(live, 2, RECORD_LEG, LEG_IN_PROGRESS), OK);
	assert_int_equal(add(live, 3, RECORD_CALL, LEG_IN_PROGRESS), OK);
	assert_int_equal(add_message(live, 4, "200 OK"), OK);
	assert_int_equal(store_live_commit(live), OK);
	store_live_close(live, true);

	live = open_live(5, 0);
	const struct live_event gap = { .what = LIVE_ENGINE_GAP,
		                        .at = NOW,
		                        .until = NOW + NS_PER_SEC };
	assert_int_equal(store_live_event(live, &gap), OK);
	struct live_account account = {
		.number = 1, .frames = 9, .at = NOW, .summary = TEXT("{\"frames\":9}")
	};
	assert_int_equal(store_live_account(live, &account), OK);
	account = (struct live_account){
		.number = 2, .frames = 10, .at = NOW, .summary = TEXT("no JSON")
	};
	assert_int_equal(store_live_account(live, &account), OK);
	assert_int_equal(store_live_commit(live), OK);
	store_live_close(live, true);
	assert_string_equal(ask(all_rows), "1 0 0");
	assert_string_equal(ask("SELECT l.state || c.state FROM leg AS l, call AS c"),
	                    "interruptedinterrupted");
	assert_string_equal(ask(summaries), "[\"INVITE\",\"200 OK\",null]2");
	assert_string_equal(ask("SELECT group_concat(state) FROM run"),
	                    "interrupted,running");
	assert_string_equal(ask("SELECT what || run || (until - at) FROM probe_event"),
	                    "engine_gap21000000");
	assert_string_equal(ask("SELECT frames || summary FROM run WHERE id = 2"),
	                    "10{\"frames\":9}");
}

/* It had no time to tell how that leg ended. */
static void the_account_may_come_before_records_that_wait(void **state)
{
	(void)state;
	struct store_live *live = open_live(6, 0);
	const struct live_account account = {
		.frames = 9, .at = NOW, .summary = TEXT("{\"frames\":9}"), .ahead = true
	};
	assert_int_equal(store_live_account(live, &account), OK);
	assert_int_equal(store_live_commit(live), OK);
	assert_int_equal(store_live_durable(live), 0);
	assert_int_equal(add_message(live, 1, "INVITE"), OK);
	assert_int_equal(add(live, 2, RECORD_LEG, LEG_IN_PROGRESS), OK);
	assert_int_equal(store_live_end(live, 3), OK);
	store_live_close(live, false);
	assert_string_equal(ask(all_rows), "1 0 0");
	assert_string_equal(ask("SELECT state FROM leg"), "interrupted");
	assert_string_equal(ask("SELECT frames || summary || state FROM run"),
	                    "9{\"frames\":9}complete");
	assert_string_equal(ask("PRAGMA journal_mode"), "wal");
}

static enum status add_stream(struct store_live *live, uint64_t number, bool over)
{
	struct record record;
	records_fill(&record, RECORD_STREAM, "text");
	record.stream.flags = STREAM_NAT | (over ? 0 : STREAM_IN_PROGRESS);
	record.stream.packets = number;
	return store_live_add(live, number, over, &record);
}

static void a_stream_of_a_long_call_is_known_until_the_last_checkpoint(void **state)
{
	(void)state;
	static const char streams[] =
	        "SELECT group_concat(run || ' ' || packets || ' ' || flags) FROM stream";
	struct store_live *live = open_live(7, 0);
	assert_int_equal(add_stream(live, 1, false), OK);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(streams), "1 1 [\"nat\",\"in_progress\"]");
	assert_int_equal(add_stream(live, 2, false), OK);
	assert_int_equal(store_live_commit(live), OK);
	assert_string_equal(ask(streams), "1 2 [\"nat\",\"in_progress\"]");
	store_live_close(live, true);

	live = open_live(8, 0); /* its engine has died */
	assert_string_equal(ask(streams), "1 2 [\"nat\",\"interrupted\"]");
	assert_int_equal(add_stream(live, 1, false), OK);
	assert_int_equal(add_stream(live, 2, true), OK); /* the end takes its place */
	assert_int_equal(store_live_end(live, 3), OK);
	store_live_close(live, true);
	assert_string_equal(ask(streams), "1 2 [\"nat\",\"interrupted\"],2 2 [\"nat\"]");
	assert_string_equal(ask("SELECT count(*) FROM in_progress"), "0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		        a_leg_that_ends_takes_the_place_of_what_it_was, make_folder,
		        remove_folder),
		cmocka_unit_test_setup_teardown(what_comes_again_is_not_kept_twice,
		                                make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
		        a_batch_that_fails_leaves_nothing_and_may_come_again, make_folder,
		        remove_folder),
		cmocka_unit_test_setup_teardown(
		        what_a_dead_engine_had_in_progress_is_interrupted, make_folder,
		        remove_folder),
		cmocka_unit_test_setup_teardown(
		        the_account_may_come_before_records_that_wait, make_folder,
		        remove_folder),
		cmocka_unit_test_setup_teardown(
		        a_stream_of_a_long_call_is_known_until_the_last_checkpoint,
		        make_folder, remove_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
