/* Failover from SIP text; the rules: analyzer/track/failover.h. */
#include <math.h>

#include "tests/unit/peers.h"

static void good_calls(struct scene *scene, double from_s, unsigned int count,
                       const char *to)
{
	for (unsigned int i = 0; i < count; i++)
		call(scene, from_s + i, to, 200);
}

/* 503 there, and at once again elsewhere; then back. */
static void a_refusing_primary_and_back(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	good_calls(scene, 0, 5, FIRST);
	for (unsigned int i = 0; i < 4; i++)
		call_twice(scene, 10 + i, FIRST, 503, SECOND, 0.5);
	good_calls(scene, 20, 3, FIRST);
	tick(scene, 300);
	scene_run(scene);
	assert_int_equal(events(scene, EVENT_FAILOVER), 1);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	const struct endpoint first = scene_endpoint(FIRST);
	const struct endpoint second = scene_endpoint(SECOND);
	const struct endpoint pbx = scene_endpoint(PBX);
	assert_true(endpoint_equal(&e->peer, &first));
	assert_true(endpoint_equal(&e->backup, &second));
	assert_true(address_equal(&e->src.address, &pbx.address));
	assert_int_equal(e->began, scene_time(10000));
	assert_int_equal(e->detected, scene_time(11500)); /* the second that was switched */
	assert_int_equal(e->ended, scene_time(20000));
	assert_true(fabs(e->duration_s - 10) < 1e-9);
	assert_int_equal(e->cause, EVENT_SERVER_ERROR);
	assert_int_equal(e->status, 503);
	assert_int_equal(e->failed, 4);
	assert_int_equal(e->switched, 4);
	assert_int_equal(e->calls_backup, 4);
	assert_int_equal(e->calls_lost, 0);
	assert_true(fabs(e->pdd_before_ms - 20) < 1e-9);
	assert_true(fabs(e->pdd_after_ms - 510) < 1e-9); /* from the first attempt on */
	scene_free(scene);
}

/* Silence: the caller gives up after 5 s and then goes straight to the backup. */
static void a_dead_primary(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	call_twice(scene, 0, FIRST, NO_ANSWER, SECOND, 5);
	good_calls(scene, 10, 4, SECOND);
	tick(scene, 300);
	scene_run(scene);
	assert_int_equal(events(scene, EVENT_FAILOVER), 1);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	assert_int_equal(e->began, scene_time(0));
	assert_int_equal(e->detected, scene_time(10000));
	assert_int_equal(e->ended, NSTIME_NONE);
	assert_true(isnan(e->duration_s));
	assert_int_equal(e->cause, EVENT_UNANSWERED_INVITE);
	assert_int_equal(e->failed, 1);
	assert_int_equal(e->switched, 1);
	assert_int_equal(e->calls_backup, 5);
	assert_int_equal(e->calls_lost, 0);
	assert_true(isnan(e->pdd_before_ms));
	scene_free(scene);
}

/* The caller's own pings tell it: no call has to fail. */
static void calls_leave_a_peer_that_is_down(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	good_calls(scene, 0, 3, FIRST);
	ping(scene, 5, 200);
	for (int i = 1; i <= 3; i++)
		ping(scene, 5 + 10.0 * i, NO_ANSWER);
	good_calls(scene, 50, 2, SECOND);
	for (int i = 0; i < 2; i++)
		ping(scene, 60 + 10.0 * i, 200);
	good_calls(scene, 80, 2, FIRST);
	scene_run(scene);
	assert_int_equal(events(scene, EVENT_FAILOVER), 1);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	assert_int_equal(e->cause, EVENT_UNANSWERED_OPTIONS);
	assert_int_equal(e->began, scene_time(15000));
	assert_int_equal(e->detected, scene_time(50000));
	assert_int_equal(e->ended, scene_time(80000));
	assert_int_equal(e->calls_backup, 2);
	scene_free(scene);
}

/* Between the failure of two calls and their second attempts another call goes well. */
static void a_failover_begins_with_a_failure(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	good_calls(scene, 0, 3, FIRST);
	call_twice(scene, 10, FIRST, 503, SECOND, 0.5);
	call_twice(scene, 10.1, FIRST, 503, SECOND, 0.5);
	call(scene, 10.3, FIRST, 200);
	good_calls(scene, 20, 3, FIRST);
	tick(scene, 300);
	scene_run(scene);
	assert_int_equal(events(scene, EVENT_FAILOVER), 1);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	assert_int_equal(e->began, scene_time(10000));
	assert_int_equal(e->ended, scene_time(20000));
	assert_true(fabs(e->duration_s - 10) < 1e-9);
	scene_free(scene);
}

static void attempts_that_succeed_nowhere_are_lost(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	good_calls(scene, 0, 3, FIRST);
	call_twice(scene, 10, FIRST, 503, SECOND, 0.5);
	call_twice(scene, 11, FIRST, 503, SECOND, 0.5);
	const struct attempt alone = { 12000, "198.18.0.1:5060", FIRST, "INVITE",
		                       503,   "alone",           false };
	attempt(scene, &alone); /* nobody tries it again within 30 s */
	const struct attempt both[] = {
		{ 50000, PBX, FIRST, "INVITE", 503, "both", false },
		{ 50500, PBX, SECOND, "INVITE", 503, "both", false },
	};
	attempt(scene, &both[0]);
	attempt(scene, &both[1]);
	tick(scene, 300);
	scene_run(scene);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	assert_int_equal(e->failed, 4);
	assert_int_equal(e->switched, 3);
	assert_int_equal(e->calls_lost, 2);
	scene_free(scene);
}

static void what_is_no_failover(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* A single attempt that was switched. */
	good_calls(scene, 0, 3, FIRST);
	call_twice(scene, 10, FIRST, 503, SECOND, 0.5);
	good_calls(scene, 60, 3, FIRST);
	/* Both in use at all times: now and then one fails, and is tried at the other. */
	for (unsigned int i = 0; i < 20; i++) {
		call(scene, 100 + i, FIRST, 200);
		call(scene, 100.5 + i, THIRD, 200);
		if (i % 5 == 3)
			call_twice(scene, 100.2 + i, FIRST, 503, THIRD, 0.05);
	}
	/* Busy here, then there: a hunt group. */
	for (unsigned int i = 0; i < 5; i++)
		call_twice(scene, 200 + i, FIRST, 486, SECOND, 0.5);
	/* It rang for half a minute. */
	for (unsigned int i = 0; i < 5; i++) {
		char call_id[16];
		snprintf(call_id, sizeof call_id, "hunt-%u", i);
		const struct attempt a = { 300000 + 100.0 * i, PBX,     FIRST, "INVITE",
			                   NO_ANSWER,          call_id, true };
		const struct attempt b = {
			330000 + 100.0 * i, PBX, SECOND, "INVITE", 200, call_id, false
		};
		attempt(scene, &a);
		attempt(scene, &b);
	}
	/* A fork asks several at once, and one of them is dead. */
	for (unsigned int i = 0; i < 5; i++)
		call_twice(scene, 400 + i, THIRD, NO_ANSWER, SECOND, 0.001);
	tick(scene, 1000);
	scene_run(scene);
	for (size_t i = 0; i < scene->record_count; i++) {
		const struct event_record *e = &scene->records[i].event;
		char text[ENDPOINT_TEXT_SIZE];
		if (scene->records[i].kind == RECORD_EVENT)
			print_error("%s of %s at %.3f s\n", event_type_names[e->type],
			            endpoint_format(&e->peer, text),
			            ns_to_s(e->began - scene_time(0)));
	}
	assert_int_equal(events(scene, EVENT_FAILOVER), 0);
	scene_free(scene);
}

/* An answered call with audio; `back_packets` of 20 ms come from the peer. */
static void talk_over(struct scene *scene, double s, const char *peer_sip,
                      const char *peer_rtp, double length_s, unsigned int back_packets)
{
	char call_id[32], sdp[256], address[32];
	const unsigned int port = 4000 + 2 * (unsigned int)s;
	char ours[32];
	snprintf(call_id, sizeof call_id, "talk-%.0f", s);
	snprintf(ours, sizeof ours, "198.18.0.1:%u", port);
	snprintf(sdp, sizeof sdp, SDP("198.18.0.1", "m=audio %u RTP/AVP 0\r\n"), port);
	snprintf(address, sizeof address, "%.*s", (int)(strchr(peer_rtp, ':') - peer_rtp),
	         peer_rtp);
	char answer[256];
	snprintf(answer, sizeof answer,
	         "v=0\r\no=- 1 1 IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\n"
	         "m=audio %s RTP/AVP 0\r\n",
	         address, address, strchr(peer_rtp, ':') + 1);
	const double ms = s * 1000;
	const struct says lines[] = {
		{ ms, PBX, peer_sip, "INVITE", "1 INVITE", "a", NULL, sdp, call_id, NULL },
		{ ms + 50, peer_sip, PBX, "200 OK", "1 INVITE", "a", "b", answer, call_id,
		  NULL },
		{ ms + 60, PBX, peer_sip, "ACK", "1 ACK", "a", "b", NULL, call_id, NULL },
		{ ms + length_s * 1000, PBX, peer_sip, "BYE", "2 BYE", "a", "b", NULL,
		  call_id, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk there = { .ms = ms + 100,
		                    .src = ours,
		                    .dst = peer_rtp,
		                    .ssrc = port,
		                    .count = (unsigned int)(length_s * 50) - 10 };
	const struct talk back = { .ms = ms + 100,
		                   .src = peer_rtp,
		                   .dst = ours,
		                   .ssrc = port + 1,
		                   .count = back_packets };
	scene_talk(scene, &there);
	scene_talk(scene, &back);
}

/*
 * One call is up when the primary dies: RTP of its side stops, the PBX's goes on.  One was
 * over before, one goes over the backup.
 */
static void calls_are_told_apart(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	talk_over(scene, 0, FIRST, "198.19.0.1:5000", 5, 240);
	talk_over(scene, 2, FIRST, "198.19.0.1:5002", 40, 490);
	for (unsigned int i = 0; i < 3; i++)
		call_twice(scene, 12 + 2 * i, FIRST, NO_ANSWER, SECOND, 1.5);
	talk_over(scene, 20, SECOND, "198.19.0.2:5000", 10, 490);
	tick(scene, 300);
	scene_run(scene);
	const struct event_record *e = event(scene, EVENT_FAILOVER);
	assert_int_equal(e->calls_carried, 1);
	assert_int_equal(e->calls_one_way, 1);
	assert_int_equal(e->calls_survived, 0);
	/* 1990 packets from 2.1 s on; it began at 12 s. */
	assert_true(fabs(e->rtp_after_s - (2.1 + 1989 * 0.02 - 12)) < 1e-6);
	/* PCMU without loss: ITU-T G.107, R = 93.2 */
	assert_true(fabs(e->mos_lq_before - 4.41) < 0.01);
	assert_true(fabs(e->mos_lq_after - 4.41) < 0.01);
	assert_true(fabs(e->pdd_before_ms - 50) < 1e-9);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refusing_primary_and_back),
		cmocka_unit_test(a_dead_primary),
		cmocka_unit_test(calls_leave_a_peer_that_is_down),
		cmocka_unit_test(a_failover_begins_with_a_failure),
		cmocka_unit_test(attempts_that_succeed_nowhere_are_lost),
		cmocka_unit_test(what_is_no_failover),
		cmocka_unit_test(calls_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
