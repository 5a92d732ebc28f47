/*
 * leg_texts.h - what few legs have in words: a list of its own, so that a leg without any
 * costs a pointer.
 */
#ifndef EARSHOT_TRACK_LEG_TEXTS_H
#define EARSHOT_TRACK_LEG_TEXTS_H

#include <stddef.h>

#include "analyzer/base/text.h"

enum leg_text_kind {
	LEG_TEXT_CAUSE,   /* of a Reason header */
	LEG_TEXT_VIA_SRC, /* hosts, where they are not the packet's source */
	LEG_TEXT_CONTACT_SRC,
	LEG_TEXT_CONTACT_DST,
	LEG_TEXT_SDP_SRC,
	LEG_TEXT_SDP_DST,
	LEG_TEXT_ASSERTED,
	LEG_TEXT_CONNECTED,
	LEG_TEXT_DIVERTED_FROM,
	LEG_TEXT_REPLACES,
	LEG_TEXT_REFER_TO,
	LEG_TEXT_REFERRED_BY,
	LEG_TEXT_CONFERENCE,
	LEG_TEXT_STIR_ORIG,
	LEG_TEXT_STIR_DEST,
	LEG_TEXT_KINDS
};

struct leg_text;

struct leg_texts {
	struct leg_text *first; /* owned */
	bool no_memory;         /* one could not be kept: to be counted, then cleared */
};

/* Keeps at most `most` characters; the first word of a kind counts, later ones do not. */
void leg_texts_keep(struct leg_texts *texts, enum leg_text_kind kind, struct text text,
                    size_t most);
/* The latest word counts; an empty one takes it away. */
void leg_texts_replace(struct leg_texts *texts, enum leg_text_kind kind, struct text text,
                       size_t most);
/* Empty when there is none. */
struct text leg_texts_get(const struct leg_texts *texts, enum leg_text_kind kind);
/* Of all of them, in bytes of memory. */
size_t leg_texts_memory(const struct leg_texts *texts);
/* Into a record's array; "" when there is none. */
void leg_texts_copy(const struct leg_texts *texts, enum leg_text_kind kind, char *to,
                    size_t size);
void leg_texts_free(struct leg_texts *texts);

#endif
