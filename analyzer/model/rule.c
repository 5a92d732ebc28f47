#include "analyzer/model/rule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const rule_schedule_names[SCHEDULE_COUNT] = {
	[SCHEDULE_ALWAYS] = "always",
	[SCHEDULE_BUSINESS] = "business",
	[SCHEDULE_OFF_HOURS] = "off_hours",
};

const char *const rule_group_names[GROUP_COUNT] = {
	[GROUP_SITE] = "site",
	[GROUP_ALL] = "all",
	[GROUP_NEVER] = "never",
};

enum { WINDOW_MOST_S = 3600, SLOTS_LEAST = 5, AFTER_MOST_S = 86400 };

/* None of them may be set. */
enum { UNSAID = -1, MUTERS_UNSAID = LIMIT_MUTERS + 1 };

struct rule rule_default(void)
{
	return (struct rule){
		.scope = SCOPE_TRUNK,
		.window = 300 * NS_PER_SEC,
		.condition = CONDITION_ABOVE,
		.threshold = NAN,
		.clear = NAN,
		.clear_after = 300 * NS_PER_SEC,
		.severity = SEVERITY_WARNING,
		.group = GROUP_SITE,
		.enabled = true,
	};
}

struct rule *rule_list_find(struct rule_list *list, struct text name)
{
	for (size_t i = 0; i < list->count; i++)
		if (text_equal(text_from(list->rules[i].name), name))
			return &list->rules[i];
	return NULL;
}

/* --- what is said of one -------------------------------------------------------------- */

struct rule rule_unsaid(void)
{
	return (struct rule){
		.threshold = NAN,
		.clear = NAN,
		.least_pct = NAN,
		.certainty = NAN,
		.window = UNSAID,
		.raise_after = UNSAID,
		.clear_after = UNSAID,
		.min_samples = UINT64_MAX,
		.muter_count = MUTERS_UNSAID,
		.enabled = true,
	};
}

static void take_over_texts(struct rule *rule, const struct rule *said)
{
	memcpy(rule->name, said->name, sizeof rule->name);
	if (said->metric_name[0])
		memcpy(rule->metric_name, said->metric_name, sizeof rule->metric_name);
	if (said->match[0])
		memcpy(rule->match, said->match, sizeof rule->match);
	if (said->doc[0])
		memcpy(rule->doc, said->doc, sizeof rule->doc);
}

static void take_over_names(struct rule *rule, const struct rule *said)
{
	if (said->scope)
		rule->scope = said->scope;
	if (said->condition)
		rule->condition = said->condition;
	if (said->severity)
		rule->severity = said->severity;
	if (said->schedule)
		rule->schedule = said->schedule;
	if (said->group)
		rule->group = said->group;
}

static void take_over_figures(struct rule *rule, const struct rule *said)
{
	if (!isnan(said->threshold)) {
		rule->threshold = said->threshold;
		rule->clear = NAN;
	}
	if (!isnan(said->clear))
		rule->clear = said->clear;
	if (!isnan(said->least_pct))
		rule->least_pct = said->least_pct;
	if (!isnan(said->certainty))
		rule->certainty = said->certainty;
	if (said->window != UNSAID)
		rule->window = said->window;
	if (said->raise_after != UNSAID)
		rule->raise_after = said->raise_after;
	if (said->clear_after != UNSAID)
		rule->clear_after = said->clear_after;
	if (said->min_samples != UINT64_MAX)
		rule->min_samples = said->min_samples;
}

void rule_take_over(struct rule *rule, const struct rule *said)
{
	take_over_texts(rule, said);
	take_over_names(rule, said);
	take_over_figures(rule, said);
	rule->enabled = said->enabled;
	if (said->muter_count == MUTERS_UNSAID)
		return;
	memcpy(rule->muted_by, said->muted_by, sizeof rule->muted_by);
	rule->muter_count = said->muter_count;
}

bool rule_has_window(const struct rule *rule)
{
	return rule->metric.kind != METRIC_EVENT &&
	       rule->metric.kind != METRIC_OBSERVATION && rule->metric.kind != METRIC_FACT;
}

size_t rule_list_windows(const struct rule_list *list)
{
	nstime known[LIMIT_RULES];
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct rule *rule = &list->rules[i];
		size_t k = 0;
		while (k < count && known[k] != rule->window)
			k++;
		if (k == count && rule->enabled && rule_has_window(rule))
			known[count++] = rule->window;
	}
	return count;
}

bool rule_list_say(struct rule_list *list, const struct rule *said,
                   char error[RULE_ERROR_SIZE])
{
	struct rule *there = rule_list_find(list, text_from(said->name));
	struct rule rule = there ? *there : rule_default();
	const struct rule former = rule;
	rule_take_over(&rule, said);
	if (!rule_resolve(&rule, error))
		return false;
	if (!there && list->count == LIMIT_RULES) {
		snprintf(error, RULE_ERROR_SIZE, "at most %d rules", LIMIT_RULES);
		return false;
	}
	struct rule *place = there ? there : &list->rules[list->count++];
	*place = rule;
	if (rule_list_windows(list) <= LIMIT_RULE_WINDOWS)
		return true;
	*place = former;
	list->count -= !there;
	snprintf(error, RULE_ERROR_SIZE,
	         "rule '%s': all rules together may have windows of %d lengths, and these "
	         "are taken",
	         rule.name, LIMIT_RULE_WINDOWS);
	return false;
}

/* --- whether it makes sense ----------------------------------------------------------- */

static bool deviates(const struct rule *rule)
{
	return rule->condition == CONDITION_DEVIATES_ABOVE ||
	       rule->condition == CONDITION_DEVIATES_BELOW;
}

static bool looks_down(const struct rule *rule)
{
	return rule->condition == CONDITION_BELOW ||
	       rule->condition == CONDITION_DEVIATES_BELOW;
}

/* Which things that metric is known of one by one. */
static bool scope_fits(const struct rule *rule)
{
	const struct rule_metric *metric = &rule->metric;
	switch (metric->kind) {
	case METRIC_EVENT:
		return rule->scope == SCOPE_PEER;
	case METRIC_OBSERVATION:
	case METRIC_FACT:
		return rule->scope == SCOPE_SUBJECT;
	default:
		break;
	}
	/* Of phones, which speak no codec yet. */
	const bool of_phones =
	        metric->a == RULE_COUNT_EXPIRED && metric->kind != METRIC_KPI;
	if (of_phones)
		return rule->scope == SCOPE_ALL || rule->scope == SCOPE_SITE;
	if (rule->scope == SCOPE_PEER)
		return !metric->of_calls && metric->of_buckets;
	if (metric->of_calls)
		return rule->scope == SCOPE_ALL || rule->scope == SCOPE_TRUNK;
	return rule->scope == SCOPE_ALL || rule->scope == SCOPE_SITE ||
	       rule->scope == SCOPE_TRUNK || rule->scope == SCOPE_DIRECTION ||
	       rule->scope == SCOPE_CODEC;
}

/* Percentiles of an hour would need its histograms, week by week. */
static bool can_deviate(const struct rule *rule)
{
	const struct rule_metric *metric = &rule->metric;
	if (metric->kind == METRIC_KPI)
		return metric->kpi->form != KPI_FORM_PERCENTILE &&
		       metric->kpi->form != KPI_FORM_MEAN_MS;
	return metric->kind == METRIC_COUNT || metric->kind == METRIC_SHARE;
}

/* Wilson 1927, "Probable inference, the law of succession, and statistical inference". */
double rule_certain_share(double percent, uint64_t samples, double certainty, bool above)
{
	const double n = (double)samples;
	const double p = percent / 100;
	const double z2 = certainty * certainty;
	const double middle = p + z2 / (2 * n);
	const double half = certainty * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
	return 100 * (above ? middle - half : middle + half) / (1 + z2 / n);
}

unsigned int rule_slots(nstime window)
{
	const nstime ticks = window / RULE_TICK;
	if (window <= 0 || window % RULE_TICK || window > WINDOW_MOST_S * NS_PER_SEC)
		return 0;
	for (unsigned int slots = RULE_SLOTS; slots >= SLOTS_LEAST; slots--)
		if (ticks % slots == 0)
			return slots;
	return ticks < SLOTS_LEAST ? (unsigned int)ticks : 0;
}

struct rule_fault {
	const char *member; /* key of the configuration */
	const char *text;
};

static bool is_name(const char *name)
{
	for (; *name; name++)
		if (!(*name >= 'a' && *name <= 'z') && !ascii_is_digit(*name) &&
		    *name != '_')
			return false;
	return true;
}

static struct rule_fault fault_of(const struct rule *rule)
{
	const bool level = rule->metric.kind == METRIC_EVENT ||
	                   rule->metric.kind == METRIC_OBSERVATION;
	if (!rule->name[0])
		return (struct rule_fault){ "name", "needs a name" };
	if (!is_name(rule->name))
		return (struct rule_fault){ "name", "its name is of a-z, 0-9 and _" };
	if (!scope_fits(rule))
		return (struct rule_fault){ "scope",
			                    "its metric is not known in that scope" };
	if (level && rule->condition != CONDITION_ABOVE)
		return (struct rule_fault){
			"condition", "events and observations are there (above) or not"
		};
	if (isnan(rule->threshold))
		return (struct rule_fault){ "threshold", "needs a threshold" };
	if (rule->metric.share && !deviates(rule) &&
	    (rule->threshold < 0 || rule->threshold > 100))
		return (struct rule_fault){
			"threshold", "the threshold of a share is 0 to 100 percent"
		};
	if (rule->certainty > 0 && !rule->metric.share)
		return (struct rule_fault){ "certainty", "certainty is of shares alone" };
	if (rule->always_told && rule->muter_count > 0)
		return (struct rule_fault){ "muted_by", "nothing mutes emergency calls" };
	for (size_t i = 0; i < rule->muter_count; i++)
		if (text_equal(text_from(rule->muted_by[i]), text_from(rule->name)))
			return (struct rule_fault){ "muted_by", "no rule mutes itself" };
	if (rule_slots(rule->window) == 0)
		return (struct rule_fault){
			"window_s",
			"its window is not up to 3600 s that can be cut into 5 to 12 equal "
			"parts of whole tens of seconds, such as 60, 120, 300, 600, 900, "
			"1800"
		};
	if (rule->raise_after < 0 || rule->raise_after > AFTER_MOST_S * NS_PER_SEC ||
	    rule->clear_after < 0 || rule->clear_after > AFTER_MOST_S * NS_PER_SEC)
		return (struct rule_fault){ "raise_after_s",
			                    "raise_after_s and clear_after_s are 0 to "
			                    "86400" };
	if (deviates(rule) && !can_deviate(rule))
		return (struct rule_fault){
			"condition", "only counts and shares are compared with past weeks"
		};
	if (!isnan(rule->clear) &&
	    (looks_down(rule) && !deviates(rule) ? rule->clear < rule->threshold
	                                         : rule->clear > rule->threshold))
		return (struct rule_fault){ "clear",
			                    "clear is on the wrong side of its threshold" };
	return (struct rule_fault){ NULL, NULL };
}

bool rule_resolve(struct rule *rule, char error[RULE_ERROR_SIZE])
{
	if (rule_metric_find(text_from(rule->metric_name), &rule->metric) != OK) {
		snprintf(error, RULE_ERROR_SIZE,
		         "rule '%s': there is no metric '%s'; earshot alerts rules lists "
		         "them",
		         rule->name, rule->metric_name);
		return false;
	}
	/* Calls for help are never kept back, whoever made the rule. */
	rule->always_told |= rule->metric.family == FAMILY_EMERGENCY;
	const struct rule_fault fault = fault_of(rule);
	if (fault.text)
		snprintf(error, RULE_ERROR_SIZE, "rule '%s': %s", rule->name, fault.text);
	return !fault.text;
}

const char *rule_wrong_member(const struct rule *rule)
{
	struct rule copy = *rule;
	if (rule_metric_find(text_from(copy.metric_name), &copy.metric) != OK)
		return "metric";
	const struct rule_fault fault = fault_of(&copy);
	return fault.member ? fault.member : "name";
}
