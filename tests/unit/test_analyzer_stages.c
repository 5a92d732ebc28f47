/*
 * When each stage of a leg was reached, how often it had to be said, and how it ended: RFC
 * 6076 section 4, RFC 3326, RFC 4028, RFC 3891.
 */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.18.0.2:5060"
#define CAROL "198.18.0.3:5060"

/* clang-format off */
#define HERE(ms, what, cseq, to) { ms, ALICE, BOB, what, cseq, "a", to, NULL, NULL, NULL }
#define BACK(ms, what, cseq) { ms, BOB, ALICE, what, cseq, "a", "b", NULL, NULL, NULL }
#define HERE_WITH(ms, what, cseq, to, headers) \
	{ ms, ALICE, BOB, what, cseq, "a", to, NULL, NULL, headers }
#define BACK_WITH(ms, what, cseq, headers) \
	{ ms, BOB, ALICE, what, cseq, "a", "b", NULL, NULL, headers }
/* Bob asks within the dialog. */
#define BOBS_WITH(ms, what, cseq, headers) \
	{ ms, BOB, ALICE, what, cseq, "b", "a", NULL, NULL, headers }
#define OFFER(ms, cseq, to, sdp) { ms, ALICE, BOB, "INVITE", cseq, "a", to, sdp, NULL, NULL }
#define ANSWER(ms, cseq, sdp) { ms, BOB, ALICE, "200 OK", cseq, "a", "b", sdp, NULL, NULL }
/* clang-format on */

#define BEGIN HERE(0, "INVITE", "1 INVITE", NULL)
#define ANSWERED BEGIN, BACK(1000, "200 OK", "1 INVITE"), HERE(1050, "ACK", "1 ACK", "b")

/* A minute later something else: what waits for an answer has its time. */
static struct scene *run(const struct says *lines, size_t count)
{
	struct scene *scene = scene_new();
	scene_script(scene, lines, count);
	scene_bytes(scene, 20 * 3600 * 1000.0, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
	scene_run(scene);
	return scene;
}
#define RUN(lines) run(lines, ARRAY_LEN(lines))

static bool near(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 1e-6;
}

static void the_stages_of_a_call(void **state)
{
	(void)state;
	static const struct says lines[] = {
		HERE(0, "INVITE", "1 INVITE", NULL),
		BACK(40, "100 Trying", "1 INVITE"),
		BACK(700, "183 Session Progress", "1 INVITE"),
		BACK(900, "180 Ringing", "1 INVITE"),
		BACK(4900, "200 OK", "1 INVITE"),
		HERE(4960, "ACK", "1 ACK", "b"),
		HERE(9960, "BYE", "2 BYE", "b"),
		BACK(10085, "200 OK", "2 BYE"),
	};
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->invited, scene_time(0));
	assert_int_equal(leg->responded, scene_time(40));
	assert_int_equal(leg->ringing, scene_time(700));
	assert_int_equal(leg->ack, scene_time(4960));
	assert_true(near(leg->setup_ms, 4900));
	assert_true(near(leg->ringing_ms, 4200));
	assert_true(near(leg->srd_ms, 700));
	assert_true(near(leg->sdd_ms, 125));
	assert_int_equal(leg->bye_status, 200);
	assert_int_equal(leg->ended_how, ENDED_HOW_BYE);
	assert_int_equal(leg->auth_rounds, 0);
	assert_int_equal(leg->invite_retransmissions + leg->bye_retransmissions +
	                         leg->final_retransmissions,
	                 0);
	scene_free(scene);
}

/* RFC 6076 4.3: the INVITE "containing the necessary information"; no challenge is a
 * failure.  Time runs from it alone. */
static void challenges_are_rounds_and_no_stage(void **state)
{
	(void)state;
	static const struct says lines[] = {
		HERE(0, "INVITE", "1 INVITE", NULL),
		BACK(20, "407 Proxy Authentication Required", "1 INVITE"),
		HERE(25, "ACK", "1 ACK", "b"),
		HERE(50, "INVITE", "2 INVITE", NULL),
		BACK(70, "401 Unauthorized", "2 INVITE"),
		HERE(75, "ACK", "2 ACK", "b"),
		HERE(100, "INVITE", "3 INVITE", NULL),
		BACK(110, "100 Trying", "3 INVITE"),
		BACK(600, "486 Busy Here", "3 INVITE"),
		HERE(640, "ACK", "3 ACK", "b"),
	};
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->auth_rounds, 2);
	assert_int_equal(leg->invited, scene_time(100));
	assert_int_equal(leg->responded, scene_time(110));
	assert_int_equal(leg->ack, scene_time(640));
	assert_true(near(leg->srd_ms, 500));
	assert_true(isnan(leg->setup_ms) && isnan(leg->ringing_ms) && isnan(leg->sdd_ms));
	assert_int_equal(leg->ended_how, ENDED_HOW_REFUSED);
	scene_free(scene);
}

static void who_only_challenges_gives_no_delay(void **state)
{
	(void)state;
	static const struct says lines[] = { BEGIN,
		                             BACK(20, "401 Unauthorized", "1 INVITE") };
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_true(isnan(leg->srd_ms));
	assert_int_equal(leg->auth_rounds, 1);
	scene_free(scene);
}

/* The ACK gets lost: the 200 comes again at T1, 2 T1 (RFC 3261 13.3.1.4). */
static void each_kind_of_retransmission_has_its_count(void **state)
{
	(void)state;
	static const struct says lines[] = {
		HERE(0, "INVITE", "1 INVITE", NULL),
		HERE(500, "INVITE", "1 INVITE", NULL),
		HERE(1500, "INVITE", "1 INVITE", NULL),
		BACK(1600, "180 Ringing", "1 INVITE"),
		BACK(1650, "180 Ringing", "1 INVITE"), /* no final one */
		BACK(2000, "200 OK", "1 INVITE"),
		BACK(2500, "200 OK", "1 INVITE"),
		BACK(3500, "200 OK", "1 INVITE"),
		BACK(5500, "200 OK", "1 INVITE"),
		HERE(5600, "ACK", "1 ACK", "b"),
		HERE(9000, "BYE", "2 BYE", "b"),
		HERE(9500, "BYE", "2 BYE", "b"),
		HERE(10500, "BYE", "2 BYE", "b"),
		HERE(12500, "BYE", "2 BYE", "b"),
		HERE(16500, "BYE", "2 BYE", "b"),
		BACK(16600, "200 OK", "2 BYE"),
	};
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->invite_retransmissions, 2);
	assert_int_equal(leg->final_retransmissions, 3);
	assert_int_equal(leg->bye_retransmissions, 4);
	assert_int_equal(leg->ack, scene_time(5600));
	assert_true(near(leg->sdd_ms, 7600)); /* long after its streams were given */
	assert_true(near(leg->duration_s, 7));
	assert_int_equal(scene_count(scene, RECORD_LEG), 1);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	scene_free(scene);
}

static void a_bye_that_nobody_answers_has_no_delay(void **state)
{
	(void)state;
	static const struct says lines[] = { ANSWERED, HERE(5000, "BYE", "2 BYE", "b") };
	struct scene *scene = RUN(lines);
	const struct record *record = scene_record(scene, RECORD_LEG, 0);
	assert_true(isnan(record->leg.sdd_ms));
	assert_int_equal(record->leg.bye_status, 0);
	assert_int_equal(record->leg.ended, scene_time(5000));
	assert_int_equal(record->at, scene_time(37000)); /* 64 * T1 */
	scene_free(scene);
}

/* Streams of a leg that waits for the answer to its BYE are final as ever: after 2 s. */
static void waiting_for_the_answer_keeps_no_stream(void **state)
{
	(void)state;
	static const struct says lines[] = {
		OFFER(0, "1 INVITE", NULL, SDP("198.18.0.1", AUDIO("4000", "0"))),
		ANSWER(1000, "1 INVITE", SDP("198.18.0.2", AUDIO("6000", "0"))),
		HERE(5000, "BYE", "2 BYE", "b"),
	};
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &(struct talk){ .ms = 1000,
	                                  .src = "198.18.0.1:4000",
	                                  .dst = "198.18.0.2:6000",
	                                  .ssrc = 7,
	                                  .count = 190 });
	scene_bytes(scene, 60000, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
	scene_run(scene);
	assert_int_equal(scene_record(scene, RECORD_STREAM, 0)->at, scene_time(7000));
	assert_int_equal(scene_record(scene, RECORD_LEG, 0)->at, scene_time(37000));
	assert_int_equal(scene_record(scene, RECORD_LEG, 0)->leg.codecs.count, 1);
	scene_free(scene);
}

static void a_refused_bye_is_told(void **state)
{
	(void)state;
	static const struct says lines[] = {
		ANSWERED,
		HERE(5000, "BYE", "2 BYE", "b"),
		BACK(5040, "481 Call/Transaction Does Not Exist", "2 BYE"),
	};
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->bye_status, 481);
	assert_true(isnan(leg->sdd_ms));
	scene_free(scene);
}

static void a_challenged_bye_counts_from_the_next(void **state)
{
	(void)state;
	static const struct says lines[] = {
		ANSWERED,
		HERE(5000, "BYE", "2 BYE", "b"),
		BACK(5040, "407 Proxy Authentication Required", "2 BYE"),
		HERE(5100, "BYE", "3 BYE", "b"),
		BACK(5130, "200 OK", "3 BYE"),
	};
	struct scene *scene = RUN(lines);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_true(near(leg->sdd_ms, 30));
	assert_int_equal(leg->bye_status, 200);
	scene_free(scene);
}

/* --- why ---------------------------------------------------------------------------- */

#define Q850_16 "Reason: Q.850;cause=16;text=\"Normal call clearing\"\r\n"
#define BOTH                                                                               \
	"Reason: SIP;cause=200;text=\"Call completed elsewhere\", "                        \
	"Q.850 ;cause=26;text=\"Non-selected user clearing\"\r\n"

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[7];
	enum ended_how how;
	unsigned int q850, sip_cause;
	enum cause_in where;
	const char *text;
} reasons[] = {
	{ "in a BYE", { ANSWERED, HERE_WITH(5000, "BYE", "2 BYE", "b", Q850_16) },
	  ENDED_HOW_BYE, 16, 0, CAUSE_IN_BYE, "Normal call clearing" },
	{ "of SIP and of Q.850 in a CANCEL: the words are those of Q.850",
	  { BEGIN, BACK(300, "180 Ringing", "1 INVITE"),
	    HERE_WITH(900, "CANCEL", "1 CANCEL", NULL, BOTH),
	    BACK(920, "487 Request Terminated", "1 INVITE") },
	  ENDED_HOW_CANCEL, 26, 200, CAUSE_IN_CANCEL, "Non-selected user clearing" },
	{ "two of them, without words",
	  { BEGIN, BACK_WITH(90, "503 Service Unavailable", "1 INVITE",
	                     "Reason: Q.850;cause=34\r\nReason: SIP;cause=503\r\n") },
	  ENDED_HOW_REFUSED, 34, 503, CAUSE_IN_RESPONSE, "" },
	{ "what the challenge gave is forgotten",
	  { BEGIN, BACK_WITH(20, "407 Proxy Authentication Required", "1 INVITE", Q850_16),
	    HERE(50, "INVITE", "2 INVITE", NULL), BACK(90, "404 Not Found", "2 INVITE") },
	  ENDED_HOW_REFUSED, 0, 0, CAUSE_IN_NONE, "" },
	{ "no number, or one beyond Q.850's",
	  { ANSWERED, HERE_WITH(5000, "BYE", "2 BYE", "b",
	                        "Reason: Q.850;cause=x, Q.850;cause=128, SIP\r\n") },
	  ENDED_HOW_BYE, 0, 0, CAUSE_IN_BYE, "" },
	{ "a gateway that hears nothing any more",
	  { ANSWERED, BOBS_WITH(5000, "BYE", "2 BYE",
	                        "Reason: X.int;cause=0x1;text=\"Media Timeout\"\r\n") },
	  ENDED_HOW_MEDIA_GONE, 0, 0, CAUSE_IN_BYE, "Media Timeout" },
	{ "Sofia-SIP says that the session timer ran out",
	  { ANSWERED, BOBS_WITH(5000, "BYE", "2 BYE",
	                        "Reason: SIP;cause=408;text=\"Session timeout\"\r\n") },
	  ENDED_HOW_SESSION_TIMER, 0, 408, CAUSE_IN_BYE, "Session timeout" },
	{ "nobody answers", { BEGIN, BACK(30, "100 Trying", "1 INVITE") },
	  ENDED_HOW_TIMEOUT, 0, 0, CAUSE_IN_NONE, "" },
	{ "answered, then silence for hours", { ANSWERED },
	  ENDED_HOW_TIMEOUT, 0, 0, CAUSE_IN_NONE, "" },
	{ "hung up while it rings",
	  { BEGIN, BACK(300, "180 Ringing", "1 INVITE"), HERE(900, "BYE", "2 BYE", "b"),
	    BACK(910, "200 OK", "2 BYE"), },
	  ENDED_HOW_BYE, 0, 0, CAUSE_IN_NONE, "" },
};
/* clang-format on */

static void reasons_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++) {
		size_t count = 0;
		while (count < ARRAY_LEN(reasons[i].lines) && reasons[i].lines[count].what)
			count++;
		struct scene *scene = run(reasons[i].lines, count);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->ended_how != reasons[i].how || leg->cause_in != reasons[i].where)
			fail_msg("%s: how %d, in %d", reasons[i].what, (int)leg->ended_how,
			         (int)leg->cause_in);
		if (leg->q850 != reasons[i].q850 || leg->sip_cause != reasons[i].sip_cause)
			fail_msg("%s: %ju %ju", reasons[i].what, (uintmax_t)leg->q850,
			         (uintmax_t)leg->sip_cause);
		if (strcmp(leg->cause_text, reasons[i].text) != 0)
			fail_msg("%s: %s", reasons[i].what, leg->cause_text);
		scene_free(scene);
	}
}

/* --- session timer ------------------------------------------------------------------ */

#define TIMER(s, who) "Supported: timer\r\nSession-Expires: " s ";refresher=" who "\r\n"
#define MINUTES(n) ((n)*60000.0)

/* clang-format off */
#define TIMED BEGIN, BACK_WITH(1000, "200 OK", "1 INVITE", TIMER("1800", "uac"))

static const struct {
	const char *what;
	struct says lines[6];
	unsigned int expires, refreshes;
	enum party refresher;
	enum ended_how how;
} timers[] = {
	/* RFC 4028 section 10: 1800 - 32 s. */
	{ "the other side gives up 32 s before it is over",
	  { TIMED, BOBS_WITH(1000 + 1768000, "BYE", "2 BYE", NULL) },
	  1800, 0, PARTY_CALLER, ENDED_HOW_SESSION_TIMER },
	{ "it is over to the second", { TIMED, BOBS_WITH(1801000, "BYE", "2 BYE", NULL) },
	  1800, 0, PARTY_CALLER, ENDED_HOW_SESSION_TIMER },
	{ "an ordinary end", { TIMED, BOBS_WITH(MINUTES(20), "BYE", "2 BYE", NULL) },
	  1800, 0, PARTY_CALLER, ENDED_HOW_BYE },
	{ "refreshed in time, then an end when the first would have been over",
	  { TIMED, HERE(MINUTES(15), "UPDATE", "2 UPDATE", "b"),
	    BACK_WITH(MINUTES(15) + 50, "200 OK", "2 UPDATE", TIMER("1800", "uac")),
	    HERE(1801000, "BYE", "3 BYE", "b") },
	  1800, 1, PARTY_CALLER, ENDED_HOW_BYE },
	{ "the refresh got no answer, and its sender gives up",
	  { TIMED, HERE_WITH(MINUTES(15), "INVITE", "2 INVITE", "b", TIMER("1800", "uac")),
	    HERE(MINUTES(15) + 32000, "BYE", "3 BYE", "b") },
	  1800, 0, PARTY_CALLER, ENDED_HOW_SESSION_TIMER },
	{ "the refresh was refused for now",
	  { TIMED, HERE_WITH(MINUTES(15), "INVITE", "2 INVITE", "b", TIMER("1800", "uac")),
	    BACK(MINUTES(15) + 40, "491 Request Pending", "2 INVITE"),
	    HERE(MINUTES(15) + 20000, "BYE", "3 BYE", "b") },
	  1800, 0, PARTY_CALLER, ENDED_HOW_BYE },
	{ "the callee refreshes; without a word of who",
	  { BEGIN, BACK_WITH(1000, "200 OK", "1 INVITE", "x: 90\r\n"),
	    BOBS_WITH(50000, "INVITE", "7 INVITE", "x: 90;refresher=uac\r\n"),
	    { 50100, ALICE, BOB, "200 OK", "7 INVITE", "b", "a", NULL, NULL,
	      "x: 90;refresher=uac\r\n" },
	    /* a third of 90 s is less than 32 s: 60 s after the refresh */
	    HERE(50100 + 61000, "BYE", "2 BYE", "b") },
	  90, 1, PARTY_CALLEE, ENDED_HOW_SESSION_TIMER },
	{ "asked for, not agreed on",
	  { HERE_WITH(0, "INVITE", "1 INVITE", NULL, TIMER("1800", "uac")),
	    BACK(1000, "200 OK", "1 INVITE"), HERE(1801000, "BYE", "2 BYE", "b") },
	  0, 0, PARTY_NONE, ENDED_HOW_BYE },
	{ "no number", { BEGIN, BACK_WITH(1000, "200 OK", "1 INVITE", "Session-Expires: -1\r\n"),
	    HERE(5000, "BYE", "2 BYE", "b") }, 0, 0, PARTY_NONE, ENDED_HOW_BYE },
};
/* clang-format on */

static void session_timers_are_followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(timers); i++) {
		size_t count = 0;
		while (count < ARRAY_LEN(timers[i].lines) && timers[i].lines[count].what)
			count++;
		struct scene *scene = run(timers[i].lines, count);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->session_expires_s != timers[i].expires ||
		    leg->session_refreshes != timers[i].refreshes ||
		    leg->session_refresher != timers[i].refresher)
			fail_msg("%s: %ju s, %ju refreshes by %d", timers[i].what,
			         (uintmax_t)leg->session_expires_s,
			         (uintmax_t)leg->session_refreshes,
			         (int)leg->session_refresher);
		if (leg->ended_how != timers[i].how)
			fail_msg("%s: how %d", timers[i].what, (int)leg->ended_how);
		scene_free(scene);
	}
}

/* --- media gone --------------------------------------------------------------------- */

/* Alice hears nothing from second 6 on and hangs up at `bye_ms`. */
static enum ended_how how_if_silent_until(double bye_ms)
{
	const struct says lines[] = {
		OFFER(0, "1 INVITE", NULL, SDP("198.18.0.1", AUDIO("4000", "0"))),
		ANSWER(1000, "1 INVITE", SDP("198.18.0.2", AUDIO("6000", "0"))),
		HERE(bye_ms, "BYE", "2 BYE", "b"),
		BACK(bye_ms + 20, "200 OK", "2 BYE"),
	};
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &(struct talk){ .ms = 1000,
	                                  .src = "198.18.0.1:4000",
	                                  .dst = "198.18.0.2:6000",
	                                  .ssrc = 7,
	                                  .count = (unsigned int)(bye_ms - 1000) / 20 });
	scene_talk(scene, &(struct talk){ .ms = 1000,
	                                  .src = "198.18.0.2:6000",
	                                  .dst = "198.18.0.1:4000",
	                                  .ssrc = 8,
	                                  .count = 250 });
	scene_run(scene);
	const enum ended_how how = scene_leg(scene, ALICE, 0)->ended_how;
	scene_free(scene);
	return how;
}

static void who_hears_nothing_for_long_hangs_up(void **state)
{
	(void)state;
	assert_int_equal(how_if_silent_until(26000), ENDED_HOW_MEDIA_GONE);
	assert_int_equal(how_if_silent_until(12000), ENDED_HOW_BYE);
}

/* --- replaced ----------------------------------------------------------------------- */

#define CAROLS(ms, headers)                                                                \
	{                                                                                  \
		ms, CAROL, BOB, "INVITE", "1 INVITE", "c", NULL, NULL, "two@test", headers \
	}
#define REPLACES "Replaces: one@test;to-tag=b;from-tag=a\r\n"

static enum ended_how how_if_replaced(const char *headers, double bye_ms)
{
	const struct says lines[] = { ANSWERED, CAROLS(5000, headers),
		                      BOBS_WITH(bye_ms, "BYE", "2 BYE", NULL) };
	struct scene *scene = RUN(lines);
	const enum ended_how how = scene_leg(scene, ALICE, 0)->ended_how;
	scene_free(scene);
	return how;
}

static void a_dialog_that_another_replaces(void **state)
{
	(void)state;
	assert_int_equal(how_if_replaced(REPLACES, 5100), ENDED_HOW_REPLACED);
	assert_int_equal(
	        how_if_replaced("Replaces: one@test;to-tag=a;from-tag=b\r\n", 5100),
	        ENDED_HOW_REPLACED);
	assert_int_equal(how_if_replaced(REPLACES, 65100), ENDED_HOW_BYE);
	assert_int_equal(
	        how_if_replaced("Replaces: one@test;to-tag=z;from-tag=y\r\n", 5100),
	        ENDED_HOW_BYE);
	assert_int_equal(
	        how_if_replaced("Replaces: three@test;to-tag=b;from-tag=a\r\n", 5100),
	        ENDED_HOW_BYE);
	assert_int_equal(how_if_replaced("", 5100), ENDED_HOW_BYE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_stages_of_a_call),
		cmocka_unit_test(challenges_are_rounds_and_no_stage),
		cmocka_unit_test(who_only_challenges_gives_no_delay),
		cmocka_unit_test(each_kind_of_retransmission_has_its_count),
		cmocka_unit_test(a_bye_that_nobody_answers_has_no_delay),
		cmocka_unit_test(waiting_for_the_answer_keeps_no_stream),
		cmocka_unit_test(a_refused_bye_is_told),
		cmocka_unit_test(a_challenged_bye_counts_from_the_next),
		cmocka_unit_test(reasons_are_read),
		cmocka_unit_test(session_timers_are_followed),
		cmocka_unit_test(who_hears_nothing_for_long_hangs_up),
		cmocka_unit_test(a_dialog_that_another_replaces),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
