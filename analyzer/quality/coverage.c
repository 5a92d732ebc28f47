#include "analyzer/quality/coverage.h"

#include <math.h>

/* How near timestamps must come to the clock on the wall, for a pause to be announced. */
#define PAUSE_AGREES 0.1
#define PAUSE_AGREES_MS 60.0

static nstime earlier(nstime a, nstime b)
{
	return a < b ? a : b;
}

static nstime later(nstime a, nstime b)
{
	return a > b ? a : b;
}

static nstime overlap(nstime a_from, nstime a_to, nstime b_from, nstime b_to)
{
	const nstime from = later(a_from, b_from);
	const nstime to = earlier(a_to, b_to);
	return to > from ? to - from : 0;
}

static bool is_announced(const struct coverage_gap *gap)
{
	if (gap->comfort_noise || gap->clock_hz == 0)
		return true;
	const double step_ms = gap->ticks * 1000.0 / gap->clock_hz;
	const double gap_ms = ns_to_ms(gap->ticks_over);
	return fabs(step_ms - gap_ms) <= fmax(PAUSE_AGREES * gap_ms, PAUSE_AGREES_MS);
}

/* Into the list of the longest, which stays sorted; the shortest falls out. */
static void keep(struct coverage *c, nstime at, nstime length)
{
	unsigned int i = COVERAGE_GAPS;
	while (i > 0 && c->gaps[i - 1].length < length) {
		if (i < COVERAGE_GAPS)
			c->gaps[i] = c->gaps[i - 1];
		i--;
	}
	if (i == COVERAGE_GAPS)
		return;
	c->gaps[i].at = at;
	c->gaps[i].length = length;
}

void coverage_add(struct coverage *c, const struct coverage_gap *gap)
{
	const nstime ptime = (nstime)(gap->ptime_ms * (double)NS_PER_MS);
	nstime uncovered = gap->length - ptime; /* the first packet lasts so long */
	if (is_announced(gap)) {
		/* What was lost on the way was no silence. */
		const double lost_ms = gap->missing * gap->ptime_ms;
		if (lost_ms < ns_to_ms(uncovered))
			uncovered = (nstime)(lost_ms * (double)NS_PER_MS);
		c->longest_pause = later(c->longest_pause, gap->length - uncovered);
	}
	if (uncovered <= 0)
		return;
	c->uncovered += uncovered;
	keep(c, gap->at + ptime, uncovered);
}

nstime coverage_within(const struct coverage *c, nstime first, nstime last, nstime from,
                       nstime to)
{
	nstime covered = overlap(first, last, from, to);
	const double share = last > first ? (double)covered / (double)(last - first) : 0.0;
	nstime rest = c->uncovered;
	for (unsigned int i = 0; i < COVERAGE_GAPS; i++) {
		const nstime at = c->gaps[i].at;
		rest -= c->gaps[i].length;
		covered -= overlap(at, at + c->gaps[i].length, from, to);
	}
	covered -= (nstime)(share * (double)rest);
	return later(covered, 0);
}

double coverage_pct(nstime covered, nstime wanted)
{
	if (wanted <= 0)
		return NAN;
	return fmin(100.0 * (double)covered / (double)wanted, 100.0);
}
