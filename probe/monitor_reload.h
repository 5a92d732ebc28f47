/*
 * monitor_reload.h - the configuration, read again while the probe runs.
 */
#ifndef EARSHOT_PROBE_MONITOR_RELOAD_H
#define EARSHOT_PROBE_MONITOR_RELOAD_H

#include "probe/monitor.h"

/*
 * Checks the file and hands it to the engine, which takes what can be taken without losing
 * a call; what needs a restart is said.  A file that is wrong changes nothing.  control: of
 * the engine; -1 = there is none.
 */
void monitor_reload(const struct monitor_options *options, int control);

#endif
