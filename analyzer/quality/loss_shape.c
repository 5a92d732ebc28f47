#include "analyzer/quality/loss_shape.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "analyzer/base/nearest.h"

enum { ROOM_AT_FIRST = 4 };

enum status loss_gaps_add(struct loss_gaps *gaps, const struct loss_gap *gap)
{
	if (gaps->count == gaps->room && gaps->room < LOSS_GAPS) {
		const uint32_t room = gaps->room ? 2 * gaps->room : ROOM_AT_FIRST;
		void *moved = realloc(gaps->list, room * sizeof *gaps->list);
		if (!moved)
			return ERR_NOMEM;
		gaps->list = moved;
		gaps->room = room;
	}
	gaps->list[gaps->count % LOSS_GAPS] = *gap;
	gaps->count++;
	return OK;
}

static uint32_t remembered(const struct loss_gaps *gaps)
{
	return gaps->count < LOSS_GAPS ? gaps->count : LOSS_GAPS;
}

/* The i-th of those remembered, the oldest first. */
static struct loss_gap *gap_at(const struct loss_gaps *gaps, uint32_t i)
{
	return &gaps->list[(gaps->count - remembered(gaps) + i) % LOSS_GAPS];
}

void loss_gaps_fill(struct loss_gaps *gaps, uint16_t number)
{
	for (uint32_t i = remembered(gaps); i-- > 0;) {
		struct loss_gap *gap = gap_at(gaps, i);
		if ((uint16_t)(number - gap->number) < gap->length && gap->missing > 0) {
			gap->missing--;
			return;
		}
	}
}

void loss_gaps_free(struct loss_gaps *gaps)
{
	free(gaps->list);
	*gaps = (struct loss_gaps){ 0 };
}

/* --- the period ----------------------------------------------------------------------- */

/* They are few: put in order one by one. */
static double median(uint16_t *values, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		const uint16_t value = values[i];
		uint32_t at = i;
		for (; at > 0 && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	const uint32_t middle = count / 2;
	return count % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2.0;
}

/*
 * A clump is one event: when a scan or a policer strikes, it may take several packets with
 * some good ones between.
 */
#define CLUMP_MS 150.0
enum { LEAST_EVENTS = 5 };

/*
 * From two events follow a phase and a period; the others are asked, one after the other,
 * whether they fit, and each that does makes the period more exact.  By chance a fifth of
 * them do.  Packets come every 20 ms: no time is more exact than that.
 *
 * Who pauses while nothing is said loses nothing then: of his losses fewer of the times are
 * met, so the more of the losses must fit, and more exactly.
 */
struct fit {
	double least_period_ms;
	double within;    /* of the period */
	double of_times;  /* at which there should be a loss */
	double of_lost;   /* of what is lost */
	double of_events; /* single packets may be lost beside them */
	uint32_t least_hits;
};
static const struct fit fits[] = {
	{ 200, 0.1, 0.7, 0.7, 0.55, LEAST_EVENTS },
	{ 500, 0.05, 0.4, 0.9, 0.9, 8 },
};
#define WITHIN_LEAST_MS 25.0
enum { STARTS = 3, PARTNERS = 5, MOST_WEIGHT = 4 };

struct event {
	double at_ms;
	uint32_t lost;
};

struct events {
	struct event list[LOSS_GAPS];
	uint32_t count;
	uint32_t lost; /* in all of them */
};

static void find_events(const double *times, const uint32_t *lost, uint32_t count,
                        struct events *out)
{
	struct event *events = out->list;
	uint32_t found = 0;
	out->lost = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || times[i] - times[i - 1] > CLUMP_MS)
			events[found++] = (struct event){ times[i], 0 };
		events[found - 1].lost += lost[i];
	}
	for (uint32_t i = 0; i < found; i++) {
		if (events[i].lost > MOST_WEIGHT)
			events[i].lost = MOST_WEIGHT;
		out->lost += events[i].lost;
	}
	out->count = found;
}

/* Too few of them are left, whatever comes: `fitting` of those looked at do fit. */
static bool is_hopeless(const struct events *events, uint32_t fitting, uint32_t left,
                        const struct fit *fit)
{
	return fitting + left < fit->least_hits ||
	       fitting + left < fit->of_events * events->count;
}

/* The period, if most losses fit; NAN. */
static double follow(const struct events *events, uint32_t first, double period,
                     const struct fit *fit)
{
	const struct event *list = events->list;
	const uint32_t count = events->count;
	int64_t last_hit = 0; /* periods up to the latest event that fits */
	uint32_t hits = 1;
	uint32_t fitting = list[first].lost;
	uint32_t fitting_events = 1;
	for (uint32_t i = first + 1; i < count; i++) {
		const double since = list[i].at_ms - list[first].at_ms;
		const int64_t times = nearest(since / period);
		const double share = fit->within * period;
		const double tolerance = share > WITHIN_LEAST_MS ? share : WITHIN_LEAST_MS;
		if (times < 1 || fabs(since - (double)times * period) > tolerance) {
			if (is_hopeless(events, fitting_events, count - i - 1, fit))
				return NAN;
			continue;
		}
		fitting += list[i].lost;
		fitting_events++;
		if (times <= last_hit)
			continue;
		hits++;
		last_hit = times;
		period = since / (double)times;
	}
	const double span = (list[count - 1].at_ms - list[0].at_ms) / period;
	return hits >= fit->least_hits && hits >= fit->of_times * (double)(last_hit + 1) &&
	                       hits >= fit->of_times * span &&
	                       fitting >= fit->of_lost * events->lost &&
	                       fitting_events >= fit->of_events * count
	               ? period
	               : NAN;
}

static double period_as(const struct events *events, const struct fit *fit)
{
	const uint32_t count = events->count;
	for (uint32_t i = 0; i < STARTS && i < count; i++) {
		if (is_hopeless(events, 1, count - i - 1, fit))
			break;
		for (uint32_t k = i + 1; k <= i + PARTNERS && k < count; k++) {
			const double between =
			        events->list[k].at_ms - events->list[i].at_ms;
			if (between < fit->least_period_ms)
				continue;
			const double period = follow(events, i, between, fit);
			if (!isnan(period))
				return period;
		}
	}
	return NAN;
}

static double period_of(const struct events *events)
{
	double period = NAN;
	for (size_t i = 0; i < ARRAY_LEN(fits) && isnan(period); i++)
		period = period_as(events, &fits[i]);
	return period;
}

/* --- the shape ------------------------------------------------------------------------ */

static double clumping_of(const double *times, uint32_t count)
{
	double sum = 0;
	double squares = 0;
	const uint32_t intervals = count - 1;
	if (count < 4)
		return NAN;
	for (uint32_t i = 1; i < count; i++) {
		const double interval = times[i] - times[i - 1];
		sum += interval;
		squares += interval * interval;
	}
	const double mean = sum / intervals;
	return mean > 0 ? sqrt(fmax(0, squares / intervals - mean * mean)) / mean : NAN;
}

static void keep_times(struct loss_shape *shape, const double *times)
{
	const uint32_t from = shape->runs > LOSS_TIMES ? shape->runs - LOSS_TIMES : 0;
	for (uint32_t i = from; i < shape->runs; i++)
		shape->times[shape->time_count++] = (uint32_t)times[i];
}

/*
 * A queue drains at most as fast as its link sends, so while others fill it packets come
 * out of it at more than a third of the rate at which they went in; and in the time between
 * two of ours it grows by about that time, not by more.
 */
#define SOONEST 0.35
#define LATEST_MS 25.0

static bool is_stall(const struct loss_gap *gap, double ptime_ms)
{
	const double sent_apart = ptime_ms * (gap->length + 1);
	const double change = (double)gap->after_ms - gap->before_ms;
	return sent_apart + change < SOONEST * sent_apart ||
	       change > sent_apart + LATEST_MS;
}

struct loss_shape loss_shape_of(const struct loss_gaps *gaps, double ptime_ms)
{
	struct loss_shape shape = { .period_ms = NAN,
		                    .before_ms = NAN,
		                    .after_ms = NAN,
		                    .stalled = NAN,
		                    .clumping = NAN };
	double times[LOSS_GAPS];
	uint16_t before[LOSS_GAPS], after[LOSS_GAPS];
	uint32_t lost[LOSS_GAPS];
	uint32_t stalls = 0;
	struct events events;
	for (uint32_t i = 0; i < remembered(gaps); i++) {
		const struct loss_gap *gap = gap_at(gaps, i);
		if (gap->missing == 0)
			continue;
		times[shape.runs] = gap->at_ms;
		before[shape.runs] = gap->before_ms;
		after[shape.runs] = gap->after_ms;
		stalls += is_stall(gap, ptime_ms);
		lost[shape.runs] = gap->missing;
		shape.lost += gap->missing;
		shape.longest = gap->missing > shape.longest ? gap->missing : shape.longest;
		shape.runs++;
	}
	if (shape.runs == 0)
		return shape;
	keep_times(&shape, times);
	shape.clumping = clumping_of(times, shape.runs);
	shape.before_ms = median(before, shape.runs);
	shape.after_ms = median(after, shape.runs);
	shape.stalled = (double)stalls / shape.runs;
	find_events(times, lost, shape.runs, &events);
	shape.period_ms = period_of(&events);
	return shape;
}
