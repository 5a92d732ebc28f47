/* Other rules while some of the former ones fire: what goes on, and what is over. */
#include "tests/unit/alerts.h"

/* ASR below 50 %, in a window of a minute, over a minute later. */
static struct alerts *low_asr(void)
{
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_asr_rule(alerts);
	rule->clear_after = SECONDS(60);
	rule->min_samples = 20;
	alerts_begin(alerts);
	return alerts;
}

static void replace(struct alerts *alerts, struct rule_list *by)
{
	char error[RULE_ERROR_SIZE];
	struct rules_settings settings = alerts->settings;
	for (size_t i = 0; i < by->count; i++)
		if (!rule_resolve(&by->rules[i], error))
			fail_msg("%s", error);
	settings.rules = by;
	assert_int_equal(rules_replace(alerts->rules, &settings), OK);
	/* Nothing may be taken from there any more. */
	memset(&alerts->list, 0xa5, sizeof alerts->list);
}

static void a_rule_with_another_threshold_goes_on(void **state)
{
	(void)state;
	struct alerts *alerts = low_asr();
	struct rule_list by = alerts->list;
	feed_calls(alerts, "a", 5, 20, 8);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_story(alerts, "before", "firing 10");
	by.rules[0].threshold = 30;
	by.rules[0].severity = SEVERITY_CRITICAL;
	replace(alerts, &by);
	assert_story(alerts, "nothing is over by itself", "firing 10");
	rules_advance(alerts->rules, BEGIN + SECONDS(91));
	assert_story(alerts, "40 % is no longer bad", "firing 10, clearing 20, ok 80");
	assert_true(alerts->told[2].id == alerts->told[0].id);
	assert_true(alerts->told[2].raised == alerts->told[0].raised);
	assert_int_equal(alerts->told[2].severity, SEVERITY_CRITICAL);
	assert_int_equal(alerts->told[2].ended_by, ALERT_END_SAMPLES);
	alerts_free(alerts);
}

static void what_was_counted_counts_on(void **state)
{
	(void)state;
	struct alerts *alerts = low_asr();
	struct rule_list by = alerts->list;
	struct rule *other = &by.rules[by.count++];
	*other = by.rules[0];
	snprintf(other->name, sizeof other->name, "%s", "another");
	snprintf(other->metric_name, sizeof other->metric_name, "%s", "short_pct");
	other->scope = SCOPE_ALL;
	feed_calls(alerts, "a", 5, 10, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	replace(alerts, &by);
	feed_calls(alerts, "a", 25, 10, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(31));
	assert_story(alerts, "ten before, ten behind", "firing 30");
	rules_advance(alerts->rules, BEGIN + SECONDS(71));
	assert_story(alerts, "the ten before leave the window in their time",
	             "firing 30, clearing 70");
	alerts_free(alerts);
}

static void alerts_of_a_rule_that_is_gone_are_over(void **state)
{
	static const struct {
		const char *what;
		bool none, off;
		const char *name, *metric, *match;
		enum alert_scope scope;
	} cases[] = {
		{ .what = "there is no rule any more", .none = true },
		{ .what = "it is switched off", .off = true },
		{ .what = "it has another name", .name = "s" },
		{ .what = "it looks at something else", .metric = "short_pct" },
		{ .what = "it is for another trunk", .match = "b" },
		{ .what = "it is for the probe as a whole", .scope = SCOPE_ALL },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct alerts *alerts = low_asr();
		struct rule_list by = alerts->list;
		struct rule *rule = &by.rules[0];
		feed_calls(alerts, "a", 5, 20, 0);
		rules_advance(alerts->rules, BEGIN + SECONDS(25));
		by.count = !cases[i].none;
		rule->enabled = !cases[i].off;
		if (cases[i].name)
			snprintf(rule->name, sizeof rule->name, "%s", cases[i].name);
		if (cases[i].metric)
			snprintf(rule->metric_name, sizeof rule->metric_name, "%s",
			         cases[i].metric);
		if (cases[i].match)
			snprintf(rule->match, sizeof rule->match, "%s", cases[i].match);
		if (cases[i].scope)
			rule->scope = cases[i].scope;
		replace(alerts, &by);
		assert_true(alerts->count >= 2);
		assert_int_equal(alerts->told[1].state, ALERT_OK);
		assert_int_equal(alerts->told[1].ended_by, ALERT_END_RULE);
		assert_true(alerts->told[1].at == BEGIN + SECONDS(20));
		assert_true(alerts->told[1].cleared == alerts->told[1].at);
		assert_true(alerts->told[1].id == alerts->told[0].id);
		assert_string_equal(alerts->told[1].rule, "r");
		assert_non_null(strstr(alerts->told[1].summary, "the rule was changed"));
		rules_advance(alerts->rules, BEGIN + SECONDS(300));
		/* One of another name sees the same, and says so for itself. */
		if (!cases[i].name && alerts->count != 2)
			fail_msg("%s: %zu", cases[i].what, alerts->count);
		alerts_free(alerts);
	}
}

/* A count that is to be above nothing says nothing of half a window. */
static void a_rule_that_is_new_waits_for_its_window(void **state)
{
	(void)state;
	struct alerts *alerts = low_asr();
	struct rule_list by = alerts->list;
	struct rule *rule = &by.rules[by.count++];
	*rule = by.rules[0];
	snprintf(rule->name, sizeof rule->name, "%s", "few");
	snprintf(rule->metric_name, sizeof rule->metric_name, "%s", "answered");
	rule->threshold = 1;
	rule->min_samples = 0;
	for (int at = 5; at < 300; at += 10)
		feed_calls(alerts, "a", at, 20, 20);
	replace(alerts, &by);
	rules_advance(alerts->rules, BEGIN + SECONDS(335));
	assert_story(alerts, "for half a minute", "");
	rules_advance(alerts->rules, BEGIN + SECONDS(361));
	assert_story(alerts, "a minute", "firing 360");
	alerts_free(alerts);
}

static void what_was_learnt_is_known(void **state)
{
	static const int64_t HOUR = 3600, WEEK = 604800;
	(void)state;
	for (int kept = 0; kept < 2; kept++) {
		struct alerts *alerts = alerts_new();
		struct rule *rule = alerts_rule(alerts, "seizures");
		rule->condition = CONDITION_DEVIATES_BELOW;
		rule->threshold = 3;
		rule->least_pct = 50;
		rule->window = SECONDS(600);
		alerts_begin(alerts);
		struct rule_list by = alerts->list;
		for (int64_t at = 30; at < 4 * WEEK; at += 60)
			feed_calls(alerts, "a", at, 10, 10);
		assert_int_equal(alerts->count, 0);
		if (!kept)
			snprintf(by.rules[0].metric_name, sizeof by.rules[0].metric_name,
			         "%s", "answered");
		replace(alerts, &by);
		for (int64_t at = 30; at < 2 * HOUR; at += 60)
			feed_calls(alerts, "a", 4 * WEEK + at, 1, 1);
		assert_true((alerts->count > 0) == kept);
		alerts_free(alerts);
	}
}

static void a_silence_stays(void **state)
{
	(void)state;
	struct alerts *alerts = low_asr();
	struct rule_list by = alerts->list;
	const struct rule_silence silence = { .rule = "r",
		                              .from = BEGIN,
		                              .until = BEGIN + SECONDS(600) };
	rules_set_silences(alerts->rules, &silence, 1);
	replace(alerts, &by);
	feed_calls(alerts, "a", 5, 20, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_story(alerts, "it fires", "firing 10");
	assert_true(alerts->told[0].muted);
	assert_string_equal(alerts->told[0].muted_by, "silence");
	alerts_free(alerts);
}

static void an_alert_that_is_found_without_its_rule_is_over(void **state)
{
	(void)state;
	struct alerts *before = low_asr();
	struct alerts *after = alerts_new();
	feed_calls(before, "a", 5, 20, 0);
	rules_advance(before->rules, BEGIN + SECONDS(11));
	alerts_rule(after, "ner")->threshold = 10;
	alerts_begin(after);
	rules_restore(after->rules, &before->told[0], BEGIN + SECONDS(500));
	assert_story(after, "its rule is gone", "ok 500");
	assert_true(after->told[0].id == before->told[0].id);
	assert_int_equal(after->told[0].ended_by, ALERT_END_RULE);
	assert_true(after->told[0].raised == before->told[0].raised);
	alerts_free(before);
	alerts_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_with_another_threshold_goes_on),
		cmocka_unit_test(what_was_counted_counts_on),
		cmocka_unit_test(alerts_of_a_rule_that_is_gone_are_over),
		cmocka_unit_test(a_rule_that_is_new_waits_for_its_window),
		cmocka_unit_test(what_was_learnt_is_known),
		cmocka_unit_test(a_silence_stays),
		cmocka_unit_test(an_alert_that_is_found_without_its_rule_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
