/*
 * timeline.h - reads a stream's timeline (stream.timeline, layout in
 * analyzer/model/timeline.h), interval by interval.
 */
#ifndef EARSHOT_SCHEMA_TIMELINE_H
#define EARSHOT_SCHEMA_TIMELINE_H

#include "analyzer/model/timeline.h"

struct timeline_reader {
	struct reader rest; /* borrowed */
	nstime length;      /* of an interval */
	int64_t slot;
	struct timeline_past past;
	struct reader suspects; /* the list at the end, from the next one on */
	int64_t suspect_slot;   /* of the next one */
	uint32_t suspect_lost;  /* 0: there is none */
};

/* ERR_UNSUPPORTED for another version, ERR_MALFORMED for what is no timeline. */
MUST_CHECK enum status timeline_open(struct span blob, struct timeline_reader *out);

/* The next interval; ERR_NOT_FOUND behind the last, ERR_MALFORMED when it is cut short. */
MUST_CHECK enum status timeline_next(struct timeline_reader *reader, struct interval *out);

#endif
