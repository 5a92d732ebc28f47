#include "analyzer/wire/codec_mode.h"

static const struct codec_mode unknown;

static void add_frame(struct codec_mode *mode, enum codec_frame frame,
                      uint32_t bit_rate_bps)
{
	mode->frames++;
	if (frame <= mode->frame)
		return;
	mode->frame = frame;
	mode->bit_rate_bps = bit_rate_bps;
}

/* Payloads of frames of one length. */
static struct codec_mode speech_frames(unsigned int frames, double frame_ms,
                                       uint32_t bit_rate_bps)
{
	return (struct codec_mode){
		.frame = CODEC_FRAME_SPEECH,
		.frames = frames,
		.frame_ms = frame_ms,
		.bit_rate_bps = bit_rate_bps,
	};
}

/* --- AMR and AMR-WB -------------------------------------------------------------- */

/* A frame type; CODEC_FRAME_UNKNOWN: reserved, and nobody may send it. */
struct frame_type {
	enum codec_frame frame;
	uint16_t bits;
	uint32_t bit_rate_bps;
};

enum { FRAME_TYPES = 16 };

#define SPEECH(bits, bps)                                                                  \
	{                                                                                  \
		CODEC_FRAME_SPEECH, bits, bps                                              \
	}
#define SID(bits)                                                                          \
	{                                                                                  \
		CODEC_FRAME_SID, bits, 0                                                   \
	}
#define NO_DATA                                                                            \
	{                                                                                  \
		CODEC_FRAME_NO_DATA, 0, 0                                                  \
	}

/* clang-format off */
/* 3GPP TS 26.101 tables 1a and 2: 8 is SID, 9..11 are those of other codecs. */
static const struct frame_type amr_types[FRAME_TYPES] = {
	[0]  = SPEECH( 95,  4750),
	[1]  = SPEECH(103,  5150),
	[2]  = SPEECH(118,  5900),
	[3]  = SPEECH(134,  6700),
	[4]  = SPEECH(148,  7400),
	[5]  = SPEECH(159,  7950),
	[6]  = SPEECH(204, 10200),
	[7]  = SPEECH(244, 12200),
	[8]  = SID(39),
	[15] = NO_DATA,
};

/* 3GPP TS 26.201 tables 1a and 2: 14 is a lost speech frame. */
static const struct frame_type amr_wb_types[FRAME_TYPES] = {
	[0]  = SPEECH(132,  6600),
	[1]  = SPEECH(177,  8850),
	[2]  = SPEECH(253, 12650),
	[3]  = SPEECH(285, 14250),
	[4]  = SPEECH(317, 15850),
	[5]  = SPEECH(365, 18250),
	[6]  = SPEECH(397, 19850),
	[7]  = SPEECH(461, 23050),
	[8]  = SPEECH(477, 23850),
	[9]  = SID(40),
	[14] = NO_DATA,
	[15] = NO_DATA,
};

/* 3GPP TS 26.445 table A.4: EVS Primary; 12 is SID, 14 lost, 15 no data. */
static const struct frame_type evs_types[FRAME_TYPES] = {
	[0]  = SPEECH(  56,   2800),
	[1]  = SPEECH( 144,   7200),
	[2]  = SPEECH( 160,   8000),
	[3]  = SPEECH( 192,   9600),
	[4]  = SPEECH( 264,  13200),
	[5]  = SPEECH( 328,  16400),
	[6]  = SPEECH( 488,  24400),
	[7]  = SPEECH( 640,  32000),
	[8]  = SPEECH( 960,  48000),
	[9]  = SPEECH(1280,  64000),
	[10] = SPEECH(1920,  96000),
	[11] = SPEECH(2560, 128000),
	[12] = SID(48),
	[14] = NO_DATA,
	[15] = NO_DATA,
};
/* clang-format on */

/* Bits, most significant first. */
struct bit_reader {
	struct reader bytes;
	uint8_t current;
	unsigned int left; /* bits of `current` not read yet */
};

static unsigned int read_bits(struct bit_reader *r, unsigned int n)
{
	unsigned int value = 0;
	while (n-- > 0) {
		if (r->left == 0) {
			r->current = read_u8(&r->bytes);
			r->left = 8;
		}
		r->left--;
		value = value << 1 | (r->current >> r->left & 1);
	}
	return value;
}

/*
 * Bandwidth-efficient: | CMR 4 | F FT4 Q | F FT4 Q ... | speech, without any gap
 * Octet-aligned:       | CMR 4 | R 4 || F FT4 Q P P || ... || speech, in whole octets
 */
static struct codec_mode read_amr(const struct frame_type *types, struct span payload,
                                  uint32_t payload_len, bool octet_aligned)
{
	const uint64_t align = octet_aligned ? 8 : 1;
	struct bit_reader r = { .bytes = reader_of(payload) };
	struct codec_mode mode = { .frame_ms = 20 };
	uint64_t bits = octet_aligned ? 8 : 4;
	bool more = true;
	read_bits(&r, (unsigned int)bits);
	while (more) {
		more = read_bits(&r, 1);
		const struct frame_type *type = &types[read_bits(&r, 4)];
		read_bits(&r, octet_aligned ? 3 : 1);
		if (r.bytes.ran_out || type->frame == CODEC_FRAME_UNKNOWN)
			return unknown;
		add_frame(&mode, type->frame, type->bit_rate_bps);
		bits += octet_aligned ? 8 : 6;
		bits += (type->bits + align - 1) / align * align;
	}
	return (bits + 7) / 8 == payload_len ? mode : unknown;
}

struct codec_mode codec_mode_of_amr(struct span payload, uint32_t payload_len,
                                    bool octet_aligned)
{
	return read_amr(amr_types, payload, payload_len, octet_aligned);
}

struct codec_mode codec_mode_of_amr_wb(struct span payload, uint32_t payload_len,
                                       bool octet_aligned)
{
	return read_amr(amr_wb_types, payload, payload_len, octet_aligned);
}

/* --- EVS ------------------------------------------------------------------------- */

/*
 * Annex A.2.1.3: of 7 bytes are both a compact frame of 2.8 kbit/s, whose first bit is
 * always 0, and a SID frame of AMR-WB behind a CMR, whose first bit is always 1.
 */
enum { EVS_SHARED_BYTES = 7 };

/* Table A.1, AMR-WB IO: three bits of CMR before the speech, and padding to an octet. */
static bool find_compact_io(uint32_t payload_len, struct codec_mode *mode)
{
	for (unsigned int i = 0; i < FRAME_TYPES; i++) {
		const struct frame_type *type = &amr_wb_types[i];
		if (type->frame != CODEC_FRAME_SPEECH ||
		    (type->bits + 3U + 7U) / 8U != payload_len)
			continue;
		mode->amr_wb_io = true;
		add_frame(mode, type->frame, type->bit_rate_bps);
		return true;
	}
	return false;
}

/* Annex A.2.1, table A.1: one frame, known by the payload's length. */
static bool find_compact(uint32_t payload_len, struct codec_mode *mode)
{
	for (unsigned int i = 0; i < FRAME_TYPES; i++) {
		const struct frame_type *type = &evs_types[i];
		if (type->bits == 0 || type->bits != payload_len * UINT64_C(8))
			continue;
		add_frame(mode, type->frame, type->bit_rate_bps);
		return true;
	}
	return find_compact_io(payload_len, mode);
}

/*
 * |1| T 3 | D 4 |  CMR, may be absent
 * |0|F|M|Q|  FT |  one per frame; M: AMR-WB IO instead of Primary.  Annex A.2.2
 * Then the frames, each in whole octets, and perhaps zeros up to a length that is no
 * compact one.
 */
static struct codec_mode read_header_full(struct span payload, uint32_t payload_len)
{
	struct reader r = reader_of(payload);
	struct codec_mode mode = { .frame_ms = 20 };
	uint64_t bytes = 1;
	uint8_t toc = read_u8(&r);
	if (toc & 0x80) {
		toc = read_u8(&r);
		bytes++;
	}
	for (;;) {
		const bool io = toc & 0x20;
		const struct frame_type *type =
		        &(io ? amr_wb_types : evs_types)[toc & 0x0f];
		if (r.ran_out || toc & 0x80 || type->frame == CODEC_FRAME_UNKNOWN)
			return unknown;
		if (type->frame > mode.frame)
			mode.amr_wb_io = io;
		add_frame(&mode, type->frame, type->bit_rate_bps);
		bytes += (type->bits + 7U) / 8U;
		if (!(toc & 0x40))
			break;
		toc = read_u8(&r);
		bytes++;
	}
	return bytes <= payload_len ? mode : unknown;
}

struct codec_mode codec_mode_of_evs(struct span payload, uint32_t payload_len,
                                    bool header_full_only)
{
	struct reader r = reader_of(payload);
	struct codec_mode mode = { .frame_ms = 20 };
	const bool has_cmr = read_u8(&r) & 0x80;
	const bool shared = payload_len == EVS_SHARED_BYTES;
	if (header_full_only || (shared && has_cmr))
		return read_header_full(payload, payload_len);
	if (shared && r.ran_out)
		return unknown;
	if (find_compact(payload_len, &mode))
		return mode;
	return read_header_full(payload, payload_len);
}

/* --- Opus ------------------------------------------------------------------------ */

/* RFC 6716 table 2, four configurations to a row but for the two hybrids' two. */
static const struct {
	uint16_t audio_hz;
	float frame_ms[4];
} opus_configs[] = {
	{ 4000, { 10, 20, 40, 60 } }, /* SILK */
	{ 6000, { 10, 20, 40, 60 } },   { 8000, { 10, 20, 40, 60 } },
	{ 0, { 10, 20, 10, 20 } },     /* hybrid: 12000 twice, 20000 twice */
	{ 4000, { 2.5F, 5, 10, 20 } }, /* CELT */
	{ 8000, { 2.5F, 5, 10, 20 } },  { 12000, { 2.5F, 5, 10, 20 } },
	{ 20000, { 2.5F, 5, 10, 20 } },
};

enum { OPUS_MAX_MS = 120 };

/* How many frames, by the TOC's code; 0: not captured.  False: no such packet may be. */
static bool opus_frames(unsigned int code, struct reader *r, uint32_t payload_len,
                        unsigned int *frames)
{
	*frames = code == 0 ? 1 : 2;
	if (code == 1)
		return payload_len % 2 == 1; /* [R3]: two frames of one length */
	if (code == 0)
		return true;
	if (payload_len < 2)
		return false; /* [R4], [R6]: a length or a count follows */
	if (code == 3) {
		*frames = read_u8(r) & 0x3f;
		return r->ran_out || *frames > 0;
	}
	return true;
}

/* | config 5 |s| c 2 |   and with c = 3  |v|p|  M 6  | */
struct codec_mode codec_mode_of_opus(struct span payload, uint32_t payload_len)
{
	struct reader r = reader_of(payload);
	const uint8_t toc = read_u8(&r);
	if (r.ran_out || payload_len == 0)
		return unknown;
	const unsigned int row = toc >> 5, column = toc >> 3 & 3;
	struct codec_mode mode = {
		.frame = payload_len == 1 ? CODEC_FRAME_NO_DATA : CODEC_FRAME_SPEECH,
		.frame_ms = (double)opus_configs[row].frame_ms[column],
		.audio_hz = opus_configs[row].audio_hz,
	};
	if (mode.audio_hz == 0)
		mode.audio_hz = column < 2 ? 12000 : 20000;
	if (!opus_frames(toc & 3, &r, payload_len, &mode.frames) ||
	    mode.frames * mode.frame_ms > OPUS_MAX_MS) /* [R5] */
		return unknown;
	return mode;
}

/* --- G.723.1, iLBC -------------------------------------------------------- */

enum {
	G723_HIGH_BYTES = 24,
	G723_LOW_BYTES = 20,
	G723_SID_BYTES = 4,
	ILBC_20_BYTES = 38,
	ILBC_30_BYTES = 50,
};

/* By the lowest two bits of a frame's first byte; 3 is reserved. */
static const struct {
	enum codec_frame frame;
	uint8_t bytes;
	uint32_t bit_rate_bps;
} g723_types[] = {
	{ CODEC_FRAME_SPEECH, G723_HIGH_BYTES, 6300 },
	{ CODEC_FRAME_SPEECH, G723_LOW_BYTES, 5300 },
	{ CODEC_FRAME_SID, G723_SID_BYTES, 0 },
	{ CODEC_FRAME_UNKNOWN, 0, 0 },
};

static struct codec_mode g723_by_length(uint32_t payload_len)
{
	const bool high = payload_len % G723_HIGH_BYTES == 0;
	const bool low = payload_len % G723_LOW_BYTES == 0;
	if (payload_len == G723_SID_BYTES)
		return (struct codec_mode){
			.frame = CODEC_FRAME_SID,
			.frames = 1,
			.frame_ms = 30,
		};
	if (high == low)
		return unknown; /* neither, or 120 bytes and nothing, which are both */
	return high ? speech_frames(payload_len / G723_HIGH_BYTES, 30, 6300)
	            : speech_frames(payload_len / G723_LOW_BYTES, 30, 5300);
}

struct codec_mode codec_mode_of_g723(struct span payload, uint32_t payload_len)
{
	if (payload.len < payload_len)
		return g723_by_length(payload_len);
	struct reader r = reader_of(payload);
	struct codec_mode mode = { .frame_ms = 30 };
	while (r.rest.len > 0) {
		const unsigned int type = read_u8(&r) & 3;
		if (g723_types[type].bytes == 0)
			return unknown;
		take(&r, g723_types[type].bytes - 1U);
		add_frame(&mode, g723_types[type].frame, g723_types[type].bit_rate_bps);
	}
	return r.ran_out || mode.frames == 0 ? unknown : mode;
}

struct codec_mode codec_mode_of_ilbc(uint32_t payload_len)
{
	const bool by_20 = payload_len % ILBC_20_BYTES == 0;
	const bool by_30 = payload_len % ILBC_30_BYTES == 0;
	if (by_20 == by_30)
		return unknown;
	return by_20 ? speech_frames(payload_len / ILBC_20_BYTES, 20, 15200)
	             : speech_frames(payload_len / ILBC_30_BYTES, 30, 13330);
}

/* --- RFC 2198 -------------------------------------------------------------------- */

/*
 * |1|  block PT   |  timestamp offset (14)    | block length (10) |  each older block
 * |0|  block PT   |                                                the primary, at last
 */
enum status codec_primary_of_red(struct span payload, uint32_t payload_len,
                                 struct codec_primary *out)
{
	struct reader r = reader_of(payload);
	struct codec_primary primary = { 0 };
	uint64_t before = 1; /* bytes of headers and redundant blocks */
	uint64_t redundant = 0;
	uint8_t first = read_u8(&r);
	while (first & 0x80) {
		redundant += read_u24(&r) & 0x3ff;
		before += 4;
		primary.redundant_blocks++;
		first = read_u8(&r);
	}
	if (before + redundant > payload_len)
		return ERR_MALFORMED;
	if (r.ran_out)
		return ERR_TRUNCATED;
	take(&r, (size_t)redundant);
	primary.payload_type = first;
	primary.payload = r.rest;
	primary.payload_len = payload_len - (uint32_t)(before + redundant);
	*out = primary;
	return OK;
}
