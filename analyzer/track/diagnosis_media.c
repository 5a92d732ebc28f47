/*
 * diagnosis_media.c - rules for the path of the audio: how it loses, delays and marks
 * packets, what the sender's clock does, and what the capture itself has done.
 *
 * A queue is full before it loses: the packet in front of a loss was late already.  A radio
 * link is late because of what it lost: the packet behind the loss comes late, with others
 * in its wake.  A policer, a scan or a timer strikes at regular times.  The capture loses
 * what flows both ways at the same moment, and nobody was late.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdlib.h>

static enum finding_party side_of(enum direction direction)
{
	return direction == DIRECTION_REVERSE ? POINTS_TO_CALLEE_SIDE
	                                      : POINTS_TO_CALLER_SIDE;
}

static enum finding_party receiving_side_of(enum direction direction)
{
	return direction == DIRECTION_REVERSE ? POINTS_TO_CALLER_SIDE
	                                      : POINTS_TO_CALLEE_SIDE;
}

static void about(const struct diagnosis_stream *s, struct opinion *opinion)
{
	opinion->points_to = side_of(s->direction);
	opinion->peer = s->src;
	opinion->first = s->first;
	opinion->last = s->last;
	opinion->at = s->first;
	if (s->losses->time_count > 0)
		opinion->at = s->first + (nstime)s->losses->times[0] * NS_PER_MS;
}

static const struct diagnosis_stream *opposite_of(const struct rule_subject *subject)
{
	const struct diagnosis_stream *s = subject->stream;
	if (s->direction == DIRECTION_NONE)
		return NULL;
	return diagnosis_stream_of(subject->all, s->leg,
	                           s->direction == DIRECTION_FORWARD ? DIRECTION_REVERSE
	                                                             : DIRECTION_FORWARD);
}

static void say_loss(const struct diagnosis_stream *s, struct opinion *opinion)
{
	about(s, opinion);
	opinion_say(
	        opinion,
	        "%.0f of %.0f packets lost (%.2f %%), runs of %.1f, up to %u; delay %.0f ms "
	        "before a loss, %.0f after; PDV %.0f/%.0f ms (50/99 %%)",
	        s->lost, s->expected, s->loss_pct,
	        s->losses->runs ? (double)s->losses->lost / s->losses->runs : 0.0,
	        s->losses->longest, s->losses->before_ms, s->losses->after_ms,
	        s->pdv_p50_ms, s->pdv_p99_ms);
}

/* --- the capture -----------------------------------------------------------------------
 */

#define SAME_MOMENT (60 * NS_PER_MS) /* three packets */
enum { LEAST_COMMON = 3 };

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
	const struct diagnosis_stream *other = opposite_of(subject);
	uint32_t of = 0;
	const uint32_t common = common_losses(s, other, &of);
	if (common < LEAST_COMMON || common * 10 < of * 7 || is_late_after(s) ||
	    is_late_after(other) || s->loss_pct < 0.2)
		return false;
	about(s, opinion);
	opinion->points_to = POINTS_TO_PROBE;
	opinion->peer = (struct endpoint){ 0 };
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
	about(s, opinion);
	opinion->points_to = POINTS_TO_PROBE;
	opinion->peer = (struct endpoint){ 0 };
	opinion_say(
	        opinion,
	        "%.0f of %.0f missing packets are the capture's: the receiver has them, or "
	        "streams without a common path lack as many",
	        ours, s->lost);
	return true;
}

/* --- losses ----------------------------------------------------------------------------
 */

#define MANY_STALLS 0.35

/* The queue was long before it lost, for this stream's measure and for anybody's. */
static bool is_congested(const struct diagnosis_stream *s)
{
	const double before = s->losses->before_ms;
	if (s->losses->stalled >= MANY_STALLS)
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

static bool is_bursty(const struct diagnosis_stream *s)
{
	return s->burstr >= 1.5 || (s->losses->clumping >= 1.8 && s->burstr >= 1.15);
}

static bool judge_congestion(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *other = opposite_of(subject);
	if (is_periodic(s) || !is_congested(s))
		return false;
	say_loss(s, opinion);
	/* More of the same way's traffic suffers: the surer. */
	if (other && diagnosis_is_lossy(other))
		opinion->confidence += 0.02;
	return true;
}

static bool judge_wifi(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (is_periodic(s) || is_congested(s) || !(catches_up(s) || is_bursty(s)))
		return false;
	say_loss(s, opinion);
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
	if (!is_periodic(s) || s->loss_pct < PERIODIC_LOSS_PCT ||
	    s->losses->runs <
	            (s->losses->longest > 1 ? PERIODS_OF_A_FAULT : PERIODS_OF_SINGLES))
		return false;
	about(s, opinion);
	opinion_say(opinion,
	            "a loss every %.2f s, %u of them remembered; %.0f of %.0f packets lost "
	            "(%.2f %%), runs of %.1f",
	            s->losses->period_ms / 1000, s->losses->runs, s->lost, s->expected,
	            s->loss_pct, (double)s->losses->lost / s->losses->runs);
	return true;
}

static bool judge_random(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (is_periodic(s) || is_congested(s) || catches_up(s) || is_bursty(s))
		return false;
	say_loss(s, opinion);
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

/* --- delay variation -------------------------------------------------------------------
 */

/*
 * Behind a slow clock the delay grows until the next 10 s begin (quality/transit.h), so
 * half of the packets are 5 to 10 s of its drift late, and nothing waits anywhere.
 */
static bool is_slow_clock(const struct diagnosis_stream *s)
{
	return s->skew_ppm > 0 && s->pdv_p50_ms < 2 * 10 * s->skew_ppm / 1000;
}

/*
 * A queue grows and shrinks, so there are delays of all lengths.  Where there are two only,
 * the sender's timestamps have jumped.
 */
bool diagnosis_is_spread(const struct stream_record *s)
{
	static const double bounds_ms[RECORD_PDV_BINS - 1] = {
		5, 10, 20, 30, 50, 70, 90, 120, 150, 200, 300, 500
	};
	double between = 0;
	for (size_t i = 3; i < ARRAY_LEN(bounds_ms); i++)
		if (bounds_ms[i] <= 0.8 * s->pdv_p95_ms)
			between += s->pdv.counts[i];
	return between >= 0.08 * (double)s->packets;
}

/*
 * A jitter buffer of 50 ms, which is common, then discards one packet in twenty; or of
 * 80 ms one in a hundred while the rest is uneasy, too.
 */
static bool judge_queueing(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const bool wide =
	        s->pdv_p95_ms >= 45 || (s->pdv_p95_ms >= 30 && s->pdv_p99_ms >= 80);
	/* All packets late alike is a jump of the clock, not a queue: those vary. */
	const bool varies =
	        s->pdv_p95_ms - s->pdv_p50_ms >= 20 || s->pdv_p99_ms - s->pdv_p50_ms >= 50;
	if (!wide || !varies || !s->pdv_spread || s->packets < 200 || is_slow_clock(s))
		return false;
	about(s, opinion);
	opinion_say(
	        opinion,
	        "delay variation %.0f/%.0f/%.0f ms (50/95/99 %%), jitter up to %.0f ms, "
	        "%.2f %% lost, %.2f %% too late for an adaptive buffer",
	        s->pdv_p50_ms, s->pdv_p95_ms, s->pdv_p99_ms, s->jitter_max_ms, s->loss_pct,
	        s->discarded_pct);
	return true;
}

/* --- marking ---------------------------------------------------------------------------
 */

enum { DSCP_CS1 = 8, DSCP_CS3 = 24, DSCP_CS4 = 32, LEAST_MARKED = 100 };

/* The same packets at another point of their way. */
static const struct diagnosis_stream *same_elsewhere(const struct rule_subject *subject)
{
	const struct diagnosis_stream *s = subject->stream;
	for (uint8_t i = 0; i < subject->all->stream_count; i++) {
		const struct diagnosis_stream *other = &subject->all->streams[i];
		if (other != s && other->ssrc == s->ssrc &&
		    other->direction == s->direction && other->first < s->last &&
		    s->first < other->last)
			return other;
	}
	return NULL;
}

static bool judge_dscp(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *again = same_elsewhere(subject);
	const struct diagnosis_stream *other = opposite_of(subject);
	const struct diagnosis_leg *leg = diagnosis_leg_of(subject->all, s->leg);
	const unsigned int side =
	        s->direction == DIRECTION_REVERSE ? TRACE_CALLEE : TRACE_CALLER;
	about(s, opinion);
	/* Some devices mark digits differently, which come and go with each; and some send
	 * their first packets before they have learnt how to mark them. */
	if (s->dscp_changes > 2 * (uint64_t)s->events &&
	    (s->last_dscp < s->dscp || s->dscp_changes > 2)) {
		opinion_say(opinion, "DSCP %u at first, %u at the end, changed %u times",
		            s->dscp, s->last_dscp, (unsigned int)s->dscp_changes);
		return true;
	}
	if (again && again->dscp != s->dscp && again->packets >= LEAST_MARKED) {
		opinion->points_to = POINTS_TO_BETWEEN;
		opinion_say(opinion,
		            "SSRC 0x%08x: DSCP %u here, %u at another point of its way",
		            s->ssrc, s->dscp, again->dscp);
		return true;
	}
	if (!other || other->packets < LEAST_MARKED || other->dscp < DSCP_CS4 ||
	    s->last_dscp >= DSCP_CS4)
		return false;
	/*
	 * The sender's own SIP arrives marked, so it does mark; or nobody marks like that.
	 * Else it may never have been marked: then this says so, and is not sure.
	 */
	const bool marks =
	        leg && leg->trace.sides[side].highest >= DSCP_CS3 &&
	        address_equal(&s->src.address,
	                      side == TRACE_CALLER ? &leg->src.address : &leg->dst.address);
	opinion->confidence = marks || s->dscp != 0 ? 0.85 : 0.55;
	opinion_say(opinion,
	            "DSCP %u, that of the other direction is %u; SIP of this side %u",
	            s->dscp, other->dscp, leg ? leg->trace.sides[side].highest : 0);
	return true;
}

/* --- clocks ----------------------------------------------------------------------------
 */

/* quality.md 4.8: over 200 ppm is worth a warning; crystals keep within 100. */
#define DRIFT_PPM 180.0

static bool judge_drift(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *other = opposite_of(subject);
	if (!(fabs(s->skew_ppm) >= DRIFT_PPM))
		return false;
	about(s, opinion);
	opinion->points_to =
	        s->direction == DIRECTION_REVERSE ? POINTS_TO_CALLEE : POINTS_TO_CALLER;
	/* A long queue that grows looks like a slow clock. */
	if (s->pdv_p95_ms > 40)
		opinion->confidence = 0.7;
	const bool alike = other && fabs(other->skew_ppm) >= DRIFT_PPM &&
	                   fabs(other->skew_ppm - s->skew_ppm) < 0.2 * fabs(s->skew_ppm);
	if (alike)
		opinion->points_to = POINTS_TO_PROBE;
	opinion_say(opinion,
	            "the sender's clock is %.0f ppm %s than the capture's over %.0f s%s",
	            fabs(s->skew_ppm), s->skew_ppm > 0 ? "slower" : "faster",
	            ns_to_s(s->last - s->first),
	            alike ? "; both senders alike, so it is the capture's" : "");
	return true;
}

/* --- what was agreed on ----------------------------------------------------------------
 */

enum { LEAST_UNLISTED = 25 }; /* half a second */

static bool judge_codec_unlisted(const struct rule_subject *subject,
                                 struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (s->unlisted.audio < LEAST_UNLISTED || s->unlisted.audio < 0.2 * s->packets)
		return false;
	about(s, opinion);
	opinion->points_to =
	        s->direction == DIRECTION_REVERSE ? POINTS_TO_CALLEE : POINTS_TO_CALLER;
	opinion_say(
	        opinion,
	        "%u of %.0f packets have payload type %u, which the receiver's SDP does not "
	        "list",
	        s->unlisted.audio, s->packets, s->unlisted.audio_type);
	return true;
}

static bool judge_digits(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_leg *leg = diagnosis_leg_of(subject->all, s->leg);
	about(s, opinion);
	opinion->points_to =
	        s->direction == DIRECTION_REVERSE ? POINTS_TO_CALLEE : POINTS_TO_CALLER;
	if (s->unlisted.events >= 2) {
		opinion_say(
		        opinion,
		        "%u packets of payload type %u, which the receiver's SDP does not list",
		        s->unlisted.events, s->unlisted.event_type);
		return true;
	}
	if (!leg || !(s->audio_dtmf >= 1) || s->events > 0 ||
	    !leg->trace.sides[TRACE_CALLER].has_event ||
	    !leg->trace.sides[TRACE_CALLEE].has_event)
		return false;
	opinion_say(opinion, "%.0f digits as tones, though telephone-event was agreed on",
	            s->audio_dtmf);
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
	{ FINDING_CODEC_MISMATCH, true, 0, judge_codec_unlisted, 0.94,
	  "{sender} sends a codec that {receiver} has not agreed to.", 0 },
	{ FINDING_DTMF_MISMATCH, true, 0, judge_digits, 0.93,
	  "{sender} sends digits in another way than was agreed on.",
	  EXPLAINS(FINDING_JITTER_QUEUEING) },
	{ FINDING_LOSS_PERIODIC, true, NEEDS_AUDIO, judge_periodic, 0.91,
	  "Packets {way} are lost at regular times: a scan for networks, a policer or a timer "
	  "on the way.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_CONGESTION, true, NEEDS_LOSS | NEEDS_AUDIO, judge_congestion, 0.88,
	  "Packets {way} are lost as in congestion: delay rises, and at its top packets are "
	  "lost.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_WIFI, true, NEEDS_LOSS | NEEDS_AUDIO, judge_wifi, 0.87,
	  "Packets {way} are lost in short irregular bursts, with others late behind them, as "
	  "on Wi-Fi.",
	  OF_DELAYS | EXPLAINS(FINDING_LOSS_RANDOM) },
	{ FINDING_LOSS_RANDOM, true, NEEDS_LOSS | NEEDS_AUDIO, judge_random, 0.75,
	  "Packets {way} are lost one by one and at random, as on a faulty line.", 0 },
	{ FINDING_LOSS_BEHIND, true, NEEDS_AUDIO, judge_behind, 0.7,
	  "Packets {way} are lost behind the probe: {receiver} reports it.", 0 },
	{ FINDING_CLOCK_DRIFT, true, NEEDS_AUDIO, judge_drift, 0.88,
	  "The clock of {sender} drifts: its audio comes too slowly or too fast.", 0 },
	{ FINDING_JITTER_QUEUEING, true, NEEDS_AUDIO, judge_queueing, 0.84,
	  "Packets {way} wait in a queue: delay varies more than usual jitter buffers bear.",
	  0 },
	{ FINDING_DSCP_REMARKED, true, NEEDS_AUDIO, judge_dscp, 0.9,
	  "Audio {way} does not arrive with the priority (DSCP) of the other way or point: it was "
	  "re-marked on the way, or never marked.",
	  0 },
};

const struct rules diagnosis_media_rules = { rules, ARRAY_LEN(rules) };
