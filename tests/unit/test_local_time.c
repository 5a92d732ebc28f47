/* Times of the IANA time zone database; as `TZ=ZONE date -d @SECONDS` says them. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

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
		cmocka_unit_test(the_time_zone_of_the_process_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
