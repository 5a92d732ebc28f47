/*
 * rule_body.h - an alert rule as JSON: what is said of one by the API and kept in
 * FILE.state, and a rule as it is.  Members are the keys of alerts.rules in the
 * configuration.
 */
#ifndef EARSHOT_WEB_RULE_BODY_H
#define EARSHOT_WEB_RULE_BODY_H

#include <jansson.h>

#include "analyzer/model/rule.h"

/*
 * What it says, all else as in rule_unsaid; null says nothing.  false: a member is not
 * known or may not be that, and `error` says which.  Whether it makes sense is for
 * rule_list_say.
 */
bool rule_body_read(const json_t *body, struct rule *said, char error[RULE_ERROR_SIZE]);

/* A rule, all of it; null: none, or not for this metric.  NULL: memory ran out. */
json_t *rule_body_of(const struct rule *rule);

#endif
