/*
 * base64url.h - base64 for URLs and file names (RFC 4648 section 5), as JSON web tokens
 * have it.
 */
#ifndef EARSHOT_WIRE_BASE64URL_H
#define EARSHOT_WIRE_BASE64URL_H

#include "analyzer/base/text.h"

/*
 * Decodes into `to`; *len is the number of bytes.  Without padding as RFC 7515 wants it, or
 * with it as some do; the characters of plain base64 are taken as well.  ERR_MALFORMED,
 * ERR_TOO_LONG when it does not fit.
 */
MUST_CHECK enum status base64url_decode(struct text from, uint8_t *to, size_t size,
                                        size_t *len);

#endif
