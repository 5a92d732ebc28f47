/*
 * utf8.h - one code point at a time (RFC 3629), strictly: overlong forms, surrogates and
 * what lies beyond U+10FFFF are invalid.
 */
#ifndef EARSHOT_SCHEMA_UTF8_H
#define EARSHOT_SCHEMA_UTF8_H

#include "analyzer/base/text.h"

enum { UTF8_MAX = 4 }; /* bytes of one code point */

/*
 * The code point at the front of t, and in *len the bytes it takes; of an invalid sequence
 * *len is what belongs together (Unicode 15, section 3.9: the maximal subpart), at least
 * 1, and the answer is UTF8_INVALID.  t must not be empty.
 */
#define UTF8_INVALID UINT32_MAX
uint32_t utf8_next(struct text t, size_t *len);

bool utf8_valid(struct text t);

/* Writes the code point's bytes, at most UTF8_MAX, and returns how many. */
size_t utf8_encode(uint32_t code_point, char *to);

#endif
