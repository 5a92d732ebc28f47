#include "probe/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

#include "analyzer/model/timeline.h"
#include "analyzer/quality/playout.h"
#include "probe/explain_call.h"
#include "probe/explain_print.h"
#include "probe/explain_why.h"
#include "schema/field_text.h"

/*
 * G.107 with its defaults and no loss is R 93.2; with Bpl 4.3, Ie 11 and 2 % random loss
 * the formula of clause 7.5 gives Ie-eff = 11 + (95 - 11) * 2 / (2 + 4.3) = 37.667.
 */
static struct record stream_of(double r)
{
	struct record record;
	record_clear(&record, RECORD_STREAM);
	record.stream.id = 1;
	record.stream.codec = CODEC_G729;
	record.stream.band = BAND_NB;
	record.stream.basis = BASIS_CONFIGURED;
	record.stream.ie = 11;
	record.stream.bpl = 4.3;
	record.stream.ppl = 2;
	record.stream.burstr = record.stream.burstr_used = 1;
	record.stream.clock_hz = 8000;
	record.stream.buffers.count = 1;
	memcpy(record.stream.buffers.buffers[0].name, "adaptive", 8);
	record.stream.buffers.buffers[0].ppl = 2;
	record.stream.buffers.buffers[0].bursts = 1;
	record.stream.expected = 100;
	record.stream.lost = 2;
	record.stream.r = r;
	record.stream.mos_lq = emodel_mos(BAND_NB, r);
	return record;
}

static const struct dossier nothing;

static double right_r(void)
{
	struct emodel_input in = emodel_defaults(BAND_NB);
	const double whole = emodel_rate(&in).r;
	return whole - (11 + 84 * 2 / 6.3);
}

static bool has_note(const struct explanation *e, const char *words)
{
	for (size_t i = 0; i < e->note_count; i++) {
		if (strstr(e->notes[i].text, words))
			return true;
	}
	return false;
}

static void the_stored_score_comes_out_again(void **state)
{
	struct explanation e;
	const struct record stream = stream_of(right_r());
	(void)state;
	explain_stream(&stream, &e);
	assert_true(e.scored && e.agrees);
	assert_true(fabs(e.terms.ie_eff - 37.666666666666667) < 1e-9);
	assert_string_equal(e.inputs[0].source, "configured by the operator");
	assert_true(e.inputs[INPUT_TA].value == 0);
	assert_true(strstr(e.inputs[INPUT_PPL].source, "of 100 packets expected") != NULL);
	assert_false(e.conversation.measured);
	assert_false(has_note(&e, "stored R"));
}

static void a_score_that_does_not_is_said_so(void **state)
{
	struct explanation e;
	struct buffer text = { 0 };
	const struct record stream = stream_of(right_r() + 1e-8);
	(void)state;
	explain_stream(&stream, &e);
	assert_true(e.scored && !e.agrees);
	assert_true(has_note(&e, "the stored R is not what these inputs give"));
	explain_add_text(&stream, &e, &nothing, &text, false);
	assert_true(text_find_text(buffer_text(&text), TEXT("not equal to the stored")) <
	            text.len);
	buffer_free(&text);
}

static const struct {
	const char *what;
	enum codec codec;
	const char *reason;
} unscored[] = {
	{ "unknown codec", CODEC_UNKNOWN, "the codec is not known" },
	{ "telephone events", CODEC_TELEPHONE_EVENT, "this is no speech" },
	{ "a codec without Ie", CODEC_L16, "no Ie is known" },
};

static void what_has_no_score_has_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unscored); i++) {
		struct explanation e;
		struct record stream;
		struct buffer text = { 0 };
		struct buffer line = { 0 };
		record_clear(&stream, RECORD_STREAM);
		stream.stream.codec = unscored[i].codec;
		explain_stream(&stream, &e);
		assert_false(e.scored);
		explain_add_text(&stream, &e, &nothing, &text, false);
		if (text_find_text(buffer_text(&text), text_from(unscored[i].reason)) ==
		    text.len)
			fail_msg("%s", unscored[i].what);
		explain_add_json(&stream, &e, &nothing, &line);
		json_t *json = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_true(json_is_null(json_object_get(json, "r")));
		assert_true(json_is_null(json_object_get(json, "agrees")));
		json_decref(json);
		buffer_free(&text);
		buffer_free(&line);
	}
}

/* Where Ie and Bpl are from: rows of G.113 App. I, with their trust (quality.md 8). */
static void inputs_say_their_source_and_trust(void **state)
{
	struct explanation e;
	struct record stream = stream_of(right_r());
	(void)state;
	stream.stream.basis = BASIS_PUBLISHED;
	stream.stream.bpl = 19;
	explain_stream(&stream, &e);
	assert_int_equal(e.inputs[INPUT_IE].trust, 'A');
	assert_true(strstr(e.inputs[INPUT_IE].source, "G.729A + VAD") != NULL);
	stream.stream.codec = CODEC_AMR_WB;
	stream.stream.basis = BASIS_PROJECT;
	stream.stream.ie = 13;
	stream.stream.bpl = 4.3;
	stream.stream.codec_mode_assumed = true;
	explain_stream(&stream, &e);
	assert_true(strstr(e.inputs[INPUT_IE].source, "12.65 kbit/s") != NULL);
	assert_true(strstr(e.inputs[INPUT_IE].source, "mode was not seen") != NULL);
	stream.stream.codec = CODEC_EVS; /* in an IO mode that was seen */
	stream.stream.band = BAND_WB;
	stream.stream.codec_mode_assumed = false;
	explain_stream(&stream, &e);
	assert_true(strstr(e.inputs[INPUT_IE].source, "12.65 kbit/s") != NULL);
	assert_null(strstr(e.inputs[INPUT_IE].source, "mode was not seen"));
	stream.stream.codec = CODEC_OPUS;
	stream.stream.ie = 24;
	stream.stream.bpl = 9.6;
	explain_stream(&stream, &e);
	assert_int_equal(e.inputs[INPUT_BPL].trust, 'P');
	assert_true(strstr(e.inputs[INPUT_IE].source, "wideband in fullband") != NULL);
	stream.stream.ie = 25;
	explain_stream(&stream, &e);
	assert_true(strstr(e.inputs[INPUT_IE].source, "no row of this version") != NULL);
}

static struct buffer why_of(const struct record *stream)
{
	struct explanation e;
	struct buffer why = { 0 };
	explain_stream(stream, &e);
	explain_add_why(&stream->stream, &e, &why);
	return why;
}

static void assert_why(const struct record *stream, const char *words)
{
	struct buffer why = why_of(stream);
	buffer_add_char(&why, '\0');
	assert_string_equal(why.at, words);
	buffer_free(&why);
}

/* G.107: Ie 11 alone is R 82.2, MOS 4.10; Ie-eff 37.667 is R 55.5, MOS 2.87. */
static void the_answer_names_who_lost_what(void **state)
{
	struct record stream = stream_of(right_r());
	struct stream_record *s = &stream.stream;
	(void)state;
	assert_why(&stream, "2.87 because 2.00 % of the packets were lost before this "
	                    "probe, in 1 burst; the codec alone allows 4.10");
	s->buffers.buffers[0].discarded = 1.5;
	s->buffers.buffers[0].bursts = 0;
	s->lost = 0;
	s->outage_lost = 1;
	s->expected = 99;
	assert_why(&stream,
	           "2.87 because 1.50 % of the packets were too late for the jitter buffer "
	           "and 1.00 % were lost in an outage, each by itself; the codec alone "
	           "allows 4.10");
	s->outage_lost = 0;
	s->buffers.buffers[0].discarded = 0;
	s->lost = 2;
	s->expected = 100;
	s->suspect_lost = 2;
	s->mos_lq_unsuspected = 4.1;
	s->interval_min_at = INT64_C(1704106800) * NS_PER_SEC; /* 2024-01-01, 11:00 UTC */
	s->interval_min_mos_lq = 1.5;
	s->lost_after = 3;
	s->far_expected = 100;
	s->mos_lq_answered = 3.5;
	s->media_coverage_pct = 48;
	assert_why(
	        &stream,
	        "2.87 because 2.00 % of the packets were lost by the capture itself, "
	        "each by itself, worst at 11:00:00 (1.50); the codec alone allows 4.10, "
	        "and without what the capture lost it were 4.10; after the answer alone it is 3.50; it tells of 48 % of the answered time only; the receiver lacks 3 "
	        "packets more (3.00 %), lost behind this probe and in no score of ours");
}

static void the_worst_interval_is_found_in_the_timeline(void **state)
{
	struct explanation e;
	struct timeline timeline = { 0 };
	struct interval interval = { .expected = 250, .jitter_max_ms = 7 };
	struct record stream = stream_of(right_r());
	const nstime length = 5 * NS_PER_SEC;
	(void)state;
	for (int i = 0; i < 3; i++) {
		interval.at = 100 * length + i * length;
		interval.views[TIMELINE_NETWORK].bad = i == 1 ? 9 : 0;
		interval.views[PLAYOUT_ADAPTIVE].bad = i == 1 ? 13 : 0;
		interval.views[PLAYOUT_ADAPTIVE].r = i == 1 ? 50 : 80;
		assert_int_equal(timeline_add(&timeline, length, &interval, 1 << 16), OK);
	}
	stream.stream.interval_min_at = 101 * length;
	stream.tail = timeline_blob(&timeline);
	explain_stream(&stream, &e);
	assert_true(e.has_worst && e.worst_length_s == 5);
	assert_int_equal(e.worst.views[TIMELINE_NETWORK].bad, 9);
	assert_int_equal(e.worst.views[PLAYOUT_ADAPTIVE].bad, 13);
	stream.tail.len -= stream.tail.len / 2 + 4;
	stream.stream.interval_min_at = 102 * length;
	explain_stream(&stream, &e);
	assert_false(e.has_worst);
	timeline_free(&timeline);
}

/* quality.md 4.8: a warning from 200 ppm on, above 1000 the rate is mis-declared. */
static const struct {
	double ppm;
	const char *words; /* NULL: none */
} skews[] = {
	{ NAN, NULL },
	{ 200, NULL },
	{ -150, NULL },
	{ 201, "201 ppm slower" },
	{ -999, "must drop or insert" },
	{ 1001, "not the 8000 Hz" },
};

static void skew_is_warned_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(skews); i++) {
		struct explanation e;
		struct record stream = stream_of(right_r());
		stream.stream.skew_ppm = skews[i].ppm;
		explain_stream(&stream, &e);
		assert_int_equal(has_note(&e, "ppm"), skews[i].words != NULL);
		assert_true(!skews[i].words || has_note(&e, skews[i].words));
	}
}

/* A call of two streams: the worse one leads, and claims stand beside theirs. */
static void a_call_begins_with_its_worst_direction(void **state)
{
	struct dossier call = { 0 };
	struct buffer text = { 0 };
	struct record good = stream_of(right_r());
	struct record bad = stream_of(right_r());
	struct record report, leg;
	(void)state;
	good.stream.id = 0x11;
	good.stream.r += 20;
	bad.stream.id = 0x22;
	good.stream.leg = bad.stream.leg = 7;
	bad.stream.direction = DIRECTION_REVERSE;
	record_clear(&report, RECORD_REPORT);
	report.report.stream = 0x22;
	record_clear(&leg, RECORD_LEG);
	leg.leg.id = 7;
	leg.leg.answered = 1;
	dossier_add(&call, &good);
	dossier_add(&call, &bad);
	dossier_add(&call, &report);
	dossier_add(&call, &leg);
	const struct explain_style style = { PRINT_TEXT, false };
	explain_subject(&call, (struct explain_subject){ RECORD_CALL, 5 }, style, &text);
	const struct text all = buffer_text(&text);
	const size_t worst = text_find_text(all, TEXT("stream 0000000000000022"));
	assert_true(text_find_text(all, TEXT("callee to caller: 2.87 because")) < worst);
	assert_true(text_find_text(all, TEXT("not seen here: no RTP from caller")) < worst);
	assert_true(worst < text_find_text(all, TEXT("what endpoints claim")));
	assert_true(text_find_text(all, TEXT("what endpoints claim")) <
	            text_find_text(all, TEXT("stream 0000000000000011")));
	buffer_free(&text);
	explain_subject(&call, (struct explain_subject){ RECORD_STREAM, 0x11 }, style,
	                &text);
	assert_true(text_find_text(buffer_text(&text), TEXT("0000000000000022")) ==
	            text.len);
	buffer_free(&text);
	dossier_free(&call);
}

static void every_flag_has_its_words(void **state)
{
	struct explanation e;
	struct record stream = stream_of(right_r());
	(void)state;
	explain_stream(&stream, &e);
	const size_t without = e.note_count;
	for (unsigned int flag = 0; flag < STREAM_FLAG_COUNT; flag++) {
		stream.stream.flags = UINT32_C(1) << flag;
		explain_stream(&stream, &e);
		assert_int_equal(e.note_count, without + 1);
	}
	stream.stream.flags = (UINT32_C(1) << STREAM_FLAG_COUNT) - 1;
	explain_stream(&stream, &e);
	assert_int_equal(e.note_count, without + STREAM_FLAG_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stored_score_comes_out_again),
		cmocka_unit_test(a_score_that_does_not_is_said_so),
		cmocka_unit_test(what_has_no_score_has_a_reason),
		cmocka_unit_test(inputs_say_their_source_and_trust),
		cmocka_unit_test(the_answer_names_who_lost_what),
		cmocka_unit_test(the_worst_interval_is_found_in_the_timeline),
		cmocka_unit_test(skew_is_warned_of),
		cmocka_unit_test(a_call_begins_with_its_worst_direction),
		cmocka_unit_test(every_flag_has_its_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
