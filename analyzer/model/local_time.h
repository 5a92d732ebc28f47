/*
 * local_time.h - the clock on the wall where the sensor stands: what the program knows of
 * its time zone, as data.
 */
#ifndef EARSHOT_MODEL_LOCAL_TIME_H
#define EARSHOT_MODEL_LOCAL_TIME_H

#include <stddef.h>

#include "analyzer/base/clock.h"

/* Two a year from 1970 to 2100. */
enum { LOCAL_TIME_CHANGES = 288 };

struct local_time {
	size_t count;
	struct {
		nstime from;
		int32_t offset_s; /* to be added to UTC */
	} changes[LOCAL_TIME_CHANGES];
};

struct local_hour {
	unsigned int weekday; /* 0: Monday */
	unsigned int hour;
};

/* `zone` has at least one change, the first before all times. */
struct local_hour local_hour_at(const struct local_time *zone, nstime at);

#endif
