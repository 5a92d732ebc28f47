/* filter_time.h - points in time as people write them. */
#ifndef EARSHOT_SCHEMA_FILTER_TIME_H
#define EARSHOT_SCHEMA_FILTER_TIME_H

#include "analyzer/base/clock.h"
#include "analyzer/base/text.h"

/*
 * "now", "-2h", "-1h30m", "+10m": nanoseconds from now; s, m, h, d and w are units.
 * ERR_MALFORMED for anything else, ERR_TOO_LONG beyond a hundred years.
 */
MUST_CHECK enum status filter_time_relative(struct text t, nstime *out);

/*
 * RFC 3339, of which the end may be left out: "2026-01-31", "2026-01-31 09:44",
 * "2026-01-31T09:44:01.25+01:00"; without a zone it is UTC.  Years 1970 to 2199.
 */
MUST_CHECK enum status filter_time_absolute(struct text t, nstime *out);

#endif
