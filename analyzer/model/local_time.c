#include "analyzer/model/local_time.h"

enum { DAY_S = 86400, HOUR_S = 3600, FIRST_WEEKDAY = 3 }; /* 1970-01-01: a Thursday */

/* The last change that is not after that time. */
static size_t change_at(const struct local_time *zone, nstime at)
{
	size_t low = 0;
	size_t high = zone->count;
	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;
		if (zone->changes[middle].from > at)
			high = middle;
		else
			low = middle;
	}
	return low;
}

struct local_hour local_hour_at(const struct local_time *zone, nstime at)
{
	/* From 1970 on, and no zone is further than a day from UTC. */
	const int64_t local = at / NS_PER_SEC + local_offset_s(zone, at) + DAY_S;
	const uint64_t seconds = local < 0 ? 0 : (uint64_t)local;
	return (struct local_hour){
		.weekday = (unsigned int)((seconds / DAY_S + FIRST_WEEKDAY + 6) % 7),
		.hour = (unsigned int)(seconds % DAY_S / HOUR_S),
		.second = (unsigned int)(seconds % HOUR_S),
		.day = seconds < DAY_S ? 0 : seconds / DAY_S - 1,
	};
}

int64_t local_offset_s(const struct local_time *zone, nstime at)
{
	return zone->changes[change_at(zone, at)].offset_s;
}

/* --- hours and days ------------------------------------------------------------------- */

static int64_t floor_to(int64_t seconds, int64_t unit)
{
	const int64_t past = seconds % unit;
	return seconds - past - (past < 0 ? unit : 0);
}

static int64_t local_seconds(const struct local_time *zone, nstime at)
{
	return at / NS_PER_SEC - (at % NS_PER_SEC < 0) + local_offset_s(zone, at);
}

nstime local_hour_start(const struct local_time *zone, nstime at)
{
	const int64_t offset = local_offset_s(zone, at);
	return (floor_to(local_seconds(zone, at), HOUR_S) - offset) * NS_PER_SEC;
}

/*
 * When the wall first shows that midnight, or what comes in its place.  The offset from UTC
 * is that of the day before or that of the day after.
 */
static nstime day_begin(const struct local_time *zone, int64_t midnight)
{
	const int64_t before = local_offset_s(zone, (midnight - DAY_S) * NS_PER_SEC);
	const int64_t after = local_offset_s(zone, (midnight + DAY_S) * NS_PER_SEC);
	const int64_t most = before > after ? before : after;
	const int64_t least = before > after ? after : before;
	const nstime early = (midnight - most) * NS_PER_SEC;
	return local_seconds(zone, early) >= midnight ? early
	                                              : (midnight - least) * NS_PER_SEC;
}

nstime local_day_start(const struct local_time *zone, nstime at)
{
	const nstime start = day_begin(zone, floor_to(local_seconds(zone, at), DAY_S));
	/* The clock was put on over midnight: the day began then. */
	return start > at ? zone->changes[change_at(zone, at)].from : start;
}

nstime local_day_end(const struct local_time *zone, nstime at)
{
	return day_begin(zone, floor_to(local_seconds(zone, at), DAY_S) + DAY_S);
}
