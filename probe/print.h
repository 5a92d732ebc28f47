/*
 * print.h - records as people or programs want them: text, one JSON object a line, or CSV.
 * What the fields are comes from their tables (analyzer/model/record.h), how bytes from the
 * wire are shown from display.h.
 */
#ifndef EARSHOT_PROBE_PRINT_H
#define EARSHOT_PROBE_PRINT_H

#include <stdio.h>

#include "analyzer/model/record.h"
#include "probe/summary.h"

enum print_mode { PRINT_TEXT, PRINT_JSON, PRINT_CSV };

struct print_options {
	enum print_mode mode;
	FILE *out; /* borrowed */
	enum record_kind
	        csv_kind; /* the one kind that CSV shows: they have other columns */
	bool messages;    /* JSON: SIP messages too */
	bool kpis;        /* JSON: KPI buckets too */
	bool intervals;   /* JSON: behind a stream those of its timeline */
	bool colour;      /* text; see print_wants_colour */
};

struct printer;

/* ERR_NOMEM. */
MUST_CHECK enum status printer_new(const struct print_options *options,
                                   struct printer **out);

/*
 * Text is printed call by call: a call's legs and streams are held until the call's own
 * record comes (PRINT_HELD_MAX bytes of all calls together; beyond that they are printed as
 * they come), streams without a call, registrations and encrypted signalling until the end.
 */
void printer_record(struct printer *printer, const struct record *record);

/* The last thing to be printed; CSV has none. */
void printer_summary(struct printer *printer, const struct summary *summary);

/* Prints what is still held; false when anything could not be written or kept. */
MUST_CHECK bool printer_finish(struct printer *printer);

void printer_free(struct printer *printer); /* NULL is fine */

/* Is this a terminal whose owner has not set NO_COLOR? */
bool print_wants_colour(FILE *out);

/* Name of a kind that CSV can show: any but messages; false for anything else. */
bool print_csv_kind(const char *name, enum record_kind *out);

#endif
