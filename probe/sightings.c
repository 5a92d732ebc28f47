#include "probe/sightings.h"

#include <stdlib.h>

#include "probe/packet_hash.h"

enum { BUCKETS = 8192, WAYS = 4 };

/* An agent may lag behind by that much; RFC 3261's last retransmission is due by then. */
#define WINDOW (32 * NS_PER_SEC)
/* Copies that a mirror makes; the first true retransmission comes after 500 ms. */
#define MIRROR_COPY (50 * NS_PER_MS)

struct sighting {
	uint64_t hash; /* 0: empty */
	nstime at;
	uint16_t agent; /* the first that told; 0: none yet */
	uint16_t ip_id; /* of the packet that was left out latest */
	uint16_t on_wire, told;
	nstime left_out; /* that one's time; 0: none */
};

struct sightings {
	uint64_t seed;
	struct sightings_counters counters;
	struct sighting of[BUCKETS][WAYS];
};

enum status sightings_new(uint64_t seed, struct sightings **out)
{
	struct sightings *s = calloc(1, sizeof *s);
	if (!s)
		return ERR_NOMEM;
	s->seed = seed;
	*out = s;
	return OK;
}

void sightings_free(struct sightings *sightings)
{
	free(sightings);
}

static struct sighting *find(struct sightings *s, uint64_t hash, nstime at)
{
	struct sighting *bucket = s->of[hash % BUCKETS];
	struct sighting *oldest = bucket;
	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].hash == hash && at - bucket[i].at <= WINDOW)
			return &bucket[i];
		if (bucket[i].at < oldest->at)
			oldest = &bucket[i];
	}
	s->counters.evicted += oldest->hash && at - oldest->at <= WINDOW;
	*oldest = (struct sighting){ .hash = hash };
	return oldest;
}

static bool was_told(struct sighting *sighting, const struct packet *packet)
{
	/* A mirror shows twice what was left out once. */
	if (sighting->left_out && packet->at - sighting->left_out < MIRROR_COPY &&
	    packet->ip_id == sighting->ip_id)
		return true;
	sighting->on_wire++;
	if (sighting->on_wire > sighting->told)
		return false;
	sighting->left_out = packet->at;
	sighting->ip_id = packet->ip_id;
	return true;
}

static bool was_seen(struct sighting *sighting, uint16_t agent)
{
	if (sighting->agent && sighting->agent != agent)
		return true; /* the other end of the same hop */
	sighting->agent = agent;
	sighting->told++;
	return sighting->told <= sighting->on_wire;
}

bool sightings_note(struct sightings *sightings, const struct packet *packet,
                    uint16_t agent)
{
	struct sighting *sighting =
	        find(sightings, packet_hash(packet, sightings->seed), packet->at);
	sighting->at = packet->at > sighting->at ? packet->at : sighting->at;
	const bool again = agent ? was_seen(sighting, agent) : was_told(sighting, packet);
	sightings->counters.copies += again;
	return again;
}

struct sightings_counters sightings_counters(const struct sightings *sightings)
{
	return sightings->counters;
}
