/* Rules: quality.md section 5; every expected figure of a row is worked out by hand. */
#include "analyzer/quality/bursts.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "analyzer/quality/sequence.h"
#include "tests/unit/unit.h"

enum { MOST_RUNS = 9, MOST_FLAGS = 400000 };

/* Good packets, bad ones, good ones and so on. */
static const struct {
	const char *what;
	unsigned int runs[MOST_RUNS];
	struct burst_figures f;
} cases[] = {
	{ "nothing bad: one gap",
	  { 100 },
	  { .expected = 100, .burst_ratio = 1, .gaps = 1, .gap_packets = 100 } },
	{ "nothing at all", { 0 }, { .burst_ratio = 1 } },
	{ "all bad: one burst, no gap", { 0, 10 }, { 10, 10, 1, 1, 1, 0, 10, 10, 0, 0 } },
	{ "a lone bad packet is gap, and random",
	  { 50, 1, 49 },
	  { 100, 1, 1, 1, 0, 1, 0, 0, 100, 1 } },
	{ "also the very first", { 0, 1, 30 }, { 31, 1, 1, 1, 0, 1, 0, 0, 31, 1 } },
	{ "also the very last", { 30, 1 }, { 31, 1, 1, 1, 0, 1, 0, 0, 31, 1 } },
	{ "and if it is all there is", { 0, 1 }, { 1, 1, 1, 1, 0, 1, 0, 0, 1, 1 } },
	{ "two in a row: 2 x 0.98", { 50, 2, 48 }, { 100, 2, 1, 1.96, 1, 2, 2, 2, 98, 0 } },
	{ "15 good ones between are of the burst",
	  { 20, 1, 15, 1, 20 },
	  { 57, 2, 2, 1, 1, 2, 17, 2, 40, 0 } },
	{ "16 good ones between are not",
	  { 20, 1, 16, 1, 20 },
	  { 58, 2, 2, 1, 0, 1, 0, 0, 58, 2 } },
	{ "a burst at the start has no gap before it",
	  { 0, 2, 38 },
	  { 40, 2, 1, 1.9, 1, 1, 2, 2, 38, 0 } },
	{ "a burst at the end has none behind it",
	  { 38, 2 },
	  { 40, 2, 1, 1.9, 1, 1, 2, 2, 38, 0 } },
	{ "one good packet behind it is a gap",
	  { 37, 2, 1 },
	  { 40, 2, 1, 1.9, 1, 2, 2, 2, 38, 0 } },
	{ "bursts at both ends", { 0, 2, 16, 2 }, { 20, 4, 2, 1.6, 2, 1, 4, 4, 16, 0 } },
	{ "3 + 5 + 1 are a burst, 1 is none, 2 are: 7 / 4 x 59 / 66",
	  { 10, 3, 5, 1, 20, 1, 20, 2, 4 },
	  { 66, 7, 4, 1.75 * 59 / 66, 2, 3, 11, 6, 55, 1 } },
	{ "evenly spaced losses are no less than random",
	  { 9, 1, 9, 1, 9, 1, 9, 1 },
	  { 40, 4, 4, 1, 1, 1, 31, 4, 9, 0 } },
};

static bool same(const struct burst_figures *a, const struct burst_figures *b)
{
	return a->expected == b->expected && a->bad == b->bad && a->runs == b->runs &&
	       fabs(a->burst_ratio - b->burst_ratio) < 1e-12 && a->bursts == b->bursts &&
	       a->gaps == b->gaps && a->burst_packets == b->burst_packets &&
	       a->burst_bad == b->burst_bad && a->gap_packets == b->gap_packets &&
	       a->gap_bad == b->gap_bad;
}

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bursts b = { 0 };
		uint32_t at = 0;
		for (size_t run = 0; run < MOST_RUNS; run++) {
			const unsigned int count = cases[i].runs[run];
			if (run % 2 && count)
				bursts_bad(&b, at, count);
			at += count;
		}
		const struct burst_figures f = bursts_figures(&b, at);
		/* A run may also come packet by packet. */
		struct bursts one = { 0 };
		at = 0;
		for (size_t run = 0; run < MOST_RUNS; run++)
			for (unsigned int n = 0; n < cases[i].runs[run]; n++, at++)
				if (run % 2)
					bursts_bad(&one, at, 1);
		const struct burst_figures by_one = bursts_figures(&one, at);
		if (!same(&f, &cases[i].f) || !same(&by_one, &f))
			fail_msg("%s: ratio %g, %u bursts, %ju of %ju bad, %u gaps",
			         cases[i].what, f.burst_ratio, f.bursts,
			         (uintmax_t)f.burst_bad, (uintmax_t)f.burst_packets,
			         f.gaps);
	}
}

static void densities_and_lengths(void **state)
{
	(void)state;
	const struct burst_figures f = { .bursts = 2,
		                         .gaps = 3,
		                         .burst_packets = 11,
		                         .burst_bad = 6,
		                         .gap_packets = 55,
		                         .gap_bad = 1 };
	assert_true(burst_density(&f) == 6.0 / 11);
	assert_true(gap_density(&f) == 1.0 / 55);
	assert_true(burst_mean_ms(&f, 20) == 110);
	assert_true(gap_mean_ms(&f, 30) == 550);
	const struct burst_figures none = { 0 };
	assert_true(burst_density(&none) == 0 && gap_density(&none) == 0);
	assert_true(burst_mean_ms(&none, 20) == 0 && gap_mean_ms(&none, 20) == 0);
}

/* RFC 3611 A.2, what endpoints count. */
struct a2 {
	unsigned int pkt, lost, c11, c13, c14, c22, c23, c33;
};

static void a2_packet(struct a2 *c, bool bad)
{
	if (!bad) {
		c->pkt++;
		return;
	}
	if (c->pkt >= BURSTS_GMIN) {
		if (c->lost == 1)
			c->c14++;
		else
			c->c13++;
		c->lost = 1;
		c->c11 += c->pkt;
	} else {
		c->lost++;
		if (c->pkt == 0) {
			c->c33++;
		} else {
			c->c23++;
			c->c22 += c->pkt - 1;
		}
	}
	c->pkt = 0;
}

/*
 * Of the pattern 10 3 5 1 20 1 20 2 4 of the rows, A.2 has one burst of 420 ms and a gap of
 * 840 where there are two bursts of 110 ms on average and three gaps of 366.7.
 */
static void endpoints_count_otherwise(void **state)
{
	(void)state;
	static const unsigned int runs[] = { 10, 3, 5, 1, 20, 1, 20, 2, 4 };
	struct a2 c = { 0 };
	struct bursts b = { 0 };
	uint32_t at = 0;
	for (size_t run = 0; run < ARRAY_LEN(runs); run++) {
		if (run % 2)
			bursts_bad(&b, at, runs[run]);
		for (unsigned int n = 0; n < runs[run]; n++)
			a2_packet(&c, run % 2);
		at += runs[run];
	}
	assert_int_equal(c.c11, 40);
	assert_int_equal(c.c13, 1);
	assert_int_equal(c.c14, 1);
	assert_int_equal(c.c22, 13);
	assert_int_equal(c.c23, 2);
	assert_int_equal(c.c33, 3);
	const unsigned int total =
	        c.c11 + c.c14 + c.c13 + c.c22 + c.c23 + c.c13 + c.c23 + c.c33;
	const unsigned int gap_ms = (c.c11 + c.c14 + c.c13) * 20 / c.c13;
	assert_int_equal(gap_ms, 840);
	assert_int_equal(total * 20 / c.c13 - gap_ms, 420);
	const struct burst_figures f = bursts_figures(&b, at);
	assert_true(burst_mean_ms(&f, 20) == 110);
	assert_true(fabs(gap_mean_ms(&f, 20) - 1100.0 / 3) < 1e-9);
}

/* G.107: a two-state Markov chain of a and b has a BurstR of 1 / (a + b). */
static void markov_chains_have_the_ratio_of_the_book(void **state)
{
	(void)state;
	static const double chains[][2] = {
		{ 0.02, 0.3 },
		{ 0.01, 0.125 },
		{ 0.05, 0.5 },
		{ 0.1, 0.9 },
	};
	uint64_t seed = 11;
	for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
		struct bursts b = { 0 };
		bool bad = false;
		for (uint32_t at = 0; at < 3000000; at++) {
			const double p =
			        disorder_below(&seed, 1u << 30) / (double)(1u << 30);
			bad = bad ? p >= chains[i][1] : p < chains[i][0];
			if (bad)
				bursts_bad(&b, at, 1);
		}
		const double ratio = bursts_figures(&b, 3000000).burst_ratio;
		const double book = 1 / (chains[i][0] + chains[i][1]);
		if (fabs(ratio / book - 1) > 0.01)
			fail_msg("a %g, b %g: %g", chains[i][0], chains[i][1], ratio);
	}
}

/* The definition, packet by packet over a list of all flags.  Bursts never touch. */
static struct burst_figures literal(const bool *bad, size_t count)
{
	static bool in_burst[MOST_FLAGS];
	struct burst_figures f = { .expected = count, .burst_ratio = 1 };
	memset(in_burst, 0, sizeof in_burst);
	for (size_t i = 0; i < count; i++) {
		f.bad += bad[i];
		f.runs += bad[i] && (i == 0 || !bad[i - 1]);
		for (size_t n = 1; bad[i] && n <= BURSTS_GMIN && n <= i; n++) {
			if (!bad[i - n])
				continue;
			memset(&in_burst[i - n], 1, n + 1);
			break;
		}
	}
	for (size_t i = 0; i < count; i++) {
		const bool starts = i == 0 || in_burst[i] != in_burst[i - 1];
		f.bursts += in_burst[i] && starts;
		f.gaps += !in_burst[i] && starts;
		f.burst_packets += in_burst[i];
		f.burst_bad += in_burst[i] && bad[i];
		f.gap_packets += !in_burst[i];
		f.gap_bad += !in_burst[i] && bad[i];
	}
	if (f.bad && f.bad < count)
		f.burst_ratio = fmax(1, (double)f.bad / f.runs * (double)(count - f.bad) /
		                                (double)count);
	return f;
}

/* Everything ever expected, in order of sequence. */
struct truth {
	struct number {
		uint8_t fate; /* as in struct fate */
		uint32_t interval;
	} numbers[MOST_FLAGS];
	size_t count, segment;
	int64_t newest;
	uint32_t interval;
};

static void truth_take(struct truth *t, int64_t extended, unsigned int fate, bool restart)
{
	if (restart || t->count == 0) {
		t->segment = t->count;
		t->newest = extended - 1;
	}
	for (; t->newest < extended; t->newest++)
		t->numbers[t->count++] = (struct number){ 8, t->interval };
	const int64_t first = t->newest - (int64_t)(t->count - t->segment) + 1;
	for (int64_t n = extended; n < first; n++) {
		struct number *at = &t->numbers[t->segment];
		memmove(at + 1, at, (t->count - t->segment) * sizeof *at);
		t->count++;
		at[0] = (struct number){ 8, at[1].interval };
	}
	t->numbers[t->count - 1 - (size_t)(t->newest - extended)].fate = (uint8_t)fate;
}

static void truth_figures(const struct truth *t, bool stream,
                          struct burst_figures out[FATE_VIEWS])
{
	static bool bad[MOST_FLAGS];
	for (unsigned int view = 0; view < FATE_VIEWS; view++) {
		size_t count = 0;
		for (size_t i = 0; i < t->count; i++)
			if (stream || t->numbers[i].interval == t->interval)
				bad[count++] = t->numbers[i].fate & (8u | 1u << view);
		out[view] = literal(bad, count);
	}
}

static void check(struct fate *f, struct fate_past *past, struct truth *t, bool stream,
                  const char *what)
{
	struct burst_figures got[FATE_VIEWS];
	struct burst_figures expected[FATE_VIEWS];
	truth_figures(t, stream, expected);
	if (stream)
		fate_stream(f, past, got);
	else
		fate_close_interval(f, past, got);
	for (unsigned int view = 0; view < FATE_VIEWS; view++)
		if (!same(&got[view], &expected[view]))
			fail_msg("%s, view %u: %ju of %ju bad, not %ju of %ju; %u bursts, "
			         "not %u",
			         what, view, (uintmax_t)got[view].bad,
			         (uintmax_t)got[view].expected,
			         (uintmax_t)expected[view].bad,
			         (uintmax_t)expected[view].expected, got[view].bursts,
			         expected[view].bursts);
	if (!stream)
		t->interval++;
}

/* clang-format off */
/* By hand: which packets come, and what is said when the interval is closed after them. */
static const struct {
	const char *what;
	struct {
		int64_t from, to;
		unsigned int discarded;
		bool restart, close; /* before them; behind them */
	} steps[4];
	unsigned int lost, discarded; /* in the last interval; by buffer 0 */
	unsigned int of, all_lost, all;
} intervals[] = {
	{ "a gap is lost when a later packet comes",
	  { { 1, 10, 0, 0, 1 }, { 15, 20, 0, 0, 1 } },
	  4, 0, 10, 4, 20 },
	{ "a straggler in time is not lost",
	  { { 1, 10 }, { 12, 20 }, { 11, 11, 0, 0, 1 } },
	  0, 0, 20, 0, 20 },
	{ "one that comes after the close mends the stream alone",
	  { { 1, 10 }, { 12, 20, 0, 0, 1 }, { 11, 11 }, { 21, 21, 0, 0, 1 } },
	  0, 0, 1, 0, 21 },
	{ "a straggler can still be discarded",
	  { { 1, 10 }, { 12, 20 }, { 11, 11, 1, 0, 1 } },
	  0, 1, 20, 0, 20 },
	{ "what is lost is bad to each buffer, and not discarded",
	  { { 1, 10 }, { 12, 20, 1, 0, 1 } },
	  1, 9, 20, 1, 20 },
	{ "between segments nothing is lost",
	  { { 1, 10 }, { 5000, 5003, 0, 1, 1 } },
	  0, 0, 14, 0, 14 },
	{ "an early straggler comes in front",
	  { { 5, 10 }, { 3, 3, 0, 0, 1 } },
	  1, 0, 8, 1, 8 },
	{ "in front of a closed interval it is none of the next one's",
	  { { 5, 10, 0, 0, 1 }, { 3, 3 }, { 11, 12, 0, 0, 1 } },
	  0, 0, 2, 1, 10 },
	{ "a gap longer than the window",
	  { { 1, 10 }, { 3000, 3000 }, { 2999, 2999, 2 }, { 2950, 2950, 0, 0, 1 } },
	  2987, 0, 3000, 2987, 3000 },
};

/* clang-format on */

static void intervals_and_stragglers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(intervals); i++) {
		struct fate f = { 0 };
		struct fate_past past = { 0 };
		struct burst_figures interval[FATE_VIEWS] = { 0 };
		for (size_t s = 0; s < ARRAY_LEN(intervals[i].steps); s++) {
			const int64_t from = intervals[i].steps[s].from;
			const unsigned int discarded = intervals[i].steps[s].discarded;
			for (int64_t n = from; n && n <= intervals[i].steps[s].to; n++)
				if (intervals[i].steps[s].restart && n == from)
					fate_begin(&f, &past, n, discarded);
				else
					fate_take(&f, &past, n, discarded);
			if (intervals[i].steps[s].close)
				fate_close_interval(&f, &past, interval);
		}
		struct burst_figures stream[FATE_VIEWS];
		fate_stream(&f, &past, stream);
		fate_drop(&past);
		const uint64_t lost = interval[FATE_NETWORK].bad;
		if (lost != intervals[i].lost ||
		    interval[0].bad - lost != intervals[i].discarded ||
		    interval[0].expected != intervals[i].of)
			fail_msg("%s: %ju lost, %ju bad of %ju", intervals[i].what,
			         (uintmax_t)lost, (uintmax_t)interval[0].bad,
			         (uintmax_t)interval[0].expected);
		if (stream[FATE_NETWORK].bad != intervals[i].all_lost ||
		    stream[FATE_NETWORK].expected != intervals[i].all)
			fail_msg("%s: in all %ju lost of %ju", intervals[i].what,
			         (uintmax_t)stream[FATE_NETWORK].bad,
			         (uintmax_t)stream[FATE_NETWORK].expected);
	}
}

/* Also: lost and expected are what sequence.h says, whatever comes. */
static void disorder_has_the_figures_of_the_definition(void **state)
{
	(void)state;
	static struct truth truth;
	uint64_t seed = 5;
	for (unsigned int round = 0; round < 40; round++) {
		struct sequence s = { 0 };
		struct sequence_counts counts = { 0 };
		struct fate f = { 0 };
		struct fate_past past = { 0 };
		truth.count = 0;
		truth.interval = 0;
		uint16_t number = (uint16_t)disorder(&seed);
		for (unsigned int i = 0; i < 2000; i++) {
			const uint32_t kind = disorder_below(&seed, 1000);
			number = (uint16_t)(number + 1);
			if (kind < 40)
				number = (uint16_t)(number + disorder_below(&seed, 20));
			else if (kind < 41)
				number = (uint16_t)(number + disorder_below(&seed, 1000));
			else if (kind < 140)
				number = (uint16_t)(number - disorder_below(&seed, 110));
			else if (kind < 142)
				number = (uint16_t)disorder(&seed);
			const unsigned int discarded =
			        disorder_below(&seed, 10) ? 0 : disorder_below(&seed, 8);
			const struct sequence_step step =
			        sequence_update(&s, &counts, number);
			if (step.verdict == SEQUENCE_HELD ||
			    step.verdict == SEQUENCE_DUPLICATE)
				continue;
			if (step.verdict == SEQUENCE_RESTART) {
				fate_begin(&f, &past, step.extended - 1, 1);
				truth_take(&truth, step.extended - 1, 1, true);
			}
			if (disorder_below(&seed, 3) == 0)
				fate_make_way(&f, &past); /* early or in time: no matter */
			fate_take(&f, &past, step.extended, discarded);
			truth_take(&truth, step.extended, discarded, false);
			if (disorder_below(&seed, 200) == 0)
				check(&f, &past, &truth, false, "interval");
		}
		check(&f, &past, &truth, true, "stream");
		struct burst_figures all[FATE_VIEWS];
		fate_stream(&f, &past, all);
		fate_drop(&past);
		assert_int_equal(all[FATE_NETWORK].expected,
		                 sequence_expected(&s, &counts));
		assert_int_equal(all[FATE_NETWORK].bad, sequence_lost(&s, &counts));
	}
}

static void nothing_yet_is_nothing_bad(void **state)
{
	(void)state;
	struct fate f = { 0 };
	struct fate_past past = { 0 };
	struct burst_figures out[FATE_VIEWS];
	fate_close_interval(&f, &past, out);
	for (unsigned int view = 0; view < FATE_VIEWS; view++)
		assert_true(same(&out[view], &(struct burst_figures){ .burst_ratio = 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(densities_and_lengths),
		cmocka_unit_test(endpoints_count_otherwise),
		cmocka_unit_test(markov_chains_have_the_ratio_of_the_book),
		cmocka_unit_test(intervals_and_stragglers),
		cmocka_unit_test(disorder_has_the_figures_of_the_definition),
		cmocka_unit_test(nothing_yet_is_nothing_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
