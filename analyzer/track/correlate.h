/*
 * correlate.h - legs with different Call-IDs that say of themselves that they are one
 * conversation: by Session-ID (RFC 7989), by a header that both carry or in which one names
 * the other, or by a Call-ID that is another's with something before or behind it.
 *
 * A key is the hash of what such a header says.  Each set of dialogs keeps the keys that it
 * was seen with until its tombstone goes.
 */
#ifndef EARSHOT_TRACK_CORRELATE_H
#define EARSHOT_TRACK_CORRELATE_H

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/model/record.h"
#include "analyzer/track/context.h"

/* Dialogs to one number within some seconds; of more nobody can tell which is which. */
enum { CALLS_TO_ONE = 32 };

struct join_key {
	uint64_t hash;
	uint32_t set;
	uint32_t next_of_set; /* number + 1 */
};

struct correlation {
	struct pool keys;
	struct map map;
	uint64_t name_bits; /* sip_name_bit of each header that is looked for */
};

/* What says that two sets of dialogs are of one call. */
struct join_evidence {
	enum joined_by by;
	uint32_t matches;   /* packets; 0: not by media */
	float offset_ms;    /* of these */
	const char *header; /* its name; borrowed from settings or constant; NULL: none */
	uint64_t value;     /* hash of what it said */
	uint64_t leg;       /* the first of the other set */
};

MUST_CHECK enum status correlation_init(struct correlation *correlation,
                                        const struct settings *settings);
void correlation_free(struct correlation *correlation);

#endif
