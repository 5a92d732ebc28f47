#include "analyzer/quality/transit.h"

#include <math.h>

#define BUCKET (5 * NS_PER_SEC)
#define LEAST_POINTS 6
#define PPM_PER_MS_PER_S 1000.0

static void add_point(struct skew *s, double x, double y)
{
	s->points++;
	s->sum_x += x;
	s->sum_y += y;
	s->sum_xx += x * x;
	s->sum_xy += x * y;
}

/* Slope of the line through the points of the running timeline. */
static double slope_ppm(const struct skew *s)
{
	const double n = s->points;
	return (n * s->sum_xy - s->sum_x * s->sum_y) /
	       (n * s->sum_xx - s->sum_x * s->sum_x) * PPM_PER_MS_PER_S;
}

static void add_least(struct skew *s, const struct transit *t)
{
	add_point(s, ns_to_s(t->least_at - t->start), t->least_ms);
}

/* The running bucket is a point, too, once six are full. */
double transit_skew_ppm(const struct transit *t)
{
	struct skew s = t->skew;
	if (s.best_points >= LEAST_POINTS && s.best_points >= s.points)
		return s.best_ppm;
	if (s.points < LEAST_POINTS)
		return NAN;
	if (t->least_ms < INFINITY)
		add_least(&s, t);
	return slope_ppm(&s);
}

void transit_reset(struct transit *t, nstime arrival)
{
	const struct skew skew = {
		.best_ppm = transit_skew_ppm(t),
		.best_points = t->skew.points > t->skew.best_points ? t->skew.points
		                                                    : t->skew.best_points,
	};
	*t = (struct transit){
		.base_ms = INFINITY,
		.least_ms = INFINITY,
		.turn_at = arrival + BUCKET,
		.start = arrival,
		.ten_ms = INFINITY,
		.ten_before_ms = INFINITY,
		.skew = skew,
	};
}

/* Seconds without a packet are no bucket; after 10 s of them there is no previous one. */
void transit_turn(struct transit *t, nstime arrival)
{
	add_least(&t->skew, t);
	const int64_t ten_before = (t->turn_at - t->start - 1) / (2 * BUCKET);
	t->turn_at += ((arrival - t->turn_at) / BUCKET + 1) * BUCKET;
	const int64_t over = (t->turn_at - t->start - 1) / (2 * BUCKET) - ten_before;

	t->ten_ms = fmin(t->ten_ms, t->least_ms);
	t->least_ms = INFINITY;
	if (over > 0) {
		t->ten_before_ms = over > 1 ? INFINITY : t->ten_ms;
		t->ten_ms = INFINITY;
		t->turns += over > 1 ? 2 : 1;
	}
	t->base_ms = fmin(t->ten_ms, t->ten_before_ms);
}
