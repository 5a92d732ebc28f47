/*
 * explain_call.h - a call, a leg or a stream explained: its worst direction first, then
 * each leg and direction.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_CALL_H
#define EARSHOT_PROBE_EXPLAIN_CALL_H

#include "probe/dossier.h"
#include "probe/print.h"
#include "web/buffer.h"

struct explain_subject {
	enum record_kind kind; /* RECORD_CALL, RECORD_LEG or RECORD_STREAM */
	uint64_t id;
};

struct explain_style {
	enum print_mode mode; /* PRINT_JSON, else text */
	bool colour;
};

/* Of that dossier, which it sorts. */
void explain_subject(struct dossier *dossier, struct explain_subject subject,
                     struct explain_style style, struct buffer *to);

#endif
