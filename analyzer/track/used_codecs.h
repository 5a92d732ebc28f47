/*
 * used_codecs.h - which codecs were heard, in order of first use.
 */
#ifndef EARSHOT_TRACK_USED_CODECS_H
#define EARSHOT_TRACK_USED_CODECS_H

#include "analyzer/model/record.h"

struct used_codecs {
	uint8_t count;
	bool events;                       /* digits came as events (RFC 4733) */
	uint8_t codecs[RECORD_MAX_CODECS]; /* enum codec; by first use, ties by codec */
	nstime firsts[RECORD_MAX_CODECS];
};

/* Adds one, or moves it forward when it was used earlier than known.  Past the cap: not. */
void used_codecs_add(struct used_codecs *used, enum codec codec, nstime first);

#endif
