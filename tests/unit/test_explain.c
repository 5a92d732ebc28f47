#include "probe/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <math.h>

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
	record.stream.burstr_used = 1;
	record.stream.expected = 100;
	record.stream.lost = 2;
	record.stream.r = r;
	return record;
}

static double right_r(void)
{
	struct emodel_input in = emodel_defaults(BAND_NB);
	const double whole = emodel_rate(&in).r;
	return whole - (11 + 84 * 2 / 6.3);
}

static bool has_note(const struct explanation *e, const char *words)
{
	for (size_t i = 0; i < e->note_count; i++) {
		if (strstr(e->notes[i], words))
			return true;
	}
	return false;
}

static void the_stored_score_comes_out_again(void **state)
{
	struct explanation e;
	const struct record stream = stream_of(right_r());
	(void)state;
	explain_stream(&stream.stream, &e);
	assert_true(e.scored && e.agrees);
	assert_true(fabs(e.terms.ie_eff - 37.666666666666667) < 1e-9);
	assert_string_equal(e.inputs[0].source, "configured by the operator");
	assert_string_equal(e.inputs[2].source,
	                    "2 of 100 expected packets lost on the wire");
	assert_true(isnan(e.inputs[4].value));
	assert_false(has_note(&e, "stored R"));
}

static void a_score_that_does_not_is_said_so(void **state)
{
	struct explanation e;
	struct buffer text = { 0 };
	const struct record stream = stream_of(right_r() + 1e-8);
	(void)state;
	explain_stream(&stream.stream, &e);
	assert_true(e.scored && !e.agrees);
	assert_true(has_note(&e, "the stored R is not what these inputs give"));
	explain_add_text(&stream, &e, &text, false);
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
		explain_stream(&stream.stream, &e);
		assert_false(e.scored);
		explain_add_text(&stream, &e, &text, false);
		if (text_find_text(buffer_text(&text), text_from(unscored[i].reason)) ==
		    text.len)
			fail_msg("%s", unscored[i].what);
		explain_add_json(&stream, &e, &line);
		json_t *json = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(json);
		assert_true(json_is_null(json_object_get(json, "r")));
		assert_true(json_is_null(json_object_get(json, "agrees")));
		json_decref(json);
		buffer_free(&text);
		buffer_free(&line);
	}
}

static void every_flag_has_its_words(void **state)
{
	struct explanation e;
	struct record stream = stream_of(right_r());
	(void)state;
	explain_stream(&stream.stream, &e);
	const size_t without = e.note_count;
	for (unsigned int flag = 0; flag < STREAM_FLAG_COUNT; flag++) {
		stream.stream.flags = UINT32_C(1) << flag;
		explain_stream(&stream.stream, &e);
		assert_int_equal(e.note_count, without + 1);
	}
	stream.stream.flags = (UINT32_C(1) << STREAM_FLAG_COUNT) - 1;
	explain_stream(&stream.stream, &e);
	assert_int_equal(e.note_count, without + STREAM_FLAG_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stored_score_comes_out_again),
		cmocka_unit_test(a_score_that_does_not_is_said_so),
		cmocka_unit_test(what_has_no_score_has_a_reason),
		cmocka_unit_test(every_flag_has_its_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
