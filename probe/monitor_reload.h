/*
 * monitor_reload.h - the configuration, read again while the probe runs.
 */
#ifndef EARSHOT_PROBE_MONITOR_RELOAD_H
#define EARSHOT_PROBE_MONITOR_RELOAD_H

#include "probe/monitor.h"
#include "web/buffer.h"

/*
 * Checks the file and hands it to engine and keeper, which take what can be taken without
 * losing a call.  *stays becomes the keys whose change against `begun_with` only a restart
 * takes, which is said, too.  engine, keeper: their controls; -1 = there is none.  Returns
 * the configuration, which is the caller's; NULL: the file is wrong, and nothing has
 * changed.  *receivers: there are others.
 */
struct config *monitor_reload(const struct monitor_options *options,
                              const struct config *begun_with, int engine, int keeper,
                              struct buffer *stays, bool *receivers);

#endif
