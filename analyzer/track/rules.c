#include "analyzer/track/rules.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/track/rules_parts.h"

/* Ten thousand trunks, peers and attacks; more is a flood, which has rules of its own. */
enum { SCOPES = 10000, ALERTS = 20000, BASELINES = 4096 };
#define SILENCE (86400 * NS_PER_SEC)

struct rules_settings rules_settings_default(void)
{
	return (struct rules_settings){
		.sensor = "local",
		.work_begins = threshold_defaults[THRESHOLD_WORK_BEGINS],
		.work_ends = threshold_defaults[THRESHOLD_WORK_ENDS],
		.scopes = SCOPES,
		.alerts = ALERTS,
		.baselines = BASELINES,
	};
}

void rules_settings_from(struct rules_settings *rules, const struct settings *settings)
{
	rules->trunks = settings->trunks;
	rules->local_time = settings->local_time;
	rules->key = settings->key;
	memcpy(rules->sensor, settings->sensor, sizeof rules->sensor);
	rules->work_begins = settings->thresholds[THRESHOLD_WORK_BEGINS];
	rules->work_ends = settings->thresholds[THRESHOLD_WORK_ENDS];
}

enum status rules_new(const struct rules_settings *settings, const struct sink *sink,
                      struct rules **out)
{
	struct rules *rules = calloc(1, sizeof *rules);
	if (!rules)
		return ERR_NOMEM;
	rules->settings = *settings;
	rules->sink = sink;
	rules->now = rules->next_tick = rules->hour = NSTIME_NONE;
	id_add_text(&rules->id_start, text_from(settings->sensor));
	id_add_text(&rules->id_start, text_from(record_kind_names[RECORD_ALERT]));
	pool_init(&rules->scopes, sizeof(struct scope), (uint32_t)settings->scopes);
	pool_init(&rules->actives, sizeof(struct active), (uint32_t)settings->alerts);
	rules->findings = calloc(RULE_FINDINGS, sizeof *rules->findings);
	if (!rules->findings || map_init(&rules->scope_map) != OK) {
		rules_free(rules);
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < LIMIT_RULES; i++)
		rules->rule_begun[i] = NSTIME_NONE;
	rules_plan(rules);
	*out = rules;
	return OK;
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	for (uint32_t i = 0; i < rules->scopes.reach; i++)
		if (pool_live(&rules->scopes, i))
			scope_free(rules, i);
	pool_free(&rules->scopes);
	pool_free(&rules->actives);
	map_free(&rules->scope_map);
	kpi_bins_free(&rules->scratch);
	free(rules->findings);
	free(rules->changes);
	free(rules);
}

/* --- time ----------------------------------------------------------------------------- */

static nstime tick_behind(nstime at)
{
	const nstime past = at % RULE_TICK;
	return at - past + (past < 0 ? 0 : RULE_TICK);
}

/* Longer than any window with what is waited for behind it. */
static nstime longest(const struct rules *rules)
{
	nstime most = 0;
	for (size_t i = 0; i < rules->settings.rules->count; i++) {
		const struct rule *rule = rule_at(rules, i);
		const nstime whole = rule->window + rule->raise_after + rule->clear_after;
		most = whole > most ? whole : most;
	}
	return most + 2 * RULE_TICK;
}

/* Ticks up to and with `until`; of a day and more in which nothing came, those of the
 * first day and of the last hours. */
static void tick_until(struct rules *rules, nstime until)
{
	const nstime begun = rules->next_tick;
	while (rules->next_tick <= until) {
		const nstime at = rules->next_tick;
		rules_tick(rules, at);
		rules->next_tick += RULE_TICK;
		if (at - begun == SILENCE && until - at > longest(rules))
			rules->next_tick = tick_behind(until - longest(rules));
	}
}

/* A tick is due when all that became final up to it is here. */
static void go_to(struct rules *rules, nstime at)
{
	if (rules->next_tick == NSTIME_NONE) {
		rules->next_tick = tick_behind(at);
		rules->now = rules->begun = at;
		rules_turn_hour(rules, at);
	}
	if (at <= rules->now)
		return;
	tick_until(rules, at - 1);
	rules->now = at;
}

void rules_record(struct rules *rules, const struct record *record)
{
	if (record->kind == RECORD_ALERT)
		return;
	go_to(rules, record->at);
	rules_note(rules, record);
}

void rules_advance(struct rules *rules, nstime now)
{
	go_to(rules, now);
}

void rules_finish(struct rules *rules)
{
	if (rules->next_tick == NSTIME_NONE)
		return;
	rules->now = rules->next_tick;
	rules_tick(rules, rules->next_tick);
	rules->next_tick += RULE_TICK;
}

/* --- the past ------------------------------------------------------------------------- */

void rules_learn(struct rules *rules, const struct record *kpi)
{
	if (kpi->kind != RECORD_KPI || rules->next_tick != NSTIME_NONE)
		return;
	rules->learning = true;
	rules->now = kpi->kpi.key.start;
	rules_turn_hour(rules, kpi->kpi.key.start + 1);
	rules_note(rules, kpi);
	rules->learning = false;
}

void rules_restore(struct rules *rules, const struct alert_record *alert, nstime now)
{
	bool found = false;
	struct scope_key key = {
		.scope = alert->scope,
		.direction = alert->direction,
		.codec = alert->codec,
		.peer = alert->peer,
		.about = alert->about,
	};
	const bool trunk = key.scope == SCOPE_TRUNK || key.scope == SCOPE_DIRECTION;
	if (trunk || key.scope == SCOPE_SITE)
		text_copy(key.name, sizeof key.name,
		          text_from(trunk ? alert->trunk : alert->site));
	for (unsigned int of_calls = 0; of_calls < 2; of_calls++) {
		key.of_calls = of_calls;
		const struct rule_class *class = class_of(rules, key.scope, of_calls);
		for (size_t i = 0; i < class->rule_count; i++) {
			const struct rule *rule = rule_at(rules, class->rules[i]);
			if (!is_same(rule->name, alert->rule) ||
			    !is_same(rule->metric_name, alert->metric) ||
			    !rule_is_meant(rule, &key))
				continue;
			struct scope *scope = scope_find(rules, &key);
			struct active *active = scope ? active_of(rules, scope, i) : NULL;
			if (!active)
				continue;
			active_restore(active, alert);
			rules->ungrouped = true;
			found = true;
		}
	}
	if (!found)
		alert_tell_orphan(rules, alert, now == NSTIME_NONE ? alert->at : now);
}

void rules_set_silences(struct rules *rules, const struct rule_silence *list, size_t count)
{
	rules->silence_count = count < LIMIT_SILENCES ? count : LIMIT_SILENCES;
	if (rules->silence_count)
		memcpy(rules->silences, list, rules->silence_count * sizeof *list);
}

const struct rules_counters *rules_counters(const struct rules *rules)
{
	return &rules->counters;
}
