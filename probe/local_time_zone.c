#include "probe/local_time_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DAY_S = 86400, DAYS = 130 * 366 /* 1970 to 2100 */ };

static int32_t offset_at(int64_t seconds)
{
	const time_t at = (time_t)seconds;
	struct tm local;
	return localtime_r(&at, &local) ? (int32_t)local.tm_gmtoff : 0;
}

/* The second, after `before` and up to `after`, from which the later offset is valid. */
static int64_t find_change(int64_t before, int64_t after, int32_t offset)
{
	while (after - before > 1) {
		const int64_t middle = before + (after - before) / 2;
		if (offset_at(middle) == offset)
			before = middle;
		else
			after = middle;
	}
	return after;
}

static void read_changes(struct local_time *out)
{
	int32_t offset = offset_at(0);
	out->count = 1;
	out->changes[0].from = NSTIME_NONE;
	out->changes[0].offset_s = offset;
	for (int64_t day = 1; day < DAYS && out->count < LOCAL_TIME_CHANGES; day++) {
		const int32_t now = offset_at(day * DAY_S);
		if (now == offset)
			continue;
		out->changes[out->count].from =
		        find_change((day - 1) * DAY_S, day * DAY_S, offset) * NS_PER_SEC;
		out->changes[out->count++].offset_s = now;
		offset = now;
	}
}

void local_time_of_zone(const char *zone, struct local_time *out)
{
	const char *set = getenv("TZ");
	char *before = set ? strdup(set) : NULL;
	setenv("TZ", zone, 1);
	tzset();
	read_changes(out);
	if (before)
		setenv("TZ", before, 1);
	else
		unsetenv("TZ");
	tzset();
	free(before);
}

bool local_time_is_zone(const char *zone)
{
	char path[256];
	const int len = snprintf(path, sizeof path, "/usr/share/zoneinfo/%s", zone);
	if (!*zone || strstr(zone, "..") || len < 0 || (size_t)len >= sizeof path)
		return false;
	return strcmp(zone, "UTC") == 0 || access(path, R_OK) == 0;
}
