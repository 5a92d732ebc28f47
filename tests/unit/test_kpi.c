#include "analyzer/model/kpi_definition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "analyzer/model/kpi_cause.h"
#include "tests/unit/unit.h"

/* --- bins ----------------------------------------------------------------------------- */

static void a_bin_is_as_near_as_promised(void **state)
{
	static const struct {
		enum kpi_series series;
		double least, most, error;
	} cases[] = {
		{ KPI_PDD, 0.1, 3600e3, 1.0 / 16 },
		{ KPI_JITTER, 0.1, 10e3, 1.0 / 16 },
		{ KPI_LOSS, 0.01, 100, 1.0 / 16 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int before = 0;
		for (double v = cases[i].least; v <= cases[i].most; v *= 1.0137) {
			const uint8_t bin = kpi_bin_of(cases[i].series, v);
			const double value = kpi_bin_value(cases[i].series, bin);
			assert_true(fabs(value - v) <= v * cases[i].error * (1 + 1e-9));
			assert_true(bin >= before);
			before = bin;
		}
		assert_int_equal(kpi_bin_of(cases[i].series, cases[i].least * 0.99), 0);
		assert_true(kpi_bin_value(cases[i].series, 0) == 0);
	}
	for (double mos = 1; mos <= 5; mos += 0.003)
		assert_true(fabs(kpi_bin_value(KPI_MOS_NB, kpi_bin_of(KPI_MOS_NB, mos)) -
		                 mos) <= 0.01 + 1e-9);
}

static void nothing_is_too_large_or_too_odd_for_a_bin(void **state)
{
	(void)state;
	assert_int_equal(kpi_bin_of(KPI_PDD, 1e300), 255);
	assert_int_equal(kpi_bin_of(KPI_PDD, INFINITY), 255);
	assert_int_equal(kpi_bin_of(KPI_PDD, -1), 0);
	assert_int_equal(kpi_bin_of(KPI_PDD, NAN), 0);
	assert_int_equal(kpi_bin_of(KPI_MOS_NB, 0), 0);
	assert_int_equal(kpi_bin_of(KPI_MOS_NB, 99), 255);
}

static void fill(struct kpi_bins *bins, uint64_t seed)
{
	for (int i = 0; i < 300; i++) {
		const enum kpi_series series = disorder_below(&seed, KPI_SERIES_COUNT);
		const int64_t n = (int64_t)disorder_below(&seed, 1000) - 400;
		assert_int_equal(
		        kpi_bins_add(bins, series, (uint8_t)disorder_below(&seed, 60), n),
		        OK);
	}
	assert_int_equal(kpi_bins_add(bins, KPI_BITS, 59, INT64_MAX), OK);
	assert_int_equal(kpi_bins_add(bins, KPI_BITS, 58, INT64_MIN), OK);
}

static bool same(const struct kpi_bins *a, const struct kpi_bins *b)
{
	for (unsigned int s = 0; s < KPI_SERIES_COUNT; s++) {
		const struct kpi_range left = kpi_bins_of(a, s);
		const struct kpi_range right = kpi_bins_of(b, s);
		if (kpi_total(left) != kpi_total(right) || kpi_peak(a, s) != kpi_peak(b, s))
			return false;
	}
	return true;
}

static void bins_come_back_from_bytes(void **state)
{
	struct kpi_bins bins = { 0 };
	struct kpi_bins back = { 0 };
	(void)state;
	fill(&bins, 7);
	uint8_t *bytes = malloc(kpi_coded_max(&bins));
	const size_t len = kpi_bins_encode(&bins, bytes);
	assert_true(len <= kpi_coded_max(&bins));
	assert_int_equal(kpi_bins_decode((struct span){ bytes, len }, &back), OK);
	assert_true(same(&bins, &back));
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *copy = malloc(cut + 1); /* of the exact size, for the sanitizers */
		memcpy(copy, bytes, cut);
		kpi_bins_clear(&back);
		(void)!kpi_bins_decode((struct span){ copy, cut }, &back);
		free(copy);
	}
	free(bytes);
	kpi_bins_free(&bins);
	kpi_bins_free(&back);
}

static void damaged_bytes_are_refused(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[16];
		size_t len;
		enum status status;
	} cases[] = {
		{ "nothing at all is nothing", { 0 }, 0, OK },
		{ "a version and no bins", { 1 }, 1, OK },
		{ "another version", { 2, 1, 2 }, 3, ERR_MALFORMED },
		{ "a key without its number", { 1, 5 }, 2, ERR_MALFORMED },
		{ "a series that there is not", { 1, 0x80, 0xfe, 3, 2 }, 5, ERR_MALFORMED },
		{ "a number without an end",
		  { 1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		    0xff },
		  13,
		  ERR_MALFORMED },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct kpi_bins bins = { 0 };
		const struct span span = { cases[i].bytes, cases[i].len };
		if (kpi_bins_decode(span, &bins) != cases[i].status)
			fail_msg("%s", cases[i].what);
		kpi_bins_free(&bins);
	}
}

static void merging_is_adding_in_any_order(void **state)
{
	struct kpi_bins parts[2] = { { 0 } };
	struct kpi_bins forward = { 0 };
	struct kpi_bins backward = { 0 };
	(void)state;
	fill(&parts[0], 3);
	fill(&parts[1], 4);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(kpi_bins_merge(&forward, &parts[i]), OK);
		assert_int_equal(kpi_bins_merge(&backward, &parts[1 - i]), OK);
	}
	assert_true(same(&forward, &backward));
	for (size_t i = 0; i < 2; i++)
		kpi_bins_free(&parts[i]);
	kpi_bins_free(&forward);
	kpi_bins_free(&backward);
}

static void a_percentile_is_the_value_of_its_rank(void **state)
{
	struct kpi_bins bins = { 0 };
	(void)state;
	assert_true(isnan(kpi_percentile(&bins, KPI_PDD, 50)));
	for (int ms = 1; ms <= 100; ms++)
		assert_int_equal(kpi_bins_add(&bins, KPI_PDD, kpi_bin_of(KPI_PDD, ms), 1),
		                 OK);
	for (unsigned int p = 1; p <= 100; p++) {
		const double value = kpi_percentile(&bins, KPI_PDD, p);
		assert_true(fabs(value - p) <= p / 16.0 + 1e-9);
	}
	kpi_bins_free(&bins);
}

static void a_gauge_peaks_where_its_steps_add_up(void **state)
{
	struct kpi_bins bins = { 0 };
	static const int steps[][2] = {
		{ 0, 2 }, { 5, 3 }, { 6, -4 }, { 30, 1 }, { 31, -2 }
	};
	(void)state;
	assert_int_equal(kpi_peak(&bins, KPI_OCCUPIED), 0);
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		assert_int_equal(kpi_bins_add(&bins, KPI_OCCUPIED, (uint8_t)steps[i][0],
		                              steps[i][1]),
		                 OK);
		if (steps[i][1] > 0)
			assert_int_equal(kpi_bins_add(&bins, KPI_STARTS,
			                              (uint8_t)steps[i][0], steps[i][1]),
			                 OK);
	}
	assert_int_equal(kpi_peak(&bins, KPI_OCCUPIED), 5);
	assert_int_equal(kpi_peak(&bins, KPI_STARTS), 3);
	kpi_bins_free(&bins);
}

/* --- Erlang B ------------------------------------------------------------------------- */

/* The published table of traffic that N channels carry with 1 % blocking. */
static void channels_are_those_of_the_erlang_b_table(void **state)
{
	static const struct {
		unsigned int channels;
		double erlang; /* rounded down to what the table's last digit allows */
	} table[] = {
		{ 1, 0.0101 }, { 2, 0.152 }, { 3, 0.455 },  { 4, 0.869 },   { 5, 1.36 },
		{ 10, 4.46 },  { 15, 8.10 }, { 20, 12.0 },  { 30, 20.3 },   { 50, 37.9 },
		{ 60, 46.9 },  { 90, 74.6 }, { 100, 84.0 }, { 120, 102.9 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		assert_int_equal(kpi_channels(table[i].erlang * 0.995, 0.01),
		                 table[i].channels);
		assert_int_equal(kpi_channels(table[i].erlang * 1.005, 0.01),
		                 table[i].channels + 1);
	}
	assert_int_equal(kpi_channels(0, 0.01), 0);
	assert_int_equal(kpi_channels(NAN, 0.01), 0);
	assert_int_equal(kpi_channels(1e12, 0.01), KPI_CHANNELS_MAX);
}

/* --- causes --------------------------------------------------------------------------- */

static void codes_that_reached_the_called_terminal(void **state)
{
	static const struct {
		unsigned int status;
		bool delivers;
	} cases[] = {
		{ 200, false }, { 302, false }, { 400, false }, { 401, false },
		{ 403, false }, { 404, false }, { 407, false }, { 408, false },
		{ 480, true },  { 484, false }, { 486, true },  { 487, false },
		{ 488, false }, { 499, false }, { 500, false }, { 502, false },
		{ 503, false }, { 504, false }, { 600, true },  { 603, true },
		{ 604, false }, { 606, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(kpi_cause_delivers(cases[i].status, 0), cases[i].delivers);
	assert_true(kpi_cause_delivers(503, 17) && !kpi_cause_delivers(480, 27));
	assert_true(kpi_cause_wants_channels(503, 0) && kpi_cause_wants_channels(500, 34));
	assert_false(kpi_cause_wants_channels(503, 27));
}

/* --- sums ----------------------------------------------------------------------------- */

static void nothing_gives_no_ratio(void **state)
{
	struct kpi_sum sum;
	(void)state;
	kpi_sum_begin(&sum);
	kpi_sum_finish(&sum);
	for (size_t i = 0; i < kpi_definition_count; i++) {
		const double value = kpi_value(&kpi_definitions[i], &sum);
		if (!isnan(value) && value != 0)
			fail_msg("%s", kpi_definitions[i].name);
	}
	kpi_sum_free(&sum);
}

static void the_busy_hour_is_sixty_minutes_in_a_row(void **state)
{
	struct kpi_sum sum;
	const struct span none = { 0 };
	(void)state;
	kpi_sum_begin(&sum);
	for (int minute = 0; minute < 300; minute++) {
		struct kpi_record record = { .key.start =
			                             (nstime)minute * 60 * NS_PER_SEC };
		const bool busy = minute >= 100 && minute < 160;
		record.counts[KPI_OCCUPIED_US] = busy ? 120000000 : 60000000;
		assert_int_equal(kpi_sum_add(&sum, &record, none), OK);
	}
	kpi_sum_finish(&sum);
	assert_true(sum.busy_hour == 6000 * NS_PER_SEC);
	assert_true(fabs(sum.busy_hour_erlang - 2) < 1e-12);
	kpi_sum_free(&sum);
}

static void every_definition_is_complete(void **state)
{
	char formula[128];
	(void)state;
	for (size_t i = 0; i < kpi_definition_count; i++) {
		const struct kpi_definition *d = &kpi_definitions[i];
		kpi_formula(d, formula, sizeof formula);
		assert_true(strlen(formula) > 0 && strlen(formula) < sizeof formula - 1);
		assert_true(d->title[0] && d->source[0] && d->numerator);
		assert_ptr_equal(kpi_definition_find(text_from(d->name)), d);
	}
	assert_null(kpi_definition_find(TEXT("nothing")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bin_is_as_near_as_promised),
		cmocka_unit_test(nothing_is_too_large_or_too_odd_for_a_bin),
		cmocka_unit_test(bins_come_back_from_bytes),
		cmocka_unit_test(damaged_bytes_are_refused),
		cmocka_unit_test(merging_is_adding_in_any_order),
		cmocka_unit_test(a_percentile_is_the_value_of_its_rank),
		cmocka_unit_test(a_gauge_peaks_where_its_steps_add_up),
		cmocka_unit_test(channels_are_those_of_the_erlang_b_table),
		cmocka_unit_test(codes_that_reached_the_called_terminal),
		cmocka_unit_test(nothing_gives_no_ratio),
		cmocka_unit_test(the_busy_hour_is_sixty_minutes_in_a_row),
		cmocka_unit_test(every_definition_is_complete),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
