/*
 * kpi_cells.h - the buckets of key performance indicators that wait to be given: what has
 * come to each since it was last given.  When there is no room for another, all are given.
 */
#ifndef EARSHOT_TRACK_KPI_CELLS_H
#define EARSHOT_TRACK_KPI_CELLS_H

#include <assert.h>

#include "analyzer/base/map.h"
#include "analyzer/base/pool.h"
#include "analyzer/track/context.h"

/*
 * A bucket's key (struct kpi_key), in less room: an end is of a trunk or it is not, and the
 * site is that of the trunk.
 */
struct kpi_slot {
	nstime start;
	enum kpi_view view;
	enum kpi_direction direction;
	char end[KPI_TRUNK]; /* name of the trunk; of a stranger, its address; empty: none
	                      */
	bool stranger;
	char prefix[KPI_PREFIX];
	uint64_t end_hash, prefix_hash; /* of these texts; of an empty one 0 */
	enum codec codec;
	uint64_t status;
};
static_assert((int)KPI_PEER <= (int)KPI_TRUNK, "an address fits where a name does");

struct kpi_cell {
	uint64_t hash;
	struct kpi_slot slot;
	uint64_t counts[KPI_COUNT_COUNT];
	struct kpi_bins bins; /* owned */
};

struct kpi_cells {
	struct context *context; /* borrowed */
	struct hash_words_key key;
	struct pool pool;
	struct map map;
};

MUST_CHECK enum status kpi_cells_init(struct kpi_cells *cells, struct context *context);
void kpi_cells_free(struct kpi_cells *cells);

/* The bucket, until the next call of this or the next function; NULL: no memory, counted.
 */
struct kpi_cell *kpi_cell(struct kpi_cells *cells, const struct kpi_slot *slot);
/* Adds to its bins; what finds no memory is counted. */
void kpi_cell_add(struct kpi_cells *cells, struct kpi_cell *cell, enum kpi_series series,
                  uint8_t bin, int64_t n);

/* Gives all, in the order of their ids, and forgets them. */
void kpi_cells_give(struct kpi_cells *cells);

/* Is it time to give them, before there is no room? */
static inline bool kpi_cells_are_many(const struct kpi_cells *cells)
{
	return cells->pool.live > cells->pool.cap / 4 * 3;
}

/* The minute of that time. */
static inline nstime kpi_minute(nstime at)
{
	const nstime minute = KPI_MINUTE_S * NS_PER_SEC;
	const nstime past = at % minute;
	return at - past - (past < 0 ? minute : 0);
}

#endif
