/* sandbox_calls.h - the system calls that a role may make; any other one kills it. */
#ifndef EARSHOT_PROBE_SANDBOX_CALLS_H
#define EARSHOT_PROBE_SANDBOX_CALLS_H

#include "probe/sandbox.h"

/* Nothing is filtered under sanitizers: they make calls of their own. */
MUST_CHECK enum status sandbox_filter_calls(enum sandbox_role role);

#endif
