/*
 * explain_sources.h - where the inputs of a score are from, and what is to be known beside
 * it, in words: the part of explain.h that is language.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_SOURCES_H
#define EARSHOT_PROBE_EXPLAIN_SOURCES_H

#include "probe/explain.h"

/* Media coverage below which a score tells of a part of the call only. */
#define EXPLAIN_COVERAGE_PCT 90.0

void explain_input_sources(const struct stream_record *stream,
                           struct explained_input inputs[EXPLAIN_INPUTS]);

/* Of Ta; buffer: NULL when none was emulated. */
void explain_delay_sources(const struct stream_record *stream,
                           const struct buffer_record *buffer,
                           struct explained_input parts[EXPLAIN_PARTS]);

/* Why there is no conversational score; of any use only then. */
const char *explain_why_no_delay(const struct stream_record *stream);

/* Of an explanation that is complete but for its notes. */
void explain_add_notes(const struct stream_record *stream, struct explanation *e);

/* "narrowband, ITU-T G.107 (06/2015)"; what a trust letter means, NULL for '-'. */
const char *explain_model(enum band band);

#endif
