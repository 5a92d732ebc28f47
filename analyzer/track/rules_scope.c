/* rules_scope.c - scopes and their windows. */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- what the rules want -------------------------------------------------------------- */

static void want_count(struct rules *rules, unsigned int what)
{
	if (rules->column_of[what] != RULE_NO_COLUMN)
		return;
	rules->count_of[rules->column_count] = (uint8_t)what;
	rules->column_of[what] = (uint8_t)rules->column_count++;
}

static uint8_t want_window(struct rules *rules, nstime window)
{
	size_t nearest = 0;
	for (size_t i = 0; i < rules->window_count; i++) {
		if (rules->windows[i] == window)
			return (uint8_t)i;
		if (llabs(rules->windows[i] - window) <
		    llabs(rules->windows[nearest] - window))
			nearest = i;
	}
	if (rules->window_count == LIMIT_RULE_WINDOWS)
		return (uint8_t)nearest;
	rules->windows[rules->window_count] = window;
	return (uint8_t)rules->window_count++;
}

static void want_of_class(struct rules *rules, const struct rule *rule, size_t index)
{
	struct rule_class *class = &rules->classes[2 * rule->scope + rule->metric.of_calls];
	rules->rule_window[index] = RULE_NO_WINDOW;
	class->rules[class->rule_count++] = (uint16_t)index;
	class->deviates |= rule_deviates(rule);
	if (!rule_has_window(rule))
		return;
	const uint8_t window = want_window(rules, rule->window);
	size_t i = 0;
	while (i < class->window_count && class->windows[i] != window)
		i++;
	if (i == class->window_count && i < LIMIT_RULE_WINDOWS)
		class->windows[class->window_count++] = window;
	rules->rule_window[index] = window;
}

static void want_of_metric(struct rules *rules, const struct rule_metric *metric)
{
	const struct kpi_definition *kpi = metric->kpi;
	const bool counted = metric->kind == METRIC_COUNT || metric->kind == METRIC_SHARE ||
	                     metric->kind == METRIC_SHARE_OF_SUM;
	if (!kpi && !counted)
		return;
	want_count(rules, metric->a);
	if (counted ? metric->kind != METRIC_COUNT
	            : kpi->form == KPI_FORM_SHARE || kpi->form == KPI_FORM_RATIO ||
	                      kpi->form == KPI_FORM_MEAN_S)
		want_count(rules, metric->b);
	if (!kpi)
		return;
	if (kpi->form == KPI_FORM_SHARE && kpi->less < KPI_COUNT_COUNT)
		want_count(rules, kpi->less);
	if (kpi->form == KPI_FORM_PERCENTILE || kpi->form == KPI_FORM_MEAN_MS)
		rules->wants_series[kpi->series] = true;
}

static void want_muters(struct rules *rules, const struct rule *rule, size_t index)
{
	const struct rule_list *list = rules->settings.rules;
	for (size_t i = 0; i < LIMIT_MUTERS; i++) {
		rules->muters[index][i] = -1;
		for (size_t other = 0; i < rule->muter_count && other < list->count;
		     other++) {
			if (!is_same(list->rules[other].name, rule->muted_by[i]))
				continue;
			rules->muters[index][i] = (int16_t)other;
			rules->is_muter[other] = true;
		}
	}
}

void rules_plan(struct rules *rules)
{
	const struct rule_list *list = rules->settings.rules;
	memset(rules->column_of, RULE_NO_COLUMN, sizeof rules->column_of);
	/* What an alert says that the probe did not see. */
	want_count(rules, KPI_INCOMPLETE);
	want_count(rules, KPI_INTERRUPTED);
	want_count(rules, RULE_COUNT_SUSPECT);
	want_count(rules, RULE_COUNT_MEDIA);
	for (size_t i = 0; i < list->count; i++) {
		want_muters(rules, &list->rules[i], i);
		if (!list->rules[i].enabled)
			continue;
		want_of_class(rules, &list->rules[i], i);
		want_of_metric(rules, &list->rules[i].metric);
		rules->peers_counted |= list->rules[i].scope == SCOPE_PEER &&
		                        list->rules[i].metric.kind != METRIC_EVENT;
	}
}

/* --- the table ------------------------------------------------------------------------ */

static uint64_t hash_of(const struct rules *rules, const struct scope_key *key)
{
	const uint64_t words[] = {
		2 * (uint64_t)key->scope + key->of_calls,
		key->direction,
		(uint64_t)key->codec,
		key->about,
		key->peer.port,
		hash_text(&rules->settings.key, text_from(key->name)),
		hash_bytes(&rules->settings.key, key->peer.address.bytes,
		           sizeof key->peer.address.bytes),
	};
	return hash_bytes(&rules->settings.key, words, sizeof words);
}

static bool same_key(const struct scope_key *a, const struct scope_key *b)
{
	return a->scope == b->scope && a->of_calls == b->of_calls &&
	       a->direction == b->direction && a->codec == b->codec &&
	       a->about == b->about && endpoint_equal(&a->peer, &b->peer) &&
	       is_same(a->name, b->name);
}

static void window_free(struct scope_window *window)
{
	free(window->columns);
	kpi_bins_free(&window->sum);
	for (size_t i = 0; i < RULE_SLOTS; i++)
		kpi_bins_free(&window->slots[i]);
}

void scope_free(struct rules *rules, uint32_t number)
{
	struct scope *scope = scope_at(rules, number);
	for (size_t i = 0; i < scope->class->rule_count && scope->states; i++) {
		if (scope->states[i].active)
			active_give(rules, scope->states[i].active - 1);
		rules->baselines -= scope->states[i].baseline != NULL;
		free(scope->states[i].baseline);
	}
	for (size_t i = 0; i < LIMIT_RULE_WINDOWS; i++)
		window_free(&scope->windows[i]);
	free(scope->states);
	free(scope->hour);
	map_remove(&rules->scope_map, scope->hash, number);
	pool_give(&rules->scopes, number);
}

/* Of some, the one without an alert that was quiet for longest. */
static void make_room(struct rules *rules)
{
	enum { LOOK_AT = 64 };
	uint32_t quietest = MAP_NONE;
	for (unsigned int i = 0; i < LOOK_AT && i < rules->scopes.reach; i++) {
		rules->hand = (rules->hand + 1) % rules->scopes.reach;
		const struct scope *scope = pool_live(&rules->scopes, rules->hand);
		if (!scope || scope->actives)
			continue;
		if (quietest == MAP_NONE || scope->last < scope_at(rules, quietest)->last)
			quietest = rules->hand;
	}
	if (quietest == MAP_NONE)
		return;
	rules->counters.scopes_evicted++;
	scope_free(rules, quietest);
}

static bool scope_build(struct rules *rules, struct scope *scope)
{
	const size_t columns = rules->column_count;
	for (size_t i = 0; i < scope->class->window_count; i++) {
		struct scope_window *window = &scope->windows[i];
		window->columns = calloc(columns * (RULE_SLOTS + 1), sizeof(uint64_t));
		window->slot = INT64_MIN;
		if (!window->columns)
			return false;
	}
	if (scope->class->deviates && !(scope->hour = calloc(columns, sizeof *scope->hour)))
		return false;
	scope->states = calloc(scope->class->rule_count, sizeof *scope->states);
	return scope->states != NULL;
}

static struct scope *scope_make(struct rules *rules, const struct scope_key *key,
                                const struct rule_class *class, uint64_t hash)
{
	void *object;
	uint32_t number;
	if (rules->scopes.live >= rules->scopes.cap)
		make_room(rules);
	const enum status status = pool_take(&rules->scopes, &object, &number);
	if (status != OK) {
		rules->counters.scopes_not_tracked++;
		rules->counters.no_memory += status == ERR_NOMEM;
		return NULL;
	}
	struct scope *scope = object;
	scope->hash = hash;
	scope->key = *key;
	scope->class = class;
	scope->last = rules->now;
	if (scope_build(rules, scope) && map_insert(&rules->scope_map, hash, number) == OK)
		return scope;
	rules->counters.no_memory++;
	scope_free(rules, number);
	return NULL;
}

struct scope *scope_find(struct rules *rules, const struct scope_key *key)
{
	const struct rule_class *class = class_of(rules, key->scope, key->of_calls);
	if (class->rule_count == 0)
		return NULL;
	const uint64_t hash = hash_of(rules, key);
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while ((number = map_next(&rules->scope_map, &cursor)) != MAP_NONE) {
		struct scope *scope = scope_at(rules, number);
		if (scope->hash == hash && same_key(&scope->key, key))
			return scope;
	}
	return scope_make(rules, key, class, hash);
}

/* --- windows -------------------------------------------------------------------------- */

static nstime slot_length(nstime window)
{
	return window / rule_slots(window);
}

/* What is at a boundary belongs to the slot that ends there. */
static int64_t slot_of(nstime window, nstime at)
{
	return (at - 1) / slot_length(window);
}

/* Captures of 1970 have slots before that. */
static size_t place_of(int64_t slot, int64_t slots)
{
	return (size_t)((slot % slots + slots) % slots);
}

static void drop_slot(struct rules *rules, struct scope_window *window, size_t slot)
{
	uint64_t *of_slot = window->columns + (slot + 1) * rules->column_count;
	for (size_t c = 0; c < rules->column_count; c++)
		window->columns[c] -= of_slot[c];
	memset(of_slot, 0, rules->column_count * sizeof *of_slot);
	struct kpi_bins *bins = &window->slots[slot];
	for (size_t i = 0; i < bins->count; i++) {
		const struct kpi_bin bin = bins->list[i];
		/* It is there: nothing is allocated. */
		if (kpi_bins_add(&window->sum, (enum kpi_series)(bin.key >> 8),
		                 (uint8_t)bin.key, -bin.n) != OK)
			rules->counters.no_memory++;
	}
	kpi_bins_clear(bins);
}

/* Slots that are too old go. */
static void move_on(struct rules *rules, struct scope_window *window, nstime length,
                    nstime at)
{
	const int64_t slot = slot_of(length, at);
	if (window->slot >= slot)
		return;
	const int64_t slots = rule_slots(length);
	int64_t from = window->slot + 1;
	if (window->slot < slot - slots)
		from = slot - slots + 1;
	for (int64_t s = from; s <= slot; s++)
		drop_slot(rules, window, place_of(s, slots));
	window->slot = slot;
}

static size_t current_slot(struct rules *rules, struct scope_window *window, nstime length)
{
	move_on(rules, window, length, rules->now);
	return place_of(window->slot, rule_slots(length));
}

void scope_count(struct rules *rules, struct scope *scope, enum rule_count what, uint64_t n)
{
	const uint8_t column = rules->column_of[what];
	if (column == RULE_NO_COLUMN)
		return;
	scope->last = rules->now;
	if (scope->hour)
		scope->hour[column] += n;
	for (size_t i = 0; i < scope->class->window_count && !rules->learning; i++) {
		struct scope_window *window = &scope->windows[i];
		const size_t slot = current_slot(rules, window,
		                                 rules->windows[scope->class->windows[i]]);
		window->columns[column] += n;
		window->columns[(slot + 1) * rules->column_count + column] += n;
	}
}

static void add_bins(struct rules *rules, struct scope_window *window, size_t slot,
                     const struct kpi_bins *bins)
{
	for (size_t i = 0; i < bins->count; i++) {
		const struct kpi_bin bin = bins->list[i];
		const enum kpi_series series = (enum kpi_series)(bin.key >> 8);
		if (series >= KPI_HISTOGRAM_COUNT || !rules->wants_series[series])
			continue;
		if (kpi_bins_add(&window->slots[slot], series, (uint8_t)bin.key, bin.n) !=
		            OK ||
		    kpi_bins_add(&window->sum, series, (uint8_t)bin.key, bin.n) != OK)
			rules->counters.no_memory++;
	}
}

void scope_add(struct rules *rules, struct scope *scope,
               const uint64_t counts[KPI_COUNT_COUNT], const struct kpi_bins *bins)
{
	scope->last = rules->now;
	for (size_t c = 0; c < rules->column_count && scope->hour; c++)
		if (rules->count_of[c] < KPI_COUNT_COUNT)
			scope->hour[c] += counts[rules->count_of[c]];
	for (size_t i = 0; i < scope->class->window_count && !rules->learning; i++) {
		struct scope_window *window = &scope->windows[i];
		const size_t slot = current_slot(rules, window,
		                                 rules->windows[scope->class->windows[i]]);
		uint64_t *of_slot = window->columns + (slot + 1) * rules->column_count;
		for (size_t c = 0; c < rules->column_count; c++) {
			if (rules->count_of[c] >= KPI_COUNT_COUNT)
				continue;
			window->columns[c] += counts[rules->count_of[c]];
			of_slot[c] += counts[rules->count_of[c]];
		}
		add_bins(rules, window, slot, bins);
	}
}

void scope_example(struct scope *scope, enum rule_family family, uint64_t call)
{
	struct scope_examples *examples = &scope->examples[family];
	for (size_t i = 0; i < examples->count; i++)
		if (examples->calls[i] == call)
			return;
	memmove(examples->calls + 1, examples->calls,
	        sizeof examples->calls - sizeof examples->calls[0]);
	examples->calls[0] = call;
	if (examples->count < RULE_EXAMPLES)
		examples->count++;
}

void scope_sums(struct rules *rules, struct scope *scope, size_t window, nstime at,
                struct rule_sums *out)
{
	struct scope_window *from = &scope->windows[window];
	const nstime length = rules->windows[scope->class->windows[window]];
	move_on(rules, from, length, at);
	kpi_sum_begin(&out->kpi);
	memset(out->counts, 0, sizeof out->counts);
	for (size_t c = 0; c < rules->column_count; c++)
		out->counts[rules->count_of[c]] = from->columns[c];
	memcpy(out->kpi.counts, out->counts, sizeof out->kpi.counts);
	out->kpi.histograms = from->sum;
	out->kpi.seconds = ns_to_s(length);
}
