/*
 * display.h - how bytes from the wire and our figures look on the outside: one function for
 * each kind of output, and no other way to print what a stranger wrote.
 *
 * Terminals, JSON and CSV get valid UTF-8: an invalid sequence becomes U+FFFD, and a
 * character that would act instead of being seen (controls, line separators, bidirectional
 * and zero-width marks) is spelled out.
 */
#ifndef EARSHOT_WEB_DISPLAY_H
#define EARSHOT_WEB_DISPLAY_H

#include "analyzer/base/clock.h"
#include "web/buffer.h"

enum { DISPLAY_LOG_MAX = 256 }; /* characters of one field in a log line */

/* Would this code point act, or hide, instead of being seen? */
bool display_acts(uint32_t code_point);

/* For a person: such characters become \xNN (below U+0100) or \u{NNNN}. */
void display_text(struct buffer *to, struct text t);

/*
 * HTML text or a quoted attribute, also within inline SVG: as display_text, and the
 * characters that mean something there are references.
 */
void display_html(struct buffer *to, struct text t);

/* How many columns valid UTF-8 takes, one for each code point. */
size_t display_width(struct text t);

/*
 * A JSON string with its quotes.  Such characters, and < > & for pages that embed it,
 * become \u escapes: a parser gives back the same text.
 */
void display_json(struct buffer *to, struct text t);

/*
 * A CSV cell (RFC 4180): quoted always; as display_text, so that a record is one line; with
 * ' in front where a spreadsheet would take it for a formula.
 */
void display_csv(struct buffer *to, struct text t);

/*
 * One field of a log line: everything but printable ASCII, and the backslash, becomes
 * \xNN; cut after DISPLAY_LOG_MAX characters.
 */
void display_log(struct buffer *to, struct text t);

/* "2024-05-01T10:00:00.123456Z"; digits of the second: 3 for people, 6 for programs. */
void display_time(struct buffer *to, nstime t, unsigned int digits);

/* The shortest decimal number that is read back as the same double; null for NaN, infinity.
 */
void display_json_real(struct buffer *to, double value);
/* A string above 2^53, where JavaScript could not keep it. */
void display_json_count(struct buffer *to, uint64_t value);

#endif
