/*
 * kpi_pair.c - who dials again: the same caller to the same number within a minute of the
 * end of the call before.
 *
 * Calls come as they become final, which is nearly the order in which they end: one that
 * the probe waited for longer may come behind the one that followed it.
 */
#include "analyzer/track/kpi.h"

static struct kpi_pair *find(const struct kpis *kpis, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&kpis->pair_map, &cursor);
		if (number == MAP_NONE)
			return NULL;
		struct kpi_pair *pair = pool_at(&kpis->pairs, number);
		if (pair->hash == hash)
			return pair;
	}
}

/* The one that has been there longest: numbers are given out in turn. */
static void evict(struct kpis *kpis)
{
	const uint32_t number = kpis->pair_hand++ % kpis->pairs.reach;
	const struct kpi_pair *pair = pool_live(&kpis->pairs, number);
	if (!pair)
		return;
	if (pair->until + KPI_REDIAL_S * NS_PER_SEC > kpis->context->now)
		count(kpis->context, COUNT_KPI_PAIRS_EVICTED);
	map_remove(&kpis->pair_map, pair->hash, number);
	pool_give(&kpis->pairs, number);
}

static struct kpi_pair *open_pair(struct kpis *kpis, uint64_t hash)
{
	void *object;
	uint32_t number;
	if (kpis->pairs.live > 0 && kpis->pairs.live >= kpis->pairs.cap)
		evict(kpis);
	enum status status = pool_take(&kpis->pairs, &object, &number);
	if (status == OK && (status = map_insert(&kpis->pair_map, hash, number)) != OK)
		pool_give(&kpis->pairs, number);
	if (status != OK) {
		context_count_failure(kpis->context, status, COUNT_KPI_PAIRS_EVICTED);
		return NULL;
	}
	struct kpi_pair *pair = object;
	pair->hash = hash;
	return pair;
}

static void count_again(struct kpis *kpis, const struct kpi_slot *slot)
{
	struct kpi_cell *cell = kpi_cell(&kpis->cells, slot);
	if (cell)
		cell->counts[KPI_REDIALS]++;
}

static bool follows(nstime start, nstime until)
{
	return start >= until && start - until <= KPI_REDIAL_S * NS_PER_SEC;
}

void kpi_note_pair(struct kpis *kpis, uint64_t hash, nstime start, nstime until,
                   const struct kpi_slot *slot)
{
	struct kpi_pair *last = find(kpis, hash);
	if (last && last->start > start) {
		if (!last->again && follows(last->start, until)) {
			last->again = true;
			count_again(kpis, &last->slot);
		}
		return;
	}
	const bool again = last && follows(start, last->until);
	if (again)
		count_again(kpis, slot);
	if (!last)
		last = open_pair(kpis, hash);
	if (!last)
		return;
	last->start = start;
	last->until = until;
	last->again = again;
	last->slot = *slot;
}
