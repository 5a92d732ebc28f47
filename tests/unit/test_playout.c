/* Rules: quality.md 6.1 and 6.2; every expected figure of a row is worked out by hand. */
#include "analyzer/quality/playout.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

#define PTIME_MS 20.0
#define START (INT64_C(1700000000) * NS_PER_SEC)

enum { MOST_STRETCHES = 7 };

static const struct playout_sizes usual_sizes = { { 50, 200 }, 20, 500, 60 };

/* What a packet meets: its transit, then the buffers. */
struct listener {
	struct transit transit;
	struct transit_past past;
	struct playout p;
	struct playout_runs runs;
};

static void reset(struct listener *l, const struct playout_sizes *sizes, nstime arrival)
{
	transit_reset(&l->transit, &l->past, arrival);
	playout_reset(&l->p, &l->runs, sizes);
}

static unsigned int update(struct listener *l, const struct playout_sizes *sizes,
                           nstime arrival, double d_ms, double ptime_ms)
{
	transit_update(&l->transit, &l->past, arrival, d_ms);
	const struct playout_packet packet = { &l->transit, &l->past, ptime_ms };
	return playout_update(&l->p, &l->runs, sizes, &packet);
}

/* Packets every 20 ms of the sender's time, each `transit_ms` on the way. */
static const struct {
	const char *what;
	struct stretch {
		unsigned int packets;
		double transit_ms;
		double pause_ms; /* of the sender, before it */
		bool reset;
	} stretches[MOST_STRETCHES];
	unsigned int late[PLAYOUT_BUFFERS];
} cases[] = {
	{ "a constant delay, however long, makes nothing late", { { 3000, 400 } }, { 0 } },
	{ "equal is on time", { { 100, 0 }, { 1, 50 }, { 1, 0 } }, { 0, 0, 1 } },
	{ "so is half a microsecond more", { { 1, 0 }, { 1, 50.0004 } }, { 0 } },
	{ "but no whole one", { { 1, 0 }, { 1, 50.0006 } }, { 1, 0, 0 } },
	{ "200 ms are for the second buffer what 50 are for the first",
	  { { 1, 0 }, { 1, 200.0004 }, { 1, 0 }, { 1, 200.0006 } },
	  { 2, 1, 1 } },
	{ "a longer route: late for 500 ms, then anchored anew",
	  { { 100, 0 }, { 400, 60 } },
	  { 25, 0, 1 } },
	{ "a packet on time starts the 500 ms again",
	  { { 100, 0 }, { 24, 60 }, { 1, 0 }, { 24, 60 }, { 1, 0 }, { 400, 60 } },
	  { 24 + 24 + 25, 0, 1 } },
	{ "the new base is the least of the late ones",
	  { { 100, 0 }, { 10, 70 }, { 1, 60 }, { 14, 110 }, { 1, 110 }, { 1, 111 } },
	  { 25 + 1, 0, 1 } },
	{ "a shorter route anchors at once",
	  { { 100, 100 }, { 1000, 30 }, { 100, 80 } },
	  { 0, 0, 1 } },
	{ "one fast packet costs 500 ms at most, not the 20 s it is remembered",
	  { { 100, 60 }, { 1, 0 }, { 2000, 60 } },
	  { 25, 0, 1 } },
	{ "what was least is remembered to the end of the next 10 s",
	  { { 1, 0 }, { 996, 30 }, { 1, 51 }, { 1, 30 } }, /* arrives at 19.991 s */
	  { 1, 0, 1 } },
	{ "and forgotten then",
	  { { 1, 0 }, { 998, 30 }, { 1, 51 } },
	  { 0 } }, /* 20.031 s */
	{ "a pause does away with both 10 s",
	  { { 1, 0 }, { 1, 70, 20000 }, { 1, 120 } },
	  { 0, 0, 0 } },
	{ "each buffer has a base of its own once it anchors anew",
	  { { 100, 0 }, { 100, 60 }, { 100, 210 }, { 100, 250 } },
	  { 25 + 25, 25, 1 + 1 } },
	{ "one that anchored anew follows a shorter route",
	  { { 100, 0 }, { 100, 60 }, { 1, 20 }, { 1, 70 }, { 1, 71 } },
	  { 25 + 1, 0, 1 } },
	{ "it stays with its own base in the next 10 s",
	  { { 100, 0 }, { 400, 60 }, { 400, 105 }, { 1, 111 }, { 1, 60 } },
	  { 25 + 1, 0, 3 } },
	{ "a reset forgets", { { 100, 0 }, { 400, 300, 0, true } }, { 0 } },
	{ "also the run of late packets",
	  { { 100, 0 }, { 24, 60 }, { 1, 0, 0, true }, { 24, 60 }, { 1, 0 } },
	  { 24 + 24, 0, 1 + 1 } },
	{ "beyond 500 ms the adaptive one, too, must anchor anew",
	  { { 500, 0 }, { 400, 600 } },
	  { 25, 25, 25 } },
	{ "the adaptive one makes room for the next at once",
	  { { 500, 0 }, { 1, 100 }, { 1, 120 } },
	  { 2, 0, 1 } },
	{ "but shrinks again from then on",
	  { { 500, 0 }, { 1, 100 }, { 2, 120 } },
	  { 3, 0, 2 } },
};

/* Feeds the stretches and counts what each buffer discards. */
static void play(struct listener *l, const struct stretch *stretches, unsigned int *late)
{
	double media_ms = 0;
	double before_ms = 0;
	for (unsigned int i = 0; i < MOST_STRETCHES; i++) {
		media_ms += stretches[i].pause_ms;
		for (unsigned int n = 0; n < stretches[i].packets; n++) {
			const double transit_ms = stretches[i].transit_ms;
			const nstime arrival =
			        START + (nstime)llround((media_ms + transit_ms) *
			                                (double)NS_PER_MS);
			const bool anew = media_ms == 0 || (n == 0 && stretches[i].reset);
			if (anew)
				reset(l, &usual_sizes, arrival);
			const unsigned int set =
			        update(l, &usual_sizes, arrival,
			               anew ? 0 : transit_ms - before_ms, PTIME_MS);
			for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++)
				late[b] += set >> b & 1;
			before_ms = transit_ms;
			media_ms += PTIME_MS;
		}
	}
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct listener l = { 0 };
		unsigned int late[PLAYOUT_BUFFERS] = { 0 };
		play(&l, cases[i].stretches, late);
		if (memcmp(late, cases[i].late, sizeof late) != 0)
			fail_msg("%s: late %u %u %u", cases[i].what, late[0], late[1],
			         late[2]);
	}
}

/*
 * 6.2 by hand.  After n packets without variation the spread is 15 (15/16)^n, so the
 * target is below what shrinking by 0.2 ms leaves from the first packet on, and the least,
 * 20 ms, is reached with the 200th.
 */
static void the_adaptive_buffer_breathes(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		struct stretch stretches[MOST_STRETCHES];
		double depth_ms;
	} steps[] = {
		{ "it shrinks by 1 % of the packet's time", { { 1, 0 } }, 59.8 },
		{ "again and again", { { 100, 0 } }, 40.0 },
		{ "down to 20 ms", { { 500, 0 } }, 20.0 },
		{ "a late packet and one more fit in at once",
		  { { 500, 0 }, { 1, 100 } },
		  120.0 },
		{ "500 ms are the most", { { 500, 0 }, { 1, 490 } }, 500.0 },
		{ "a reset starts it at 60 ms",
		  { { 500, 0 }, { 1, 490 }, { 1, 0, 0, true } },
		  59.8 },
		{ "it shrinks after a late one", { { 500, 0 }, { 2, 100 } }, 119.8 },
		/* With a = 15/16, m = 20 (1 - a^5) and 4v = 25 a^4. */
		{ "it grows to its target", { { 500, 0 }, { 5, 20 } }, 24.82798 },
	};
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct listener l = { 0 };
		unsigned int late[PLAYOUT_BUFFERS] = { 0 };
		play(&l, steps[i].stretches, late);
		if (fabs(l.p.level.depth_ms - steps[i].depth_ms) > 1e-3)
			fail_msg("%s: %.4f ms", steps[i].what, l.p.level.depth_ms);
	}
}

static void its_mean_length_is_over_all_packets_and_resets(void **state)
{
	(void)state;
	struct listener l = { 0 };
	assert_true(isnan(playout_mean_depth_ms(&l.p)));
	unsigned int late[PLAYOUT_BUFFERS] = { 0 };
	/* 59.8 59.6 59.4, then anew 59.8 59.6 */
	play(&l, (struct stretch[MOST_STRETCHES]){ { 3, 0 }, { 2, 0, 0, true } }, late);
	assert_true(fabs(playout_mean_depth_ms(&l.p) - 298.2 / 5) < 1e-9);
	assert_int_equal(l.p.packets, 5);
}

/* The adaptive one starts at 25; its first target, 4 x 14.06, is cut to 40. */
static void other_sizes_can_be_had(void **state)
{
	(void)state;
	const struct playout_sizes sizes = { { 10, 30 }, 5, 40, 25 };
	struct listener l = { 0 };
	reset(&l, &sizes, START);
	assert_int_equal(update(&l, &sizes, START, 0, 20), 0);
	assert_int_equal(update(&l, &sizes, START, 10.1, 20), 1 << PLAYOUT_FIXED_0);
	assert_int_equal(update(&l, &sizes, START, 20, 20), 3); /* grown to 40 */
	assert_int_equal(update(&l, &sizes, START, 10, 20), 7);
	assert_true(l.p.level.depth_ms == 40);
}

/* A stamp that goes back across the edge of the 10 s does not bring the old ones back. */
static void time_that_runs_back_does_not_turn_the_buckets_back(void **state)
{
	(void)state;
	struct listener l = { 0 };
	const nstime edge = START + 10 * NS_PER_SEC;
	reset(&l, &usual_sizes, START);
	(void)update(&l, &usual_sizes, START, 0, PTIME_MS);
	(void)update(&l, &usual_sizes, edge, 5, PTIME_MS);
	(void)update(&l, &usual_sizes, edge - 1, 1, PTIME_MS);
	assert_true(transit_offset_ms(&l.transit.level) == 6);
	(void)update(&l, &usual_sizes, edge + 10 * NS_PER_SEC, 0, PTIME_MS);
	assert_true(transit_offset_ms(&l.transit.level) ==
	            1); /* 5 is the least of the running 10 s */
}

/* 100 ppm for 10 minutes are 60 ms: more than the buffer, yet never within 20 s. */
static void drift_makes_nothing_late(void **state)
{
	(void)state;
	struct listener l = { 0 };
	reset(&l, &usual_sizes, START);
	for (unsigned int n = 0; n < 30000; n++) {
		const nstime arrival = START + n * (20 * NS_PER_MS + 2 * NS_PER_US);
		assert_int_equal(update(&l, &usual_sizes, arrival, n ? 0.002 : 0, PTIME_MS),
		                 0);
	}
}

/* Summing D loses nothing that matters: 44.1 kHz has no whole nanoseconds. */
static void the_sum_of_steps_is_the_transit(void **state)
{
	(void)state;
	struct listener l = { 0 };
	uint64_t seed = 7;
	nstime before = START;
	reset(&l, &usual_sizes, START);
	for (int64_t n = 1; n < 2000000; n++) {
		const nstime arrival =
		        START + n * 882 * 10000000 / 441 + disorder_below(&seed, 30000000);
		const double d_ms = ns_to_ms(arrival - before) - 882 * 1000.0 / 44100;
		(void)update(&l, &usual_sizes, arrival, d_ms, PTIME_MS);
		before = arrival;
	}
	const double exact_ms = ns_to_ms(before - START) - 1999999 * 20.0;
	assert_true(fabs(l.transit.level.ms - exact_ms) < 1e-5);
}

/* Section 6 word by word, with every 10 s of every buffer kept: no sharing of bases. */
enum { BUCKETS = 400 };

struct literal {
	double least[BUCKETS];
	double late_ms, late_least, cur, m, v;
};

static void literal_reset(struct literal *l)
{
	*l = (struct literal){ .cur = 60, .v = 15, .late_least = INFINITY };
	for (unsigned int i = 0; i < BUCKETS; i++)
		l->least[i] = INFINITY;
}

static bool literal_late(struct literal *l, double transit, unsigned int bucket,
                         double fixed_ms, double ptime)
{
	l->least[bucket] = fmin(l->least[bucket], transit);
	double base = l->least[bucket];
	if (bucket > 0)
		base = fmin(base, l->least[bucket - 1]);
	const double off = transit - base;
	const double n = isnan(fixed_ms) ? l->cur : fixed_ms;
	const bool late = off - n > 0.0005;
	l->v += (fabs(off - l->m) - l->v) / 16;
	l->m += (off - l->m) / 16;
	const double target = fmin(500, fmax(20, l->m + 4 * l->v));
	if (late)
		l->cur = fmin(500, off + ptime);
	else if (target > l->cur)
		l->cur = fmin(target, l->cur + ptime);
	else
		l->cur = fmax(target, l->cur - ptime / 100);
	if (!late) {
		l->late_ms = 0;
		l->late_least = INFINITY;
		return false;
	}
	l->late_ms += ptime;
	l->late_least = fmin(l->late_least, transit);
	if (l->late_ms >= 500) {
		for (unsigned int i = 0; i < BUCKETS; i++)
			l->least[i] = INFINITY;
		l->least[bucket] = l->late_least;
		l->late_ms = 0;
		l->late_least = INFINITY;
	}
	return true;
}

static const double literal_ms[PLAYOUT_BUFFERS] = { 50, 200, NAN };

/* A network with changes of route, queues, spikes, pauses and now and then a reset. */
static void disorder_is_judged_as_the_words_say(void **state)
{
	(void)state;
	static const double ptimes[] = { 2.5, 10, 20, 30, 60 };
	static struct literal literal[PLAYOUT_BUFFERS];
	uint64_t seed = 3;
	unsigned int late_count[PLAYOUT_BUFFERS] = { 0 };
	for (unsigned int round = 0; round < 60; round++) {
		const double ptime_ms = ptimes[round % ARRAY_LEN(ptimes)];
		struct listener l = { 0 };
		double media_ms = 0, route_ms = 0, before_ms = 0, first_ms = 0;
		double start_ms = 0, latest_ms = 0, cur_sum = 0;
		for (unsigned int n = 0; n < 6000; n++) {
			const uint32_t kind = disorder_below(&seed, 1000);
			if (kind < 3)
				route_ms = disorder_below(&seed, 900);
			else if (kind == 4)
				media_ms += disorder_below(&seed, 25000);
			const double transit_ms =
			        route_ms + disorder_below(&seed, kind > 900 ? 300 : 30);
			const double at_ms = media_ms + transit_ms;
			const nstime arrival = START + (nstime)(at_ms * 1e6);
			const bool anew = n == 0 || kind == 5;
			if (anew) {
				reset(&l, &usual_sizes, arrival);
				for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++)
					literal_reset(&literal[b]);
				first_ms = before_ms = transit_ms;
				start_ms = latest_ms = at_ms;
			}
			latest_ms = fmax(latest_ms, at_ms);
			const unsigned int bucket =
			        (unsigned int)((latest_ms - start_ms) / 10000);
			assert_true(bucket < BUCKETS);
			const unsigned int late = update(&l, &usual_sizes, arrival,
			                                 transit_ms - before_ms, ptime_ms);
			before_ms = transit_ms;
			media_ms += ptime_ms;
			for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++) {
				const bool expected =
				        literal_late(&literal[b], transit_ms - first_ms,
				                     bucket, literal_ms[b], ptime_ms);
				late_count[b] += expected;
				if (expected != (late >> b & 1))
					fail_msg("round %u, packet %u, buffer %u", round, n,
					         b);
			}
			cur_sum += literal[PLAYOUT_ADAPTIVE].cur;
		}
		assert_true(fabs(playout_mean_depth_ms(&l.p) - cur_sum / 6000) < 1e-6);
	}
	for (unsigned int b = 0; b < PLAYOUT_BUFFERS; b++)
		assert_true(late_count[b] > 500); /* else it proves nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(the_adaptive_buffer_breathes),
		cmocka_unit_test(its_mean_length_is_over_all_packets_and_resets),
		cmocka_unit_test(other_sizes_can_be_had),
		cmocka_unit_test(time_that_runs_back_does_not_turn_the_buckets_back),
		cmocka_unit_test(drift_makes_nothing_late),
		cmocka_unit_test(the_sum_of_steps_is_the_transit),
		cmocka_unit_test(disorder_is_judged_as_the_words_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
