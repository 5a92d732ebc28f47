/* Rules that compare with past weeks: what is usual, and what is learnt of it. */
#include "tests/unit/alerts.h"

static const int64_t HOUR = 3600, DAY = 86400, WEEK = 604800;

static int usual_calls(int64_t at)
{
	const int64_t hour = at / HOUR % 24;
	return hour >= 8 && hour < 18 ? 20 : 2; /* each minute */
}

static struct alerts *not_begun(enum alert_condition condition)
{
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "seizures");
	rule->condition = condition;
	rule->threshold = 5;
	rule->least_pct = 50;
	rule->window = SECONDS(600);
	rule->min_samples = 10;
	rule->clear_after = 0;
	return alerts;
}

static struct alerts *unusual(enum alert_condition condition)
{
	struct alerts *alerts = not_begun(condition);
	alerts_begin(alerts);
	return alerts;
}

static void feed_usual(struct alerts *alerts, int64_t from, int64_t to)
{
	for (int64_t at = from + 30; at < to; at += 60)
		feed_calls(alerts, "a", at, (uint64_t)usual_calls(at), 0);
}

static void a_trunk_that_falls_silent_is_missed(void **state)
{
	(void)state;
	struct alerts *alerts = unusual(CONDITION_DEVIATES_BELOW);
	feed_usual(alerts, 0, 4 * WEEK + 12 * HOUR);
	assert_story(alerts, "as ever", "");
	rules_advance(alerts->rules, BEGIN + SECONDS(4 * WEEK + 12 * HOUR + 1800));
	assert_int_equal(alerts->count, 1);
	assert_int_equal(alerts->told[0].state, ALERT_FIRING);
	assert_true(alerts->told[0].at <= BEGIN + SECONDS(4 * WEEK + 12 * HOUR + 610));
	assert_true(fabs(alerts->told[0].expected - 200) < 1);
	feed_usual(alerts, 4 * WEEK + 12 * HOUR + 1800, 4 * WEEK + 14 * HOUR);
	assert_int_equal(alerts->told[alerts->count - 1].state, ALERT_OK);
	alerts_free(alerts);
}

static void nothing_is_unusual_before_it_is_known(void **state)
{
	(void)state;
	struct alerts *alerts = unusual(CONDITION_DEVIATES_BELOW);
	feed_usual(alerts, 0, 2 * WEEK + 12 * HOUR);
	rules_advance(alerts->rules, BEGIN + SECONDS(2 * WEEK + 13 * HOUR));
	assert_story(alerts, "two weeks are too few", "");
	alerts_free(alerts);
}

/* What the database has of past weeks is as good as having been there. */
static void past_weeks_can_be_learnt(void **state)
{
	(void)state;
	struct alerts *alerts = unusual(CONDITION_DEVIATES_ABOVE);
	for (int64_t at = 0; at < 4 * WEEK; at += 60) {
		struct record record = bucket_of("a", at);
		record.kpi.counts[KPI_SEIZURES] = (uint64_t)usual_calls(at);
		rules_learn(alerts->rules, &record);
	}
	feed_usual(alerts, 4 * WEEK, 4 * WEEK + 3 * HOUR);
	assert_story(alerts, "as ever", "");
	for (int64_t at = 4 * WEEK + 3 * HOUR + 30; at < 4 * WEEK + 4 * HOUR; at += 60)
		feed_calls(alerts, "a", at, 20, 0);
	assert_int_equal(alerts->count, 1);
	assert_true(fabs(alerts->told[0].expected - 20) < 0.5);
	alerts_free(alerts);
}

static bool keep_baseline(void *self, const struct rule_baseline *baseline)
{
	struct alerts *other = self;
	rules_recall(other->rules, baseline);
	return true;
}

static void what_is_usual_outlives_a_restart(void **state)
{
	(void)state;
	struct alerts *before = unusual(CONDITION_DEVIATES_BELOW);
	struct alerts *after = unusual(CONDITION_DEVIATES_BELOW);
	feed_usual(before, 0, 4 * WEEK + 2 * HOUR);
	assert_true(rules_baselines(before->rules, keep_baseline, after));
	rules_baselines_kept(before->rules);
	assert_true(rules_baselines(before->rules, keep_baseline, NULL)); /* none is left */
	feed_usual(after, 4 * WEEK + 10 * HOUR, 4 * WEEK + 12 * HOUR);
	assert_story(after, "as ever", "");
	rules_advance(after->rules, BEGIN + SECONDS(4 * WEEK + 13 * HOUR));
	assert_int_equal(after->count, 1);
	assert_true(fabs(after->told[0].expected - 200) < 1);
	alerts_free(before);
	alerts_free(after);
}

static void a_holiday_is_a_sunday(void **state)
{
	(void)state;
	for (int known = 0; known < 2; known++) {
		struct alerts *alerts = not_begun(CONDITION_DEVIATES_BELOW);
		if (known) { /* the Thursday after four weeks */
			alerts->settings.holidays[0] = 1767225600 / DAY + 28;
			alerts->settings.holiday_count = 1;
		}
		alerts_begin(alerts);
		for (int64_t at = 30; at < 4 * WEEK + DAY; at += 60) {
			const bool idle = at / DAY % 7 == 3 || at >= 4 * WEEK;
			feed_calls(alerts, "a", at, idle ? 1 : (uint64_t)usual_calls(at),
			           0);
		}
		assert_true((alerts->count > 0) == !known);
		alerts_free(alerts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trunk_that_falls_silent_is_missed),
		cmocka_unit_test(nothing_is_unusual_before_it_is_known),
		cmocka_unit_test(past_weeks_can_be_learnt),
		cmocka_unit_test(what_is_usual_outlives_a_restart),
		cmocka_unit_test(a_holiday_is_a_sunday),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
