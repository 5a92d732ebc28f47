/*
 * kpi_request.h - what may be asked of KPI buckets, and what it is called: for the command
 * line and the API alike.
 */
#ifndef EARSHOT_SCHEMA_KPI_REQUEST_H
#define EARSHOT_SCHEMA_KPI_REQUEST_H

#include "analyzer/model/kpi_definition.h"
#include "schema/filter.h"
#include "schema/kpi_zone.h"

/* What rows are told apart by. */
enum kpi_by {
	KPI_BY_TRUNK = 1 << 0,
	KPI_BY_DIRECTION = 1 << 1,
	KPI_BY_PREFIX = 1 << 2,
	KPI_BY_CODEC = 1 << 3,
	KPI_BY_CODE = 1 << 4, /* final SIP status */
	KPI_BY_HOUR_OF_WEEK = 1 << 5,
	KPI_BY_SITE = 1 << 6,
	KPI_BY_PEER = 1 << 7, /* the trunk, or the address of what is of none */
};

enum kpi_step { KPI_STEP_NONE, KPI_STEP_MINUTE, KPI_STEP_HOUR, KPI_STEP_DAY };

enum { KPI_COLUMNS_MAX = 64 };

/* Figures, in the order in which they were asked for. */
struct kpi_columns {
	const struct kpi_definition *list[KPI_COLUMNS_MAX];
	size_t count;
};

struct kpi_request {
	enum kpi_view view; /* NONE: the one that `by` needs, else that of legs */
	unsigned int by;    /* enum kpi_by */
	enum kpi_step step;
	nstime from, to;             /* NSTIME_NONE: all there is */
	const struct kpi_zone *zone; /* borrowed; of hours, days and hours of the week;
	                                NULL: that of the database */
	bool no_peaks;               /* nobody wants peaks: they are 0 */
	bool minutes_alone;          /* not out of hours and days that were added up */
	bool bounded;        /* only so far back as takes some tens of milliseconds */
	bool start_is_bound; /* set by kpi_ask: `from` and `to` say all that the filter says
	                        of it */
	const struct filter *filter; /* borrowed, of RECORD_KPI; NULL: all */
	nstime now;                  /* what the filter's times are relative to */
};

/*
 * Settles the view.  Returns what is wrong with the request, for people; NULL: nothing.
 */
const char *kpi_request_check(struct kpi_request *request);

/* Sets no_peaks, if none of the figures takes one. */
void kpi_request_columns(struct kpi_request *request, const struct kpi_columns *columns);

/*
 * Are rows told apart, or left out, by what is only known when all is over?  Then nothing
 * is known of what was in progress.
 */
bool kpi_request_is_by_end(const struct kpi_request *request);

/* --- words ---------------------------------------------------------------------------- */

enum kpi_word { KPI_WORD_BY, KPI_WORD_STEP, KPI_WORD_VIEW, KPI_WORD_COUNT };

/* What the word of that kind stands for; 0: nothing. */
unsigned int kpi_word_value(enum kpi_word kind, struct text word);
/* All words of that kind, for people: "minute, hour, day". */
const char *kpi_words(enum kpi_word kind);
/* The word for that value; "" of 0. */
const char *kpi_word_of(enum kpi_word kind, unsigned int value);

/* Several of KPI_WORD_BY with commas; false: *unknown is none. */
MUST_CHECK bool kpi_read_by(struct text list, unsigned int *by, struct text *unknown);

/* Their names with commas; false: *unknown is none, or one too many. */
MUST_CHECK bool kpi_read_columns(struct text list, struct kpi_columns *columns,
                                 struct text *unknown);
void kpi_all_columns(struct kpi_columns *columns);

#endif
