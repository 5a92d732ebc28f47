#include "analyzer/quality/impairment.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#ifndef TESTS_DATA
#define TESTS_DATA "tests/data"
#endif

#define TOLERANCE 1e-4

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
#define BOTH(name, bps, of)                                                                \
	{                                                                                  \
		CODEC_##name, (bps), BANDWIDTH_##of, false, false                          \
	}
#define FLAG(name, flag)                                                                   \
	{                                                                                  \
		.codec = CODEC_##name, .flag = true                                        \
	}
#define ITU BASIS_PUBLISHED
#define MIXED BASIS_MIXED
#define PROJECT BASIS_PROJECT

/*
 * ITU-T G.113 Appendix I tables I.1 and I.4, Appendix IV and Appendix V; where the basis
 * is mixed or project, what impairment.h says we take instead.
 */
/* clang-format off */
static const struct {
	struct codec_variant variant;
	enum band band;
	double ie, bpl;
	const char *trust;
	enum basis basis;
	bool assumed;
} cases[] = {
	{ ANY(PCMU),            BAND_NB, 0,    25.1, "AA", ITU,     false },
	{ ANY(PCMA),            BAND_NB, 0,    25.1, "AA", ITU,     false },
	{ FLAG(PCMU, no_plc),   BAND_NB, 0,    4.3,  "AA", ITU,     false },
	{ FLAG(PCMA, no_plc),   BAND_NB, 0,    4.3,  "AA", ITU,     false },
	{ ANY(G729),            BAND_NB, 11,   19.0, "AA", ITU,     false },
	{ FLAG(G729, no_vad),   BAND_NB, 10,   19.0, "AP", MIXED,   false },
	{ RATE(G723, 6300),     BAND_NB, 15,   16.1, "AA", ITU,     false },
	{ RATE(G723, 5300),     BAND_NB, 19,   16.1, "AP", MIXED,   false },
	{ ANY(G723),            BAND_NB, 15,   16.1, "AA", PROJECT, true },
	{ ANY(GSM_EFR),         BAND_NB, 5,    10.0, "AA", ITU,     false },
	{ ANY(GSM),             BAND_NB, 20,   10.0, "AP", MIXED,   false },
	{ ANY(GSM_HR),          BAND_NB, 23,   10.0, "AP", MIXED,   false },
	{ ANY(G726_40),         BAND_NB, 2,    10.0, "AP", MIXED,   false },
	{ ANY(G726_32),         BAND_NB, 7,    10.0, "AP", MIXED,   false },
	{ ANY(G726_24),         BAND_NB, 25,   10.0, "CP", MIXED,   false },
	{ ANY(G726_16),         BAND_NB, 50,   10.0, "CP", MIXED,   false },
	{ ANY(G728),            BAND_NB, 7,    10.0, "AP", MIXED,   false },
	{ RATE(G728, 12800),    BAND_NB, 20,   10.0, "AP", MIXED,   false },
	{ RATE(AMR, 12200),     BAND_NB, 5,    10.0, "BP", PROJECT, false },
	{ RATE(AMR, 10200),     BAND_NB, 6,    10.0, "BP", PROJECT, false },
	{ RATE(AMR, 7950),      BAND_NB, 10,   10.0, "BP", PROJECT, false },
	{ RATE(AMR, 7400),      BAND_NB, 12,   10.0, "BP", PROJECT, false },
	{ RATE(AMR, 6700),      BAND_NB, 14,   10.0, "BP", PROJECT, false },
	{ RATE(AMR, 5900),      BAND_NB, 16.5, 10.0, "BP", PROJECT, false },
	{ RATE(AMR, 5150),      BAND_NB, 19.5, 10.0, "BP", PROJECT, false },
	{ RATE(AMR, 4750),      BAND_NB, 21,   10.0, "BP", PROJECT, false },
	{ ANY(AMR),             BAND_NB, 5,    10.0, "BP", PROJECT, true },
	{ ANY(ILBC),            BAND_NB, 11,   25.1, "PP", PROJECT, false },
	{ RATE(ILBC, 13330),    BAND_NB, 11,   25.1, "PP", PROJECT, false },
	{ ANY(SPEEX_NB),        BAND_NB, 15,   10.0, "PP", PROJECT, false },
	{ ANY(L16),             BAND_NB, 0,    4.3,  "PP", PROJECT, false },
	{ ANY(L8),              BAND_NB, 0,    4.3,  "PP", PROJECT, false },

	{ RATE(AMR_WB, 6600),   BAND_WB, 41,   4.3,  "AP", ITU,     false },
	{ RATE(AMR_WB, 8850),   BAND_WB, 26,   4.3,  "AP", ITU,     false },
	{ RATE(AMR_WB, 12650),  BAND_WB, 13,   4.3,  "AA", ITU,     false },
	{ RATE(AMR_WB, 14250),  BAND_WB, 10,   4.3,  "AP", ITU,     false },
	{ RATE(AMR_WB, 15850),  BAND_WB, 7,    4.3,  "AP", ITU,     false },
	{ RATE(AMR_WB, 18250),  BAND_WB, 5,    4.6,  "AP", ITU,     false },
	{ RATE(AMR_WB, 19850),  BAND_WB, 3,    4.6,  "AP", ITU,     false },
	{ RATE(AMR_WB, 23050),  BAND_WB, 1,    4.6,  "AA", ITU,     false },
	{ RATE(AMR_WB, 23850),  BAND_WB, 8,    4.9,  "AA", ITU,     false },
	{ ANY(AMR_WB),          BAND_WB, 13,   4.3,  "AA", PROJECT, true },
	{ ANY(G722),            BAND_WB, 13,   4.3,  "CP", ITU,     false },
	{ RATE(G722, 56000),    BAND_WB, 20,   4.3,  "CP", ITU,     false },
	{ RATE(G722, 48000),    BAND_WB, 31,   4.3,  "CP", ITU,     false },
	{ RATE(G7221, 32000),   BAND_WB, 13,   4.3,  "CP", ITU,     false },
	{ RATE(G7221, 24000),   BAND_WB, 19,   4.3,  "CP", ITU,     false },
	{ ANY(SPEEX_WB),        BAND_WB, 15,   4.3,  "PP", PROJECT, false },
	{ ANY(SILK_WB),         BAND_WB, 15,   4.3,  "PP", PROJECT, false },

	{ RATE(EVS, 9600),      BAND_FB, 22.7, 13.0, "AA", ITU,     false },
	{ RATE(EVS, 13200),     BAND_FB, 17.1, 11.7, "AA", ITU,     false },
	{ RATE(EVS, 16400),     BAND_FB, 10.8, 10.3, "AA", ITU,     false },
	{ RATE(EVS, 24400),     BAND_FB, 7.2,  11.4, "AA", ITU,     false },
	{ RATE(EVS, 32000),     BAND_FB, 8.7,  9.3,  "AA", ITU,     false },
	{ RATE(EVS, 48000),     BAND_FB, 10.2, 9.6,  "AA", ITU,     false },
	{ BOTH(EVS, 24400, SWB),  BAND_FB, 7.2,  11.4, "AA", ITU,     false },
	/* Rates that G.113 lacks: the nearest one, and no longer published. */
	{ RATE(EVS, 64000),     BAND_FB, 10.2, 9.6,  "AA", PROJECT, true },
	{ ANY(EVS),             BAND_FB, 17.1, 11.7, "AA", PROJECT, true },
	{ BOTH(EVS, 13200, WB),   BAND_FB, 32,   9.6,  "PP", PROJECT, false },
	{ RATE(EVS, 7200),      BAND_FB, 32,   9.6,  "PP", PROJECT, false },
	{ ANY(OPUS),            BAND_FB, 10.2, 9.6,  "PP", PROJECT, false },
	{ WIDTH(OPUS, FB),      BAND_FB, 10.2, 9.6,  "PP", PROJECT, false },
	{ WIDTH(OPUS, WB),      BAND_FB, 24,   9.6,  "PP", PROJECT, false },
	{ WIDTH(OPUS, MB),      BAND_FB, 60,   9.6,  "PP", PROJECT, false },
	{ WIDTH(OPUS, NB),      BAND_FB, 60,   9.6,  "PP", PROJECT, false },
};
/* clang-format on */

static void every_codec_has_its_figures(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct impairment got = impairment_of(&cases[i].variant);

		if (got.band != cases[i].band || got.ie != cases[i].ie ||
		    got.bpl != cases[i].bpl || got.ie_trust != cases[i].trust[0] ||
		    got.bpl_trust != cases[i].trust[1] || got.basis != cases[i].basis ||
		    got.assumed != cases[i].assumed)
			fail_msg("row %zu, %s %u: %s %g %g %c%c %s assumed=%d", i,
			         codec_name(cases[i].variant.codec),
			         cases[i].variant.bit_rate_bps, band_name(got.band), got.ie,
			         got.bpl, got.ie_trust, got.bpl_trust,
			         basis_name(got.basis), got.assumed);
		assert_non_null(got.source);
	}
}

static void a_source_names_its_table(void **state)
{
	const struct codec_variant g729 = { .codec = CODEC_G729 };
	const struct codec_variant amr_wb = { .codec = CODEC_AMR_WB };

	(void)state;
	assert_string_equal(impairment_of(&g729).source,
	                    "G.113 App. I: G.729A + VAD, 20 ms");
	assert_string_equal(impairment_of(&amr_wb).source,
	                    "G.113 App. IV, Ie of handsets: 12.65 kbit/s; Bpl of headsets");
}

/* Nobody has published a figure, or it is not speech at all. */
static void what_is_not_known_has_no_score(void **state)
{
	static const enum codec codecs[] = {
		CODEC_UNKNOWN, CODEC_EVRC,    CODEC_SPEEX_UWB,
		CODEC_SILK_NB, CODEC_G7221_C, CODEC_CN,
		CODEC_VP8,     CODEC_T38,     CODEC_TELEPHONE_EVENT,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(codecs); i++) {
		const struct codec_variant variant = { .codec = codecs[i] };
		const struct impairment none = impairment_of(&variant);
		const struct score score = impairment_score(&none, 0, 1, 50);

		if (none.basis != BASIS_NONE || none.band != BAND_NONE || !isnan(none.ie) ||
		    !isnan(score.r) || !isnan(score.mos_lq) || !isnan(score.mos_cq) ||
		    score.basis != BASIS_NONE || score.band != BAND_NONE)
			fail_msg("%s", codec_name(codecs[i]));
	}
}

/* Rows of the vectors in tests/data; what is said about a row is what makes it special. */
/* clang-format off */
static const struct {
	const char *what;
	struct codec_variant variant;
	double ppl, burstr, ta_ms;
	double r, mos_lq, r_cq, mos_cq;
	double burstr_used;
	enum basis basis;
} scores[] = {
	{ "clean G.711", ANY(PCMU),
	  0, 1, NAN, 93.206208, 4.409406, NAN, NAN, 1, ITU },
	{ "2 % random loss, concealed", ANY(PCMA),
	  2, NAN, NAN, 86.195138, 4.235019, NAN, NAN, 1, ITU },
	{ "bursts count where loss is concealed", ANY(PCMU),
	  0.5, 8, NAN, 91.318478, 4.369948, NAN, NAN, 8, ITU },
	{ "but no more than 2 from 2 % on", ANY(PCMU),
	  5, 8, NAN, 75.996063, 3.864123, NAN, NAN, 2, ITU },
	{ "and 2 % is already too much", ANY(PCMU),
	  2, 4, NAN, 85.926514, 4.226896, NAN, NAN, 2, ITU },
	{ "2 % random loss, not concealed", FLAG(PCMA, no_plc),
	  2, 1, NAN, 63.047478, 3.256361, NAN, NAN, 1, ITU },
	{ "bursts do not count without concealment", FLAG(PCMA, no_plc),
	  2, 5, NAN, 63.047478, 3.256361, NAN, NAN, 1, ITU },
	{ "wideband, lossless", ANY(G722),
	  0, 1, 95.62, 116.0, 4.337096, 116.0, 4.337096, 1, ITU },
	{ "wideband with loss mixes two tables", ANY(G722),
	  0.22, 4, 60.94, 112.00885, 4.253778, 112.00885, 4.253778, 1, MIXED },
	{ "project values stay project values", ANY(AMR_WB),
	  1, 1, NAN, 100.528302, 3.943373, NAN, NAN, 1, PROJECT },
	{ "fullband loss is published", RATE(EVS, 24400),
	  1.059, 1, 98.61, 130.19215, 4.286086, 130.19215, 4.286086, 1, ITU },
	{ "delay costs the conversation only", RATE(EVS, 13200),
	  0, 1, 135.42, 130.9, 4.299092, 130.857095, 4.298314, 1, ITU },
};
/* clang-format on */

static bool same(double got, double want)
{
	return isnan(want) ? isnan(got) : fabs(got - want) <= TOLERANCE;
}

static void loss_and_delay_become_a_score(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(scores); i++) {
		const struct impairment impairment = impairment_of(&scores[i].variant);
		const struct score got = impairment_score(
		        &impairment, scores[i].ppl, scores[i].burstr, scores[i].ta_ms);

		if (!same(got.r, scores[i].r) || !same(got.mos_lq, scores[i].mos_lq) ||
		    !same(got.r_cq, scores[i].r_cq) ||
		    !same(got.mos_cq, scores[i].mos_cq) ||
		    got.burstr_used != scores[i].burstr_used ||
		    got.basis != scores[i].basis)
			fail_msg("%s: r %.6f %.6f mos %.6f %.6f burstr %g %s",
			         scores[i].what, got.r, got.r_cq, got.mos_lq, got.mos_cq,
			         got.burstr_used, basis_name(got.basis));
		assert_true(got.band == impairment.band && got.ie == impairment.ie &&
		            got.bpl == impairment.bpl && got.ppl == scores[i].ppl);
	}
}

static void terms_are_those_of_the_delay(void **state)
{
	const struct codec_variant pcmu = { .codec = CODEC_PCMU };
	const struct impairment impairment = impairment_of(&pcmu);

	(void)state;
	assert_true(impairment_score(&impairment, 0, 1, NAN).terms.idd == 0);
	assert_true(impairment_score(&impairment, 0, 1, 300).terms.idd > 10);
}

static void a_configured_codec_says_so(void **state)
{
	const struct impairment configured = impairment_configured(BAND_WB, 7, 10);
	const struct score score = impairment_score(&configured, 3, 1, NAN);

	(void)state;
	assert_int_equal(score.basis, BASIS_CONFIGURED);
	assert_true(same(score.r, 129 - 7 - 88 * 3.0 / 13));
}

static void scores_outside_the_range_are_marked(void **state)
{
	const struct codec_variant pcmu = { .codec = CODEC_PCMU };
	const struct impairment impairment = impairment_of(&pcmu);

	(void)state;
	assert_false(impairment_score(&impairment, 20, 8, 500).extrapolated);
	assert_true(impairment_score(&impairment, 21, 1, NAN).extrapolated);
	assert_true(impairment_score(&impairment, 1, 1, 501).extrapolated);
	/* The formula gets 8 at most, but that is a measured value cut short. */
	assert_true(impairment_score(&impairment, 1, 9, NAN).extrapolated);
}

static void burst_ratio_follows_the_policy(void **state)
{
	json_t *file = json_load_file(TESTS_DATA "/emodel-vectors.json", 0, NULL);
	size_t i;
	json_t *row;

	(void)state;
	assert_non_null(file);
	json_array_foreach(json_object_get(file, "burstr_policy"), i, row)
	{
		const char *band = json_string_value(json_object_get(row, "band"));
		const double used =
		        burstr_policy(band_by_name(text_from(band)),
		                      json_number_value(json_object_get(row, "Bpl")),
		                      json_number_value(json_object_get(row, "Ppl")),
		                      json_number_value(json_object_get(row, "BurstR")));
		const double want = json_number_value(json_object_get(row, "used"));

		if (used != want)
			fail_msg("policy %zu: %g, not %g", i, used, want);
	}
	assert_int_equal(i, 8);
	json_decref(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_codec_has_its_figures),
		cmocka_unit_test(a_source_names_its_table),
		cmocka_unit_test(what_is_not_known_has_no_score),
		cmocka_unit_test(loss_and_delay_become_a_score),
		cmocka_unit_test(terms_are_those_of_the_delay),
		cmocka_unit_test(a_configured_codec_says_so),
		cmocka_unit_test(scores_outside_the_range_are_marked),
		cmocka_unit_test(burst_ratio_follows_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
