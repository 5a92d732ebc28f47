/*
 * pipeline_back.h - the second half of a frame's journey: batches of packets to the
 * analyzer; what it does not claim to those who know other applications.
 */
#ifndef EARSHOT_PROBE_PIPELINE_BACK_H
#define EARSHOT_PROBE_PIPELINE_BACK_H

#include "probe/packet_batch.h"
#include "probe/pipeline.h"

struct back {
	struct analyzer *analyzer;         /* owned */
	struct applications *applications; /* owned; NULL: nobody looks */
	uint64_t claims[CLAIM_COUNT];      /* of datagrams */
	uint64_t reports, malformed_reports;
};

/* Borrows *sink.  ERR_NOMEM: it can be freed all the same. */
MUST_CHECK enum status back_init(struct back *back, const struct pipeline_options *options,
                                 const struct sink *sink);
void back_free(struct back *back); /* what it owns; zeroed is fine */

void back_take(struct back *back, const struct packet_batch *batch);

/* What became of frames; adds to *tally. */
void back_add_tally(const struct back *back, struct frame_tally *tally);
/* The same with all that the analyzer counts; borrows from it. */
void back_add_summary(const struct back *back, struct summary *summary);

#endif
