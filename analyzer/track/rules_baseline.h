/*
 * rules_baseline.h - what a figure of a rule had at each hour of the week, in past weeks.
 *
 * Robust: the median of up to RULE_WEEKS weeks is what is expected, and the median of the
 * distances from it (MAD), of the hour and of those beside it, how far it usually is off:
 * one holiday or one bad day in the past changes neither.  With fewer than RULE_WEEKS_LEAST
 * weeks of an hour too little is known to say anything.
 */
#ifndef EARSHOT_TRACK_RULES_BASELINE_H
#define EARSHOT_TRACK_RULES_BASELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/model/rule.h"

struct baseline {
	float hours[RULE_WEEKS][WEEK_HOURS]; /* NAN: not known */
	/* Of the hour asked for last, and of those before and behind it. */
	unsigned int asked;
	float medians[3];
	float spread; /* relative to the median */
	bool has_asked;
	bool changed; /* since it was kept */
};

void baseline_init(struct baseline *baseline);
/* What the figure was in that hour of that week, any growing number; NAN: nobody knows. */
void baseline_learn(struct baseline *baseline, uint64_t week, unsigned int hour,
                    double value);

/* Those of the other where nothing is known; true: there were any. */
bool baseline_fill(struct baseline *baseline, const float hours[RULE_WEEKS][WEEK_HOURS]);

/*
 * Which hours are looked at: the hour's own, or also those beside it, of which the lowest
 * counts or the highest.  Where the hours differ a lot nobody knows at which minute it
 * changes; and who calls from another continent comes an hour early or late for weeks, as
 * clocks there change on other days than ours.
 */
enum baseline_hours { BASELINE_HOUR, BASELINE_LOWEST, BASELINE_HIGHEST };

/* false: too little is known.  spread: one standard deviation, as far as past weeks tell.
 */
bool baseline_expect(struct baseline *baseline, unsigned int hour,
                     enum baseline_hours which, double *expected, double *spread);

#endif
