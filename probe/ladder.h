/*
 * ladder.h - a call's SIP messages as arrows between the addresses that sent them, with its
 * media streams where they begin and end.
 */
#ifndef EARSHOT_PROBE_LADDER_H
#define EARSHOT_PROBE_LADDER_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

enum { LADDER_MAX_COLUMNS = 16, LADDER_MAX_EVENTS = 20000 };

struct ladder_event {
	nstime at;
	uint64_t order;  /* of arrival, for events of the same time */
	size_t src, dst; /* columns; a media event has none */
	bool media;
	char label[160]; /* displayable */
};

struct ladder {
	struct ladder_event *events; /* owned */
	size_t count, size;
	size_t left_out; /* events past the limits */
	struct endpoint columns[LADDER_MAX_COLUMNS];
	size_t column_count;
	bool failed; /* out of memory */
};

/* In the order of their times, so that columns stand in the order of appearance. */
void ladder_add_message(struct ladder *ladder, const struct record *message);
void ladder_add_stream(struct ladder *ladder, const struct record *stream);

/* Times are seconds since `start`. */
void ladder_draw(struct ladder *ladder, nstime start, struct buffer *to);

void ladder_free(struct ladder *ladder);

#endif
