/* filter_option.h - --filter of the command line. */
#ifndef EARSHOT_PROBE_FILTER_OPTION_H
#define EARSHOT_PROBE_FILTER_OPTION_H

#include "schema/filter.h"

/*
 * What `text` means of records of that kind, which the caller frees; NULL: said on standard
 * error what is wrong and where.
 */
struct filter *filter_option(const char *command, const char *text, enum record_kind kind);

/* The time by this machine's clock: what a database's times are relative to. */
nstime filter_option_now(void);

#endif
