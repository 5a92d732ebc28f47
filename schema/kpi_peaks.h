/*
 * kpi_peaks.h - what an hour peaked at, of the groups that are asked for most: peaks of
 * single rows cannot be added up.
 */
#ifndef EARSHOT_SCHEMA_KPI_PEAKS_H
#define EARSHOT_SCHEMA_KPI_PEAKS_H

#include <sqlite3.h>

#include "schema/kpi_request.h"

/*
 * What kpi_peak.grouped says of peaks that are kept for rows told apart by `by`; NULL: none
 * are.  What follows from the rest does not count: a trunk has one site, and a peer that is
 * known is a trunk.
 */
const char *kpi_peaks_grouped(enum kpi_view view, unsigned int by);

/*
 * Puts the peaks of the minutes from `start` to before `end` (microseconds) into kpi_peak
 * as those of the hour `start`.  A result code of SQLite.
 */
MUST_CHECK int kpi_peaks_of_hour(sqlite3 *db, int64_t start, int64_t end);

#endif
