/*
 * Time and rules: hours of work over a change of clocks and over midnight, packets whose
 * time goes back or leaps, and years to come.
 */
#include "probe/local_time_zone.h"
#include "tests/unit/alerts.h"

#define HOUR INT64_C(3600)
/* Of Berlin: Friday 2026-03-27 00:00 CET; clocks go forward on Sunday. */
#define FRIDAY INT64_C(1774566000)

struct place {
	struct alerts *alerts;
	struct local_time zone;
};

/* Any call is bad, in that schedule; over as soon as it may be. */
static struct place place_of(enum rule_schedule schedule, uint32_t begins, uint32_t ends)
{
	struct place p = { .alerts = alerts_new() };
	local_time_of_zone("Europe/Berlin", &p.zone);
	struct rule *rule = alerts_rule(p.alerts, "seizures");
	rule->scope = SCOPE_TRUNK;
	rule->threshold = 0;
	rule->window = SECONDS(60);
	rule->clear_after = 0;
	rule->schedule = schedule;
	p.alerts->settings.work_begins = begins;
	p.alerts->settings.work_ends = ends;
	return p;
}

/* A call a minute; states are told in hours behind `from`. */
static void live(struct place *p, int64_t from, int64_t hours, char *story, size_t size)
{
	p->alerts->settings.local_time = &p->zone;
	alerts_begin(p->alerts);
	for (int64_t at = from; at < from + hours * HOUR; at += 30)
		feed_calls(p->alerts, "a", at - BEGIN / NS_PER_SEC, 1, 1);
	story[0] = '\0';
	for (size_t i = 0; i < p->alerts->count; i++) {
		const struct alert_record *alert = &p->alerts->told[i];
		const size_t len = strlen(story);
		snprintf(story + len, size - len, "%s%s %.2f", i ? ", " : "",
		         alert->state == ALERT_OK ? alert_end_names[alert->ended_by]
		                                  : alert_state_names[alert->state],
		         (double)(alert->at / NS_PER_SEC - from) / 3600);
	}
	alerts_free(p->alerts);
}

static void schedules_follow_the_clock_on_the_wall(void **state)
{
	static const struct {
		const char *what;
		enum rule_schedule schedule;
		uint32_t begins, ends;
		const char *story; /* of four days, 95 hours, from Friday on */
	} cases[] = {
		/* Monday's eight o'clock is an hour earlier than 80 h behind Friday's
		   midnight. */
		{ "business hours", SCHEDULE_BUSINESS, 8, 18,
		  "firing 8.00, schedule 18.00, firing 79.00, schedule 89.00" },
		{ "all others", SCHEDULE_OFF_HOURS, 8, 18,
		  "firing 0.00, schedule 8.00, firing 18.00, schedule 79.00, firing 89.00" },
		/* Friday's shift ends on Saturday; Thursday's on Friday; Sunday has none.
		 */
		{ "over midnight", SCHEDULE_BUSINESS, 22, 6,
		  "firing 0.00, schedule 6.00, firing 22.00, schedule 30.00, firing 93.00" },
		{ "until midnight", SCHEDULE_BUSINESS, 20, 24,
		  "firing 20.00, schedule 24.00, firing 91.00" },
		{ "always", SCHEDULE_ALWAYS, 8, 18, "firing 0.00" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char story[512];
		struct place p =
		        place_of(cases[i].schedule, cases[i].begins, cases[i].ends);
		live(&p, FRIDAY, 95, story, sizeof story);
		if (strcmp(story, cases[i].story) != 0)
			fail_msg("%s:\n  told     %s\n  expected %s", cases[i].what, story,
			         cases[i].story);
	}
}

/* --- packets whose clock is no clock ----------------------------------------------------
 */

static bool may_follow(enum alert_state before, enum alert_state now)
{
	switch (before) {
	case ALERT_OK: /* also: not there yet */
		return now == ALERT_PENDING || now == ALERT_FIRING;
	case ALERT_PENDING:
		return now == ALERT_FIRING || now == ALERT_OK;
	case ALERT_FIRING: /* told again, as a group that has grown */
		return now != ALERT_PENDING;
	default:
		return now == ALERT_FIRING || now == ALERT_OK;
	}
}

/* Each alert has a life that makes sense, and all of them are told in the order of time. */
static void check_lives(const struct alerts *alerts)
{
	for (size_t i = 0; i < alerts->count; i++) {
		const struct alert_record *alert = &alerts->told[i];
		enum alert_state before = ALERT_OK;
		bool over = false;
		assert_true(alert->at % RULE_TICK == 0);
		assert_true(i == 0 || alert->at >= alerts->told[i - 1].at);
		assert_true(alert->since <= alert->at);
		assert_true(alert->raised == NSTIME_NONE ||
		            (alert->raised >= alert->since && alert->raised <= alert->at));
		assert_int_equal(alert->state == ALERT_OK, alert->cleared != NSTIME_NONE);
		for (size_t k = 0; k < i; k++) {
			if (alerts->told[k].id != alert->id)
				continue;
			before = alerts->told[k].state;
			over |= before == ALERT_OK;
		}
		assert_false(over); /* the next one has another id */
		if (!may_follow(before, alert->state))
			fail_msg("%s behind %s", alert_state_names[alert->state],
			         alert_state_names[before]);
	}
}

/* Hours go by, back, and leap by days; calls are good and bad in turn. */
static void whatever_time_does_alerts_have_a_life(void **state)
{
	static const int64_t leaps[] = { 5,          5,    5,         30,        30,
		                         70,         400,  -5,        -70,       -4000,
		                         -86400 * 3, 3601, 86400 * 3, 86400 * 40 };
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t random = seed * 0x9e3779b97f4a7c15 | 1;
		struct alerts *alerts = alerts_new();
		rule_list_default(&alerts->list);
		alerts_begin(alerts);
		int64_t at = 0;
		for (int i = 0; i < 1500 && alerts->count < ALERTS_MAX - 200; i++) {
			static const char *const trunks[] = { "a", "b", "c" };
			const size_t leap =
			        disorder_below(&random, 200) < 199
			                ? disorder_below(&random, 9)
			                : disorder_below(&random, ARRAY_LEN(leaps));
			const bool bad = i / 120 % 2;
			at += leaps[leap];
			feed_calls(alerts, trunks[disorder_below(&random, 3)], at, 10,
			           bad ? 0 : 7);
		}
		rules_finish(alerts->rules);
		check_lives(alerts);
		alerts_free(alerts);
	}
}

static struct alerts *errors(void)
{
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "seizures");
	rule->scope = SCOPE_TRUNK;
	rule->threshold = 5;
	rule->window = SECONDS(60);
	rule->clear_after = SECONDS(60);
	alerts_begin(alerts);
	return alerts;
}

/* The alert was over a window and a minute behind the last call, not three days later. */
static void a_gap_of_days_ends_what_fired_before_it(void **state)
{
	(void)state;
	struct alerts *alerts = errors();
	feed_calls(alerts, "a", 5, 10, 10);
	feed_calls(alerts, "a", 3 * 86400 + 5, 1, 1);
	rules_finish(alerts->rules);
	assert_story(alerts, "a gap", "firing 10, clearing 70, ok 130");
	alerts_free(alerts);
}

/* What is earlier counts as now, and ends nothing. */
static void a_clock_that_goes_back_is_no_other_time(void **state)
{
	(void)state;
	struct alerts *alerts = errors();
	feed_calls(alerts, "a", 1000, 10, 10);
	rules_advance(alerts->rules, BEGIN + SECONDS(1021));
	feed_calls(alerts, "a", -86400, 10, 10);
	feed_calls(alerts, "a", 900, 10, 10);
	rules_advance(alerts->rules, BEGIN - SECONDS(86400));
	assert_story(alerts, "back", "firing 1010");
	rules_advance(alerts->rules, BEGIN + SECONDS(1200));
	assert_story(alerts, "and on", "firing 1010, clearing 1090, ok 1150");
	alerts_free(alerts);
}

/* Behind 2^31 and 2^32 seconds. */
static void years_to_come_are_years(void **state)
{
	static const struct {
		int64_t at;
		const char *until;
	} cases[] = { { INT64_C(2147483650), "start < 2038-01-19T03:14:20Z" },
		      { INT64_C(4294967290), "start < 2106-02-07T06:28:20Z" } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct alerts *alerts = errors();
		feed_calls(alerts, "a", cases[i].at - BEGIN / NS_PER_SEC, 10, 10);
		rules_finish(alerts->rules);
		assert_int_equal(alerts->count, 1);
		assert_true(alerts->told[0].at >= SECONDS(cases[i].at));
		assert_non_null(strstr(alerts->told[0].query, cases[i].until));
		alerts_free(alerts);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(schedules_follow_the_clock_on_the_wall),
		cmocka_unit_test(whatever_time_does_alerts_have_a_life),
		cmocka_unit_test(a_gap_of_days_ends_what_fired_before_it),
		cmocka_unit_test(a_clock_that_goes_back_is_no_other_time),
		cmocka_unit_test(years_to_come_are_years),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
