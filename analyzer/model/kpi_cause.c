#include "analyzer/model/kpi_cause.h"

#include "analyzer/base/status.h"

enum { INTERWORKING = 127 }; /* what RFC 3398 makes of codes it does not list */

/*
 * RFC 3398 section 7.2.4.1; 488 and 606, which it leaves to the Warning header, as "normal,
 * unspecified".  NER wants user busy, ring no answer and terminal rejection or
 * unavailability: 17, 18, and of the 21 only what a person does (603): the others are a
 * server's refusal.
 */
const struct kpi_cause kpi_causes[] = {
	{ 400, 41, false },  { 401, 21, false },  { 402, 21, false },  { 403, 21, false },
	{ 404, 1, false },   { 405, 63, false },  { 406, 79, false },  { 407, 21, false },
	{ 408, 102, false }, { 410, 22, false },  { 413, 127, false }, { 414, 127, false },
	{ 415, 79, false },  { 416, 127, false }, { 420, 127, false }, { 421, 127, false },
	{ 423, 127, false }, { 480, 18, true },   { 481, 41, false },  { 482, 25, false },
	{ 483, 25, false },  { 484, 28, false },  { 485, 1, false },   { 486, 17, true },
	{ 488, 31, false },  { 500, 41, false },  { 501, 79, false },  { 502, 38, false },
	{ 503, 41, false },  { 504, 102, false }, { 505, 127, false }, { 513, 127, false },
	{ 600, 17, true },   { 603, 21, true },   { 604, 1, false },   { 606, 31, false },
};
const size_t kpi_cause_count = ARRAY_LEN(kpi_causes);

static const struct kpi_cause *find(uint64_t status)
{
	for (size_t i = 0; i < kpi_cause_count; i++) {
		if (kpi_causes[i].status == status)
			return &kpi_causes[i];
	}
	return NULL;
}

uint8_t kpi_cause_of(uint64_t status)
{
	const struct kpi_cause *cause = find(status);
	if (cause)
		return cause->cause;
	return status < 400 || status == 487 ? 0 : INTERWORKING;
}

bool kpi_cause_delivers(uint64_t status, uint64_t q850)
{
	const struct kpi_cause *cause = find(status);
	if (q850) /* user busy, no user responding, no answer, absent, call rejected */
		return q850 >= 17 && q850 <= 21;
	return cause && cause->delivered;
}

/* 503 is what gateways make of these causes (RFC 3398 section 8.2.6.1). */
bool kpi_cause_wants_channels(uint64_t status, uint64_t q850)
{
	if (q850) /* no circuit, congestion, channel not available, resource unavailable */
		return q850 == 34 || q850 == 42 || q850 == 44 || q850 == 47;
	return status == 503;
}
