#include "analyzer/track/rules_baseline.h"

#include <math.h>
#include <stddef.h>

/* Of a normal distribution, one standard deviation is so many MAD. */
#define MAD_TO_SIGMA 1.4826
enum { BESIDE = 3 };

void baseline_init(struct baseline *baseline)
{
	baseline->has_asked = baseline->changed = false;
	for (size_t week = 0; week < RULE_WEEKS; week++)
		for (size_t hour = 0; hour < WEEK_HOURS; hour++)
			baseline->hours[week][hour] = NAN;
}

void baseline_learn(struct baseline *baseline, uint64_t week, unsigned int hour,
                    double value)
{
	baseline->hours[week % RULE_WEEKS][hour % WEEK_HOURS] = (float)value;
	baseline->has_asked = false;
	baseline->changed = true;
}

bool baseline_fill(struct baseline *baseline, const float hours[RULE_WEEKS][WEEK_HOURS])
{
	bool some = false;
	for (size_t week = 0; week < RULE_WEEKS; week++)
		for (size_t hour = 0; hour < WEEK_HOURS; hour++) {
			float *mine = &baseline->hours[week][hour];
			if (!isnan(*mine) || isnan(hours[week][hour]))
				continue;
			*mine = hours[week][hour];
			some = true;
		}
	baseline->has_asked = false;
	return some;
}

/* Sorts them. */
static float median(float *values, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		const float value = values[i];
		size_t at = i;
		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	if (count == 0)
		return NAN;
	return count % 2 ? values[count / 2]
	                 : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Of the hour: its median; and how far each week was from it, relative, behind `far`. */
static float look_at(const struct baseline *baseline, unsigned int hour,
                     float far[RULE_WEEKS], size_t *far_count)
{
	float values[RULE_WEEKS];
	size_t count = 0;
	for (size_t week = 0; week < RULE_WEEKS; week++)
		if (!isnan(baseline->hours[week][hour]))
			values[count++] = baseline->hours[week][hour];
	*far_count = 0;
	if (count < RULE_WEEKS_LEAST)
		return NAN;
	const float middle = median(values, count);
	for (size_t i = 0; i < count && middle > 0; i++)
		far[(*far_count)++] = fabsf(values[i] - middle) / middle;
	return middle;
}

static void ask(struct baseline *baseline, unsigned int hour)
{
	float far[BESIDE * RULE_WEEKS];
	size_t count = 0;
	for (unsigned int i = 0; i < BESIDE; i++) {
		size_t found;
		baseline->medians[i] =
		        look_at(baseline, (hour + WEEK_HOURS - 1 + i) % WEEK_HOURS,
		                far + count, &found);
		count += found;
	}
	const float usual = median(far, count);
	baseline->spread = isnan(usual) ? 0 : usual * (float)MAD_TO_SIGMA;
	baseline->asked = hour;
	baseline->has_asked = true;
}

bool baseline_expect(struct baseline *baseline, unsigned int hour,
                     enum baseline_hours which, double *expected, double *spread)
{
	if (!baseline->has_asked || baseline->asked != hour)
		ask(baseline, hour);
	const double before = baseline->medians[0];
	const double here = baseline->medians[1];
	const double behind = baseline->medians[2];
	if (isnan(here))
		return false;
	*expected = here;
	/* Of what is not known fmin and fmax take the other. */
	if (which == BASELINE_LOWEST)
		*expected = fmin(here, fmin(before, behind));
	else if (which == BASELINE_HIGHEST)
		*expected = fmax(here, fmax(before, behind));
	*spread = *expected * (double)baseline->spread;
	return true;
}
