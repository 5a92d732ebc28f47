/*
 * filter.h - the one filter language, for the command line, the API and the pages:
 *
 *     mos_lq_min < 3.6 and trunk = "carrier-a" and start > -2h and (status = 503 or
 * one_way)
 *
 * docs/filter.md tells it to people.  A filter is parsed once, against the field tables,
 * and then either becomes the condition of a SELECT with every value bound, or looks at
 * records in memory; both say the same.  It has two truth values: a comparison with what is
 * not known is false, its negation true.
 */
#ifndef EARSHOT_SCHEMA_FILTER_H
#define EARSHOT_SCHEMA_FILTER_H

#include <sqlite3.h>

#include "analyzer/model/record.h"

enum {
	FILTER_TEXT_MAX = 4096, /* octets of a filter; a URI takes no more */
	FILTER_DEPTH_MAX = 16,  /* parentheses and nots within each other */
	FILTER_NODES_MAX = 512, /* comparisons and what joins them */
	FILTER_VALUES_MAX = 512,
};

/* What is wrong, where, and what was expected instead. */
struct filter_error {
	size_t column; /* characters from the left, from 1 */
	char text[320];
};

struct filter;

/*
 * Reads a filter of records of that kind.  ERR_MALFORMED, ERR_TOO_LONG: *error is filled.
 * ERR_NOMEM likewise.
 */
MUST_CHECK enum status filter_parse(struct text t, enum record_kind kind,
                                    struct filter **out, struct filter_error *error);
void filter_free(struct filter *filter); /* NULL is fine */

/* Does it speak of times relative to now? */
bool filter_is_relative(const struct filter *filter);

/* Does it speak of that field of its own kind of record? */
bool filter_names(const struct filter *filter, const char *field);

/*
 * What the whole filter bounds that time of its own kind of record to, as far as it does by
 * comparisons that all must hold: *from is raised and *to lowered (it is behind the bound).
 * Does it speak of the field in no other way?
 */
bool filter_bounds(const struct filter *filter, const char *field, nstime now, nstime *from,
                   nstime *to);

/* Does it ask for a field of which `hides` says so?  That one; NULL: for none. */
const struct field *filter_asks_for(const struct filter *filter,
                                    bool (*hides)(const struct field *field));

/* Are few records like that, and found at once?  Else one has to look at all of them. */
bool filter_is_indexed(const struct filter *filter);

/* Does it ask for parts of a record, which are rows of their own? */
bool filter_has_parts(const struct filter *filter);

/* --- as SQL --------------------------------------------------------------------------- */

/* What a filter's condition calls, made known to a connection.  A result code of SQLite. */
MUST_CHECK int filter_register(sqlite3 *db);

/*
 * The condition on the rows of a table that the statement calls t, with parameters from
 * ?first on; the caller frees it.  NULL: no memory.
 */
char *filter_condition(const struct filter *filter, int first);

/*
 * Binds what filter_condition left open; the filter must outlive the statement's use.  A
 * result code of SQLite.
 */
MUST_CHECK int filter_bind(const struct filter *filter, sqlite3_stmt *statement, int first,
                           nstime now);

/* --- in memory ------------------------------------------------------------------------ */

/* A record, and those of its call, of which a filter may ask too. */
struct filter_subject {
	const struct record *record;
	const struct record *const *parts; /* legs and streams, in any order */
	size_t part_count;
	nstime now; /* NSTIME_NONE: nothing is true of a relative time */
};

bool filter_matches(const struct filter *filter, const struct filter_subject *subject);

#endif
