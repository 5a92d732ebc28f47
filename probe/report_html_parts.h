/*
 * report_html_parts.h - the pieces of which report_html.c makes its page.  All add markup
 * that is whole in itself: what they open they close.
 */
#ifndef EARSHOT_PROBE_REPORT_HTML_PARTS_H
#define EARSHOT_PROBE_REPORT_HTML_PARTS_H

#include "analyzer/model/record.h"
#include "probe/dossier.h"
#include "web/buffer.h"

struct kept_call;

/* --- small things (report_html_parts.c) --- */

/* Text of our own or from the wire; a dash where it is empty. */
void html_text(struct buffer *to, const char *bytes);
/* A dash for NaN. */
void html_real(struct buffer *to, double value, int decimals);
void html_count(struct buffer *to, uint64_t number);
/* "1 call", "2 calls". */
void html_things(struct buffer *to, uint64_t number, const char *thing);
/* A <time> with the date; without it and the fraction. */
void html_time(struct buffer *to, nstime t);
void html_clock(struct buffer *to, nstime t);
void html_duration(struct buffer *to, double seconds);
void html_route(struct buffer *to, const struct endpoint *src, const struct endpoint *dst);
/* A MOS with its band, on the colour of its R on the common axis. */
void html_mos(struct buffer *to, double mos, enum band band, double r);
/* "good", "fair", "poor", "bad" or "none", as the style sheet has it. */
const char *html_rating(double common_r);
/* <pre> of what is displayable already: escaped line by line. */
void html_pre(struct buffer *to, struct text text);

/* The word of a record's member; NULL: it is not known. */
const char *report_word(const struct record *record, const char *name);
/* The list of a flags member, "a, b"; nothing when there are none. */
void report_flags(struct buffer *to, const struct record *record, const char *name);

/* --- the style sheet, and its hash as the policy names it (report_html_style.c) --- */

/* A page's beginning, up to its <body>; title: markup. */
void report_begin(struct buffer *to, const char *title);

/* --- plots (report_html_plot.c) --- */

/* A stream's intervals from its timeline, against the wall clock. */
void plot_timeline(struct buffer *to, const struct record *stream);
void plot_histogram(struct buffer *to, const struct histogram *pdv);

/* --- a direction (report_html_stream.c), a call (report_html_call.c) --- */

/* The dossier is that of its call: what endpoints claim is in it. */
void report_add_stream(struct buffer *to, const struct record *stream,
                       const struct dossier *dossier);

/* The place on the page that its row points to is called "c" and the id. */
void report_add_call(struct buffer *to, const struct kept_call *call, bool open);

/* In a few words: what became of it, and why it is where it is in the table. */
void report_add_outcome(struct buffer *to, const struct kept_call *call);

#endif
