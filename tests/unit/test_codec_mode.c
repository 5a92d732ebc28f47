#include "analyzer/wire/codec_mode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })       \
	}

#define NOTHING                                                                            \
	{                                                                                  \
		CODEC_FRAME_UNKNOWN, 0, 0, 0, 0, false                                     \
	}
#define IS_SPEECH(n, ms, bps)                                                              \
	{                                                                                  \
		CODEC_FRAME_SPEECH, n, ms, bps, 0, false                                   \
	}
#define IS_SID(n, ms)                                                                      \
	{                                                                                  \
		CODEC_FRAME_SID, n, ms, 0, 0, false                                        \
	}
#define IS_EMPTY(n, ms)                                                                    \
	{                                                                                  \
		CODEC_FRAME_NO_DATA, n, ms, 0, 0, false                                    \
	}

static void check(const char *what, struct codec_mode is, struct codec_mode should_be)
{
	if (is.frame != should_be.frame || is.frames != should_be.frames ||
	    is.frame_ms != should_be.frame_ms ||
	    is.bit_rate_bps != should_be.bit_rate_bps ||
	    is.audio_hz != should_be.audio_hz || is.amr_wb_io != should_be.amr_wb_io)
		fail_msg("%s: frame %d, %u x %g ms, %u bit/s, %u Hz, IO %d", what, is.frame,
		         is.frames, is.frame_ms, is.bit_rate_bps, is.audio_hz,
		         is.amr_wb_io);
}

enum format { AMR_BE, AMR_OA, WB_BE, WB_OA, EVS, EVS_FULL, OPUS, G723, ILBC };

static struct codec_mode read_mode(enum format format, struct span payload, uint32_t len)
{
	switch (format) {
	case AMR_BE:
	case AMR_OA:
		return codec_mode_of_amr(payload, len, format == AMR_OA);
	case WB_BE:
	case WB_OA:
		return codec_mode_of_amr_wb(payload, len, format == WB_OA);
	case EVS:
	case EVS_FULL:
		return codec_mode_of_evs(payload, len, format == EVS_FULL);
	case OPUS:
		return codec_mode_of_opus(payload, len);
	case G723:
		return codec_mode_of_g723(payload, len);
	case ILBC:
		return codec_mode_of_ilbc(len);
	}
	fail();
	return (struct codec_mode){ 0 };
}

/* The captured bytes and the length on the wire. */
static const struct {
	const char *what;
	enum format format;
	struct span payload;
	uint32_t len;
	struct codec_mode is;
} cases[] = {
	/* clang-format off */
	/* RFC 4867 section 4.3.5.1: CMR 15, FT 4, Q 1, 148 bits, two of padding. */
	{ "AMR 7.4", AMR_BE, BYTES(0xf2, 0x40), 20, IS_SPEECH(1, 20, 7400) },
	{ "AMR 12.2", AMR_BE, BYTES(0xf3, 0xc0), 32, IS_SPEECH(1, 20, 12200) },
	{ "AMR 12.2 in octets", AMR_OA, BYTES(0xf0, 0x3c), 33, IS_SPEECH(1, 20, 12200) },
	{ "AMR in octets where bits were agreed", AMR_BE, BYTES(0xf0, 0x3c), 33, NOTHING },
	{ "AMR in bits where octets were agreed", AMR_OA, BYTES(0xf3, 0xc0), 32, NOTHING },
	{ "AMR noise", AMR_BE, BYTES(0xf4, 0x40), 7, IS_SID(1, 20) },
	{ "AMR nothing", AMR_OA, BYTES(0xf0, 0x7c), 2, IS_EMPTY(1, 20) },
	{ "AMR reserved", AMR_OA, BYTES(0xf0, 0x64), 2, NOTHING },
	{ "AMR two frames", AMR_OA, BYTES(0xf0, 0x94, 0x24), 3 + 15 + 19,
	  IS_SPEECH(2, 20, 5900) },
	{ "AMR noise, then speech", AMR_OA, BYTES(0xf0, 0xc4, 0x3c), 3 + 5 + 31,
	  IS_SPEECH(2, 20, 12200) },
	{ "AMR frames without end", AMR_OA, BYTES(0xf0, 0xfc, 0xfc), 3, NOTHING },
	{ "AMR one byte too long", AMR_OA, BYTES(0xf0, 0x3c), 34, NOTHING },
	{ "AMR with a CRC", AMR_OA, BYTES(0xf0, 0x3c, 0x55), 34, NOTHING },
	{ "AMR cut in its table", AMR_OA, BYTES(0xf0), 33, NOTHING },
	{ "AMR of no length", AMR_BE, { 0 }, 0, NOTHING },
	{ "AMR-WB 12.65", WB_BE, BYTES(0xf1, 0x40), 33, IS_SPEECH(1, 20, 12650) },
	{ "AMR-WB 23.85 in octets", WB_OA, BYTES(0xf0, 0x44), 62, IS_SPEECH(1, 20, 23850) },
	{ "AMR-WB noise", WB_OA, BYTES(0xf0, 0x4c), 7, IS_SID(1, 20) },
	{ "AMR-WB lost", WB_OA, BYTES(0xf0, 0x70), 2, IS_EMPTY(1, 20) },
	{ "AMR-WB reserved", WB_OA, BYTES(0xf0, 0x54), 2, NOTHING },
	{ "AMR-WB 6.6, 8.85, nothing, noise", WB_BE, BYTES(0x88, 0x63, 0xfd, 0x30), 48,
	  IS_SPEECH(4, 20, 6600) },
	{ "the same in octets", WB_OA, BYTES(0x80, 0x84, 0x8c, 0xfc, 0x4c), 50,
	  IS_SPEECH(4, 20, 6600) },

	/* 3GPP TS 26.445 table A.1, and header-full headers. */
	{ "EVS 13.2", EVS, BYTES(0), 33, IS_SPEECH(1, 20, 13200) },
	{ "EVS 128, nothing captured", EVS, { 0 }, 320, IS_SPEECH(1, 20, 128000) },
	{ "EVS noise", EVS, BYTES(0), 6, IS_SID(1, 20) },
	{ "EVS 2.8", EVS, BYTES(0x7f), 7, IS_SPEECH(1, 20, 2800) },
	{ "EVS AMR-WB noise", EVS, BYTES(0x80, 0x39), 7,
	  { CODEC_FRAME_SID, 1, 20, 0, 0, true } },
	{ "EVS 2.8 or AMR-WB noise", EVS, { 0 }, 7, NOTHING },
	{ "EVS AMR-WB 12.65", EVS, BYTES(0), 32,
	  { CODEC_FRAME_SPEECH, 1, 20, 12650, 0, true } },
	{ "EVS 24.4, header-full", EVS_FULL, BYTES(0x06), 62, IS_SPEECH(1, 20, 24400) },
	{ "EVS 13.2, a request before it", EVS, BYTES(0x80, 0x04), 35,
	  IS_SPEECH(1, 20, 13200) },
	{ "EVS two frames", EVS_FULL, BYTES(0x43, 0x03), 50, IS_SPEECH(2, 20, 9600) },
	{ "EVS AMR-WB 23.85, header-full", EVS_FULL, BYTES(0x38), 61,
	  { CODEC_FRAME_SPEECH, 1, 20, 23850, 0, true } },
	{ "EVS nothing", EVS_FULL, BYTES(0x0f), 1, IS_EMPTY(1, 20) },
	{ "EVS padded to an unclaimed length", EVS, BYTES(0x0c), 8, IS_SID(1, 20) },
	{ "EVS reserved", EVS_FULL, BYTES(0x0d), 8, NOTHING },
	{ "EVS two requests", EVS_FULL, BYTES(0x80, 0x80, 0x04), 36, NOTHING },
	{ "EVS shorter than its frame", EVS_FULL, BYTES(0x04), 33, NOTHING },
	{ "EVS frames without end", EVS_FULL, BYTES(0x4f), 1, NOTHING },
	{ "EVS of no length", EVS, { 0 }, 0, NOTHING },

	/* RFC 6716 section 3.1: configuration << 3 | stereo << 2 | code. */
	{ "Opus SILK 20 ms", OPUS, BYTES(1 << 3), 40,
	  { CODEC_FRAME_SPEECH, 1, 20, 0, 4000, false } },
	{ "Opus SILK 60 ms, two", OPUS, BYTES(7 << 3 | 1), 41,
	  { CODEC_FRAME_SPEECH, 2, 60, 0, 6000, false } },
	{ "Opus hybrid 10 ms", OPUS, BYTES(12 << 3), 40,
	  { CODEC_FRAME_SPEECH, 1, 10, 0, 12000, false } },
	{ "Opus hybrid 20 ms", OPUS, BYTES(15 << 3), 98,
	  { CODEC_FRAME_SPEECH, 1, 20, 0, 20000, false } },
	{ "Opus CELT 2.5 ms", OPUS, BYTES(20 << 3), 40,
	  { CODEC_FRAME_SPEECH, 1, 2.5, 0, 8000, false } },
	{ "Opus CELT 20 ms, stereo", OPUS, BYTES(31 << 3 | 4), 120,
	  { CODEC_FRAME_SPEECH, 1, 20, 0, 20000, false } },
	{ "Opus two frames of two lengths", OPUS, BYTES(9 << 3 | 2, 20), 60,
	  { CODEC_FRAME_SPEECH, 2, 20, 0, 8000, false } },
	{ "Opus three frames", OPUS, BYTES(9 << 3 | 3, 0xc0 | 3), 60,
	  { CODEC_FRAME_SPEECH, 3, 20, 0, 8000, false } },
	{ "Opus, the count not captured", OPUS, BYTES(9 << 3 | 3), 60,
	  { CODEC_FRAME_SPEECH, 0, 20, 0, 8000, false } },
	{ "Opus without frames", OPUS, BYTES(9 << 3 | 3, 0x80), 60, NOTHING },
	{ "Opus of 140 ms", OPUS, BYTES(9 << 3 | 3, 7), 60, NOTHING },
	{ "Opus of 120 ms", OPUS, BYTES(28 << 3 | 3, 48), 60,
	  { CODEC_FRAME_SPEECH, 48, 2.5, 0, 20000, false } },
	{ "Opus silence", OPUS, BYTES(9 << 3), 1,
	  { CODEC_FRAME_NO_DATA, 1, 20, 0, 8000, false } },
	{ "Opus twins of odd length together", OPUS, BYTES(9 << 3 | 1), 40, NOTHING },
	{ "Opus without its count", OPUS, BYTES(9 << 3 | 3), 1, NOTHING },
	{ "Opus, nothing captured", OPUS, { 0 }, 60, NOTHING },

	/* RFC 3551 section 4.5.3. */
	{ "G.723.1 by length, 6.3", G723, BYTES(0), 24, IS_SPEECH(1, 30, 6300) },
	{ "G.723.1 by length, 5.3, two", G723, { 0 }, 40, IS_SPEECH(2, 30, 5300) },
	{ "G.723.1 by length, noise", G723, { 0 }, 4, IS_SID(1, 30) },
	{ "G.723.1 by length, either", G723, { 0 }, 120, NOTHING },
	{ "G.723.1 by length, neither", G723, { 0 }, 25, NOTHING },
	{ "G.723.1 noise", G723, BYTES(2, 0, 0, 0), 4, IS_SID(1, 30) },
	{ "G.723.1 5.3, then noise", G723,
	  BYTES(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0),
	  24, IS_SPEECH(2, 30, 5300) },
	{ "G.723.1 6.3", G723,
	  BYTES(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	  24, IS_SPEECH(1, 30, 6300) },
	{ "G.723.1 half a frame", G723, BYTES(1, 0, 0), 3, NOTHING },
	{ "G.723.1 reserved", G723, BYTES(3), 1, NOTHING },
	{ "G.723.1 of no length", G723, { 0 }, 0, NOTHING },


	{ "iLBC 20 ms", ILBC, { 0 }, 38, IS_SPEECH(1, 20, 15200) },
	{ "iLBC 30 ms, two", ILBC, { 0 }, 100, IS_SPEECH(2, 30, 13330) },
	{ "iLBC, 25 of 20 ms or 19 of 30", ILBC, { 0 }, 950, NOTHING },
	{ "iLBC of another length", ILBC, { 0 }, 40, NOTHING },
	{ "iLBC of no length", ILBC, { 0 }, 0, NOTHING },
	/* clang-format on */
};

static void modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check(cases[i].what,
		      read_mode(cases[i].format, cases[i].payload, cases[i].len),
		      cases[i].is);
}

/* RFC 4867 section 5.3: a frame in a file is its octet-aligned TOC byte and its speech. */
static void every_amr_mode_has_the_length_it_has_in_a_file(void **state)
{
	(void)state;
	static const struct {
		enum format format;
		uint8_t frame_bytes[10];
		uint8_t speech_modes;
	} files[] = {
		{ AMR_OA, { 13, 14, 16, 18, 20, 21, 27, 32, 6 }, 8 },
		{ WB_OA, { 18, 24, 33, 37, 41, 47, 51, 59, 61, 6 }, 9 },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		uint32_t slower = 0;
		for (uint8_t type = 0; type <= files[i].speech_modes; type++) {
			const uint8_t bytes[] = { 0xf0, (uint8_t)(type << 3 | 4) };
			const struct codec_mode mode = read_mode(
			        files[i].format, (struct span){ bytes, sizeof bytes },
			        files[i].frame_bytes[type] + 1U);
			const bool sid = type == files[i].speech_modes;
			assert_int_equal(mode.frame,
			                 sid ? CODEC_FRAME_SID : CODEC_FRAME_SPEECH);
			assert_true(sid || mode.bit_rate_bps > slower);
			/* The rate is that of the bits: 50 frames a second. */
			assert_in_range(mode.bit_rate_bps / 50U / 8U,
			                sid ? 0 : files[i].frame_bytes[type] - 2U,
			                files[i].frame_bytes[type] - 1U);
			slower = mode.bit_rate_bps;
		}
	}
}

/* RFC 6716 table 2, written out. */
static void every_opus_configuration(void **state)
{
	(void)state;
	static const uint16_t hz[] = { 4000, 6000, 8000,  12000, 20000,
		                       4000, 8000, 12000, 20000 };
	static const uint8_t from[] = { 0, 4, 8, 12, 14, 16, 20, 24, 28, 32 };
	static const double silk[] = { 10, 20, 40, 60 }, hybrid[] = { 10, 20 };
	static const double celt[] = { 2.5, 5, 10, 20 };
	for (size_t i = 0; i < ARRAY_LEN(hz); i++)
		for (uint8_t c = from[i]; c < from[i + 1]; c++) {
			const double *ms = c < 12 ? silk : c < 16 ? hybrid : celt;
			const uint8_t toc = (uint8_t)(c << 3);
			const struct codec_mode mode =
			        codec_mode_of_opus((struct span){ &toc, 1 }, 50);
			assert_int_equal(mode.audio_hz, hz[i]);
			assert_true(mode.frame_ms == ms[c - from[i]]);
		}
}

/* RFC 2198 section 3. */
static const struct {
	const char *what;
	struct span payload;
	uint32_t len;
	enum status status;
	uint8_t type;
	unsigned int redundant;
	size_t captured;
	uint32_t primary_len;
} redundancy[] = {
	/* clang-format off */
	{ "a primary alone", BYTES(8, 1, 2, 3), 4, OK, 8, 0, 3, 3 },
	{ "one older block", BYTES(0x80 | 101, 0x02, 0x80, 2, 101, 9, 9, 1, 2, 3), 10, OK, 101,
	  1, 3, 3 },
	{ "two older blocks of 256 and 513 bytes",
	  BYTES(0x80 | 5, 0, 1, 0, 0x80 | 5, 0, 2, 1, 7), 9 + 256 + 513 + 20, OK, 7, 2, 0, 20 },
	{ "the offset is no length", BYTES(0x80 | 5, 0xff, 0xfc, 1, 7, 9, 1), 7, OK, 7, 1, 1, 1 },
	{ "a primary of no length", BYTES(8), 1, OK, 8, 0, 0, 0 },
	{ "cut by the capture in its headers", BYTES(0x80 | 5, 0, 0), 40, ERR_TRUNCATED, 0, 0, 0,
	  0 },
	{ "cut by the capture before the primary", BYTES(0x80 | 5, 0, 0, 2, 7, 9), 20, OK, 7, 1,
	  0, 13 },
	{ "blocks longer than the payload", BYTES(0x80 | 5, 0, 0, 4, 7, 9, 9, 9), 8,
	  ERR_MALFORMED, 0, 0, 0, 0 },
	{ "headers without end", BYTES(0x80, 0, 0, 0, 0x80, 0, 0, 0), 8, ERR_MALFORMED, 0, 0, 0,
	  0 },
	{ "nothing", { 0 }, 0, ERR_MALFORMED, 0, 0, 0, 0 },
	/* clang-format on */
};

static void the_primary_of_redundant_audio(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(redundancy); i++) {
		struct codec_primary primary = { 0 };
		const enum status status = codec_primary_of_red(
		        redundancy[i].payload, redundancy[i].len, &primary);
		if (status != redundancy[i].status ||
		    primary.payload_type != redundancy[i].type ||
		    primary.redundant_blocks != redundancy[i].redundant ||
		    primary.payload.len != redundancy[i].captured ||
		    primary.payload_len != redundancy[i].primary_len)
			fail_msg("%s: %s, type %u, %u blocks, %zu of %u bytes",
			         redundancy[i].what, status_name(status),
			         primary.payload_type, primary.redundant_blocks,
			         primary.payload.len, primary.payload_len);
	}
}

/* What a cut capture says is what the whole says, or less. */
static void every_prefix_says_the_same_or_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (size_t n = 0; n < cases[i].payload.len; n++) {
			uint8_t *copy = malloc(n + 1);
			assert_non_null(copy);
			memcpy(copy, cases[i].payload.at, n);
			const struct codec_mode part = read_mode(
			        cases[i].format, (struct span){ copy, n }, cases[i].len);
			const struct codec_mode *whole = &cases[i].is;
			/* A whole G.723.1 payload with a frame that the cut one hides. */
			const bool hidden = cases[i].format == G723 && whole->frames != 1;
			if (part.frame != CODEC_FRAME_UNKNOWN && part.frames != 0 &&
			    !hidden)
				check(cases[i].what, part, *whole);
			free(copy);
		}
	for (size_t i = 0; i < ARRAY_LEN(redundancy); i++)
		for (size_t n = 0; n < redundancy[i].payload.len; n++) {
			uint8_t *copy = malloc(n + 1);
			struct codec_primary primary;
			assert_non_null(copy);
			memcpy(copy, redundancy[i].payload.at, n);
			if (codec_primary_of_red((struct span){ copy, n },
			                         redundancy[i].len, &primary) == OK)
				assert_int_equal(primary.payload_len,
				                 redundancy[i].primary_len);
			free(copy);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(every_amr_mode_has_the_length_it_has_in_a_file),
		cmocka_unit_test(every_opus_configuration),
		cmocka_unit_test(the_primary_of_redundant_audio),
		cmocka_unit_test(every_prefix_says_the_same_or_less),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
