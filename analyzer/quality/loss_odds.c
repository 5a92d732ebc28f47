#include "analyzer/quality/loss_odds.h"

#include <math.h>

static const double PI = 3.141592653589793;
static const double RATE_RANGE = 5.7; /* ln 300: such as from 0.03 to 10 % */

double loss_odds_surprise(double count, double share, double all)
{
	const double other = all - count;
	const double other_share = all - share;
	double nats = 0;
	if (share <= 0 || other_share <= 1e-9 * all)
		return 0;
	if (count > 0)
		nats += count * log(count / share);
	if (other > 0)
		nats += other * log(other / other_share);
	return nats;
}

/* Poisson's probability of n, with Stirling's n!: wrong by less than 0.003. */
static double log_poisson(double n, double mean)
{
	return n * log(mean / n) + n - mean - log(2 * PI * n) / 2 - 1 / (12 * n);
}

double loss_odds_known_rate(double lost, double share)
{
	/* No loss at all fits a low rate as well as the low half of the range. */
	if (lost < 1)
		return fmin(0, log(2) - share);
	/* Over a rate whose logarithm may be anything, Poisson's probability comes to 1 /
	 * n. */
	return log_poisson(lost, share) + log(RATE_RANGE * lost);
}
