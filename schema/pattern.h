/*
 * pattern.h - a regular expression (PCRE2) that ends: with a limit on the work of each
 * match and without compiling to machine code.
 */
#ifndef EARSHOT_SCHEMA_PATTERN_H
#define EARSHOT_SCHEMA_PATTERN_H

#include "analyzer/base/text.h"

struct pattern;

enum { PATTERN_ERROR_MAX = 128 };

/* ERR_MALFORMED: *at is where (octets from its beginning) and `error` what is wrong. */
MUST_CHECK enum status pattern_new(struct text t, struct pattern **out, size_t *at,
                                   char error[PATTERN_ERROR_MAX]);
void pattern_free(struct pattern *pattern); /* NULL is fine */

/*
 * Does it match anywhere in these octets, valid UTF-8 or not?  Where the limit is reached
 * the answer is no.  One thread at a time.
 */
bool pattern_matches(const struct pattern *pattern, struct text t);

#endif
