#include "analyzer/quality/skew.h"

#include <math.h>

#define BUCKET (5 * NS_PER_SEC)
#define LEAST_POINTS 6
#define PPM_PER_MS_PER_S 1000.0

/* Slope of the line through the points of the running timeline. */
static double slope_ppm(const struct skew *s)
{
	if (s->points < LEAST_POINTS)
		return NAN;
	const double n = s->points;
	return (n * s->sum_xy - s->sum_x * s->sum_y) /
	       (n * s->sum_xx - s->sum_x * s->sum_x) * PPM_PER_MS_PER_S;
}

void skew_reset(struct skew *s, nstime arrival)
{
	const double best_ppm = skew_ppm(s);
	const uint32_t best_points =
	        s->points > s->best_points ? s->points : s->best_points;
	*s = (struct skew){
		.turn_at = arrival + BUCKET,
		.least_ms = INFINITY,
		.start = arrival,
		.best_points = best_points,
		.best_ppm = best_ppm,
	};
}

/* Seconds without a packet are no bucket. */
void skew_turn(struct skew *s, nstime arrival)
{
	const double x = ns_to_s(s->least_at - s->start);
	s->points++;
	s->sum_x += x;
	s->sum_y += s->least_ms;
	s->sum_xx += x * x;
	s->sum_xy += x * s->least_ms;
	s->turn_at += ((arrival - s->turn_at) / BUCKET + 1) * BUCKET;
	s->least_ms = INFINITY;
}

double skew_ppm(const struct skew *s)
{
	if (s->best_points >= LEAST_POINTS && s->best_points >= s->points)
		return s->best_ppm;
	return slope_ppm(s);
}
