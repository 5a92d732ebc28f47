/*
 * rules_replace.c - other rules, while alerts of the former ones go on.
 *
 * The new rules are built beside the old ones, with a scope for each that they want, and a
 * place for each alert that goes on; only then, when nothing can fail any more, what was
 * counted and learnt is moved over.
 */
#include "analyzer/track/rules_parts.h"

#include <stdlib.h>
#include <string.h>

/* Does it go on as that one? */
static bool goes_on(const struct rule *rule, const struct rule *as)
{
	return as->enabled && rule->metric.name == as->metric.name &&
	       rule->scope == as->scope && is_same(rule->name, as->name);
}

/* The place in the scope's class of the rule that goes on; -1: none does. */
static int place_of(const struct rules *fresh, const struct scope *scope,
                    const struct rule *rule)
{
	for (size_t i = 0; i < scope->class->rule_count; i++)
		if (goes_on(rule, rule_at(fresh, scope->class->rules[i])))
			return (int)i;
	return -1;
}

static int index_of(const struct rules *fresh, const struct rule *rule)
{
	for (size_t i = 0; i < fresh->settings.rules->count; i++)
		if (goes_on(rule, rule_at(fresh, i)))
			return (int)i;
	return -1;
}

/* --- room for all that goes on -------------------------------------------------------- */

static enum status make_place(struct rules *fresh, struct scope *to,
                              const struct rules *rules, const struct scope *from)
{
	for (size_t i = 0; i < from->class->rule_count; i++) {
		const int place =
		        place_of(fresh, to, rule_at(rules, from->class->rules[i]));
		if (place < 0 || !from->states[i].active)
			continue;
		const struct rule *as = rule_at(fresh, to->class->rules[place]);
		if (rule_is_meant(as, &from->key) && !active_of(fresh, to, (size_t)place))
			return ERR_NOMEM;
	}
	return OK;
}

static enum status make_places(struct rules *fresh, const struct rules *rules)
{
	enum status status = OK;
	for (uint32_t i = 0; i < rules->scopes.reach && status == OK; i++) {
		const struct scope *from = pool_live(&rules->scopes, i);
		if (!from ||
		    class_of(fresh, from->key.scope, from->key.of_calls)->rule_count == 0)
			continue;
		struct scope *to = scope_find(fresh, &from->key);
		status = to ? make_place(fresh, to, rules, from) : ERR_NOMEM;
	}
	return status;
}

/* --- moving over ---------------------------------------------------------------------- */

static void copy_columns(const struct rules *fresh, uint64_t *to, const struct rules *rules,
                         const uint64_t *from)
{
	for (size_t c = 0; c < fresh->column_count; c++) {
		const uint8_t column = rules->column_of[fresh->count_of[c]];
		to[c] = column == RULE_NO_COLUMN ? 0 : from[column];
	}
}

static void move_window(const struct rules *fresh, struct scope_window *to,
                        const struct rules *rules, struct scope_window *from)
{
	for (size_t s = 0; s <= RULE_SLOTS; s++)
		copy_columns(fresh, to->columns + s * fresh->column_count, rules,
		             from->columns + s * rules->column_count);
	to->slot = from->slot;
	to->sum = from->sum;
	memcpy(to->slots, from->slots, sizeof to->slots);
	from->sum = (struct kpi_bins){ 0 };
	memset(from->slots, 0, sizeof from->slots);
}

static void move_windows(const struct rules *fresh, struct scope *to,
                         const struct rules *rules, struct scope *from)
{
	for (size_t i = 0; i < to->class->window_count; i++)
		for (size_t j = 0; j < from->class->window_count; j++)
			if (fresh->windows[to->class->windows[i]] ==
			    rules->windows[from->class->windows[j]])
				move_window(fresh, &to->windows[i], rules,
				            &from->windows[j]);
}

static int16_t muter_now(const struct rules *fresh, const struct rules *rules,
                         int16_t muter)
{
	if (muter < 0)
		return muter;
	const int now = index_of(fresh, rule_at(rules, (size_t)muter));
	return now < 0 ? MUTED_BY_NOBODY : (int16_t)now;
}

static void move_active(struct rules *fresh, struct active *to, const struct rules *rules,
                        const struct active *from)
{
	const uint32_t scope = to->scope;
	const uint16_t rule = to->rule;
	const uint16_t place = to->place;
	*to = *from;
	to->scope = scope;
	to->rule = rule;
	to->place = place;
	to->muter = muter_now(fresh, rules, from->muter);
}

static void move_states(struct rules *fresh, struct scope *to, struct rules *rules,
                        struct scope *from)
{
	for (size_t i = 0; i < from->class->rule_count; i++) {
		struct rule_state *state = &from->states[i];
		const int place =
		        place_of(fresh, to, rule_at(rules, from->class->rules[i]));
		if (place < 0)
			continue;
		struct rule_state *now = &to->states[place];
		if (state->active && now->active)
			move_active(fresh, active_at(fresh, now->active - 1), rules,
			            active_at(rules, state->active - 1));
		if (!state->baseline ||
		    !rule_deviates(rule_at(fresh, to->class->rules[place])))
			continue;
		now->baseline = state->baseline;
		state->baseline = NULL;
		fresh->baselines++;
		rules->baselines--;
	}
}

static void move_scope(struct rules *fresh, struct scope *to, struct rules *rules,
                       struct scope *from)
{
	to->last = from->last;
	memcpy(to->examples, from->examples, sizeof to->examples);
	if (to->hour && from->hour) {
		copy_columns(fresh, to->hour, rules, from->hour);
		to->whole_hour = from->whole_hour;
	}
	move_windows(fresh, to, rules, from);
	move_states(fresh, to, rules, from);
}

/* A rule that was not there is as young as the probe would be. */
static void move_beginnings(struct rules *fresh, const struct rules *rules)
{
	for (size_t i = 0; i < fresh->settings.rules->count; i++) {
		const struct rule *rule = rule_at(fresh, i);
		fresh->rule_begun[i] =
		        rules->next_tick == NSTIME_NONE ? NSTIME_NONE : rules->now;
		for (size_t j = 0; j < rules->settings.rules->count; j++) {
			const struct rule *old = rule_at(rules, j);
			if (old->enabled && goes_on(old, rule) &&
			    old->window == rule->window)
				fresh->rule_begun[i] = rules->rule_begun[j];
		}
	}
}

static void move_rest(struct rules *fresh, struct rules *rules)
{
	struct kept_finding *findings = fresh->findings;
	fresh->findings = rules->findings;
	rules->findings = findings;
	fresh->finding_next = rules->finding_next;
	fresh->counters = rules->counters;
	fresh->now = rules->now;
	fresh->next_tick = rules->next_tick;
	fresh->begun = rules->begun;
	fresh->hour = rules->hour;
	fresh->capture_bad = rules->capture_bad;
	memcpy(fresh->silences, rules->silences, sizeof fresh->silences);
	fresh->silence_count = rules->silence_count;
}

/* --- what does not go on -------------------------------------------------------------- */

static bool is_orphan(const struct rules *fresh, const struct rules *rules,
                      const struct active *active)
{
	const int as = index_of(fresh, rule_at(rules, active->rule));
	return as < 0 || !rule_is_meant(rule_at(fresh, (size_t)as),
	                                &scope_at(rules, active->scope)->key);
}

/* By the old rules, at the latest tick, or as of the latest record that was restored. */
static void tell_ends(struct rules *fresh, struct rules *rules)
{
	nstime at = rules->next_tick == NSTIME_NONE ? NSTIME_NONE
	                                            : rules->next_tick - RULE_TICK;
	for (uint32_t i = 0; i < rules->actives.reach; i++) {
		const struct active *active = pool_live(&rules->actives, i);
		if (active && active->state != ALERT_OK && active->changed > at)
			at = active->changed;
	}
	for (uint32_t i = 0; i < rules->actives.reach; i++) {
		const struct active *active = pool_live(&rules->actives, i);
		if (active && active->state != ALERT_OK && is_orphan(fresh, rules, active))
			active_end(rules, i, ALERT_END_RULE, at);
	}
	rules_tell_changes(rules, at);
}

static void exchange(struct rules *rules, struct rules *fresh)
{
	const struct rules old = *rules;
	*rules = *fresh;
	*fresh = old;
	struct rules *const both[] = { rules, fresh };
	for (size_t r = 0; r < ARRAY_LEN(both); r++)
		for (uint32_t i = 0; i < both[r]->scopes.reach; i++) {
			struct scope *scope = pool_live(&both[r]->scopes, i);
			if (scope)
				scope->class = class_of(both[r], scope->key.scope,
				                        scope->key.of_calls);
		}
}

enum status rules_replace(struct rules *rules, const struct rules_settings *settings)
{
	struct rules_settings wanted = *settings;
	struct rules *fresh;
	wanted.key = rules->settings.key;
	wanted.scopes = rules->settings.scopes;
	wanted.alerts = rules->settings.alerts;
	wanted.baselines = rules->settings.baselines;
	memcpy(wanted.sensor, rules->settings.sensor, sizeof wanted.sensor);
	enum status status = rules_new(&wanted, rules->sink, &fresh);
	if (status != OK)
		return status;
	fresh->now = rules->now;
	status = make_places(fresh, rules);
	if (status != OK) {
		rules_free(fresh);
		return status;
	}
	tell_ends(fresh, rules);
	for (uint32_t i = 0; i < rules->scopes.reach; i++) {
		struct scope *from = pool_live(&rules->scopes, i);
		if (from &&
		    class_of(fresh, from->key.scope, from->key.of_calls)->rule_count)
			move_scope(fresh, scope_find(fresh, &from->key), rules, from);
	}
	move_beginnings(fresh, rules);
	move_rest(fresh, rules);
	exchange(rules, fresh);
	rules_free(fresh);
	rules->ungrouped = true;
	return OK;
}
