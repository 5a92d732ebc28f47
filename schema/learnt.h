/*
 * learnt.h - how much is known of what is usual, for each rule that compares with past
 * weeks, as the probe kept it last (table alert_baseline).
 */
#ifndef EARSHOT_SCHEMA_LEARNT_H
#define EARSHOT_SCHEMA_LEARNT_H

#include "analyzer/model/rule.h"
#include "schema/query.h"

struct learnt {
	char rule[ALERT_RULE];
	uint64_t subjects;  /* trunks, sites ... of which something is known */
	unsigned int weeks; /* that are known, of the hour and subject with the most */
	double known_pct;   /* of the hours of all of them, those with enough weeks */
};

/* Of all rules of which anything is kept; *out is owned by who asks. */
MUST_CHECK enum status query_learnt(struct query *query, struct learnt **out,
                                    size_t *count);

/* NULL: nothing is known. */
const struct learnt *learnt_of(const struct learnt *list, size_t count, const char *rule);
/* So many weeks more, and the first of its hours is known; 0: some are. */
unsigned int learnt_missing_weeks(const struct learnt *learnt); /* NULL is fine */
static inline bool rule_learns(const struct rule *rule)
{
	return rule->condition == CONDITION_DEVIATES_ABOVE ||
	       rule->condition == CONDITION_DEVIATES_BELOW;
}

#endif
