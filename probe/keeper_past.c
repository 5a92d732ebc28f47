#include "probe/keeper_past.h"

#include <string.h>

enum { ROWS_AT_ONCE = 400 };
#define WEEKS ((nstime)RULE_WEEKS * 7 * 86400 * NS_PER_SEC)

static const enum kpi_view views[PAST_LISTS] = { KPI_VIEW_LEG, KPI_VIEW_TRUNK,
	                                         KPI_VIEW_CALL };

void keeper_past_begin(struct keeper_past *past)
{
	keeper_past_stop(past);
	past->wanted = true;
}

void keeper_past_stop(struct keeper_past *past)
{
	for (size_t i = 0; i < PAST_LISTS; i++)
		rows_end(&past->lists[i].rows);
	query_close(past->query);
	rules_free(past->rules);
	memset(past, 0, sizeof *past);
}

/* Hours have no alerts. */
static void ignore(void *self, const struct record *record)
{
	(void)self;
	(void)record;
}

/* Rules that compare with the past; codes: some of them by more than the trunk. */
static bool are_there(const struct rule_list *list, bool *codes)
{
	bool some = false;
	*codes = false;
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		if (!rule->enabled || (rule->condition != CONDITION_DEVIATES_ABOVE &&
		                       rule->condition != CONDITION_DEVIATES_BELOW))
			continue;
		some = true;
		*codes |= rule->metric.kind != METRIC_KPI || rule->scope == SCOPE_CODEC;
	}
	return some;
}

static enum status next(struct past_list *list)
{
	const enum status status = rows_next(&list->rows, &list->record);
	list->over = status != OK;
	return status == ERR_NOT_FOUND ? OK : status;
}

static enum status open_lists(struct keeper_past *past, bool codes)
{
	struct kpi_span last = { .view = KPI_VIEW_LEG,
		                 .from = NSTIME_NONE,
		                 .to = NSTIME_NONE };
	enum status status = query_kpi_span(past->query, &last);
	for (size_t i = 0; i < PAST_LISTS && status == OK; i++) {
		const struct kpi_span span = { .level = KPI_HOURS,
			                       .whole = !codes,
			                       .view = views[i],
			                       .from = last.last - WEEKS,
			                       .to = NSTIME_NONE };
		status = query_kpis(past->query, &span, &past->lists[i].rows);
		if (status == OK)
			status = next(&past->lists[i]);
	}
	return status;
}

static bool begin(struct keeper_past *past, const struct rules_settings *settings,
                  const char *db)
{
	struct db_error error;
	bool codes;
	past->wanted = false;
	past->sink.accept = ignore;
	if (!are_there(settings->rules, &codes) ||
	    query_open(db, &past->query, &error) != OK)
		return false;
	return open_lists(past, codes) == OK &&
	       rules_new(settings, &past->sink, &past->rules) == OK;
}

static struct past_list *earliest(struct keeper_past *past)
{
	struct past_list *first = NULL;
	for (size_t i = 0; i < PAST_LISTS; i++) {
		struct past_list *list = &past->lists[i];
		if (!list->over &&
		    (!first || list->record.kpi.key.start < first->record.kpi.key.start))
			first = list;
	}
	return first;
}

static bool hand_over(void *self, const struct rule_baseline *baseline)
{
	rules_fill(self, baseline);
	return true;
}

void keeper_past_work(struct keeper_past *past, const struct rules_settings *settings,
                      const char *db, struct rules *rules)
{
	if (past->wanted && !begin(past, settings, db))
		keeper_past_stop(past);
	for (size_t i = 0; i < ROWS_AT_ONCE && past->rules; i++) {
		struct past_list *list = earliest(past);
		if (list)
			rules_learn(past->rules, &list->record);
		else
			rules_baselines(past->rules, hand_over, rules);
		/* What cannot be read any more is no past. */
		if (!list || next(list) != OK)
			keeper_past_stop(past);
	}
}
