/* Peers from SIP text; the rules: analyzer/track/peer.h. */
#include <math.h>

#include "tests/unit/peers.h"

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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
