/*
 * sightings.h - the same packet, seen on the wire and told of by an agent (HEP), is one:
 * the one that comes second is left out, and nothing that an agent says takes the place of
 * a packet.  What is really sent twice comes twice by either way, and is counted off.
 *
 * It is asked of SIP and RTCP alone, and only where agents are heard at all.
 */
#ifndef EARSHOT_PROBE_SIGHTINGS_H
#define EARSHOT_PROBE_SIGHTINGS_H

#include "analyzer/base/status.h"
#include "analyzer/model/packet.h"

struct sightings;

struct sightings_counters {
	uint64_t copies;  /* left out */
	uint64_t evicted; /* before it was too late for a second sighting */
};

/* seed: whoever sends packets must not know what collides; offline the same each time. */
MUST_CHECK enum status sightings_new(uint64_t seed, struct sightings **out);
void sightings_free(struct sightings *sightings); /* NULL is fine */

/* It was there before: leave it out.  agent: who tells, from 1; 0 = it was on the wire. */
bool sightings_note(struct sightings *sightings, const struct packet *packet,
                    uint16_t agent);

struct sightings_counters sightings_counters(const struct sightings *sightings);

#endif
