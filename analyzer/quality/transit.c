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
	s->sum_yy += y * y;
}

/* The line through the points of the running timeline. */
static struct transit_line line_of(const struct skew *s)
{
	const double n = s->points;
	const double xy = n * s->sum_xy - s->sum_x * s->sum_y;
	const double xx = n * s->sum_xx - s->sum_x * s->sum_x;
	const double yy = n * s->sum_yy - s->sum_y * s->sum_y;
	return (struct transit_line){ .ppm = xy / xx * PPM_PER_MS_PER_S,
		                      .error_ms = sqrt(fmax(0, yy - xy * xy / xx)) / n };
}

static void add_least(struct skew *s, const struct transit *t,
                      const struct transit_past *past)
{
	add_point(s, ns_to_s(past->least_at - past->start), t->level.least_ms);
}

/* The running bucket is a point, too, once six are full. */
struct transit_line transit_skew(const struct transit *t, const struct transit_past *past)
{
	struct skew s = past->skew;
	if (s.best_points >= LEAST_POINTS && s.best_points >= s.points)
		return (struct transit_line){ (double)s.best_ppm, (double)s.best_error_ms };
	if (s.points < LEAST_POINTS)
		return (struct transit_line){ NAN, NAN };
	if (t->level.least_ms < INFINITY)
		add_least(&s, t, past);
	return line_of(&s);
}

void transit_reset(struct transit *t, struct transit_past *past, nstime arrival)
{
	const struct skew *before = &past->skew;
	const struct transit_line line = transit_skew(t, past);
	const struct skew skew = {
		.best_ppm = (float)line.ppm,
		.best_error_ms = (float)line.error_ms,
		.best_points = before->points > before->best_points ? before->points
		                                                    : before->best_points,
	};
	*t = (struct transit){
		.level = { .base_ms = INFINITY, .least_ms = INFINITY },
		.turn_at = arrival + BUCKET,
	};
	*past = (struct transit_past){
		.start = arrival,
		.ten_ms = INFINITY,
		.ten_before_ms = INFINITY,
		.skew = skew,
	};
}

/* Seconds without a packet are no bucket; after 10 s of them there is no previous one. */
void transit_turn(struct transit *t, struct transit_past *past, nstime arrival)
{
	add_least(&past->skew, t, past);
	const int64_t ten_before = (t->turn_at - past->start - 1) / (2 * BUCKET);
	t->turn_at += ((arrival - t->turn_at) / BUCKET + 1) * BUCKET;
	const int64_t over = (t->turn_at - past->start - 1) / (2 * BUCKET) - ten_before;

	past->ten_ms = fmin(past->ten_ms, t->level.least_ms);
	t->level.least_ms = INFINITY;
	if (over > 0) {
		past->ten_before_ms = over > 1 ? INFINITY : past->ten_ms;
		past->ten_ms = INFINITY;
		past->turns += over > 1 ? 2 : 1;
	}
	t->level.base_ms = fmin(past->ten_ms, past->ten_before_ms);
}
