/*
 * rules_state.c - at each tick: what the rules read, and which alerts that makes.
 *
 *   ok --bad--> pending --bad for raise_after--> firing --good--> clearing --good for
 *   clear_after--> ok;  pending --good--> ok;  clearing --bad--> firing, the same alert
 *
 * From firing on, good means behind the clear threshold: a figure that goes up and down at
 * the threshold is one alert.
 */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a deviation that fires, this share of its bounds clears it. */
#define DEVIATION_CLEARS 0.7
/* By so many standard deviations nothing is below what is usual; and what is as good as
 * nothing, as a share of that. */
#define NOTHING_IS_FAR 3
#define NEXT_TO_NOTHING 0.02

struct reading {
	bool known; /* there is enough to say something */
	bool bad;
	double value, threshold, expected;
	uint64_t samples;
};

/* --- reading -------------------------------------------------------------------------- */

static bool is_beyond(enum alert_condition condition, double value, double threshold)
{
	return condition == CONDITION_BELOW || condition == CONDITION_DEVIATES_BELOW
	               ? value < threshold
	               : value > threshold;
}

static void read_plain(const struct rule *rule, bool firing, struct reading *out)
{
	const double clear = isnan(rule->clear) ? rule->threshold : rule->clear;
	/* What fires is over as soon as nobody can be certain that it is beyond `clear`. */
	const bool certain = rule->metric.share && rule->certainty > 0;
	const double value =
	        certain ? rule_certain_share(out->value, out->samples, rule->certainty,
	                                     rule->condition == CONDITION_ABOVE)
	                : out->value;
	out->threshold = rule->threshold;
	out->bad = is_beyond(rule->condition, value, firing ? clear : rule->threshold);
}

/*
 * How far it may be off by chance: as past weeks were, and as the square root of so few
 * calls is.
 */
static double spread_of(const struct rule *rule, double expected, double spread,
                        uint64_t samples)
{
	const double share = fmin(fmax(expected, 1), 99);
	const double chance = rule->metric.volume ? expected
	                                          : share * (100 - share) /
	                                                    (double)(samples ? samples : 1);
	return sqrt(spread * spread + chance);
}

static void read_deviation(struct rules *rules, const struct rule *rule,
                           struct baseline *baseline, nstime at, bool firing,
                           struct reading *out)
{
	const bool below = rule->condition == CONDITION_DEVIATES_BELOW;
	/* What fires is over when it is usual for that hour, not for one beside it. */
	const enum baseline_hours which = firing  ? BASELINE_HOUR
	                                  : below ? BASELINE_LOWEST
	                                          : BASELINE_HIGHEST;
	bool holiday;
	const struct local_hour now = rules_local(rules, at - rule->window / 2, &holiday);
	double expected = NAN;
	double spread = NAN;
	out->known = baseline && baseline_expect(baseline, now.weekday * 24 + now.hour,
	                                         which, &expected, &spread);
	if (!out->known)
		return;
	if (rule->metric.volume) {
		const double part = ns_to_s(rule->window) / 3600;
		expected *= part;
		spread *= part;
	}
	const double enough = rule->metric.volume ? expected : (double)out->samples;
	const double bounds = firing ? DEVIATION_CLEARS : 1;
	const double clear = isnan(rule->clear) ? rule->threshold * bounds : rule->clear;
	const double sigma = spread_of(rule, expected, spread, out->samples);
	double far = fmax((firing ? clear : rule->threshold) * sigma,
	                  expected * rule->least_pct * bounds / 100);
	/* However much weeks differ, nothing at all is below, unless that happens, or
	 * chance alone does it to so few. */
	const bool not_by_chance =
	        rule->metric.volume && rule->threshold * sqrt(expected) < expected;
	if (below && far >= expected && not_by_chance && expected > NOTHING_IS_FAR * sigma)
		far = expected * (1 - NEXT_TO_NOTHING);
	out->expected = expected;
	out->threshold = below ? expected - far : expected + far;
	out->known = enough >= (double)rule->min_samples;
	out->bad = is_beyond(rule->condition, out->value, out->threshold);
}

static void read_level(const struct rule *rule, const struct active *active, nstime at,
                       bool firing, struct reading *out)
{
	out->known = active && active->on && active->until > at;
	out->value = active ? active->level : NAN;
	out->samples = 1;
	if (rule->metric.kind == METRIC_FACT) {
		if (out->known)
			read_plain(rule, firing, out);
		return;
	}
	/* One that went on and off again within the tick was there. */
	out->bad = active && ((active->on && active->until > at) ||
	                      (active->on_at > at - RULE_TICK && active->on_at <= at));
	out->known = true;
	out->threshold = 0;
}

/* What begins in the evening and ends in the morning is of the day on which it began. */
static bool is_working_time(const struct rules *rules, nstime at)
{
	bool holiday;
	const struct rules_settings *s = &rules->settings;
	const struct local_hour now = rules_local(rules, at, &holiday);
	const nstime noon = at - (now.hour * 3600 + now.second + 43200) * NS_PER_SEC;
	if (!local_is_within(now.hour, s->work_begins, s->work_ends))
		return false;
	if (s->work_begins <= s->work_ends || now.hour >= s->work_begins)
		return now.weekday < 5 && !holiday;
	return rules_local(rules, noon, &holiday).weekday < 5 && !holiday;
}

static bool is_scheduled(const struct rules *rules, const struct rule *rule, nstime at)
{
	return rule->schedule == SCHEDULE_NONE || rule->schedule == SCHEDULE_ALWAYS ||
	       (rule->schedule == SCHEDULE_BUSINESS) == is_working_time(rules, at);
}

/* When there was first something to count for the rule. */
static nstime rule_begun_at(const struct rules *rules, size_t rule)
{
	return rules->rule_begun[rule] == NSTIME_NONE ? rules->begun
	                                              : rules->rule_begun[rule];
}

/* `sums`: of the rule's window; unused for what is there or not. */
static struct reading read_rule(struct rules *rules, const struct rule *rule,
                                const struct rule_state *state,
                                const struct rule_sums *sums, nstime at)
{
	const struct active *active =
	        state->active ? active_at(rules, state->active - 1) : NULL;
	const bool firing = active && (active->state == ALERT_FIRING ||
	                               active->state == ALERT_CLEARING);
	struct reading out = { .value = NAN, .threshold = NAN, .expected = NAN };
	if (!rule_has_window(rule)) {
		read_level(rule, active, at, firing, &out);
		return out;
	}
	out.value = rule_metric_value(&rule->metric, sums);
	out.samples = rule_metric_samples(&rule->metric, sums);
	out.known = !isnan(out.value);
	/* Of half a window there is half of what grows with it. */
	const nstime begun = rule_begun_at(rules, (size_t)(rule - rule_at(rules, 0)));
	if (rule->metric.volume && at < begun + rule->window &&
	    rule->condition != CONDITION_ABOVE)
		out.known = false;
	if (rule_deviates(rule)) {
		if (out.known)
			read_deviation(rules, rule, state->baseline, at, firing, &out);
		return out;
	}
	if (!rule->metric.volume)
		out.known = out.known && out.samples >= rule->min_samples;
	if (out.known)
		read_plain(rule, firing, &out);
	return out;
}

/* --- actives -------------------------------------------------------------------------- */

struct active *active_of(struct rules *rules, struct scope *scope, size_t place)
{
	struct rule_state *state = &scope->states[place];
	void *object;
	uint32_t number;
	if (state->active)
		return active_at(rules, state->active - 1);
	const enum status status = pool_take(&rules->actives, &object, &number);
	if (status != OK) {
		rules->counters.alerts_not_tracked++;
		return NULL;
	}
	struct active *active = object;
	struct map_cursor cursor = map_cursor_of(scope->hash);
	uint32_t of_scope;
	while ((of_scope = map_next(&rules->scope_map, &cursor)) != MAP_NONE &&
	       scope_at(rules, of_scope) != scope)
		;
	active->scope = of_scope;
	active->rule = scope->class->rules[place];
	active->place = (uint16_t)place;
	active->state = ALERT_OK;
	active->since = active->raised = active->on_at = active->until = NSTIME_NONE;
	active->muter = MUTED_BY_NOBODY;
	active->level = active->worst = active->value = active->expected = NAN;
	state->active = number + 1;
	scope->actives++;
	return active;
}

void active_give(struct rules *rules, uint32_t number)
{
	const struct active *active = active_at(rules, number);
	struct scope *scope = scope_at(rules, active->scope);
	scope->states[active->place].active = 0;
	scope->actives--;
	pool_give(&rules->actives, number);
}

/* --- changes of state ----------------------------------------------------------------- */

static void note_change(struct rules *rules, uint32_t number, bool over)
{
	if (rules->change_count == rules->change_room) {
		const size_t room = rules->change_room ? 2 * rules->change_room : 64;
		struct alert_change *changes =
		        realloc(rules->changes, room * sizeof *changes);
		if (!changes) {
			rules->counters.no_memory++;
			if (over)
				active_give(rules, number);
			return;
		}
		rules->changes = changes;
		rules->change_room = room;
	}
	rules->changes[rules->change_count++] =
	        (struct alert_change){ active_at(rules, number)->id, number, over };
}

static void enter(struct active *active, enum alert_state state, nstime at)
{
	active->ended_by = ALERT_END_NONE;
	active->state = state;
	active->changed = at;
}

void active_end(struct rules *rules, uint32_t number, enum alert_end why, nstime at)
{
	struct active *active = active_at(rules, number);
	enter(active, ALERT_OK, at);
	active->ended_by = why;
	active->news = active_is_told(active) ? NEWS_OVER : NEWS_NONE;
	note_change(rules, number, false);
}

static void fire(struct rules *rules, struct active *active, nstime at)
{
	if (active->raised == NSTIME_NONE) {
		active->raised = at; /* who mutes it is seen when all have been looked at */
		rules->counters.alerts++;
	}
	enter(active, ALERT_FIRING, at);
}

static void begin(struct rules *rules, struct active *active, nstime at)
{
	active->since = at;
	active->worst = NAN;
	active->muter = MUTED_BY_NOBODY;
	active->leader = 0;
	active->joined = active->joined_told = 0;
	active->id = alert_id(rules, active);
	enter(active, ALERT_PENDING, at);
}

/* good: why it is, where it is not bad.  true: it changed. */
static bool step(struct rules *rules, struct active *active, bool bad, enum alert_end good,
                 nstime at)
{
	const struct rule *rule = rule_at(rules, active->rule);
	const enum alert_state before = active->state;
	if (active->state == ALERT_OK && bad)
		begin(rules, active, at);
	if (active->state == ALERT_PENDING && !bad)
		enter(active, ALERT_OK, at);
	else if (active->state == ALERT_PENDING && at - active->since >= rule->raise_after)
		fire(rules, active, at);
	else if (active->state == ALERT_FIRING && !bad)
		enter(active, ALERT_CLEARING, at);
	else if (active->state == ALERT_CLEARING && bad)
		fire(rules, active, at);
	if (active->state == ALERT_CLEARING && at - active->changed >= rule->clear_after)
		enter(active, ALERT_OK, at);
	if (active->state == ALERT_OK)
		active->ended_by = good;
	if (active->state == ALERT_OK && active_is_told(active))
		active->news = NEWS_OVER;
	return active->state != before;
}

static void keep_reading(struct active *active, const struct rule *rule,
                         const struct reading *reading)
{
	active->value = reading->known ? reading->value : NAN;
	active->threshold = reading->threshold;
	active->expected = reading->expected;
	active->samples = reading->samples;
	if (reading->known && reading->bad &&
	    (isnan(active->worst) ||
	     is_beyond(rule->condition, reading->value, active->worst)))
		active->worst = reading->value;
}

/* Nothing is left of it that anybody needs. */
static bool is_done(const struct active *active, const struct rule *rule, nstime at)
{
	return active->state == ALERT_OK &&
	       (rule_has_window(rule) || !active->on || active->until <= at);
}

bool rule_is_meant(const struct rule *rule, const struct scope_key *key)
{
	char peer[ADDRESS_TEXT_SIZE];
	if (!rule->match[0])
		return true;
	if (key->scope == SCOPE_CODEC)
		return is_same(rule->match, codec_name(key->codec));
	if (key->scope == SCOPE_PEER)
		return is_same(rule->match, address_format(&key->peer.address, peer));
	return is_same(rule->match, key->name);
}

static void apply(struct rules *rules, struct scope *scope, size_t place,
                  const struct rule_sums *sums, nstime at)
{
	const struct rule *rule = rule_at(rules, scope->class->rules[place]);
	struct rule_state *state = &scope->states[place];
	if (!rule_is_meant(rule, &scope->key))
		return;
	const struct reading reading = read_rule(rules, rule, state, sums, at);
	const bool scheduled = is_scheduled(rules, rule, at);
	const bool bad = reading.known && reading.bad && scheduled;
	const enum alert_end good = !scheduled      ? ALERT_END_SCHEDULE
	                            : reading.known ? ALERT_END_VALUE
	                                            : ALERT_END_SAMPLES;
	rules->counters.readings++;
	if (!state->active && !bad)
		return;
	struct active *active = active_of(rules, scope, place);
	if (!active)
		return;
	/* After a restart the window has to fill before an alert can be over. */
	if (!reading.known && active->state > ALERT_PENDING &&
	    at < rule_begun_at(rules, active->rule) + rule->window)
		return;
	const uint32_t number = state->active - 1;
	active->news = NEWS_NONE;
	const bool changed = step(rules, active, bad, good, at);
	keep_reading(active, rule, &reading);
	const bool over = is_done(active, rule, at);
	if (changed || active_has_news(rules, active, at))
		note_change(rules, number, over);
	else if (over)
		active_give(rules, number);
}

static void apply_window(struct rules *rules, struct scope *scope, size_t window, nstime at)
{
	struct rule_sums sums;
	scope_sums(rules, scope, window, at, &sums);
	for (size_t i = 0; i < scope->class->rule_count; i++)
		if (rules->rule_window[scope->class->rules[i]] ==
		    scope->class->windows[window])
			apply(rules, scope, i, &sums, at);
}

/* What is there or not, whatever came within a window. */
static void apply_levels(struct rules *rules, struct scope *scope, nstime at)
{
	const struct rule_sums none = { .counts = { 0 } };
	for (size_t i = 0; i < scope->class->rule_count; i++)
		if (rules->rule_window[scope->class->rules[i]] == RULE_NO_WINDOW)
			apply(rules, scope, i, &none, at);
}

static int compare_changes(const void *left, const void *right)
{
	const struct alert_change *a = left;
	const struct alert_change *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

void rules_tell_changes(struct rules *rules, nstime at)
{
	if (rules->change_count > 1)
		qsort(rules->changes, rules->change_count, sizeof *rules->changes,
		      compare_changes);
	rules_mute(rules, at);
	for (size_t i = 0; i < rules->change_count; i++) {
		const struct alert_change *change = &rules->changes[i];
		struct active *active = active_at(rules, change->active);
		alert_tell(rules, change->active, at);
		if (change->over)
			active_give(rules, change->active);
		else if (active->state == ALERT_OK)
			active->raised = NSTIME_NONE; /* the next one is another */
	}
	rules->change_count = 0;
}

void rules_tick(struct rules *rules, nstime at)
{
	rules->counters.ticks++;
	rules_turn_hour(rules, at);
	rules_find_loud(rules);
	for (uint32_t i = 0; i < rules->scopes.reach; i++) {
		struct scope *scope = pool_live(&rules->scopes, i);
		for (size_t w = 0; scope && w < scope->class->window_count; w++)
			apply_window(rules, scope, w, at);
		if (scope)
			apply_levels(rules, scope, at);
	}
	rules_tell_changes(rules, at);
}
