/* Expected figures: worked out by hand. */
#include "analyzer/quality/loss_far.h"

#include "tests/unit/unit.h"

enum { MOST_REPORTS = 4 };

static const struct {
	const char *what;
	struct {
		int64_t expected, ours, theirs;
	} reports[MOST_REPORTS];
	struct loss_far sum;
	bool accuses, acquits, hides;
} cases[] = {
	{ "nothing reported", { { 0 } }, { 0 }, false, false, false },
	{ "nothing lost proves nothing",
	  { { 250, 0, 0 } },
	  { 250, 0, 0, 0 },
	  false,
	  false,
	  false },
	{ "all confirmed",
	  { { 250, 3, 3 }, { 250, 2, 2 } },
	  { 500, 5, 0, 0 },
	  false,
	  true,
	  false },
	{ "two are too few to go by",
	  { { 250, 2, 2 } },
	  { 250, 2, 0, 0 },
	  false,
	  false,
	  false },
	{ "none confirmed",
	  { { 250, 3, 0 }, { 250, 2, 0 } },
	  { 500, 5, 5, 0 },
	  true,
	  false,
	  false },
	{ "one may be the edge of a report",
	  { { 250, 3, 2 }, { 250, 3, 3 } },
	  { 500, 6, 1, 0 },
	  false,
	  true,
	  false },
	{ "some confirmed: two causes",
	  { { 250, 10, 5 }, { 250, 12, 6 } },
	  { 500, 22, 11, 0 },
	  true,
	  false,
	  false },
	{ "as many, but not in the same report: not the same losses",
	  { { 250, 6, 1 }, { 250, 1, 6 } },
	  { 500, 7, 5, 5 },
	  true,
	  false,
	  true },
	{ "much more behind us hides what is ours",
	  { { 250, 5, 20 } },
	  { 250, 5, 0, 15 },
	  false,
	  false,
	  true },
	{ "duplicates make the receiver's count negative: all are missing here only",
	  { { 250, 4, -3 } },
	  { 250, 4, 4, 0 },
	  true,
	  false,
	  false },
	{ "or less than none, where none is ours",
	  { { 250, 0, -3 } },
	  { 250, 0, 0, 0 },
	  false,
	  false,
	  false },
	{ "counts that cannot be are left out",
	  { { 10, 11, 0 }, { 10, 0, 11 }, { -1, 0, 0 }, { 10, -1, 0 } },
	  { 0 },
	  false,
	  false,
	  false },
};

static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct loss_far far = { 0 };
		for (size_t j = 0; j < MOST_REPORTS; j++)
			loss_far_add(&far, cases[i].reports[j].expected,
			             cases[i].reports[j].ours, cases[i].reports[j].theirs);
		if (far.expected != cases[i].sum.expected ||
		    far.ours != cases[i].sum.ours ||
		    far.unconfirmed != cases[i].sum.unconfirmed ||
		    far.beyond != cases[i].sum.beyond)
			fail_msg("%s: sums are %d %d %d %d", cases[i].what,
			         (int)far.expected, (int)far.ours, (int)far.unconfirmed,
			         (int)far.beyond);
		if (loss_far_accuses(&far) != cases[i].accuses ||
		    loss_far_acquits(&far) != cases[i].acquits ||
		    loss_far_hides(&far) != cases[i].hides)
			fail_msg("%s: another verdict", cases[i].what);
	}
}

static void sums(void **state)
{
	(void)state;
	struct loss_far sum = { 1, 2, 3, 4 };
	const struct loss_far more = { 10, 20, 30, 40 };
	loss_far_sum(&sum, &more);
	assert_int_equal(sum.expected, 11);
	assert_int_equal(sum.ours, 22);
	assert_int_equal(sum.unconfirmed, 33);
	assert_int_equal(sum.beyond, 44);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(sums),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
