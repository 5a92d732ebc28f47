/*
 * kpi_cause.h - what the ratios of ITU-T E.425 make of a final code of SIP, or of the Q.850
 * cause in its Reason header, which goes before it; 0: there was none.
 */
#ifndef EARSHOT_MODEL_KPI_CAUSE_H
#define EARSHOT_MODEL_KPI_CAUSE_H

#include <stdbool.h>
#include <stdint.h>

/* Was the called terminal reached, or is known not to be there? */
bool kpi_cause_delivers(uint64_t status, uint64_t q850);
/* Was there no channel? */
bool kpi_cause_wants_channels(uint64_t status, uint64_t q850);

#endif
