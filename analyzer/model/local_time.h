/*
 * local_time.h - the clock on the wall where the sensor stands: what the program knows of
 * its time zone, as data.
 */
#ifndef EARSHOT_MODEL_LOCAL_TIME_H
#define EARSHOT_MODEL_LOCAL_TIME_H

#include <stdbool.h>
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
	unsigned int second; /* of the hour */
	uint64_t day;        /* since 1970-01-01, on that clock */
};

/* Is the hour between these two of the clock, the latter left out?  Also over midnight. */
static inline bool local_is_within(unsigned int hour, unsigned int begins,
                                   unsigned int ends)
{
	return begins <= ends ? hour >= begins && hour < ends
	                      : hour >= begins || hour < ends;
}

/* `zone` has at least one change, the first before all times. */
struct local_hour local_hour_at(const struct local_time *zone, nstime at);

/* Seconds to be added to UTC at that time. */
int64_t local_offset_s(const struct local_time *zone, nstime at);

/* When the hour began that the clock on the wall shows. */
nstime local_hour_start(const struct local_time *zone, nstime at);

/*
 * When the day began that the calendar on the wall shows, and when the next one does: 23,
 * 24 or 25 hours, and from one o'clock where midnight is left out.
 */
nstime local_day_start(const struct local_time *zone, nstime at);
nstime local_day_end(const struct local_time *zone, nstime at);

#endif
