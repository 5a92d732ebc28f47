#include "probe/report_html.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/timeline.h"
#include "analyzer/quality/emodel.h"
#include "probe/report_html_kept.h"
#include "probe/report_html_parts.h"
#include "schema/field_text.h"

static const nstime start = INT64_C(1700000000) * NS_PER_SEC;
static const nstime length = 5 * NS_PER_SEC;

/* --- plots ---------------------------------------------------------------------------- */

static size_t count_in(const struct buffer *text, const char *needle)
{
	size_t count = 0;
	const char *at = text->at;
	const char *end = text->at + text->len;
	while ((at = memmem(at, (size_t)(end - at), needle, strlen(needle)))) {
		count++;
		at += strlen(needle);
	}
	return count;
}

static void add(struct timeline *timeline, int64_t slot, uint32_t lost, double r)
{
	struct interval interval = { .at = start + slot * length, .expected = 250 };
	interval.jitter_max_ms = interval.pdv_p95_ms = 3;
	for (size_t view = 0; view < TIMELINE_VIEWS; view++) {
		interval.views[view].bad = interval.views[view].runs = lost;
		interval.views[view].bursts = lost > 1;
		interval.views[view].burst_packets = lost > 1 ? 20 : 0;
		interval.views[view].r = r;
	}
	assert_int_equal(timeline_add(timeline, length, &interval, 1 << 20), OK);
}

static struct buffer plot_of(struct span blob)
{
	struct record record;
	struct buffer page = { 0 };
	record_clear(&record, RECORD_STREAM);
	record.stream.band = BAND_NB;
	record.tail = blob;
	plot_timeline(&page, &record);
	assert_false(page.failed);
	return page;
}

static void an_interval_is_a_column_and_a_gap_is_drawn(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	add(&timeline, 0, 0, 93);
	add(&timeline, 1, 5, 65);
	add(&timeline, 4, 1, 50);
	assert_int_equal(timeline_suspect(&timeline, length, start + length, 2, 1 << 20),
	                 OK);
	struct buffer page = plot_of(timeline_blob(&timeline));
	assert_int_equal(count_in(&page, "<rect class=\"h\""), 3);
	assert_int_equal(count_in(&page, "<rect class=\"gap\""), 1);
	assert_int_equal(count_in(&page, "no packet from 22:13:30 to 22:13:40"), 1);
	assert_int_equal(
	        count_in(&page, "22:13:25  MOS 3.35  R 65.0\n250 expected, 5 lost"), 1);
	assert_int_equal(count_in(&page, "1 burst of 20 packets"), 1);
	assert_int_equal(count_in(&page, "A column is 5 s"), 1);
	/* Five slots share 902 units; 5 of 250 lost fill the axis, which ends at 2 %;
	 * two of them are the capture's. */
	assert_int_equal(count_in(&page,
	                          "<path class=\"lost\" d=\"M0 0M226.9 178.0H406.3V144.4"
	                          "H226.9zM768.1 178.0H947.5V166.8H768.1z\"/>"),
	                 1);
	assert_int_equal(count_in(&page,
	                          "<path class=\"capture\" d=\"M0 0M226.9 144.4H406.3"
	                          "V122.0H226.9z\"/>"),
	                 1);
	assert_int_equal(count_in(&page, "2 of them lost by the capture"), 1);
	/* Dots: the two neighbours joined, the third alone. */
	assert_int_equal(count_in(&page,
	                          "<path class=\"jitter\" d=\"M0 0M136.2 250.4h0L316.6 "
	                          "250.4M857.8 250.4h0\"/>"),
	                 1);
	buffer_free(&page);
	timeline_free(&timeline);
}

static void many_intervals_share_columns_and_the_worst_counts(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	for (int64_t slot = 0; slot < 720; slot++)
		add(&timeline, slot, 0, slot == 100 ? 40 : 93);
	struct buffer page = plot_of(timeline_blob(&timeline));
	assert_int_equal(count_in(&page, "<rect class=\"h\""), 240);
	assert_int_equal(count_in(&page, "A column is 15 s"), 1);
	assert_int_equal(count_in(&page, "R 40.0\n750 expected"), 1);
	buffer_free(&page);
	timeline_free(&timeline);
}

/* From a database anything may come. */
static void a_damaged_timeline_draws_what_it_can(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	for (int64_t slot = 0; slot < 30; slot++)
		add(&timeline, slot * slot, (uint32_t)slot, 80);
	const struct span whole = timeline_blob(&timeline);
	uint8_t *bytes = malloc(whole.len);
	assert_non_null(bytes);
	memcpy(bytes, whole.at, whole.len);
	for (size_t i = 0; i < whole.len; i++) {
		struct buffer page = plot_of((struct span){ bytes, i });
		buffer_free(&page);
		for (unsigned int bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1u << bit);
			page = plot_of((struct span){ bytes, whole.len });
			assert_true(page.len < 1 << 20);
			buffer_free(&page);
			bytes[i] ^= (uint8_t)(1u << bit);
		}
	}
	free(bytes);
	timeline_free(&timeline);
}

/* --- faults --------------------------------------------------------------------------- */

static void whose_fault_a_bad_stream_is(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		double r, ie, ppl, r_unsuspected;
		uint64_t lost;
		enum loss_verdict verdict;
		enum fault fault;
	} cases[] = {
		{ "good", 90, 0, 0, NAN, 0, LOSS_NONE, FAULT_NONE },
		{ "no score", NAN, NAN, 10, NAN, 100, LOSS_NETWORK, FAULT_NONE },
		{ "lost before the probe", 50, 0, 10, NAN, 100, LOSS_NETWORK,
		  FAULT_NETWORK },
		{ "nobody knows", 50, 0, 10, NAN, 100, LOSS_UNKNOWN, FAULT_UNKNOWN },
		{ "the capture's", 50, 0, 10, 85, 100, LOSS_CAPTURE, FAULT_CAPTURE },
		{ "bad without the capture's losses too", 50, 0, 10, 60, 100, LOSS_NETWORK,
		  FAULT_NETWORK },
		{ "mostly discarded", 50, 0, 10, NAN, 10, LOSS_NETWORK, FAULT_LATE },
		{ "the codec", 50, 40, 0, NAN, 0, LOSS_NONE, FAULT_CODEC },
		{ "fair, of the codec", 75, 18, 0, NAN, 0, LOSS_NONE, FAULT_CODEC },
		{ "fair, of loss", 75, 0, 3, NAN, 30, LOSS_NETWORK, FAULT_NETWORK },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct stream_record stream = { .band = BAND_NB,
			                              .r = cases[i].r,
			                              .ie = cases[i].ie,
			                              .bpl = 10,
			                              .ppl = cases[i].ppl,
			                              .expected = 1000,
			                              .lost = cases[i].lost,
			                              .loss_verdict = cases[i].verdict,
			                              .r_unsuspected =
			                                      cases[i].r_unsuspected };
		if (fault_of(&stream) != cases[i].fault)
			fail_msg("%s: %d", cases[i].what, (int)fault_of(&stream));
	}
}

/* --- what is kept --------------------------------------------------------------------- */

static void feed_call(struct kept_calls *kept, uint64_t id, double r)
{
	struct record record;
	record_clear(&record, RECORD_STREAM);
	record.stream.id = id + 1000000;
	record.stream.call = id;
	record.stream.band = BAND_NB;
	record.stream.r = r;
	assert_non_null(kept_add(kept, &record));
	record_clear(&record, RECORD_CALL);
	record.call.id = id;
	record.call.start = start + (nstime)id;
	(void)kept_add(kept, &record);
}

static void the_worst_keep_their_records_and_their_rows(void **state)
{
	(void)state;
	enum { CALLS = 400, ROWS = 200 };
	struct kept_calls kept;
	size_t count;
	const size_t most = 100 * sizeof(struct record);
	assert_int_equal(kept_init(&kept, most, ROWS), OK);
	for (uint64_t i = 1; i <= CALLS; i++)
		feed_call(&kept, i, (double)(i * 37 % CALLS) * 60 / CALLS);
	assert_true(kept.bytes <= most);
	assert_false(kept.failed);
	struct kept_call **list = kept_sorted(&kept, &count);
	assert_non_null(list);
	assert_int_equal(count + kept.rows_left_out, CALLS);
	assert_true(count >= ROWS / 2 && count <= ROWS);
	for (size_t i = 0; i < count; i++) {
		/* 37 and 400 have no divisor in common: every R occurs once. */
		if (i < ROWS / 2)
			assert_true(list[i]->r == (double)i * 60 / CALLS);
		if (i < 30)
			assert_false(list[i]->dropped);
	}
	free(list);
	kept_free(&kept);
}

static void equal_calls_stand_by_time_and_then_by_id(void **state)
{
	(void)state;
	static const uint64_t ids[] = { 7, 3, 9, 1 };
	struct kept_calls kept;
	size_t count;
	assert_int_equal(kept_init(&kept, 1 << 20, 100), OK);
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		feed_call(&kept, ids[i], 50);
	struct kept_call **list = kept_sorted(&kept, &count);
	assert_non_null(list);
	assert_int_equal(count, ARRAY_LEN(ids));
	for (size_t i = 1; i < count; i++)
		assert_true(list[i - 1]->id < list[i]->id);
	free(list);
	kept_free(&kept);
}

static void a_record_is_read_back_with_its_tail(void **state)
{
	(void)state;
	struct kept_calls kept;
	struct record record;
	struct record back;
	record_clear(&record, RECORD_STREAM);
	record.stream.id = 5;
	record.stream.call = 6;
	record.tail = text_bytes(TEXT("timeline"));
	assert_int_equal(kept_init(&kept, 1 << 20, 10), OK);
	struct kept_call *call = kept_add(&kept, &record);
	assert_non_null(call);
	kept_record_read(call->records, &back);
	assert_int_equal(back.kind, RECORD_STREAM);
	assert_memory_equal(&back.stream, &record.stream, sizeof back.stream);
	assert_int_equal(back.tail.len, 8);
	assert_memory_equal(back.tail.at, "timeline", 8);
	kept_free(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interval_is_a_column_and_a_gap_is_drawn),
		cmocka_unit_test(many_intervals_share_columns_and_the_worst_counts),
		cmocka_unit_test(a_damaged_timeline_draws_what_it_can),
		cmocka_unit_test(whose_fault_a_bad_stream_is),
		cmocka_unit_test(the_worst_keep_their_records_and_their_rows),
		cmocka_unit_test(equal_calls_stand_by_time_and_then_by_id),
		cmocka_unit_test(a_record_is_read_back_with_its_tail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
