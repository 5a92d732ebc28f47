/* Expected figures: exact tails of the binomial distribution and Poisson's probabilities
 * with the gamma function, from a script in Python (fractions, math.lgamma). */
#include "analyzer/quality/loss_odds.h"

#include <math.h>

#include "tests/unit/unit.h"

/* count of all, where share were expected; -ln of the exact tail from count outwards. */
static const struct {
	double count, share, all, nats;
} tails[] = {
	{ 30, 15, 60, 10.531061540887132 }, { 20, 5, 40, 18.466015745447965 },
	{ 5, 1, 8, 6.7006914732445635 },    { 0, 4, 8, 5.545177444479562 },
	{ 3, 10, 20, 6.654343273238707 },   { 12, 10, 100, 1.2141345951739975 },
};

static void never_too_surprised(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		const double nats =
		        loss_odds_surprise(tails[i].count, tails[i].share, tails[i].all);
		/* Chernoff's bound misses at most the number of terms. */
		assert_true(nats <= tails[i].nats + 1e-9);
		assert_true(nats >= tails[i].nats - log(tails[i].all + 1));
	}
}

static void nothing_to_compare_with(void **state)
{
	(void)state;
	assert_true(loss_odds_surprise(0, 0, 0) == 0);
	assert_true(loss_odds_surprise(10, 10, 10) == 0);
	assert_true(loss_odds_surprise(0, 0, 10) == 0);
	assert_true(fabs(loss_odds_surprise(4, 4, 10)) < 1e-12);
}

static const struct {
	double lost, share, nats;
} rates[] = {
	{ 10, 10, 1.9651529966646004 },  { 30, 30, 2.52001202950225 },
	{ 20, 30, 0.42519299284922507 }, { 60, 30, -8.7208564149146 },
	{ 1, 1, 0.7411295468056076 },
};

static void known_rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		const double nats = loss_odds_known_rate(rates[i].lost, rates[i].share);
		assert_true(fabs(nats - rates[i].nats) < 0.005);
	}
	/* None lost speaks against a rate by which there should be some, for none at all.
	 */
	assert_true(fabs(loss_odds_known_rate(0, 5) - (log(2) - 5)) < 1e-12);
	assert_true(loss_odds_known_rate(0, 0.1) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(never_too_surprised),
		cmocka_unit_test(nothing_to_compare_with),
		cmocka_unit_test(known_rates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
