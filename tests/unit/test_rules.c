/* Rules over hand-made series: when an alert is raised, and when it is over. */
#include "schema/field_text.h"
#include "tests/unit/alerts.h"

/* --- states --------------------------------------------------------------------------- */

/* Each digit is ten seconds with ten attempts, of which so many are answered; '-' none. */
static void feed_digits(struct alerts *alerts, const char *digits)
{
	for (int i = 0; digits[i]; i++) {
		const int64_t at = i * 10 + 5;
		if (digits[i] == '-')
			rules_advance(alerts->rules, BEGIN + SECONDS(at));
		else
			feed_calls(alerts, "a", at, 10, (uint64_t)(digits[i] - '0'));
	}
	rules_advance(alerts->rules, BEGIN + SECONDS(10 * (int)strlen(digits) + 1));
}

static void states_follow_the_figure(void **state)
{
	static const struct {
		const char *what, *digits;
		int raise_after, clear_after;
		const char *story;
	} cases[] = {
		{ "all is well", "999999999999", 0, 0, "" },
		{ "at once where nothing is waited for", "99999900000099999999999", 0, 0,
		  "firing 90, ok 160" },
		{ "it waits to be raised", "999999000000999999", 30, 0,
		  "pending 90, firing 120, ok 160" },
		{ "what is short is no alert", "9999990000999999", 60, 0,
		  "pending 90, ok 140" },
		{ "it waits to be over", "000000999999999999", 0, 60,
		  "firing 10, clearing 100, ok 160" },
		{ "up and down at the threshold is one alert",
		  "000000999990000099999000009999999999", 0, 60,
		  "firing 10, clearing 100, firing 140, clearing 200, firing 240, clearing "
		  "300, ok 360" },
		{ "better than the threshold, not behind the clear one",
		  "444444555555555555", 0, 0, "firing 10" },
		{ "too few to say anything", "0------------", 0, 0, "firing 10, ok 70" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct alerts *alerts = alerts_low_asr(SECONDS(cases[i].raise_after),
		                                       SECONDS(cases[i].clear_after));
		feed_digits(alerts, cases[i].digits);
		assert_story(alerts, cases[i].what, cases[i].story);
		alerts_free(alerts);
	}
}

static void of_too_few_nothing_is_said(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_low_asr(0, 0);
	feed_calls(alerts, "a", 5, 9, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(100));
	assert_story(alerts, "nine attempts", "");
	alerts_free(alerts);
}

static void an_alert_says_what_and_where(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_low_asr(0, 0);
	feed_calls(alerts, "carrier \"a\"", 5, 20, 5);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_int_equal(alerts->count, 1);
	const struct alert_record *alert = &alerts->told[0];
	assert_string_equal(alert->rule, "r");
	assert_string_equal(alert->trunk, "carrier \"a\"");
	assert_string_equal(alert->subject, "trunk carrier \"a\"");
	assert_int_equal(alert->scope, SCOPE_TRUNK);
	assert_true(alert->value == 25 && alert->threshold == 50);
	assert_int_equal(alert->samples, 20);
	assert_true(alert->window_s == 60);
	assert_true(alert->raised == BEGIN + SECONDS(10) && alert->since == alert->raised);
	assert_true(alert->cleared == NSTIME_NONE);
	assert_string_equal(
	        alert->query,
	        "start >= 2025-12-31T22:59:10Z and start < 2026-01-01T00:00:10Z "
	        "and trunk = \"carrier \\\"a\\\"\" and status >= 400");
	assert_string_equal(alert->summary,
	                    "trunk carrier \"a\": answer-seizure ratio: 25.00 "
	                    "%, below 50.00 % (of 20 in 60 s)");
	alerts_free(alerts);
}

static void the_same_alert_has_one_id_and_the_next_another(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_low_asr(0, 0);
	feed_digits(alerts, "000000999999999999000000999999999999");
	assert_story(alerts, "twice", "firing 10, ok 100, firing 210, ok 280");
	assert_true(alerts->told[0].id == alerts->told[1].id);
	assert_true(alerts->told[2].id == alerts->told[3].id);
	assert_true(alerts->told[0].id != alerts->told[2].id);
	assert_true(alerts->told[1].worst == 0 && alerts->told[1].value >= 60);
	alerts_free(alerts);
}

/* --- scopes --------------------------------------------------------------------------- */

static void each_trunk_is_on_its_own(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_low_asr(0, 0);
	feed_calls(alerts, "a", 4, 100, 90);
	feed_calls(alerts, "b", 5, 100, 10);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_int_equal(alerts->count, 1);
	assert_string_equal(alerts->told[0].trunk, "b");
	alerts_free(alerts);
}

static void a_percentile_moves_with_its_window(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "mos_nb_p50");
	rule->condition = CONDITION_BELOW;
	rule->threshold = 3.6;
	rule->window = SECONDS(240);
	rule->clear_after = 0;
	rule->min_samples = 20;
	alerts_begin(alerts);
	for (int at = 5; at < 600; at += 10)
		feed_streams(alerts, "a", at, KPI_MOS_NB, at < 300 ? 4.3 : 2.5, 5);
	/* By 420 the window has 60 streams of 300..420 and 60 before. */
	rules_advance(alerts->rules, BEGIN + SECONDS(601));
	assert_story(alerts, "half of the window is bad", "firing 420");
	assert_true(fabs(alerts->told[0].value - 2.51) < 0.011);
	alerts_free(alerts);
}

static void peers_are_down_until_they_are_up(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "peer_down");
	rule->scope = SCOPE_PEER;
	rule->threshold = 0;
	rule->clear_after = 0;
	alerts_begin(alerts);
	struct record record = { .kind = RECORD_EVENT, .at = BEGIN + SECONDS(12) };
	record.event.peer.port = 5060;
	record.event.type = EVENT_PEER_DOWN;
	record.event.cause = EVENT_UNANSWERED_OPTIONS;
	rules_record(alerts->rules, &record);
	record.at = BEGIN + SECONDS(95);
	record.event.type = EVENT_PEER_UP;
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(200));
	assert_story(alerts, "down, up", "firing 20, ok 100");
	/* Between two ticks. */
	record.at = BEGIN + SECONDS(201);
	record.event.type = EVENT_PEER_DOWN;
	rules_record(alerts->rules, &record);
	record.at = BEGIN + SECONDS(204);
	record.event.type = EVENT_PEER_UP;
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(300));
	assert_story(alerts, "for a moment", "firing 20, ok 100, firing 210, ok 220");
	alerts_free(alerts);
}

/* Figures of each peer that is of no trunk; the rest of them together are none. */
static void peers_have_figures(void **state)
{
	(void)state;
	for (int other = 0; other < 2; other++) {
		struct alerts *alerts = alerts_new();
		struct rule *rule = alerts_asr_rule(alerts);
		rule->scope = SCOPE_PEER;
		rule->min_samples = 10;
		rule->group = GROUP_NEVER;
		snprintf(rule->match, sizeof rule->match,
		         other ? "2001:db8::1" : "198.18.0.1");
		alerts_begin(alerts);
		static const char *const peers[] = { "198.18.0.1", "2001:db8::1",
			                             KPI_PEER_REST };
		for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
			struct record record = bucket_of("", 5);
			record.kpi.key.view = KPI_VIEW_PEER;
			snprintf(record.kpi.key.peer, sizeof record.kpi.key.peer, "%s",
			         peers[i]);
			record.kpi.counts[KPI_SEIZURES] = 10;
			record.kpi.counts[KPI_ANSWERED] = i == 1 ? 9 : 1;
			rules_record(alerts->rules, &record);
		}
		rules_advance(alerts->rules, BEGIN + SECONDS(11));
		assert_story(alerts, "one of them is bad", other ? "" : "firing 10");
		if (!other) {
			assert_string_equal(alerts->told[0].subject, "peer 198.18.0.1");
			assert_non_null(
			        strstr(alerts->told[0].query, "address = 198.18.0.1"));
		}
		alerts_free(alerts);
	}
}

/* A site's phones are those that its trunk has the addresses of. */
static void phones_are_lost_at_their_site(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct trunks *trunks;
	struct trunk_conflict conflict;
	struct trunk_net net;
	struct trunk trunk = trunk_default();
	assert_int_equal(trunks_new(&trunks), OK);
	snprintf(trunk.name, sizeof trunk.name, "office");
	snprintf(trunk.site, sizeof trunk.site, "north");
	assert_int_equal(trunks_add(trunks, &trunk), OK);
	assert_int_equal(trunk_net_parse(TEXT("198.18.7.0/24"), &net), OK);
	assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	struct rule *rule = alerts_rule(alerts, "registrations_lost_pct");
	rule->scope = SCOPE_SITE;
	rule->threshold = 40;
	rule->window = SECONDS(60);
	rule->min_samples = 10;
	alerts->settings.trunks = trunks;
	alerts_begin(alerts);
	for (int lost = 0; lost < 20; lost++) {
		struct record record = { .kind = RECORD_BINDING, .at = BEGIN + SECONDS(5) };
		record.binding.state = BINDING_EXPIRED;
		const char *phone = lost % 2 ? "198.18.7.9:5060" : "198.18.8.9:5060";
		assert_int_equal(endpoint_parse(text_from(phone), &record.binding.src), OK);
		assert_int_equal(
		        endpoint_parse(TEXT("198.18.0.2:5060"), &record.binding.registrar),
		        OK);
		rules_record(alerts->rules, &record);
	}
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	assert_story(alerts, "ten of the site, ten of none", "firing 10");
	assert_string_equal(alerts->told[0].subject, "site north");
	assert_int_equal(alerts->told[0].samples, 10);
	alerts_free(alerts);
	trunks_free(trunks);
}

static void what_is_known_of_the_probe_gets_old(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "disk_free_pct");
	rule->scope = SCOPE_SUBJECT;
	rule->condition = CONDITION_BELOW;
	rule->threshold = 10;
	rule->window = SECONDS(120);
	rule->clear_after = 0;
	alerts_begin(alerts);
	rules_fact(alerts->rules, TEXT("disk_free_pct"), TEXT("/var"), 50,
	           BEGIN + SECONDS(5));
	rules_fact(alerts->rules, TEXT("disk_free_pct"), TEXT("/var"), 9,
	           BEGIN + SECONDS(65));
	rules_fact(alerts->rules, TEXT("disk_free_pct"), TEXT("/home"), 30,
	           BEGIN + SECONDS(66));
	rules_advance(alerts->rules, BEGIN + SECONDS(600));
	assert_story(alerts, "low, then nothing is heard", "firing 70, ok 250");
	assert_string_equal(alerts->told[0].subject, "/var");
	alerts_free(alerts);
}

/* What ends it is not why it is told. */
static void an_outage_is_told_with_its_cause(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "peer_down");
	rule->scope = SCOPE_PEER;
	rule->threshold = 0;
	rule->clear_after = SECONDS(60);
	alerts_begin(alerts);
	struct record record = { .kind = RECORD_EVENT, .at = BEGIN + SECONDS(2) };
	record.event.type = EVENT_PEER_DOWN;
	record.event.cause = EVENT_UNANSWERED_OPTIONS;
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(11));
	record.event.type = EVENT_PEER_UP;
	record.event.cause = EVENT_ANSWER;
	record.at = BEGIN + SECONDS(12);
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(90));
	assert_story(alerts, "down, then up", "firing 10, clearing 20, ok 80");
	for (size_t i = 0; i < 2; i++)
		assert_non_null(strstr(alerts->told[i].summary, "(unanswered_options)"));
	alerts_free(alerts);
}

/* Of too few calls neither the share nor its bound is known. */
static void what_is_not_known_has_no_bound(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_asr_rule(alerts);
	rule->min_samples = 10;
	rule->clear_after = SECONDS(60);
	alerts_begin(alerts);
	feed_calls(alerts, "a", 5, 20, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(200));
	assert_story(alerts, "low, then nothing", "firing 10, clearing 70, ok 130");
	assert_non_null(strstr(alerts->told[0].summary, "0.00 %, below 50.00 %"));
	assert_non_null(strstr(alerts->told[1].summary, "unknown (in 60 s)"));
	alerts_free(alerts);
}

/* --- what mutes ----------------------------------------------------------------------- */

static void a_cause_mutes_its_effects(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_asr_rule(alerts);
	rule->clear_after = 0;
	rule->group = GROUP_NEVER;
	snprintf(rule->muted_by[rule->muter_count++], ALERT_RULE, "down");
	struct rule *down = alerts_rule(alerts, "peer_down");
	snprintf(down->name, sizeof down->name, "down");
	down->scope = SCOPE_PEER;
	down->threshold = 0;
	down->clear_after = 0;
	alerts_begin(alerts);
	struct record record = { .kind = RECORD_EVENT, .at = BEGIN + SECONDS(2) };
	record.event.type = EVENT_PEER_DOWN;
	snprintf(record.event.trunk, sizeof record.event.trunk, "a");
	rules_record(alerts->rules, &record);
	feed_calls(alerts, "a", 15, 20, 0);
	feed_calls(alerts, "b", 16, 20, 0);
	rules_advance(alerts->rules, BEGIN + SECONDS(21));
	assert_int_equal(alerts->count, 3);
	for (size_t i = 1; i < 3; i++) {
		const bool of_a = strcmp(alerts->told[i].trunk, "a") == 0;
		assert_true(alerts->told[i].muted == of_a);
		assert_string_equal(alerts->told[i].muted_by, of_a ? "down" : "");
	}
	/* The peer is up again, and still nobody is answered: now it is told. */
	record.event.type = EVENT_PEER_UP;
	record.at = BEGIN + SECONDS(25);
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(50));
	assert_int_equal(alerts->count, 5);
	assert_string_equal(alerts->told[4].trunk, "a");
	assert_int_equal(alerts->told[4].state, ALERT_FIRING);
	assert_false(alerts->told[4].muted);
	alerts_free(alerts);
}

static void silence_mutes_but_for_what_is_always_told(void **state)
{
	(void)state;
	for (int always = 0; always < 2; always++) {
		struct alerts *alerts = alerts_new();
		const struct rule_silence silence = { .match = "a",
			                              .until = BEGIN + SECONDS(60) };
		struct rule *rule = alerts_asr_rule(alerts);
		rule->window = SECONDS(120);
		rule->always_told = always;
		alerts_begin(alerts);
		rules_set_silences(alerts->rules, &silence, 1);
		feed_calls(alerts, "a", 5, 20, 0);
		rules_advance(alerts->rules, BEGIN + SECONDS(71));
		assert_story(alerts, "silenced for a minute",
		             always ? "firing 10" : "firing 10, firing 60");
		assert_true(alerts->told[0].muted == !always);
		alerts_free(alerts);
	}
}

static void a_capture_that_loses_packets_marks_quality(void **state)
{
	(void)state;
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_rule(alerts, "poor_pct");
	rule->threshold = 10;
	rule->window = SECONDS(60);
	struct rule *loss = alerts_rule(alerts, "capture_loss_pct");
	snprintf(loss->name, sizeof loss->name, "loss");
	loss->scope = SCOPE_ALL;
	loss->threshold = 1;
	loss->window = SECONDS(60);
	loss->severity = SEVERITY_MAJOR;
	alerts_begin(alerts);
	struct record record = { .kind = RECORD_STREAM, .at = BEGIN + SECONDS(5) };
	record.stream.mos_lq = 4;
	record.stream.expected = 1000;
	record.stream.suspect_lost = 50;
	record.stream.call = 7;
	rules_record(alerts->rules, &record);
	record.at = BEGIN + SECONDS(15);
	record.stream.mos_lq = 2;
	rules_record(alerts->rules, &record);
	rules_advance(alerts->rules, BEGIN + SECONDS(21));
	assert_int_equal(alerts->count, 2);
	assert_string_equal(alerts->told[0].rule, "loss");
	assert_false(alerts->told[0].unverified);
	assert_string_equal(alerts->told[1].rule, "r");
	assert_true(alerts->told[1].unverified && !alerts->told[1].muted);
	assert_int_equal(alerts->told[1].examples.count, 1);
	assert_true(alerts->told[1].examples.ids[0] == 7);
	assert_non_null(strstr(alerts->told[1].unseen, "the capture loses packets"));
	assert_non_null(strstr(alerts->told[1].unseen,
	                       "100 of 2000 packets were lost by the capture"));
	alerts_free(alerts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_follow_the_figure),
		cmocka_unit_test(of_too_few_nothing_is_said),
		cmocka_unit_test(an_alert_says_what_and_where),
		cmocka_unit_test(the_same_alert_has_one_id_and_the_next_another),
		cmocka_unit_test(each_trunk_is_on_its_own),
		cmocka_unit_test(a_percentile_moves_with_its_window),
		cmocka_unit_test(peers_are_down_until_they_are_up),
		cmocka_unit_test(peers_have_figures),
		cmocka_unit_test(phones_are_lost_at_their_site),
		cmocka_unit_test(what_is_known_of_the_probe_gets_old),
		cmocka_unit_test(an_outage_is_told_with_its_cause),
		cmocka_unit_test(what_is_not_known_has_no_bound),
		cmocka_unit_test(a_cause_mutes_its_effects),
		cmocka_unit_test(silence_mutes_but_for_what_is_always_told),
		cmocka_unit_test(a_capture_that_loses_packets_marks_quality),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
