/*
 * memory_shares.h - one number for all memory: the cap of each table out of `memory_cap`.
 *
 * Each table has a share of it, and what one entry costs with all that hangs on it: the
 * object, its places in maps and among deadlines, texts as they usually are.  What a
 * stranger may make longer than usual (texts of calls, timelines, fragments, TCP streams)
 * has a cap in bytes instead.  The shares come to less than the whole; the program itself,
 * the libraries and their caches are 64 MiB besides.
 */
#ifndef EARSHOT_MODEL_MEMORY_SHARES_H
#define EARSHOT_MODEL_MEMORY_SHARES_H

#include "analyzer/model/limits.h"

#define MEMORY_CAP_DEFAULT (UINT64_C(512) << 20)
#define MEMORY_CAP_LEAST (UINT64_C(16) << 20)
#define MEMORY_CAP_MOST (UINT64_C(1) << 40)
enum { MEMORY_ENTRIES_MOST = 1 << 27 }; /* of a table */

/*
 * Sets every cap in *limits that is a share, by the default shares; one that is not 0 in
 * *own (NULL = none are) is taken from there instead.  Time-outs, and caps that are no
 * memory, stay as they are.
 */
void memory_shares(uint64_t memory_cap, const struct limits *own, struct limits *limits);

#endif
