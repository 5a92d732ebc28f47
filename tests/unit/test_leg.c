/* Rules: docs/figures.md "leg"; RFC 3261 sections 12 to 15. */
#include "analyzer/track/leg.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/unit.h"

enum { CALLER = 0xa, CALLEE = 0xb, OTHER_BRANCH = 0xc, MOST_EVENTS = 8, OVERDUE = -1 };

/* One message: a request's method or a response's status. */
struct event {
	unsigned int ms;
	int status;             /* 0: a request; OVERDUE: the time-out passes */
	enum sip_method method; /* of the request, or of the response's CSeq */
	uint32_t cseq;
	uint64_t from, to; /* tags */
};

#define REQUEST(ms, method, cseq, from, to)                                                \
	{                                                                                  \
		ms, 0, SIP_##method, cseq, from, to                                        \
	}
#define INVITE(ms, cseq) REQUEST(ms, INVITE, cseq, CALLER, 0)
#define ANSWER(ms, status, cseq)                                                           \
	{                                                                                  \
		ms, status, SIP_INVITE, cseq, CALLER, CALLEE                               \
	}

static const struct {
	const char *what;
	struct event events[MOST_EVENTS];
	enum leg_state state;
	unsigned int status;
	double pdd_ms, duration_s; /* NAN: not known */
	enum ended_by ended_by;
	uint32_t flags;
} cases[] = {
	{ "answered, the caller hangs up",
	  { INVITE(0, 1), ANSWER(10, 100, 1), ANSWER(800, 180, 1), ANSWER(3000, 200, 1),
	    REQUEST(9500, BYE, 2, CALLER, CALLEE) },
	  LEG_COMPLETED,
	  200,
	  800,
	  6.5,
	  ENDED_BY_CALLER,
	  0 },
	{ "answered, the callee hangs up",
	  { INVITE(0, 1), ANSWER(500, 200, 1), REQUEST(4500, BYE, 9, CALLEE, CALLER) },
	  LEG_COMPLETED,
	  200,
	  500,
	  4,
	  ENDED_BY_CALLEE,
	  0 },
	{ "only the answer to the caller's BYE was seen",
	  { INVITE(0, 1), ANSWER(500, 200, 1), { 2500, 200, SIP_BYE, 2, CALLER, CALLEE } },
	  LEG_COMPLETED,
	  200,
	  500,
	  2,
	  ENDED_BY_CALLER,
	  0 },
	{ "only the answer to the callee's BYE was seen",
	  { INVITE(0, 1), ANSWER(500, 200, 1), { 2500, 200, SIP_BYE, 7, CALLEE, CALLER } },
	  LEG_COMPLETED,
	  200,
	  500,
	  2,
	  ENDED_BY_CALLEE,
	  0 },
	{ "a refused BYE ends nothing",
	  { INVITE(0, 1), ANSWER(500, 200, 1), { 2500, 401, SIP_BYE, 2, CALLER, CALLEE } },
	  LEG_IN_PROGRESS,
	  200,
	  500,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "answered and not ended",
	  { INVITE(0, 1), ANSWER(500, 200, 1) },
	  LEG_IN_PROGRESS,
	  200,
	  500,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "ringing",
	  { INVITE(0, 1), ANSWER(300, 180, 1) },
	  LEG_IN_PROGRESS,
	  0,
	  300,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "trying",
	  { INVITE(0, 1), ANSWER(30, 100, 1) },
	  LEG_IN_PROGRESS,
	  0,
	  NAN,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "183 counts as the first 18x, 100 does not",
	  { INVITE(0, 1), ANSWER(30, 100, 1), ANSWER(700, 183, 1), ANSWER(900, 180, 1) },
	  LEG_IN_PROGRESS,
	  0,
	  700,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "cancelled, and the callee says so",
	  { INVITE(0, 1),
	    ANSWER(300, 180, 1),
	    REQUEST(5000, CANCEL, 1, CALLER, 0),
	    { 5010, 200, SIP_CANCEL, 1, CALLER, CALLEE },
	    ANSWER(5020, 487, 1) },
	  LEG_CANCELLED,
	  487,
	  300,
	  NAN,
	  ENDED_BY_CALLER,
	  0 },
	{ "487 without a CANCEL that was seen",
	  { INVITE(0, 1), ANSWER(300, 180, 1), ANSWER(5020, 487, 1) },
	  LEG_CANCELLED,
	  487,
	  300,
	  NAN,
	  ENDED_BY_CALLER,
	  0 },
	{ "cancelled, and never another word",
	  { INVITE(0, 1),
	    ANSWER(300, 180, 1),
	    REQUEST(5000, CANCEL, 1, CALLER, 0),
	    { 40000, OVERDUE, SIP_INVITE, 0, 0, 0 } },
	  LEG_CANCELLED,
	  0,
	  300,
	  NAN,
	  ENDED_BY_CALLER,
	  0 },
	{ "the CANCEL crossed with the answer, and the caller hangs up",
	  { INVITE(0, 1), ANSWER(300, 180, 1), REQUEST(990, CANCEL, 1, CALLER, 0),
	    ANSWER(1000, 200, 1), REQUEST(1500, BYE, 2, CALLER, CALLEE) },
	  LEG_COMPLETED,
	  200,
	  300,
	  0.5,
	  ENDED_BY_CALLER,
	  0 },
	{ "busy",
	  { INVITE(0, 1), ANSWER(20, 100, 1), ANSWER(90, 486, 1) },
	  LEG_FAILED,
	  486,
	  90,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "rang, then 480",
	  { INVITE(0, 1), ANSWER(300, 180, 1), ANSWER(30000, 480, 1) },
	  LEG_NO_ANSWER,
	  480,
	  300,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "rang, then 408",
	  { INVITE(0, 1), ANSWER(300, 183, 1), ANSWER(30000, 408, 1) },
	  LEG_NO_ANSWER,
	  408,
	  300,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "480 without ringing is a failure",
	  { INVITE(0, 1), ANSWER(100, 480, 1) },
	  LEG_FAILED,
	  480,
	  100,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "rang until the time-out",
	  { INVITE(0, 1), ANSWER(300, 180, 1), { 190300, OVERDUE, SIP_INVITE, 0, 0, 0 } },
	  LEG_NO_ANSWER,
	  0,
	  300,
	  NAN,
	  ENDED_BY_TIMEOUT,
	  0 },
	{ "nothing until the time-out",
	  { INVITE(0, 1), { 36000, OVERDUE, SIP_INVITE, 0, 0, 0 } },
	  LEG_NO_RESPONSE,
	  0,
	  NAN,
	  NAN,
	  ENDED_BY_TIMEOUT,
	  0 },
	{ "100 and nothing more until the time-out",
	  { INVITE(0, 1), ANSWER(30, 100, 1), { 190000, OVERDUE, SIP_INVITE, 0, 0, 0 } },
	  LEG_NO_RESPONSE,
	  0,
	  NAN,
	  NAN,
	  ENDED_BY_TIMEOUT,
	  0 },
	{ "a challenge and its answer are one attempt, timed from the second INVITE",
	  { INVITE(0, 1), ANSWER(20, 407, 1), INVITE(50, 2), ANSWER(350, 180, 2),
	    ANSWER(1050, 200, 2), REQUEST(2050, BYE, 3, CALLER, CALLEE) },
	  LEG_COMPLETED,
	  200,
	  300,
	  1,
	  ENDED_BY_CALLER,
	  LEG_AUTHENTICATED },
	{ "a challenge and no answer to it",
	  { INVITE(0, 1), ANSWER(20, 401, 1) },
	  LEG_FAILED,
	  401,
	  20,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "a late repeat of the challenge changes nothing",
	  { INVITE(0, 1), ANSWER(20, 407, 1), INVITE(50, 2), ANSWER(60, 407, 1),
	    ANSWER(350, 180, 2) },
	  LEG_IN_PROGRESS,
	  0,
	  300,
	  NAN,
	  ENDED_BY_NONE,
	  LEG_AUTHENTICATED },
	{ "redirected",
	  { INVITE(0, 1), ANSWER(40, 302, 1) },
	  LEG_FAILED,
	  302,
	  40,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "begun by a re-INVITE",
	  { REQUEST(0, INVITE, 5, CALLER, CALLEE), ANSWER(50, 200, 5),
	    REQUEST(900, BYE, 6, CALLER, CALLEE) },
	  LEG_INCOMPLETE,
	  0,
	  NAN,
	  NAN,
	  ENDED_BY_CALLER,
	  0 },
	{ "a failed re-INVITE does not undo the answer",
	  { INVITE(0, 1), ANSWER(500, 200, 1), REQUEST(800, INVITE, 2, CALLER, CALLEE),
	    ANSWER(850, 488, 2), REQUEST(1500, BYE, 3, CALLER, CALLEE) },
	  LEG_COMPLETED,
	  200,
	  500,
	  1,
	  ENDED_BY_CALLER,
	  0 },
	{ "two branches ring, one answers",
	  { INVITE(0, 1),
	    ANSWER(200, 180, 1),
	    { 300, 180, SIP_INVITE, 1, CALLER, OTHER_BRANCH },
	    { 900, 200, SIP_INVITE, 1, CALLER, OTHER_BRANCH },
	    REQUEST(1900, BYE, 2, CALLER, OTHER_BRANCH) },
	  LEG_COMPLETED,
	  200,
	  200,
	  1,
	  ENDED_BY_CALLER,
	  LEG_FORKED },
	{ "a failure of another branch behind the answer",
	  { INVITE(0, 1),
	    ANSWER(500, 200, 1),
	    { 520, 487, SIP_INVITE, 1, CALLER, OTHER_BRANCH } },
	  LEG_IN_PROGRESS,
	  200,
	  500,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
	{ "an ACK, an INFO and an OPTIONS in the dialog change nothing",
	  { INVITE(0, 1), ANSWER(500, 200, 1), REQUEST(510, ACK, 1, CALLER, CALLEE),
	    REQUEST(600, INFO, 2, CALLER, CALLEE),
	    REQUEST(700, OPTIONS, 3, CALLEE, CALLER) },
	  LEG_IN_PROGRESS,
	  200,
	  500,
	  NAN,
	  ENDED_BY_NONE,
	  0 },
};

static void apply(struct leg *leg, const struct event *event)
{
	const nstime at = event->ms * NS_PER_MS;
	struct sip_message message = { .is_request = event->status == 0,
		                       .method = event->method,
		                       .cseq = event->cseq,
		                       .status = event->status > 0
		                                         ? (unsigned int)event->status
		                                         : 0 };
	if (event->to)
		message.to.tag = TEXT("tag");
	if (event->status == OVERDUE)
		leg->timed_out = true;
	else if (message.is_request)
		leg_request(leg, &message, event->from, at);
	else
		leg_response(leg, &message, event->from, event->to, at);
}

static struct leg new_leg(void)
{
	return (struct leg){ .from_tag = CALLER,
		             .start = 0,
		             .invited = NSTIME_NONE,
		             .ringing = NSTIME_NONE,
		             .answered = NSTIME_NONE,
		             .ended = NSTIME_NONE,
		             .first_response = NSTIME_NONE,
		             .sibling_ended = NSTIME_NONE };
}

static bool near(double a, double b)
{
	return isnan(a) ? isnan(b) : fabs(a - b) < 1e-9;
}

static void what_became_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct leg leg = new_leg();
		for (size_t e = 0; e < MOST_EVENTS && cases[i].events[e].method; e++)
			apply(&leg, &cases[i].events[e]);
		struct leg_record out;
		leg_record(&leg, &out);
		leg_free_texts(&leg);
		if (out.state != cases[i].state || out.status != cases[i].status)
			fail_msg("%s: state %d, status %ju", cases[i].what, (int)out.state,
			         (uintmax_t)out.status);
		if (!near(out.pdd_ms, cases[i].pdd_ms) ||
		    !near(out.duration_s, cases[i].duration_s))
			fail_msg("%s: pdd %g ms, duration %g s", cases[i].what, out.pdd_ms,
			         out.duration_s);
		if (out.ended_by != cases[i].ended_by || out.flags != cases[i].flags)
			fail_msg("%s: ended by %d, flags %#x", cases[i].what,
			         (int)out.ended_by, out.flags);
	}
}

/* RFC 3261 17.1.1.2: who has sent his INVITE seven times has given up after 32 s. */
static void repeats_without_an_answer_are_no_response(void **state)
{
	(void)state;
	static const struct event invite = INVITE(0, 1);
	struct leg leg = new_leg();
	apply(&leg, &invite);
	leg.invite_retransmissions = 5;
	assert_int_equal(leg_state(&leg), LEG_IN_PROGRESS);
	leg.invite_retransmissions = 6;
	assert_int_equal(leg_state(&leg), LEG_NO_RESPONSE);
	leg.provisional = true; /* then the repeats stopped */
	assert_int_equal(leg_state(&leg), LEG_IN_PROGRESS);
}

static void retransmissions_are_known_among_the_latest(void **state)
{
	(void)state;
	const nstime second = NS_PER_SEC;
	struct leg leg = new_leg();
	assert_int_equal(leg_repeat(&leg, 1, 100, 0), LEG_NEW);
	assert_int_equal(leg_repeat(&leg, 1, 101, second), LEG_RETRANSMISSION);
	for (uint32_t digest = 2; digest <= LEG_RECENT; digest++)
		assert_int_equal(leg_repeat(&leg, digest, 102, second), LEG_NEW);
	assert_int_equal(leg_repeat(&leg, 1, 103, 2 * second), LEG_RETRANSMISSION);
	assert_int_equal(leg_repeat(&leg, LEG_RECENT + 1, 104, 2 * second), LEG_NEW);
	assert_int_equal(leg_repeat(&leg, 1, 105, 3 * second), LEG_NEW); /* pushed out */
	free(leg.more_recent);
}

/* A mirror gives the same IP packet at once; RFC 3261's quickest timer takes 500 ms. */
static void a_copy_is_no_retransmission(void **state)
{
	(void)state;
	struct leg leg = new_leg();
	assert_int_equal(leg_repeat(&leg, 1, 100, 0), LEG_NEW);
	assert_int_equal(leg_repeat(&leg, 1, 100, NS_PER_MS), LEG_COPY);
	assert_int_equal(leg_repeat(&leg, 1, 101, 2 * NS_PER_MS), LEG_RETRANSMISSION);
	assert_int_equal(leg_repeat(&leg, 1, 101, 3 * NS_PER_MS), LEG_COPY);
	assert_int_equal(leg_repeat(&leg, 1, 101, 503 * NS_PER_MS), LEG_RETRANSMISSION);
}

static void the_caller_is_known_by_the_from_tag(void **state)
{
	(void)state;
	const struct leg leg = new_leg();
	assert_true(leg_from_caller(&leg, CALLER, true));
	assert_false(leg_from_caller(&leg, CALLER, false));
	assert_false(leg_from_caller(&leg, CALLEE, true));
	assert_true(leg_from_caller(&leg, CALLEE, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_became_of_it),
		cmocka_unit_test(repeats_without_an_answer_are_no_response),
		cmocka_unit_test(retransmissions_are_known_among_the_latest),
		cmocka_unit_test(a_copy_is_no_retransmission),
		cmocka_unit_test(the_caller_is_known_by_the_from_tag),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
