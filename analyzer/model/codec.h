/*
 * codec.h - the codecs and media formats we know by name, and what their bands are
 * called.
 *
 * Names are those of the IANA registry of RTP payload formats, in its spelling; static
 * payload types are those of RFC 3551 tables 4 and 5.  A codec that is not here is
 * CODEC_UNKNOWN: its packets are counted like any others, but its clock must come from
 * the SDP and it has no MOS. How good a codec sounds is not here but in
 * quality/impairment.h.
 */
#ifndef EARSHOT_MODEL_CODEC_H
#define EARSHOT_MODEL_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/text.h"

enum codec {
	CODEC_UNKNOWN = 0,

	CODEC_PCMU,
	CODEC_PCMA,
	CODEC_PCMU_WB, /* RFC 5391, G.711.1 */
	CODEC_PCMA_WB,
	CODEC_G719,
	CODEC_G722,
	CODEC_G7221,
	CODEC_G7221_C, /* Annex C: the same name at a clock of 32 kHz */
	CODEC_G723,
	CODEC_G726_16,
	CODEC_G726_24,
	CODEC_G726_32,
	CODEC_G726_40,
	CODEC_G728,
	CODEC_G729,
	CODEC_G729D,
	CODEC_G729E,
	CODEC_G7291,
	CODEC_GSM,
	CODEC_GSM_EFR,
	CODEC_GSM_HR,
	CODEC_AMR,
	CODEC_AMR_WB,
	CODEC_AMR_WB_PLUS,
	CODEC_EVS,
	CODEC_EVRC,
	CODEC_QCELP,
	CODEC_VMR_WB,
	CODEC_ILBC,
	CODEC_ISAC,
	CODEC_SPEEX_NB,
	CODEC_SPEEX_WB,
	CODEC_SPEEX_UWB,
	CODEC_SILK_NB, /* clocks 8 and 12 kHz */
	CODEC_SILK_WB, /* clocks 16 and 24 kHz */
	CODEC_OPUS,
	CODEC_BV16,
	CODEC_BV32,
	CODEC_SIREN,
	CODEC_RTAUDIO_NB, /* Microsoft x-msrta */
	CODEC_RTAUDIO_WB,
	CODEC_DVI4,
	CODEC_VDVI,
	CODEC_LPC,
	CODEC_L8,
	CODEC_L16,
	CODEC_L24,
	CODEC_MPA,
	CODEC_MP4A,
	CODEC_MPEG4,

	CODEC_TELEPHONE_EVENT,
	CODEC_TONE,
	CODEC_NSE, /* Cisco named signalling events */

	CODEC_CN,

	CODEC_RED,
	CODEC_ULPFEC,
	CODEC_PARITYFEC,
	CODEC_FLEXFEC,
	CODEC_RTX,

	CODEC_H261,
	CODEC_H263,
	CODEC_H264,
	CODEC_H265,
	CODEC_H266,
	CODEC_VP8,
	CODEC_VP9,
	CODEC_AV1,
	CODEC_JPEG,
	CODEC_CELB,
	CODEC_NV,
	CODEC_MPV,
	CODEC_MP2T,
	CODEC_MP4V,

	CODEC_T38,
	CODEC_T140,
	CODEC_CLEARMODE, /* RFC 4040: 64 kbit/s data, often an ISDN modem */

	CODEC_COUNT
};

/* What the packets of a payload type are for.  Only audio has a jitter and a MOS. */
enum codec_kind {
	CODEC_KIND_UNKNOWN = 0,
	CODEC_KIND_AUDIO,
	CODEC_KIND_EVENT,         /* RFC 4733: the timestamp stands still meanwhile */
	CODEC_KIND_COMFORT_NOISE, /* RFC 3389 */
	CODEC_KIND_REDUNDANCY,    /* carries or repairs another payload type */
	CODEC_KIND_VIDEO,         /* many packets share one timestamp */
	CODEC_KIND_DATA,
	CODEC_KIND_COUNT
};

/*
 * The E-model that a codec is scored with: G.107, G.107.1 or G.107.2.  MOS figures of
 * different bands are on different scales, so a MOS never travels without its band.
 */
enum band { BAND_NONE = 0, BAND_NB, BAND_WB, BAND_FB, BAND_COUNT };

/* Where the Ie and Bpl behind a score come from. */
enum basis {
	BASIS_NONE = 0,   /* nothing is known about this codec: no score */
	BASIS_PUBLISHED,  /* both stand in ITU-T G.113 */
	BASIS_MIXED,      /* one stands there, the other is ours or for other ears */
	BASIS_PROJECT,    /* nothing is published or the mode was assumed: our own value */
	BASIS_CONFIGURED, /* the operator gave them */
	BASIS_COUNT
};

/* Audio bandwidth in the words of Opus (RFC 6716 section 2) and EVS. */
enum audio_bandwidth {
	BANDWIDTH_UNKNOWN = 0,
	BANDWIDTH_NB,
	BANDWIDTH_MB,
	BANDWIDTH_WB,
	BANDWIDTH_SWB,
	BANDWIDTH_FB
};

/*
 * A codec in the way one stream uses it.  All zero but the codec is always allowed and
 * means that nothing more is known.  EVS in an AMR-WB IO mode is CODEC_AMR_WB here: that
 * is what one hears.
 */
struct codec_variant {
	enum codec codec;
	uint32_t bit_rate_bps;          /* of the speech: AMR, G723, EVS; 0 unknown */
	enum audio_bandwidth bandwidth; /* Opus and EVS */
	bool no_vad;                    /* G729 annexb=no; absent is yes (RFC 4856) */
	bool no_plc;                    /* G.711 whose receiver conceals nothing */
};

/* What the operator says of a codec; or of one mode of it, then that is not 0. */
struct codec_override {
	enum codec codec;
	uint32_t bit_rate_bps;
	enum audio_bandwidth bandwidth;
	enum band band;
	double ie, bpl;
};

struct codec_info {
	const char *name;  /* as the product shows it */
	uint32_t clock_hz; /* usual RTP clock; 0 where only the SDP can tell */
	int payload_type;  /* static one of RFC 3551, else -1 */
	enum codec_kind kind;
	enum band band;       /* BAND_NONE for all but audio */
	double look_ahead_ms; /* delay of the coder beyond its frame, as far as known */
};

/* Never NULL; an enum out of range is described as CODEC_UNKNOWN. */
const struct codec_info *codec_info(enum codec codec);

/* "PCMU", "opus", ...; "unknown" for CODEC_UNKNOWN. */
const char *codec_name(enum codec codec);

/*
 * The codec of a static payload type; CODEC_UNKNOWN for dynamic, unassigned and reserved
 * ones. Of the reserved ones 2 (RFC 1890's G721, which is G726-32) and 19 (comfort noise
 * before RFC 3389) are answered, because equipment still sends them.
 */
enum codec codec_by_payload_type(unsigned payload_type);

/* RTP clock of a static payload type (DVI4 has several); 0 when it is not static. */
uint32_t codec_payload_clock_hz(unsigned payload_type);

/*
 * The codec of an rtpmap's encoding name, in any case, with the aliases seen in the
 * field.  The clock decides where one name stands for several codecs (speex, G7221,
 * SILK): the one with the highest usual clock that is not above it.  With a clock of 0 it
 * is the lowest.  A clock that the codec does not use does not hide the codec:
 * "G722/16000" is a common mistake.
 */
enum codec codec_by_name(struct text name, uint32_t clock_hz);

/* Opus's bandwidths as the highest audio frequency in Hz (RFC 6716 table 1); 0: unknown. */
uint32_t codec_bandwidth_hz(enum audio_bandwidth bandwidth);
enum audio_bandwidth codec_bandwidth_of(uint32_t audio_hz);

const char *band_name(enum band band);    /* "none", "nb", "wb", "fb" */
const char *basis_name(enum basis basis); /* "none", "published", ... */

/* "nb", "wb" or "fb" in any case; BAND_NONE for anything else. */
enum band band_by_name(struct text name);

#endif
