/*
 * http_date.h - a date as HTTP has it (RFC 9110 section 5.6.7): "Sun, 06 Nov 1994 08:49:37
 * GMT", or one of the two forms of old, "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6
 * 08:49:37 1994".  The day of the week is not looked at.
 */
#ifndef EARSHOT_PROBE_HTTP_DATE_H
#define EARSHOT_PROBE_HTTP_DATE_H

#include "analyzer/base/clock.h"
#include "analyzer/base/status.h"
#include "analyzer/base/text.h"

/* ERR_MALFORMED: it is none. */
MUST_CHECK enum status http_date_read(struct text value, nstime *out);

#endif
