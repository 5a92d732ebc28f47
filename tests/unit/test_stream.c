/* Rules: quality.md 4.3, 4.4 and the rows of its section 9 that are about one stream. */
#include "analyzer/track/stream.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

enum { DYNAMIC = 96, PTIME_MS = 20 };

static const struct payload_meaning pcmu = { .codec = CODEC_PCMU,
	                                     .clock_hz = 8000,
	                                     .basis = CLOCK_SDP };
static const struct payload_meaning opus = { .codec = CODEC_OPUS,
	                                     .clock_hz = 48000,
	                                     .basis = CLOCK_SDP };
static const struct payload_meaning event = { .codec = CODEC_TELEPHONE_EVENT,
	                                      .clock_hz = 8000,
	                                      .basis = CLOCK_SDP };
static const struct payload_meaning noise = { .codec = CODEC_CN,
	                                      .clock_hz = 8000,
	                                      .basis = CLOCK_STATIC };
static const struct payload_meaning video = { .codec = CODEC_H264,
	                                      .clock_hz = 90000,
	                                      .basis = CLOCK_SDP };
static const struct payload_meaning unknown = { 0 };

static struct settings settings;

static int set_settings(void **state)
{
	(void)state;
	settings = settings_default();
	return 0;
}

static struct stream_record end(struct stream *stream)
{
	struct stream_record record;
	stream_end(stream, &settings);
	stream_record(stream, &settings, &record);
	free(stream->held);
	stream_drop(stream);
	return record;
}

/* As the media machine does it: the type's meaning is asked for when it is first met. */
static void feed(struct stream *stream, double arrival_ms, uint16_t sequence,
                 uint32_t timestamp, uint8_t type, const struct payload_meaning *meaning)
{
	const struct stream_packet packet = { .arrival = (nstime)(arrival_ms * 1e6),
		                              .timestamp = timestamp,
		                              .sequence = sequence,
		                              .payload_type = type };
	struct stream_type *entry = stream_type(stream, type);
	if (stream->state.interval_end == 0)
		stream_begin(stream, stream->hot, &settings, packet.arrival);
	if (!entry)
		entry = stream_add_type(stream, type, packet.arrival, meaning);
	if (stream_wants_held(stream))
		stream->held = calloc(1, sizeof *stream->held);
	if (stream_must_switch(stream, type))
		stream_switch(stream, type, entry, NULL);
	stream_update(stream, &settings, &packet);
}

static bool same(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b;
}

static void assert_same_timing(const struct stream_record *a, const struct stream_record *b)
{
	assert_true(same(a->jitter_last_ms, b->jitter_last_ms));
	assert_true(same(a->jitter_max_ms, b->jitter_max_ms));
	assert_true(same(a->jitter_mean_ms, b->jitter_mean_ms));
	assert_true(same(a->ptime_ms, b->ptime_ms));
	assert_true(same(a->delta_max_ms, b->delta_max_ms));
	assert_int_equal(a->ts_resync, b->ts_resync);
	assert_int_equal(a->clock_hz, b->clock_hz);
	assert_int_equal(a->codec, b->codec);
	assert_int_equal(a->clock_basis, b->clock_basis);
}

/* --- a type that is explained late ------------------------------------------------- */

/*
 * `count` packets of 20 ms at that clock with delays, a loss, a late one and a restart, the
 * SDP known before the packet `explained`.
 */
static struct stream_record explained_before(uint32_t explained, uint32_t count,
                                             const struct payload_meaning *meaning)
{
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	uint64_t seed = 1;
	for (uint32_t i = 0; i < count; i++) {
		struct stream_type *type = stream_type(&stream, DYNAMIC);
		if (i == explained && type)
			stream_explain(&stream, &settings, type, meaning);
		uint32_t n = i == 10 ? 11 : i == 11 ? 10 : i;
		n += i > 20; /* 21 is lost */
		const uint32_t jump = i > 30 ? 20000 : 0;
		feed(&stream, PTIME_MS * n + disorder_below(&seed, 30),
		     (uint16_t)(n + jump),
		     n * PTIME_MS * meaning->clock_hz / 1000 + 999 * jump, DYNAMIC,
		     i >= explained ? meaning : &unknown);
	}
	return end(&stream);
}

static void explained_late_is_as_good_as_explained_early(void **state)
{
	(void)state;
	static const uint32_t moments[] = { 1, 2, 12, 31, 32, 33, HELD_HEADERS - 2 };
	const struct stream_record early = explained_before(0, 200, &opus);
	assert_int_equal(early.codec, CODEC_OPUS);
	assert_int_equal(early.restarts, 1);
	assert_int_equal(early.reordered, 1);
	assert_true(early.jitter_max_ms > 0);
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		const struct stream_record late = explained_before(moments[i], 200, &opus);
		assert_same_timing(&late, &early);
	}
}

static const struct {
	const char *what;
	uint32_t packets;
	double ticks_per_packet; /* at 20 ms each */
	uint32_t clock_hz;       /* 0: not guessed */
} guesses[] = {
	{ "8 kHz", 30, 160, 8000 },
	{ "16 kHz", 30, 320, 16000 },
	{ "48 kHz", 30, 960, 48000 },
	{ "48 kHz in a stream longer than what is held", 500, 960, 48000 },
	{ "1 % too fast is within 2 %", 40, 161.6, 8000 },
	{ "1 % too slow is within 2 %", 40, 158.4, 8000 },
	{ "3 % is not", 40, 164.8, 0 },
	{ "90 kHz is video's", 40, 1800, 0 },
	{ "a frozen timestamp says nothing", 40, 0, 0 },
	{ "a few packets say too little", 5, 160, 0 },
};

static void a_clock_is_guessed_within_two_percent(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(guesses); i++) {
		struct stream_hot hot = { 0 };
		struct stream stream = { .hot = &hot };
		for (uint32_t n = 0; n < guesses[i].packets; n++)
			feed(&stream, PTIME_MS * n, (uint16_t)n,
			     (uint32_t)(n * guesses[i].ticks_per_packet), DYNAMIC,
			     &unknown);
		const struct stream_record out = end(&stream);
		const bool guessed = guesses[i].clock_hz > 0;
		if (out.clock_hz != guesses[i].clock_hz ||
		    (out.clock_basis == CLOCK_GUESSED) != guessed ||
		    !(out.flags & STREAM_GUESSED) != !guessed ||
		    isnan(out.jitter_max_ms) == guessed || !isnan(out.mos_lq))
			fail_msg("%s: %ju Hz", guesses[i].what, (uintmax_t)out.clock_hz);
	}
}

/* A guess late is no worse than a declaration early, but for the codec's name. */
static void a_guessed_clock_gives_the_figures_of_the_declared_one(void **state)
{
	(void)state;
	struct stream_hot hots[2] = { { .last = 0 } };
	struct stream told = { .hot = &hots[0] };
	struct stream guessed = { .hot = &hots[1] };
	uint64_t seed = 1;
	for (uint32_t n = 0; n < 300; n++) {
		const double late = disorder_below(&seed, 15);
		feed(&told, PTIME_MS * n + late, (uint16_t)n, 160 * n, DYNAMIC, &pcmu);
		feed(&guessed, PTIME_MS * n + late, (uint16_t)n, 160 * n, DYNAMIC,
		     &unknown);
	}
	const struct stream_record a = end(&told);
	const struct stream_record b = end(&guessed);
	assert_true(same(a.jitter_max_ms, b.jitter_max_ms));
	assert_true(same(a.jitter_mean_ms, b.jitter_mean_ms));
	assert_true(same(a.ptime_ms, b.ptime_ms));
	assert_int_equal(b.codec, CODEC_UNKNOWN);
	assert_int_equal(b.clock_basis, CLOCK_GUESSED);
}

/* --- what jitter leaves out -------------------------------------------------------- */

static const struct {
	const char *what;
	const struct payload_meaning *meaning;
} not_heard[] = { { "digits (RFC 4733)", &event },
	          { "comfort noise", &noise },
	          { "video", &video } };

/* Between audio packets, three of another kind with a frozen timestamp, badly delayed. */
static void only_audio_has_jitter(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(not_heard); i++) {
		struct stream_hot hot = { 0 };
		struct stream stream = { .hot = &hot };
		for (uint32_t n = 0; n < 10; n++) {
			const bool other = n >= 4 && n < 7;
			feed(&stream, PTIME_MS * n + (other ? 15 : 0), (uint16_t)n,
			     other ? 4 * 160 : n * 160, other ? 101 : 0,
			     other ? not_heard[i].meaning : &pcmu);
		}
		const struct stream_record out = end(&stream);
		if (out.jitter_max_ms != 0 || out.expected != 10 || out.lost != 0 ||
		    out.payload_types.count != 2 || out.payload_types.packets[1] != 3 ||
		    out.codec != CODEC_PCMU || out.ptime_ms != PTIME_MS)
			fail_msg("%s: jitter %g, lost %ju", not_heard[i].what,
			         out.jitter_max_ms, (uintmax_t)out.lost);
	}
}

static void a_stream_of_events_alone_has_no_jitter_and_no_score(void **state)
{
	(void)state;
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 10; n++)
		feed(&stream, PTIME_MS * n, (uint16_t)n, 0, 101, &event);
	const struct stream_record out = end(&stream);
	assert_true(isnan(out.jitter_max_ms));
	assert_true(isnan(out.mos_lq) && isnan(out.r));
	assert_int_equal(out.band, BAND_NONE);
	assert_int_equal(out.received, 10);
}

static void duplicates_are_in_no_jitter(void **state)
{
	(void)state;
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 200; n++) {
		feed(&stream, PTIME_MS * n, (uint16_t)n, 160 * n, 0, &pcmu);
		if (n < 80) /* copies 1 ms behind: as a mirror port makes them */
			feed(&stream, PTIME_MS * n + 1, (uint16_t)n, 160 * n, 0, &pcmu);
	}
	const struct stream_record out = end(&stream);
	assert_int_equal(out.packets, 280);
	assert_int_equal(out.received, 200);
	assert_int_equal(out.duplicates, 80);
	assert_int_equal(out.lost, 0);
	assert_true(out.jitter_max_ms == 0);
	assert_true(out.flags & STREAM_MIRRORED); /* 40 % within 2 ms */
}

/* The same IP packet once more is the mirror's; another one is the sender's. */
static void the_mirrors_copies_are_told_from_the_senders(void **state)
{
	(void)state;
	for (uint16_t apart = 0; apart < 2; apart++) {
		struct stream_hot hot = { 0 };
		struct stream stream = { .hot = &hot };
		const struct stream_packet first = { .arrival = 0, .ip_id = 7 };
		const struct stream_packet copy = { .arrival = NS_PER_MS,
			                            .ip_id = (uint16_t)(7 + apart) };
		struct stream_type *type = stream_add_type(&stream, 0, 0, &pcmu);
		stream_begin(&stream, &hot, &settings, first.arrival);
		stream_switch(&stream, 0, type, NULL);
		stream_update(&stream, &settings, &first);
		stream_update(&stream, &settings, &copy);
		const struct stream_record out = end(&stream);
		assert_int_equal(out.duplicates, 1);
		assert_int_equal(out.span_copies, 1 - apart);
	}
}

static void copies_that_come_later_are_no_mirror(void **state)
{
	(void)state;
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 100; n++) {
		feed(&stream, PTIME_MS * n, (uint16_t)n, 160 * n, 0, &pcmu);
		feed(&stream, PTIME_MS * n + 3, (uint16_t)n, 160 * n, 0, &pcmu);
	}
	const struct stream_record out = end(&stream);
	assert_int_equal(out.duplicates, 100);
	assert_false(out.flags & STREAM_MIRRORED);
}

/* --- jumps ------------------------------------------------------------------------- */

static const struct {
	const char *what;
	uint32_t numbers_on, ms_on, timestamp_ms_on;
	uint64_t outage;
} jumps[] = {
	{ "60 s of silence, counted through", 3000, 60000, 60000, 2999 },
	{ "4 % off is within 5 %", 3120, 60000, 60000, 3119 },
	{ "numbers 6 % off", 3200, 60000, 60000, 0 },
	{ "timestamp 6 % off", 3000, 60000, 63700, 0 },
	{ "another sender after no pause", 20000, 20, 5000, 0 },
	{ "a sender that begins anew after a pause", 20000, 60000, 60000, 0 },
};

static void only_a_real_outage_is_charged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(jumps); i++) {
		struct stream_hot hot = { 0 };
		struct stream stream = { .hot = &hot };
		for (uint32_t n = 0; n < 200; n++) {
			const bool on = n >= 100;
			const uint32_t k = on ? n - 100 : n;
			feed(&stream, PTIME_MS * k + (on ? 1980.0 + jumps[i].ms_on : 0),
			     (uint16_t)(k + (on ? 99 + jumps[i].numbers_on : 0)),
			     160 * k + (on ? 8 * (1980 + jumps[i].timestamp_ms_on) : 0), 0,
			     &pcmu);
		}
		const struct stream_record out = end(&stream);
		const double ppl =
		        100.0 * (double)jumps[i].outage / (200.0 + (double)jumps[i].outage);
		if (out.restarts != 1 || out.lost != 0 || out.expected != 200 ||
		    out.outage_lost != jumps[i].outage || fabs(out.ppl - ppl) > 1e-9 ||
		    out.jitter_max_ms > 0)
			fail_msg("%s: outage %ju, restarts %ju, jitter %g", jumps[i].what,
			         (uintmax_t)out.outage_lost, (uintmax_t)out.restarts,
			         out.jitter_max_ms);
	}
}

/* --- the rest ---------------------------------------------------------------------- */

static const struct {
	const char *what;
	uint8_t bytes[12];
	size_t len;
	bool ok;
	uint8_t primary;
} reds[] = {
	{ "primary alone", { 0x00, 1, 2 }, 3, true, 0 },
	{ "one redundant block before it", { 0x80 | 96, 0, 0, 4, 8, 1 }, 6, true, 8 },
	{ "two blocks before it", { 0x80, 0, 0, 1, 0x88, 0, 0, 1, 97, 1 }, 10, true, 97 },
	{ "cut behind the first block", { 0x80, 0, 0, 4 }, 4, false, 0 },
	{ "cut in a block", { 0x80, 0 }, 2, false, 0 },
	{ "nothing", { 0 }, 0, false, 0 },
};

static void redundancy_names_its_primary_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reds); i++) {
		uint8_t primary = 255;
		const struct span span = { reds[i].bytes, reds[i].len };
		if (stream_red_primary(span, &primary) != reds[i].ok ||
		    (reds[i].ok && primary != reds[i].primary))
			fail_msg("%s: %u", reds[i].what, primary);
	}
}

static void types_past_the_cap_are_counted_without_a_type(void **state)
{
	(void)state;
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 100; n++)
		feed(&stream, PTIME_MS * n, (uint16_t)n, 160 * n, (uint8_t)(n % 10), &pcmu);
	const struct stream_record out = end(&stream);
	assert_int_equal(out.payload_types.count, RECORD_MAX_TYPES);
	assert_int_equal(out.received, 100);
	assert_int_equal(out.lost, 0);
	for (size_t i = 0; i < RECORD_MAX_TYPES; i++)
		assert_int_equal(out.payload_types.packets[i], 10);
}

static struct stream_record backwards_once(uint32_t packets)
{
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < packets; n++)
		feed(&stream, PTIME_MS * (n == 50 ? 20 : n), (uint16_t)n, 160 * n, 0,
		     &pcmu);
	return end(&stream);
}

static void flags_and_times(void **state)
{
	(void)state;
	const struct stream_record out = backwards_once(99);
	assert_true(out.flags & STREAM_SHORT);
	assert_true(out.flags & STREAM_TIME_BACKWARDS);
	assert_int_equal(out.first, 0);
	assert_int_equal(out.last, 98 * (PTIME_MS * NS_PER_MS));
	assert_false(backwards_once(100).flags & STREAM_SHORT);
}

/*
 * 100 packets before the answer of which 20 are lost, 200 after it of which 4 are, apart:
 * 2 % there.  With Ie 0 and Bpl 25.1, R is 93.206 - 95 * 2 / (2 + 25.1).
 */
static void early_media_is_also_scored_apart(void **state)
{
	(void)state;
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 300; n++) {
		if (n == 100)
			stream_answered(&stream);
		if ((n < 99 && n % 5 == 1) || (n > 100 && n % 50 == 25))
			continue;
		feed(&stream, PTIME_MS * n, (uint16_t)n, 160 * n, 0, &pcmu);
	}
	const struct stream_record out = end(&stream);
	assert_int_equal(out.lost, 24);
	assert_true(fabs(out.ppl - 8) < 1e-9);
	assert_true(fabs(out.ppl_answered - 2) < 1e-9);
	assert_true(fabs(out.r_answered - (93.2062077 - 95 * 2 / 27.1)) < 1e-6);
	assert_true(out.r_answered > out.r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explained_late_is_as_good_as_explained_early),
		cmocka_unit_test(a_clock_is_guessed_within_two_percent),
		cmocka_unit_test(a_guessed_clock_gives_the_figures_of_the_declared_one),
		cmocka_unit_test(only_audio_has_jitter),
		cmocka_unit_test(a_stream_of_events_alone_has_no_jitter_and_no_score),
		cmocka_unit_test(duplicates_are_in_no_jitter),
		cmocka_unit_test(the_mirrors_copies_are_told_from_the_senders),
		cmocka_unit_test(copies_that_come_later_are_no_mirror),
		cmocka_unit_test(only_a_real_outage_is_charged),
		cmocka_unit_test(redundancy_names_its_primary_type),
		cmocka_unit_test(types_past_the_cap_are_counted_without_a_type),
		cmocka_unit_test(flags_and_times),
		cmocka_unit_test(early_media_is_also_scored_apart),
	};
	return cmocka_run_group_tests(tests, set_settings, NULL);
}
