/* What waits for receivers, and what rules know of past weeks, in the database. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/store_baselines.h"
#include "schema/store_notices.h"
#include "tests/unit/folder.h"
#include "tests/unit/unit.h"

static struct store_live *open_store(void)
{
	struct db_error error;
	struct store_live *live = NULL;
	if (store_live_open(path, &live, &error) != OK)
		fail_msg("%s", error.text);
	return live;
}

struct told {
	char text[256];
	uint64_t last;
	size_t most;
};

static bool take_notice(void *self, const struct stored_notice *notice)
{
	struct told *told = self;
	const size_t len = strlen(told->text);
	if (told->most-- == 0)
		return false;
	snprintf(told->text + len, sizeof told->text - len, "%.*s ", (int)notice->text.len,
	         notice->text.at);
	told->last = notice->seq;
	assert_int_equal(notice->delivery, 9);
	return true;
}

static struct told ask(struct store_live *live, const char *receiver, uint64_t after,
                       size_t most)
{
	struct told told = { .most = most };
	assert_int_equal(store_notices(live, receiver, after, take_notice, &told), OK);
	return told;
}

static void add(struct store_live *live, const char *receiver, const char *text, nstime at)
{
	const struct stored_notice notice = { .receiver = receiver,
		                              .form = "syslog",
		                              .alert = 7,
		                              .delivery = 9,
		                              .at = at,
		                              .text = text_from(text) };
	assert_int_equal(store_notice_add(live, &notice), OK);
}

static void notices_wait_in_order_until_they_are_delivered(void **state)
{
	(void)state;
	struct store_live *live = open_store();
	uint64_t dead = 9;
	add(live, "a", "one", NS_PER_SEC);
	add(live, "b", "other", 90 * NS_PER_SEC);
	add(live, "a", "two", 90 * NS_PER_SEC);
	add(live, "a", "three", 90 * NS_PER_SEC);
	assert_int_equal(store_live_commit(live), OK);
	store_live_close(live, true);

	live = open_store(); /* they outlive a restart */
	const struct told two = ask(live, "a", 0, 2);
	assert_string_equal(two.text, "one two ");
	assert_string_equal(ask(live, "a", two.last, 9).text, "three ");
	assert_int_equal(store_notices_delivered(live, "a", two.last), OK);
	const struct told three = ask(live, "a", 0, 9);
	assert_string_equal(three.text, "three ");
	assert_string_equal(ask(live, "b", 0, 9).text, "other ");
	add(live, "b", "old", NS_PER_SEC);
	assert_int_equal(store_notices_expire(live, "b", 60 * NS_PER_SEC, &dead), OK);
	assert_int_equal(dead, 1);
	assert_string_equal(ask(live, "b", 0, 9).text, "other ");
	assert_int_equal(store_notice_refused(live, three.last), OK);
	assert_int_equal(store_notices_delivered(live, "a", three.last), OK);
	assert_string_equal(ask(live, "a", 0, 9).text, "");
	assert_int_equal(store_notices_count(live, "a", NOTICE_DEAD, 0, &dead), OK);
	assert_int_equal(dead, 1); /* it is given up, not forgotten */
	assert_int_equal(store_notices_forget_dead(live, 60 * NS_PER_SEC), OK);
	assert_int_equal(store_notices_count(live, "a", NOTICE_DEAD, 0, &dead), OK);
	assert_int_equal(dead, 1);
	assert_int_equal(store_notices_count(live, "b", NOTICE_DEAD, 0, &dead), OK);
	assert_int_equal(dead, 0); /* that one was old */
	store_live_close(live, true);
}

enum { HOURS = 10 };

static void take_baseline(void *self, const struct stored_baseline *baseline)
{
	size_t *count = self;
	assert_string_equal(baseline->rule, "trunk_silent");
	assert_string_equal(baseline->scope, "trunk");
	assert_string_equal(baseline->name, "carrier \"a\"");
	assert_string_equal(baseline->codec, "");
	assert_int_equal(baseline->direction, 2);
	assert_int_equal(baseline->hour_count, HOURS);
	assert_true(isnan(baseline->hours[0]) && baseline->hours[3] == 1.5f);
	++*count;
}

static void past_weeks_come_back_as_they_were(void **state)
{
	(void)state;
	float hours[HOURS] = { NAN, 0, -1, 0, 3e9f };
	const struct stored_baseline baseline = { .rule = "trunk_silent",
		                                  .scope = "trunk",
		                                  .name = "carrier \"a\"",
		                                  .codec = "",
		                                  .direction = 2,
		                                  .hours = hours,
		                                  .hour_count = HOURS };
	struct store_live *live = open_store();
	size_t count = 0;
	assert_int_equal(store_baseline_put(live, &baseline), OK);
	hours[3] = 1.5f; /* the later one takes its place */
	assert_int_equal(store_baseline_put(live, &baseline), OK);
	assert_int_equal(store_live_commit(live), OK);
	store_live_close(live, true);
	live = open_store();
	assert_int_equal(store_baselines(live, HOURS, take_baseline, &count), OK);
	assert_int_equal(count, 1);
	assert_int_equal(store_baselines(live, HOURS + 1, take_baseline, &count), OK);
	assert_int_equal(count, 1);
	store_live_close(live, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notices_wait_in_order_until_they_are_delivered),
		cmocka_unit_test(past_weeks_come_back_as_they_were),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
