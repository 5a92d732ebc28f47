/*
 * diagnosis_signalling.c - rules for what goes wrong between the SIP stacks: repeated and
 * lost messages, timers, refusals, and media that they agreed on in vain.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <stdlib.h>

static double seconds(nstime from, nstime to)
{
	return from == NSTIME_NONE || to == NSTIME_NONE ? NAN : ns_to_s(to - from);
}

static void about(const struct rule_subject *subject, struct opinion *opinion,
                  enum finding_party party)
{
	const struct diagnosis_leg *leg = subject->leg;
	const bool caller = party == POINTS_TO_CALLER || party == POINTS_TO_CALLER_SIDE;
	opinion->points_to = party;
	opinion->peer = caller ? leg->src : leg->dst;
	opinion->direction = caller ? DIRECTION_FORWARD : DIRECTION_REVERSE;
}

/* --- ACK -------------------------------------------------------------------------------
 */

/*
 * A callee repeats its 200 after 0.5, 1, 2, 4, 4 ... s until the ACK comes, for 32 s (RFC
 * 3261 13.3.1.4).  One or two repeats are a lost message; at the third, 3.5 s have passed.
 */
enum { OK_COPIES_OF_A_FAULT = 3 };
#define LATE_ACK_S 1.5

static bool judge_ack_lost(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const bool never = t->ack_first == NSTIME_NONE;
	/* Where the answer is repeated to the end no ACK came through at all. */
	const bool to_the_end = seconds(t->ok_first, t->ok_last) >= 20 ||
	                        (subject->leg->ended != NSTIME_NONE &&
	                         seconds(t->ok_last, subject->leg->ended) < 4.5);
	/* Other messages of the call are lost as well: it is not the ACK alone. */
	if (t->lost_copies + t->back_copies >= 2)
		return false;
	if (never ? t->ok_copies < OK_COPIES_OF_A_FAULT
	          : t->ok_after_ack < OK_COPIES_OF_A_FAULT || !to_the_end)
		return false;
	about(subject, opinion, never ? POINTS_TO_CALLER_SIDE : POINTS_TO_CALLEE_SIDE);
	opinion->at = opinion->first = t->ok_first;
	opinion->last = t->ok_last;
	opinion_say(opinion,
	            "200 repeated %u times in %.1f s, %s; ended after %.1f s by the %s",
	            t->ok_copies, seconds(t->ok_first, t->ok_last),
	            never ? "no ACK seen" : "though ACK passed here",
	            subject->leg->duration_s,
	            subject->leg->ended_by == ENDED_BY_CALLEE ? "callee"
	                                                      : "caller or not at all");
	return true;
}

static bool judge_ack_late(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const double after = seconds(t->ok_first, t->ack_first);
	/*
	 * Where answers were lost before they could be acknowledged, ACK comes at once
	 * after the one that was not; who is late acknowledges each of them.
	 */
	const bool at_once = t->acks < 2 && seconds(t->ok_last, t->ack_first) < 0.15 &&
	                     t->ok_after_ack == 0;
	if (!(after >= LATE_ACK_S) || t->ok_copies < 2 || at_once || t->late_copies >= 2)
		return false;
	about(subject, opinion, POINTS_TO_CALLER_SIDE);
	opinion->at = t->ack_first;
	opinion->first = t->ok_first;
	opinion->last = t->ack_first;
	opinion_say(opinion, "ACK came %.2f s after the 200, which was repeated %u times",
	            after, t->ok_copies);
	return true;
}

/* --- repeated messages -----------------------------------------------------------------
 */

/* By chance, at 0.3 % of loss, one message of a call is repeated now and then; three are
 * not.
 */
enum { COPIES_OF_A_FAULT = 3, COPIES_OF_ONE = 2 };

static bool is_repeated(const struct leg_trace *t, unsigned int copies)
{
	return copies >= COPIES_OF_A_FAULT ||
	       (copies >= COPIES_OF_ONE && t->most_copies >= COPIES_OF_ONE);
}

static const char *method_name(enum sip_method method)
{
	return method < SIP_METHOD_COUNT && sip_method_names[method]
	               ? sip_method_names[method]
	               : "request";
}

static void say_copies(const struct leg_trace *t, struct opinion *opinion)
{
	opinion->first = t->worst_first;
	opinion->at = opinion->last = t->worst_last;
	if (t->most_copies == 0) {
		opinion_say(opinion, "%u responses repeated, the 200 %u times",
		            t->response_copies, t->ok_copies);
		return;
	}
	opinion_say(opinion,
	            "%u requests repeated (%u lost, %u answered late, %u unanswered), %u "
	            "responses; %s %u times, %s %.1f s",
	            t->lost_copies + t->back_copies + t->late_copies +
	                    t->unanswered_copies + t->unclear_copies,
	            t->lost_copies + t->back_copies, t->late_copies, t->unanswered_copies,
	            t->response_copies + t->ok_copies, method_name(t->worst_method),
	            t->most_copies,
	            isnan(t->worst_delay_ms) ? "never answered, over" : "answered after",
	            isnan(t->worst_delay_ms) ? seconds(t->worst_first, t->worst_last)
	                                     : t->worst_delay_ms / 1000);
}

/* Nothing that was asked has ever been answered at once. */
#define SLOW_MS 250.0

static bool is_slow(const struct leg_trace *t)
{
	const unsigned int lost = t->lost_copies;
	return t->least_delay_ms > SLOW_MS ? t->late_copies > 0 : t->late_copies > 2 * lost;
}

static bool judge_sip_delay(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	/* A server without 100 that takes its time to ring is not slow for that alone. */
	const unsigned int late =
	        t->late_copies +
	        (t->late_copies ? t->unclear_copies + t->lost_copies + t->back_copies : 0);
	if (!is_slow(t) || !is_repeated(t, late))
		return false;
	about(subject, opinion, POINTS_TO_CALLEE_SIDE);
	say_copies(t, opinion);
	return true;
}

/* Of responses those that nobody asked for again, since each copy of a request gets one. */
static unsigned int lost_responses(const struct leg_trace *t)
{
	const unsigned int asked = t->lost_copies + t->back_copies + t->late_copies +
	                           t->unanswered_copies + t->unclear_copies;
	return t->ok_copies + (t->response_copies > asked ? t->response_copies - asked : 0);
}

static bool judge_sip_loss(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const unsigned int requests =
	        t->lost_copies + t->back_copies + t->unanswered_copies + t->late_copies;
	const unsigned int all = requests + lost_responses(t);
	const bool many = all >= COPIES_OF_A_FAULT ||
	                  (all > 0 && all + t->unclear_copies > COPIES_OF_A_FAULT);
	if (is_slow(t) ||
	    !(is_repeated(t, requests) || t->ok_copies >= COPIES_OF_ONE || many))
		return false;
	about(subject, opinion, requests ? POINTS_TO_CALLEE_SIDE : POINTS_TO_CALLER_SIDE);
	say_copies(t, opinion);
	return true;
}

static bool judge_no_response(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	if (leg->state != LEG_NO_RESPONSE || leg->trace.trying ||
	    leg->retransmissions < COPIES_OF_A_FAULT)
		return false;
	about(subject, opinion, POINTS_TO_PEER);
	opinion_say(opinion, "INVITE sent %u times, no answer at all",
	            (unsigned int)leg->retransmissions + 1);
	return true;
}

/* --- the session's timer ---------------------------------------------------------------
 */

/* RFC 4028 10: who is not refreshed hangs up at the end, less 32 s or a third of it. */
static bool is_at_expiry(double since, double session_s)
{
	const double early = session_s - fmin(32, session_s / 3);
	return fabs(since - early) < 2.5 || fabs(since - session_s) < 2.5;
}

static bool judge_timer_of_rfc4028(const struct diagnosis_leg *leg, struct opinion *opinion)
{
	const struct leg_trace *t = &leg->trace;
	const double since = seconds(t->refreshed, leg->ended);
	const bool failed = t->refresh_failed != NSTIME_NONE ||
	                    (t->refresh_tried != NSTIME_NONE &&
	                     seconds(t->refresh_tried, leg->ended) > 8);
	if (t->session_s == 0)
		return false;
	const bool expired = is_at_expiry(since, t->session_s);
	const bool soon =
	        failed && since < 1.1 * t->session_s && since > 0.3 * t->session_s;
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
		        t->session_s, t->refresh_status, since);
	else
		opinion_say(opinion,
		            "Session-Expires %u s; %s; ended %.1f s after the last one",
		            t->session_s,
		            failed ? "refresh not answered" : "no refresh seen", since);
	return true;
}

/* Whole quarters of an hour, and the hours that follow: what devices are set to. */
static bool judge_timer_by_length(const struct diagnosis_leg *leg, struct opinion *opinion)
{
	static const double usual_s[] = { 900, 1800, 3600, 7200 };
	const struct leg_trace *t = &leg->trace;
	const double since = seconds(t->refreshed, leg->ended);
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
	about(subject, opinion,
	      leg->ended_by == ENDED_BY_CALLEE ? POINTS_TO_CALLEE : POINTS_TO_CALLER);
	if (judge_timer_of_rfc4028(leg, opinion) || judge_timer_by_length(leg, opinion))
		return true;
	/* A BYE that says so, and a refresh that failed. */
	if (t->bye_timer && (t->refresh_failed != NSTIME_NONE || t->bye_cause == 408)) {
		opinion->at = leg->ended;
		opinion_say(opinion, "BYE after %.1f s with a Reason that names a timer",
		            leg->duration_s);
		return true;
	}
	return false;
}

/* --- ringback --------------------------------------------------------------------------
 */

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
		    seconds(s->first, until < s->last ? until : s->last) > 0.5)
			return true;
	}
	return false;
}

static bool judge_ringback(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct leg_trace *t = &leg->trace;
	const bool answered = leg->answered != NSTIME_NONE;
	const double waited = seconds(t->invited, answered ? leg->answered : leg->ended);
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
	about(subject, opinion, POINTS_TO_CALLEE);
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

/* --- refusals --------------------------------------------------------------------------
 */

/*
 * Q.850: 34 no circuit, 38 network out of order, 42 congestion, 44 requested circuit not
 * available, 47 resource unavailable.
 */
static bool is_capacity_cause(unsigned int q850)
{
	return q850 == 34 || q850 == 38 || q850 == 42 || q850 == 44 || q850 == 47;
}

static bool judge_capacity(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	const struct leg_trace *t = &leg->trace;
	const bool cause = is_capacity_cause(t->q850);
	if (!cause && leg->status != 503 && !(leg->status >= 480 && t->capacity_words))
		return false;
	if (!cause && t->q850 != 0 && !t->capacity_words)
		return false; /* another reason is named */
	/* A failure that a backup made good is the trunk's, not the call's. */
	for (uint8_t i = 0; i < subject->all->leg_count; i++)
		if (subject->all->legs[i].answered != NSTIME_NONE)
			return false;
	about(subject, opinion, POINTS_TO_PEER);
	opinion->confidence = cause && t->capacity_words ? 0.97
	                      : cause                    ? 0.95
	                      : t->capacity_words        ? 0.9
	                                                 : 0.75;
	opinion->at = leg->ended;
	opinion_say(opinion, "%u %s, Q.850 cause %u%s", leg->status, leg->reason, t->q850,
	            t->retry_after ? ", Retry-After" : "");
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
	about(subject, opinion, POINTS_TO_CALLER);
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
	about(subject, opinion, POINTS_TO_BETWEEN);
	opinion->peer = leg->dst;
	opinion->at = leg->ended;
	opinion_say(opinion, "%u %s%s", leg->status, leg->reason,
	            warning ? ", Warning about the media offered" : "");
	return true;
}

/* --- digits ----------------------------------------------------------------------------
 */

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
		about(subject, opinion,
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
	{ FINDING_ACK_LOST, false, NEEDS_ANSWER, judge_ack_lost, 0.96,
	  "The ACK to the answer does not reach the callee, which then gives the call up: look "
	  "at Contact, Record-Route and NAT on its way.",
	  EXPLAINS(FINDING_SIP_LOSS) | EXPLAINS(FINDING_SIP_DELAY) |
	          EXPLAINS(FINDING_ACK_LATE) },
	{ FINDING_ACK_LATE, false, NEEDS_ANSWER, judge_ack_late, 0.9,
	  "The ACK to the answer came late: the callee had to repeat its answer.",
	  EXPLAINS(FINDING_SIP_LOSS) | EXPLAINS(FINDING_SIP_DELAY) },
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
	{ FINDING_NO_RESPONSE, false, 0, judge_no_response, 0.9,
	  "The called side does not answer SIP at all.", EXPLAINS(FINDING_SIP_LOSS) },
	{ FINDING_SIP_DELAY, false, 0, judge_sip_delay, 0.82,
	  "SIP messages are repeated because answers come late: a slow server or a path with "
	  "long delay.",
	  0 },
	{ FINDING_SIP_LOSS, false, 0, judge_sip_loss, 0.8,
	  "SIP messages are repeated because some are lost on the way.",
	  EXPLAINS(FINDING_RINGBACK_MISSING) },
};

const struct rules diagnosis_signalling_rules = { rules, ARRAY_LEN(rules) };
