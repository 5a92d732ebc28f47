/*
 * monitor_health.h - what only the parent may read of how the probe fares, told to the
 * keeper: the memory of each process, and what interfaces dropped themselves.
 */
#ifndef EARSHOT_PROBE_MONITOR_HEALTH_H
#define EARSHOT_PROBE_MONITOR_HEALTH_H

#include <sys/types.h>

#include "probe/monitor_interfaces.h"

#define MONITOR_HEALTH_EVERY (10 * NS_PER_SEC)

/* How far this machine's clock may be off, by what keeps it (adjtimex(2)). */
void monitor_tell_clock(int keeper_control);
/* A pid of 0: there is none now. */
void monitor_tell_health(int keeper_control, struct interfaces *interfaces, pid_t engine,
                         pid_t keeper);

#endif
