/*
 * diagnosis_repeats.c - rules for SIP messages that are repeated: since some are lost,
 * since answers come late, or for want of an ACK.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>

/* By chance, at 0.3 % of loss, one message of a call is repeated now and then; three are
 * not.
 */
enum { COPIES_OF_A_FAULT = 3, COPIES_OF_ONE = 2 };

/* --- ACK ------------------------------------------------------------------------------ */

/* ACK came at once after an answer, whichever it was: those before it were lost. */
#define AT_ONCE_S 0.15

static bool is_at_once(const struct leg_trace *t)
{
	return diagnosis_seconds(t->acked, t->ack_first) < AT_ONCE_S;
}

/* What a callee still sends that has not heard of the ACK yet. */
#define ACK_TRIP_S 1.0

/*
 * The caller is far behind the probe: what is answered here is asked again and again until
 * the answer has got there, and ACK takes as long as that.
 */
static bool is_far(const struct leg_trace *t)
{
	return t->back_copies >= COPIES_OF_ONE && t->lost_copies < t->back_copies &&
	       diagnosis_seconds(t->ok_first, t->ack_first) > 0.4 && !is_at_once(t);
}

/* On any leg: what takes long on one hop makes others wait, too. */
static bool is_path_slow(const struct diagnosis *d)
{
	for (uint8_t i = 0; i < d->leg_count; i++)
		if (d->legs[i].trace.late_copies >= COPIES_OF_ONE ||
		    is_far(&d->legs[i].trace))
			return true;
	return false;
}

/*
 * A callee repeats its 200 after 0.5, 1, 2, 4, 4 ... s until the ACK comes, for 32 s (RFC
 * 3261 13.3.1.4).  One or two repeats are a lost message; at the third, 3.5 s have passed.
 */
enum { OK_COPIES_OF_A_FAULT = 3 };
#define LATE_ACK_S 1.5

/* Nothing was repeated here, but the callee gave up when its 32 s were over. */
static bool is_given_up(const struct diagnosis_leg *leg)
{
	const double lasted = diagnosis_seconds(leg->trace.ok_first, leg->ended);
	return leg->trace.ack_first == NSTIME_NONE && leg->ended_by == ENDED_BY_CALLEE &&
	       lasted > 30 && lasted < 36;
}

static bool judge_ack_lost(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const bool never = t->ack_first == NSTIME_NONE;
	/* Where the answer is repeated to the end no ACK came through at all. */
	const bool to_the_end = diagnosis_seconds(t->ok_first, t->ok_last) >= 20 ||
	                        (subject->leg->ended != NSTIME_NONE &&
	                         diagnosis_seconds(t->ok_last, subject->leg->ended) < 4.5);
	/* Other messages of the call are lost as well: it is not the ACK alone. */
	if (t->lost_copies + t->back_copies >= 2)
		return false;
	if (never ? t->ok_copies < OK_COPIES_OF_A_FAULT && !is_given_up(subject->leg)
	          : t->ok_after_ack < OK_COPIES_OF_A_FAULT || !to_the_end)
		return false;
	opinion_about_leg(subject, opinion,
	                  never ? POINTS_TO_CALLER_SIDE : POINTS_TO_CALLEE_SIDE);
	opinion->at = opinion->first = t->ok_first;
	opinion->last = t->ok_last;
	opinion_say(opinion,
	            "200 repeated %u times in %.1f s, %s; ended after %.1f s by the %s",
	            t->ok_copies, diagnosis_seconds(t->ok_first, t->ok_last),
	            never ? "no ACK seen" : "though ACK passed here",
	            subject->leg->duration_s,
	            subject->leg->ended_by == ENDED_BY_CALLEE ? "callee"
	                                                      : "caller or not at all");
	return true;
}

static bool judge_ack_late(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	const double after = diagnosis_seconds(t->ok_first, t->ack_first);
	/*
	 * Where answers were lost before they could be acknowledged, ACK comes at once
	 * after the one that was not; who is late acknowledges each of them.
	 */
	const bool lost =
	        is_at_once(t) && (t->acks < 2 || t->ok_after_ack == 0 ||
	                          t->lost_copies + t->back_copies > 0 ||
	                          diagnosis_seconds(t->ack_first, t->ok_last) > ACK_TRIP_S);
	if (!(after >= LATE_ACK_S) || lost || is_path_slow(subject->all))
		return false;
	/* Some callees do not repeat what they said over TCP, or not at all. */
	if (t->ok_copies < 2)
		opinion->confidence = 0.85;
	opinion_about_leg(subject, opinion, POINTS_TO_CALLER_SIDE);
	opinion->at = t->ack_first;
	opinion->first = t->ok_first;
	opinion->last = t->ack_first;
	opinion_say(opinion, "ACK came %.2f s after the 200, which was repeated %u times",
	            after, t->ok_copies);
	return true;
}

/* --- repeated messages ---------------------------------------------------------------- */

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
	            isnan(t->worst_delay_ms)
	                    ? diagnosis_seconds(t->worst_first, t->worst_last)
	                    : t->worst_delay_ms / 1000);
}

/* Nothing that was asked has ever been answered at once, or nothing that was asked twice.
 */
static bool is_slow(const struct leg_trace *t)
{
	if (t->requests > 0 && t->slow_requests == t->requests)
		return t->late_copies > 0 || (t->requests > 1 && t->unclear_copies > 0 &&
		                              t->unclear_copies > t->lost_copies);
	return t->late_copies > 2 * t->lost_copies || is_far(t);
}

static bool judge_sip_delay(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct leg_trace *t = &subject->leg->trace;
	/* A server without 100 that takes its time to ring is not slow for that alone. */
	const unsigned int late =
	        t->late_copies + t->unclear_copies + t->lost_copies + t->back_copies;
	if (!is_slow(t) || !is_repeated(t, late))
		return false;
	opinion_about_leg(subject, opinion,
	                  is_far(t) ? POINTS_TO_CALLER_SIDE : POINTS_TO_CALLEE_SIDE);
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
	const bool many =
	        all >= COPIES_OF_A_FAULT ||
	        (all >= COPIES_OF_ONE && all + t->unclear_copies >= COPIES_OF_A_FAULT) ||
	        (all > 0 && all + t->unclear_copies > COPIES_OF_A_FAULT);
	if (is_slow(t) ||
	    !(is_repeated(t, requests) || t->ok_copies >= COPIES_OF_ONE || many))
		return false;
	opinion_about_leg(subject, opinion,
	                  requests ? POINTS_TO_CALLEE_SIDE : POINTS_TO_CALLER_SIDE);
	say_copies(t, opinion);
	return true;
}

static bool judge_no_response(const struct rule_subject *subject, struct opinion *opinion)
{
	const struct diagnosis_leg *leg = subject->leg;
	if (leg->state != LEG_NO_RESPONSE || leg->trace.trying ||
	    leg->retransmissions < COPIES_OF_A_FAULT)
		return false;
	opinion_about_leg(subject, opinion, POINTS_TO_PEER);
	opinion_say(opinion, "INVITE sent %u times, no answer at all",
	            (unsigned int)leg->retransmissions + 1);
	return true;
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

const struct rules diagnosis_repeat_rules = { rules, ARRAY_LEN(rules) };
