/* Rules: RFC 3550 6.4.1 and A.8; quality.md 4.3 to 4.6 and its section 9. */
#include "analyzer/quality/jitter.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/quality/sequence.h"
#include "tests/unit/unit.h"

enum { MOST_PACKETS = 8, CLOCK_HZ = 8000, TICKS_PER_MS = CLOCK_HZ / 1000 };

#define NEAR 1e-9

static bool near(double a, double b)
{
	return isnan(a) ? isnan(b) : fabs(a - b) <= NEAR;
}

/* --- J, against the code of RFC 3550 A.8, copied letter by letter ------------------ */

struct source {
	uint32_t transit;
	double jitter;
};

static void rfc3550_a8(struct source *s, uint32_t arrival, uint32_t ts)
{
	const int transit = (int)(arrival - ts);
	int d = transit - (int)s->transit;
	s->transit = (uint32_t)transit;
	if (d < 0)
		d = -d;
	s->jitter += (1. / 16.) * ((double)d - s->jitter);
}

/*
 * 70,000 packets of 20 ms, up to 60 ms late: sequence number and timestamp wrap, each in
 * its own place.  Arrivals fall on ticks of the clock, so that A.8 needs no rounding.
 */
static void agrees_with_the_code_of_the_rfc_over_wraps(void **state)
{
	(void)state;
	struct sequence sequence = { 0 };
	struct sequence_counts counts = { 0 };
	struct jitter jitter = { 0 };
	struct jitter_past past = { 0 };
	struct source source = { 0 };
	uint64_t seed = 1;
	double max = 0;
	double sum = 0;
	for (uint32_t i = 0; i < 70000; i++) {
		const uint32_t ticks = 160 * i + disorder_below(&seed, 480);
		const uint32_t ts = UINT32_C(0xffff0000) + 160 * i;
		const struct sequence_step step =
		        sequence_update(&sequence, &counts, (uint16_t)(65000 + i));
		const struct timing timing = { ticks * (NS_PER_SEC / CLOCK_HZ),
			                       step.extended, ts, CLOCK_HZ, 0 };
		jitter_update(&jitter, &past, &timing);
		if (i == 0)
			source.transit = ticks - ts;
		else
			rfc3550_a8(&source, ticks, ts);
		max = fmax(max, source.jitter);
		sum += source.jitter;
		assert_true(fabs(jitter.level.last_ms - source.jitter / TICKS_PER_MS) <
		            NEAR);
	}
	assert_true(fabs(jitter.level.max_ms - max / TICKS_PER_MS) < NEAR);
	assert_true(fabs(jitter_mean_ms(&jitter) - sum / 69999 / TICKS_PER_MS) < NEAR);
	assert_int_equal(past.resyncs, 0);
	assert_int_equal(sequence_lost(&sequence, &counts), 0);
	assert_true(near(jitter_ptime_ms(&jitter), 20));
}

/* --- the rules of 4.3 and 4.4 ------------------------------------------------------ */

struct step {
	double arrival_ms;
	int64_t extended;
	double timestamp_ms;
	uint32_t clock_hz; /* 0 = 8000 */
	uint8_t payload_type;
};

static const struct {
	const char *what;
	struct step packets[MOST_PACKETS];
	size_t count;
	double last, max, mean; /* NAN: no update */
	unsigned int resyncs;
} cases[] = {
	{ "one packet has no jitter", { { 0, 1, 0, 0, 0 } }, 1, 0, 0, NAN, 0 },
	{ "a steady stream has none",
	  { { 0, 1, 0, 0, 0 }, { 20, 2, 20, 0, 0 }, { 40, 3, 40, 0, 0 } },
	  3,
	  0,
	  0,
	  0,
	  0 },
	/* D = 16, then -16: J = 1, then 1 + 15/16. */
	{ "one packet 16 ms late",
	  { { 0, 1, 0, 0, 0 }, { 36, 2, 20, 0, 0 }, { 40, 3, 40, 0, 0 } },
	  3,
	  1.9375,
	  1.9375,
	  1.46875,
	  0 },
	/* D = 32, J = 2; then D = 0 twice: 2 * 15/16 twice. */
	{ "J decays by a sixteenth",
	  { { 0, 1, 0, 0, 0 },
	    { 52, 2, 20, 0, 0 },
	    { 72, 3, 40, 0, 0 },
	    { 92, 4, 60, 0, 0 } },
	  4,
	  1.7578125,
	  2,
	  (2 + 1.875 + 1.7578125) / 3,
	  0 },
	/* The order is that of arrival: D = 0 - 20 - (20 - 60) etc. */
	{ "a reordered packet is included",
	  { { 0, 1, 0, 0, 0 }, { 36, 3, 40, 0, 0 }, { 40, 2, 20, 0, 0 } },
	  3,
	  0.25 + (24 - 0.25) / 16,
	  0.25 + (24 - 0.25) / 16,
	  (0.25 + 0.25 + (24 - 0.25) / 16) / 2,
	  0 },
	{ "a stall alone is real and stays",
	  { { 0, 1, 0, 0, 0 }, { 520, 2, 20, 0, 0 } },
	  2,
	  31.25,
	  31.25,
	  31.25,
	  0 },
	{ "a pause with its time is no jitter (DTX)",
	  { { 0, 1, 0, 0, 0 }, { 400, 2, 400, 0, 0 } },
	  2,
	  0,
	  0,
	  0,
	  0 },
	{ "a pause whose timestamp stands still is one stall (DTX, frozen)",
	  { { 0, 1, 0, 0, 0 }, { 180, 2, 20, 0, 0 } },
	  2,
	  10,
	  10,
	  10,
	  0 },
	{ "a source switch is left out: D and the step are both off",
	  { { 0, 1, 0, 0, 0 }, { 20, 2, 12500, 0, 0 } },
	  2,
	  0,
	  0,
	  NAN,
	  1 },
	{ "behind a source switch the new times count",
	  { { 0, 1, 0, 0, 0 }, { 20, 2, 12500, 0, 0 }, { 56, 3, 12520, 0, 0 } },
	  3,
	  1,
	  1,
	  1,
	  1 },
	{ "a switch back in time is one too",
	  { { 0, 1, 12500, 0, 0 }, { 20, 2, 0, 0, 0 } },
	  2,
	  0,
	  0,
	  NAN,
	  1 },
	{ "D of exactly 200 ms is no switch",
	  { { 0, 1, 0, 0, 0 }, { 20, 2, 220, 0, 0 } },
	  2,
	  12.5,
	  12.5,
	  12.5,
	  0 },
	{ "D of 201 ms that no packets explain is one",
	  { { 0, 1, 0, 0, 0 }, { 20, 2, 221, 0, 0 } },
	  2,
	  0,
	  0,
	  NAN,
	  1 },
	/* 50 packets on at 20 ms: 1000 ms are due, half of that may be missing. */
	{ "behind a loss the step may be off by half of what is due",
	  { { 0, 1, 0, 0, 0 }, { 1000, 51, 1500, 0, 0 } },
	  2,
	  31.25,
	  31.25,
	  31.25,
	  0 },
	{ "but not by more",
	  { { 0, 1, 0, 0, 0 }, { 1000, 51, 1501, 0, 0 } },
	  2,
	  0,
	  0,
	  NAN,
	  1 },
	{ "another clock has another reference",
	  { { 0, 1, 0, 0, 0 }, { 36, 2, 20, 48000, 0 }, { 72, 3, 40, 48000, 0 } },
	  3,
	  1,
	  1,
	  1,
	  0 },
	{ "another payload type of the same clock goes on",
	  { { 0, 1, 0, 0, 0 }, { 36, 2, 20, 0, 8 } },
	  2,
	  1,
	  1,
	  1,
	  0 },
	{ "time stamps that run backwards",
	  { { 100, 1, 0, 0, 0 }, { 88, 2, 20, 0, 0 } },
	  2,
	  2,
	  2,
	  2,
	  0 },
};

static struct timing timing_of(const struct step *step)
{
	const uint32_t clock_hz = step->clock_hz ? step->clock_hz : CLOCK_HZ;
	return (struct timing){ (nstime)(step->arrival_ms * 1e6), step->extended,
		                (uint32_t)(step->timestamp_ms * clock_hz / 1000), clock_hz,
		                step->payload_type };
}

static void jitter_and_discontinuities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct jitter j = { 0 };
		struct jitter_past past = { 0 };
		for (size_t p = 0; p < cases[i].count; p++) {
			const struct timing timing = timing_of(&cases[i].packets[p]);
			jitter_update(&j, &past, &timing);
		}
		if (!near(j.level.last_ms, cases[i].last) ||
		    !near(j.level.max_ms, cases[i].max) ||
		    !near(jitter_mean_ms(&j), cases[i].mean) ||
		    past.resyncs != cases[i].resyncs)
			fail_msg("%s: last %g max %g mean %g resyncs %ju", cases[i].what,
			         j.level.last_ms, j.level.max_ms, jitter_mean_ms(&j),
			         (uintmax_t)past.resyncs);
	}
}

static void a_restart_forgets_the_reference_and_nothing_else(void **state)
{
	(void)state;
	struct jitter j = { 0 };
	struct jitter_past past = { 0 };
	const struct step steps[] = { { 0, 1, 0, 0, 0 },
		                      { 52, 2, 20, 0, 0 },
		                      { 90, 9000, 5, 0, 0 },
		                      { 110, 9001, 25, 0, 0 } };
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct timing timing = timing_of(&steps[i]);
		if (i == 2)
			jitter_restart(&j);
		jitter_update(&j, &past, &timing);
	}
	assert_true(near(j.level.last_ms, 2 * 15.0 / 16));
	assert_true(near(jitter_mean_ms(&j), (2 + 2 * 15.0 / 16) / 2));
	assert_int_equal(past.resyncs, 0);
}

/* --- ptime, 4.6 -------------------------------------------------------------------- */

static const struct {
	const char *what;
	double steps_ms[MOST_PACKETS];
	unsigned int numbers; /* between neighbours */
	bool types_alternate;
	double ptime; /* NAN: no vote */
} ptimes[] = {
	{ "20 ms", { 20, 20 }, 1, false, 20 },
	{ "the most frequent step", { 30, 20, 30 }, 1, false, 30 },
	{ "ties to the smaller", { 30, 20 }, 1, false, 20 },
	{ "ties to the smaller, the other way round", { 20, 30 }, 1, false, 20 },
	{ "a tie that is broken later", { 20, 30, 30 }, 1, false, 30 },
	{ "2.5 ms", { 2.5, 2.5, 10 }, 1, false, 2.5 },
	{ "only neighbours vote", { 40, 40 }, 2, false, NAN },
	{ "a change of payload type does not vote", { 20, 20 }, 1, true, NAN },
	{ "a timestamp that stands still is no packet time",
	  { 20, 0, 0, 0 },
	  1,
	  false,
	  20 },
};

static void packet_time_is_the_most_frequent_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ptimes); i++) {
		struct jitter j = { 0 };
		struct jitter_past past = { 0 };
		struct step at = { 0 };
		for (size_t p = 0; p < MOST_PACKETS; p++) {
			const struct timing timing = timing_of(&at);
			jitter_update(&j, &past, &timing);
			if (p > 0 && ptimes[i].steps_ms[p] == 0 &&
			    ptimes[i].steps_ms[p - 1] == 0)
				break;
			at.extended += ptimes[i].numbers;
			at.arrival_ms += ptimes[i].steps_ms[p];
			at.timestamp_ms += ptimes[i].steps_ms[p];
			at.payload_type =
			        ptimes[i].types_alternate && !at.payload_type ? 8 : 0;
		}
		const double ptime = jitter_has_ptime(&j) ? jitter_ptime_ms(&j) : NAN;
		if (!near(ptime, ptimes[i].ptime))
			fail_msg("%s: %g", ptimes[i].what, ptime);
	}
}

static void packet_time_is_20_ms_before_the_first_vote(void **state)
{
	(void)state;
	const struct jitter j = { 0 };
	assert_false(jitter_has_ptime(&j));
	assert_true(near(jitter_ptime_ms(&j), 20));
}

/* --- delta, 4.5 -------------------------------------------------------------------- */

enum { CN = 1, MARKED = 2 };

static const struct {
	const char *what;
	struct {
		double arrival_ms;
		int64_t extended;
		uint8_t payload_type;
		int is;
	} packets[MOST_PACKETS];
	size_t count;
	double max, mean;
} deltas[] = {
	{ "one packet has none", { { 0, 1, 0, 0 } }, 1, NAN, NAN },
	{ "maximum and mean",
	  { { 0, 1, 0, 0 }, { 20, 2, 0, 0 }, { 70, 3, 0, 0 } },
	  3,
	  50,
	  35 },
	{ "a gap of lost packets counts whole",
	  { { 0, 1, 0, 0 }, { 20, 2, 0, 0 }, { 80, 5, 0, 0 } },
	  3,
	  60,
	  40 },
	{ "a marked packet is not measured, but measured from",
	  { { 0, 1, 0, 0 }, { 20, 2, 0, 0 }, { 1020, 3, 0, MARKED }, { 1045, 4, 0, 0 } },
	  4,
	  25,
	  22.5 },
	{ "where all are marked, all count",
	  { { 0, 1, 0, MARKED }, { 20, 2, 0, MARKED }, { 60, 3, 0, MARKED } },
	  3,
	  40,
	  30 },
	{ "where just half are, the marked ones do not",
	  { { 0, 1, 0, 0 }, { 20, 2, 0, 0 }, { 100, 3, 0, MARKED }, { 200, 4, 0, MARKED } },
	  4,
	  20,
	  20 },
	{ "another payload type is not measured, but measured from",
	  { { 0, 1, 0, 0 }, { 90, 2, 8, 0 }, { 120, 3, 8, 0 } },
	  3,
	  30,
	  30 },
	{ "a reordered packet is not measured, but measured from",
	  { { 0, 1, 0, 0 }, { 40, 3, 0, 0 }, { 45, 2, 0, 0 }, { 60, 4, 0, 0 } },
	  4,
	  40,
	  27.5 },
	{ "a duplicate is not measured, but measured from",
	  { { 0, 1, 0, 0 }, { 20, 2, 0, 0 }, { 25, 2, 0, 0 }, { 40, 3, 0, 0 } },
	  4,
	  20,
	  17.5 },
	{ "comfort noise is not measured",
	  { { 0, 1, 13, CN }, { 200, 2, 13, CN }, { 400, 3, 0, 0 }, { 420, 4, 0, 0 } },
	  4,
	  20,
	  20 },
};

static void inter_arrival_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(deltas); i++) {
		struct delta d = { 0 };
		struct delta_past past = { 0 };
		for (size_t p = 0; p < deltas[i].count; p++) {
			const struct timing timing = {
				.arrival = (nstime)(deltas[i].packets[p].arrival_ms * 1e6),
				.extended = deltas[i].packets[p].extended,
				.payload_type = deltas[i].packets[p].payload_type,
			};
			delta_update(&d, &past, &timing, deltas[i].packets[p].is & MARKED,
			             !(deltas[i].packets[p].is & CN));
		}
		if (!near(delta_max_ms(&d, &past), deltas[i].max) ||
		    !near(delta_mean_ms(&d, &past), deltas[i].mean))
			fail_msg("%s: max %g mean %g", deltas[i].what,
			         delta_max_ms(&d, &past), delta_mean_ms(&d, &past));
	}
}

static void take(struct delta *d, struct delta_past *past, nstime arrival, int64_t extended)
{
	const struct timing timing = { .arrival = arrival, .extended = extended };
	delta_update(d, past, &timing, false, true);
}

static void a_restart_measures_from_nothing(void **state)
{
	(void)state;
	struct delta d = { 0 };
	struct delta_past past = { 0 };
	take(&d, &past, 0, 1);
	delta_restart(&d);
	take(&d, &past, 500 * NS_PER_MS, 9000);
	assert_true(isnan(delta_max_ms(&d, &past)));
	take(&d, &past, 520 * NS_PER_MS, 9001);
	assert_true(near(delta_max_ms(&d, &past), 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_code_of_the_rfc_over_wraps),
		cmocka_unit_test(jitter_and_discontinuities),
		cmocka_unit_test(a_restart_forgets_the_reference_and_nothing_else),
		cmocka_unit_test(packet_time_is_the_most_frequent_step),
		cmocka_unit_test(packet_time_is_20_ms_before_the_first_vote),
		cmocka_unit_test(inter_arrival_times),
		cmocka_unit_test(a_restart_measures_from_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
