#include "analyzer/model/codec.h"

#include <assert.h>

#include "analyzer/base/status.h"

/* Kind and band of the table's rows. */
#define UNKNOWN CODEC_KIND_UNKNOWN, BAND_NONE
#define NARROW CODEC_KIND_AUDIO, BAND_NB
#define WIDE CODEC_KIND_AUDIO, BAND_WB
#define FULL CODEC_KIND_AUDIO, BAND_FB
#define EVENT CODEC_KIND_EVENT, BAND_NONE
#define NOISE CODEC_KIND_COMFORT_NOISE, BAND_NONE
#define REPAIR CODEC_KIND_REDUNDANCY, BAND_NONE
#define VIDEO CODEC_KIND_VIDEO, BAND_NONE
#define DATA CODEC_KIND_DATA, BAND_NONE

/*
 * Name, clock, static payload type, kind, band, look-ahead.  Codecs that share a name
 * stand in the order of their clocks.  The look-ahead is that of the codec's own
 * specification; 0 also where it is not known, which matters only to codecs that have a
 * MOS.
 */
/* clang-format off */
static const struct codec_info infos[] = {
	[CODEC_UNKNOWN]         = { "unknown",             0, -1, UNKNOWN,  0   },

	[CODEC_PCMU]            = { "PCMU",             8000,  0, NARROW,   0   },
	[CODEC_PCMA]            = { "PCMA",             8000,  8, NARROW,   0   },
	[CODEC_PCMU_WB]         = { "PCMU-WB",         16000, -1, WIDE,     0   },
	[CODEC_PCMA_WB]         = { "PCMA-WB",         16000, -1, WIDE,     0   },
	[CODEC_G719]            = { "G719",            48000, -1, FULL,     0   },
	[CODEC_G722]            = { "G722",             8000,  9, WIDE,     1.6 },
	[CODEC_G7221]           = { "G7221",           16000, -1, WIDE,    20   },
	[CODEC_G7221_C]         = { "G7221",           32000, -1, FULL,    20   },
	[CODEC_G723]            = { "G723",             8000,  4, NARROW,   7.5 },
	[CODEC_G726_16]         = { "G726-16",          8000, -1, NARROW,   0   },
	[CODEC_G726_24]         = { "G726-24",          8000, -1, NARROW,   0   },
	[CODEC_G726_32]         = { "G726-32",          8000, -1, NARROW,   0   },
	[CODEC_G726_40]         = { "G726-40",          8000, -1, NARROW,   0   },
	[CODEC_G728]            = { "G728",             8000, 15, NARROW,   0   },
	[CODEC_G729]            = { "G729",             8000, 18, NARROW,   5   },
	[CODEC_G729D]           = { "G729D",            8000, -1, NARROW,   5   },
	[CODEC_G729E]           = { "G729E",            8000, -1, NARROW,   5   },
	[CODEC_G7291]           = { "G7291",           16000, -1, WIDE,     0   },
	[CODEC_GSM]             = { "GSM",              8000,  3, NARROW,   0   },
	[CODEC_GSM_EFR]         = { "GSM-EFR",          8000, -1, NARROW,   0   },
	[CODEC_GSM_HR]          = { "GSM-HR-08",        8000, -1, NARROW,   0   },
	[CODEC_AMR]             = { "AMR",              8000, -1, NARROW,   5   },
	[CODEC_AMR_WB]          = { "AMR-WB",          16000, -1, WIDE,     5   },
	[CODEC_AMR_WB_PLUS]     = { "AMR-WB+",         72000, -1, FULL,     0   },
	[CODEC_EVS]             = { "EVS",             16000, -1, FULL,    12   },
	[CODEC_EVRC]            = { "EVRC",             8000, -1, NARROW,   0   },
	[CODEC_QCELP]           = { "QCELP",            8000, 12, NARROW,   0   },
	[CODEC_VMR_WB]          = { "VMR-WB",          16000, -1, WIDE,     0   },
	[CODEC_ILBC]            = { "iLBC",             8000, -1, NARROW,   0   },
	[CODEC_ISAC]            = { "isac",            16000, -1, WIDE,     0   },
	[CODEC_SPEEX_NB]        = { "speex",            8000, -1, NARROW,  10   },
	[CODEC_SPEEX_WB]        = { "speex",           16000, -1, WIDE,    14   },
	[CODEC_SPEEX_UWB]       = { "speex",           32000, -1, FULL,    14   },
	[CODEC_SILK_NB]         = { "SILK",             8000, -1, NARROW,   5   },
	[CODEC_SILK_WB]         = { "SILK",            16000, -1, WIDE,     5   },
	[CODEC_OPUS]            = { "opus",            48000, -1, FULL,     6.5 },
	[CODEC_BV16]            = { "BV16",             8000, -1, NARROW,   0   },
	[CODEC_BV32]            = { "BV32",            16000, -1, WIDE,     0   },
	[CODEC_SIREN]           = { "SIREN",           16000, -1, WIDE,     0   },
	[CODEC_RTAUDIO_NB]      = { "x-msrta",          8000, -1, NARROW,   0   },
	[CODEC_RTAUDIO_WB]      = { "x-msrta",         16000, -1, WIDE,     0   },
	[CODEC_DVI4]            = { "DVI4",             8000,  5, NARROW,   0   },
	[CODEC_VDVI]            = { "VDVI",                0, -1, NARROW,   0   },
	[CODEC_LPC]             = { "LPC",              8000,  7, NARROW,   0   },
	[CODEC_L8]              = { "L8",                  0, -1, NARROW,   0   },
	[CODEC_L16]             = { "L16",                 0, 11, NARROW,   0   },
	[CODEC_L24]             = { "L24",                 0, -1, FULL,     0   },
	[CODEC_MPA]             = { "MPA",             90000, 14, FULL,     0   },
	[CODEC_MP4A]            = { "MP4A-LATM",           0, -1, FULL,     0   },
	[CODEC_MPEG4]           = { "mpeg4-generic",       0, -1, FULL,     0   },

	[CODEC_TELEPHONE_EVENT] = { "telephone-event",  8000, -1, EVENT,    0   },
	[CODEC_TONE]            = { "tone",             8000, -1, EVENT,    0   },
	[CODEC_NSE]             = { "X-NSE",            8000, -1, EVENT,    0   },

	[CODEC_CN]              = { "CN",               8000, 13, NOISE,    0   },

	[CODEC_RED]             = { "red",              8000, -1, REPAIR,   0   },
	[CODEC_ULPFEC]          = { "ulpfec",           8000, -1, REPAIR,   0   },
	[CODEC_PARITYFEC]       = { "parityfec",        8000, -1, REPAIR,   0   },
	[CODEC_FLEXFEC]         = { "flexfec",         90000, -1, REPAIR,   0   },
	[CODEC_RTX]             = { "rtx",             90000, -1, REPAIR,   0   },

	[CODEC_H261]            = { "H261",            90000, 31, VIDEO,    0   },
	[CODEC_H263]            = { "H263",            90000, 34, VIDEO,    0   },
	[CODEC_H264]            = { "H264",            90000, -1, VIDEO,    0   },
	[CODEC_H265]            = { "H265",            90000, -1, VIDEO,    0   },
	[CODEC_H266]            = { "H266",            90000, -1, VIDEO,    0   },
	[CODEC_VP8]             = { "VP8",             90000, -1, VIDEO,    0   },
	[CODEC_VP9]             = { "VP9",             90000, -1, VIDEO,    0   },
	[CODEC_AV1]             = { "AV1",             90000, -1, VIDEO,    0   },
	[CODEC_JPEG]            = { "JPEG",            90000, 26, VIDEO,    0   },
	[CODEC_CELB]            = { "CelB",            90000, 25, VIDEO,    0   },
	[CODEC_NV]              = { "nv",              90000, 28, VIDEO,    0   },
	[CODEC_MPV]             = { "MPV",             90000, 32, VIDEO,    0   },
	[CODEC_MP2T]            = { "MP2T",            90000, 33, VIDEO,    0   },
	[CODEC_MP4V]            = { "MP4V-ES",         90000, -1, VIDEO,    0   },

	[CODEC_T38]             = { "t38",              8000, -1, DATA,     0   },
	[CODEC_T140]            = { "t140",             1000, -1, DATA,     0   },
	[CODEC_CLEARMODE]       = { "CLEARMODE",        8000, -1, DATA,     0   },
};
static_assert(ARRAY_LEN(infos) == CODEC_COUNT, "describe every codec");

/* Other spellings: of the IANA registry, of RFC 1890, and of gateways. */
static const struct {
	const char *name;
	enum codec codec;
} aliases[] = {
	{ "AMR-NB",       CODEC_AMR       },
	{ "G.722",        CODEC_G722      },
	{ "G722.1",       CODEC_G7221     },
	{ "G7231",        CODEC_G723      },
	{ "G723.1",       CODEC_G723      },
	{ "G721",         CODEC_G726_32   },
	{ "G726",         CODEC_G726_32   },
	{ "AAL2-G726-16", CODEC_G726_16   },
	{ "AAL2-G726-24", CODEC_G726_24   },
	{ "AAL2-G726-32", CODEC_G726_32   },
	{ "AAL2-G726-40", CODEC_G726_40   },
	{ "G.729",        CODEC_G729      },
	{ "G729A",        CODEC_G729      },
	{ "G.729A",       CODEC_G729      },
	{ "G729B",        CODEC_G729      },
	{ "G729AB",       CODEC_G729      },
	{ "G729.1",       CODEC_G7291     },
	{ "GSM-FR",       CODEC_GSM       },
	{ "GSM-HR",       CODEC_GSM_HR    },
	{ "EVRC0",        CODEC_EVRC      },
	{ "EVRC1",        CODEC_EVRC      },
	{ "EVRCB",        CODEC_EVRC      },
	{ "EVRCB0",       CODEC_EVRC      },
	{ "EVRCB1",       CODEC_EVRC      },
	{ "mpa-robust",   CODEC_MPA       },
	{ "NSE",          CODEC_NSE       },
	{ "H263-1998",    CODEC_H263      },
	{ "H263-2000",    CODEC_H263      },
	{ "H264-SVC",     CODEC_H264      },
	{ "X-H264UC",     CODEC_H264      },
	{ "x-ulpfecuc",   CODEC_ULPFEC    },
	{ "flexfec-03",   CODEC_FLEXFEC   },
	{ "T.38",         CODEC_T38       },
	{ "X-CCD",        CODEC_CLEARMODE },
	{ "G.Clear",      CODEC_CLEARMODE },
};

/* RFC 3551 tables 4 and 5, and the two of RFC 1890 that live on. */
static const struct {
	enum codec codec;
	uint32_t clock_hz;
} static_types[] = {
	[0]  = { CODEC_PCMU,     8000 },
	[2]  = { CODEC_G726_32,  8000 },
	[3]  = { CODEC_GSM,      8000 },
	[4]  = { CODEC_G723,     8000 },
	[5]  = { CODEC_DVI4,     8000 },
	[6]  = { CODEC_DVI4,    16000 },
	[7]  = { CODEC_LPC,      8000 },
	[8]  = { CODEC_PCMA,     8000 },
	[9]  = { CODEC_G722,     8000 },
	[10] = { CODEC_L16,     44100 },
	[11] = { CODEC_L16,     44100 },
	[12] = { CODEC_QCELP,    8000 },
	[13] = { CODEC_CN,       8000 },
	[14] = { CODEC_MPA,     90000 },
	[15] = { CODEC_G728,     8000 },
	[16] = { CODEC_DVI4,    11025 },
	[17] = { CODEC_DVI4,    22050 },
	[18] = { CODEC_G729,     8000 },
	[19] = { CODEC_CN,       8000 },
	[25] = { CODEC_CELB,    90000 },
	[26] = { CODEC_JPEG,    90000 },
	[28] = { CODEC_NV,      90000 },
	[31] = { CODEC_H261,    90000 },
	[32] = { CODEC_MPV,     90000 },
	[33] = { CODEC_MP2T,    90000 },
	[34] = { CODEC_H263,    90000 },
};

static const char *const band_names[] = {
	[BAND_NONE] = "none",
	[BAND_NB]   = "nb",
	[BAND_WB]   = "wb",
	[BAND_FB]   = "fb",
};
static_assert(ARRAY_LEN(band_names) == BAND_COUNT, "name every band");

static const char *const basis_names[] = {
	[BASIS_NONE]       = "none",
	[BASIS_PUBLISHED]  = "published",
	[BASIS_MIXED]      = "mixed",
	[BASIS_PROJECT]    = "project",
	[BASIS_CONFIGURED] = "configured",
};
static_assert(ARRAY_LEN(basis_names) == BASIS_COUNT, "name every basis");
/* clang-format on */

const struct codec_info *codec_info(enum codec codec)
{
	return &infos[(unsigned)codec < CODEC_COUNT ? codec : CODEC_UNKNOWN];
}

const char *codec_name(enum codec codec)
{
	return codec_info(codec)->name;
}

enum codec codec_by_payload_type(unsigned payload_type)
{
	if (payload_type >= ARRAY_LEN(static_types))
		return CODEC_UNKNOWN;
	return static_types[payload_type].codec;
}

uint32_t codec_payload_clock_hz(unsigned payload_type)
{
	if (payload_type >= ARRAY_LEN(static_types))
		return 0;
	return static_types[payload_type].clock_hz;
}

/* Most names differ in their first letter already. */
static bool is_named(struct text name, const char *known)
{
	/* The first letters, but for their case, tell nearly all apart. */
	return name.len > 0 && ((name.at[0] ^ known[0]) & ~0x20) == 0 &&
	       text_equal_nocase(name, text_from(known));
}

/*
 * Among the codecs of one name, which are neighbours and begin with `first`, the one whose
 * clock fits best.
 */
static enum codec fitting_clock(enum codec first, uint32_t clock_hz)
{
	const struct text name = text_from(infos[first].name);
	enum codec best = first;

	for (unsigned i = first + 1;
	     i < CODEC_COUNT && text_equal(text_from(infos[i].name), name); i++) {
		if (infos[i].clock_hz <= clock_hz)
			best = (enum codec)i;
	}
	return best;
}

enum codec codec_by_name(struct text name, uint32_t clock_hz)
{
	for (unsigned i = CODEC_UNKNOWN + 1; name.len > 0 && i < CODEC_COUNT; i++) {
		if (is_named(name, infos[i].name))
			return fitting_clock((enum codec)i, clock_hz);
	}
	for (size_t i = 0; name.len > 0 && i < ARRAY_LEN(aliases); i++) {
		if (is_named(name, aliases[i].name))
			return fitting_clock(aliases[i].codec, clock_hz);
	}
	return CODEC_UNKNOWN;
}

static const uint32_t bandwidths_hz[] = {
	[BANDWIDTH_UNKNOWN] = 0, [BANDWIDTH_NB] = 4000,   [BANDWIDTH_MB] = 6000,
	[BANDWIDTH_WB] = 8000,   [BANDWIDTH_SWB] = 12000, [BANDWIDTH_FB] = 20000,
};

uint32_t codec_bandwidth_hz(enum audio_bandwidth bandwidth)
{
	return bandwidths_hz[bandwidth];
}

enum audio_bandwidth codec_bandwidth_of(uint32_t audio_hz)
{
	for (unsigned i = 0; i < ARRAY_LEN(bandwidths_hz); i++)
		if (bandwidths_hz[i] == audio_hz)
			return (enum audio_bandwidth)i;
	return BANDWIDTH_UNKNOWN;
}

const char *band_name(enum band band)
{
	return band_names[(unsigned)band < BAND_COUNT ? band : BAND_NONE];
}

const char *basis_name(enum basis basis)
{
	return basis_names[(unsigned)basis < BASIS_COUNT ? basis : BASIS_NONE];
}

enum band band_by_name(struct text name)
{
	for (unsigned i = BAND_NONE + 1; i < BAND_COUNT; i++) {
		if (text_equal_nocase(name, text_from(band_names[i])))
			return (enum band)i;
	}
	return BAND_NONE;
}
