/*
 * config_alerts.c - the rules of the configuration: those that are shipped, less those that
 * are switched off, with what the file says of each, and the file's own.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "probe/config_values.h"

void config_begin_rule(struct config *config)
{
	config->draft.rule = rule_unsaid();
}

void config_begin_rule_muters(struct config *config)
{
	config->draft.rule.muter_count = 0;
}

bool config_take_rule_muters(struct config *config, const char *value,
                             struct option_error *error)
{
	struct rule *rule = &config->draft.rule;
	if (rule->muter_count == LIMIT_MUTERS)
		return option_refuse(error, "at most %d of them", LIMIT_MUTERS);
	if (*value &&
	    text_copy(rule->muted_by[rule->muter_count], ALERT_RULE, text_from(value))) {
		rule->muter_count++;
		return true;
	}
	return option_refuse(error, "'%s' is no name of a rule", value);
}

void config_begin_rules_off(struct config *config)
{
	config->alerts.off_count = 0;
}

bool config_take_rules_off(struct config *config, const char *value,
                           struct option_error *error)
{
	const struct rule *shipped =
	        rule_list_find(&config->alerts.shipped, text_from(value));
	if (!shipped)
		return option_refuse(error, "there is no rule '%s' among those shipped",
		                     value);
	if (config->alerts.off_count == LIMIT_RULES)
		return option_refuse(error, "at most %d of them", LIMIT_RULES);
	config->alerts.off[config->alerts.off_count++] =
	        (uint16_t)(shipped - config->alerts.shipped.rules);
	return true;
}

/* --- holidays ------------------------------------------------------------------------- */

/* As in Hinnant, "chrono-compatible low-level date algorithms". */
static int64_t days_of(int64_t year, unsigned int month, unsigned int day)
{
	const int64_t y = month <= 2 ? year - 1 : year;
	const int64_t era = y / 400;
	const int64_t of_era = y - era * 400;
	const int64_t of_year =
	        (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void config_begin_holidays(struct config *config)
{
	config->alerts.holiday_count = 0;
}

bool config_take_holidays(struct config *config, const char *value,
                          struct option_error *error)
{
	static const uint64_t lengths[] = {
		31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	struct text rest = text_from(value);
	uint64_t year = 0;
	uint64_t month = 0;
	uint64_t day = 0;
	const bool read = strlen(value) == strlen("2026-12-25") &&
	                  text_number(text_cut(&rest, '-'), 9999, &year) == OK &&
	                  text_number(text_cut(&rest, '-'), 12, &month) == OK &&
	                  text_number(rest, 31, &day) == OK;
	if (!read || year < 1970 || month < 1 || day < 1 || day > lengths[month - 1])
		return option_refuse(error, "'%s' is no day such as 2026-12-25", value);
	if (config->alerts.holiday_count == LIMIT_HOLIDAYS)
		return option_refuse(error, "at most %d of them", LIMIT_HOLIDAYS);
	config->alerts.holidays[config->alerts.holiday_count++] =
	        (uint64_t)days_of((int64_t)year, (unsigned int)month, (unsigned int)day);
	return true;
}

/* --- an entry, and all of them -------------------------------------------------------- */

bool config_end_rule(struct config *config, struct option_error *error)
{
	struct rule_list *own = &config->alerts.own;
	char why[RULE_ERROR_SIZE];
	const struct rule *shipped =
	        rule_list_find(&config->alerts.shipped, text_from(config->draft.rule.name));
	struct rule rule = shipped ? *shipped : rule_default();
	rule_take_over(&rule, &config->draft.rule);
	if (!rule_resolve(&rule, why))
		return option_refuse(error, "%s", why);
	if (rule_list_find(own, text_from(rule.name)))
		return option_refuse(error, "there is a rule '%s' already", rule.name);
	if (own->count == LIMIT_RULES)
		return option_refuse(error, "at most %d rules", LIMIT_RULES);
	own->rules[own->count++] = rule;
	return true;
}

static bool is_off(const struct config *config, size_t index)
{
	for (size_t i = 0; i < config->alerts.off_count; i++)
		if (config->alerts.off[i] == index)
			return true;
	return false;
}

/* Names that the rules of the file say: of rules there are, or could be, and of trunks and
 * sites. */
static bool check_names(const struct config *config, const struct rule *rule,
                        struct option_error *error)
{
	const bool of_trunk = rule->scope == SCOPE_TRUNK || rule->scope == SCOPE_DIRECTION;
	bool found = !rule->match[0] || (!of_trunk && rule->scope != SCOPE_SITE);
	for (size_t i = 0; i < rule->muter_count; i++) {
		const struct text muter = text_from(rule->muted_by[i]);
		if (!rule_list_find((struct rule_list *)&config->rules, muter) &&
		    !rule_list_find((struct rule_list *)&config->alerts.shipped, muter))
			return option_refuse(
			        error,
			        "alerts.rules: rule '%s': muted_by: there is no "
			        "rule '%s'",
			        rule->name, rule->muted_by[i]);
	}
	for (size_t i = 0; i < trunks_count(config->trunks) && !found; i++) {
		const struct trunk *trunk = trunks_at(config->trunks, i);
		found = strcmp(of_trunk ? trunk->name : trunk->site, rule->match) == 0;
	}
	return found ||
	       option_refuse(error, "alerts.rules: rule '%s': match: there is no %s '%s'",
	                     rule->name, of_trunk ? "trunk" : "site", rule->match);
}

static bool check_rules(const struct config *config, struct option_error *error)
{
	for (size_t i = 0; i < config->alerts.own.count; i++)
		if (!check_names(config, &config->alerts.own.rules[i], error))
			return false;
	if (rule_list_windows(&config->rules) <= LIMIT_RULE_WINDOWS)
		return true;
	return option_refuse(error,
	                     "alerts: the rules have windows of %zu lengths, at most %d",
	                     rule_list_windows(&config->rules), LIMIT_RULE_WINDOWS);
}

bool config_seal_rules(struct config *config, struct option_error *error)
{
	const struct rule_list *own = &config->alerts.own;
	struct rule_list *list = &config->rules;
	list->count = 0;
	if (!config->alerts.no_defaults) {
		*list = config->alerts.shipped;
		for (size_t i = 0; i < list->count; i++)
			list->rules[i].enabled = !is_off(config, i);
	}
	for (size_t i = 0; i < own->count; i++) {
		struct rule *same = rule_list_find(list, text_from(own->rules[i].name));
		if (!same && list->count == LIMIT_RULES)
			return option_refuse(error,
			                     "alerts: at most %d rules, shipped ones "
			                     "included",
			                     LIMIT_RULES);
		*(same ? same : &list->rules[list->count++]) = own->rules[i];
	}
	return check_rules(config, error);
}

void config_rules_settings(const struct config *config, struct rules_settings *out)
{
	*out = rules_settings_default();
	rules_settings_from(out, &config->settings);
	out->rules = &config->rules;
	memcpy(out->holidays, config->alerts.holidays, sizeof out->holidays);
	out->holiday_count = config->alerts.holiday_count;
}
