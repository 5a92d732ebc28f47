/*
 * rule.h - when something is worth waking somebody: a rule, and those that are shipped.
 */
#ifndef EARSHOT_MODEL_RULE_H
#define EARSHOT_MODEL_RULE_H

#include "analyzer/model/rule_metric.h"

enum {
	LIMIT_RULES = 128,
	LIMIT_RULE_WINDOWS = 6, /* of different length */
	LIMIT_MUTERS = 4,
	LIMIT_SILENCES = 64,
	LIMIT_HOLIDAYS = 64,
	RULE_SLOTS = 12, /* that a window moves on by */
	RULE_WEEKS = 5,  /* that are remembered */
	WEEK_HOURS = 168,
	RULE_WEEKS_LEAST = 3, /* fewer, and a deviation is none */
};

/* Rules are looked at so often, in packet time. */
#define RULE_TICK (KPI_TICK_S * NS_PER_SEC)

enum rule_schedule {
	SCHEDULE_NONE, /* likewise */
	SCHEDULE_ALWAYS,
	SCHEDULE_BUSINESS,
	SCHEDULE_OFF_HOURS,
	SCHEDULE_COUNT
};

extern const char *const rule_schedule_names[SCHEDULE_COUNT];

/* Which alerts of a rule that begin together are told as one. */
enum rule_group {
	GROUP_NONE, /* not said */
	GROUP_SITE, /* those of a site; all that are of none */
	GROUP_ALL,
	GROUP_NEVER,
	GROUP_COUNT
};

extern const char *const rule_group_names[GROUP_COUNT];

struct rule {
	char name[ALERT_RULE];
	char metric_name[ALERT_METRIC];
	enum alert_scope scope;
	char match[RECORD_TRUNK]; /* name of trunk, site or codec, address; empty: each */
	nstime window;            /* whole ticks */
	enum alert_condition condition;
	double threshold; /* of deviations: robust standard deviations */
	double clear;     /* over once it is back behind that; NAN: as threshold */
	/* Of deviations, in percent of what is expected: less is none, however regular. */
	double least_pct;
	/* Of a share: beyond the threshold by so many standard deviations of what chance
	 * does to so few; 0: as it is. */
	double certainty;
	uint64_t min_samples; /* of fewer nothing is said; deviations: expected ones */
	nstime raise_after, clear_after;
	enum alert_severity severity;
	enum rule_schedule schedule;
	enum rule_group group;
	char muted_by[LIMIT_MUTERS][ALERT_RULE]; /* firing there, they explain it */
	size_t muter_count;
	bool enabled;
	bool always_told;     /* nothing mutes it */
	char doc[ALERT_TEXT]; /* what it means, and why the threshold */

	struct rule_metric metric; /* of rule_resolve */
};

struct rule_list {
	struct rule rules[LIMIT_RULES];
	size_t count;
};

/* Somebody does not want to hear of it. */
struct rule_silence {
	char rule[ALERT_RULE];    /* name; empty: any */
	char match[RECORD_TRUNK]; /* name of a trunk or site, or a peer's address with or
	                           * without its port; empty: any */
	nstime from, until;
};

struct rule rule_default(void);
/* Those that are shipped, resolved. */
void rule_list_default(struct rule_list *list);
struct rule *rule_list_find(struct rule_list *list, struct text name);

/*
 * A rule of which nothing is said yet, but that it is enabled; and what was said of it,
 * over another.  A new threshold makes no sense of the old clear one, which goes.
 */
struct rule rule_unsaid(void);
void rule_take_over(struct rule *rule, const struct rule *said);

/*
 * The bound of Wilson's interval, in percent, of `percent` of `samples` things: the lower
 * one of a value that is to be above, else the upper one.
 */
double rule_certain_share(double percent, uint64_t samples, double certainty, bool above);

/* How many parts a window is cut into, RULE_SLOTS at most; 0: it cannot be. */
unsigned int rule_slots(nstime window);

/*
 * Finds the metric and holds that all of it makes sense; otherwise false, and why stands in
 * `error`.
 */
enum { RULE_ERROR_SIZE = 256 };
bool rule_resolve(struct rule *rule, char error[RULE_ERROR_SIZE]);
/* What that is about: a key of the configuration's alerts.rules. */
const char *rule_wrong_member(const struct rule *rule);

/* Does it look at what came within its window, and not at what is there now? */
bool rule_has_window(const struct rule *rule);
/* So many lengths of windows the rules have that are in use. */
size_t rule_list_windows(const struct rule_list *list);

/*
 * What is said of the rule of that name, which the list has then, where it had none before.
 * false: it makes no sense, or there are too many; why stands in `error`, and the list is
 * as it was.
 */
bool rule_list_say(struct rule_list *list, const struct rule *said,
                   char error[RULE_ERROR_SIZE]);

#endif
