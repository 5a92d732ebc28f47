/* alerts.h - rules over series of hand-made records, and the alerts that come of them. */
#ifndef EARSHOT_TESTS_UNIT_ALERTS_H
#define EARSHOT_TESTS_UNIT_ALERTS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/track/rules.h"
#include "tests/unit/unit.h"

#define SECONDS(n) ((nstime)(n)*NS_PER_SEC)
/* Thursday 2026-01-01 00:00 UTC. */
#define BEGIN SECONDS(1767225600)

enum { ALERTS_MAX = 4096 };

struct alerts {
	struct rule_list list;
	struct rules_settings settings;
	struct rules *rules;
	struct sink sink;
	struct alert_record *told;
	size_t count;
};

static inline void alerts_take(void *self, const struct record *record)
{
	struct alerts *alerts = self;
	assert_int_equal(record->kind, RECORD_ALERT);
	assert_true(alerts->count < ALERTS_MAX);
	alerts->told[alerts->count++] = record->alert;
}

/* One rule, all else as in rule_default; its name is "r". */
static inline struct rule *alerts_rule(struct alerts *alerts, const char *metric)
{
	struct rule *rule = &alerts->list.rules[alerts->list.count++];
	*rule = rule_default();
	snprintf(rule->name, sizeof rule->name, "%s", "r");
	snprintf(rule->metric_name, sizeof rule->metric_name, "%s", metric);
	return rule;
}

static inline struct alerts *alerts_new(void)
{
	struct alerts *alerts = calloc(1, sizeof *alerts);
	alerts->told = calloc(ALERTS_MAX, sizeof *alerts->told);
	alerts->settings = rules_settings_default();
	alerts->settings.rules = &alerts->list;
	alerts->sink = (struct sink){ alerts_take, alerts };
	return alerts;
}

static inline void alerts_begin(struct alerts *alerts)
{
	char error[RULE_ERROR_SIZE];
	for (size_t i = 0; i < alerts->list.count; i++)
		if (!rule_resolve(&alerts->list.rules[i], error))
			fail_msg("%s", error);
	assert_int_equal(rules_new(&alerts->settings, &alerts->sink, &alerts->rules), OK);
}

static inline void alerts_free(struct alerts *alerts)
{
	rules_free(alerts->rules);
	free(alerts->told);
	free(alerts);
}

/* A bucket of that trunk that became final at that second behind BEGIN. */
static inline struct record bucket_of(const char *trunk, int64_t at_s)
{
	struct record record = { .kind = RECORD_KPI, .at = BEGIN + SECONDS(at_s) };
	record.kpi.key.view = KPI_VIEW_TRUNK;
	record.kpi.key.direction = KPI_INBOUND;
	record.kpi.key.start = BEGIN + SECONDS(at_s / 60 * 60);
	snprintf(record.kpi.key.trunk, sizeof record.kpi.key.trunk, "%s", trunk);
	return record;
}

/* So many attempts, so many of them answered. */
static inline void feed_calls(struct alerts *alerts, const char *trunk, int64_t at_s,
                              uint64_t seizures, uint64_t answered)
{
	struct record record = bucket_of(trunk, at_s);
	record.kpi.counts[KPI_SEIZURES] = seizures;
	record.kpi.counts[KPI_ANSWERED] = answered;
	rules_record(alerts->rules, &record);
}

/* So many streams of that value in that histogram. */
static inline void feed_streams(struct alerts *alerts, const char *trunk, int64_t at_s,
                                enum kpi_series series, double value, int64_t n)
{
	struct record record = bucket_of(trunk, at_s);
	struct kpi_bins bins = { 0 };
	uint8_t tail[64];
	assert_int_equal(kpi_bins_add(&bins, series, kpi_bin_of(series, value), n), OK);
	assert_true(kpi_coded_max(&bins) <= sizeof tail);
	record.tail = (struct span){ tail, kpi_bins_encode(&bins, tail) };
	record.kpi.counts[KPI_STREAMS] = (uint64_t)n;
	rules_record(alerts->rules, &record);
	kpi_bins_free(&bins);
}

/* "pending 60, firing 120": states with seconds behind BEGIN, of all alerts. */
static inline void assert_story(const struct alerts *alerts, const char *what,
                                const char *story)
{
	char told[4096] = "";
	for (size_t i = 0; i < alerts->count; i++) {
		const struct alert_record *alert = &alerts->told[i];
		const size_t len = strlen(told);
		snprintf(told + len, sizeof told - len, "%s%s %lld", i ? ", " : "",
		         alert_state_names[alert->state],
		         (long long)((alert->at - BEGIN) / NS_PER_SEC));
	}
	if (strcmp(told, story) != 0)
		fail_msg("%s:\n  told     %s\n  expected %s", what, told, story);
}

/* One rule, for the test to add to: ASR below 50 %, looked at over a minute. */
static inline struct rule *alerts_asr_rule(struct alerts *alerts)
{
	struct rule *rule = alerts_rule(alerts, "asr");
	rule->condition = CONDITION_BELOW;
	rule->threshold = 50;
	rule->window = SECONDS(60);
	return rule;
}

/* ASR below 50 %, over at 60 %, looked at over a minute. */
static inline struct alerts *alerts_low_asr(nstime raise_after, nstime clear_after)
{
	struct alerts *alerts = alerts_new();
	struct rule *rule = alerts_asr_rule(alerts);
	rule->clear = 60;
	rule->min_samples = 10;
	rule->raise_after = raise_after;
	rule->clear_after = clear_after;
	alerts_begin(alerts);
	return alerts;
}

#endif
