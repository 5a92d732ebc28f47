/* Rules: quality.md 7.1 and 7.3; ratings: tests/data/emodel-vectors.json. */
#include "analyzer/quality/delay.h"

#include <math.h>

#include "tests/unit/unit.h"

static bool near(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 1e-4;
}

static const struct {
	const char *what;
	struct delay_parts parts; /* round trip, buffer, ptime, look-ahead */
	double ta_ms;
} delays[] = {
	{ "half the round trip", { 80, 0, 0, 0 }, 40 },
	{ "all of it, G.729", { 130, 62, 20, 5 }, 152 },
	{ "no buffer emulated", { 80, NAN, 20, 0 }, 60 },
	{ "no round trip measured", { NAN, 62, 20, 5 }, NAN },
	{ "no ptime known", { 80, 62, NAN, 5 }, NAN },
	{ "the probe beside an endpoint", { 0, 40, 20, 0 }, 60 },
};

static void parts_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(delays); i++) {
		const double ta_ms = delay_ta_ms(&delays[i].parts);
		if (!near(ta_ms, delays[i].ta_ms))
			fail_msg("%s: %g", delays[i].what, ta_ms);
	}
}

/* band, Ie, Bpl, Ppl, BurstR; Ta; R, MOS */
static const struct {
	const char *vector;
	struct delay_score score;
	double ta_ms, r, mos;
} ratings[] = {
	{ "v153", { BAND_FB, 22.7, 13.0, 1.282, 1 }, 205.5, 110.138046, 3.796752 },
	{ "v154", { BAND_NB, 11, 19.0, 1.716, 1 }, 462.43, 46.811056, 2.408519 },
	{ "v156", { BAND_NB, 15, 16.1, 0.1, 4.556 }, 104.94, 77.709989, 3.934585 },
	{ "v164", { BAND_NB, 15, 16.1, 11.713, 3.14 }, 319.25, 14.149063, 1.105348 },
	{ "v166", { BAND_WB, 13, 4.3, 12.108, 1 }, 268.57, 41.086775, 1.687047 },
	{ "no delay", { BAND_NB, 11, 19.0, 1.716, 1 }, NAN, NAN, NAN },
	{ "no codec", { BAND_NONE, NAN, NAN, 0, NAN }, 100, NAN, NAN },
};

static void conversations_are_rated_as_the_vectors_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ratings); i++) {
		const struct conversation got =
		        delay_conversation(&ratings[i].score, ratings[i].ta_ms);
		if (!near(got.r_cq, ratings[i].r) || !near(got.mos_cq, ratings[i].mos))
			fail_msg("%s: R %.6f, MOS %.6f", ratings[i].vector, got.r_cq,
			         got.mos_cq);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_add_up),
		cmocka_unit_test(conversations_are_rated_as_the_vectors_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
