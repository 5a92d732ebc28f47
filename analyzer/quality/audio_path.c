#include "analyzer/quality/audio_path.h"

#include <math.h>
#include <string.h>

#define SILENT_PCT 99.0 /* of what was heard: some device clicks in the longest silence */
enum { UNHEARD_REPORTS = 2, UNREACHABLE_ERRORS = 3 };

static nstime earlier(nstime a, nstime b)
{
	return a < b ? a : b;
}

static nstime later(nstime a, nstime b)
{
	return a > b ? a : b;
}

/* --- what was asked for --------------------------------------------------------------- */

void audio_plan_init(struct audio_plan *plan)
{
	*plan = (struct audio_plan){ .answered = NSTIME_NONE, .ended = NSTIME_NONE };
}

static enum audio_want want_at_end(const struct audio_plan *plan, unsigned int direction)
{
	const uint8_t count = plan->change_count;
	return count ? (enum audio_want)plan->want[count - 1][direction]
	             : AUDIO_WANT_UNKNOWN;
}

void audio_plan_change(struct audio_plan *plan, nstime at,
                       const enum audio_want want[AUDIO_DIRECTIONS])
{
	if (plan->change_count && want_at_end(plan, AUDIO_FORWARD) == want[AUDIO_FORWARD] &&
	    want_at_end(plan, AUDIO_REVERSE) == want[AUDIO_REVERSE])
		return;
	if (plan->change_count == AUDIO_PLAN_CHANGES) {
		/* The oldest becomes what was before all others. */
		memmove(plan->changed, plan->changed + 1,
		        sizeof plan->changed - sizeof plan->changed[0]);
		memmove(plan->want, plan->want + 1,
		        sizeof plan->want - sizeof plan->want[0]);
		plan->change_count--;
	}
	const uint8_t i = plan->change_count++;
	plan->changed[i] = at;
	plan->want[i][AUDIO_FORWARD] = (uint8_t)want[AUDIO_FORWARD];
	plan->want[i][AUDIO_REVERSE] = (uint8_t)want[AUDIO_REVERSE];
}

bool audio_plan_has_moved(const struct audio_plan *plan)
{
	return want_at_end(plan, AUDIO_FORWARD) == AUDIO_WANT_MOVED &&
	       want_at_end(plan, AUDIO_REVERSE) == AUDIO_WANT_MOVED;
}

struct period {
	nstime from, to;
};

/* The part of a change that lies in the answered time and within those limits. */
static struct period period_of(const struct audio_plan *plan, uint8_t i, nstime from,
                               nstime to)
{
	if (i > 0 && i < AUDIO_PLAN_CHANGES) /* the first holds for what was before, too */
		from = later(from, plan->changed[i]);
	if (i + 1 < plan->change_count)
		to = earlier(to, plan->changed[i + 1]);
	from = later(from, plan->answered);
	to = plan->ended == NSTIME_NONE ? to : earlier(to, plan->ended);
	return (struct period){ from, later(from, to) };
}

nstime audio_plan_time(const struct audio_plan *plan, unsigned int direction,
                       enum audio_want want, nstime from, nstime to)
{
	nstime sum = 0;
	if (plan->answered == NSTIME_NONE)
		return 0;
	if (plan->change_count == 0 && want == AUDIO_WANT_UNKNOWN) {
		const struct period all = period_of(plan, 0, from, to);
		return all.to - all.from;
	}
	for (uint8_t i = 0; i < plan->change_count; i++) {
		const struct period period = period_of(plan, i, from, to);
		if (plan->want[i][direction] == want)
			sum += period.to - period.from;
	}
	return sum;
}

nstime audio_plan_covered(const struct audio_plan *plan, unsigned int direction,
                          const struct coverage *coverage, nstime first, nstime last)
{
	nstime sum = 0;
	if (plan->answered == NSTIME_NONE)
		return 0;
	for (uint8_t i = 0; i < plan->change_count; i++) {
		const struct period period = period_of(plan, i, first, last);
		if (plan->want[i][direction] == AUDIO_WANTED)
			sum += coverage_within(coverage, first, last, period.from,
			                       period.to);
	}
	return sum;
}

/* --- what was seen -------------------------------------------------------------------- */

void audio_path_init(struct audio_path *path)
{
	*path = (struct audio_path){
		.first = NSTIME_NONE,
		.last = NSTIME_NONE,
		.unreachable_first = NSTIME_NONE,
		.unreachable_last = NSTIME_NONE,
	};
}

void audio_path_add(struct audio_path *path, const struct audio_seen *seen)
{
	path->first = path->packets ? earlier(path->first, seen->first) : seen->first;
	if (seen->last >= path->last)
		path->pausing = seen->pausing;
	path->last = later(path->last, seen->last);
	path->packets += seen->packets;
	path->astray += seen->to_private && !seen->from_private ? seen->packets : 0;
	path->from_private = path->from_private || seen->from_private;
	path->pauses = path->pauses || seen->pauses;
	path->covered += seen->covered;
	if (isfinite(seen->heard_s) && isfinite(seen->silence_pct)) {
		path->heard_s += seen->heard_s;
		path->silent_s += seen->heard_s * seen->silence_pct / 100;
	}
}

void audio_path_unreachable(struct audio_path *path, nstime at)
{
	if (path->unreachable == 0 || at - path->unreachable_last > AUDIO_OPENED) {
		path->unreachable_first = at;
		path->unreachable = 0;
	}
	path->unreachable++;
	path->unreachable_last = at;
}

/* --- what it means -------------------------------------------------------------------- */

/* Packets came after the answer. */
static bool is_heard(const struct audio_plan *plan, const struct audio_path *path)
{
	return path->packets && path->last > plan->answered + AUDIO_EARLY;
}

/*
 * Errors that come while audio was wanted, not only around the end, and after which RTP
 * did not go on for long; one or two alone count if RTP then stopped.
 */
static bool is_closed(const struct audio_plan *plan, const struct audio_path *path,
                      unsigned int direction, nstime missed)
{
	if (path->unreachable == 0 || path->unreachable_last < plan->answered)
		return false;
	const nstime from = later(path->unreachable_first, plan->answered);
	if (audio_plan_time(plan, direction, AUDIO_WANTED, from, plan->ended) <
	    AUDIO_HANG_UP)
		return false;
	if (path->packets &&
	    earlier(path->last, plan->ended) - path->unreachable_last > AUDIO_OPENED)
		return false;
	return path->unreachable >= UNREACHABLE_ERRORS || missed >= AUDIO_STOP;
}

/*
 * Packets to a private address from outside go nowhere.  If that address sends, here it is
 * no stranger.
 */
static bool is_unroutable(const struct audio_plan *plan, const struct audio_path *path,
                          const struct audio_path *other, unsigned int direction)
{
	return plan->unroutable[direction] && !other->from_private && !path->received &&
	       path->astray == path->packets;
}

/* RTCP proves that there is RTP beyond the probe's sight. */
static bool is_elsewhere(const struct audio_path *path)
{
	if (path->received)
		return true;
	return path->sent_reports > 1 && path->sent_last > path->sent_first &&
	       path->unheard < UNHEARD_REPORTS;
}

/* Nothing is missing that was wanted: was it not wanted, or is all well? */
static enum audio_fate fate_unharmed(const struct audio_plan *plan,
                                     const struct audio_path *path, unsigned int direction,
                                     bool heard, nstime from)
{
	static const struct {
		enum audio_want want;
		enum audio_fate fate;
	} reasons[] = { { AUDIO_WANT_MOVED, AUDIO_FATE_MOVED },
		        { AUDIO_WANT_HELD, AUDIO_FATE_HELD },
		        { AUDIO_WANT_UNKNOWN, AUDIO_FATE_NOT_SEEN } };
	const size_t count = heard ? ARRAY_LEN(reasons) - 1 : ARRAY_LEN(reasons);
	for (size_t i = 0; i < count; i++)
		if (audio_plan_time(plan, direction, reasons[i].want, from, plan->ended) >=
		    AUDIO_STOP)
			return reasons[i].fate;
	if (!heard)
		return AUDIO_FATE_UNKNOWN;
	const bool long_enough = path->heard_s >= ns_to_s(AUDIO_STOP);
	return long_enough && path->silent_s >= path->heard_s * SILENT_PCT / 100
	               ? AUDIO_FATE_SILENT
	               : AUDIO_FATE_OK;
}

static enum audio_fate fate_missing(const struct audio_path *path,
                                    const struct audio_path *other, bool heard)
{
	if (is_elsewhere(path))
		return AUDIO_FATE_NOT_SEEN;
	if (heard)
		return AUDIO_FATE_STOPPED;
	if (path->packets)
		return AUDIO_FATE_EARLY_ONLY;
	return other->packets == 0 || path->unseen_host ? AUDIO_FATE_NOT_SEEN
	                                                : AUDIO_FATE_NONE;
}

static enum audio_fate fate_of(const struct audio_plan *plan,
                               const struct audio_path paths[AUDIO_DIRECTIONS],
                               unsigned int direction)
{
	const struct audio_path *path = &paths[direction];
	const struct audio_path *other = &paths[AUDIO_DIRECTIONS - 1 - direction];
	if (plan->answered == NSTIME_NONE)
		return AUDIO_FATE_UNKNOWN;
	const bool heard = is_heard(plan, path);
	const nstime from = heard ? path->last : plan->answered;
	const nstime wanted =
	        audio_plan_time(plan, direction, AUDIO_WANTED, plan->answered, plan->ended);
	const nstime missed =
	        audio_plan_time(plan, direction, AUDIO_WANTED, from, plan->ended);
	if (is_closed(plan, path, direction, missed))
		return AUDIO_FATE_CLOSED_PORT;
	if (wanted >= AUDIO_STOP && path->packets + other->packets > 0 &&
	    is_unroutable(plan, path, other, direction))
		return AUDIO_FATE_PRIVATE_ADDRESS;
	const bool may_pause =
	        heard && (path->pausing || (path->pauses && missed < AUDIO_PAUSE));
	if (missed < AUDIO_STOP || may_pause)
		return fate_unharmed(plan, path, direction, heard, from);
	return fate_missing(path, other, heard);
}

static bool is_fault(enum audio_fate fate)
{
	return fate == AUDIO_FATE_NONE || fate == AUDIO_FATE_EARLY_ONLY ||
	       fate == AUDIO_FATE_STOPPED || fate == AUDIO_FATE_CLOSED_PORT ||
	       fate == AUDIO_FATE_PRIVATE_ADDRESS;
}

/* Both stopped together: they went another way, or the call is dead, but not one-way. */
static bool is_one_way(const struct audio_outcome *outcome)
{
	const enum audio_fate forward = outcome->fates[AUDIO_FORWARD];
	const enum audio_fate reverse = outcome->fates[AUDIO_REVERSE];
	if (forward != AUDIO_FATE_STOPPED || reverse != AUDIO_FATE_STOPPED)
		return is_fault(forward) || is_fault(reverse);
	const nstime apart = outcome->until[AUDIO_FORWARD] - outcome->until[AUDIO_REVERSE];
	return apart >= AUDIO_STOP || apart <= -AUDIO_STOP;
}

struct audio_outcome audio_judge(const struct audio_plan *plan,
                                 const struct audio_path paths[AUDIO_DIRECTIONS])
{
	struct audio_outcome outcome = { 0 };
	for (unsigned int d = 0; d < AUDIO_DIRECTIONS; d++) {
		const enum audio_fate fate = fate_of(plan, paths, d);
		const nstime wanted =
		        audio_plan_time(plan, d, AUDIO_WANTED, plan->answered, plan->ended);
		outcome.fates[d] = fate;
		outcome.until[d] = paths[d].last;
		outcome.coverage_pct[d] = fate == AUDIO_FATE_NOT_SEEN
		                                  ? NAN
		                                  : coverage_pct(paths[d].covered, wanted);
	}
	outcome.one_way = is_one_way(&outcome);
	return outcome;
}

/* --- addresses ------------------------------------------------------------------------ */

bool audio_address_is_private(const struct address *address)
{
	const uint8_t *b = address->bytes;
	if (address_is_ipv4(address)) {
		const uint8_t *v4 = b + 12;
		return v4[0] == 10 || v4[0] == 127 || (v4[0] == 172 && v4[1] >> 4 == 1) ||
		       (v4[0] == 192 && v4[1] == 168) || (v4[0] == 169 && v4[1] == 254) ||
		       (v4[0] == 100 && v4[1] >> 6 == 1); /* carriers' NAT, RFC 6598 */
	}
	static const uint8_t loopback[16] = { [15] = 1 };
	return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && b[1] >> 6 == 2) ||
	       memcmp(b, loopback, sizeof loopback) == 0;
}
