/* What the analyzer makes of SIP; rules: docs/figures.md "leg" and "call", RFC 3261. */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define OFFER SDP("198.18.0.1", AUDIO("4000", "0"))
#define ANSWER SDP("198.19.0.1", AUDIO("5000", "0"))

enum { MOST_LINES = 14 };

/* clang-format off */
#define TO_BOB(ms, what, cseq, to) \
	{ ms, ALICE, BOB, what, cseq, "a", to, NULL, NULL, NULL }
#define TO_ALICE(ms, what, cseq, to) \
	{ ms, BOB, ALICE, what, cseq, "a", to, NULL, NULL, NULL }
#define INVITE(ms, cseq) { ms, ALICE, BOB, "INVITE", cseq, "a", NULL, OFFER, NULL, NULL }
#define OK_200(ms, cseq) { ms, BOB, ALICE, "200 OK", cseq, "a", "b", ANSWER, NULL, NULL }
#define CHALLENGED                                                                         \
	{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, NULL, NULL },             \
		TO_ALICE(20, "407 Proxy Authentication Required", "1 INVITE", "p"),        \
		TO_BOB(25, "ACK", "1 ACK", "p"), INVITE(100, "2 INVITE"),                  \
		TO_ALICE(130, "100 Trying", "2 INVITE", NULL)

/* One leg between Alice and Bob each. */
static const struct {
	const char *what;
	struct says lines[MOST_LINES];
	size_t count;
	double end_ms; /* of the capture; 0: with the last line */
	enum leg_state state;
	unsigned int status;
	double pdd_ms, duration_s;
	enum ended_by ended_by;
	uint32_t flags;
	unsigned int retransmissions;
} cases[] = {
	{ "the caller hangs up",
	  { INVITE(0, "1 INVITE"), TO_ALICE(20, "100 Trying", "1 INVITE", NULL),
	    TO_ALICE(700, "180 Ringing", "1 INVITE", "b"), OK_200(2000, "1 INVITE"),
	    TO_BOB(2010, "ACK", "1 ACK", "b"), TO_BOB(5500, "BYE", "2 BYE", "b"),
	    TO_ALICE(5510, "200 OK", "2 BYE", "b") },
	  7, 0, LEG_COMPLETED, 200, 700, 3.5, ENDED_BY_CALLER, 0, 0 },
	{ "the callee hangs up",
	  { INVITE(0, "1 INVITE"), OK_200(2000, "1 INVITE"),
	  TO_BOB(2010, "ACK", "1 ACK", "b"),
	    { 4000, BOB, ALICE, "BYE", "77 BYE", "b", "a", NULL, NULL, NULL },
	    { 4010, ALICE, BOB, "200 OK", "77 BYE", "b", "a", NULL, NULL, NULL } },
	  5, 0, LEG_COMPLETED, 200, 2000, 2, ENDED_BY_CALLEE, 0, 0 },
	{ "each message twice, counted once",
	  { INVITE(0, "1 INVITE"), INVITE(500, "1 INVITE"),
	    TO_ALICE(700, "180 Ringing", "1 INVITE", "b"),
	    TO_ALICE(800, "180 Ringing", "1 INVITE", "b"), OK_200(2000, "1 INVITE"),
	    OK_200(2500, "1 INVITE"), TO_BOB(2510, "ACK", "1 ACK", "b"),
	    TO_BOB(3010, "ACK", "1 ACK", "b"), TO_BOB(5000, "BYE", "2 BYE", "b"),
	    TO_BOB(5500, "BYE", "2 BYE", "b"), TO_ALICE(5510, "200 OK", "2 BYE", "b") },
	  11, 0, LEG_COMPLETED, 200, 700, 3, ENDED_BY_CALLER, 0, 5 },
	{ "a challenge is no attempt of its own",
	  { CHALLENGED, TO_ALICE(400, "180 Ringing", "2 INVITE", "b"),
	  OK_200(1100, "2 INVITE"),
	    TO_BOB(1110, "ACK", "2 ACK", "b"), TO_BOB(3100, "BYE", "3 BYE", "b") },
	  9, 0, LEG_COMPLETED, 200, 300, 2, ENDED_BY_CALLER, LEG_AUTHENTICATED, 0 },
	{ "a challenge, then busy",
	  { CHALLENGED, TO_ALICE(150, "486 Busy Here", "2 INVITE", "b") },
	  6, 0, LEG_FAILED, 486, 50, NAN, ENDED_BY_NONE, LEG_AUTHENTICATED, 0 },
	{ "a challenge and nothing more",
	  { INVITE(0, "1 INVITE"), TO_ALICE(20, "401 Unauthorized", "1 INVITE", "p"),
	    TO_BOB(25, "ACK", "1 ACK", "p") },
	  3, 120000, LEG_FAILED, 401, 20, NAN, ENDED_BY_NONE, 0, 0 },
	{ "the session timer is too short for the callee (422), then it is not",
	  { INVITE(0, "1 INVITE"),
	  TO_ALICE(20, "422 Session Interval Too Small", "1 INVITE", "b"),
	    TO_BOB(25, "ACK", "1 ACK", "b"), INVITE(100, "2 INVITE"),
	    OK_200(600, "2 INVITE"),
	    TO_BOB(610, "ACK", "2 ACK", "b"), TO_BOB(1600, "BYE", "3 BYE", "b") },
	  7, 0, LEG_COMPLETED, 200, 500, 1, ENDED_BY_CALLER, 0, 0 },
	{ "moved",
	  { INVITE(0, "1 INVITE"), TO_ALICE(30, "302 Moved Temporarily", "1 INVITE", "b"),
	    TO_BOB(40, "ACK", "1 ACK", "b") },
	  3, 0, LEG_FAILED, 302, 30, NAN, ENDED_BY_NONE, 0, 0 },
	{ "cancelled",
	  { INVITE(0, "1 INVITE"), TO_ALICE(300, "180 Ringing", "1 INVITE", "b"),
	    TO_BOB(4000, "CANCEL", "1 CANCEL", NULL),
	    TO_ALICE(4010, "200 OK", "1 CANCEL", "b"),
	    TO_ALICE(4020, "487 Request Terminated", "1 INVITE", "b"),
	    TO_BOB(4030, "ACK", "1 ACK", "b") },
	  6, 0, LEG_CANCELLED, 487, 300, NAN, ENDED_BY_CALLER, 0, 0 },
	{ "nobody there",
	  { INVITE(0, "1 INVITE"), INVITE(500, "1 INVITE"), INVITE(1500, "1 INVITE") },
	  3, 120000, LEG_NO_RESPONSE, 0, NAN, NAN, ENDED_BY_TIMEOUT, 0, 2 },
	{ "a proxy that says 100 and nothing more",
	  { INVITE(0, "1 INVITE"), TO_ALICE(20, "100 Trying", "1 INVITE", NULL) },
	  2, 400000, LEG_NO_RESPONSE, 0, NAN, NAN, ENDED_BY_TIMEOUT, 0, 0 },
	{ "it rang and rang",
	  { INVITE(0, "1 INVITE"), TO_ALICE(300, "180 Ringing", "1 INVITE", "b") },
	  2, 400000, LEG_NO_ANSWER, 0, 300, NAN, ENDED_BY_TIMEOUT, 0, 0 },
	{ "it rang, then the callee's server gave up",
	  { INVITE(0, "1 INVITE"), TO_ALICE(300, "180 Ringing", "1 INVITE", "b"),
	    TO_ALICE(20300, "480 Temporarily Unavailable", "1 INVITE", "b"),
	    TO_BOB(20310, "ACK", "1 ACK", "b") },
	  4, 0, LEG_NO_ANSWER, 480, 300, NAN, ENDED_BY_NONE, 0, 0 },
	{ "the capture ends while it rings",
	  { INVITE(0, "1 INVITE"), TO_ALICE(300, "180 Ringing", "1 INVITE", "b") },
	  2, 0, LEG_IN_PROGRESS, 0, 300, NAN, ENDED_BY_NONE, 0, 0 },
	{ "the capture ends while they talk",
	  { INVITE(0, "1 INVITE"), OK_200(300, "1 INVITE"),
	  TO_BOB(310, "ACK", "1 ACK", "b") },
	  3, 60000, LEG_IN_PROGRESS, 200, 300, NAN, ENDED_BY_NONE, 0, 0 },
	{ "the capture begins with a re-INVITE",
	  { { 0, ALICE, BOB, "INVITE", "5 INVITE", "a", "b", OFFER, NULL, NULL },
	    OK_200(50, "5 INVITE"), TO_BOB(60, "ACK", "5 ACK", "b"),
	    TO_BOB(3000, "BYE", "6 BYE", "b") },
	  4, 0, LEG_INCOMPLETE, 0, NAN, NAN, ENDED_BY_CALLER, 0, 0 },
	{ "early media",
	  { INVITE(0, "1 INVITE"),
	    { 400, BOB, ALICE, "183 Session Progress", "1 INVITE", "a", "b", ANSWER, NULL,
	      NULL },
	    OK_200(2000, "1 INVITE"), TO_BOB(2010, "ACK", "1 ACK", "b"),
	    TO_BOB(4000, "BYE", "2 BYE", "b") },
	  5, 0, LEG_COMPLETED, 200, 400, 2, ENDED_BY_CALLER, LEG_EARLY_MEDIA, 0 },
	{ "offer in the answer, answer in the ACK",
	  { TO_BOB(0, "INVITE", "1 INVITE", NULL), OK_200(500, "1 INVITE"),
	    { 510, ALICE, BOB, "ACK", "1 ACK", "a", "b", OFFER, NULL, NULL },
	    TO_BOB(2500, "BYE", "2 BYE", "b") },
	  4, 0, LEG_COMPLETED, 200, 500, 2, ENDED_BY_CALLER, LEG_LATE_OFFER, 0 },
	{ "two phones ring, the second one answers",
	  { INVITE(0, "1 INVITE"), TO_ALICE(200, "180 Ringing", "1 INVITE", "c"),
	    TO_ALICE(210, "180 Ringing", "1 INVITE", "b"), OK_200(1500, "1 INVITE"),
	    TO_BOB(1510, "ACK", "1 ACK", "b"), TO_BOB(3000, "BYE", "2 BYE", "b") },
	  6, 0, LEG_COMPLETED, 200, 200, 1.5, ENDED_BY_CALLER, LEG_FORKED, 0 },
	{ "on hold for a while",
	  { INVITE(0, "1 INVITE"), OK_200(500, "1 INVITE"),
	  TO_BOB(510, "ACK", "1 ACK", "b"),
	    { 2000, ALICE, BOB, "INVITE", "2 INVITE", "a", "b",
	      SDP("198.18.0.1", AUDIO("4000", "0") "a=sendonly\r\n"), NULL, NULL },
	    OK_200(2050, "2 INVITE"), TO_BOB(2060, "ACK", "2 ACK", "b"),
	    { 4000, ALICE, BOB, "INVITE", "3 INVITE", "a", "b", OFFER, NULL, NULL },
	    OK_200(4050, "3 INVITE"), TO_BOB(4060, "ACK", "3 ACK", "b"),
	    TO_BOB(5500, "BYE", "4 BYE", "b") },
	  10, 0, LEG_COMPLETED, 200, 500, 5, ENDED_BY_CALLER, LEG_HELD, 0 },
};
/* clang-format on */

static bool near(double a, double b)
{
	return isnan(a) ? isnan(b) : fabs(a - b) < 1e-6;
}

/* Something of no interest, to show that the capture went on. */
static void end_at(struct scene *scene, double ms)
{
	if (ms > 0)
		scene_bytes(scene, ms, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

static void one_leg(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		scene_script(scene, cases[i].lines, cases[i].count);
		end_at(scene, cases[i].end_ms);
		scene_run(scene);
		if (scene_count(scene, RECORD_LEG) != 1 ||
		    scene_count(scene, RECORD_CALL) != 1)
			fail_msg("%s: %zu legs, %zu calls", cases[i].what,
			         scene_count(scene, RECORD_LEG),
			         scene_count(scene, RECORD_CALL));
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->state != cases[i].state || leg->status != cases[i].status)
			fail_msg("%s: state %d, status %ju", cases[i].what, (int)leg->state,
			         (uintmax_t)leg->status);
		if (!near(leg->pdd_ms, cases[i].pdd_ms) ||
		    !near(leg->duration_s, cases[i].duration_s))
			fail_msg("%s: pdd %g ms, duration %g s", cases[i].what, leg->pdd_ms,
			         leg->duration_s);
		if (leg->ended_by != cases[i].ended_by || leg->flags != cases[i].flags ||
		    leg->retransmissions != cases[i].retransmissions)
			fail_msg("%s: ended by %d, flags %#x, %ju retransmissions",
			         cases[i].what, (int)leg->ended_by, leg->flags,
			         (uintmax_t)leg->retransmissions);
		if (leg->messages != cases[i].count ||
		    scene_call(scene)->state != leg->state ||
		    scene->counters.of[COUNT_SIP_STRAY])
			fail_msg("%s: %ju messages in the leg", cases[i].what,
			         (uintmax_t)leg->messages);
		scene_free(scene);
	}
}

static void a_leg_says_who_and_when(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, "id-7@host",
		  "User-Agent: phone/1\r\n" },
		{ 300, BOB, ALICE, "180 Ringing", "1 INVITE", "a", "b", NULL, "id-7@host",
		  NULL },
		{ 900, BOB, ALICE, "200 Fine", "1 INVITE", "a", "b", ANSWER, "id-7@host",
		  "Server: pbx\r\n  two\r\n" },
		{ 2000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, "id-7@host", NULL },
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	const struct endpoint bob = scene_endpoint(BOB);
	assert_string_equal(leg->sip_call_id, "id-7@host");
	assert_string_equal(leg->from, "sip:alice@a.example");
	assert_string_equal(leg->to, "sip:bob@b.example");
	assert_string_equal(leg->user_agent, "phone/1");
	assert_string_equal(leg->server, "pbx two"); /* RFC 3261 section 7.3.1 */
	assert_string_equal(leg->reason, "Fine");
	assert_true(endpoint_equal(&leg->dst, &bob));
	assert_int_equal(leg->start, scene_time(0));
	assert_int_equal(leg->ringing, scene_time(300));
	assert_int_equal(leg->answered, scene_time(900));
	assert_int_equal(leg->ended, scene_time(2000));
	assert_int_equal(leg->transport, TRANSPORT_UDP);
	assert_int_equal(leg->call, scene_call(scene)->id);
	assert_int_equal(scene_call(scene)->legs.count, 1);
	assert_int_equal(scene_call(scene)->legs.ids[0], leg->id);
	scene_free(scene);
}

/* Begun before the capture, and the answer is the first that is seen of it. */
static void a_response_first_is_incomplete(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = { OK_200(0, "1 INVITE"),
		                             TO_BOB(10, "ACK", "1 ACK", "b"),
		                             TO_BOB(2000, "BYE", "2 BYE", "b") };
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 1);
	const struct leg_record *leg =
	        scene_leg(scene, ALICE, 0); /* who asked, by direction */
	assert_int_equal(leg->state, LEG_INCOMPLETE);
	assert_true(isnan(leg->pdd_ms));
	assert_int_equal(leg->ended_by, ENDED_BY_CALLER);
	scene_free(scene);
}

/* --- after the end ----------------------------------------------------------------- */

static void late_repeats_open_nothing(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		INVITE(0, "1 INVITE"),           OK_200(500, "1 INVITE"),
		TO_BOB(510, "ACK", "1 ACK", "b"), TO_BOB(2500, "BYE", "2 BYE", "b"),
		TO_ALICE(2600, "200 OK", "2 BYE", "b"),
		TO_ALICE(12000, "200 OK", "2 BYE", "b"), /* the leg is closed since 4500 */
		OK_200(13000, "1 INVITE"), INVITE(14000, "1 INVITE"),
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 1);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	assert_int_equal(scene->counters.of[COUNT_SIP_STRAY], 3);
	scene_free(scene);
}

static void a_call_id_used_again_is_another_call(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		INVITE(0, "1 INVITE"),
		TO_ALICE(100, "486 Busy Here", "1 INVITE", "b"),
		TO_BOB(110, "ACK", "1 ACK", "b"),
		INVITE(10000, "2 INVITE"),
		OK_200(10500, "2 INVITE"),
		TO_BOB(12500, "BYE", "3 BYE", "b"),
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	assert_int_equal(scene_count(scene, RECORD_CALL), 2);
	assert_int_equal(scene_leg(scene, ALICE, 0)->state, LEG_FAILED);
	assert_int_equal(scene_leg(scene, ALICE, 1)->state, LEG_COMPLETED);
	assert_int_not_equal(scene_record(scene, RECORD_CALL, 0)->call.id,
	                     scene_record(scene, RECORD_CALL, 1)->call.id);
	scene_free(scene);
}

/* --- what is no call --------------------------------------------------------------- */

static void other_requests_open_no_call(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		TO_BOB(0, "OPTIONS", "1 OPTIONS", NULL),
		TO_ALICE(5, "200 OK", "1 OPTIONS", "b"),
		TO_BOB(10, "MESSAGE", "2 MESSAGE", NULL), TO_BOB(20, "BYE", "3 BYE", "b"),
		TO_BOB(30, "ACK", "4 ACK", "b"),
		TO_BOB(40, "CANCEL", "5 CANCEL", NULL),
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene->record_count, 1); /* the peer that was asked */
	assert_int_equal(scene_count(scene, RECORD_PEER), 1);
	assert_int_equal(scene->counters.of[COUNT_SIP_STRAY], 6);
	assert_int_equal(scene->counters.of[COUNT_SIP_MESSAGES], 6);
	scene_free(scene);
}

static void a_malformed_message_changes_no_call(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		INVITE(0, "1 INVITE"), OK_200(500, "1 INVITE") };
	/* clang-format on */
	static const char bye[] =
	        "BYE sip:bob@b.example SIP/2.0\r\nCall-ID: one@test\r\n"
	        "From: <sip:alice@a.example>;tag=a\r\nCSeq: 2 BYE\r\n\r\n";
	SCENE_SCRIPT(scene, lines);
	scene_bytes(scene, 1000, ALICE, BOB, bye, sizeof bye - 1); /* no To, no Via */
	scene_run(scene);
	assert_int_equal(scene_leg(scene, ALICE, 0)->state, LEG_IN_PROGRESS);
	assert_int_equal(scene->counters.of[COUNT_SIP_MALFORMED], 1);
	assert_int_equal(scene->counters.of[COUNT_SIP_PACKETS], 3);
	scene_free(scene);
}

static void messages_are_given_when_asked_for(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = { INVITE(0, "1 INVITE"), INVITE(500, "1 INVITE"),
		                             TO_ALICE(600, "486 Busy Here", "1 INVITE",
		                               "b") };
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene->settings.keep_messages = true;
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_MESSAGE), 3);
	const uint64_t leg = scene_leg(scene, ALICE, 0)->id;
	for (size_t i = 0; i < 3; i++) {
		const struct message_record *message =
		        &scene_record(scene, RECORD_MESSAGE, i)->message;
		assert_int_equal(message->leg, leg);
		assert_int_equal(message->frame, i + 1);
		assert_int_equal(message->retransmission, i == 1);
		assert_int_equal(message->sdp, i < 2);
		assert_string_equal(message->summary, i < 2 ? "INVITE" : "486 Busy Here");
		assert_string_equal(message->cseq, "1 INVITE");
	}
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_leg),
		cmocka_unit_test(a_leg_says_who_and_when),
		cmocka_unit_test(a_response_first_is_incomplete),
		cmocka_unit_test(late_repeats_open_nothing),
		cmocka_unit_test(a_call_id_used_again_is_another_call),
		cmocka_unit_test(other_requests_open_no_call),
		cmocka_unit_test(a_malformed_message_changes_no_call),
		cmocka_unit_test(messages_are_given_when_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
