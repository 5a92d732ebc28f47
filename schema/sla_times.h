/* sla_times.h - between schema/sla.c and schema/sla_times.c: which times count. */
#ifndef EARSHOT_SCHEMA_SLA_TIMES_H
#define EARSHOT_SCHEMA_SLA_TIMES_H

#include "schema/sla.h"

struct sla_times {
	struct spans counted; /* of the month, but for maintenance */
};
void sla_times_free(struct sla_times *times);

/*
 * Fills in what of the month is excluded, blind, measured and unavailable, the incidents
 * and the addresses.  ERR_NOT_FOUND: nothing is known of such a trunk.
 */
MUST_CHECK enum status sla_times_ask(struct query *query,
                                     const struct sla_settings *settings,
                                     struct sla_report *out, struct sla_times *times);

#endif
