#include "analyzer/track/kpi_cells.h"

#include <stdlib.h>
#include <string.h>

enum status kpi_cells_init(struct kpi_cells *cells, struct context *context)
{
	cells->context = context;
	pool_init(&cells->pool, sizeof(struct kpi_cell),
	          (uint32_t)context->settings.limits.kpi_cells);
	return map_init(&cells->map);
}

void kpi_cells_free(struct kpi_cells *cells)
{
	for (uint32_t i = 0; i < cells->pool.reach; i++) {
		struct kpi_cell *cell = pool_live(&cells->pool, i);
		if (cell)
			kpi_bins_free(&cell->bins);
	}
	pool_free(&cells->pool);
	map_free(&cells->map);
}

/* --- finding -------------------------------------------------------------------------- */

static uint64_t hash_of(const struct kpi_cells *cells, const struct kpi_key *key)
{
	struct {
		nstime start;
		uint64_t status;
		char trunk[KPI_TRUNK];
		char prefix[KPI_PREFIX];
		unsigned int view, direction, codec, unused;
	} whole; /* without a gap */
	memset(&whole, 0, sizeof whole);
	whole.start = key->start;
	whole.status = key->status;
	text_copy(whole.trunk, sizeof whole.trunk, text_from(key->trunk));
	text_copy(whole.prefix, sizeof whole.prefix, text_from(key->prefix));
	whole.view = key->view;
	whole.direction = key->direction;
	whole.codec = key->codec;
	return hash_bytes(&cells->context->settings.key, &whole, sizeof whole);
}

static bool same_key(const struct kpi_key *a, const struct kpi_key *b)
{
	return a->start == b->start && a->view == b->view && a->direction == b->direction &&
	       a->codec == b->codec && a->status == b->status &&
	       text_equal(text_from(a->trunk), text_from(b->trunk)) &&
	       text_equal(text_from(a->prefix), text_from(b->prefix));
}

static struct kpi_cell *find(const struct kpi_cells *cells, const struct kpi_key *key,
                             uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&cells->map, &cursor);
		if (number == MAP_NONE)
			return NULL;
		struct kpi_cell *cell = pool_at(&cells->pool, number);
		if (cell->hash == hash && same_key(&cell->key, key))
			return cell;
	}
}

struct kpi_cell *kpi_cell(struct kpi_cells *cells, const struct kpi_key *key)
{
	const uint64_t hash = hash_of(cells, key);
	struct kpi_cell *cell = find(cells, key, hash);
	void *object;
	uint32_t number;
	if (cell)
		return cell;
	if (cells->pool.live > 0 && cells->pool.live >= cells->pool.cap) {
		cells->context->counters.of[COUNT_KPI_GIVEN_EARLY] += cells->pool.live;
		kpi_cells_give(cells);
	}
	enum status status = pool_take(&cells->pool, &object, &number);
	if (status == OK && (status = map_insert(&cells->map, hash, number)) != OK)
		pool_give(&cells->pool, number);
	if (status != OK) {
		count(cells->context, COUNT_NO_MEMORY);
		return NULL;
	}
	cell = object;
	cell->hash = hash;
	cell->key = *key;
	return cell;
}

void kpi_cell_add(struct kpi_cells *cells, struct kpi_cell *cell, enum kpi_series series,
                  uint8_t bin, int64_t n)
{
	if (kpi_bins_add(&cell->bins, series, bin, n) != OK)
		count(cells->context, COUNT_NO_MEMORY);
}

/* --- giving --------------------------------------------------------------------------- */

static uint64_t id_of(const struct kpi_cells *cells, const struct kpi_key *key)
{
	struct id_builder id = id_begin(cells->context, RECORD_KPI);
	id_add_number(&id, (uint64_t)key->start);
	id_add_number(&id, key->view);
	id_add_text(&id, text_from(key->trunk));
	id_add_number(&id, key->direction);
	id_add_text(&id, text_from(key->prefix));
	/* Its name: what follows in the table of codecs must not change old ids. */
	id_add_text(&id, key->codec == CODEC_UNKNOWN ? TEXT("")
	                                             : text_from(codec_name(key->codec)));
	id_add_number(&id, key->status);
	return id_end(&id);
}

struct turn {
	uint64_t id;
	uint32_t number;
};

static int compare(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;
	return (a->id > b->id) - (a->id < b->id);
}

static void give(struct kpi_cells *cells, const struct turn *turn)
{
	struct kpi_cell *cell = pool_at(&cells->pool, turn->number);
	const struct sink *sink = cells->context->sink;
	struct record record = { .kind = RECORD_KPI, .at = cells->context->now };
	uint8_t *tail = malloc(kpi_coded_max(&cell->bins));
	record.kpi.id = turn->id;
	record.kpi.key = cell->key;
	memcpy(record.kpi.counts, cell->counts, sizeof cell->counts);
	if (tail)
		record.tail = (struct span){ tail, kpi_bins_encode(&cell->bins, tail) };
	else
		count(cells->context, COUNT_NO_MEMORY);
	sink->accept(sink->self, &record);
	free(tail);
}

static void forget(struct kpi_cells *cells, uint32_t number)
{
	struct kpi_cell *cell = pool_at(&cells->pool, number);
	map_remove(&cells->map, cell->hash, number);
	kpi_bins_free(&cell->bins);
	pool_give(&cells->pool, number);
}

void kpi_cells_give(struct kpi_cells *cells)
{
	struct turn *turns = calloc(cells->pool.live + (size_t)1, sizeof *turns);
	size_t turn_count = 0;
	if (!turns) {
		count(cells->context, COUNT_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < cells->pool.reach; i++) {
		const struct kpi_cell *cell = pool_live(&cells->pool, i);
		if (cell)
			turns[turn_count++] = (struct turn){ id_of(cells, &cell->key), i };
	}
	qsort(turns, turn_count, sizeof *turns, compare);
	for (size_t i = 0; i < turn_count; i++) {
		give(cells, &turns[i]);
		forget(cells, turns[i].number);
	}
	free(turns);
}
