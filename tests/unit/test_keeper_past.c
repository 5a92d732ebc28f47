/* What is usual is read from the hours that a database has, beside what comes. */
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "probe/keeper_past.h"
#include "schema/learnt.h"
#include "schema/store_baselines.h"
#include "schema/store_live.h"
#include "tests/unit/alerts.h"

#define HOUR (3600 * NS_PER_SEC)
#define MONDAY SECONDS(1767571200) /* 2026-01-05 00:00 UTC */
enum { WEEKS = 4, CALLS = 60 };

static const struct kpi_zone utc = {
	.name = "UTC", .time = { .count = 1, .changes = { { NSTIME_NONE, 0 } } }
};
static char folder[64], path[96];

static struct store_live *open_live(void)
{
	struct db_error error;
	struct store_live *live = NULL;
	uint64_t kept;
	const struct live_run run = { .engine = { 7 },
		                      .sensor = "local",
		                      .program = "test",
		                      .options = "live",
		                      .zone = &utc };
	strcpy(folder, "/tmp/earshot-past-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/calls.db", folder);
	if (store_live_open(path, &live, &error) != OK)
		fail_msg("%s", error.text);
	assert_int_equal(store_live_begin(live, &run, MONDAY, &kept), OK);
	return live;
}

static void close_live(struct store_live *live)
{
	char command[96];
	store_live_close(live, true);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

/* Sixty calls in the first minute of each hour, at the probe and at a trunk. */
static void keep_weeks(struct store_live *live)
{
	struct record record = { .kind = RECORD_KPI };
	uint64_t number = 0;
	for (nstime hour = MONDAY; hour < MONDAY + WEEKS * 168 * HOUR; hour += HOUR) {
		for (int i = 0; i < 2; i++) {
			record.at = hour + 60 * NS_PER_SEC;
			record.kpi.id = ++number;
			record.kpi.key.start = hour;
			record.kpi.key.view = i ? KPI_VIEW_TRUNK : KPI_VIEW_LEG;
			record.kpi.key.direction = i ? KPI_OUTBOUND : KPI_DIRECTION_NONE;
			snprintf(record.kpi.key.trunk, sizeof record.kpi.key.trunk, "%s",
			         i ? "a" : "");
			record.kpi.counts[KPI_SEEN] = record.kpi.counts[KPI_SEIZURES] =
			        CALLS;
			assert_int_equal(store_live_add(live, number, true, &record), OK);
		}
	}
	assert_int_equal(store_live_commit(live), OK);
}

struct learnt_now {
	size_t count;
	struct rule_baseline of_trunk;
	struct store_live *live;
};

static bool take_one(void *self, const struct rule_baseline *baseline)
{
	struct learnt_now *found = self;
	const struct stored_baseline stored = { .rule = baseline->rule,
		                                .scope = "trunk",
		                                .name = baseline->name,
		                                .codec = "",
		                                .direction = baseline->direction,
		                                .hours = &baseline->hours[0][0],
		                                .hour_count = RULE_WEEKS * WEEK_HOURS };
	found->count++;
	if (strcmp(baseline->name, "a") == 0) {
		found->of_trunk = *baseline;
		assert_int_equal(store_baseline_put(found->live, &stored), OK);
	}
	return true;
}

static void work(struct keeper_past *past, struct alerts *alerts)
{
	size_t turns = 0;
	for (; (past->wanted || past->rules) && turns < 100; turns++)
		keeper_past_work(past, &alerts->settings, path, alerts->rules);
	assert_true(turns > 1 && turns < 100); /* not all at once */
}

static void a_new_rule_knows_what_the_database_knows(void **state)
{
	(void)state;
	struct store_live *live = open_live();
	struct keeper_past past = { .wanted = false };
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "seizures");
	struct learnt_now found = { .live = live };
	size_t known = 0;
	rule->scope = SCOPE_TRUNK;
	rule->condition = CONDITION_DEVIATES_BELOW;
	rule->threshold = 5;
	keep_weeks(live);
	alerts_begin(alerts);
	keeper_past_begin(&past);
	work(&past, alerts);
	rules_baselines(alerts->rules, take_one, &found);
	assert_true(found.count >= 1);
	for (size_t week = 0; week < RULE_WEEKS; week++)
		for (size_t hour = 0; hour < WEEK_HOURS; hour++)
			if (!isnan(found.of_trunk.hours[week][hour])) {
				assert_true(found.of_trunk.hours[week][hour] == CALLS);
				known++;
			}
	/* All but the first hour, of which nobody knows whether it is whole, and the last,
	 * which is not added up yet or not over. */
	assert_in_range(known, WEEKS * WEEK_HOURS - 3, WEEKS * WEEK_HOURS - 1);
	assert_int_equal(store_live_commit(live), OK);

	/* And whoever asks is told how much that is. */
	struct query *query;
	struct db_error error;
	struct learnt *list;
	size_t count;
	assert_int_equal(query_open(path, &query, &error), OK);
	assert_int_equal(query_learnt(query, &list, &count), OK);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].rule, "r");
	assert_int_equal(list[0].subjects, 1);
	assert_int_equal(list[0].weeks, WEEKS);
	assert_int_equal(learnt_missing_weeks(&list[0]), 0);
	assert_int_equal(learnt_missing_weeks(learnt_of(list, count, "other")),
	                 RULE_WEEKS_LEAST);
	assert_true(list[0].known_pct > 99 && list[0].known_pct <= 100);
	free(list);
	query_close(query);
	keeper_past_stop(&past);
	alerts_free(alerts);
	close_live(live);
}

/* What was learnt as it came is more than what minutes say of it. */
static void what_is_known_stays(void **state)
{
	(void)state;
	struct store_live *live = open_live();
	struct keeper_past past = { .wanted = false };
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "seizures");
	struct learnt_now found = { .live = live };
	struct rule_baseline known = { .rule = "r", .scope = SCOPE_TRUNK, .name = "a" };
	rule->scope = SCOPE_TRUNK;
	rule->condition = CONDITION_DEVIATES_BELOW;
	rule->threshold = 5;
	for (size_t week = 0; week < RULE_WEEKS; week++)
		for (size_t hour = 0; hour < WEEK_HOURS; hour++)
			known.hours[week][hour] = hour == 100 ? 77 : NAN;
	keep_weeks(live);
	alerts_begin(alerts);
	rules_recall(alerts->rules, &known);
	keeper_past_begin(&past);
	work(&past, alerts);
	rules_baselines(alerts->rules, take_one, &found);
	for (size_t week = 0; week < RULE_WEEKS; week++)
		assert_true(found.of_trunk.hours[week][100] == 77);
	assert_true(found.of_trunk.hours[MONDAY / (168 * HOUR) % RULE_WEEKS][0] != 77);
	keeper_past_stop(&past);
	alerts_free(alerts);
	close_live(live);
}

/* Rules that want nothing of the past, a database that is not there, and a stop between. */
static void there_may_be_no_past(void **state)
{
	(void)state;
	struct keeper_past past = { .wanted = false };
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "seizures");
	rule->threshold = 5;
	alerts_begin(alerts);
	keeper_past_begin(&past);
	keeper_past_work(&past, &alerts->settings, "/nowhere", alerts->rules);
	assert_false(past.wanted || past.rules);
	rule->condition = CONDITION_DEVIATES_BELOW;
	keeper_past_begin(&past);
	keeper_past_work(&past, &alerts->settings, "/nowhere", alerts->rules);
	assert_false(past.wanted || past.rules);
	alerts_free(alerts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_rule_knows_what_the_database_knows),
		cmocka_unit_test(what_is_known_stays),
		cmocka_unit_test(there_may_be_no_past),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
