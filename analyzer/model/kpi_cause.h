/*
 * kpi_cause.h - SIP final codes as Q.850 causes (RFC 3398 section 7.2.4.1), and what the
 * ratios of ITU-T E.425 make of them.
 */
#ifndef EARSHOT_MODEL_KPI_CAUSE_H
#define EARSHOT_MODEL_KPI_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kpi_cause {
	uint16_t status;
	uint8_t cause;  /* Q.850 */
	bool delivered; /* the called terminal was reached, or is known not to be there */
};

/* In the order of status. */
extern const struct kpi_cause kpi_causes[];
extern const size_t kpi_cause_count;

/* The Q.850 cause; 0: none (1xx to 3xx, 487). */
uint8_t kpi_cause_of(uint64_t status);
/*
 * Was the called terminal reached, or is known not to be there?  By the Q.850 cause of a
 * Reason header where there was one, else by the final code; 0: none.
 */
bool kpi_cause_delivers(uint64_t status, uint64_t q850);
/* Was there no channel? */
bool kpi_cause_wants_channels(uint64_t status, uint64_t q850);

#endif
