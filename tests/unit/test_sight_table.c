/* Packets seen twice; rules: the comments of sight_table.h and points.h. */
#include "probe/sight_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probe/points.h"
#include "tests/unit/unit.h"

struct noted {
	struct sight_entry entry;
	uint32_t times;
};

static struct packet packet_of(uint32_t number, nstime at)
{
	static char text[32];
	snprintf(text, sizeof text, "OPTIONS %u", number);
	return (struct packet){ .at = at,
		                .payload = { (const uint8_t *)text, strlen(text) } };
}

/* How often it was seen, with this time. */
static uint32_t see(struct sight_table *table, uint32_t number, nstime at)
{
	const struct packet packet = packet_of(number, at);
	struct noted *noted = sight_table_find(table, &packet);
	noted->entry.at = at;
	return ++noted->times;
}

static void known_for_half_a_minute(void **state)
{
	(void)state;
	struct sight_table table;
	assert_int_equal(sight_table_init(&table, sizeof(struct noted), 1), OK);
	assert_int_equal(see(&table, 1, 100 * NS_PER_SEC), 1);
	assert_int_equal(see(&table, 2, 101 * NS_PER_SEC), 1);
	assert_int_equal(see(&table, 1, 132 * NS_PER_SEC), 2);
	assert_int_equal(see(&table, 1, 164 * NS_PER_SEC + 1), 1);
	assert_int_equal(see(&table, 2, 164 * NS_PER_SEC), 1);
	assert_int_equal(table.evicted, 0);
	sight_table_free(&table);
}

/* A stamp may be anything. */
static void the_ends_of_time(void **state)
{
	(void)state;
	struct sight_table table;
	assert_int_equal(sight_table_init(&table, sizeof(struct noted), 1), OK);
	assert_int_equal(see(&table, 1, INT64_MAX), 1);
	assert_int_equal(see(&table, 1, INT64_MIN), 2);
	assert_int_equal(see(&table, 1, INT64_MAX), 1);
	sight_table_free(&table);
}

/* 200,000 at once into 32,768 places: what was forgotten too early is counted, each once.
 */
static void what_makes_room_is_counted(void **state)
{
	(void)state;
	enum { PACKETS = 200000, PLACES = 32768 };
	struct sight_table table;
	uint32_t known = 0;
	assert_int_equal(sight_table_init(&table, sizeof(struct noted), 9), OK);
	for (uint32_t i = 0; i < PACKETS; i++)
		assert_int_equal(see(&table, i, NS_PER_SEC + i), 1);
	assert_int_equal(table.evicted, PACKETS - PLACES);
	/* The latest are kept: buckets of four fill unevenly, but these are few. */
	for (uint32_t i = PACKETS - 1000; i < PACKETS; i++)
		known += see(&table, i, NS_PER_SEC + PACKETS) == 2;
	assert_int_equal(known, 1000);
	sight_table_free(&table);
}

static void points_count_theirs(void **state)
{
	(void)state;
	struct point_sights *sights;
	assert_int_equal(point_sights_new(5, &sights), OK);
	for (uint32_t i = 0; i < 200000; i++) {
		struct packet packet = packet_of(i, NS_PER_SEC + i);
		packet.point = 1;
		assert_int_equal(point_sights_note(sights, &packet), 0);
	}
	assert_int_equal(point_sights_evicted(sights), 200000 - 32768);
	struct packet packet = packet_of(199999, 2 * NS_PER_SEC);
	packet.point = 2;
	assert_int_equal(point_sights_note(sights, &packet), PACKET_ELSEWHERE);
	point_sights_free(sights);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_for_half_a_minute),
		cmocka_unit_test(the_ends_of_time),
		cmocka_unit_test(what_makes_room_is_counted),
		cmocka_unit_test(points_count_theirs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
