/* Rules: quality.md 4.8; transits are made from a known drift. */
#include "analyzer/quality/transit.h"

#include <math.h>
#include <stdbool.h>

#include "tests/unit/unit.h"

#define START (INT64_C(1700000000) * NS_PER_SEC)

/* Takes the transit itself, not its change. */
struct way {
	struct transit t;
	struct transit_past past;
};

static void update(struct way *w, nstime at, double ms)
{
	transit_update(&w->t, &w->past, at, ms - w->t.level.ms);
}

enum { MOST_STRETCHES = 3 };

/* A packet every 20 ms, first of a stretch a reset; the transit drifts by `ppm`. */
static const struct {
	const char *what;
	struct {
		unsigned int packets;
		double ppm;
		double pause_s; /* in the middle of it */
	} stretches[MOST_STRETCHES];
	double ppm;
} cases[] = {
	{ "30 s are six buckets, once a packet shows that they are over",
	  { { 1501, 100 } },
	  100 },
	{ "without it, five", { { 1500, 100 } }, NAN },
	{ "a slow sender is positive", { { 3000, 40 } }, 40 },
	{ "a fast one negative", { { 3000, -250 } }, -250 },
	{ "none", { { 3000, 0 } }, 0 },
	{ "an hour", { { 180000, 3.5 } }, 3.5 },
	{ "a reset draws no line across: two times 20 s are nothing",
	  { { 1001, 50 }, { 1001, 50 } },
	  NAN },
	{ "the longest timeline counts: the first",
	  { { 3000, 10 }, { 2000, 20 }, { 1600, 30 } },
	  10 },
	{ "the second", { { 2000, 10 }, { 3000, 20 }, { 1600, 30 } }, 20 },
	{ "the last", { { 1600, 10 }, { 2000, 20 }, { 3000, 30 } }, 30 },
	{ "of equals the first", { { 2000, 10 }, { 2000, 20 }, { 2000, 30 } }, 10 },
	{ "a long one before short ones that are none",
	  { { 2000, 10 }, { 100, 20 }, { 100, 30 } },
	  10 },
	{ "a pause has no buckets, yet the line goes on", { { 1700, 60, 1000 } }, 60 },
	{ "five buckets do not become six by a pause", { { 1000, 60, 1000 } }, NAN },
};

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct way w = { 0 };
		double at_s = 0;
		for (size_t run = 0; run < MOST_STRETCHES; run++) {
			const unsigned int packets = cases[i].stretches[run].packets;
			const double start_s = at_s;
			for (unsigned int n = 0; n < packets; n++) {
				const nstime at = START + llround(at_s * 1e9);
				if (n == 0)
					transit_reset(&w.t, &w.past, at);
				update(&w, at,
				       (at_s - start_s) * cases[i].stretches[run].ppm /
				               1000);
				at_s += 0.02;
				if (n == packets / 2)
					at_s += cases[i].stretches[run].pause_s;
			}
		}
		const double ppm = transit_skew(&w.t, &w.past).ppm;
		if (isnan(cases[i].ppm) ? !isnan(ppm) : !(fabs(ppm - cases[i].ppm) < 1e-3))
			fail_msg("%s: %g", cases[i].what, ppm);
	}
}

/* A line that is none: how far its points are from it tells. */
static void a_jump_is_no_drift(void **state)
{
	(void)state;
	for (int jump_ms = 0; jump_ms <= 100; jump_ms += 100) {
		struct way w = { 0 };
		for (unsigned int i = 0; i < 3000; i++) {
			const nstime at = START + (nstime)i * 20 * NS_PER_MS;
			if (i == 0)
				transit_reset(&w.t, &w.past, at);
			update(&w, at, i * 0.02 * 0.05 + (i < 1500 ? 0 : jump_ms));
		}
		const struct transit_line line = transit_skew(&w.t, &w.past);
		if (jump_ms == 0)
			assert_true(line.error_ms < 0.1 && fabs(line.ppm - 50) < 1);
		else /* of a step in the middle a quarter is what no line explains */
			assert_true(line.error_ms > 20 && line.error_ms < 30);
	}
}

/*
 * 10 minutes with queues that swell and ebb: within 1 ppm, where a line through all packets
 * is off by tens of them.
 */
static void queues_do_not_bias_it(void **state)
{
	(void)state;
	uint64_t seed = 9;
	for (int ppm = -150; ppm <= 150; ppm += 50) {
		struct way w = { 0 };
		double n = 0, sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
		for (unsigned int i = 0; i < 30000; i++) {
			const double sent_s = i * 0.02;
			const double swell = sent_s / 600; /* more and more traffic */
			double queue_ms = disorder_below(&seed, 20000) / 1000.0 * swell;
			if (disorder_below(&seed, 4) == 0)
				queue_ms = disorder_below(&seed, 100) / 1000.0;
			const double transit_ms = sent_s * ppm / 1000 + queue_ms;
			const nstime at = START + llround(sent_s * 1e9 + transit_ms * 1e6);
			if (i == 0)
				transit_reset(&w.t, &w.past, at);
			update(&w, at, transit_ms);
			n++;
			sum_x += sent_s;
			sum_y += transit_ms;
			sum_xx += sent_s * sent_s;
			sum_xy += sent_s * transit_ms;
		}
		const double all =
		        (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x) * 1000;
		assert_true(fabs(transit_skew(&w.t, &w.past).ppm - ppm) < 1);
		assert_true(fabs(all - ppm) > 10);
	}
}

/* A stamp that goes back does not open the bucket before again. */
static void time_may_run_back(void **state)
{
	(void)state;
	struct way w = { 0 };
	transit_reset(&w.t, &w.past, START);
	for (int64_t i = 0; i < 40; i++) {
		update(&w, START + i * NS_PER_SEC, (double)i * 0.1);
		update(&w, START + i * NS_PER_SEC - 1, (double)i * 0.1 + 0.01);
	}
	assert_int_equal(w.past.skew.points, 7);
	assert_true(fabs(transit_skew(&w.t, &w.past).ppm - 100) < 1e-3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(a_jump_is_no_drift),
		cmocka_unit_test(queues_do_not_bias_it),
		cmocka_unit_test(time_may_run_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
