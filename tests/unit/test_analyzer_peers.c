/* Peers and failover from SIP text; the rules: analyzer/track/peer.h, failover.h. */
#include <math.h>

#include "tests/unit/scene.h"

#define PBX "198.18.0.1:5060"
#define FIRST "198.19.0.1:5060"
#define SECOND "198.19.0.2:5060"
#define THIRD "198.19.0.3:5060"

enum { NO_ANSWER = 0 };

/* One request and its final answer, 20 ms later; each with a Call-ID of its own. */
struct attempt {
	double ms;
	const char *from, *to;
	const char *method;
	unsigned int status; /* NO_ANSWER: none */
	const char *call_id; /* NULL: of its own */
	bool rings;
};

static void attempt(struct scene *scene, const struct attempt *a)
{
	char call_id[64], cseq[32], what[32];
	snprintf(call_id, sizeof call_id, "%s-%.0f-%s", a->from, a->ms, a->to);
	snprintf(cseq, sizeof cseq, "1 %s", a->method);
	snprintf(what, sizeof what, "%u Said", a->status);
	struct says says = { .ms = a->ms,
		             .src = a->from,
		             .dst = a->to,
		             .what = a->method,
		             .cseq = cseq,
		             .from_tag = "a",
		             .call_id = a->call_id ? a->call_id : call_id };
	scene_say(scene, &says);
	says.src = a->to;
	says.dst = a->from;
	says.to_tag = "b";
	says.what = "180 Ringing";
	says.ms = a->ms + 10;
	if (a->rings)
		scene_say(scene, &says);
	says.what = what;
	says.ms = a->ms + 20;
	if (a->status)
		scene_say(scene, &says);
}

static void ping(struct scene *scene, double s, unsigned int status)
{
	const struct attempt a = { s * 1000, PBX, FIRST, "OPTIONS", status, NULL, false };
	attempt(scene, &a);
}

static void call(struct scene *scene, double s, const char *to, unsigned int status)
{
	const struct attempt a = { s * 1000, PBX, to, "INVITE", status, NULL, false };
	attempt(scene, &a);
}

/* The same call at one peer, and half a second later at the next. */
static void call_twice(struct scene *scene, double s, const char *to, unsigned int status,
                       const char *then, double later_s)
{
	char call_id[32];
	snprintf(call_id, sizeof call_id, "twice-%.0f", s * 1000);
	const struct attempt first = {
		s * 1000, PBX, to, "INVITE", status, call_id, false
	};
	const struct attempt second = {
		(s + later_s) * 1000, PBX, then, "INVITE", 200, call_id, true
	};
	attempt(scene, &first);
	attempt(scene, &second);
}

static void tick(struct scene *scene, double s)
{
	scene_bytes(scene, s * 1000, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

static const struct peer_record *peer(const struct scene *scene, const char *at)
{
	const struct endpoint wanted = scene_endpoint(at);
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_PEER &&
		    endpoint_equal(&scene->records[i].peer.peer, &wanted))
			return &scene->records[i].peer;
	fail_msg("no peer %s", at);
	return NULL;
}

static size_t events(const struct scene *scene, enum event_type type)
{
	size_t count = 0;
	for (size_t i = 0; i < scene->record_count; i++)
		count += scene->records[i].kind == RECORD_EVENT &&
		         scene->records[i].event.type == type;
	return count;
}

static const struct event_record *event(const struct scene *scene, enum event_type type)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_EVENT &&
		    scene->records[i].event.type == type)
			return &scene->records[i].event;
	fail_msg("no event %s", event_type_names[type]);
	return NULL;
}

/* --- peers ---------------------------------------------------------------------------- */

enum { MOST_PINGS = 12 };

static const struct {
	const char *what;
	unsigned int answers[MOST_PINGS]; /* to a ping each 10 s; 1 stands for none */
	enum peer_state state;
	size_t downs, ups, refusals;
} rows[] = {
	{ "answers", { 200, 200 }, PEER_UP, 0, 0, 0 },
	{ "answers that it knows no such user", { 404, 404 }, PEER_UP, 0, 0, 0 },
	{ "misses two", { 200, 1, 1, 200 }, PEER_UP, 0, 0, 0 },
	{ "misses three", { 200, 1, 1, 1 }, PEER_DOWN, 1, 0, 0 },
	{ "misses four", { 200, 1, 1, 1, 1 }, PEER_DOWN, 1, 0, 0 },
	{ "misses three, but not in a row", { 200, 1, 200, 1, 200, 1 }, PEER_UP, 0, 0, 0 },
	{ "answers once after it was down", { 200, 1, 1, 1, 200 }, PEER_DOWN, 1, 0, 0 },
	{ "answers once and is silent again",
	  { 200, 1, 1, 1, 200, 1, 200 },
	  PEER_DOWN,
	  1,
	  0,
	  0 },
	{ "answers twice after it was down", { 200, 1, 1, 1, 200, 200 }, PEER_UP, 1, 1, 0 },
	{ "goes down twice", { 200, 1, 1, 1, 200, 200, 1, 1, 1 }, PEER_DOWN, 2, 1, 0 },
	{ "was never seen to answer", { 1, 1, 1, 1, 1 }, PEER_STATE_NONE, 0, 0, 0 },
	{ "refuses twice", { 200, 503, 503, 200 }, PEER_UP, 0, 0, 0 },
	{ "refuses three times", { 200, 503, 500, 504 }, PEER_REFUSING, 0, 0, 1 },
	{ "refuses from the beginning", { 503, 503, 503 }, PEER_REFUSING, 0, 0, 1 },
	{ "refuses, then is silent", { 200, 503, 503, 503, 1, 1, 1 }, PEER_DOWN, 1, 0, 1 },
	{ "refuses, then takes them", { 503, 503, 503, 200, 200 }, PEER_UP, 0, 1, 1 },
	{ "what it does not implement is no refusal",
	  { 501, 501, 501, 501 },
	  PEER_UP,
	  0,
	  0,
	  0 },
};

static void a_peer_changes_its_state_with_hysteresis(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *scene = scene_new();
		size_t n = 0;
		for (; n < MOST_PINGS && rows[i].answers[n]; n++)
			ping(scene, 10.0 * (double)n,
			     rows[i].answers[n] == 1 ? NO_ANSWER : rows[i].answers[n]);
		tick(scene, 200);
		scene_run(scene);
		const struct peer_record *p = peer(scene, FIRST);
		if (p->state != rows[i].state ||
		    events(scene, EVENT_PEER_DOWN) != rows[i].downs ||
		    events(scene, EVENT_PEER_UP) != rows[i].ups ||
		    events(scene, EVENT_PEER_REFUSING) != rows[i].refusals)
			fail_msg("%s: state %d, %zu down, %zu up, %zu refusing",
			         rows[i].what, p->state, events(scene, EVENT_PEER_DOWN),
			         events(scene, EVENT_PEER_UP),
			         events(scene, EVENT_PEER_REFUSING));
		assert_int_equal(p->options, n);
		assert_int_equal(p->options_answered + p->options_unanswered, n);
		scene_free(scene);
	}
}

static void an_outage_has_its_times(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const unsigned int answers[] = { 200, 1, 1, 1, 1, 200, 200 };
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		ping(scene, 10.0 * (double)i, answers[i] == 1 ? NO_ANSWER : answers[i]);
	tick(scene, 200);
	scene_run(scene);
	const struct event_record *down = event(scene, EVENT_PEER_DOWN);
	assert_int_equal(down->began, scene_time(10000));
	assert_int_equal(down->detected,
	                 scene_time(34000)); /* third, sent at 30 s, and 4 s */
	assert_int_equal(down->failed, 3);
	assert_int_equal(down->cause, EVENT_UNANSWERED_OPTIONS);
	const struct event_record *up = event(scene, EVENT_PEER_UP);
	assert_int_equal(up->began, scene_time(50020));
	assert_int_equal(up->detected, scene_time(60020));
	assert_true(fabs(up->duration_s - 40.02) < 1e-9);
	const struct peer_record *p = peer(scene, FIRST);
	assert_int_equal(p->outages, 1);
	assert_true(fabs(p->outage_s - 40.02) < 1e-9);
	assert_int_equal(p->since, scene_time(50020));
	assert_true(fabs(p->rtt_mean_ms - 20) < 1e-9 && fabs(p->rtt_max_ms - 20) < 1e-9);
	assert_int_equal(p->options_answered, 3);
	assert_int_equal(p->options_unanswered, 4);
	scene_free(scene);
}

/* While the clock is a century behind what one packet said, no timer runs out: an answer
 * may seem to come at any time.  Timer F is 32 s (RFC 3261 17.1.2.2). */
static void what_a_clock_that_jumped_measures_is_no_round_trip(void **state)
{
	static const struct {
		double ms;
		bool believed;
	} answers[] = { { 20, true },     { 40e3, false }, { -500, false }, { 32e3, true },
		        { 32001, false }, { -1, false },   { 0, true } };
	(void)state;
	struct scene *scene = scene_new();
	size_t left_out = 0;
	scene->as_said = true;
	tick(scene, 4e9);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		char call_id[16];
		snprintf(call_id, sizeof call_id, "ping-%zu", i);
		struct says says = { .ms = 1e6 * (double)i,
			             .src = PBX,
			             .dst = FIRST,
			             .what = "OPTIONS",
			             .cseq = "1 OPTIONS",
			             .from_tag = "a",
			             .call_id = call_id };
		scene_say(scene, &says);
		says.ms += answers[i].ms;
		says.src = FIRST;
		says.dst = PBX;
		says.what = "200 OK";
		says.to_tag = "b";
		scene_say(scene, &says);
		left_out += !answers[i].believed;
	}
	scene_run(scene);
	const struct peer_record *p = peer(scene, FIRST);
	assert_int_equal(p->options_answered, ARRAY_LEN(answers));
	assert_int_equal(scene->counters.of[COUNT_DELAYS_NOT_BELIEVED], left_out);
	assert_true(p->rtt_min_ms == 0 && p->rtt_max_ms == 32e3 && p->rtt_last_ms == 0);
	assert_true(fabs(p->rtt_mean_ms - (20 + 32e3 + 0) / 3) < 1e-6);
	scene_free(scene);
}

/* Pings every two seconds: the next one tells that the one before was not answered. */
static void who_pings_again_has_given_up(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const unsigned int answers[] = { 200, 1, 1, 1, 200, 200, 200 };
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		ping(scene, 2.0 * (double)i, answers[i] == 1 ? NO_ANSWER : answers[i]);
	scene_run(scene);
	assert_int_equal(events(scene, EVENT_PEER_DOWN), 1);
	assert_int_equal(event(scene, EVENT_PEER_DOWN)->began, scene_time(2000));
	assert_int_equal(event(scene, EVENT_PEER_DOWN)->detected, scene_time(8000));
	assert_int_equal(events(scene, EVENT_PEER_UP), 1);
	assert_int_equal(peer(scene, FIRST)->options_unanswered, 3);
	scene_free(scene);
}

static void a_repeated_ping_is_one(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	for (int i = 0; i < 4; i++) {
		const struct says says = { .ms = i * 500.0,
			                   .src = PBX,
			                   .dst = FIRST,
			                   .what = i < 3 ? "OPTIONS" : "200 OK",
			                   .cseq = "7 OPTIONS",
			                   .from_tag = "a" };
		struct says said = says;
		if (i == 3) {
			said.src = FIRST;
			said.dst = PBX;
		}
		scene_say(scene, &said);
		said.ms++;
		scene_say(scene, &said);
	}
	scene_run(scene);
	const struct peer_record *p = peer(scene, FIRST);
	assert_int_equal(p->options, 1);
	assert_int_equal(p->options_answered, 1);
	assert_true(fabs(p->rtt_last_ms - 1500) < 1e-9);
	scene_free(scene);
}

static void a_peer_has_its_figures(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	call(scene, 0, FIRST, 200);
	call(scene, 1, FIRST, 486);
	call(scene, 2, FIRST, 503);
	call(scene, 3, FIRST, 501);
	call(scene, 4, FIRST, NO_ANSWER);
	const struct attempt registering = {
		5000, PBX, FIRST, "REGISTER", 200, NULL, false
	};
	attempt(scene, &registering);
	tick(scene, 100);
	scene_run(scene);
	const struct peer_record *p = peer(scene, FIRST);
	assert_int_equal(p->invites, 5);
	assert_int_equal(p->invites_accepted, 1);
	assert_int_equal(p->invites_unanswered, 1);
	assert_int_equal(p->server_errors, 2);
	assert_int_equal(p->unavailable, 1);
	assert_int_equal(p->registers, 1);
	assert_int_equal(p->registers_unanswered, 0);
	assert_int_equal(p->first, scene_time(0));
	assert_int_equal(p->last, scene_time(5020));
	assert_int_equal(p->last_answer, scene_time(5020));
	scene_free(scene);
}

static void strangers_do_not_grow_the_table(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.peers = 20;
	scene->settings.limits.asks = 20;
	scene->settings.limits.routes = 20;
	ping(scene, 0, 200);
	for (unsigned int i = 0; i < 300; i++) {
		char to[32];
		snprintf(to, sizeof to, "203.0.113.%u:%u", i % 250, 5060 + i);
		const struct attempt a = { 100 + i,   PBX,  to,   "INVITE",
			                   NO_ANSWER, NULL, false };
		attempt(scene, &a);
	}
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_PEER), 301);
	assert_true(scene->counters.of[COUNT_PEERS_EVICTED] >= 280);
	assert_true(scene->counters.of[COUNT_ASKS_EVICTED] >= 280);
	assert_int_equal(peer(scene, FIRST)->state, PEER_UP); /* who answers stays */
	assert_int_equal(peer(scene, FIRST)->options, 1);
	scene_free(scene);
}

/* --- failover ------------------------------------------------------------------------- */

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
		cmocka_unit_test(a_peer_changes_its_state_with_hysteresis),
		cmocka_unit_test(an_outage_has_its_times),
		cmocka_unit_test(what_a_clock_that_jumped_measures_is_no_round_trip),
		cmocka_unit_test(who_pings_again_has_given_up),
		cmocka_unit_test(a_repeated_ping_is_one),
		cmocka_unit_test(a_peer_has_its_figures),
		cmocka_unit_test(strangers_do_not_grow_the_table),
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
