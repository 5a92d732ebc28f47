#include "analyzer/model/kpi_cause.h"

/*
 * NER wants user busy, ring no answer and terminal rejection or unavailability.  Of the
 * codes that RFC 3398 section 7.2.4.1 has, these are 486 and 600 (cause 17), 480 (18), and
 * of those of cause 21 only what a person does, 603: the others are a server's refusal.
 */
bool kpi_cause_delivers(uint64_t status, uint64_t q850)
{
	if (q850) /* user busy, no user responding, no answer, absent, call rejected */
		return q850 >= 17 && q850 <= 21;
	return status == 480 || status == 486 || status == 600 || status == 603;
}

/* 503 is what gateways make of these causes (RFC 3398 section 8.2.6.1). */
bool kpi_cause_wants_channels(uint64_t status, uint64_t q850)
{
	if (q850) /* no circuit, congestion, channel not available, resource unavailable */
		return q850 == 34 || q850 == 42 || q850 == 44 || q850 == 47;
	return status == 503;
}
