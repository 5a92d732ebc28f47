#include "analyzer/quality/impairment.h"

#include <math.h>

#include "analyzer/base/status.h"

/* From here on concealment counts as efficient: G.723.1, G.729, iLBC and G.711 with PLC. */
#define EFFICIENT_PLC_BPL 16.0

#define APP_I "G.113 App. I: "
#define APP_IV "G.113 App. IV, Ie of handsets: "
#define APP_V "G.113 App. V: "
/* A table of the delay at which each codec falls to R = 70, inverted through Idd. */
#define LIMITS "published delay limits: "
#define OURS "project value: "
#define OUR_BPL "; Bpl is a project value"
#define EFR_BPL "; Bpl of GSM-EFR"
#define HEAD_BPL "; Bpl of headsets"

#define ANY(name)                                                                          \
	{                                                                                  \
		.codec = CODEC_##name                                                      \
	}
#define RATE(name, bps)                                                                    \
	{                                                                                  \
		.codec = CODEC_##name, .bit_rate_bps = (bps)                               \
	}
#define WIDTH(name, of)                                                                    \
	{                                                                                  \
		.codec = CODEC_##name, .bandwidth = BANDWIDTH_##of                         \
	}
#define FLAG(name, flag)                                                                   \
	{                                                                                  \
		.codec = CODEC_##name, .flag = true                                        \
	}
#define ITU BASIS_PUBLISHED
#define MIXED BASIS_MIXED
#define PROJECT BASIS_PROJECT

/*
 * A row fits a variant when everything that the row's key names is so in the variant; the
 * nearest bit rate wins, then the first row.  So special rows stand before general ones,
 * and the usual mode of a codec before its other modes.
 */
struct row {
	struct codec_variant key;
	double ie, bpl;
	char trust[3]; /* of ie, of bpl */
	enum basis basis;
	const char *source;
};

/* clang-format off */
static const struct row rows[] = {
	{ FLAG(PCMU, no_plc),  0,    4.3,  "AA", ITU,     APP_I "no PLC" },
	{ ANY(PCMU),           0,    25.1, "AA", ITU,     APP_I "G.711 App. I PLC, 10 ms" },
	{ FLAG(PCMA, no_plc),  0,    4.3,  "AA", ITU,     APP_I "no PLC" },
	{ ANY(PCMA),           0,    25.1, "AA", ITU,     APP_I "G.711 App. I PLC, 10 ms" },
	{ FLAG(G729, no_vad),  10,   19.0, "AP", MIXED,   APP_I "G.729; Bpl of G.729A+VAD" },
	{ ANY(G729),           11,   19.0, "AA", ITU,     APP_I "G.729A + VAD, 20 ms" },
	{ RATE(G723, 6300),    15,   16.1, "AA", ITU,     APP_I "6.3 kbit/s + VAD, 30 ms" },
	{ RATE(G723, 5300),    19,   16.1, "AP", MIXED,   APP_I "5.3 kbit/s; Bpl of 6.3" },
	{ ANY(GSM_EFR),        5,    10.0, "AA", ITU,     APP_I "GSM-EFR, 20 ms" },
	{ ANY(GSM),            20,   10.0, "AP", MIXED,   APP_I "GSM-FR" OUR_BPL },
	{ ANY(GSM_HR),         23,   10.0, "AP", MIXED,   APP_I "GSM-HR" OUR_BPL },
	{ ANY(G726_40),        2,    10.0, "AP", MIXED,   APP_I "40 kbit/s" OUR_BPL },
	{ ANY(G726_32),        7,    10.0, "AP", MIXED,   APP_I "32 kbit/s" OUR_BPL },
	{ ANY(G726_24),        25,   10.0, "CP", MIXED,   APP_I "24 kbit/s" OUR_BPL },
	{ ANY(G726_16),        50,   10.0, "CP", MIXED,   APP_I "16 kbit/s" OUR_BPL },
	{ RATE(G728, 16000),   7,    10.0, "AP", MIXED,   APP_I "16 kbit/s" OUR_BPL },
	{ RATE(G728, 12800),   20,   10.0, "AP", MIXED,   APP_I "12.8 kbit/s" OUR_BPL },

	{ RATE(AMR, 12200),    5,    10.0, "BP", PROJECT, LIMITS "12.2 kbit/s" EFR_BPL },
	{ RATE(AMR, 10200),    6,    10.0, "BP", PROJECT, LIMITS "10.2 kbit/s" EFR_BPL },
	{ RATE(AMR, 7950),     10,   10.0, "BP", PROJECT, LIMITS "7.95 kbit/s" EFR_BPL },
	{ RATE(AMR, 7400),     12,   10.0, "BP", PROJECT, LIMITS "7.4 kbit/s" EFR_BPL },
	{ RATE(AMR, 6700),     14,   10.0, "BP", PROJECT, LIMITS "6.7 kbit/s" EFR_BPL },
	{ RATE(AMR, 5900),     16.5, 10.0, "BP", PROJECT, LIMITS "5.9 kbit/s" EFR_BPL },
	{ RATE(AMR, 5150),     19.5, 10.0, "BP", PROJECT, LIMITS "5.15 kbit/s" EFR_BPL },
	{ RATE(AMR, 4750),     21,   10.0, "BP", PROJECT, LIMITS "4.75 kbit/s" EFR_BPL },
	{ ANY(ILBC),           11,   25.1, "PP", PROJECT, OURS "Bpl of G.711 with PLC" },
	{ ANY(SPEEX_NB),       15,   10.0, "PP", PROJECT, OURS "Speex narrowband" },
	{ ANY(L16),            0,    4.3,  "PP", PROJECT, OURS "G.711 without PLC" },
	{ ANY(L8),             0,    4.3,  "PP", PROJECT, OURS "G.711 without PLC" },

	{ RATE(AMR_WB, 12650), 13,   4.3,  "AA", ITU,     APP_IV "12.65 kbit/s" HEAD_BPL },
	{ RATE(AMR_WB, 6600),  41,   4.3,  "AP", ITU,     APP_IV "6.6 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 8850),  26,   4.3,  "AP", ITU,     APP_IV "8.85 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 14250), 10,   4.3,  "AP", ITU,     APP_IV "14.25 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 15850), 7,    4.3,  "AP", ITU,     APP_IV "15.85 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 18250), 5,    4.6,  "AP", ITU,     APP_IV "18.25 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 19850), 3,    4.6,  "AP", ITU,     APP_IV "19.85 kbit/s" OUR_BPL },
	{ RATE(AMR_WB, 23050), 1,    4.6,  "AA", ITU,     APP_IV "23.05 kbit/s" HEAD_BPL },
	/* Worse than 23.05, and meant so. */
	{ RATE(AMR_WB, 23850), 8,    4.9,  "AA", ITU,     APP_IV "23.85 kbit/s" HEAD_BPL },
	{ RATE(G722, 64000),   13,   4.3,  "CP", ITU,     APP_IV "64 kbit/s" OUR_BPL },
	{ RATE(G722, 56000),   20,   4.3,  "CP", ITU,     APP_IV "56 kbit/s" OUR_BPL },
	{ RATE(G722, 48000),   31,   4.3,  "CP", ITU,     APP_IV "48 kbit/s" OUR_BPL },
	{ RATE(G7221, 32000),  13,   4.3,  "CP", ITU,     APP_IV "32 kbit/s" OUR_BPL },
	{ RATE(G7221, 24000),  19,   4.3,  "CP", ITU,     APP_IV "24 kbit/s" OUR_BPL },
	{ ANY(SPEEX_WB),       15,   4.3,  "PP", PROJECT, OURS "Speex wideband" },
	{ ANY(SILK_WB),        15,   4.3,  "PP", PROJECT, OURS "SILK wideband" },

	{ WIDTH(EVS, NB),      60,   9.6,  "PP", PROJECT, OURS "narrow in fullband" },
	{ WIDTH(EVS, WB),      32,   9.6,  "PP", PROJECT, OURS "wideband in fullband" },
	{ RATE(EVS, 13200),    17.1, 11.7, "AA", ITU,     APP_V "13.2 kbit/s" },
	/* These rates have no super-wideband. */
	{ RATE(EVS, 5900),     32,   9.6,  "PP", PROJECT, OURS "wideband in fullband" },
	{ RATE(EVS, 7200),     32,   9.6,  "PP", PROJECT, OURS "wideband in fullband" },
	{ RATE(EVS, 8000),     32,   9.6,  "PP", PROJECT, OURS "wideband in fullband" },
	{ RATE(EVS, 9600),     22.7, 13.0, "AA", ITU,     APP_V "9.6 kbit/s" },
	{ RATE(EVS, 16400),    10.8, 10.3, "AA", ITU,     APP_V "16.4 kbit/s" },
	{ RATE(EVS, 24400),    7.2,  11.4, "AA", ITU,     APP_V "24.4 kbit/s" },
	/* G.113 (09/2024) prints this rate as "2"; Erratum 1 (01/2026) says 32. */
	{ RATE(EVS, 32000),    8.7,  9.3,  "AA", ITU,     APP_V "32 kbit/s" },
	{ RATE(EVS, 48000),    10.2, 9.6,  "AA", ITU,     APP_V "48 kbit/s" },
	{ WIDTH(OPUS, NB),     60,   9.6,  "PP", PROJECT, OURS "narrow in fullband" },
	{ WIDTH(OPUS, MB),     60,   9.6,  "PP", PROJECT, OURS "narrow in fullband" },
	{ WIDTH(OPUS, WB),     24,   9.6,  "PP", PROJECT, OURS "wideband in fullband" },
	{ ANY(OPUS),           10.2, 9.6,  "PP", PROJECT, OURS "EVS-SWB 48 kbit/s" },
};
/* clang-format on */

/* Codecs whose first row is the only mode in use: not knowing it assumes nothing. */
static bool has_one_mode(enum codec codec)
{
	return codec == CODEC_G722 || codec == CODEC_G728;
}

static bool fits(const struct codec_variant *key, const struct codec_variant *variant)
{
	return key->codec == variant->codec && (!key->no_vad || variant->no_vad) &&
	       (!key->no_plc || variant->no_plc) &&
	       (!key->bandwidth || key->bandwidth == variant->bandwidth);
}

static uint32_t rate_distance(const struct row *row, const struct codec_variant *variant)
{
	const uint32_t has = row->key.bit_rate_bps;
	const uint32_t wants = variant->bit_rate_bps;

	if (!has || !wants)
		return 0;
	return has > wants ? has - wants : wants - has;
}

static const struct row *best_row(const struct codec_variant *variant)
{
	const struct row *best = NULL;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];

		if (fits(&row->key, variant) &&
		    (!best || rate_distance(row, variant) < rate_distance(best, variant)))
			best = row;
	}
	return best;
}

static struct impairment impairment_of_row(const struct row *row)
{
	return (struct impairment){
		.band = codec_info(row->key.codec)->band,
		.basis = row->basis,
		.ie = row->ie,
		.bpl = row->bpl,
		.ie_trust = row->trust[0],
		.bpl_trust = row->trust[1],
		.source = row->source,
	};
}

struct impairment impairment_of(const struct codec_variant *variant)
{
	const struct row *row = best_row(variant);

	if (!row)
		return (struct impairment){
			.band = BAND_NONE,
			.basis = BASIS_NONE,
			.ie = NAN,
			.bpl = NAN,
			.ie_trust = '-',
			.bpl_trust = '-',
			.source = "nothing is known about this codec",
		};
	const bool assumed = row->key.bit_rate_bps && !has_one_mode(variant->codec) &&
	                     row->key.bit_rate_bps != variant->bit_rate_bps;
	struct impairment impairment = impairment_of_row(row);
	impairment.assumed = assumed;
	if (assumed)
		impairment.basis = BASIS_PROJECT;
	return impairment;
}

bool impairment_find(enum codec codec, double ie, double bpl, struct impairment *out)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];

		if (row->key.codec != codec || row->ie != ie || row->bpl != bpl)
			continue;
		*out = impairment_of_row(row);
		return true;
	}
	return false;
}

struct impairment impairment_configured(enum band band, double ie, double bpl)
{
	return (struct impairment){
		.band = band,
		.basis = BASIS_CONFIGURED,
		.ie = ie,
		.bpl = bpl,
		.ie_trust = '-',
		.bpl_trust = '-',
		.source = "configured",
	};
}

double burstr_policy(enum band band, double bpl, double ppl, double measured)
{
	if (band != BAND_NB || bpl < EFFICIENT_PLC_BPL || !(measured > 1))
		return 1;
	return fmin(measured, ppl >= 2 ? 2 : 8);
}

double impairment_rating(const struct impairment *impairment, double lossless_r, double ppl,
                         double burstr)
{
	if (ppl == 0)
		return lossless_r;
	const double used = burstr_policy(impairment->band, impairment->bpl, ppl, burstr);
	const double most = emodel_ceiling(impairment->band) - impairment->ie;
	return lossless_r - most * ppl / (ppl / used + impairment->bpl);
}

/* G.113's wideband Bpl are of headsets and our wideband Ie of handsets. */
static enum basis basis_under_loss(const struct impairment *impairment, double ppl)
{
	if (impairment->band == BAND_WB && impairment->basis == BASIS_PUBLISHED && ppl > 0)
		return BASIS_MIXED;
	return impairment->basis;
}

struct score impairment_score(const struct impairment *impairment, double ppl,
                              double burstr, double ta_ms)
{
	const enum band band = impairment->band;
	struct emodel_input in = emodel_defaults(band);

	in.ie = impairment->ie;
	in.bpl = impairment->bpl;
	in.ppl = ppl;
	in.burstr = burstr_policy(band, in.bpl, ppl, burstr);
	struct emodel_terms terms = emodel_rate(&in);
	const double r = terms.r;
	double r_cq = NAN;
	if (!isnan(ta_ms)) {
		in.ta_ms = ta_ms;
		terms = emodel_rate(&in);
		r_cq = terms.r;
	}
	return (struct score){
		.r = r,
		.mos_lq = emodel_mos(band, r),
		.r_cq = r_cq,
		.mos_cq = emodel_mos(band, r_cq),
		.band = band,
		.basis = basis_under_loss(impairment, ppl),
		.ie = in.ie,
		.bpl = in.bpl,
		.ppl = ppl,
		.burstr_used = in.burstr,
		.extrapolated = terms.extrapolated || burstr > 8,
		.terms = terms,
	};
}

struct score impairment_score_from(const struct impairment *impairment, double lossless_r,
                                   double ppl, double burstr)
{
	const double r = impairment_rating(impairment, lossless_r, ppl, burstr);
	const double used = burstr_policy(impairment->band, impairment->bpl, ppl, burstr);
	return (struct score){
		.r = r,
		.mos_lq = emodel_mos(impairment->band, r),
		.r_cq = NAN,
		.mos_cq = NAN,
		.band = impairment->band,
		.basis = basis_under_loss(impairment, ppl),
		.ie = impairment->ie,
		.bpl = impairment->bpl,
		.ppl = ppl,
		.burstr_used = used,
		.extrapolated = ppl > 20 || burstr > 8,
	};
}
