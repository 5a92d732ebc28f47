#include "analyzer/model/local_time.h"

enum { DAY_S = 86400, HOUR_S = 3600, FIRST_WEEKDAY = 3 }; /* 1970-01-01: a Thursday */

struct local_hour local_hour_at(const struct local_time *zone, nstime at)
{
	size_t i = zone->count;
	while (i > 1 && zone->changes[i - 1].from > at)
		i--;
	/* From 1970 on, and no zone is further than a day from UTC. */
	const int64_t local = at / NS_PER_SEC + zone->changes[i - 1].offset_s + DAY_S;
	const uint64_t seconds = local < 0 ? 0 : (uint64_t)local;
	return (struct local_hour){
		.weekday = (unsigned int)((seconds / DAY_S + FIRST_WEEKDAY + 6) % 7),
		.hour = (unsigned int)(seconds % DAY_S / HOUR_S),
	};
}
