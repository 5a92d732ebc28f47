#include "analyzer/quality/far_end.h"

#include <math.h>

enum {
	JITTER_MOST = 900000, /* ticks: 10 s of the fastest clock; above is no jitter */
	STRAGGLERS = 4, /* late packets at most taken for such without further proof */
};

static void take_jitter(struct far_end *far, uint32_t ticks)
{
	if (ticks > JITTER_MOST)
		return;
	far->jitter_reports++;
	far->jitter_sum += ticks;
	if (ticks > far->jitter_max)
		far->jitter_max = ticks;
}

/*
 * Has the receiver begun to count anew?  Its loss may also fall because packets came late,
 * or twice: then it falls by little, while a fresh count begins near zero.
 */
static bool began_anew(const struct far_end *far, const struct far_end_block *block,
                       int64_t expected)
{
	const int64_t fall = (int64_t)far->lost - block->lost;
	if (block->highest >> 16 < far->cycles)
		return true;
	if (-fall > expected)
		return true; /* more than there was to lose */
	return fall > STRAGGLERS && fall > (block->lost < 0 ? -block->lost : block->lost);
}

static void add(struct far_end_span *to, const struct far_end_span *more)
{
	to->expected += more->expected;
	to->lost += more->lost;
	to->ours += more->ours;
	to->copies += more->copies;
}

/* What is new since the last report. */
static struct far_end_span take_growth(struct far_end *far,
                                       const struct far_end_block *block,
                                       const struct far_end_span *now)
{
	const struct far_end_span grown = {
		.expected = now->expected,
		.lost = now->lost - far->lost,
		.ours = now->ours - far->ours,
		.copies = now->copies - (int64_t)far->copies,
	};
	/* When in between it did, and what it lacked until then, nobody tells. */
	if (began_anew(far, block, grown.expected)) {
		far->resets++;
		return (struct far_end_span){ 0 };
	}
	add(&far->later, &grown);
	return grown;
}

/*
 * Before the first report, from our first packet on.  A receiver that was there before says
 * more than there was to lose, or it began late: then this span is left empty.
 */
static void take_first(struct far_end *far, const struct far_end_span *now,
                       const struct sequence_counts *ours)
{
	if (far->reports > 0 || ours->expected_before > 0 || now->lost > now->expected)
		return;
	far->first = *now;
}

struct far_end_span far_end_take(struct far_end *far, const struct far_end_block *block,
                                 const struct sequence *ours,
                                 const struct sequence_counts *counts, uint64_t copies)
{
	const int64_t high = sequence_extend(ours, (uint16_t)block->highest);
	struct far_end_span now = { .lost = block->lost, .copies = (int64_t)copies };
	take_jitter(far, block->jitter_ticks);
	struct far_end_span grown = { 0 };
	if (!sequence_lost_until(ours, counts, high, &now.ours))
		return grown;
	const bool goes_on = far->has_last && far->reporter == block->reporter &&
	                     far->segment == counts->expected_before;
	if (goes_on && high < far->high)
		return grown; /* overtaken on its way */
	if (goes_on) {
		now.expected = high - far->high;
		grown = take_growth(far, block, &now);
	} else {
		now.expected = high - counts->base + 1;
		take_first(far, &now, counts);
	}
	far->high = high;
	far->ours = now.ours;
	far->copies = copies;
	far->lost = block->lost;
	far->cycles = (uint16_t)(block->highest >> 16);
	far->reporter = block->reporter;
	far->segment = counts->expected_before;
	far->has_last = true;
	far->reports++;
	return grown;
}

struct far_end_span far_end_total(const struct far_end *far, bool from_start)
{
	struct far_end_span total = far->later;
	if (from_start)
		add(&total, &far->first);
	return total;
}

double far_end_jitter_mean(const struct far_end *far)
{
	return far->jitter_reports ? (double)far->jitter_sum / far->jitter_reports
	                           : (double)NAN;
}

double far_end_jitter_max(const struct far_end *far)
{
	return far->jitter_reports ? (double)far->jitter_max : (double)NAN;
}

int64_t far_end_unconfirmed(const struct far_end_span *span)
{
	const int64_t missed = span->ours - span->lost - span->copies;
	return missed > 0 ? missed : 0;
}
