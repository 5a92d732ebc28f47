#include "analyzer/track/kpi_cells.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/model/trunk.h"

enum status kpi_cells_init(struct kpi_cells *cells, struct context *context)
{
	cells->context = context;
	cells->key = hash_words_key(&context->settings.key);
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

static uint64_t hash_of(const struct kpi_cells *cells, const struct kpi_slot *slot)
{
	const uint64_t kind = (uint64_t)slot->view | (uint64_t)slot->direction << 8 |
	                      (uint64_t)slot->stranger << 16 | (uint64_t)slot->codec << 32;
	return hash_words(&cells->key, (const uint64_t[HASH_WORDS]){
	                                       (uint64_t)slot->start, slot->status, kind,
	                                       slot->end_hash, slot->prefix_hash });
}

/* Of a few characters, most often of none. */
static bool same_text(const char *a, const char *b)
{
	for (; *a == *b; a++, b++)
		if (*a == '\0')
			return true;
	return false;
}

static bool same_slot(const struct kpi_slot *a, const struct kpi_slot *b)
{
	return a->start == b->start && a->view == b->view && a->direction == b->direction &&
	       a->codec == b->codec && a->status == b->status &&
	       a->stranger == b->stranger && a->end_hash == b->end_hash &&
	       a->prefix_hash == b->prefix_hash && same_text(a->end, b->end) &&
	       same_text(a->prefix, b->prefix);
}

static struct kpi_cell *find(const struct kpi_cells *cells, const struct kpi_slot *slot,
                             uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&cells->map, &cursor);
		if (number == MAP_NONE)
			return NULL;
		struct kpi_cell *cell = pool_at(&cells->pool, number);
		if (cell->hash == hash && same_slot(&cell->slot, slot))
			return cell;
	}
}

struct kpi_cell *kpi_cell(struct kpi_cells *cells, const struct kpi_slot *slot)
{
	const uint64_t hash = hash_of(cells, slot);
	struct kpi_cell *cell = find(cells, slot, hash);
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
	cell->slot = *slot;
	return cell;
}

void kpi_cell_add(struct kpi_cells *cells, struct kpi_cell *cell, enum kpi_series series,
                  uint8_t bin, int64_t n)
{
	if (kpi_bins_add(&cell->bins, series, bin, n) != OK)
		count(cells->context, COUNT_NO_MEMORY);
}

/* --- giving --------------------------------------------------------------------------- */

static uint64_t id_of(const struct kpi_cells *cells, const struct kpi_slot *key)
{
	struct id_builder id = id_begin(cells->context, RECORD_KPI);
	id_add_number(&id, (uint64_t)key->start);
	id_add_number(&id, key->view);
	id_add_text(&id, text_from(key->end));
	id_add_number(&id, key->direction);
	id_add_text(&id, text_from(key->prefix));
	/* Its name: what follows in the table of codecs must not change old ids. */
	id_add_text(&id, key->codec == CODEC_UNKNOWN ? TEXT("")
	                                             : text_from(codec_name(key->codec)));
	id_add_number(&id, key->status);
	id_add_number(&id, key->stranger);
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

static struct kpi_key key_of(const struct kpi_cells *cells, const struct kpi_slot *slot)
{
	struct kpi_key key = {
		.start = slot->start,
		.view = slot->view,
		.direction = slot->direction,
		.codec = slot->codec,
		.status = slot->status,
	};
	memcpy(key.prefix, slot->prefix, sizeof key.prefix);
	if (slot->stranger) {
		text_copy(key.peer, sizeof key.peer, text_from(slot->end));
		return key;
	}
	const struct trunk *trunk =
	        trunks_by_name(cells->context->settings.trunks, text_from(slot->end));
	memcpy(key.trunk, slot->end, sizeof key.trunk);
	if (trunk)
		memcpy(key.site, trunk->site, sizeof key.site);
	return key;
}

static void give(struct kpi_cells *cells, const struct turn *turn)
{
	struct kpi_cell *cell = pool_at(&cells->pool, turn->number);
	const struct sink *sink = cells->context->sink;
	struct record record = { .kind = RECORD_KPI, .at = cells->context->now };
	uint8_t *tail = malloc(kpi_coded_max(&cell->bins));
	record.kpi.id = turn->id;
	record.kpi.key = key_of(cells, &cell->slot);
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
			turns[turn_count++] = (struct turn){ id_of(cells, &cell->slot), i };
	}
	qsort(turns, turn_count, sizeof *turns, compare);
	for (size_t i = 0; i < turn_count; i++) {
		give(cells, &turns[i]);
		forget(cells, turns[i].number);
	}
	free(turns);
}
