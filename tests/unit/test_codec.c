#include "analyzer/model/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* RFC 3551 tables 4 and 5; 2 and 19 are from RFC 1890 and its drafts. */
static const struct {
	unsigned payload_type;
	enum codec codec;
	uint32_t clock_hz;
} static_types[] = {
	{ 0, CODEC_PCMU, 8000 },          { 1, CODEC_UNKNOWN, 0 },
	{ 2, CODEC_G726_32, 8000 },       { 3, CODEC_GSM, 8000 },
	{ 4, CODEC_G723, 8000 },          { 5, CODEC_DVI4, 8000 },
	{ 6, CODEC_DVI4, 16000 },         { 7, CODEC_LPC, 8000 },
	{ 8, CODEC_PCMA, 8000 },          { 9, CODEC_G722, 8000 },
	{ 10, CODEC_L16, 44100 },         { 11, CODEC_L16, 44100 },
	{ 12, CODEC_QCELP, 8000 },        { 13, CODEC_CN, 8000 },
	{ 14, CODEC_MPA, 90000 },         { 15, CODEC_G728, 8000 },
	{ 16, CODEC_DVI4, 11025 },        { 17, CODEC_DVI4, 22050 },
	{ 18, CODEC_G729, 8000 },         { 19, CODEC_CN, 8000 },
	{ 20, CODEC_UNKNOWN, 0 },         { 24, CODEC_UNKNOWN, 0 },
	{ 25, CODEC_CELB, 90000 },        { 26, CODEC_JPEG, 90000 },
	{ 27, CODEC_UNKNOWN, 0 },         { 28, CODEC_NV, 90000 },
	{ 29, CODEC_UNKNOWN, 0 },         { 31, CODEC_H261, 90000 },
	{ 32, CODEC_MPV, 90000 },         { 33, CODEC_MP2T, 90000 },
	{ 34, CODEC_H263, 90000 },        { 35, CODEC_UNKNOWN, 0 },
	{ 96, CODEC_UNKNOWN, 0 },         { 127, CODEC_UNKNOWN, 0 },
	{ 4000000000, CODEC_UNKNOWN, 0 },
};

static void static_types_are_those_of_rfc_3551(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(static_types); i++) {
		const unsigned type = static_types[i].payload_type;
		const uint32_t clock_hz = codec_payload_clock_hz(type);

		if (codec_by_payload_type(type) != static_types[i].codec)
			fail_msg("payload type %u is not %s", type,
			         codec_name(static_types[i].codec));
		if (clock_hz != static_types[i].clock_hz)
			fail_msg("payload type %u: %u Hz", type, clock_hz);
	}
}

static void a_codecs_own_payload_type_leads_back_to_it(void **state)
{
	unsigned with_type = 0;

	(void)state;
	for (enum codec codec = CODEC_UNKNOWN; codec < CODEC_COUNT; codec++) {
		const int type = codec_info(codec)->payload_type;

		if (type < 0)
			continue;
		with_type++;
		assert_int_equal(codec_by_payload_type((unsigned)type), codec);
		if (codec_info(codec)->clock_hz)
			assert_int_equal(codec_payload_clock_hz((unsigned)type),
			                 codec_info(codec)->clock_hz);
	}
	/* 24 are assigned; DVI4 has three more than its own, L16 one. */
	assert_int_equal(with_type, 24 - 4);
}

static const struct {
	const char *name;
	uint32_t clock_hz;
	enum codec codec;
} names[] = {
	{ "PCMU", 8000, CODEC_PCMU },
	{ "pcmu", 8000, CODEC_PCMU },
	{ "PCMA", 0, CODEC_PCMA },
	{ "G722", 8000, CODEC_G722 },
	{ "G722", 16000, CODEC_G722 }, /* a common mistake */
	{ "G729", 8000, CODEC_G729 },
	{ "G729A", 8000, CODEC_G729 },
	{ "G723", 8000, CODEC_G723 },
	{ "G7231", 8000, CODEC_G723 },
	{ "g7221", 16000, CODEC_G7221 },
	{ "G7221", 32000, CODEC_G7221_C },
	{ "G726-32", 8000, CODEC_G726_32 },
	{ "AAL2-G726-40", 8000, CODEC_G726_40 },
	{ "GSM-HR-08", 8000, CODEC_GSM_HR },
	{ "GSM-HR", 8000, CODEC_GSM_HR },
	{ "ILBC", 8000, CODEC_ILBC },
	{ "iLBC", 8000, CODEC_ILBC },
	{ "AMR", 8000, CODEC_AMR },
	{ "AMR-NB", 8000, CODEC_AMR },
	{ "AMR-WB", 16000, CODEC_AMR_WB },
	{ "amr-wb+", 72000, CODEC_AMR_WB_PLUS },
	{ "EVS", 16000, CODEC_EVS },
	{ "opus", 48000, CODEC_OPUS },
	{ "OPUS", 48000, CODEC_OPUS },
	{ "speex", 8000, CODEC_SPEEX_NB },
	{ "SPEEX", 16000, CODEC_SPEEX_WB },
	{ "speex", 32000, CODEC_SPEEX_UWB },
	{ "speex", 0, CODEC_SPEEX_NB },
	{ "SILK", 12000, CODEC_SILK_NB },
	{ "SILK", 16000, CODEC_SILK_WB },
	{ "SILK", 24000, CODEC_SILK_WB },
	{ "telephone-event", 48000, CODEC_TELEPHONE_EVENT },
	{ "CN", 16000, CODEC_CN },
	{ "X-NSE", 8000, CODEC_NSE },
	{ "x-nse", 8000, CODEC_NSE },
	{ "red", 8000, CODEC_RED },
	{ "ulpfec", 90000, CODEC_ULPFEC },
	{ "H263-1998", 90000, CODEC_H263 },
	{ "vp8", 90000, CODEC_VP8 },
	{ "t38", 8000, CODEC_T38 },
	{ "G.clear", 8000, CODEC_CLEARMODE },
	{ "unknown", 8000, CODEC_UNKNOWN },
	{ "PCM", 8000, CODEC_UNKNOWN },
	{ "PCMUX", 8000, CODEC_UNKNOWN },
	{ "", 8000, CODEC_UNKNOWN },
};

static void names_lead_to_codecs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const enum codec codec =
		        codec_by_name(text_from(names[i].name), names[i].clock_hz);

		if (codec != names[i].codec)
			fail_msg("%s/%u is %s", names[i].name, names[i].clock_hz,
			         codec_name(codec));
	}
}

static void a_name_ends_where_its_text_ends(void **state)
{
	const char line[] = { 'A', 'M', 'R', '-', 'W', 'B', '/' };

	(void)state;
	assert_int_equal(codec_by_name((struct text){ line, 3 }, 8000), CODEC_AMR);
	assert_int_equal(codec_by_name((struct text){ line, 6 }, 16000), CODEC_AMR_WB);
	assert_int_equal(codec_by_name((struct text){ "PCMU\0", 5 }, 8000), CODEC_UNKNOWN);
}

/* The name we print, with the clock we print, is read back as the same codec. */
static void every_codec_is_found_by_its_own_name(void **state)
{
	(void)state;
	for (enum codec codec = CODEC_UNKNOWN + 1; codec < CODEC_COUNT; codec++) {
		const struct codec_info *info = codec_info(codec);

		if (codec_by_name(text_from(info->name), info->clock_hz) != codec)
			fail_msg("%s/%u", info->name, info->clock_hz);
	}
}

static void only_audio_has_a_band(void **state)
{
	(void)state;
	for (enum codec codec = CODEC_UNKNOWN; codec < CODEC_COUNT; codec++) {
		const struct codec_info *info = codec_info(codec);

		if ((info->kind == CODEC_KIND_AUDIO) != (info->band != BAND_NONE))
			fail_msg("%s", info->name);
	}
}

static void names_are_printed_as_iana_spells_them(void **state)
{
	(void)state;
	assert_string_equal(codec_name(CODEC_UNKNOWN), "unknown");
	assert_string_equal(codec_name(CODEC_PCMU), "PCMU");
	assert_string_equal(codec_name(CODEC_OPUS), "opus");
	assert_string_equal(codec_name(CODEC_AMR_WB), "AMR-WB");
	assert_string_equal(codec_name(CODEC_ILBC), "iLBC");
	assert_string_equal(codec_name(CODEC_TELEPHONE_EVENT), "telephone-event");
	assert_string_equal(codec_name((enum codec)9999), "unknown");
	assert_string_equal(basis_name(BASIS_MIXED), "mixed");
	assert_string_equal(basis_name(BASIS_CONFIGURED), "configured");
	assert_string_equal(basis_name((enum basis)99), "none");
}

static void bands_have_names(void **state)
{
	(void)state;
	assert_string_equal(band_name(BAND_NB), "nb");
	assert_string_equal(band_name((enum band)99), "none");
	assert_int_equal(band_by_name(TEXT("WB")), BAND_WB);
	assert_int_equal(band_by_name(TEXT("fb")), BAND_FB);
	assert_int_equal(band_by_name(TEXT("none")), BAND_NONE);
	assert_int_equal(band_by_name(TEXT("")), BAND_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(static_types_are_those_of_rfc_3551),
		cmocka_unit_test(a_codecs_own_payload_type_leads_back_to_it),
		cmocka_unit_test(names_lead_to_codecs),
		cmocka_unit_test(a_name_ends_where_its_text_ends),
		cmocka_unit_test(every_codec_is_found_by_its_own_name),
		cmocka_unit_test(only_audio_has_a_band),
		cmocka_unit_test(names_are_printed_as_iana_spells_them),
		cmocka_unit_test(bands_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
