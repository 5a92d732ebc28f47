/*
 * call_filter.h - lets through the calls that a filter matches, each with everything that
 * belongs to it: held until the call's own record comes, handed on before it.  What belongs
 * to no call is not handed on.
 */
#ifndef EARSHOT_PROBE_CALL_FILTER_H
#define EARSHOT_PROBE_CALL_FILTER_H

#include "analyzer/model/sink.h"
#include "schema/filter.h"

/* Bytes of records that wait for their calls. */
#define CALL_FILTER_MAX_BYTES ((size_t)256 << 20)

struct call_filter;

/*
 * Takes `filter` over, of calls, also when it fails; borrows the sink.  One with times
 * relative to now keeps everything in a nameless temporary file until now is known.  NULL:
 * said on standard error why not.
 */
struct call_filter *call_filter_new(struct filter *filter, const struct sink *sink);

void call_filter_record(struct call_filter *calls, const struct record *record);

/*
 * No more records come.  now: what the filter's times are relative to, the last packet.
 * False: some records were lost, which is said on standard error.
 */
MUST_CHECK bool call_filter_finish(struct call_filter *calls, nstime now);

void call_filter_free(struct call_filter *calls); /* NULL is fine */

#endif
