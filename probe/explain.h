/*
 * explain.h - how a stream's score came about: every input of the E-model with where it is
 * from, the terms, what was assumed and not seen, and whether the same comes out again.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_H
#define EARSHOT_PROBE_EXPLAIN_H

#include "analyzer/model/record.h"
#include "analyzer/quality/impairment.h"
#include "probe/buffer.h"

enum { EXPLAIN_INPUTS = 5, EXPLAIN_NOTES = 16 };

struct explained_input {
	const char *name; /* "ie", "bpl", "ppl", "burstr_used", "ta_ms" */
	double value;     /* NaN: not known */
	const char *unit;
	char source[320]; /* one sentence */
};

struct explanation {
	bool scored;
	struct explained_input inputs[EXPLAIN_INPUTS];
	struct emodel_terms terms; /* of the inputs, computed now */
	double mos_lq;
	bool agrees; /* terms.r is the r of the record */
	const char *notes[EXPLAIN_NOTES];
	size_t note_count;
};

void explain_stream(const struct stream_record *stream, struct explanation *out);

/* Several lines for a person; one JSON object on a line. */
void explain_add_text(const struct record *stream, const struct explanation *explanation,
                      struct buffer *to, bool colour);
void explain_add_json(const struct record *stream, const struct explanation *explanation,
                      struct buffer *to);

#endif
