/*
 * rules.h - rules over the analyzer's records: KPI buckets, events, observations, streams
 * and calls in, alerts out.  A consumer, nothing flows back.
 *
 * Time is that of the records: at each tick (RULE_TICK) the rules are looked at, over
 * windows that move on.  What a record adds counts at the time at which it became final,
 * not at which it began: an alert is about what is known now.  The same records give the
 * same alerts, live or from a file.
 *
 * Memory is bounded: scopes (a trunk, a peer, ...), alerts and baselines each have a cap;
 * of scopes the one that was quiet for longest makes room.
 */
#ifndef EARSHOT_TRACK_RULES_H
#define EARSHOT_TRACK_RULES_H

#include "analyzer/model/limits.h"
#include "analyzer/model/rule.h"
#include "analyzer/model/sink.h"
#include "analyzer/model/trunk.h"

struct rules_settings {
	const struct rule_list *rules;       /* borrowed; resolved */
	const struct trunks *trunks;         /* borrowed; NULL = none */
	const struct local_time *local_time; /* borrowed; NULL = UTC */
	struct hash_key key;
	char sensor[64];
	uint32_t work_begins, work_ends;   /* hours of the day, Monday to Friday */
	uint64_t holidays[LIMIT_HOLIDAYS]; /* days since 1970-01-01: like Sundays */
	size_t holiday_count;
	size_t scopes, alerts, baselines; /* at most */
};

struct rules_settings rules_settings_default(void);
/* Those of the sensor. */
void rules_settings_from(struct rules_settings *rules, const struct settings *settings);

struct rules_counters {
	uint64_t ticks, readings; /* of a rule in a scope */
	uint64_t alerts;          /* that fired */
	uint64_t muted;           /* of them: nobody was told */
	uint64_t scopes_evicted, scopes_not_tracked, alerts_not_tracked;
	uint64_t baselines_not_kept, no_memory;
};

struct rules;

/* Alerts go to *sink, which must outlive the rules.  ERR_NOMEM. */
MUST_CHECK enum status rules_new(const struct rules_settings *settings,
                                 const struct sink *sink, struct rules **out);
void rules_free(struct rules *rules); /* NULL is fine */

/* Records in their order; ticks before them come first.  Alerts are passed over. */
void rules_record(struct rules *rules, const struct record *record);
/* Something the program knows of itself, as it is now: METRIC_FACT.  at NSTIME_NONE: as of
 * the latest record, of which there has to be one. */
void rules_fact(struct rules *rules, struct text metric, struct text subject, double value,
                nstime at);
/* All that became final until then is here. */
void rules_advance(struct rules *rules, nstime now);
/* The last tick, which may be early. */
void rules_finish(struct rules *rules);

/*
 * KPI buckets of the past, in the order of their minutes or hours, before any record: what
 * is usual is learnt of them.
 */
void rules_learn(struct rules *rules, const struct record *kpi);
/* What is usual of a figure, by hours of the week, to be kept over a restart. */
struct rule_baseline {
	char rule[ALERT_RULE];
	enum alert_scope scope;
	enum kpi_direction direction;
	enum codec codec;
	char name[RECORD_TRUNK];             /* of trunk or site */
	float hours[RULE_WEEKS][WEEK_HOURS]; /* NAN: not known */
};

/* Those that have changed since they were kept last, to `hand`, until that says false. */
bool rules_baselines(const struct rules *rules,
                     bool (*hand)(void *self, const struct rule_baseline *baseline),
                     void *self);
void rules_baselines_kept(struct rules *rules);
/* What is not known yet; what is stays. */
void rules_recall(struct rules *rules, const struct rule_baseline *baseline);
/* The same of what was not kept before: it has changed. */
void rules_fill(struct rules *rules, const struct rule_baseline *baseline);

/*
 * The latest record of an alert that goes on: as if it had been raised here.  Where its
 * rule is gone it is over, at `now` (NSTIME_NONE: at the time of that record).
 */
void rules_restore(struct rules *rules, const struct alert_record *alert, nstime now);

/*
 * Other rules from now on, other trunks, holidays or working hours; the sensor, the key and
 * the limits stay.  A rule of the same name that looks at the same thing goes on: what it
 * has counted and learnt stays, and so do its alerts.  Alerts of the others are over
 * (ALERT_END_RULE), which is told at once.  Afterwards nothing of the former settings is
 * borrowed any more.  ERR_NOMEM: everything is as it was.
 */
MUST_CHECK enum status rules_replace(struct rules *rules,
                                     const struct rules_settings *settings);

/* Replaces them; times are packet times, like those of the rules. */
void rules_set_silences(struct rules *rules, const struct rule_silence *list, size_t count);

const struct rules_counters *rules_counters(const struct rules *rules);

#endif
