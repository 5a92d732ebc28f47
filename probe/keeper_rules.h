/*
 * keeper_rules.h - the rules as they are now: those of the configuration, which may be read
 * again while the keeper runs, and over them what the API was told.
 */
#ifndef EARSHOT_PROBE_KEEPER_RULES_H
#define EARSHOT_PROBE_KEEPER_RULES_H

#include "probe/keeper_alerts.h"

/* Reads it from `fd`, which it closes; NULL: said why not, also where it is not the one
 * with that digest. */
struct config *keeper_rules_read(int fd, uint64_t digest);

/*
 * Rules, trunks, holidays and working hours of that configuration from now on, which the
 * alerts own then, or which is freed: errors are said, and the former ones stay.
 */
bool keeper_rules_reload(struct keeper_alerts *alerts, struct config *config);

/*
 * What is said of rules (rule_unsaid) from now on, in place of what was: an array that the
 * alerts own then.  One that makes no sense with the configuration is said, and left out.
 */
void keeper_rules_say(struct keeper_alerts *alerts, struct rule *said, size_t count);

#endif
