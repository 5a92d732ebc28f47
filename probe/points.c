#include "probe/points.h"

#include <stdlib.h>

#include "probe/packet_hash.h"

enum { BUCKETS = 8192, WAYS = 4 };

/* RFC 3261's last retransmission is due by then. */
#define WINDOW (32 * NS_PER_SEC)
/* Copies that a mirror makes; the first true retransmission comes after 500 ms. */
#define MIRROR_COPY (10 * NS_PER_MS)

struct point_sight {
	uint64_t hash; /* 0: empty */
	nstime at;     /* the latest */
	uint8_t most;  /* times at the point that has shown it most often */
	struct {
		nstime at;
		uint16_t ip_id;
		uint8_t times;
		bool elsewhere; /* what was said of the latest */
	} of[LIMIT_POINTS + 1]; /* by packet.point */
};

struct point_sights {
	uint64_t seed;
	struct point_sight of[BUCKETS][WAYS];
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
	if (!s)
		return ERR_NOMEM;
	s->seed = seed;
	*out = s;
	return OK;
}

void point_sights_free(struct point_sights *sights)
{
	free(sights);
}

static struct point_sight *find(struct point_sights *s, uint64_t hash, nstime at)
{
	struct point_sight *bucket = s->of[hash % BUCKETS];
	struct point_sight *oldest = bucket;
	for (size_t i = 0; i < WAYS; i++) {
		if (bucket[i].hash == hash && at - bucket[i].at <= WINDOW)
			return &bucket[i];
		if (bucket[i].at < oldest->at)
			oldest = &bucket[i];
	}
	*oldest = (struct point_sight){ .hash = hash };
	return oldest;
}

uint8_t point_sights_note(struct point_sights *sights, const struct packet *packet)
{
	struct point_sight *s = find(sights, packet_hash(packet, sights->seed), packet->at);
	const size_t here = packet->point;
	const bool copy = s->of[here].times > 0 && packet->ip_id == s->of[here].ip_id &&
	                  packet->at - s->of[here].at < MIRROR_COPY;
	s->at = packet->at;
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
