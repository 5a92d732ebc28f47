/* media_node.c - transport addresses of media, and who cares about each. */
#include "analyzer/track/media.h"

enum { NODES_PER_RTCP = 64 };

static uint64_t hash_of(const struct media *media, const struct endpoint *at)
{
	return hash_bytes(&media->context->settings.key, at, sizeof *at);
}

static uint32_t find(const struct media *media, const struct endpoint *at, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (;;) {
		const uint32_t number = map_next(&media->node_map, &cursor);
		if (number == MAP_NONE)
			return MAP_NONE;
		const struct media_node *node = pool_at(&media->nodes, number);
		if (endpoint_equal(&node->at, at))
			return number;
	}
}

uint32_t media_node_find(const struct media *media, const struct endpoint *at)
{
	return find(media, at, hash_of(media, at));
}

uint32_t media_node_get(struct media *media, const struct endpoint *at)
{
	const uint64_t hash = hash_of(media, at);
	uint32_t number = find(media, at, hash);
	if (number != MAP_NONE)
		return number;
	void *object;
	if (pool_take(&media->nodes, &object, &number) != OK)
		return MAP_NONE;
	struct media_node *node = object;
	node->at = *at;
	node->hash = hash;
	if (map_insert(&media->node_map, hash, number) != OK) {
		pool_give(&media->nodes, number);
		return MAP_NONE;
	}
	return number;
}

static void forget_rtcp(struct media *media, struct media_node *node, uint32_t number)
{
	if (node->rtcp.port)
		map_remove(&media->rtcp_map, hash_of(media, &node->rtcp), number);
	node->rtcp = (struct endpoint){ 0 };
}

/* Nodes that say so of one address must not pile up in one place of the map. */
static bool is_crowded(const struct media *media, uint64_t hash)
{
	struct map_cursor cursor = map_cursor_of(hash);
	for (unsigned int i = 0; i < NODES_PER_RTCP; i++)
		if (map_next(&media->rtcp_map, &cursor) == MAP_NONE)
			return false;
	return true;
}

void media_node_set_rtcp(struct media *media, uint32_t number, const struct endpoint *rtcp)
{
	struct media_node *node = pool_at(&media->nodes, number);
	if (endpoint_equal(&node->rtcp, rtcp))
		return;
	forget_rtcp(media, node, number);
	if (is_crowded(media, hash_of(media, rtcp)))
		return;
	if (map_insert(&media->rtcp_map, hash_of(media, rtcp), number) == OK)
		node->rtcp = *rtcp;
	else
		count(media->context, COUNT_NO_MEMORY);
}

uint32_t media_node_of_rtcp(const struct media *media, const struct endpoint *rtcp)
{
	if (media->rtcp_map.used == 0)
		return MAP_NONE; /* as nearly always */
	struct map_cursor cursor = map_cursor_of(hash_of(media, rtcp));
	uint32_t number;
	while ((number = map_next(&media->rtcp_map, &cursor)) != MAP_NONE) {
		const struct media_node *node = pool_at(&media->nodes, number);
		if (endpoint_equal(&node->rtcp, rtcp))
			return number;
	}
	return MAP_NONE;
}

void media_node_drop(struct media *media, uint32_t number)
{
	struct media_node *node = pool_at(&media->nodes, number);
	if (node->expectations || node->first_in || node->first_out)
		return;
	forget_rtcp(media, node, number);
	map_remove(&media->node_map, node->hash, number);
	pool_give(&media->nodes, number);
}
