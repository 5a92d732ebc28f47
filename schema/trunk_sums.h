/*
 * trunk_sums.h - what each trunk carried, out of the legs, streams and registrations that
 * are kept; likewise each address that is of no trunk.
 */
#ifndef EARSHOT_SCHEMA_TRUNK_SUMS_H
#define EARSHOT_SCHEMA_TRUNK_SUMS_H

#include "schema/query.h"

struct trunk_sum {
	char peer[RECORD_TRUNK]; /* the trunk's name; of an unknown peer its address */
	bool is_trunk;
	uint64_t legs_in, legs_out; /* from it, to it */
	uint64_t answered, failed;  /* of both; failed: refused, or no response at all */
	uint64_t capacity_rejects;  /* of failed: for want of channels */
	uint64_t legs_peak;         /* at once */
	uint64_t streams;           /* from and to its media addresses */
	double loss_pct;            /* NAN without streams, and so on */
	double mos_lq_mean, mos_lq_min;
	enum band mos_lq_min_band;
	/* Contacts registered there: of these known, and standing when last heard of. */
	uint64_t registrations, registered;
};

struct trunk_sums {
	struct trunk_sum *list; /* owned */
	size_t count, room;
};

/*
 * Trunks by name, then unknown peers, those of most legs and streams first.  A filter of
 * calls leaves out what is of other calls, or of none.
 */
MUST_CHECK enum status trunk_sums_ask(struct query *query, const struct filter *calls,
                                      nstime now, struct trunk_sums *out);
void trunk_sums_free(struct trunk_sums *sums);

#endif
