#include "probe/sightings.h"

#include <stdlib.h>

#include "probe/sight_table.h"

/* Copies that a mirror makes; the first true retransmission comes after 500 ms. */
#define MIRROR_COPY (50 * NS_PER_MS)

struct sighting {
	struct sight_entry entry;
	uint16_t agent; /* the first that told; 0: none yet */
	uint16_t ip_id; /* of the packet that was left out latest */
	uint16_t on_wire, told;
	nstime left_out; /* that one's time; 0: none */
};

struct sightings {
	struct sight_table table;
	uint64_t copies;
};

enum status sightings_new(uint64_t seed, struct sightings **out)
{
	struct sightings *s = calloc(1, sizeof *s);
	if (!s || sight_table_init(&s->table, sizeof(struct sighting), seed) != OK) {
		free(s);
		return ERR_NOMEM;
	}
	*out = s;
	return OK;
}

void sightings_free(struct sightings *sightings)
{
	if (sightings)
		sight_table_free(&sightings->table);
	free(sightings);
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
	struct sighting *sighting = sight_table_find(&sightings->table, packet);
	struct sight_entry *entry = &sighting->entry;
	entry->at = packet->at > entry->at ? packet->at : entry->at;
	const bool again = agent ? was_seen(sighting, agent) : was_told(sighting, packet);
	sightings->copies += again;
	return again;
}

struct sightings_counters sightings_counters(const struct sightings *sightings)
{
	return (struct sightings_counters){ sightings->copies, sightings->table.evicted };
}
