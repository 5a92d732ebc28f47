/*
 * used_codecs.h - which codecs were heard, in order of first use.
 */
#ifndef EARSHOT_TRACK_USED_CODECS_H
#define EARSHOT_TRACK_USED_CODECS_H

#include "analyzer/model/record.h"

struct used_codecs {
	uint8_t count;
	bool events; /* digits came as events (RFC 4733) */
	struct {
		nstime first;
		enum codec codec;
	} list[RECORD_MAX_CODECS]; /* by first use, ties by codec */
};

/* Adds one, or moves it forward when it was used earlier than known.  Past the cap: not. */
void used_codecs_add(struct used_codecs *used, enum codec codec, nstime first);

#endif
