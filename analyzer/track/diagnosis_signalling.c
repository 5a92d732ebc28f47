/*
 * diagnosis_signalling.c - rules for what goes wrong between the SIP stacks: timers,
 * refusals, ringback, and digits that they agreed on in vain.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdlib.h>

/* --- the session's timer -------------------------------------------------------------- */

/* RFC 4028 10: who is not refreshed hangs up at the end, less 32 s or a third of it. */
static bool is_at_expiry(double since, double session_s)
{
	const double early = session_s - fmin(32, session_s / 3);
	return fabs(since - early) < 2.5 || fabs(since - session_s) < 2.5;
}

static bool judge_timer_of_rfc4028(const struct diagnosis_leg *leg, struct opinion *opinion)
{
	const struct leg_trace *t = &leg->trace;
	const double since = diagnosis_seconds(t->refreshed, leg->ended);
	const bool failed = t->refresh_failed != NSTIME_NONE ||
	                    (t->refresh_tried != NSTIME_NONE &&
	                     diagnosis_seconds(t->refresh_tried, leg->ended) > 8);
	if (leg->session_s == 0)
		return false;
	const bool expired = is_at_expiry(since, leg->session_s);
	const bool soon =
	        failed && since < 1.1 * leg->session_s && since > 0.3 * leg->session_s;
	if (!expired && !soon)
		return false;
	opinion->at = leg->ended;
	opinion->first = t->refreshed;
	opinion->confidence = failed ? 0.95 : 0.9;
	if (failed && t->refresh_status)
		opinion_say(
		        opinion,
		        "Session-Expires %u s; refresh refused with %u; ended %.1f s after the "
		        "last refresh",
		        leg->session_s, t->refresh_status, since);
	else
		opinion_say(opinion,
		            "Session-Expires %u s; %s; ended %.1f s after the last one",
		            leg->session_s,
		            failed ? "refresh not answered" : "no refresh seen", since);
	return true;
}

/* Whole quarters of an hour, and the hours that follow: what devices are set to. */
static bool judge_timer_by_length(const struct diagnosis_leg *leg, struct opinion *opinion)
{
	static const double usual_s[] = { 900, 1800, 3600, 7200 };
	const struct leg_trace *t = &leg->trace;
	const double since = diagnosis_seconds(t->refreshed, leg->ended);
	for (size_t i = 0; i < ARRAY_LEN(usual_s); i++) {
		const bool exact = fabs(leg->duration_s - usual_s[i]) < 1 ||
		                   fabs(leg->duration_s - (usual_s[i] - 32)) < 0.6;
		/* A session that has been refreshed since does not end by its first timer.
		 */
		if (!exact || since < 0.95 * leg->duration_s)
			continue;
		opinion->at = leg->ended;
		opinion_say(opinion, "ended after %.1f s, %s by the %s", leg->duration_s,
		            t->bye_timer ? "with a Reason that names a timer,"
		                         : "without refresh,",
		            leg->ended_by == ENDED_BY_CALLEE ? "callee" : "caller");
		return true;
	}
	return false;
}

static bool judge_session_timer(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct leg_trace *t = &leg->trace;
	if (leg->state != LEG_COMPLETED || leg->ended == NSTIME_NONE)
		return false;
	opinion_about_leg(subject, opinion,
	                  leg->ended_by == ENDED_BY_CALLEE ? POINTS_TO_CALLEE
	                                                   : POINTS_TO_CALLER);
	if (judge_timer_of_rfc4028(leg, opinion) || judge_timer_by_length(leg, opinion))
		return true;
	/* A BYE that says so, and a refresh that failed. */
	if (t->bye_timer && (t->refresh_failed != NSTIME_NONE || leg->bye_cause == 408)) {
		opinion->at = leg->ended;
		opinion_say(opinion, "BYE after %.1f s with a Reason that names a timer",
		            leg->duration_s);
		return true;
	}
	return false;
}

/* --- ringback ------------------------------------------------------------------------- */

/* Who answers faster needs no ringback: voice mail, menus. */
#define RINGBACK_DUE_S 4.0
#define RINGBACK_GIVEN_UP_S 8.0

/* Media from the callee before the answer; what is under a second is no tone. */
static bool has_early_media(const struct rule_subject *subject)
{
	const struct diagnosis_leg *leg = subject->leg;
	for (uint8_t i = 0; i < subject->all->stream_count; i++) {
		const struct diagnosis_stream *s = &subject->all->streams[i];
		const nstime until =
		        leg->answered != NSTIME_NONE ? leg->answered : leg->ended;
		if (s->direction == DIRECTION_REVERSE &&
		    diagnosis_seconds(s->first, until < s->last ? until : s->last) > 0.5)
			return true;
	}
	return false;
}

static bool judge_ringback(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct leg_trace *t = &leg->trace;
	const bool answered = leg->answered != NSTIME_NONE;
	const double waited =
	        diagnosis_seconds(t->invited, answered ? leg->answered : leg->ended);
	const bool given_up =
	        leg->state == LEG_CANCELLED && leg->status == 487 && t->trying;
	/* Where messages are lost the 180 may be one of them. */
	if (t->ringing || !(answered || given_up) || t->challenges > 2 ||
	    leg->retransmissions > 1 ||
	    !(waited >= (answered ? RINGBACK_DUE_S : RINGBACK_GIVEN_UP_S)))
		return false;
	/* Another branch or hop may have rung. */
	for (uint8_t i = 0; i < subject->all->leg_count; i++)
		if (subject->all->legs[i].trace.ringing)
			return false;
	const bool promised = t->early_sdp != NSTIME_NONE;
	const bool media_seen = subject->all->stream_count > 0;
	if (has_early_media(subject) || (promised && !media_seen))
		return false;
	opinion_about_leg(subject, opinion, POINTS_TO_CALLEE);
	opinion->first = t->invited;
	opinion->last = opinion->at = answered ? leg->answered : leg->ended;
	if (promised || given_up)
		opinion->confidence -= 0.05;
	opinion_say(opinion, "%.1f s from INVITE to %s; %s, no 180, %s", waited,
	            answered ? "answer" : "CANCEL",
	            t->trying ? "100" : "no provisional response",
	            promised ? "183 with SDP but no RTP" : "no early media");
	return true;
}

/* --- refusals ------------------------------------------------------------------------- */

/*
 * Q.850: 34 no circuit, 38 network out of order, 42 congestion, 44 requested circuit not
 * available, 47 resource unavailable.
 */
static bool is_capacity_cause(unsigned int q850)
{
	return q850 == 34 || q850 == 38 || q850 == 42 || q850 == 44 || q850 == 47;
}

/* Of the trunk that refused, as the operator says and as seen here. */
enum channels_left { CHANNELS_NOT_KNOWN, CHANNELS_LEFT, CHANNELS_ALL_TAKEN };

static enum channels_left channels_left(const struct leg_trace *t)
{
	if (!t->trunk || t->trunk->channels == 0)
		return CHANNELS_NOT_KNOWN;
	return t->channels_taken >= t->trunk->channels ? CHANNELS_ALL_TAKEN : CHANNELS_LEFT;
}

static double capacity_confidence(const struct leg_trace *t, bool cause)
{
	const double by_words = cause && t->capacity_words ? 0.97
	                        : cause                    ? 0.95
	                        : t->capacity_words        ? 0.9
	                                                   : 0.75;
	if (channels_left(t) == CHANNELS_ALL_TAKEN)
		return 0.98;
	return channels_left(t) == CHANNELS_LEFT ? by_words - 0.15 : by_words;
}

static bool judge_capacity(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct leg_trace *t = &leg->trace;
	const bool cause = is_capacity_cause(leg->q850);
	const bool full = channels_left(t) == CHANNELS_ALL_TAKEN &&
	                  (leg->status == 486 || leg->status == 480 || leg->status >= 500);
	if (!cause && !full && leg->status != 503 &&
	    !(leg->status >= 480 && t->capacity_words))
		return false;
	if (!cause && leg->q850 != 0 && !t->capacity_words)
		return false; /* another reason is named */
	/* A failure that a backup made good is the trunk's, not the call's. */
	for (uint8_t i = 0; i < subject->all->leg_count; i++)
		if (subject->all->legs[i].answered != NSTIME_NONE)
			return false;
	opinion_about_leg(subject, opinion, POINTS_TO_PEER);
	opinion->confidence = capacity_confidence(t, cause);
	opinion->at = leg->ended;
	opinion_say(opinion, "%u %s, Q.850 cause %u%s", leg->status, leg->reason, leg->q850,
	            t->retry_after ? ", Retry-After" : "");
	if (channels_left(t) != CHANNELS_NOT_KNOWN)
		opinion_add(opinion, "; %u of %u channels of trunk %s in use",
		            t->channels_taken, t->trunk->channels, t->trunk->name);
	return true;
}

/* One challenge is normal, two with a proxy and a registrar, or with a nonce that is stale.
 */
static bool judge_auth(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const bool refused =
	        t->again_challenged >= 1 &&
	        (t->refused_after_credentials || subject->leg->answered == NSTIME_NONE) &&
	        subject->leg->state != LEG_CANCELLED;
	if (t->again_challenged < 2 && !(refused && t->challenges >= 2))
		return false;
	if (t->again_challenged < 2)
		opinion->confidence = 0.8;
	opinion_about_leg(subject, opinion, POINTS_TO_CALLER);
	opinion_say(opinion, "%u challenges, %u of them in spite of credentials; %s",
	            t->challenges, t->again_challenged,
	            subject->leg->answered == NSTIME_NONE ? "never accepted"
	                                                  : "then accepted");
	return true;
}

static bool judge_codec_refused(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const unsigned int warning = leg->trace.warning;
	if (leg->status != 488 && leg->status != 606 &&
	    !(leg->status == 415 && leg->trace.sides[TRACE_CALLER].sdp) &&
	    !(warning >= 304 && warning <= 306))
		return false;
	opinion_about_leg(subject, opinion, POINTS_TO_BETWEEN);
	opinion->peer = leg->dst;
	opinion->at = leg->ended;
	opinion_say(opinion, "%u \"%s\"%s", leg->status, leg->reason,
	            warning ? ", Warning about the media offered" : "");
	return true;
}

/* --- digits --------------------------------------------------------------------------- */

static bool judge_info_digits(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	for (unsigned int i = 0; i < TRACE_SIDES; i++) {
		const struct trace_side *side = &leg->trace.sides[i];
		const struct trace_side *other = &leg->trace.sides[TRACE_SIDES - 1 - i];
		const struct diagnosis_stream *stream = diagnosis_stream_of(
		        subject->all, leg->id,
		        i == TRACE_CALLER ? DIRECTION_FORWARD : DIRECTION_REVERSE);
		const bool both = side->has_event && other->has_event;
		/* Some send each digit both ways: then the other side has it. */
		if (side->info_digits == 0 || (stream && stream->events > 0 && both) ||
		    !(both || side->info_refused))
			continue;
		opinion_about_leg(subject, opinion,
		                  i == TRACE_CALLER ? POINTS_TO_CALLER : POINTS_TO_CALLEE);
		opinion_say(opinion, "%u digits by INFO%s; telephone-event %s",
		            (unsigned int)side->info_digits,
		            side->info_refused ? ", refused" : "",
		            both ? "was agreed on" : "was not agreed on");
		opinion->confidence = side->info_refused ? 0.95 : opinion->confidence;
		return true;
	}
	return false;
}

static const struct rule rules[] = {
	{ FINDING_SESSION_TIMER, false, NEEDS_ANSWER, judge_session_timer, 0.85,
	  "The call was ended by a session timer and not by a person: the session was not "
	  "refreshed, or the refresh failed.",
	  EXPLAINS(FINDING_SIP_LOSS) | EXPLAINS(FINDING_SIP_DELAY) },
	{ FINDING_TRUNK_CAPACITY, false, NEEDS_FAILURE, judge_capacity, 0.9,
	  "The called side has no capacity left: its channels or circuits are all in use.",
	  0 },
	{ FINDING_AUTH_LOOP, false, 0, judge_auth, 0.95,
	  "Authentication goes in circles: the caller's credentials are asked for again and "
	  "again, so they are wrong or are not accepted.",
	  0 },
	{ FINDING_CODEC_MISMATCH, false, NEEDS_FAILURE, judge_codec_refused, 0.92,
	  "Caller and callee have no codec or media profile in common.", 0 },
	{ FINDING_RINGBACK_MISSING, false, 0, judge_ringback, 0.85,
	  "The caller heard no ringback: neither 180 nor audio came before the answer.",
	  0 },
	{ FINDING_DTMF_MISMATCH, false, NEEDS_ANSWER, judge_info_digits, 0.75,
	  "{sender} sends digits in another way than was agreed on.", 0 },
};

const struct rules diagnosis_signalling_rules = { rules, ARRAY_LEN(rules) };
