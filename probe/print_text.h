/*
 * print_text.h - records as lines for people: aligned, rounded, with units.
 */
#ifndef EARSHOT_PROBE_PRINT_TEXT_H
#define EARSHOT_PROBE_PRINT_TEXT_H

#include "analyzer/model/record.h"
#include "probe/summary.h"
#include "web/buffer.h"

/* Each adds one line without its end and indentation, but for a stream, which may have a
 * second, indented line, and for the summary. */

/* When, how it ended, how long, from whom to whom: of a leg. */
void text_add_outcome(struct buffer *to, const struct record *leg, bool colour);
/* When and how long: of a call without legs. */
void text_add_media_only(struct buffer *to, const struct record *call, bool colour);
/* Between which addresses, under which Call-ID, and what else is to be known. */
void text_add_signalling(struct buffer *to, const struct record *leg);
/* Of the rest what is worth a word: "  by the session timer, on hold 12.0 s". */
void text_add_facts(struct buffer *to, const struct record *leg);
/* Its id, its branches, and the call that it came out of. */
void text_add_call(struct buffer *to, const struct call_record *call);
/* What became of the audio, unless all is well or nothing can be said. */
void text_add_audio(struct buffer *to, const struct record *leg, bool colour);
void text_add_stream(struct buffer *to, const struct record *stream, bool colour);
/* A finding: what went wrong, then, in a line of its own, why we believe so. */
void text_add_finding(struct buffer *to, const struct record *finding, bool colour);
void text_add_report(struct buffer *to, const struct record *report);
void text_add_registration(struct buffer *to, const struct record *registration);
void text_add_encrypted(struct buffer *to, const struct record *encrypted);
void text_add_summary(struct buffer *to, const struct summary *summary);

/* One text from the wire, "–" when it is empty. */
void text_add_wire(struct buffer *to, const char *bytes);
/* "completed", "4.11 nb", ...: "–" when not known. */
void text_add_state(struct buffer *to, enum leg_state state);
void text_add_mos(struct buffer *to, double mos, enum band band);
/* With that many decimals, right-aligned; "–" for NaN. */
void text_add_real(struct buffer *to, double value, int width, int decimals);
/* Pads with blanks to `width` columns since the buffer's length `from`. */
void text_pad(struct buffer *to, size_t from, size_t width);

/* Escape sequences; empty strings without colour. */
enum text_style { STYLE_PLAIN, STYLE_BOLD, STYLE_FAINT, STYLE_BAD, STYLE_WARN };
const char *text_style(enum text_style style, bool colour);

#endif
