#include "probe/points.h"

#include <stdlib.h>

#include "probe/sight_table.h"

/* Copies that a mirror makes; the first true retransmission comes after 500 ms. */
#define MIRROR_COPY (10 * NS_PER_MS)

struct point_sight {
	struct sight_entry entry; /* at: the latest */
	uint8_t most;             /* times at the point that has shown it most often */
	struct {
		nstime at;
		uint16_t ip_id;
		uint8_t times;
		bool elsewhere; /* what was said of the latest */
	} of[LIMIT_POINTS + 1]; /* by packet.point */
};

struct point_sights {
	struct sight_table table;
};

uint8_t points_enter(struct settings *settings, struct text name)
{
	for (unsigned int i = 0; i < LIMIT_POINTS; i++) {
		char *point = settings->points[i];
		if (text_equal(text_from(point), name))
			return (uint8_t)(i + 1);
		if (!point[0])
			return text_copy(point, POINT_NAME, name) ? (uint8_t)(i + 1) : 0;
	}
	return 0;
}

bool points_are_several(const struct settings *settings)
{
	return settings->points[0][0] != '\0';
}

enum status point_sights_new(uint64_t seed, struct point_sights **out)
{
	struct point_sights *s = calloc(1, sizeof *s);
	if (!s || sight_table_init(&s->table, sizeof(struct point_sight), seed) != OK) {
		free(s);
		return ERR_NOMEM;
	}
	*out = s;
	return OK;
}

void point_sights_free(struct point_sights *sights)
{
	if (sights)
		sight_table_free(&sights->table);
	free(sights);
}

uint64_t point_sights_evicted(const struct point_sights *sights)
{
	return sights->table.evicted;
}

uint8_t point_sights_note(struct point_sights *sights, const struct packet *packet)
{
	struct point_sight *s = sight_table_find(&sights->table, packet);
	const size_t here = packet->point;
	const bool copy = s->of[here].times > 0 && packet->ip_id == s->of[here].ip_id &&
	                  packet->at - s->of[here].at < MIRROR_COPY;
	s->entry.at = packet->at;
	s->of[here].at = packet->at;
	s->of[here].ip_id = packet->ip_id;
	if (copy)
		return s->of[here].elsewhere ? PACKET_ELSEWHERE | PACKET_COPY : 0;
	if (s->of[here].times < UINT8_MAX)
		s->of[here].times++;
	s->of[here].elsewhere = s->of[here].times <= s->most;
	if (s->of[here].times > s->most)
		s->most = s->of[here].times;
	return s->of[here].elsewhere ? PACKET_ELSEWHERE : 0;
}
