/* Rules: the layout in analyzer/model/timeline.h; quality.md section 11, what it keeps. */
#include "schema/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

enum { INTERVALS = 400, ROOM = 1 << 20 };

#define LENGTH (5 * NS_PER_SEC)
#define BEGIN (INT64_C(1767225600) * NS_PER_SEC) /* 2026-01-01 */
#define TIME_STEP 0.01                           /* of what it keeps: ms, and R */
#define LONGEST_MS 1e7
#define LOWEST_R (-900.0)
#define MOST_COUNT UINT32_C(1000000000)

/* --- what goes in comes out --------------------------------------------------------- */

static double one_of(uint64_t *seed, const double *values, uint32_t count)
{
	return values[disorder_below(seed, count)];
}

static double any_ms(uint64_t *seed)
{
	const double values[] = { NAN,
		                  0,
		                  0.004,
		                  0.01,
		                  disorder_below(seed, 100000) / 1234.5,
		                  disorder_below(seed, 100000) * 100.0,
		                  LONGEST_MS,
		                  LONGEST_MS * 3,
		                  INFINITY };
	return one_of(seed, values, ARRAY_LEN(values));
}

static double any_r(uint64_t *seed)
{
	const double values[] = { NAN,
		                  93.2062077,
		                  -0.01,
		                  LOWEST_R,
		                  LOWEST_R * 7,
		                  148,
		                  disorder_below(seed, 30000) / 137.0 - 60 };
	return one_of(seed, values, ARRAY_LEN(values));
}

static uint32_t any_count(uint64_t *seed)
{
	const uint32_t values[] = {
		0,          1,          disorder_below(seed, 300),
		MOST_COUNT, UINT32_MAX, disorder_below(seed, 1u << 31)
	};
	return values[disorder_below(seed, ARRAY_LEN(values))];
}

static struct interval any_interval(uint64_t *seed, nstime at)
{
	struct interval out = {
		.at = at,
		.expected = any_count(seed),
		.duplicates = any_count(seed),
		.reordered = any_count(seed),
		.octets = (uint64_t)any_count(seed) << disorder_below(seed, 30),
		.jitter_last_ms = any_ms(seed),
		.jitter_mean_ms = any_ms(seed),
		.jitter_max_ms = any_ms(seed),
		.delta_max_ms = any_ms(seed),
		.ptime_ms = any_ms(seed),
		.pdv_p50_ms = any_ms(seed),
		.pdv_p95_ms = any_ms(seed),
		.pdv_p99_ms = any_ms(seed),
		.depth_ms = any_ms(seed),
		.rtt_receiver_ms = any_ms(seed),
		.rtt_sender_ms = any_ms(seed),
		.r_cq = any_r(seed),
		.audio_speech_pct = any_ms(seed),
		.audio_clipping_pct = any_ms(seed),
		.audio_level_dbov = disorder_below(seed, 2)
		                            ? NAN
		                            : disorder_below(seed, 12701) / -100.0,
		.payload_type = (uint8_t)disorder_below(seed, 128),
		.dscp = (uint8_t)disorder_below(seed, 64),
		.ttl = (uint8_t)disorder_below(seed, 256),
		.flags = disorder_below(seed, 32),
	};
	for (unsigned int v = 0; v < TIMELINE_VIEWS; v++)
		out.views[v] = (struct interval_loss){
			any_count(seed), any_count(seed), any_count(seed), any_count(seed),
			any_count(seed), any_count(seed), any_r(seed),
		};
	return out;
}

static void check_real(const char *what, double in, double out, double least, double most)
{
	if (isnan(in) ? !isnan(out)
	              : !(fabs(fmin(fmax(in, least), most) - out) <= TIME_STEP * 0.5001))
		fail_msg("%s: %.9g became %.9g", what, in, out);
}

static void check_count(const char *what, uint64_t in, uint64_t out)
{
	if (out != (in < MOST_COUNT ? in : MOST_COUNT))
		fail_msg("%s: %ju became %ju", what, (uintmax_t)in, (uintmax_t)out);
}

static void check_loss(const struct interval_loss *in, const struct interval_loss *out)
{
	check_count("bad", in->bad, out->bad);
	check_count("runs", in->runs, out->runs);
	check_count("bursts", in->bursts, out->bursts);
	check_count("burst packets", in->burst_packets, out->burst_packets);
	check_count("burst bad", in->burst_bad, out->burst_bad);
	check_count("gaps", in->gaps, out->gaps);
	check_real("R", in->r, out->r, LOWEST_R, INFINITY);
}

static void check_same(const struct interval *in, const struct interval *out)
{
	assert_int_equal(in->at, out->at);
	check_count("expected", in->expected, out->expected);
	check_count("duplicates", in->duplicates, out->duplicates);
	check_count("reordered", in->reordered, out->reordered);
	check_count("octets", in->octets, out->octets);
	check_real("jitter last", in->jitter_last_ms, out->jitter_last_ms, 0, LONGEST_MS);
	check_real("jitter mean", in->jitter_mean_ms, out->jitter_mean_ms, 0, LONGEST_MS);
	check_real("jitter max", in->jitter_max_ms, out->jitter_max_ms, 0, LONGEST_MS);
	check_real("delta max", in->delta_max_ms, out->delta_max_ms, 0, LONGEST_MS);
	check_real("ptime", in->ptime_ms, out->ptime_ms, 0, LONGEST_MS);
	check_real("pdv p50", in->pdv_p50_ms, out->pdv_p50_ms, 0, LONGEST_MS);
	check_real("pdv p95", in->pdv_p95_ms, out->pdv_p95_ms, 0, LONGEST_MS);
	check_real("pdv p99", in->pdv_p99_ms, out->pdv_p99_ms, 0, LONGEST_MS);
	check_real("depth", in->depth_ms, out->depth_ms, 0, LONGEST_MS);
	check_real("RTT of the receiver", in->rtt_receiver_ms, out->rtt_receiver_ms, 0,
	           LONGEST_MS);
	check_real("RTT of the sender", in->rtt_sender_ms, out->rtt_sender_ms, 0,
	           LONGEST_MS);
	check_real("R with delay", in->r_cq, out->r_cq, LOWEST_R, INFINITY);
	check_real("speech", in->audio_speech_pct, out->audio_speech_pct, 0, LONGEST_MS);
	check_real("clipping", in->audio_clipping_pct, out->audio_clipping_pct, 0,
	           LONGEST_MS);
	check_real("level", in->audio_level_dbov, out->audio_level_dbov, -200, 0);
	assert_int_equal(in->payload_type, out->payload_type);
	assert_int_equal(in->dscp, out->dscp);
	assert_int_equal(in->ttl, out->ttl);
	assert_int_equal(in->flags, out->flags);
	for (unsigned int v = 0; v < TIMELINE_VIEWS; v++)
		check_loss(&in->views[v], &out->views[v]);
}

/* A few slots on, sometimes a year on. */
static nstime later(uint64_t *seed, nstime at, nstime length)
{
	const uint32_t skipped =
	        disorder_below(seed, 4)
	                ? 0
	                : disorder_below(seed, 1u << disorder_below(seed, 23));
	return at + (1 + (nstime)skipped) * length;
}

static struct span blob_of(const struct timeline *timeline)
{
	return timeline_blob(timeline);
}

static void round_trip(uint64_t seed, nstime begin, nstime length)
{
	static struct interval in[INTERVALS];
	struct timeline timeline = { 0 };
	nstime at = timeline_slot(begin, length) * length;
	for (size_t i = 0; i < INTERVALS; i++) {
		in[i] = any_interval(&seed, at);
		assert_int_equal(timeline_add(&timeline, length, &in[i], ROOM), OK);
		at = later(&seed, at, length);
	}
	assert_int_equal(timeline.intervals, INTERVALS);
	struct timeline_reader reader;
	struct interval out;
	assert_int_equal(timeline_open(blob_of(&timeline), &reader), OK);
	assert_int_equal(reader.length, length);
	for (size_t i = 0; i < INTERVALS; i++) {
		assert_int_equal(timeline_next(&reader, &out), OK);
		check_same(&in[i], &out);
	}
	assert_int_equal(timeline_next(&reader, &out), ERR_NOT_FOUND);
	timeline_free(&timeline);
}

static void what_goes_in_comes_out(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		round_trip(seed, BEGIN, LENGTH);
		round_trip(seed, 0, NS_PER_MS);
		round_trip(seed, -12345 * NS_PER_SEC, 60 * NS_PER_SEC);
	}
}

static struct interval quiet_interval(nstime at)
{
	struct interval out = {
		.at = at, .expected = 250, .octets = 50000, .ptime_ms = 20
	};
	for (unsigned int v = 0; v < TIMELINE_VIEWS; v++)
		out.views[v] = (struct interval_loss){ .gaps = 1, .r = 93.21 };
	return out;
}

/* By hand from the layout: where all is as predicted, ten bits. */
static void what_does_not_change_is_two_octets(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	struct interval interval = quiet_interval(BEGIN);
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM), OK);
	const uint32_t first = timeline.length;
	interval.at += LENGTH;
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM), OK);
	assert_int_equal(timeline.length, first + 2);
	assert_int_equal(timeline_blob(&timeline).at[first], 0);
	assert_int_equal(timeline_blob(&timeline).at[first + 1], 0);
	/* version; 5000 ms = 39 * 128 + 8; slot 353,445,119 before the first, doubled. */
	static const uint8_t head[] = { 2, 0x80 | 8, 39, 0xfe, 0x93, 0x89, 0xd1, 0x02 };
	assert_memory_equal(timeline_blob(&timeline).at, head, sizeof head);
	timeline_free(&timeline);
}

/* Of intervals 0, 1, 3, 4 the capture lost packets of 1 and 4; and of 2, which is not
 * there. */
static void suspects_are_told_with_their_interval(void **state)
{
	(void)state;
	static const uint32_t expected[] = { 0, 7, 0, 0, 70000 };
	struct timeline timeline = { 0 };
	for (unsigned int n = 0; n < 5; n++) {
		const struct interval interval = quiet_interval(BEGIN + n * LENGTH);
		if (n != 2)
			assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM),
			                 OK);
	}
	for (unsigned int n = 1; n < 5; n++)
		if (n == 2 || expected[n])
			assert_int_equal(timeline_suspect(&timeline, LENGTH,
			                                  BEGIN + n * LENGTH,
			                                  n == 2 ? 9 : expected[n], ROOM),
			                 OK);
	struct timeline_reader reader;
	assert_int_equal(timeline_open(blob_of(&timeline), &reader), OK);
	struct interval out;
	unsigned int count = 0;
	while (timeline_next(&reader, &out) == OK) {
		const size_t n = (size_t)((out.at - BEGIN) / LENGTH);
		assert_int_equal(out.suspect_lost, expected[n]);
		count++;
	}
	assert_int_equal(count, 4);
	timeline_free(&timeline);
}

static void it_grows_up_to_its_limit(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	struct interval interval = quiet_interval(BEGIN);
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, 8), ERR_FULL);
	assert_int_equal(timeline.length, 0);
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM), OK);
	const size_t most = timeline.length + 2;
	interval.at += LENGTH;
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, most), OK);
	interval.at += LENGTH;
	assert_int_equal(timeline_add(&timeline, LENGTH, &interval, most), ERR_FULL);
	assert_int_equal(timeline.length, most);
	assert_int_equal(timeline.intervals, 2);
	struct timeline_reader reader;
	struct interval out;
	assert_int_equal(timeline_open(blob_of(&timeline), &reader), OK);
	assert_int_equal(timeline_next(&reader, &out), OK);
	assert_int_equal(timeline_next(&reader, &out), OK);
	assert_int_equal(timeline_next(&reader, &out), ERR_NOT_FOUND);
	timeline_free(&timeline);
}

/* --- damaged blobs ------------------------------------------------------------------ */

/* Reads to the end, from a copy of the exact size; how many intervals, and why it ended. */
static enum status read_all(const uint8_t *bytes, size_t len, size_t *count)
{
	uint8_t *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	struct timeline_reader reader;
	struct interval out;
	*count = 0;
	enum status status = timeline_open((struct span){ copy, len }, &reader);
	while (status == OK && (status = timeline_next(&reader, &out)) == OK)
		++*count;
	free(copy);
	return status;
}

static void a_blob_cut_short_ends_or_is_malformed(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	uint64_t seed = 5;
	uint32_t ends[20] = { 0 };
	nstime at = BEGIN;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++, at += LENGTH) {
		const struct interval interval = any_interval(&seed, at);
		assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM), OK);
		ends[i] = timeline.length;
	}
	size_t whole = 0;
	for (uint32_t len = 0; len < timeline.length; len++) {
		size_t count;
		whole += whole < ARRAY_LEN(ends) && len == ends[whole];
		const enum status status =
		        read_all(timeline_blob(&timeline).at, len, &count);
		const bool head = len == 8; /* a timeline without an interval */
		const bool edge = head || (whole > 0 && len == ends[whole - 1]);
		assert_int_equal(status, edge ? ERR_NOT_FOUND : ERR_MALFORMED);
		assert_int_equal(count, whole);
	}
	timeline_free(&timeline);
}

#define HEAD 2, 1, 0 /* intervals of 1 ms, from 1970 on */
#define HUGE_VARINT 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01

/*
 * At the beginning the orders of the sixth group are 0 3 5 3 0 0 0 0, so an interval with
 * no error in it is 0 000001000, then 1 1000 100000 1000 1 1 1 1.  The order of the first
 * value is 6.
 */
static const struct {
	const char *what;
	uint8_t bytes[40];
	size_t len;
	enum status status;
	size_t intervals;
} blobs[] = {
	{ "nothing", { 0 }, 0, ERR_MALFORMED, 0 },
	{ "the version alone", { 2 }, 1, ERR_MALFORMED, 0 },
	{ "another version", { 1, 1, 0 }, 3, ERR_UNSUPPORTED, 0 },
	{ "no length", { 2, 0, 0 }, 3, ERR_MALFORMED, 0 },
	{ "a length beyond all time", { 2, HUGE_VARINT, 0 }, 12, ERR_MALFORMED, 0 },
	{ "eleven octets of a varint",
	  { 2, 1, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 },
	  13,
	  ERR_MALFORMED,
	  0 },
	{ "the first slot is beyond all time",
	  { 2, 1, HUGE_VARINT, 0, 0 },
	  14,
	  ERR_MALFORMED,
	  0 },
	{ "no interval", { HEAD }, 3, ERR_NOT_FOUND, 0 },
	{ "three as predicted", { HEAD, 0, 0, 0, 0, 0, 0 }, 9, ERR_NOT_FOUND, 3 },
	{ "half an interval", { HEAD, 0, 0, 0 }, 6, ERR_MALFORMED, 1 },
	{ "a group without its values", { HEAD, 0, 0, 0x40, 0 }, 7, ERR_MALFORMED, 1 },
	{ "a group of no errors", { HEAD, 0x02, 0x31, 0x04, 0x78 }, 7, ERR_NOT_FOUND, 1 },
	{ "its last bits are missing", { HEAD, 0x02, 0x31, 0x04 }, 6, ERR_MALFORMED, 0 },
	{ "more zeros than there can be",
	  { HEAD, 0x40, 0, 0, 0, 0, 0, 0, 0 },
	  11,
	  ERR_MALFORMED,
	  0 },
	{ "an error of 33 bits",
	  { HEAD, 0x40, 0, 0, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	    0xff, 0xff, 0xff },
	  20,
	  ERR_MALFORMED,
	  0 },
	{ "slots run back", { HEAD, 0x02, 0x31, 0x04, 0x74 }, 7, ERR_MALFORMED, 0 },
	{ "as many slots as there are",
	  { HEAD, 0x02, 0x31, 0x04, 0x70, 0, 0, 0, 0x1f, 0xff, 0xff, 0xff, 0xe0 },
	  15,
	  ERR_NOT_FOUND,
	  1 },
	{ "suspects end it",
	  { HEAD, 0, 0, TIMELINE_SUSPECTS, 2, 7, 0, 0 },
	  10,
	  ERR_NOT_FOUND,
	  1 },
	{ "no interval begins with a one",
	  { HEAD, 0, 0, TIMELINE_SUSPECTS + 1, 0 },
	  7,
	  ERR_MALFORMED,
	  1 },
};

static void what_is_no_timeline_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(blobs); i++) {
		size_t count;
		const enum status status = read_all(blobs[i].bytes, blobs[i].len, &count);
		if (status != blobs[i].status || count != blobs[i].intervals)
			fail_msg("%s: status %d after %zu", blobs[i].what, status, count);
	}
}

/* Any octets at all: it ends, with one of three answers. */
static void random_octets_do_no_harm(void **state)
{
	(void)state;
	uint64_t seed = 11;
	uint8_t bytes[300];
	for (unsigned int round = 0; round < 20000; round++) {
		const size_t len = disorder_below(&seed, sizeof bytes);
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(disorder(&seed) >> 16);
		if (round % 8)
			bytes[0] = TIMELINE_VERSION;
		size_t count;
		const enum status status = read_all(bytes, len, &count);
		assert_true(status == ERR_MALFORMED || status == ERR_UNSUPPORTED ||
		            status == ERR_NOT_FOUND);
		assert_true(count <= len);
	}
}

static void damage_does_no_harm(void **state)
{
	(void)state;
	struct timeline timeline = { 0 };
	uint64_t seed = 3;
	for (nstime i = 0; i < 30; i++) {
		const struct interval interval = any_interval(&seed, BEGIN + i * LENGTH);
		assert_int_equal(timeline_add(&timeline, LENGTH, &interval, ROOM), OK);
	}
	const struct span blob = timeline_blob(&timeline);
	uint8_t *bytes = malloc(blob.len);
	assert_non_null(bytes);
	memcpy(bytes, blob.at, blob.len);
	for (unsigned int round = 0; round < 5000; round++) {
		bytes[disorder_below(&seed, (uint32_t)blob.len)] ^=
		        (uint8_t)(1u << disorder_below(&seed, 8));
		size_t count;
		const enum status status = read_all(bytes, blob.len, &count);
		assert_true(status == ERR_MALFORMED || status == ERR_UNSUPPORTED ||
		            status == ERR_NOT_FOUND);
	}
	free(bytes);
	timeline_free(&timeline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(what_does_not_change_is_two_octets),
		cmocka_unit_test(suspects_are_told_with_their_interval),
		cmocka_unit_test(it_grows_up_to_its_limit),
		cmocka_unit_test(a_blob_cut_short_ends_or_is_malformed),
		cmocka_unit_test(what_is_no_timeline_is_told),
		cmocka_unit_test(random_octets_do_no_harm),
		cmocka_unit_test(damage_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
