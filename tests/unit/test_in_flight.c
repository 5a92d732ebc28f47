#include "web/in_flight.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "tests/unit/unit.h"

static struct in_flight *fresh(void)
{
	struct in_flight *in_flight;
	assert_int_equal(in_flight_new(&in_flight), OK);
	return in_flight;
}

static void note(struct in_flight *in_flight, uint64_t id, double mos_lq, nstime at,
                 bool over)
{
	struct record record = { .kind = RECORD_STREAM, .at = at };
	record.stream.id = id;
	record.stream.call = id / 2;
	record.stream.direction = id % 2 ? DIRECTION_REVERSE : DIRECTION_FORWARD;
	record.stream.mos_lq = mos_lq;
	record.stream.band = BAND_NB;
	record.stream.loss_pct = 0.5;
	record.stream.jitter_mean_ms = NAN;
	in_flight_note(in_flight, &record, over);
}

static json_t *said(struct in_flight *in_flight)
{
	struct buffer text = { 0 };
	in_flight_add(in_flight, &text);
	json_t *json = json_loadb(text.at, text.len, 0, NULL);
	assert_non_null(json);
	buffer_free(&text);
	return json;
}

static long long count(const json_t *json, const char *name)
{
	return json_integer_value(json_object_get(json, name));
}

#define AT(seconds) ((nstime)(seconds)*NS_PER_SEC)

/* Thresholds are R of 60, 70 and 80 as MOS: ITU-T G.107 Annex B, Table B.1 says 3.10, 3.60
 * and 4.03. */
static void they_are_counted_by_how_they_sound(void **state)
{
	(void)state;
	struct in_flight *in_flight = fresh();
	const double scores[] = { 4.41, 4.03, 4.02, 3.60, 3.59, 3.10, 3.09, 1, NAN };
	for (size_t i = 0; i < ARRAY_LEN(scores); i++)
		note(in_flight, 100 + i, scores[i], AT(50), false);
	json_t *json = said(in_flight);
	assert_int_equal(count(json, "streams"), ARRAY_LEN(scores));
	assert_int_equal(count(json, "good"), 2);
	assert_int_equal(count(json, "fair"), 2);
	assert_int_equal(count(json, "poor"), 2);
	assert_int_equal(count(json, "bad"), 2);
	assert_int_equal(count(json, "unscored"), 1);
	const json_t *worst = json_object_get(json, "worst");
	assert_int_equal(json_array_size(worst), 8); /* one that is not scored is not bad */
	const json_t *first = json_array_get(worst, 0);
	assert_string_equal(json_string_value(json_object_get(first, "stream")),
	                    "000000000000006b");
	assert_string_equal(json_string_value(json_object_get(first, "call")),
	                    "0000000000000035");
	assert_string_equal(json_string_value(json_object_get(first, "direction")),
	                    "reverse");
	assert_string_equal(json_string_value(json_object_get(first, "at")),
	                    "1970-01-01T00:00:50.000000Z");
	assert_true(json_is_null(json_object_get(first, "jitter_mean_ms")));
	json_decref(json);
	in_flight_free(in_flight);
}

static void the_latest_counts_until_it_is_over(void **state)
{
	(void)state;
	struct in_flight *in_flight = fresh();
	note(in_flight, 1, 2, AT(10), false);
	note(in_flight, 1, 4.2, AT(20), false);
	note(in_flight, 2, 2, AT(20), false);
	note(in_flight, 2, 2, AT(21), true);
	note(in_flight, 3, 2, AT(21), true); /* it was never told of */
	json_t *json = said(in_flight);
	assert_int_equal(count(json, "streams"), 1);
	assert_int_equal(count(json, "good"), 1);
	json_decref(json);
	in_flight_clear(in_flight);
	json = said(in_flight);
	assert_int_equal(count(json, "streams"), 0);
	json_decref(json);
	in_flight_free(in_flight);
}

static void one_that_nobody_tells_of_is_forgotten(void **state)
{
	(void)state;
	struct in_flight *in_flight = fresh();
	note(in_flight, 1, 2, AT(10), false);
	note(in_flight, 2, 2, AT(105), false);
	json_t *json = said(in_flight);
	assert_int_equal(count(json, "bad"), 2);
	json_decref(json);
	note(in_flight, 2, 2, AT(106), false);
	json = said(in_flight);
	assert_int_equal(count(json, "bad"), 1);
	json_decref(json);
	in_flight_free(in_flight);
}

/* Whatever comes in whatever order, the ten lowest are there in theirs. */
static void the_worst_are_in_order(void **state)
{
	(void)state;
	struct in_flight *in_flight = fresh();
	for (uint64_t i = 0; i < 1000; i++)
		note(in_flight, i + 1, 1 + (double)(i * 617 % 1000) / 500, AT(1), false);
	json_t *json = said(in_flight);
	const json_t *worst = json_object_get(json, "worst");
	assert_int_equal(json_array_size(worst), IN_FLIGHT_WORST);
	for (size_t i = 0; i < IN_FLIGHT_WORST; i++)
		assert_true(fabs(json_number_value(json_object_get(json_array_get(worst, i),
		                                                   "mos_lq")) -
		                 (1 + (double)i / 500)) < 1e-9);
	json_decref(json);
	in_flight_free(in_flight);
}

static void more_than_there_is_room_for_change_nothing(void **state)
{
	(void)state;
	struct in_flight *in_flight = fresh();
	for (uint64_t i = 0; i < IN_FLIGHT_STREAMS + 10; i++)
		note(in_flight, i + 1, 4.4, AT(1), false);
	json_t *json = said(in_flight);
	assert_int_equal(count(json, "streams"), IN_FLIGHT_STREAMS);
	json_decref(json);
	note(in_flight, 1, 4.4, AT(2), true);
	note(in_flight, IN_FLIGHT_STREAMS + 5, 1.5, AT(2), false);
	json = said(in_flight);
	assert_int_equal(count(json, "streams"), IN_FLIGHT_STREAMS);
	assert_int_equal(count(json, "bad"), 1);
	json_decref(json);
	in_flight_free(in_flight);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_counted_by_how_they_sound),
		cmocka_unit_test(the_latest_counts_until_it_is_over),
		cmocka_unit_test(one_that_nobody_tells_of_is_forgotten),
		cmocka_unit_test(the_worst_are_in_order),
		cmocka_unit_test(more_than_there_is_room_for_change_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
