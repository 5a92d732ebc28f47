/* rules_alert.c - a state that changed, as a record and in words. */
#include "analyzer/track/rules_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

uint64_t alert_id(const struct rules *rules, const struct active *active)
{
	const struct scope_key *key = &scope_at(rules, active->scope)->key;
	struct id_builder id = rules->id_start;
	id_add_text(&id, text_from(rule_at(rules, active->rule)->name));
	id_add_number(&id, key->scope);
	id_add_text(&id, text_from(key->name));
	id_add_number(&id, key->direction);
	id_add_text(&id, key->codec == CODEC_UNKNOWN ? TEXT("")
	                                             : text_from(codec_name(key->codec)));
	id_add_endpoint(&id, &key->peer);
	id_add_number(&id, key->about);
	id_add_number(&id, (uint64_t)active->since);
	return id_end(&id);
}

/* --- words ---------------------------------------------------------------------------- */

/* Adds at the end of what is there; what finds no room is left out. */
__attribute__((format(printf, 3, 4))) static void append(char *to, size_t size,
                                                         const char *format, ...)
{
	const size_t len = strlen(to);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(to + len, size - len, format, arguments);
	va_end(arguments);
}

/* As people want to read it: MOS with two decimals, counts with none. */
static void append_figure(char *to, size_t size, const struct rule_metric *metric,
                          double value)
{
	const bool whole = metric->volume || metric->kind == METRIC_OBSERVATION ||
	                   is_same(metric->unit, "ms");
	if (isnan(value))
		append(to, size, "unknown");
	else
		append(to, size, whole ? "%.0f" : "%.2f", value);
	if (metric->unit[0] && !isnan(value))
		append(to, size, " %s", metric->unit);
}

/* The civil date of a day since 1970, as in Hinnant, "chrono-compatible low-level date
 * algorithms". */
static void append_time(char *to, size_t size, nstime at)
{
	const int64_t seconds = at / NS_PER_SEC;
	const int64_t days = seconds / 86400 + 719468;
	const int64_t of_day = seconds % 86400;
	const int64_t era = days / 146097;
	const int64_t day_of_era = days % 146097;
	const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
	                             day_of_era / 146096) /
	                            365;
	const int64_t day_of_year =
	        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	const int64_t month = (5 * day_of_year + 2) / 153;
	append(to, size, "%04d-%02d-%02dT%02d:%02d:%02dZ",
	       (int)(year_of_era + era * 400 + (month >= 10)),
	       (int)(month < 10 ? month + 3 : month - 9),
	       (int)(day_of_year - (153 * month + 2) / 5 + 1), (int)(of_day / 3600),
	       (int)(of_day / 60 % 60), (int)(of_day % 60));
}

static void describe_subject(const struct rules *rules, const struct active *active,
                             char *to, size_t size)
{
	const struct scope_key *key = &scope_at(rules, active->scope)->key;
	char peer[ENDPOINT_TEXT_SIZE];
	to[0] = '\0';
	switch (key->scope) {
	case SCOPE_SITE:
		append(to, size, "site %s", key->name);
		break;
	case SCOPE_TRUNK:
	case SCOPE_DIRECTION:
		if (key->name[0])
			append(to, size, "trunk %s", key->name);
		else
			append(to, size, "peers of no trunk");
		if (key->direction)
			append(to, size, ", %s",
			       key->direction == KPI_INBOUND ? "inbound" : "outbound");
		break;
	case SCOPE_CODEC:
		append(to, size, "codec %s", codec_name(key->codec));
		break;
	case SCOPE_PEER:
		append(to, size, "peer %s",
		       key->peer.port ? endpoint_format(&key->peer, peer)
		                      : address_format(&key->peer.address, peer));
		if (active->trunk[0])
			append(to, size, " of trunk %s", active->trunk);
		break;
	case SCOPE_SUBJECT:
		append(to, size, "%s", active->subject);
		break;
	default:
		append(to, size, "all calls");
		break;
	}
}

static void append_bound(char *to, size_t size, const struct rule *rule,
                         const struct alert_record *alert)
{
	const bool below = rule->condition == CONDITION_BELOW ||
	                   rule->condition == CONDITION_DEVIATES_BELOW;
	append(to, size, below ? ", below " : ", above ");
	append_figure(to, size, &rule->metric, alert->threshold);
	if (!isnan(alert->expected)) {
		append(to, size, " where ");
		append_figure(to, size, &rule->metric, alert->expected);
		append(to, size, " is usual at this hour");
	}
}

/* Of those that are told with it, some by name. */
static void append_members(const struct rules *rules, const struct active *active,
                           struct alert_record *alert)
{
	enum { NAMED = 3 };
	uint32_t numbers[NAMED];
	char name[ALERT_SUBJECT];
	const size_t size = sizeof alert->summary;
	alert->members = active_members(rules, active, numbers, NAMED);
	if (alert->members == 0)
		return;
	append(alert->summary, size,
	       "; and %llu more: ", (unsigned long long)alert->members);
	for (size_t i = 0; i < NAMED && i < alert->members; i++) {
		describe_subject(rules, active_at(rules, numbers[i]), name, sizeof name);
		append(alert->summary, size, "%s%s", i ? "; " : "", name);
	}
	if (alert->members > NAMED)
		append(alert->summary, size, "; ...");
}

static const char *const over_words[ALERT_END_COUNT] = {
	[ALERT_END_NONE] = "",
	[ALERT_END_VALUE] = "over: ",
	[ALERT_END_SAMPLES] = "over (too little is known now): ",
	[ALERT_END_SCHEDULE] = "over (not looked at at this hour): ",
	[ALERT_END_RULE] = "over (the rule was changed or removed): ",
};

static void summarise(const struct rule *rule, const struct active *active,
                      struct alert_record *alert)
{
	char *to = alert->summary;
	const size_t size = sizeof alert->summary;
	append(to, size, "%s%s: %s", over_words[alert->ended_by], alert->subject,
	       rule->metric.title);
	if (rule->metric.kind == METRIC_EVENT) {
		if (active->subject[0] && alert->state != ALERT_OK)
			append(to, size, " (%s)", active->subject);
		return;
	}
	if (rule->metric.kind == METRIC_OBSERVATION) {
		append(to, size, ", %.0f events", active->level);
		return;
	}
	append(to, size, ": ");
	append_figure(to, size, &rule->metric, alert->value);
	if (alert->state == ALERT_OK) {
		append(to, size, ", worst ");
		append_figure(to, size, &rule->metric, alert->worst);
		return;
	}
	if (!isnan(alert->threshold))
		append_bound(to, size, rule, alert);
	if (alert->samples > 1 && !rule->metric.volume)
		append(to, size, " (of %llu in %.0f s)", (unsigned long long)alert->samples,
		       alert->window_s);
	else
		append(to, size, " (in %.0f s)", alert->window_s);
}

/* --- where to look -------------------------------------------------------------------- */

static const char *const family_filters[FAMILY_COUNT] = {
	[FAMILY_QUALITY] = " and mos_lq_min < 3.6",
	[FAMILY_ONE_WAY] = " and one_way",
	[FAMILY_FAILED] = " and status >= 400",
	[FAMILY_UNANSWERED] = " and status >= 400",
	[FAMILY_SLOW] = " and pdd_ms > 3s",
	[FAMILY_SHORT] = " and duration_s < 10",
	[FAMILY_EMERGENCY] = " and emergency",
};

static void append_quoted(char *to, size_t size, const char *name)
{
	append(to, size, "\"");
	for (; *name; name++)
		append(to, size, *name == '"' || *name == '\\' ? "\\%c" : "%c", *name);
	append(to, size, "\"");
}

static void append_place(const struct rules *rules, const struct active *active, char *to,
                         size_t size)
{
	const struct scope_key *key = &scope_at(rules, active->scope)->key;
	char peer[ENDPOINT_TEXT_SIZE];
	static const char *const fields[KPI_DIRECTION_COUNT] = { "trunk", "trunk_src",
		                                                 "trunk_dst" };
	if ((key->scope == SCOPE_TRUNK || key->scope == SCOPE_DIRECTION) && key->name[0]) {
		append(to, size, " and %s = ", fields[key->direction]);
		append_quoted(to, size, key->name);
	} else if (key->scope == SCOPE_CODEC) {
		append(to, size, " and codec = %s", codec_name(key->codec));
	} else if (key->scope == SCOPE_PEER) {
		append(to, size, " and address = %s",
		       key->peer.port ? endpoint_format(&key->peer, peer)
		                      : address_format(&key->peer.address, peer));
	}
}

/* Calls count when they are over: those of the window began before it, too. */
static void compose_query(const struct rules *rules, const struct rule *rule,
                          const struct active *active, struct alert_record *alert)
{
	const nstime lead = rule->window + 3600 * NS_PER_SEC;
	const char *family = family_filters[rule->metric.family];
	char *to = alert->query;
	const size_t size = sizeof alert->query;
	if (rule->metric.kind == METRIC_FACT)
		return;
	append(to, size, "start >= ");
	append_time(to, size, active->since - lead);
	append(to, size, " and start < ");
	append_time(to, size, alert->at);
	append_place(rules, active, to, size);
	append(to, size, "%s", family ? family : "");
}

static void find_finding(const struct rules *rules, struct alert_record *alert)
{
	for (size_t e = 0; e < alert->examples.count; e++) {
		for (size_t i = 0; i < RULE_FINDINGS; i++) {
			const struct kept_finding *kept = &rules->findings[i];
			if (kept->code == FINDING_NONE ||
			    kept->call != alert->examples.ids[e])
				continue;
			alert->finding = kept->code;
			memcpy(alert->finding_sentence, kept->sentence,
			       sizeof alert->finding_sentence);
			return;
		}
	}
}

static void show_examples(const struct scope_examples *from, struct alert_record *alert)
{
	alert->examples.count = from->count;
	for (size_t i = 0; i < from->count; i++)
		alert->examples.ids[i] = from->calls[i];
}

static void say_unseen(const struct rules *rules, const struct rule *rule,
                       struct scope *scope, struct alert_record *alert)
{
	struct rule_sums sums;
	char *to = alert->unseen;
	const size_t size = sizeof alert->unseen;
	size_t window = 0;
	if (rules->capture_bad && rule->metric.quality)
		append(to, size,
		       "the capture loses packets: the figure may be its doing; ");
	while (window < scope->class->window_count &&
	       rules->windows[scope->class->windows[window]] != rule->window)
		window++;
	if (window == scope->class->window_count || !scope->windows[window].columns)
		return;
	scope_sums((struct rules *)rules, scope, window, alert->at, &sums);
	const uint64_t *counts = sums.counts;
	if (counts[RULE_COUNT_SUSPECT])
		append(to, size, "%llu of %llu packets were lost by the capture; ",
		       (unsigned long long)counts[RULE_COUNT_SUSPECT],
		       (unsigned long long)counts[RULE_COUNT_MEDIA]);
	if (counts[KPI_INCOMPLETE])
		append(to, size, "%llu calls began before the capture; ",
		       (unsigned long long)counts[KPI_INCOMPLETE]);
	if (counts[KPI_INTERRUPTED])
		append(to, size, "%llu calls were given up by the probe; ",
		       (unsigned long long)counts[KPI_INTERRUPTED]);
	const size_t len = strlen(to);
	if (len > 2 && to[len - 2] == ';')
		to[len - 2] = '\0';
}

/* --- the record ----------------------------------------------------------------------- */

static void fill_place(const struct rules *rules, const struct active *active,
                       struct alert_record *alert)
{
	const struct scope_key *key = &scope_at(rules, active->scope)->key;
	const bool of_trunk = key->scope == SCOPE_TRUNK || key->scope == SCOPE_DIRECTION;
	const char *trunk = of_trunk ? key->name : active->trunk;
	const struct trunk *known =
	        trunks_by_name(rules->settings.trunks, text_from(trunk));
	const char *site = key->scope == SCOPE_SITE ? key->name : known ? known->site : "";
	alert->scope = key->scope;
	alert->direction = key->direction;
	alert->codec = key->codec;
	alert->peer = key->peer;
	alert->about = key->about;
	text_copy(alert->trunk, sizeof alert->trunk, text_from(trunk));
	text_copy(alert->site, sizeof alert->site, text_from(site));
	describe_subject(rules, active, alert->subject, sizeof alert->subject);
}

static void fill_figures(const struct rule *rule, const struct active *active,
                         struct alert_record *alert)
{
	text_copy(alert->metric, sizeof alert->metric, text_from(rule->metric_name));
	alert->condition = rule->condition;
	alert->value = active->value;
	alert->worst = active->worst;
	alert->threshold = active->threshold;
	alert->expected = active->expected;
	alert->samples = active->samples;
	alert->window_s = ns_to_s(rule->window);
}

static void fill_muter(const struct rules *rules, const struct active *active,
                       struct alert_record *alert)
{
	alert->muted = active->muter != MUTED_BY_NOBODY;
	if (active->muter == MUTED_BY_SILENCE)
		text_copy(alert->muted_by, sizeof alert->muted_by, TEXT("silence"));
	else if (active->muter == MUTED_BY_GROUP)
		text_copy(alert->muted_by, sizeof alert->muted_by, TEXT("group"));
	else if (alert->muted)
		text_copy(alert->muted_by, sizeof alert->muted_by,
		          text_from(rule_at(rules, (size_t)active->muter)->name));
}

void alert_tell(struct rules *rules, uint32_t number, nstime at)
{
	const struct active *active = active_at(rules, number);
	struct scope *scope = scope_at(rules, active->scope);
	const struct rule *rule = rule_at(rules, active->rule);
	struct record record = { .kind = RECORD_ALERT, .at = at };
	struct alert_record *alert = &record.alert;
	alert->id = active->id;
	alert->at = at;
	alert->state = active->state;
	alert->severity = rule->severity;
	alert->since = active->since;
	alert->raised = active->raised;
	alert->cleared = active->state == ALERT_OK ? at : NSTIME_NONE;
	alert->ended_by = active->ended_by;
	alert->news = active->news;
	alert->leader = active->muter == MUTED_BY_GROUP ? active->leader : 0;
	alert->unverified = rules->capture_bad && rule->metric.quality;
	text_copy(alert->rule, sizeof alert->rule, text_from(rule->name));
	fill_place(rules, active, alert);
	fill_figures(rule, active, alert);
	fill_muter(rules, active, alert);
	show_examples(rule->metric.kind == METRIC_OBSERVATION
	                      ? &active->examples
	                      : &scope->examples[rule->metric.family],
	              alert);
	find_finding(rules, alert);
	say_unseen(rules, rule, scope, alert);
	compose_query(rules, rule, active, alert);
	summarise(rule, active, alert);
	if (alert->state == ALERT_FIRING)
		append_members(rules, active, alert);
	rules->sink->accept(rules->sink->self, &record);
}

void alert_tell_orphan(struct rules *rules, const struct alert_record *latest, nstime at)
{
	struct record record = { .kind = RECORD_ALERT, .at = at };
	struct alert_record *alert = &record.alert;
	*alert = *latest;
	alert->at = alert->cleared = at;
	alert->state = ALERT_OK;
	alert->ended_by = ALERT_END_RULE;
	alert->news = alert->raised != NSTIME_NONE && !alert->muted ? NEWS_OVER : NEWS_NONE;
	alert->value = NAN;
	alert->samples = 0;
	text_copy(alert->summary, sizeof alert->summary,
	          text_from(over_words[ALERT_END_RULE]));
	append(alert->summary, sizeof alert->summary, "%s: %s", alert->subject,
	       alert->metric);
	rules->sink->accept(rules->sink->self, &record);
}

void active_restore(struct active *active, const struct alert_record *alert)
{
	enum { LEVEL_MOST_S = 86400 };
	active->id = alert->id;
	active->state = alert->state;
	active->since = alert->since;
	active->raised = alert->raised;
	active->changed = alert->at;
	active->worst = alert->worst;
	active->muter = alert->leader  ? MUTED_BY_GROUP
	                : alert->muted ? MUTED_BY_SILENCE
	                               : MUTED_BY_NOBODY;
	active->leader = alert->leader;
	active->joined = active->joined_told = (uint32_t)alert->members;
	active->told = alert->at;
	/* Of what is there or not: it was there. */
	active->on = true;
	active->level = alert->value;
	active->until = alert->at + LEVEL_MOST_S * NS_PER_SEC;
	text_copy(active->trunk, sizeof active->trunk, text_from(alert->trunk));
	if (alert->scope == SCOPE_SUBJECT)
		text_copy(active->subject, sizeof active->subject,
		          text_from(alert->subject));
}
