/* Rules: quality.md 4.1, 4.2 and the rows of section 9 about sequence. */
#include "analyzer/quality/sequence.h"

#include "tests/unit/unit.h"

enum { MOST_RUNS = 6 };

/* Packets numbered from..to, wrapping; every expected figure is worked out by hand. */
static const struct {
	const char *what;
	struct {
		uint16_t from, to;
	} runs[MOST_RUNS];
	size_t run_count;
	uint64_t expected, received, duplicates, reordered, restarts, dropped;
} cases[] = {
	{ "the first packet counts", { { 100, 100 } }, 1, 1, 1, 0, 0, 0, 0 },
	{ "numbers in a row lose nothing", { { 100, 199 } }, 1, 100, 100, 0, 0, 0, 0 },
	{ "a gap is lost", { { 1, 2 }, { 5, 5 } }, 2, 5, 3, 0, 0, 0, 0 },
	{ "duplicates never hide a loss",
	  { { 1, 2 }, { 2, 2 }, { 2, 2 }, { 4, 4 } },
	  4,
	  4,
	  3,
	  2,
	  0,
	  0,
	  0 },
	{ "a wrap is no jump", { { 65534, 1 } }, 1, 4, 4, 0, 0, 0, 0 },
	{ "a loss over the wrap", { { 65534, 65534 }, { 1, 1 } }, 2, 4, 2, 0, 0, 0, 0 },
	{ "three turns of the number",
	  { { 0, 65535 }, { 0, 65535 }, { 0, 65535 } },
	  3,
	  196608,
	  196608,
	  0,
	  0,
	  0,
	  0 },
	{ "a late packet is not lost",
	  { { 1, 1 }, { 3, 3 }, { 2, 2 }, { 4, 4 } },
	  4,
	  4,
	  4,
	  0,
	  1,
	  0,
	  0 },
	{ "the copy of a late packet is a duplicate",
	  { { 1, 1 }, { 3, 3 }, { 2, 2 }, { 2, 2 } },
	  4,
	  3,
	  3,
	  1,
	  1,
	  0,
	  0 },
	{ "an early reorder lowers the base",
	  { { 5, 5 }, { 4, 4 }, { 6, 6 } },
	  3,
	  3,
	  3,
	  0,
	  1,
	  0,
	  0 },
	{ "an early reorder over the wrap",
	  { { 0, 0 }, { 65535, 65535 }, { 1, 1 } },
	  3,
	  3,
	  3,
	  0,
	  1,
	  0,
	  0 },
	{ "2999 ahead is a gap", { { 0, 0 }, { 2999, 2999 } }, 2, 3000, 2, 0, 0, 0, 0 },
	{ "3000 ahead is held, then dropped",
	  { { 0, 0 }, { 3000, 3000 }, { 1, 1 } },
	  3,
	  2,
	  2,
	  0,
	  0,
	  0,
	  1 },
	{ "a held packet at the end counts nowhere",
	  { { 10, 11 }, { 5000, 5000 } },
	  2,
	  2,
	  2,
	  0,
	  0,
	  0,
	  0 },
	{ "a jump that goes on is a restart and no loss",
	  { { 10, 11 }, { 5000, 5002 } },
	  2,
	  5,
	  5,
	  0,
	  0,
	  1,
	  0 },
	{ "a jump back that goes on is a restart",
	  { { 1000, 1001 }, { 500, 501 } },
	  2,
	  4,
	  4,
	  0,
	  0,
	  1,
	  0 },
	{ "a restart whose second packet is over the wrap",
	  { { 20000, 20000 }, { 65535, 0 } },
	  2,
	  3,
	  3,
	  0,
	  0,
	  1,
	  0 },
	{ "losses of the old and of the new segment add up, the jump between is none",
	  { { 10, 10 }, { 12, 12 }, { 5000, 5001 }, { 5004, 5004 } },
	  4,
	  8,
	  5,
	  0,
	  0,
	  1,
	  0 },
	{ "reordering in the new segment",
	  { { 10, 10 }, { 5000, 5001 }, { 4999, 4999 }, { 5002, 5002 } },
	  4,
	  5,
	  5,
	  0,
	  1,
	  1,
	  0 },
	{ "the copy of a held packet is not its successor",
	  { { 10, 10 }, { 5000, 5000 }, { 5000, 5001 } },
	  3,
	  3,
	  3,
	  0,
	  0,
	  1,
	  1 },
	{ "a jump after a jump drops the first one",
	  { { 10, 10 }, { 5000, 5000 }, { 9000, 9001 } },
	  3,
	  3,
	  3,
	  0,
	  0,
	  1,
	  1 },
	{ "a duplicate behind a held packet drops that",
	  { { 10, 10 }, { 5000, 5000 }, { 10, 11 } },
	  3,
	  2,
	  2,
	  1,
	  0,
	  0,
	  1 },
	{ "100 late is late", { { 200, 200 }, { 100, 100 } }, 2, 101, 2, 0, 1, 0, 0 },
	{ "101 late is held, then dropped",
	  { { 200, 200 }, { 99, 99 }, { 201, 201 } },
	  3,
	  2,
	  2,
	  0,
	  0,
	  0,
	  1 },
	{ "what comes 148 late stays lost",
	  { { 1, 1 }, { 3, 150 }, { 2, 2 }, { 151, 151 } },
	  4,
	  151,
	  150,
	  0,
	  0,
	  0,
	  1 },
	{ "a copy 100 late is known", { { 1, 150 }, { 50, 50 } }, 2, 150, 150, 1, 0, 0, 0 },
	{ "a gap of over 128 leaves nothing seen behind it",
	  { { 1, 1 }, { 200, 200 }, { 199, 199 }, { 100, 100 } },
	  4,
	  200,
	  4,
	  0,
	  2,
	  0,
	  0 },
	{ "a gap of 64 keeps what was seen before it",
	  { { 1, 3 }, { 67, 67 }, { 2, 2 }, { 4, 4 } },
	  4,
	  67,
	  5,
	  1,
	  1,
	  0,
	  0 },
};

static void counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sequence s = { 0 };
		struct sequence_counts counts = { 0 };
		uint64_t dropped = 0;
		for (size_t run = 0; run < cases[i].run_count; run++) {
			const uint16_t end = (uint16_t)(cases[i].runs[run].to + 1);
			uint16_t number = cases[i].runs[run].from;
			do
				dropped +=
				        sequence_update(&s, &counts, number++).dropped_held;
			while (number != end);
		}
		const uint64_t lost = cases[i].expected - cases[i].received;
		if (sequence_expected(&s, &counts) != cases[i].expected ||
		    s.received != cases[i].received || sequence_lost(&s, &counts) != lost)
			fail_msg("%s: expected %ju, received %ju", cases[i].what,
			         (uintmax_t)sequence_expected(&s, &counts),
			         (uintmax_t)s.received);
		if (counts.duplicates != cases[i].duplicates ||
		    counts.reordered != cases[i].reordered)
			fail_msg("%s: %ju duplicates, %ju reordered", cases[i].what,
			         (uintmax_t)counts.duplicates, (uintmax_t)counts.reordered);
		if (counts.restarts != cases[i].restarts || dropped != cases[i].dropped)
			fail_msg("%s: %ju restarts, %ju dropped", cases[i].what,
			         (uintmax_t)counts.restarts, (uintmax_t)dropped);
	}
}

static void verdicts(void **state)
{
	(void)state;
	static const struct {
		uint16_t number;
		enum sequence_verdict verdict;
		int64_t ahead; /* of the first packet, extended */
	} steps[] = {
		{ 65530, SEQUENCE_NEXT, 0 },      { 65532, SEQUENCE_NEXT, 2 },
		{ 65531, SEQUENCE_LATE, 1 },      { 65531, SEQUENCE_DUPLICATE, 1 },
		{ 65532, SEQUENCE_DUPLICATE, 2 }, { 2, SEQUENCE_NEXT, 8 },
		{ 65535, SEQUENCE_LATE, 5 },      { 65529, SEQUENCE_LATE, -1 },
	};
	struct sequence s = { 0 };
	struct sequence_counts counts = { 0 };
	int64_t first = 0;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		const struct sequence_step step =
		        sequence_update(&s, &counts, steps[i].number);
		first = i == 0 ? step.extended : first;
		assert_int_equal(step.verdict, steps[i].verdict);
		assert_int_equal(step.extended - first, steps[i].ahead);
	}
	assert_int_equal(sequence_update(&s, &counts, 30000).verdict, SEQUENCE_HELD);
	const struct sequence_step restart = sequence_update(&s, &counts, 30001);
	assert_int_equal(restart.verdict, SEQUENCE_RESTART);
	assert_int_equal(sequence_update(&s, &counts, 30002).extended,
	                 restart.extended + 1);
}

static void nothing_yet_is_nothing_expected(void **state)
{
	(void)state;
	const struct sequence s = { 0 };
	const struct sequence_counts counts = { 0 };
	assert_int_equal(sequence_expected(&s, &counts), 0);
	assert_int_equal(sequence_lost(&s, &counts), 0);
}

/* Whatever comes, loss is never negative and unique packets are never above expected. */
static void disorder_never_makes_a_negative_loss(void **state)
{
	(void)state;
	uint64_t seed = 1;
	for (unsigned int round = 0; round < 200; round++) {
		struct sequence s = { 0 };
		struct sequence_counts counts = { 0 };
		uint64_t held_or_dropped = 0;
		uint16_t number = (uint16_t)disorder(&seed);
		for (unsigned int i = 0; i < 2000; i++) {
			const uint32_t kind = disorder_below(&seed, 100);
			number = (uint16_t)(number + 1);
			if (kind < 10)
				number = (uint16_t)(number - disorder_below(&seed, 150));
			else if (kind < 12)
				number = (uint16_t)disorder(&seed);
			held_or_dropped +=
			        sequence_update(&s, &counts, number).dropped_held;
			assert_true(s.received <= sequence_expected(&s, &counts));
			assert_int_equal(s.received + counts.duplicates + held_or_dropped +
			                         s.is_held,
			                 i + 1);
		}
	}
}

/* Numbers 1..300 without each seventh: what was lost of those up to each of the newest. */
static void loss_is_known_up_to_each_of_the_newest(void **state)
{
	(void)state;
	struct sequence s = { 0 };
	struct sequence_counts counts = { 0 };
	int64_t lost = -1;
	assert_false(sequence_lost_until(&s, &counts, 1, &lost));
	for (uint16_t n = 1; n <= 300; n++)
		if (n % 7 != 0)
			sequence_update(&s, &counts, n);
	for (uint16_t n = 172; n <= 300; n++) {
		const int64_t at = sequence_extend(&s, n);
		assert_true(sequence_lost_until(&s, &counts, at, &lost));
		assert_int_equal(lost, n / 7);
	}
	/* Who names 305 has five packets that we lack. */
	assert_true(sequence_lost_until(&s, &counts, sequence_extend(&s, 305), &lost));
	assert_int_equal(lost, 300 / 7 + 5);
	static const uint16_t unknown[] = { 171, 1, 0, 401 };
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		lost = -1;
		assert_false(sequence_lost_until(&s, &counts,
		                                 sequence_extend(&s, unknown[i]), &lost));
		assert_int_equal(lost, -1);
	}
}

static void a_number_is_extended_to_the_nearest(void **state)
{
	(void)state;
	struct sequence s = { 0 };
	struct sequence_counts counts = { 0 };
	for (unsigned int n = 0; n <= 65536 + 10; n++)
		sequence_update(&s, &counts, (uint16_t)n);
	assert_int_equal(sequence_extend(&s, 10), s.max);
	assert_int_equal(sequence_extend(&s, 65535), s.max - 11);
	assert_int_equal(sequence_extend(&s, 12), s.max + 2);
	assert_int_equal(sequence_extend(&s, 10 + 32767), s.max + 32767);
	assert_int_equal(sequence_extend(&s, (uint16_t)(10 + 32768)), s.max - 32768);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(nothing_yet_is_nothing_expected),
		cmocka_unit_test(disorder_never_makes_a_negative_loss),
		cmocka_unit_test(loss_is_known_up_to_each_of_the_newest),
		cmocka_unit_test(a_number_is_extended_to_the_nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
