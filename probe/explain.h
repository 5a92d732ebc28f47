/*
 * explain.h - how a stream's score came about: every input of the E-model with where it is
 * from, the terms, who is charged with which loss, when it was worst, what was assumed and
 * what could not be seen; and whether the same comes out again.
 *
 * Everything is computed anew from the fields of the stream's record, so what is printed is
 * enough to do the same by hand.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_H
#define EARSHOT_PROBE_EXPLAIN_H

#include "analyzer/model/record.h"
#include "analyzer/model/timeline.h"
#include "analyzer/quality/impairment.h"

enum { EXPLAIN_NOTES = 32, EXPLAIN_WORDS = 320 };

struct explained_input {
	const char *name; /* "ie", "bpl", ... */
	double value;     /* NaN: not known */
	const char *unit;
	char trust; /* A, B, C or P of impairment.h; '-': measured, or given by somebody */
	char source[EXPLAIN_WORDS]; /* one sentence */
};

/* Of R; of Ta, in ms, the sum of its parts. */
enum { INPUT_IE, INPUT_BPL, INPUT_PPL, INPUT_BURSTR, INPUT_TA, EXPLAIN_INPUTS };
enum { PART_NETWORK, PART_BUFFER, PART_PTIME, PART_LOOK_AHEAD, EXPLAIN_PARTS };

struct explained_loss {
	const char *name;
	double packets; /* NaN: not known */
	double pct;     /* of the packets expected here, outages included */
	bool charged;   /* in Ppl: those that are add up to it */
	const char *words;
};

enum {
	SHARE_BEFORE, /* on the network, on the way to this probe */
	SHARE_CAPTURE,
	SHARE_OUTAGE,
	SHARE_LATE,   /* arrived, but after the buffer had to play it */
	SHARE_BEHIND, /* on the way from this probe to the receiver, as that tells */
	EXPLAIN_LOSSES
};

/* The conversational score: the same with the delay, where that was measured. */
struct explained_conversation {
	bool measured;
	const char *why_not;
	struct explained_input parts[EXPLAIN_PARTS];
	struct emodel_terms terms;
	double mos_cq;
	bool agrees; /* Ta is the sum of its parts, terms.r the r_cq of the record */
};

struct explained_note {
	bool not_seen; /* says what the probe could not see, else what to make of it */
	char text[EXPLAIN_WORDS];
};

struct explanation {
	bool scored;
	const struct buffer_record *buffer; /* borrowed: what R is of; NULL: not kept */
	struct explained_input inputs[EXPLAIN_INPUTS];
	struct emodel_terms terms; /* of the inputs, computed now */
	double mos_lq;
	double mos_lossless; /* what the codec alone allows */
	bool agrees;         /* terms.r is the r of the record */
	struct explained_loss losses[EXPLAIN_LOSSES];
	double unsuspected_ppl, unsuspected_burstr; /* behind r_unsuspected; NaN: none */
	struct explained_conversation conversation;
	bool has_worst; /* the interval was in the timeline */
	struct interval worst;
	double worst_length_s;
	struct explained_note notes[EXPLAIN_NOTES];
	size_t note_count;
};

/* The tail of the record is the stream's timeline, or empty. */
void explain_stream(const struct record *stream, struct explanation *out);

#endif
