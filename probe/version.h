/* version.h - the one place that says which version this is. */
#ifndef EARSHOT_PROBE_VERSION_H
#define EARSHOT_PROBE_VERSION_H

#define EARSHOT_VERSION "0.1.0"

#endif
