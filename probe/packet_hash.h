/*
 * packet_hash.h - by what two packets are known to be the same one, seen twice: addresses,
 * ports and payload.
 */
#ifndef EARSHOT_PROBE_PACKET_HASH_H
#define EARSHOT_PROBE_PACKET_HASH_H

#include "analyzer/model/packet.h"

/* Never 0.  seed: whoever sends packets must not know what collides. */
uint64_t packet_hash(const struct packet *packet, uint64_t seed);

#endif
