#include "analyzer/quality/emodel.h"

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

/* The vectors' names of what G.107 calls the same. */
#define FIELD(name, member)                                                                \
	{                                                                                  \
		name, offsetof(struct emodel_input, member)                                \
	}
static const struct {
	const char *name;
	size_t offset;
} input_fields[] = {
	FIELD("SLR", slr_db),   FIELD("RLR", rlr_db),    FIELD("STMR", stmr_db),
	FIELD("TELR", telr_db), FIELD("WEPL", wepl_db),  FIELD("Ps", ps_dba),
	FIELD("Pr", pr_dba),    FIELD("qdu", qdu),       FIELD("T", t_ms),
	FIELD("Tr", tr_ms),     FIELD("Ta", ta_ms),      FIELD("mT", mt_ms),
	FIELD("sT", st),        FIELD("Ie", ie),         FIELD("Bpl", bpl),
	FIELD("Ppl", ppl),      FIELD("BurstR", burstr), FIELD("A", advantage),
};

static json_t *vectors;

static int load_vectors(void **state)
{
	json_error_t error;

	(void)state;
	vectors = json_load_file(TESTS_DATA "/emodel-vectors.json", 0, &error);
	if (!vectors)
		print_error("%s:%d: %s\n", error.source, error.line, error.text);
	return vectors ? 0 : -1;
}

static int free_vectors(void **state)
{
	(void)state;
	json_decref(vectors);
	return 0;
}

static double number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

static enum band band_of(const json_t *row)
{
	const enum band band =
	        band_by_name(text_from(json_string_value(json_object_get(row, "band"))));

	assert_int_not_equal(band, BAND_NONE);
	return band;
}

static void assert_near(const char *id, const char *what, double got, double want,
                        double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("%s: %s is %.9g, not %.9g", id, what, got, want);
}

static void set_input(struct emodel_input *in, const char *name, double value)
{
	for (size_t i = 0; i < ARRAY_LEN(input_fields); i++) {
		if (strcmp(input_fields[i].name, name) == 0) {
			memcpy((char *)in + input_fields[i].offset, &value, sizeof value);
			return;
		}
	}
	fail_msg("the vectors have an input that the test does not know: %s", name);
}

/* "sym" stands for the echo of a symmetric path, unless T and Tr are given. */
static struct emodel_input input_of(json_t *row)
{
	struct emodel_input in = emodel_defaults(band_of(row));
	json_t *given = json_object_get(row, "in");
	const char *name;
	json_t *value;

	json_object_foreach(given, name, value)
	        set_input(&in, name, json_number_value(value));
	if (strcmp(json_string_value(json_object_get(row, "echo")), "sym") == 0) {
		in.t_ms = in.ta_ms;
		in.tr_ms = 2 * in.ta_ms;
	}
	return in;
}

static void check_terms(const char *id, const struct emodel_terms *terms, const json_t *out)
{
	assert_near(id, "Ro", terms->ro, number(out, "Ro"), TOLERANCE);
	assert_near(id, "Is", terms->is, number(out, "Is"), TOLERANCE);
	assert_near(id, "Idte", terms->idte, number(out, "Idte"), TOLERANCE);
	assert_near(id, "Idle", terms->idle, number(out, "Idle"), TOLERANCE);
	assert_near(id, "Idd", terms->idd, number(out, "Idd"), TOLERANCE);
	assert_near(id, "Ie_eff", terms->ie_eff, number(out, "Ie_eff"), TOLERANCE);
	assert_near(id, "R", terms->r, number(out, "R"), TOLERANCE);
}

static void every_vector_gives_its_r_and_mos(void **state)
{
	size_t i;
	json_t *row;

	(void)state;
	json_array_foreach(json_object_get(vectors, "vectors"), i, row)
	{
		const char *id = json_string_value(json_object_get(row, "id"));
		const json_t *out = json_object_get(row, "out");
		const struct emodel_input in = input_of(row);
		const struct emodel_terms terms = emodel_rate(&in);

		check_terms(id, &terms, out);
		assert_near(id, "MOS", emodel_mos(in.band, terms.r), number(out, "MOS"),
		            TOLERANCE);
	}
	assert_int_equal(i, 205);
}

static void every_r_gives_its_mos(void **state)
{
	size_t i;
	json_t *row;

	(void)state;
	json_array_foreach(json_object_get(vectors, "r_to_mos"), i, row)
	        assert_near("r_to_mos", "MOS", emodel_mos(band_of(row), number(row, "R")),
	                    number(row, "MOS"), 1e-6);
	assert_int_equal(i, 42);
}

/* The inverse of the standard's Appendix I, read backwards. */
static void the_r_of_a_mos_gives_it(void **state)
{
	size_t i;
	json_t *row;

	(void)state;
	json_array_foreach(json_object_get(vectors, "mos_to_r"), i, row)
	        assert_near("mos_to_r", "MOS", emodel_mos(band_of(row), number(row, "R")),
	                    number(row, "MOS"), 1e-6);
	assert_int_equal(i, 24);
}

static void mos_is_clamped_but_r_is_not(void **state)
{
	struct emodel_input in = emodel_defaults(BAND_NB);

	(void)state;
	in.ppl = 100;
	in.ie = 90;
	in.ta_ms = 900;
	assert_true(emodel_rate(&in).r < 0);
	assert_true(emodel_mos(BAND_NB, -1e9) == 1);
	assert_true(emodel_mos(BAND_NB, 3) == 1); /* the cubic itself gives 0.989 */
	assert_true(emodel_mos(BAND_NB, 1e9) == 4.5);
}

static void unknown_stays_unknown(void **state)
{
	const struct emodel_input none = emodel_defaults(BAND_NONE);

	(void)state;
	assert_true(isnan(emodel_rate(&none).r));
	assert_true(isnan(emodel_mos(BAND_NONE, 80)));
	assert_true(isnan(emodel_mos(BAND_NB, NAN)));
	assert_true(isnan(emodel_common_r(BAND_NONE, 80)));
}

static void bands_share_one_axis(void **state)
{
	(void)state;
	assert_near("nb", "Rx", emodel_common_r(BAND_NB, 93.2), 93.2, 1e-12);
	assert_near("wb", "Rx", emodel_common_r(BAND_WB, 129), 100, 1e-12);
	assert_near("fb", "Rx", emodel_common_r(BAND_FB, 74), 50, 1e-12);
	assert_true(emodel_ceiling(BAND_NB) == 95 && emodel_ceiling(BAND_WB) == 95 &&
	            emodel_ceiling(BAND_FB) == 132);
}

/* A Bpl is never 0, but no loss must not become 0 / 0 either. */
static void no_loss_costs_nothing_but_ie(void **state)
{
	struct emodel_input in = emodel_defaults(BAND_NB);

	(void)state;
	in.ie = 11;
	in.bpl = 0;
	assert_true(emodel_rate(&in).ie_eff == 11);
}

static void leaving_the_validated_range_shows(void **state)
{
	static const struct {
		const char *what;
		double ta_ms, ppl, burstr;
		bool extrapolated;
	} cases[] = {
		{ "the limits themselves", 500, 20, 8, false },
		{ "too much delay", 500.1, 0, 1, true },
		{ "too much loss", 0, 20.1, 1, true },
		{ "too bursty", 0, 1, 8.1, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct emodel_input in = emodel_defaults(BAND_NB);

		in.ta_ms = cases[i].ta_ms;
		in.ppl = cases[i].ppl;
		in.burstr = cases[i].burstr;
		if (emodel_rate(&in).extrapolated != cases[i].extrapolated)
			fail_msg("%s", cases[i].what);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gives_its_r_and_mos),
		cmocka_unit_test(every_r_gives_its_mos),
		cmocka_unit_test(the_r_of_a_mos_gives_it),
		cmocka_unit_test(mos_is_clamped_but_r_is_not),
		cmocka_unit_test(unknown_stays_unknown),
		cmocka_unit_test(bands_share_one_axis),
		cmocka_unit_test(no_loss_costs_nothing_but_ie),
		cmocka_unit_test(leaving_the_validated_range_shows),
	};

	return cmocka_run_group_tests(tests, load_vectors, free_vectors);
}
