/* Times of the IANA time zone database; as `TZ=ZONE date -d @SECONDS` says them. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "probe/local_time_zone.h"

enum { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

static const struct {
	const char *zone;
	int64_t at; /* s */
	unsigned int weekday, hour;
} rows[] = {
	{ "UTC", 0, THURSDAY, 0 },
	{ "Europe/Berlin", 1781870400, FRIDAY, 14 },      /* summer */
	{ "Europe/Berlin", 1769774400, FRIDAY, 13 },      /* winter */
	{ "Europe/Berlin", 1774745999, SUNDAY, 1 },       /* the last second of winter */
	{ "Europe/Berlin", 1774746000, SUNDAY, 3 },       /* 2026-03-29 */
	{ "America/New_York", 1793498400, SATURDAY, 22 }, /* of UTC Sunday */
	{ "Asia/Kolkata", 1781870400, FRIDAY, 17 },       /* 17:30 */
	{ "Pacific/Auckland", 1781870400, SATURDAY, 0 },
};

static void hours_are_those_of_the_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct local_time zone;
		local_time_of_zone(rows[i].zone, &zone);
		const struct local_hour hour =
		        local_hour_at(&zone, rows[i].at * NS_PER_SEC);
		if (hour.weekday != rows[i].weekday || hour.hour != rows[i].hour)
			fail_msg("%s %lld: day %u, hour %u", rows[i].zone,
			         (long long)rows[i].at, hour.weekday, hour.hour);
	}
}

/* Begin and end of the days and hours of four years, as libc has them. */
static void days_and_hours_begin_when_the_wall_says(void **state)
{
	static const char *const zones[] = {
		"UTC",          "Europe/Berlin",       "America/New_York",
		"Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo",
		"Asia/Beirut",  "Atlantic/Azores",     "Pacific/Apia"
	};
	static const int64_t froms[] = { 1514764800, 1767225600 }; /* 2018, 2026 */
	(void)state;
	for (size_t z = 0; z < ARRAY_LEN(zones) * ARRAY_LEN(froms); z++) {
		struct local_time zone;
		const char *name = zones[z / ARRAY_LEN(froms)];
		const int64_t from = froms[z % ARRAY_LEN(froms)];
		local_time_of_zone(name, &zone);
		setenv("TZ", name, 1);
		tzset();
		for (time_t at = from; at < from + (time_t)86400 * 366 * 2; at += 1740) {
			struct tm day = { 0 };
			localtime_r(&at, &day);
			const long offset = day.tm_gmtoff;
			const int date = day.tm_mday;
			day.tm_sec = day.tm_min = day.tm_hour = 0;
			day.tm_isdst = -1;
			const time_t start = mktime(&day);
			const nstime got = local_day_start(&zone, at * NS_PER_SEC);
			/* Where midnight is left out mktime may say one that was not there.
			 */
			const time_t first = (time_t)(got / NS_PER_SEC);
			struct tm shown = { 0 };
			struct tm before = { 0 };
			const time_t last = first - 1;
			localtime_r(&first, &shown);
			localtime_r(&last, &before);
			if (shown.tm_mday != date || before.tm_mday == date ||
			    (day.tm_hour == 0 && got != start * NS_PER_SEC))
				fail_msg("%s: day of %lld began %lld, not %lld", name,
				         (long long)at, (long long)(got / NS_PER_SEC),
				         (long long)start);
			const nstime end = local_day_end(&zone, at * NS_PER_SEC);
			assert_true(end > at * NS_PER_SEC);
			assert_true(local_day_start(&zone, end) == end);
			assert_true(local_day_end(&zone, end - 1) == end);
			assert_int_equal(local_hour_start(&zone, at * NS_PER_SEC),
			                 (at - (at + offset) % 3600) * NS_PER_SEC);
		}
	}
	unsetenv("TZ");
	tzset();
}

static void the_time_zone_of_the_process_stays(void **state)
{
	(void)state;
	struct local_time zone;
	setenv("TZ", "Asia/Tokyo", 1);
	local_time_of_zone("Europe/Berlin", &zone);
	assert_string_equal(getenv("TZ"), "Asia/Tokyo");
	unsetenv("TZ");
	local_time_of_zone("Europe/Berlin", &zone);
	assert_null(getenv("TZ"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_those_of_the_zone),
		cmocka_unit_test(days_and_hours_begin_when_the_wall_says),
		cmocka_unit_test(the_time_zone_of_the_process_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
