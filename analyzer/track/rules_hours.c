/* rules_hours.c - what is usual at an hour of the week, learnt as the hours go by. */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_S = 3600, SUNDAY = 6 };

static const struct local_time utc = { .count = 1 };

struct local_hour rules_local(const struct rules *rules, nstime at, bool *holiday)
{
	const struct local_time *zone = rules->settings.local_time;
	struct local_hour hour = local_hour_at(zone ? zone : &utc, at);
	*holiday = false;
	for (size_t i = 0; i < rules->settings.holiday_count; i++)
		*holiday |= rules->settings.holidays[i] == hour.day;
	if (*holiday)
		hour.weekday = SUNDAY;
	return hour;
}

/* NULL: there are as many as may be, counted. */
static struct baseline *baseline_of(struct rules *rules, struct rule_state *state)
{
	if (state->baseline)
		return state->baseline;
	if (rules->baselines >= rules->settings.baselines ||
	    !(state->baseline = malloc(sizeof *state->baseline))) {
		rules->counters.baselines_not_kept++;
		return NULL;
	}
	baseline_init(state->baseline);
	rules->baselines++;
	return state->baseline;
}

/* A share of too few says nothing of what is usual. */
static double figure_of(const struct rule *rule, const struct rule_sums *sums)
{
	if (!rule->metric.volume &&
	    rule_metric_samples(&rule->metric, sums) < rule->min_samples)
		return NAN;
	return rule_metric_value(&rule->metric, sums);
}

static void learn_hour(struct rules *rules, struct scope *scope, uint64_t week,
                       unsigned int hour)
{
	struct rule_sums sums = { 0 };
	kpi_sum_begin(&sums.kpi);
	for (size_t c = 0; c < rules->column_count; c++)
		sums.counts[rules->count_of[c]] = scope->hour[c];
	memcpy(sums.kpi.counts, sums.counts, sizeof sums.kpi.counts);
	sums.kpi.seconds = HOUR_S;
	for (size_t i = 0; i < scope->class->rule_count; i++) {
		const struct rule *rule = rule_at(rules, scope->class->rules[i]);
		struct baseline *baseline =
		        rule_deviates(rule) ? baseline_of(rules, &scope->states[i]) : NULL;
		if (baseline)
			baseline_learn(baseline, week, hour, figure_of(rule, &sums));
	}
}

static void end_hour(struct rules *rules)
{
	bool holiday;
	const struct local_hour over = rules_local(rules, rules->hour, &holiday);
	const uint64_t week = (over.day + 3) / 7; /* they begin on Mondays */
	const unsigned int hour = over.weekday * 24 + over.hour;
	for (uint32_t i = 0; i < rules->scopes.reach; i++) {
		struct scope *scope = pool_live(&rules->scopes, i);
		if (!scope || !scope->hour)
			continue;
		if (scope->whole_hour && !holiday)
			learn_hour(rules, scope, week, hour);
		scope->whole_hour = true;
		memset(scope->hour, 0, rules->column_count * sizeof *scope->hour);
	}
}

void rules_turn_hour(struct rules *rules, nstime at)
{
	bool holiday;
	const struct local_hour now = rules_local(rules, at - 1, &holiday);
	const nstime begin = at - 1 - (at - 1) % NS_PER_SEC - now.second * NS_PER_SEC;
	if (rules->hour == begin)
		return;
	if (rules->hour != NSTIME_NONE)
		end_hour(rules);
	rules->hour = begin;
}

/* --- kept over a restart -------------------------------------------------------------- */

static struct rule_baseline as_kept(const struct scope *scope, const struct rule *rule,
                                    const struct baseline *baseline)
{
	struct rule_baseline kept = {
		.scope = scope->key.scope,
		.direction = scope->key.direction,
		.codec = scope->key.codec,
	};
	memcpy(kept.rule, rule->name, sizeof kept.rule);
	memcpy(kept.name, scope->key.name, sizeof kept.name);
	memcpy(kept.hours, baseline->hours, sizeof kept.hours);
	return kept;
}

bool rules_baselines(const struct rules *rules,
                     bool (*hand)(void *self, const struct rule_baseline *baseline),
                     void *self)
{
	for (uint32_t i = 0; i < rules->scopes.reach; i++) {
		const struct scope *scope = pool_live(&rules->scopes, i);
		for (size_t r = 0; scope && scope->hour && r < scope->class->rule_count;
		     r++) {
			const struct baseline *baseline = scope->states[r].baseline;
			if (!baseline || !baseline->changed)
				continue;
			const struct rule_baseline kept = as_kept(
			        scope, rule_at(rules, scope->class->rules[r]), baseline);
			if (!hand(self, &kept))
				return false;
		}
	}
	return true;
}

void rules_baselines_kept(struct rules *rules)
{
	for (uint32_t i = 0; i < rules->scopes.reach; i++) {
		const struct scope *scope = pool_live(&rules->scopes, i);
		for (size_t r = 0; scope && scope->hour && r < scope->class->rule_count;
		     r++)
			if (scope->states[r].baseline)
				scope->states[r].baseline->changed = false;
	}
}

static void fill(struct rules *rules, const struct rule_baseline *kept, bool is_new)
{
	struct scope_key key = { .scope = kept->scope,
		                 .direction = kept->direction,
		                 .codec = kept->codec };
	memcpy(key.name, kept->name, sizeof key.name);
	for (unsigned int of_calls = 0; of_calls < 2; of_calls++) {
		key.of_calls = of_calls;
		const struct rule_class *class = class_of(rules, key.scope, of_calls);
		for (size_t r = 0; r < class->rule_count; r++) {
			const struct rule *rule = rule_at(rules, class->rules[r]);
			if (!rule_deviates(rule) || !is_same(rule->name, kept->rule))
				continue;
			struct scope *scope = scope_find(rules, &key);
			struct baseline *baseline =
			        scope ? baseline_of(rules, &scope->states[r]) : NULL;
			if (baseline && baseline_fill(baseline, kept->hours))
				baseline->changed |= is_new;
		}
	}
}

void rules_recall(struct rules *rules, const struct rule_baseline *baseline)
{
	fill(rules, baseline, false);
}

void rules_fill(struct rules *rules, const struct rule_baseline *baseline)
{
	fill(rules, baseline, true);
}
