/*
 * diagnosis_loss.c - rules for packets that are missing: where on the way they were lost,
 * how it looks, and whether it was the capture that lost them.
 *
 * A queue is full before it loses: the packets in front of a loss were late already, and so
 * were many others.  A radio link is late because of what it lost: the packet behind the
 * loss comes late, with a few others in its wake.  A policer, a scan or a timer strikes at
 * regular times.  The capture loses what flows both ways at the same moment, and nobody was
 * late.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdlib.h>

static enum finding_party receiving_side_of(enum direction direction)
{
	return direction == DIRECTION_REVERSE ? POINTS_TO_CALLER_SIDE
	                                      : POINTS_TO_CALLEE_SIDE;
}

static void about(const struct diagnosis_stream *s, struct opinion *opinion)
{
	opinion_about_stream(s, opinion);
	if (s->losses->time_count > 0)
		opinion->at = s->first + (nstime)s->losses->times[0] * NS_PER_MS;
}

/* As above, and it is nobody's fault on the way. */
static void about_probe(const struct diagnosis_stream *s, struct opinion *opinion)
{
	about(s, opinion);
	opinion->points_to = POINTS_TO_PROBE;
	opinion->peer = (struct endpoint){ 0 };
}

/* --- where on the way ----------------------------------------------------------------- */

/* Of a stream that was seen before, at another point: what it lacks was missing there. */
#define HANDED_ON 0.3

static bool is_handed_on(const struct rule_subject *subject)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *up = diagnosis_upstream(subject->all, s);
	return up && up->lost > 0 && s->lost_between <= HANDED_ON * s->lost;
}

/* The same packets were seen at two points of the way, and no relay lies between. */
static bool is_same_way(const struct diagnosis_stream *a, const struct diagnosis_stream *b)
{
	return a->point && b->point && endpoint_equal(&a->src, &b->src);
}

/* Names the segment, where the stream was seen at its begin and at its end. */
static void locate(const struct rule_subject *subject, struct opinion *opinion)
{
	char from[ENDPOINT_TEXT_SIZE], to[ENDPOINT_TEXT_SIZE];
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *up = diagnosis_upstream(subject->all, s);
	const struct diagnosis_stream *down = diagnosis_downstream(subject->all, s);
	if (up && !isnan(s->lost_between)) {
		if (2 * s->lost_between > s->lost) {
			opinion->points_to = POINTS_TO_BETWEEN;
			opinion->peer = s->src;
		}
		const bool same_way = is_same_way(up, s);
		opinion_add(opinion, "; %.0f lost between %s and %s, %.0f before",
		            s->lost_between,
		            same_way ? up->point : endpoint_format(&up->src, from),
		            same_way ? s->point : endpoint_format(&s->src, to), up->lost);
	} else if (down && !isnan(down->lost_between)) {
		const bool same_way = is_same_way(s, down);
		opinion_add(opinion, "; lost before %s, %.0f more on to %s",
		            same_way ? s->point : endpoint_format(&s->dst, from),
		            down->lost_between,
		            same_way ? down->point : endpoint_format(&down->dst, to));
	}
}

static void say_loss(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	about(s, opinion);
	opinion_say(
	        opinion,
	        "%.0f of %.0f packets lost (%.2f %%), runs of %.1f, up to %u; delay %.0f ms "
	        "before a loss, %.0f after; PDV %.0f/%.0f ms (50/99 %%)",
	        s->lost, s->expected, s->loss_pct,
	        s->losses->runs ? (double)s->losses->lost / s->losses->runs : 0.0,
	        s->losses->longest, s->losses->before_ms, s->losses->after_ms,
	        s->pdv_p50_ms, s->pdv_p99_ms);
	locate(subject, opinion);
}

/* --- the capture ---------------------------------------------------------------------- */

#define SAME_MOMENT (60 * NS_PER_MS) /* three packets */
/* Who pauses while he listens has nothing to lose then: half of the moments, of more. */
enum { LEAST_COMMON = 3, LEAST_COMMON_OF_PAUSES = 5 };

static bool loses_at(const struct diagnosis_stream *s, nstime at)
{
	for (uint32_t i = 0; i < s->losses->time_count; i++)
		if (llabs(s->first + (nstime)s->losses->times[i] * NS_PER_MS - at) <=
		    SAME_MOMENT)
			return true;
	return false;
}

/* Losses of `s` at which the other stream lost, too; *of: those it could have had. */
static uint32_t common_losses(const struct diagnosis_stream *s,
                              const struct diagnosis_stream *other, uint32_t *of)
{
	uint32_t common = 0;
	*of = 0;
	if (other->losses->time_count == 0)
		return 0;
	const nstime from =
	        other->first + (nstime)other->losses->times[0] * NS_PER_MS - SAME_MOMENT;
	for (uint32_t i = 0; i < s->losses->time_count; i++) {
		const nstime at = s->first + (nstime)s->losses->times[i] * NS_PER_MS;
		if (at < from || at > other->last)
			continue;
		++*of;
		common += loses_at(other, at);
	}
	return common;
}

static bool is_late_after(const struct diagnosis_stream *s)
{
	return s->losses->after_ms > s->pdv_p50_ms + 25;
}

/*
 * Each direction comes to the probe from its own side of it: there is nothing on the way
 * that both have passed, so what hits both at once is the capture.
 */
static bool judge_capture_both(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *other = diagnosis_opposite(subject);
	uint32_t of = 0;
	const uint32_t common = common_losses(s, other, &of);
	const bool alike = (common >= LEAST_COMMON && common * 10 >= of * 7) ||
	                   (common >= LEAST_COMMON_OF_PAUSES && common * 2 >= of);
	if (!alike || is_late_after(s) || is_late_after(other) || s->loss_pct < 0.2)
		return false;
	about_probe(s, opinion);
	opinion_say(
	        opinion,
	        "%u of %u losses at the same moment in both directions, and nothing came "
	        "late; %.0f and %.0f packets lost",
	        common, of, s->lost, other->lost);
	return true;
}

static bool judge_capture(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const bool witnessed = s->verdict == LOSS_CAPTURE && s->suspect_lost >= 5;
	const bool received = s->unconfirmed_lost >= 5 && 2 * s->unconfirmed_lost > s->lost;
	const double ours = received ? s->unconfirmed_lost : s->suspect_lost;
	if (!(witnessed || received) || 100 * ours < 0.5 * s->expected)
		return false;
	about_probe(s, opinion);
	opinion_say(
	        opinion,
	        "%.0f of %.0f missing packets are the capture's: the receiver has them, or "
	        "streams without a common path lack as many",
	        ours, s->lost);
	return true;
}

/* --- losses --------------------------------------------------------------------------- */

#define MANY_STALLS 0.35
/* Packets that were held up for as long as those in front of a loss, to one that is lost.
 */
#define HELD_UP 1.4
#define HELD_UP_MANY 2.5

/*
 * The queue was long before it lost, for this stream's measure and for anybody's, and it
 * was for long: a queue takes its time to fill and to drain, and holds up many packets for
 * one that it loses.
 */
static bool is_congested(const struct diagnosis_stream *s)
{
	const double before = s->losses->before_ms;
	const double least = s->losses->stalled >= MANY_STALLS ? HELD_UP_MANY : HELD_UP;
	if (100 * s->held_up < least * s->loss_pct)
		return false;
	const bool rises = before >= 15 && before >= 2 * s->pdv_p50_ms;
	const bool stands =
	        before >= 25 && before >= 0.5 * s->pdv_p95_ms && s->pdv_p95_ms >= 40;
	return rises || stands;
}

/* Some congestion comes and goes regularly for a while: then it is that first of all. */
static bool is_periodic(const struct diagnosis_stream *s)
{
	return !isnan(s->losses->period_ms) && !is_congested(s);
}

/* What waited for the radio comes in one go. */
static bool catches_up(const struct diagnosis_stream *s)
{
	return s->losses->stalled >= MANY_STALLS &&
	       fmax(s->losses->after_ms, s->losses->before_ms) >= 20;
}

/* More losses follow upon another than chance explains, with a margin of 3.5 sigma. */
static bool is_clustered(const struct diagnosis_stream *s)
{
	const double lost = s->losses->lost;
	const double by_chance = lost * s->loss_pct / 100;
	return lost - s->losses->runs > by_chance + 3.5 * sqrt(by_chance) + 2;
}

static bool is_bursty(const struct diagnosis_stream *s)
{
	return s->burstr >= 1.5 || (s->losses->clumping >= 1.8 && s->burstr >= 1.15) ||
	       is_clustered(s);
}

static bool judge_congestion(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *other = diagnosis_opposite(subject);
	if (is_handed_on(subject) || is_periodic(s) || !is_congested(s))
		return false;
	say_loss(subject, opinion);
	/* More of the same way's traffic suffers: the surer. */
	if (other && diagnosis_is_lossy(other))
		opinion->confidence += 0.02;
	return true;
}

static bool judge_wifi(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (is_handed_on(subject) || is_periodic(s) || is_congested(s) ||
	    !(catches_up(s) || is_bursty(s)))
		return false;
	say_loss(subject, opinion);
	if (!catches_up(s))
		opinion->confidence = 0.7;
	return true;
}

/* A period is seldom chance, so a smaller loss will do; of single packets more must fit. */
enum { PERIODS_OF_A_FAULT = 6, PERIODS_OF_SINGLES = 9 };
#define PERIODIC_LOSS_PCT 0.25

static bool judge_periodic(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (!is_periodic(s) || is_handed_on(subject) || s->loss_pct < PERIODIC_LOSS_PCT ||
	    s->losses->runs <
	            (s->losses->longest > 1 ? PERIODS_OF_A_FAULT : PERIODS_OF_SINGLES))
		return false;
	about(s, opinion);
	opinion_say(opinion,
	            "a loss every %.2f s, %u of them remembered; %.0f of %.0f packets lost "
	            "(%.2f %%), runs of %.1f",
	            s->losses->period_ms / 1000, s->losses->runs, s->lost, s->expected,
	            s->loss_pct, (double)s->losses->lost / s->losses->runs);
	locate(subject, opinion);
	return true;
}

static bool judge_random(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (is_handed_on(subject) || is_periodic(s) || is_congested(s) || catches_up(s) ||
	    is_bursty(s))
		return false;
	say_loss(subject, opinion);
	return true;
}

/* By the receiver's own reports; they count what came too late for them as well. */
#define BEHIND_LOSS_PCT 1.0

static bool judge_behind(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (!(s->lost_after >= 10) ||
	    !(100 * s->lost_after >= BEHIND_LOSS_PCT * s->far_expected))
		return false;
	about(s, opinion);
	opinion->points_to = receiving_side_of(s->direction);
	opinion->peer = s->dst;
	opinion_say(opinion, "the receiver lacks %.0f of %.0f packets more than we do",
	            s->lost_after, s->far_expected);
	return true;
}

#define OF_LOSSES                                                                          \
	(EXPLAINS(FINDING_LOSS_CONGESTION) | EXPLAINS(FINDING_LOSS_WIFI) |                 \
	 EXPLAINS(FINDING_LOSS_PERIODIC) | EXPLAINS(FINDING_LOSS_RANDOM))
#define OF_DELAYS (EXPLAINS(FINDING_JITTER_QUEUEING) | EXPLAINS(FINDING_CLOCK_DRIFT))

static const struct rule rules[] = {
	{ FINDING_CAPTURE_FAULT, true, NEEDS_BOTH | NEEDS_AUDIO, judge_capture_both, 0.93,
	  "The capture lost packets, not the network: figures of this call are too bad.",
	  OF_LOSSES },
	{ FINDING_CAPTURE_FAULT, true, 0, judge_capture, 0.92,
	  "The capture lost packets, not the network: figures of this call are too bad.",
	  OF_LOSSES },
	{ FINDING_LOSS_PERIODIC, true, NEEDS_AUDIO, judge_periodic, 0.91,
	  "Packets {way}{place} are lost at regular times: a scan for networks, a policer or a timer "
	  "on the way.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_CONGESTION, true, NEEDS_LOSS | NEEDS_AUDIO, judge_congestion, 0.88,
	  "Packets {way}{place} are lost as in congestion: delay rises, and at its top packets are "
	  "lost.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_WIFI, true, NEEDS_LOSS | NEEDS_AUDIO, judge_wifi, 0.87,
	  "Packets {way}{place} are lost in short irregular bursts, with others late behind them, as "
	  "on Wi-Fi.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_RANDOM, true, NEEDS_LOSS | NEEDS_AUDIO, judge_random, 0.75,
	  "Packets {way}{place} are lost one by one and at random, as on a faulty line.",
	  0 },
	{ FINDING_LOSS_BEHIND, true, NEEDS_AUDIO, judge_behind, 0.7,
	  "Packets {way}{place} are lost behind the probe: {receiver} reports it.", 0 },
};

const struct rules diagnosis_loss_rules = { rules, ARRAY_LEN(rules) };
