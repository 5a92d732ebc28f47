/*
 * json_scan.h - the values of a JSON text (RFC 8259), one by one with where they stand: for
 * reports of a few dozen numbers, which strangers send.  Nothing is allocated, nothing
 * recurses.  More lenient than the standard where agents are: a comma may be one too many.
 * Strings come as they are written, escapes and all.
 */
#ifndef EARSHOT_WIRE_JSON_SCAN_H
#define EARSHOT_WIRE_JSON_SCAN_H

#include "analyzer/base/status.h"
#include "analyzer/base/text.h"

enum { JSON_DEPTH = 8 };

enum json_type { JSON_TEXT, JSON_NUMBER, JSON_WORD /* true, false, null */ };

struct json_value {
	/* From the outside in: the key, empty within an array, or the number there. */
	struct text keys[JSON_DEPTH];
	uint32_t places[JSON_DEPTH];
	size_t depth;
	enum json_type type;
	struct text text;
};

/* ERR_MALFORMED; ERR_TOO_LONG: deeper than that.  What came before was given. */
MUST_CHECK enum status json_scan(struct text json,
                                 void (*give)(void *self, const struct json_value *value),
                                 void *self);

/* As a number, also where it stands in quotes; NAN: it is none. */
double json_number(const struct json_value *value);

#endif
