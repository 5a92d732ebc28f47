/*
 * keeper_rules.h - the rules as they are now: those of the configuration, which may be read
 * again while the keeper runs.
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

#endif
