/* Who is told of what, and how often: groups, and what goes up and down. */
#include "tests/unit/alerts.h"

enum { TRUNKS = 20 };

static const char *trunk_name(int i)
{
	static char name[24];
	snprintf(name, sizeof name, "trunk-%02d", i);
	return name;
}

/* ASR below 50 % in two minutes, over after a minute, of twenty trunks: the first ten are
 * at the site north, the others at none. */
struct place {
	struct alerts *alerts;
	struct trunks *trunks;
	struct rule *rule;
};

static struct place place_new(void)
{
	struct place place = { .alerts = alerts_new() };
	struct trunk_conflict conflict;
	assert_int_equal(trunks_new(&place.trunks), OK);
	for (int i = 0; i < TRUNKS; i++) {
		struct trunk trunk = trunk_default();
		snprintf(trunk.name, sizeof trunk.name, "%s", trunk_name(i));
		snprintf(trunk.site, sizeof trunk.site, "%s", i < 10 ? "north" : "");
		assert_int_equal(trunks_add(place.trunks, &trunk), OK);
	}
	assert_int_equal(trunks_seal(place.trunks, &conflict), OK);
	place.alerts->settings.trunks = place.trunks;
	place.rule = alerts_asr_rule(place.alerts);
	place.rule->window = SECONDS(120);
	place.rule->clear_after = SECONDS(60);
	return place;
}

static void place_free(struct place *place)
{
	alerts_free(place->alerts);
	trunks_free(place->trunks);
}

static void feed(struct place *place, int from, int to, int64_t at, bool bad)
{
	for (int i = from; i < to; i++)
		feed_calls(place->alerts, trunk_name(i), at, 20, bad ? 0 : 20);
	rules_advance(place->alerts->rules, BEGIN + SECONDS(at + 6));
}

/* "raised 10 (9), over 300": what is told, in seconds behind BEGIN, and of how many more.
 */
static void assert_told(const struct place *place, const char *what, const char *expected)
{
	char told[1024] = "";
	for (size_t i = 0; i < place->alerts->count; i++) {
		const struct alert_record *alert = &place->alerts->told[i];
		const size_t len = strlen(told);
		if (alert->news == NEWS_NONE)
			continue;
		assert_false(alert->muted);
		snprintf(told + len, sizeof told - len, "%s%s %lld", len ? ", " : "",
		         alert_news_names[alert->news],
		         (long long)((alert->at - BEGIN) / NS_PER_SEC));
		if (alert->members)
			snprintf(told + strlen(told), sizeof told - strlen(told), " (%llu)",
			         (unsigned long long)alert->members);
	}
	if (strcmp(told, expected) != 0)
		fail_msg("%s:\n  told     %s\n  expected %s", what, told, expected);
}

static void trunks_of_a_site_are_one_piece_of_news(void **state)
{
	(void)state;
	struct place place = place_new();
	alerts_begin(place.alerts);
	feed(&place, 0, TRUNKS, 5, true);
	assert_told(&place, "at the same tick", "raised 10 (9), raised 10 (9)");
	size_t firing = 0;
	size_t muted = 0;
	for (size_t i = 0; i < place.alerts->count; i++) {
		const struct alert_record *alert = &place.alerts->told[i];
		firing += alert->state == ALERT_FIRING;
		muted += alert->muted;
		if (!alert->muted) {
			assert_non_null(strstr(alert->summary, "and 9 more: trunk trunk-"));
			continue;
		}
		assert_string_equal(alert->muted_by, "group");
		bool led = false;
		for (size_t l = 0; l < place.alerts->count; l++) {
			const struct alert_record *leader = &place.alerts->told[l];
			led |= leader->id == alert->leader && !leader->muted &&
			       strcmp(leader->site, alert->site) == 0;
		}
		assert_true(led);
	}
	assert_int_equal(firing, 20);
	assert_int_equal(muted, 18);
	for (int64_t at = 15; at < 400; at += 10)
		feed(&place, 0, TRUNKS, at, false);
	assert_told(&place, "and over", "raised 10 (9), raised 10 (9), over 80, over 80");
	place_free(&place);
}

static void a_group_grows_and_is_told_of_each_minute_at_most(void **state)
{
	(void)state;
	struct place place = place_new();
	alerts_begin(place.alerts);
	feed(&place, 0, 1, 5, true);
	for (int64_t at = 15; at < 95; at += 10) {
		feed(&place, 0, 1, at, true);
		feed(&place, (int)(at / 10), (int)(at / 10) + 1, at, true);
	}
	assert_told(&place, "one after the other", "raised 10, grown 70 (5)");
	place_free(&place);
}

static void what_begins_long_behind_is_news_of_its_own(void **state)
{
	(void)state;
	struct place place = place_new();
	alerts_begin(place.alerts);
	for (int64_t at = 5; at < 400; at += 10)
		feed(&place, 0, at < 330 ? 1 : 2, at, true);
	assert_told(&place, "five minutes later", "raised 10, raised 340");
	place_free(&place);
}

static void some_rules_are_never_grouped(void **state)
{
	(void)state;
	for (int always = 0; always < 2; always++) {
		struct place place = place_new();
		place.rule->group = always ? GROUP_ALL : GROUP_NEVER;
		place.rule->always_told = always;
		alerts_begin(place.alerts);
		feed(&place, 0, 3, 5, true);
		assert_told(&place, "each on its own", "raised 10, raised 10, raised 10");
		place_free(&place);
	}
}

static void all_may_be_one_group(void **state)
{
	(void)state;
	struct place place = place_new();
	place.rule->group = GROUP_ALL;
	alerts_begin(place.alerts);
	feed(&place, 0, TRUNKS, 5, true);
	assert_told(&place, "of both sites", "raised 10 (19)");
	place_free(&place);
}

/* The one that was told is over first: another is told for those that go on. */
static void members_are_told_when_their_leader_is_over(void **state)
{
	(void)state;
	struct place place = place_new();
	alerts_begin(place.alerts);
	feed(&place, 0, 1, 5, true);
	feed(&place, 1, 4, 15, true);
	for (int64_t at = 25; at < 260; at += 10) {
		feed(&place, 0, 1, at, false);
		feed(&place, 1, 4, at, true);
	}
	assert_told(&place, "three go on", "raised 10, over 90, unmuted 90 (2)");
	place_free(&place);
}

static void groups_go_on_behind_a_restart_and_behind_other_rules(void **state)
{
	(void)state;
	struct place place = place_new();
	struct place other = place_new();
	alerts_begin(place.alerts);
	alerts_begin(other.alerts);
	feed(&place, 0, 10, 5, true);
	for (size_t i = 0; i < place.alerts->count; i++)
		rules_restore(other.alerts->rules, &place.alerts->told[i], NSTIME_NONE);
	assert_int_equal(rules_replace(other.alerts->rules, &other.alerts->settings), OK);
	for (int64_t at = 1005; at < 1400; at += 10)
		feed(&other, 0, 10, at, true);
	assert_told(&other, "nothing new", "");
	for (int64_t at = 1405; at < 1800; at += 10)
		feed(&other, 0, 10, at, false);
	assert_told(&other, "and over", "over 1520");
	place_free(&other);
	place_free(&place);
}

/* Good for less than clear_after, again and again. */
static void up_and_down_is_told_once(void **state)
{
	(void)state;
	struct place place = place_new();
	place.rule->window = SECONDS(10);
	alerts_begin(place.alerts);
	for (int64_t at = 5; at < 900; at += 10)
		feed(&place, 0, 1, at, at % 50 < 30);
	for (int64_t at = 905; at < 1100; at += 10)
		feed(&place, 0, 1, at, false);
	assert_true(place.alerts->count > 30);
	assert_told(&place, "one alert", "raised 10, over 950");
	place_free(&place);
}

/* Cause and effect at one tick: the cause is told, whichever is looked at first. */
static void a_cause_of_the_same_tick_mutes(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct place place = place_new();
		struct rule *cause = alerts_rule(place.alerts, "asr");
		*cause = *place.rule;
		snprintf(cause->name, sizeof cause->name, "%s", "cause");
		struct rule *effect = &place.alerts->list.rules[first];
		snprintf(effect->name, sizeof effect->name, "%s", "effect");
		struct rule *other = &place.alerts->list.rules[1 - first];
		snprintf(other->name, sizeof other->name, "%s", "cause");
		snprintf(effect->muted_by[0], ALERT_RULE, "%s", "cause");
		effect->muter_count = 1;
		alerts_begin(place.alerts);
		feed(&place, 0, 1, 5, true);
		assert_int_equal(place.alerts->count, 2);
		for (size_t i = 0; i < 2; i++) {
			const struct alert_record *alert = &place.alerts->told[i];
			assert_true(alert->muted == (strcmp(alert->rule, "effect") == 0));
		}
		place_free(&place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trunks_of_a_site_are_one_piece_of_news),
		cmocka_unit_test(a_group_grows_and_is_told_of_each_minute_at_most),
		cmocka_unit_test(what_begins_long_behind_is_news_of_its_own),
		cmocka_unit_test(some_rules_are_never_grouped),
		cmocka_unit_test(all_may_be_one_group),
		cmocka_unit_test(members_are_told_when_their_leader_is_over),
		cmocka_unit_test(groups_go_on_behind_a_restart_and_behind_other_rules),
		cmocka_unit_test(up_and_down_is_told_once),
		cmocka_unit_test(a_cause_of_the_same_tick_mutes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
