/*
 * sink.h - where records go.  `accept` copies what it keeps and never calls back.
 */
#ifndef EARSHOT_MODEL_SINK_H
#define EARSHOT_MODEL_SINK_H

#include "analyzer/model/record.h"

struct sink {
	void (*accept)(void *self, const struct record *record);
	void *self;
};

#endif
