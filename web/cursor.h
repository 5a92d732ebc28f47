/*
 * cursor.h - where a page of a list ended, as an opaque text that a client gives back.  It
 * is bound to its question, so that it cannot be taken for a place in another list, and
 * carries the time of the first page, if that matters: what is relative to now stays where
 * it was.
 */
#ifndef EARSHOT_WEB_CURSOR_H
#define EARSHOT_WEB_CURSOR_H

#include "schema/query.h"

enum { CURSOR_SIZE = 2 * 42 + 1 };

struct cursor {
	nstime now;     /* 0: nothing in the question is relative */
	nstime reached; /* only what is as new is put in order; 0: all */
	struct query_place place;
};

void cursor_write(const struct cursor *cursor, uint64_t question, char to[CURSOR_SIZE]);
/* ERR_MALFORMED: no cursor; ERR_NOT_FOUND: of another question. */
MUST_CHECK enum status cursor_read(struct text t, uint64_t question, struct cursor *out);

#endif
