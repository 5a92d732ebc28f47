/* Rules: quality.md section 8; RFC 4867, RFC 6716, TS 26.445 for the payloads. */
#include "analyzer/track/stream_mode.h"

#include <math.h>
#include <stdlib.h>

#include "schema/timeline.h"
#include "tests/unit/unit.h"

enum { TYPE = 96, OTHER_TYPE = 97 };

/* R without any impairment (G.107, G.107.1). */
#define NB_R 93.2062
#define WB_R 129.0

static struct settings settings;

static int set_settings(void **state)
{
	(void)state;
	settings = settings_default();
	return 0;
}

/* What one sends, some times over; as long on the wire as it says. */
struct sends {
	unsigned int count;
	uint8_t head[6];
	uint8_t captured; /* bytes of these */
	uint8_t length;
};

/* CMR 15, then F = 0, FT, Q = 1: bandwidth-efficient, and with octets aligned. */
#define BE(count, type, length)                                                            \
	{                                                                                  \
		count, { 0xf0 | (type) >> 1, ((type)&1) << 7 | 0x40 }, 2, length           \
	}
#define OA(count, type, length)                                                            \
	{                                                                                  \
		count, { 0xf0, (type) << 3 | 4 }, 2, length                                \
	}
#define TOC(count, config, length)                                                         \
	{                                                                                  \
		count, { (config) << 3 }, 1, length                                        \
	}
#define LENGTH(count, length)                                                              \
	{                                                                                  \
		count, { 0 }, 0, length                                                    \
	}

#define SPEAKS(name, hz) .codec = CODEC_##name, .clock_hz = (hz), .basis = CLOCK_SDP

static void feed(struct stream *stream, uint32_t n, uint8_t type,
                 const struct payload_meaning *meaning, const struct sends *sends)
{
	const struct stream_packet packet = {
		.arrival = (nstime)n * 20 * NS_PER_MS,
		.timestamp = n * meaning->clock_hz / 50,
		.sequence = (uint16_t)n,
		.payload_type = type,
		.payload = { sends->head, sends->captured },
		.payload_len = sends->length,
	};
	struct stream_type *entry = stream_type(stream, type);
	if (stream->state.interval_end == 0)
		stream_begin(stream, stream->hot, &settings, packet.arrival);
	if (!entry)
		entry = stream_add_type(stream, type, packet.arrival, meaning);
	if (stream_must_switch(stream, type)) { /* as the media machine does it */
		if (packet.arrival >= stream->state.interval_end)
			stream_close_interval(stream, &settings, packet.arrival);
		stream_switch(stream, type, entry, NULL);
	}
	stream_update(stream, &settings, &packet);
	if (stream->hot->has_modes)
		assert_int_equal(stream_mode_note(stream, &packet), OK);
}

static struct stream_record end(struct stream *stream)
{
	struct stream_record record;
	stream_end(stream, &settings);
	stream_record(stream, &settings, &record);
	return record;
}

enum { MOST_KINDS = 3 };

/* clang-format off */
#define AMR { SPEAKS(AMR, 8000) }
#define OPUS { SPEAKS(OPUS, 48000) }
#define NB(ie, basis) BAND_NB, ie, BASIS_##basis
#define WB(ie, basis) BAND_WB, ie, BASIS_##basis
#define FB(ie, basis) BAND_FB, ie, BASIS_##basis


static const struct {
	const char *what;
	struct payload_meaning meaning;
	bool encrypted;
	struct sends sends[MOST_KINDS];
	uint32_t bit_rate_bps, audio_hz;
	bool assumed;
	enum band band;
	double ie;
	enum basis basis;
} cases[] = {
	{ "AMR 12.2", AMR, false, { BE(9, 7, 32) }, 12200, 0, false, NB(5, PROJECT) },
	{ "most were 7.95", AMR, false, { BE(4, 7, 32), BE(5, 5, 22) },
	  7950, 0, false, NB(10, PROJECT) },
	{ "of equals the first", AMR, false, { BE(5, 7, 32), BE(5, 5, 22) },
	  12200, 0, false, NB(5, PROJECT) },
	{ "SID and no data have no vote", AMR, false,
	  { BE(20, 8, 7), BE(20, 15, 2), BE(2, 0, 14) }, 4750, 0, false, NB(21, PROJECT) },
	{ "nothing but SID", AMR, false, { BE(20, 8, 7) }, 0, 0, true, NB(5, PROJECT) },
	{ "octets aligned", { SPEAKS(AMR_WB, 16000), .octet_aligned = true }, false,
	  { OA(9, 8, 62) }, 23850, 0, false, WB(8, PUBLISHED) },
	{ "aligned although the SDP says not", AMR, false, { OA(9, 5, 22) },
	  7950, 0, false, NB(10, PROJECT) },
	{ "not aligned although the SDP says so",
	  { SPEAKS(AMR_WB, 16000), .octet_aligned = true }, false, { BE(9, 0, 18) },
	  6600, 0, false, WB(41, PUBLISHED) },
	{ "the only mode of the SDP", { SPEAKS(AMR, 8000), .bit_rate_bps = 5900 }, false,
	  { BE(9, 7, 32) }, 5900, 0, false, NB(16.5, PROJECT) },
	{ "no AMR by its length", AMR, false, { BE(9, 7, 40) }, 0, 0, true, NB(5, PROJECT) },
	{ "AMR unseen", AMR, true, { BE(9, 0, 14) }, 0, 0, true, NB(5, PROJECT) },
	{ "AMR-WB unseen", { SPEAKS(AMR_WB, 16000) }, true, { BE(9, 0, 18) },
	  0, 0, true, WB(13, PROJECT) },
	{ "unseen, but the SDP has one mode only",
	  { SPEAKS(AMR_WB, 16000), .bit_rate_bps = 12650 }, true, { BE(9, 0, 18) },
	  12650, 0, false, WB(13, PUBLISHED) },

	{ "Opus, narrow", OPUS, false, { TOC(9, 1, 40) }, 0, 4000, false, FB(60, PROJECT) },
	{ "Opus, medium", OPUS, false, { TOC(9, 5, 40) }, 0, 6000, false, FB(60, PROJECT) },
	{ "Opus, wide", OPUS, false, { TOC(4, 31, 90), TOC(5, 9, 40) },
	  0, 8000, false, FB(24, PROJECT) },
	{ "Opus, superwide", OPUS, false, { TOC(9, 13, 40) },
	  0, 12000, false, FB(10.2, PROJECT) },
	{ "Opus, full", OPUS, false, { TOC(9, 31, 90) }, 0, 20000, false, FB(10.2, PROJECT) },
	{ "Opus without data has no vote", OPUS, false, { TOC(9, 31, 1), TOC(3, 9, 40) },
	  0, 8000, false, FB(24, PROJECT) },
	{ "Opus of which nothing was captured", OPUS, false, { LENGTH(9, 40) },
	  0, 0, true, FB(10.2, PROJECT) },

	{ "G.723.1 at 6.3", { SPEAKS(G723, 8000) }, false, { LENGTH(9, 24) },
	  6300, 0, false, NB(15, PUBLISHED) },
	{ "G.723.1 at 5.3", { SPEAKS(G723, 8000) }, false, { LENGTH(9, 20) },
	  5300, 0, false, NB(19, MIXED) },
	{ "G.723.1 of no known length", { SPEAKS(G723, 8000) }, false, { LENGTH(9, 23) },
	  0, 0, true, NB(15, PROJECT) },
	{ "iLBC of 20 ms", { SPEAKS(ILBC, 8000) }, false, { LENGTH(9, 38) },
	  15200, 0, false, NB(11, PROJECT) },
	{ "iLBC of 30 ms", { SPEAKS(ILBC, 8000) }, false, { LENGTH(9, 50) },
	  13330, 0, false, NB(11, PROJECT) },

	{ "EVS 13.2", { SPEAKS(EVS, 16000) }, false, { LENGTH(9, 33) },
	  13200, 0, false, FB(17.1, PUBLISHED) },
	{ "EVS 24.4", { SPEAKS(EVS, 16000) }, false, { LENGTH(9, 61) },
	  24400, 0, false, FB(7.2, PUBLISHED) },
	{ "EVS 13.2, wide by its SDP", { SPEAKS(EVS, 16000), .bandwidth = BANDWIDTH_WB },
	  false, { LENGTH(9, 33) }, 13200, 8000, false, FB(32, PROJECT) },
	{ "EVS in AMR-WB's 12.65", { SPEAKS(EVS, 16000), .bandwidth = BANDWIDTH_WB },
	  false, { LENGTH(9, 32) }, 12650, 0, false, WB(13, PUBLISHED) },

	{ "G.711 has no modes", { SPEAKS(PCMU, 8000) }, false, { LENGTH(9, 160) },
	  0, 0, false, NB(0, PUBLISHED) },
	{ "G.722 is taken as 64 kbit/s", { SPEAKS(G722, 8000) }, false, { LENGTH(9, 160) },
	  0, 0, false, WB(13, PUBLISHED) },
	{ "G.722.1 of unknown rate", { SPEAKS(G7221, 16000) }, false, { LENGTH(9, 60) },
	  0, 0, true, WB(13, PROJECT) },
	{ "G.722.1 by its SDP", { SPEAKS(G7221, 16000), .bit_rate_bps = 24000 }, false,
	  { LENGTH(9, 60) }, 24000, 0, false, WB(19, PUBLISHED) },
};
/* clang-format on */

static void the_majority_is_scored(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct stream_hot hot = { 0 };
		struct stream stream = { .hot = &hot, .encrypted = cases[i].encrypted };
		uint32_t n = 0;
		for (size_t k = 0; k < MOST_KINDS; k++)
			for (unsigned int c = 0; c < cases[i].sends[k].count; c++)
				feed(&stream, n++, TYPE, &cases[i].meaning,
				     &cases[i].sends[k]);
		const struct stream_record got = end(&stream);
		if (got.codec_bit_rate_bps != cases[i].bit_rate_bps ||
		    got.codec_audio_hz != cases[i].audio_hz ||
		    got.codec_mode_assumed != cases[i].assumed ||
		    got.band != cases[i].band || got.ie != cases[i].ie ||
		    got.basis != cases[i].basis || got.codec != cases[i].meaning.codec)
			fail_msg("%s: %u bit/s, %u Hz, assumed %d, %s, Ie %g, %s",
			         cases[i].what, (unsigned)got.codec_bit_rate_bps,
			         (unsigned)got.codec_audio_hz, got.codec_mode_assumed,
			         band_name(got.band), got.ie, basis_name(got.basis));
		stream_drop(&stream);
	}
}

/* The types and R of the intervals, in the buffer that is scored. */
static void assert_intervals(const struct stream *stream, size_t count,
                             const uint8_t *types, const double *ratings)
{
	struct timeline_reader reader;
	struct interval interval;
	const struct span blob = timeline_blob(&stream->timeline);
	assert_int_equal(timeline_open(blob, &reader), OK);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(timeline_next(&reader, &interval), OK);
		assert_int_equal(interval.payload_type, types[i]);
		if (fabs(interval.views[2].r - ratings[i]) > 0.01)
			fail_msg("interval %zu has R %g, not %g", i, interval.views[2].r,
			         ratings[i]);
	}
	assert_int_equal(timeline_next(&reader, &interval), ERR_NOT_FOUND);
}

static void each_interval_by_its_own_majority(void **state)
{
	(void)state;
	static const struct payload_meaning amr = { SPEAKS(AMR, 8000) };
	static const struct sends high = BE(1, 7, 32), low = BE(1, 0, 14),
	                          cut = LENGTH(1, 32);
	static const uint8_t types[] = { TYPE, TYPE, TYPE, TYPE };
	/* Where nothing was captured, as the stream so far. */
	static const double ratings[] = { NB_R - 5, NB_R - 21, NB_R - 5, NB_R - 5 };
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 1000; n++)
		feed(&stream, n, TYPE, &amr,
		     n < 260   ? &high
		     : n < 500 ? &low
		     : n < 750 ? &cut
		     : n < 900 ? &high
		               : &low);
	const struct stream_record got = end(&stream);
	assert_int_equal(got.codec_bit_rate_bps, 12200);
	assert_true(fabs(got.r - (NB_R - 5)) < 0.01);
	assert_int_equal(got.interval_min_at, 5 * NS_PER_SEC);
	assert_intervals(&stream, 4, types, ratings);
	stream_drop(&stream);
}

static void each_payload_type_by_its_own_codec(void **state)
{
	(void)state;
	static const struct payload_meaning wide = { SPEAKS(AMR_WB, 16000) };
	static const struct payload_meaning narrow = { SPEAKS(AMR, 8000) };
	static const struct sends wide_8 = BE(1, 7, 59), narrow_3 = BE(1, 3, 18);
	static const uint8_t types[] = { TYPE, OTHER_TYPE };
	static const double ratings[] = { WB_R - 1, NB_R - 14 };
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 250; n++)
		feed(&stream, n, TYPE, &wide, &wide_8);
	for (uint32_t n = 250; n < 490; n++)
		feed(&stream, n, OTHER_TYPE, &narrow, &narrow_3);
	const struct stream_record got = end(&stream);
	assert_int_equal(got.codec_bit_rate_bps, 23050);
	assert_intervals(&stream, 2, types, ratings);
	stream_drop(&stream);
}

/* A type that a later SDP gives to another codec takes no votes along. */
static void votes_are_of_the_codec_of_their_time(void **state)
{
	(void)state;
	static const struct payload_meaning amr = { SPEAKS(AMR, 8000) };
	static const struct payload_meaning opus = { SPEAKS(OPUS, 48000) };
	static const struct sends high = BE(1, 7, 32), wide = TOC(1, 9, 40);
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	for (uint32_t n = 0; n < 20; n++)
		feed(&stream, n, TYPE, &amr, &high);
	stream_explain(&stream, &settings, stream_type(&stream, TYPE), &opus);
	feed(&stream, 20, TYPE, &opus, &wide);
	const struct stream_record got = end(&stream);
	assert_int_equal(got.codec, CODEC_OPUS);
	assert_int_equal(got.codec_audio_hz, 8000);
	assert_int_equal(got.codec_bit_rate_bps, 0);
	stream_drop(&stream);
}

/* RFC 2198: the mode is that of the primary block behind the redundant one. */
static void inside_redundancy(void **state)
{
	(void)state;
	static const struct payload_meaning amr = { SPEAKS(AMR, 8000) };
	static const struct payload_meaning red = { SPEAKS(RED, 8000) };
	/* Type 97 of 2 octets, 160 ticks before; then type 97, of 14 octets: 4.75. */
	static const uint8_t bytes[] = { 0x80 | 97, 160 >> 6, (160 & 63) << 2,
		                         2,         97,       0xf3,
		                         0xc0,      0xf0,     0x40 };
	struct stream_hot hot = { 0 };
	struct stream stream = { .hot = &hot };
	stream_begin(&stream, &hot, &settings, 0);
	struct stream_type *own = stream_add_type(&stream, TYPE, 0, &red);
	struct stream_type *heard = stream_add_type(&stream, OTHER_TYPE, 0, &amr);
	stream_switch(&stream, TYPE, heard, own);
	const struct stream_packet packet = {
		.payload_type = TYPE,
		.payload = { bytes, sizeof bytes },
		.payload_len = 5 + 2 + 14,
	};
	stream_update(&stream, &settings, &packet);
	assert_true(hot.has_modes);
	assert_int_equal(stream_mode_note(&stream, &packet), OK);
	assert_int_equal(stream_mode_of_all(&stream, heard).bit_rate_bps, 4750);
	stream_drop(&stream);
}

/* --- what the operator says ----------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *what;
	struct codec_variant variant;
	double ie, bpl;
	enum band band;
	enum basis basis;
} overridden[] = {
	{ "the codec", { .codec = CODEC_OPUS }, 11, 20, BAND_FB, BASIS_CONFIGURED },
	{ "the codec in whatever mode", { .codec = CODEC_OPUS, .bandwidth = BANDWIDTH_NB },
	  11, 20, BAND_FB, BASIS_CONFIGURED },
	{ "the mode goes first", { .codec = CODEC_OPUS, .bandwidth = BANDWIDTH_WB },
	  22, 12, BAND_WB, BASIS_CONFIGURED },
	{ "one mode", { .codec = CODEC_AMR, .bit_rate_bps = 7950 },
	  9, 11, BAND_NB, BASIS_CONFIGURED },
	{ "another mode", { .codec = CODEC_AMR, .bit_rate_bps = 12200 },
	  5, 10, BAND_NB, BASIS_PROJECT },
	{ "a codec without figures of its own", { .codec = CODEC_BV16 },
	  12, 16, BAND_NB, BASIS_CONFIGURED },
	{ "another codec", { .codec = CODEC_GSM }, 20, 10, BAND_NB, BASIS_MIXED },
	{ "G.711 without concealment", { .codec = CODEC_PCMA }, 0, 4.3, BAND_NB, BASIS_PUBLISHED },
};
/* clang-format on */

static void the_operator_goes_first(void **state)
{
	(void)state;
	struct settings configured = settings_default();
	configured.no_plc = true;
	static const struct codec_override overrides[] = {
		{ CODEC_OPUS, 0, BANDWIDTH_WB, BAND_WB, 22, 12 },
		{ CODEC_OPUS, 0, BANDWIDTH_UNKNOWN, BAND_FB, 11, 20 },
		{ CODEC_AMR, 7950, BANDWIDTH_UNKNOWN, BAND_NB, 9, 11 },
		{ CODEC_BV16, 0, BANDWIDTH_UNKNOWN, BAND_NB, 12, 16 },
	};
	configured.override_count = ARRAY_LEN(overrides);
	for (size_t i = 0; i < ARRAY_LEN(overrides); i++)
		configured.overrides[i] = overrides[i];
	for (size_t i = 0; i < ARRAY_LEN(overridden); i++) {
		struct stream stream = { 0 };
		const struct stream_rating got =
		        stream_rating(&stream, &configured, &overridden[i].variant);
		if (got.impairment.ie != overridden[i].ie ||
		    got.impairment.bpl != overridden[i].bpl ||
		    got.impairment.band != overridden[i].band ||
		    got.impairment.basis != overridden[i].basis || got.mode_assumed)
			fail_msg("%s: Ie %g, Bpl %g, %s, %s", overridden[i].what,
			         got.impairment.ie, got.impairment.bpl,
			         band_name(got.impairment.band),
			         basis_name(got.impairment.basis));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_majority_is_scored),
		cmocka_unit_test(each_interval_by_its_own_majority),
		cmocka_unit_test(each_payload_type_by_its_own_codec),
		cmocka_unit_test(votes_are_of_the_codec_of_their_time),
		cmocka_unit_test(inside_redundancy),
		cmocka_unit_test(the_operator_goes_first),
	};
	return cmocka_run_group_tests(tests, set_settings, NULL);
}
