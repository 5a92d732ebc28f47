/*
 * rules_parts.h - what the rules are made of, for the files rules*.c alone.
 *
 * A scope is one thing that rules are applied to: trunk carrier-a, or one peer.  Rules that
 * want the same kind of scope are a class; each scope has a window for each length that the
 * rules of its class want, and a state for each of those rules.  A state that is not `ok`
 * has an active.
 */
#ifndef EARSHOT_TRACK_RULES_PARTS_H
#define EARSHOT_TRACK_RULES_PARTS_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"
#include "analyzer/track/rules.h"
#include "analyzer/track/rules_baseline.h"

enum {
	RULE_CLASSES = 2 * SCOPE_COUNT, /* a scope, in the caller's view or not */
	RULE_EXAMPLES = ALERT_EXAMPLES,
	RULE_FINDINGS = 512, /* of late, kept for alerts */
	RULE_MUTERS = 1024,  /* alerts that may mute others, at once */
	RULE_GROUPS = 256,
	RULE_NO_COLUMN = UINT8_MAX,
	RULE_NO_WINDOW = UINT8_MAX, /* it looks at what is there */
	RULE_SUBJECT = 96,
};

struct scope_key {
	enum alert_scope scope;
	bool of_calls; /* the caller's view */
	enum kpi_direction direction;
	enum codec codec;
	struct endpoint peer;
	uint64_t about;          /* SCOPE_SUBJECT */
	char name[RECORD_TRUNK]; /* of trunk or site */
};

struct rule_class {
	uint16_t rules[LIMIT_RULES]; /* indices */
	size_t rule_count;
	uint8_t windows[LIMIT_RULE_WINDOWS]; /* indices of the lengths they want */
	size_t window_count;
	bool deviates; /* some of them want the past */
};

/* The slots of a window, the latest at `slot`. */
struct scope_window {
	int64_t slot;
	uint64_t *columns; /* owned; sums, then RULE_SLOTS times those of a slot */
	struct kpi_bins sum, slots[RULE_SLOTS]; /* owned */
};

struct rule_state {
	uint32_t active;           /* its number + 1; 0: ok */
	struct baseline *baseline; /* owned; NULL: none */
};

struct scope_examples {
	uint8_t count; /* the latest first */
	uint64_t calls[RULE_EXAMPLES];
};

struct scope {
	uint64_t hash;
	struct scope_key key;
	const struct rule_class *class; /* borrowed */
	nstime last;                    /* latest of what was added */
	uint32_t actives;
	struct scope_window windows[LIMIT_RULE_WINDOWS];
	uint64_t *hour;            /* owned; columns of this hour; NULL: not wanted */
	bool whole_hour;           /* it has been there since the hour began */
	struct rule_state *states; /* owned; of the rules of its class */
	struct scope_examples examples[FAMILY_COUNT];
};

/* A state that is not `ok`, or a level or fact that may become one. */
struct active {
	uint32_t scope;
	uint16_t rule;  /* index */
	uint16_t place; /* in the class */
	enum alert_state state;
	enum alert_end ended_by; /* of ALERT_OK */
	uint64_t id;
	nstime since, raised, changed;
	double value, worst, threshold, expected;
	uint64_t samples;
	int16_t muter;                /* index of the rule, or below */
	enum alert_news news;         /* of this tick */
	nstime told;                  /* when somebody was told last */
	uint64_t leader;              /* id of the alert it is told with; 0: none */
	uint32_t joined, joined_told; /* how many were ever told with it; told of */
	/* Levels and facts. */
	bool on;             /* the level; of facts: known */
	nstime on_at, until; /* went on; is off by then */
	double level;
	char subject[RULE_SUBJECT], trunk[RECORD_TRUNK];
	struct scope_examples examples; /* of observations */
};

enum { MUTED_BY_NOBODY = -1, MUTED_BY_SILENCE = -2, MUTED_BY_GROUP = -3 };

/* Of one rule at one site, not long behind each other. */
struct alert_group {
	uint64_t key; /* of rule and site */
	uint64_t id;  /* of the alert that is told */
	uint32_t leader;
	nstime latest; /* when the last one joined */
};

struct kept_finding {
	uint64_t call;
	enum finding_code code;
	char sentence[FINDING_TEXT];
};

/* A state that changed at this tick, to be told in the order of ids. */
struct alert_change {
	uint64_t id;
	uint32_t active;
	bool over; /* the active is given back when it has been told */
};

struct rules {
	struct rules_settings settings;
	const struct sink *sink; /* borrowed */
	struct rules_counters counters;
	struct id_builder id_start;

	/* Of the rules, as they want it. */
	struct rule_class classes[RULE_CLASSES];
	nstime windows[LIMIT_RULE_WINDOWS];
	uint8_t rule_window[LIMIT_RULES]; /* index of its length */
	nstime rule_begun[LIMIT_RULES];   /* NSTIME_NONE: with the first record */
	size_t window_count;
	uint8_t column_of[RULE_COUNT_COUNT]; /* RULE_NO_COLUMN: no rule wants it */
	uint8_t count_of[RULE_COUNT_COUNT];  /* of each column */
	size_t column_count;
	bool wants_series[KPI_HISTOGRAM_COUNT];
	bool peers_counted; /* some rule wants figures of each of them */
	int16_t muters[LIMIT_RULES][LIMIT_MUTERS]; /* indices; -1: none */
	bool is_muter[LIMIT_RULES];

	struct pool scopes, actives;
	struct map scope_map;
	uint32_t hand; /* of the search for the quietest scope */
	size_t baselines;
	struct kpi_bins scratch;       /* owned */
	struct kept_finding *findings; /* owned; RULE_FINDINGS, a ring */
	size_t finding_next;

	nstime now;       /* latest record or advance */
	nstime next_tick; /* NSTIME_NONE: nothing has come yet */
	nstime begun;     /* when something came first */
	nstime hour;      /* when the one that `scope.hour` is of began */
	bool learning, capture_bad;
	uint32_t loud[RULE_MUTERS]; /* actives of muters, as of the tick before */
	size_t loud_count;
	struct alert_group groups[RULE_GROUPS];
	size_t group_count;
	bool ungrouped;               /* numbers of actives are others than before */
	struct alert_change *changes; /* owned */
	size_t change_count, change_room;
	struct rule_silence silences[LIMIT_SILENCES];
	size_t silence_count;
};

static inline const struct rule *rule_at(const struct rules *rules, size_t index)
{
	return &rules->settings.rules->rules[index];
}

static inline struct scope *scope_at(const struct rules *rules, uint32_t number)
{
	return pool_at(&rules->scopes, number);
}

static inline struct active *active_at(const struct rules *rules, uint32_t number)
{
	return pool_at(&rules->actives, number);
}

static inline bool is_same(const char *a, const char *b)
{
	return text_equal(text_from(a), text_from(b));
}

static inline bool rule_deviates(const struct rule *rule)
{
	return rule->condition == CONDITION_DEVIATES_ABOVE ||
	       rule->condition == CONDITION_DEVIATES_BELOW;
}

/* --- rules_scope.c: what is counted, and for how long --------------------------------- */

/* Reads what the rules want of counts, histograms and windows. */
void rules_plan(struct rules *rules);

static inline const struct rule_class *class_of(const struct rules *rules,
                                                enum alert_scope scope, bool of_calls)
{
	return &rules->classes[2 * scope + of_calls];
}

/* The scope, made where it is not there; NULL: no rule wants it, or no room, counted. */
struct scope *scope_find(struct rules *rules, const struct scope_key *key);
void scope_free(struct rules *rules, uint32_t number);

/* So many more; bins: NULL, or of histograms. */
void scope_count(struct rules *rules, struct scope *scope, enum rule_count what,
                 uint64_t n);
void scope_add(struct rules *rules, struct scope *scope,
               const uint64_t counts[KPI_COUNT_COUNT], const struct kpi_bins *bins);
void scope_example(struct scope *scope, enum rule_family family, uint64_t call);

/* The window as it is at that time; the histograms are borrowed. */
void scope_sums(struct rules *rules, struct scope *scope, size_t window, nstime at,
                struct rule_sums *out);

/* The clock on the wall; a holiday is a Sunday. */
struct local_hour rules_local(const struct rules *rules, nstime at, bool *holiday);
/* Hours that are over are learnt. */
void rules_turn_hour(struct rules *rules, nstime at);

/* --- rules_note.c: what records say --------------------------------------------------- */

void rules_note(struct rules *rules, const struct record *record);

/* --- rules_state.c: states, at a tick ------------------------------------------------- */

void rules_tick(struct rules *rules, nstime at);
/* The active of that state, made where it is not there; NULL: no room, counted. */
struct active *active_of(struct rules *rules, struct scope *scope, size_t place);
void active_give(struct rules *rules, uint32_t number);
/* It is over for another reason than its value, which the next call tells. */
void active_end(struct rules *rules, uint32_t number, enum alert_end why, nstime at);
/* What has changed goes to the sink, in the order of ids. */
void rules_tell_changes(struct rules *rules, nstime at);
/* Is the rule for that thing?  It may be for one alone. */
bool rule_is_meant(const struct rule *rule, const struct scope_key *key);

/* Somebody was told that it fires, and not that it is over. */
static inline bool active_is_told(const struct active *active)
{
	return active->raised != NSTIME_NONE && active->muter == MUTED_BY_NOBODY;
}

/* --- rules_mute.c: what is told ------------------------------------------------------- */

/* What may mute others, and whether the capture can be trusted. */
void rules_find_loud(struct rules *rules);
/* Of those that have just fired. */
void rules_mute(struct rules *rules, nstime at);
/* Of one that goes on: something else explains it, or nothing does any more; or it has
 * grown. */
bool active_has_news(struct rules *rules, struct active *active, nstime at);
/* Those that fire and are told with it: how many, and the first of their numbers. */
size_t active_members(const struct rules *rules, const struct active *leader,
                      uint32_t *numbers, size_t room);

/* --- rules_alert.c: as a record ------------------------------------------------------- */

uint64_t alert_id(const struct rules *rules, const struct active *active);
void alert_tell(struct rules *rules, uint32_t active, nstime at);
/* The same of an alert whose rule nobody has any more, from its latest record. */
void alert_tell_orphan(struct rules *rules, const struct alert_record *latest, nstime at);
/* As the record has it. */
void active_restore(struct active *active, const struct alert_record *alert);

#endif
