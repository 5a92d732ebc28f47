/*
 * claims.h - a small reader of JSON (RFC 8259), for the claims of a token: it walks the
 * members of an object and the elements of an array, and passes over what nobody asked for.
 *
 * It judges no more than it needs to find its way; depth is bounded, nothing recurses, no
 * memory is taken.
 */
#ifndef EARSHOT_WIRE_CLAIMS_H
#define EARSHOT_WIRE_CLAIMS_H

#include "analyzer/base/text.h"

enum { CLAIMS_MAX_DEPTH = 8 };

enum claim_type {
	CLAIM_TYPE_NONE, /* the end, or no JSON */
	CLAIM_TYPE_STRING,
	CLAIM_TYPE_NUMBER,
	CLAIM_TYPE_OBJECT,
	CLAIM_TYPE_ARRAY,
	CLAIM_TYPE_WORD, /* true, false, null */
};

struct claim_value {
	enum claim_type type;
	/* Of a string what is between the quotes, escapes left in; of an object or array
	 * what is between the brackets. */
	struct text text;
};

/* The object or array that is all there is in the text. */
bool claims_open(struct text text, struct claim_value *out);

/* The next member of an object's text; false at its end, and at what is none. */
bool claims_next_member(struct text *rest, struct text *name, struct claim_value *out);

/* The next element of an array's text. */
bool claims_next_element(struct text *rest, struct claim_value *out);

/* The member of that name of an object's text; type NONE when there is none. */
struct claim_value claims_member(struct text object, struct text name);

#endif
