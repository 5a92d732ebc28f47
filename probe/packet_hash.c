#include "probe/packet_hash.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t packet_hash(const struct packet *packet, uint64_t seed)
{
	struct endpoint ends[2];
	memset(ends, 0, sizeof ends); /* what is between members counts, too */
	ends[0] = packet->src;
	ends[1] = packet->dst;
	const uint64_t of_ends = XXH3_64bits_withSeed(ends, sizeof ends, seed);
	const uint64_t hash =
	        XXH3_64bits_withSeed(packet->payload.at, packet->payload.len, of_ends);
	return hash ? hash : 1;
}
