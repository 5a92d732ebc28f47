/* Rules over a restart, and where there is no room for all that they watch. */
#include "tests/unit/alerts.h"

static void an_alert_goes_on_behind_a_restart(void **state)
{
	(void)state;
	struct alerts *before = alerts_low_asr(0, SECONDS(60));
	feed_calls(before, "a", 5, 20, 0);
	rules_advance(before->rules, BEGIN + SECONDS(11));
	assert_story(before, "before", "firing 10");

	struct alerts *after = alerts_low_asr(0, SECONDS(60));
	rules_restore(after->rules, &before->told[0], NSTIME_NONE);
	rules_advance(after->rules, BEGIN + SECONDS(15));
	rules_advance(after->rules, BEGIN + SECONDS(30));
	assert_story(after, "a window that has to fill clears nothing", "");
	for (int at = 35; at < 300; at += 10)
		feed_calls(after, "a", at, 20, 20);
	rules_advance(after->rules, BEGIN + SECONDS(301));
	assert_story(after, "after", "clearing 40, ok 100");
	assert_true(after->told[1].id == before->told[0].id);
	assert_true(after->told[1].raised == before->told[0].raised);
	alerts_free(before);
	alerts_free(after);
}

static void the_quietest_scope_makes_room(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	alerts_asr_rule(alerts);
	alerts->settings.scopes = 4;
	alerts_begin(alerts);
	feed_calls(alerts, "bad", 1, 20, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	for (int i = 0; i < 100; i++) {
		char name[16];
		snprintf(name, sizeof name, "t%d", i);
		feed_calls(alerts, name, 12 + i % 2, 20, 20);
	}
	assert_int_equal(rules_counters(alerts->rules)->scopes_evicted, 97);
	/* That which fires stays. */
	feed_calls(alerts, "bad", 70, 200, 200);
	rules_advance(alerts->rules, BEGIN + SECONDS(500));
	assert_story(alerts, "the bad one", "firing 10, clearing 70, ok 370");
	alerts_free(alerts);
}

static void an_alert_that_finds_no_room_is_counted(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	alerts_asr_rule(alerts);
	alerts->settings.alerts = 2;
	alerts_begin(alerts);
	for (int i = 0; i < 5; i++) {
		char name[16];
		snprintf(name, sizeof name, "t%d", i);
		feed_calls(alerts, name, 5, 20, 0);
	}
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_int_equal(alerts->count, 2);
	assert_int_equal(rules_counters(alerts->rules)->alerts_not_tracked, 3);
	alerts_free(alerts);
}

/* A year of it has no tick for each ten seconds. */
static void a_long_silence_costs_little(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_low_asr(0, 0);
	feed_calls(alerts, "a", 5, 20, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(364 * 24 * 3600));
	assert_story(alerts, "over, and nothing else", "firing 10, ok 70");
	assert_true(rules_counters(alerts->rules)->ticks < 10000);
	alerts_free(alerts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_alert_goes_on_behind_a_restart),
		cmocka_unit_test(the_quietest_scope_makes_room),
		cmocka_unit_test(an_alert_that_finds_no_room_is_counted),
		cmocka_unit_test(a_long_silence_costs_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
