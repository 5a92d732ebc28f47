/*
 * extract_find.h - the first reading of `earshot extract`: what the analyzer says of every
 * call, and of them the one that the user means.
 */
#ifndef EARSHOT_PROBE_EXTRACT_FIND_H
#define EARSHOT_PROBE_EXTRACT_FIND_H

#include "analyzer/base/status.h"
#include "analyzer/model/sink.h"

/* A SIP message of a leg. */
struct extract_message {
	uint64_t leg, frame; /* frame: the one that completed it */
	nstime at;
	struct endpoint src, dst;
	enum transport transport;
};

struct extract_stream {
	uint64_t call;
	struct endpoint src, dst;
	uint32_t ssrc;
	nstime first, last, final; /* final: as of a leg */
};

struct extract_leg {
	uint64_t call, id;
	nstime start, final; /* final: nothing that comes later belongs to it */
};

enum { EXTRACT_CALLS_SHOWN = 8 };

/* Calls that fit what the user gave. */
struct extract_matches {
	uint64_t calls[EXTRACT_CALLS_SHOWN + 1];
	size_t count; /* at most one more than are shown */
};

struct extract_find {
	struct text wanted; /* borrowed; a SIP Call-ID, or an id or its beginning */
	struct extract_matches by_call_id, by_id;
	struct extract_message *messages; /* owned; by frame once there is a choice */
	struct extract_stream *streams;   /* owned */
	struct extract_leg *legs;         /* owned */
	size_t message_count, message_room;
	size_t stream_count, stream_room;
	size_t leg_count, leg_room;
	bool no_memory;
};

/* For a sink: `self` is a struct extract_find with `wanted` filled, else all zero. */
void extract_find_accept(void *self, const struct record *record);

/* The calls that are meant; a SIP Call-ID goes before ids. */
const struct extract_matches *extract_find_matches(const struct extract_find *find);

/* Forgets everything but that call. */
void extract_find_choose(struct extract_find *find, uint64_t call);

/* Of the chosen call: from its first packet until nothing can belong to it any more. */
struct extract_window {
	nstime from, to;
};
struct extract_window extract_find_window(const struct extract_find *find);

/* The first message that frame completed; NULL: none.  Others in the frame follow it. */
const struct extract_message *extract_find_message(const struct extract_find *find,
                                                   uint64_t frame);

void extract_find_free(struct extract_find *find);

#endif
