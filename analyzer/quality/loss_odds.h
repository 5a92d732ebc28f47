/*
 * loss_odds.h - how likely it is that losses fell as they did.  Given numbers, no packets;
 * all results are natural logarithms, nats.
 */
#ifndef EARSHOT_QUALITY_LOSS_ODDS_H
#define EARSHOT_QUALITY_LOSS_ODDS_H

/*
 * How surprising it is that `count` of `all` losses, or as many more or as many fewer, fell
 * where `share` were to be expected: Chernoff's bound, so never too surprising.  0 where
 * nothing else was there to be hit.
 */
double loss_odds_surprise(double count, double share, double all);

/*
 * How much `lost` speaks for a known rate, by which `share` were to be expected, and
 * against a rate of its own, which may be any in a range of 300 to 1: each order of
 * magnitude is as likely as the other.  Sums up over places to the logarithm of Bayes'
 * factor.
 */
double loss_odds_known_rate(double lost, double share);

#endif
