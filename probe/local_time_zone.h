/*
 * local_time_zone.h - what the system knows of a time zone, as data for the analyzer.
 */
#ifndef EARSHOT_PROBE_LOCAL_TIME_ZONE_H
#define EARSHOT_PROBE_LOCAL_TIME_ZONE_H

#include <stdbool.h>

#include "analyzer/model/local_time.h"

/*
 * `zone`: a name of the IANA time zone database; UTC, where the system does not know it.
 * Uses the time zone of the process meanwhile: before there are threads.
 */
void local_time_of_zone(const char *zone, struct local_time *out);

/* Does the system know a zone of that name? */
bool local_time_is_zone(const char *zone);

#endif
