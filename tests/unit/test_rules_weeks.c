/*
 * The shipped rules over weeks of generated traffic: twenty trunks with a daily rhythm, a
 * weekend, noise, a day when clocks change and a holiday that nobody configured.  Each
 * incident is raised in time and over in time; without it, hardly anything is.
 *
 * The first four weeks are learnt as the keeper learns them of the database, by the hour.
 */
#include <stdlib.h>

#include "probe/local_time_zone.h"
#include "tests/unit/weeks.h"

/* --- worlds --------------------------------------------------------------------------- */

/* Hours of the four weeks before, as the database has them: all draw the same. */
static void learn(struct world *w)
{
	struct record record = bucket_of("", 0);
	for (int64_t hour = w->climate->begin; hour < w->fifth; hour += HOUR) {
		uint64_t all = 0;
		memset(record.kpi.counts, 0, sizeof record.kpi.counts);
		record.kpi.key.start = SECONDS(hour);
		record.kpi.key.view = KPI_VIEW_TRUNK;
		for (int trunk = 0; trunk < TRUNKS; trunk++) {
			uint64_t calls = 0;
			for (int64_t at = hour; at < hour + HOUR; at += 600)
				calls += poisson(w, 10 * load_at(w, at, trunk));
			all += calls;
			name_trunk(record.kpi.key.trunk, sizeof record.kpi.key.trunk,
			           trunk);
			record.kpi.counts[KPI_SEIZURES] = calls;
			record.kpi.counts[KPI_ANSWERED] =
			        part(w, calls, w->usual[trunk].answered);
			rules_learn(w->alerts->rules, &record);
		}
		record.kpi.key.view = KPI_VIEW_LEG;
		record.kpi.counts[KPI_SEIZURES] = all;
		rules_learn(w->alerts->rules, &record);
	}
}

static struct world *world_new(const struct climate *climate)
{
	struct world *w = calloc(1, sizeof *w);
	struct trunk_conflict conflict;
	w->random = climate->seed;
	w->climate = climate;
	local_time_of_zone("Europe/Berlin", &w->zone);
	make_usual(w);
	/* Where the clock was changed before it, the fifth week begins an hour off. */
	w->fifth = climate->begin + LEARNT;
	const struct local_hour begin = local_hour_at(&w->zone, SECONDS(w->fifth));
	w->fifth += begin.hour == 0 ? 0 : begin.hour == 1 ? -HOUR : HOUR;
	assert_int_equal(trunks_new(&w->trunks), OK);
	for (int i = 0; i < TRUNKS; i++) {
		struct trunk trunk = trunk_default();
		name_trunk(trunk.name, sizeof trunk.name, i);
		trunk.dscp = 46;
		assert_int_equal(trunks_add(w->trunks, &trunk), OK);
	}
	assert_int_equal(trunks_seal(w->trunks, &conflict), OK);
	w->alerts = alerts_new();
	rule_list_default(&w->alerts->list);
	w->alerts->settings.local_time = &w->zone;
	w->alerts->settings.trunks = w->trunks;
	alerts_begin(w->alerts);
	learn(w);
	return w;
}

static void world_free(struct world *w)
{
	alerts_free(w->alerts);
	trunks_free(w->trunks);
	free(w);
}

static void live(struct world *w, int64_t from, int64_t to)
{
	for (int64_t at = from; at < to; at += 60)
		feed_minute(w, at);
	rules_finish(w->alerts->rules);
}

/* Of each climate, and of all there are: to look for what is rare. */
static int seeds(void)
{
	const char *more = getenv("RULES_WEEKS_SEEDS");
	return more ? atoi(more) : 1;
}

static bool all_climates(void)
{
	return getenv("RULES_WEEKS_SEEDS") != NULL;
}

/* --- what is expected ----------------------------------------------------------------- */

static bool is_raised(const struct alert_record *alert)
{
	return alert->state == ALERT_FIRING && !alert->muted && alert->raised == alert->at;
}

static size_t count_raised(const struct alerts *alerts)
{
	size_t raised = 0;
	for (size_t i = 0; i < alerts->count; i++) {
		if (!is_raised(&alerts->told[i]))
			continue;
		raised++;
		print_message("  %s: %s\n", alerts->told[i].rule, alerts->told[i].summary);
	}
	return raised;
}

/* Its rule, where it is; NULL: it is not there. */
static const struct alert_record *find(const struct world *w, enum alert_state state)
{
	char trunk[RECORD_TRUNK] = "";
	if (w->incident->trunk >= 0)
		name_trunk(trunk, sizeof trunk, w->incident->trunk);
	for (size_t i = 0; i < w->alerts->count; i++) {
		const struct alert_record *alert = &w->alerts->told[i];
		if (alert->state == state && strcmp(alert->rule, w->incident->rule) == 0 &&
		    alert->raised != NSTIME_NONE && strcmp(alert->trunk, trunk) == 0)
			return alert;
	}
	return NULL;
}

/* The same hours without it: nothing of its kind. */
static void run_control(const struct climate *climate, const struct incident *incident,
                        int64_t from, int64_t to)
{
	struct world *w = world_new(climate);
	live(w, from, to);
	w->incident = incident;
	if (find(w, ALERT_FIRING))
		fail_msg("%s, %s: raised without it", climate->name, incident->name);
	world_free(w);
}

static void run_incident(const struct climate *climate, const struct incident *incident)
{
	/* What is fed by the minute may be a minute late. */
	const nstime slack = SECONDS(60) + RULE_TICK;
	struct world *w = world_new(climate);
	const struct rule *rule =
	        rule_list_find(&w->alerts->list, text_from(incident->rule));
	w->incident = incident;
	w->from = w->fifth + 2 * DAY + 10 * HOUR; /* Wednesday */
	w->to = w->from + 2400;
	live(w, w->from - HOUR, w->to + 2 * HOUR);
	const struct alert_record *raised = find(w, ALERT_FIRING);
	const struct alert_record *over = find(w, ALERT_OK);
	if (!raised)
		fail_msg("%s, %s: no alert %s", climate->name, incident->name,
		         incident->rule);
	if (raised->at < SECONDS(w->from) ||
	    raised->at > SECONDS(w->from) + rule->window + rule->raise_after + slack)
		fail_msg("%s, %s: %lld s after its beginning", climate->name,
		         incident->name, (long long)(raised->at / NS_PER_SEC - w->from));
	if (!over || over->at > SECONDS(w->to) + rule->window + rule->clear_after + slack +
	                                rule->window / 4)
		fail_msg("%s, %s: not over in time", climate->name, incident->name);
	if (count_raised(w->alerts) > 3)
		fail_msg("%s, %s: too many alerts", climate->name, incident->name);
	const int64_t from = w->from - HOUR;
	const int64_t to = w->to + 2 * HOUR;
	world_free(w);
	run_control(climate, incident, from, to);
}

static void each_incident_is_raised_and_over_in_time(void **state)
{
	static const struct climate climates[] = {
		{ "plain", 0x9e3779b97f4a7c15, MARCH, 2, 1.5, 0.3, 0.07, 0, 4 },
		{ "noise", 21, FEBRUARY, 2, 1.5, 0.3, 0.2, 0.2, -1 },
		{ "large trunks", 22, SEPTEMBER, 40, 30, 0.3, 0.07, 0.05, -1 },
	};
	(void)state;
	for (size_t c = 0; c < (all_climates() ? ARRAY_LEN(climates) : 1); c++) {
		for (int seed = 0; seed < seeds(); seed++) {
			struct climate climate = climates[c];
			climate.seed += (uint64_t)seed * 1000003;
			for (size_t i = 0; i < ARRAY_LEN(incidents); i++)
				run_incident(&climate, &incidents[i]);
		}
	}
}

/* The same week without any of them; the holiday is nobody's fault, but one is told. */
static void a_week_without_incidents_is_quiet(void **state)
{
	static const struct climate climates[] = {
		{ "plain", 0x9e3779b97f4a7c15, MARCH, 2, 1.5, 0.3, 0.07, 0, 4 },
		{ "clocks go back", 4, SEPTEMBER, 2, 1.5, 0.3, 0.07, 0, 2 },
		{ "an office at its clock change", 6, FEBRUARY, 1, 1, 0.01, 0.1, 0.1, 1 },
		{ "two calls an hour to three a minute", 8, SEPTEMBER, 1 / 30.0, 0.15, 0.1,
		  0.15, 0.1, 3 },
		{ "noise", 11, FEBRUARY, 2, 1.5, 0.3, 0.25, 0.25, -1 },
		{ "each trunk another", 13, MARCH, 0.3, 0, 0.3, 0.1, 0.1, -1, true },
		{ "clocks go forward", 3, FEBRUARY, 2, 1.5, 0.3, 0.07, 0, -1 },
		{ "an office: silent on Sundays", 5, MARCH, 1, 1, 0.01, 0.1, 0.1, 4 },
		{ "two calls an hour", 7, MARCH, 1 / 30.0, 0, 0.3, 0.1, 0, 4 },
		{ "large trunks", 9, MARCH, 40, 30, 0.3, 0.07, 0.05, 4 },
		{ "a carrier", 10, SEPTEMBER, 60, 10, 0.9, 0.05, 0.05, -1 },
		{ "more noise", 12, MARCH, 5, 2, 0.2, 0.3, 0.35, 4 },
		{ "clocks go forward everywhere but there", 14, FEBRUARY, 0.3, 0, 0.3, 0.1,
		  0.1, -1, true },
		{ "clocks go back everywhere but there", 15, SEPTEMBER, 0.3, 0, 0.05, 0.1,
		  0.15, -1, true },
		{ "a holiday in the middle of the week", 16, MARCH, 0.5, 0, 0.05, 0.1, 0.1,
		  2, true },
		{ "a holiday that was", 17, SEPTEMBER, 0.5, 0, 0.02, 0.15, 0.2, -1, true, 0,
		  3 },
		{ "growth", 18, MARCH, 0.5, 0, 0.2, 0.1, 0.1, -1, true, 1.15 },
		{ "decline", 19, SEPTEMBER, 1, 0, 0.2, 0.1, 0.1, -1, true, 0.87 },
		{ "weekends nearly empty", 20, FEBRUARY, 2, 0, 0.005, 0.1, 0.2, -1, true },
		{ "large ones", 21, MARCH, 10, 0, 0.4, 0.1, 0.1, -1, true },
		{ "small ones", 22, SEPTEMBER, 0.05, 0, 0.2, 0.2, 0.3, -1, true },
	};
	(void)state;
	size_t weeks = 0;
	size_t alerts = 0;
	size_t bad = 0;
	for (size_t i = 0; i < (all_climates() ? ARRAY_LEN(climates) : 6); i++) {
		for (int seed = 0; seed < seeds(); seed++) {
			struct climate climate = climates[i];
			climate.seed += (uint64_t)seed * 1000003;
			struct world *w = world_new(&climate);
			print_message("%s, %d\n", climate.name, seed);
			live(w, w->fifth, w->fifth + WEEK);
			const size_t raised = count_raised(w->alerts);
			weeks++;
			alerts += raised;
			bad += raised > 1;
			world_free(w);
		}
	}
	print_message("%zu weeks, %zu alerts, %zu weeks with more than one\n", weeks,
	              alerts, bad);
	assert_int_equal(bad, 0);
}

/* Up and down around the threshold, for hours. */
static void a_figure_that_flaps_is_one_alert(void **state)
{
	static const struct incident bad = { "flaps", "mos_low", OF_TRUNK(19, mos, 3.4) };
	(void)state;
	struct world *w = world_new(&plain);
	size_t raised = 0;
	w->incident = &bad;
	const int64_t begin = WEEK_5 + 2 * DAY + 9 * HOUR;
	for (int64_t at = begin; at < begin + 5 * HOUR; at += 60) {
		/* Seven minutes bad, three good, until two hours are over. */
		w->from = at % 600 < 420 && at < begin + 3 * HOUR ? at : 0;
		w->to = w->from + 60;
		feed_minute(w, at);
	}
	rules_finish(w->alerts->rules);
	for (size_t i = 0; i < w->alerts->count; i++)
		raised += is_raised(&w->alerts->told[i]);
	assert_int_equal(raised, 1);
	assert_non_null(find(w, ALERT_OK));
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_incident_is_raised_and_over_in_time),
		cmocka_unit_test(a_week_without_incidents_is_quiet),
		cmocka_unit_test(a_figure_that_flaps_is_one_alert),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
