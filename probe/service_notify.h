/*
 * service_notify.h - tells the service manager how things are (sd_notify(3)): a datagram to
 * the socket that it names in the environment.  Without one, nothing happens.
 */
#ifndef EARSHOT_PROBE_SERVICE_NOTIFY_H
#define EARSHOT_PROBE_SERVICE_NOTIFY_H

#include "analyzer/base/clock.h"

/* "READY=1", "STOPPING=1", several with line ends between them. */
void service_notify(const char *state);

/* How often the service manager wants to hear "WATCHDOG=1" at least; 0 = not at all. */
nstime service_watchdog(void);

#endif
