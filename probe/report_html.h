/*
 * report_html.h - records as one self-contained page: is voice fine here, which calls are
 * the worst and why, with plots, ladder and explanation of each.
 *
 * The page loads nothing, runs no script and names no colour but in its own style sheet,
 * which its Content-Security-Policy names by its hash.  What comes from the wire gets onto
 * it through display_html alone.
 *
 * Memory is bounded: REPORT_BYTES of records wait for the page, of the worst calls first;
 * REPORT_DETAILS calls are shown in full, REPORT_ROWS in the table, and the page says so.
 * Without a wall clock or random numbers: the same records give the same page.
 */
#ifndef EARSHOT_PROBE_REPORT_HTML_H
#define EARSHOT_PROBE_REPORT_HTML_H

#include "analyzer/model/record.h"
#include "probe/summary.h"

enum {
	REPORT_BYTES = 64 << 20,
	REPORT_DETAILS = 500,
	REPORT_ROWS = 10000,
	REPORT_ERROR_SIZE = 512,
};

struct html_report;

/* ERR_NOMEM. */
MUST_CHECK enum status html_report_new(struct html_report **out);

/* A file, or whatever else the records are from; shown in the order of the calls. */
void html_report_source(struct html_report *report, const char *name);

void html_report_record(struct html_report *report, const struct record *record);

/* The account of frames; a page about a single call has none. */
void html_report_summary(struct html_report *report, const struct summary *summary);

/*
 * Writes the page: a file takes the place of `path` when it is whole (probe/new_file.h).
 * False when it could not: `error` says where and why.
 */
MUST_CHECK bool html_report_write(struct html_report *report, const char *path,
                                  char error[REPORT_ERROR_SIZE]);

void html_report_free(struct html_report *report); /* NULL is fine */

#endif
