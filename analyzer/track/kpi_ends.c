/*
 * kpi_ends.c - at whom a leg or stream counts: the trunks of its two ends, and the
 * addresses of ends that are of none.
 *
 * Addresses are a stranger's choice: so many at once are counted by themselves, and one is
 * forgotten for another when nothing was counted at it for an hour.  All others are the
 * rest.
 */
#include "analyzer/track/kpi.h"

#include <string.h>

enum { PEER_IDLE_S = 3600 };

/* --- peers ---------------------------------------------------------------------------- */

static struct kpi_peer *find(const struct kpis *kpis, const struct address *address,
                             uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&kpis->peer_map, &cursor);
		if (number == MAP_NONE)
			return NULL;
		struct kpi_peer *peer = pool_at(&kpis->peers, number);
		if (peer->hash == hash && address_equal(&peer->address, address))
			return peer;
	}
}

/* The peer that was used least lately goes, if that is long ago. */
static bool make_room(struct kpis *kpis)
{
	const nstime now = kpis->context->now;
	const nstime idle = PEER_IDLE_S * NS_PER_SEC;
	struct kpi_peer *oldest = NULL;
	uint32_t oldest_number = 0;
	if (kpis->peers.live < kpis->peers.cap)
		return true;
	if (now < kpis->peers_full_until)
		return false;
	for (uint32_t i = 0; i < kpis->peers.reach; i++) {
		struct kpi_peer *peer = pool_live(&kpis->peers, i);
		if (peer && (!oldest || peer->used < oldest->used)) {
			oldest = peer;
			oldest_number = i;
		}
	}
	if (!oldest)
		return false;
	kpis->peers_full_until = oldest->used + idle;
	if (now < kpis->peers_full_until)
		return false;
	map_remove(&kpis->peer_map, oldest->hash, oldest_number);
	pool_give(&kpis->peers, oldest_number);
	return true;
}

static struct kpi_peer *open_peer(struct kpis *kpis, const struct address *address,
                                  uint64_t hash)
{
	void *object;
	uint32_t number;
	if (!make_room(kpis)) {
		count(kpis->context, COUNT_KPI_PEERS_IN_REST);
		return NULL;
	}
	enum status status = pool_take(&kpis->peers, &object, &number);
	if (status == OK && (status = map_insert(&kpis->peer_map, hash, number)) != OK)
		pool_give(&kpis->peers, number);
	if (status != OK) {
		context_count_failure(kpis->context, status, COUNT_KPI_PEERS_IN_REST);
		return NULL;
	}
	struct kpi_peer *peer = object;
	peer->address = *address;
	peer->hash = hash;
	address_format(address, peer->name);
	return peer;
}

void kpi_set_peer(struct kpis *kpis, struct kpi_slot *slot, const struct address *address,
                  enum kpi_direction direction)
{
	const uint64_t hash = hash_bytes(&kpis->context->settings.key, address->bytes,
	                                 sizeof address->bytes);
	struct kpi_peer *peer = find(kpis, address, hash);
	if (!peer)
		peer = open_peer(kpis, address, hash);
	slot->stranger = true;
	slot->direction = direction;
	slot->end_hash = peer ? hash : 0;
	if (!peer) {
		text_copy(slot->end, sizeof slot->end, TEXT(KPI_PEER_REST));
		return;
	}
	peer->used = kpis->context->now;
	memcpy(slot->end, peer->name, sizeof peer->name);
}

/* --- ends ----------------------------------------------------------------------------- */

static uint64_t hash_of(const struct kpis *kpis, struct text t)
{
	return t.len ? hash_text(&kpis->context->settings.key, t) : 0;
}

void kpi_set_trunk(const struct kpis *kpis, struct kpi_slot *slot, const char *trunk,
                   enum kpi_direction direction)
{
	const struct text name = text_from(trunk);
	slot->stranger = false;
	slot->direction = direction;
	slot->end_hash = hash_of(kpis, name);
	text_copy(slot->end, sizeof slot->end, name);
}

void kpi_set_prefix(const struct kpis *kpis, struct kpi_slot *slot, const char *prefix)
{
	const struct text text = text_from(prefix);
	slot->prefix_hash = hash_of(kpis, text);
	text_copy(slot->prefix, sizeof slot->prefix, text);
}

enum step { TRUNK_SRC, TRUNK_DST, NAMELESS, PEER_SRC, PEER_DST, STEPS };

bool kpi_next_end(struct kpis *kpis, struct kpi_slot *slot, const struct kpi_ends *ends,
                  unsigned int *step)
{
	static const enum kpi_direction directions[] = { KPI_INBOUND, KPI_OUTBOUND };
	while (*step < STEPS) {
		const enum step at = (enum step)(*step)++;
		const size_t end = at == TRUNK_DST || at == PEER_DST;
		const bool known = ends->trunk[end][0];
		slot->view = at >= PEER_SRC ? KPI_VIEW_PEER : KPI_VIEW_TRUNK;
		if (at == NAMELESS && !ends->trunk[0][0] && !ends->trunk[1][0])
			kpi_set_trunk(kpis, slot, "", KPI_DIRECTION_NONE);
		else if (at < NAMELESS && known)
			kpi_set_trunk(kpis, slot, ends->trunk[end], directions[end]);
		else if (at > NAMELESS && !known &&
		         !address_is_unspecified(ends->address[end]))
			kpi_set_peer(kpis, slot, ends->address[end], directions[end]);
		else
			continue;
		return true;
	}
	return false;
}
