/*
 * record_base.h - what records of several kinds are made of.
 */
#ifndef EARSHOT_MODEL_RECORD_BASE_H
#define EARSHOT_MODEL_RECORD_BASE_H

#include "analyzer/base/clock.h"
#include "analyzer/base/endpoint.h"
#include "analyzer/model/codec.h"
#include "analyzer/model/packet.h"

enum {
	RECORD_TEXT = 256,    /* Call-ID, URIs */
	RECORD_WORDS = 128,   /* names of software, CNAMEs */
	RECORD_TRUNK = 64,    /* names of trunks */
	RECORD_NAME = 64,     /* of a header */
	RECORD_POINT = 32,    /* of the network */
	RECORD_POINTS = 256,  /* several, with a comma between them */
	RECORD_NUMBER = 24,   /* telephone numbers */
	RECORD_LABEL = 32,    /* what these lead to */
	RECORD_MAX_LEGS = 32, /* ids listed in a call or claiming a stream */
	RECORD_MAX_CODECS = 8,
	RECORD_MAX_TYPES = 8, /* payload types told apart in one stream */
};

/* forward: caller to callee. */
enum direction { DIRECTION_NONE, DIRECTION_FORWARD, DIRECTION_REVERSE, DIRECTION_COUNT };

struct id_list {
	uint8_t count;
	uint64_t ids[RECORD_MAX_LEGS];
};

struct codec_list {
	uint8_t count;
	enum codec codecs[RECORD_MAX_CODECS];
};

#endif
