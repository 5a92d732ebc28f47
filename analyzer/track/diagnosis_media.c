/*
 * diagnosis_media.c - rules for audio that arrives, but not as it should: how it is delayed
 * and marked, what the sender's clock does, and what was agreed on.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/quality/delay_variation.h"

/* --- delay variation ------------------------------------------------------------------ */

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
	double most = 0; /* begin of the bin in which the upper delay may be */
	for (size_t i = 0; i < RECORD_PDV_BINS - 1; i++)
		if (delay_variation_bounds_ms[i] <= 0.8 * s->pdv_p95_ms)
			most = delay_variation_bounds_ms[i];
	const double above = diagnosis_held_up(s, most);
	const double between = diagnosis_held_up(s, 20) - above;
	return between >= 0.025 && between >= 0.3 * above;
}

#define HANDED_ON 0.7

/*
 * A jitter buffer of 50 ms, which is common, then discards one packet in twenty; or of
 * 80 ms one in a hundred while the rest is uneasy, too.
 */
static bool judge_queueing(const struct rule_subject *subject, struct opinion *opinion)
{
	char point[ENDPOINT_TEXT_SIZE];
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *up = diagnosis_upstream(subject->all, s);
	const bool wide =
	        s->pdv_p95_ms >= 45 || (s->pdv_p95_ms >= 30 && s->pdv_p99_ms >= 80);
	/* All packets late alike is a jump of the clock, not a queue: those vary. */
	const bool varies =
	        s->pdv_p95_ms - s->pdv_p50_ms >= 20 || s->pdv_p99_ms - s->pdv_p50_ms >= 50;
	/* It was so at the point before, too. */
	const bool handed_on = up && up->pdv_p95_ms >= HANDED_ON * s->pdv_p95_ms;
	if (!wide || !varies || !s->pdv_spread || s->packets < 200 || is_slow_clock(s) ||
	    handed_on)
		return false;
	opinion_about_stream(s, opinion);
	opinion_say(
	        opinion,
	        "delay variation %.0f/%.0f/%.0f ms (50/95/99 %%), jitter up to %.0f ms, "
	        "%.2f %% lost, %.2f %% too late for an adaptive buffer",
	        s->pdv_p50_ms, s->pdv_p95_ms, s->pdv_p99_ms, s->jitter_max_ms, s->loss_pct,
	        s->discarded_pct);
	if (up) {
		opinion->points_to = POINTS_TO_BETWEEN;
		opinion_add(opinion,
		            "; %.0f/%.0f ms (50/95 %%) before it came to %s, which took "
		            "%.0f ms",
		            up->pdv_p50_ms, up->pdv_p95_ms,
		            endpoint_format(&up->dst, point), s->segment_delay_ms);
	}
	return true;
}

/* --- marking -------------------------------------------------------------------------- */

enum { DSCP_CS1 = 8, DSCP_CS3 = 24, DSCP_CS4 = 32, LEAST_MARKED = 100 };

/* The same packets, or what a relay has made of them, at another point of their way. */
static const struct diagnosis_stream *same_elsewhere(const struct rule_subject *subject)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *up = diagnosis_upstream(subject->all, s);
	if (up)
		return up;
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
	char here[ENDPOINT_TEXT_SIZE], there[ENDPOINT_TEXT_SIZE];
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *again = same_elsewhere(subject);
	const struct diagnosis_stream *other = diagnosis_opposite(subject);
	const struct diagnosis_leg *leg = diagnosis_leg_of(subject->all, s->leg);
	const unsigned int side =
	        s->direction == DIRECTION_REVERSE ? TRACE_CALLEE : TRACE_CALLER;
	opinion_about_stream(s, opinion);
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
		            "SSRC 0x%08x: DSCP %u from %s, %u at another point of its way, "
		            "from %s",
		            s->ssrc, s->dscp, endpoint_format(&s->src, here), again->dscp,
		            endpoint_format(&again->src, there));
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

/* --- clocks --------------------------------------------------------------------------- */

/* quality.md 4.8: over 200 ppm is worth a warning; crystals keep within 100. */
#define DRIFT_PPM 180.0
/* What drifts stays on its line; a clock that has jumped, or a pause that was not counted
 * in time stamps, is far from it. */
#define STRAIGHT 8.0

static bool is_straight(const struct diagnosis_stream *s)
{
	const double drifted_ms = fabs(s->skew_ppm) / 1000 * ns_to_s(s->last - s->first);
	return drifted_ms >= STRAIGHT * s->skew_error_ms;
}

static bool judge_drift(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	const struct diagnosis_stream *other = diagnosis_opposite(subject);
	if (!(fabs(s->skew_ppm) >= DRIFT_PPM) || !is_straight(s))
		return false;
	opinion_about_stream(s, opinion);
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

/* --- what was agreed on --------------------------------------------------------------- */

enum { LEAST_UNLISTED = 25 }; /* half a second */

static bool judge_codec_unlisted(const struct rule_subject *subject,
                                 struct opinion *opinion)
{
	const struct diagnosis_stream *s = subject->stream;
	if (s->unlisted.audio < LEAST_UNLISTED || s->unlisted.audio < 0.2 * s->packets)
		return false;
	opinion_about_stream(s, opinion);
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
	opinion_about_stream(s, opinion);
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

static const struct rule rules[] = {
	{ FINDING_CODEC_MISMATCH, true, 0, judge_codec_unlisted, 0.94,
	  "{sender} sends a codec that {receiver} has not agreed to.", 0 },
	{ FINDING_DTMF_MISMATCH, true, 0, judge_digits, 0.93,
	  "{sender} sends digits in another way than was agreed on.",
	  EXPLAINS(FINDING_JITTER_QUEUEING) },
	{ FINDING_CLOCK_DRIFT, true, NEEDS_AUDIO, judge_drift, 0.88,
	  "The clock of {sender} drifts: its audio comes too slowly or too fast.", 0 },
	{ FINDING_JITTER_QUEUEING, true, NEEDS_AUDIO, judge_queueing, 0.84,
	  "Packets {way}{place} wait in a queue: delay varies more than usual jitter buffers bear.",
	  0 },
	{ FINDING_DSCP_REMARKED, true, NEEDS_AUDIO, judge_dscp, 0.9,
	  "Audio {way} does not arrive with the priority (DSCP) of the other way or point: it was "
	  "re-marked on the way, or never marked.",
	  0 },
};

const struct rules diagnosis_media_rules = { rules, ARRAY_LEN(rules) };
