/* Several legs of one call: hops through a proxy, forks; rules: docs/figures.md "leg". */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define PROXY "198.18.0.9:5060"
#define BOB "198.19.0.1:5060"
#define CAROL "198.19.0.2:5060"

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-6;
}

/* clang-format off */
#define HOP1(ms, what, cseq, to) { ms, ALICE, PROXY, what, cseq, "a", to, NULL, NULL, NULL }
#define HOP2(ms, what, cseq, to) { ms, PROXY, BOB, what, cseq, "a", to, NULL, NULL, NULL }
#define BACK2(ms, what, cseq, to) { ms, BOB, PROXY, what, cseq, "a", to, NULL, NULL, NULL }
#define BACK1(ms, what, cseq, to) \
	{ ms, PROXY, ALICE, what, cseq, "a", to, NULL, NULL, NULL }
/* clang-format on */
#define THROUGH_A_PROXY                                                                    \
	HOP1(0, "INVITE", "1 INVITE", NULL), HOP2(2, "INVITE", "1 INVITE", NULL),          \
	        BACK2(300, "180 Ringing", "1 INVITE", "b"),                                \
	        BACK1(302, "180 Ringing", "1 INVITE", "b"),                                \
	        BACK2(900, "200 OK", "1 INVITE", "b"),                                     \
	        BACK1(902, "200 OK", "1 INVITE", "b")

static void two_hops_are_two_legs_of_one_call(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		THROUGH_A_PROXY, HOP1(910, "ACK", "1 ACK", "b"),
		HOP2(912, "ACK", "1 ACK", "b"),
		HOP1(2910, "BYE", "2 BYE", "b"), HOP2(2912, "BYE", "2 BYE", "b"),
		BACK2(2920, "200 OK", "2 BYE", "b"), BACK1(2922, "200 OK", "2 BYE", "b"),
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	const struct leg_record *first = scene_leg(scene, ALICE, 0);
	const struct leg_record *second = scene_leg(scene, PROXY, 0);
	const struct call_record *call = scene_call(scene);
	assert_int_equal(first->state, LEG_COMPLETED);
	assert_int_equal(second->state, LEG_COMPLETED);
	assert_true(near(first->duration_s, 2.008));
	assert_true(near(second->duration_s, 2.012));
	assert_int_equal(first->messages, 6);
	assert_int_equal(second->messages, 6);
	assert_int_equal(call->legs.count, 2);
	assert_int_equal(call->legs.ids[0], first->id);
	assert_int_equal(call->legs.ids[1], second->id);
	assert_int_equal(scene->counters.of[COUNT_SIP_RETRANSMISSIONS], 0);
	scene_free(scene);
}

/* A proxy that does not record-route: ACK and BYE go from end to end. */
static void a_bye_that_passes_the_proxy_by_ends_both_legs(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		THROUGH_A_PROXY,
		{ 910, ALICE, BOB, "ACK", "1 ACK", "a", "b", NULL, NULL, NULL },
		{ 3900, BOB, ALICE, "BYE", "9 BYE", "b", "a", NULL, NULL, NULL },
		{ 3910, ALICE, BOB, "200 OK", "9 BYE", "b", "a", NULL, NULL, NULL },
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	assert_int_equal(scene_leg(scene, ALICE, 0)->state, LEG_COMPLETED);
	assert_int_equal(scene_leg(scene, PROXY, 0)->state, LEG_COMPLETED);
	assert_int_equal(scene_leg(scene, ALICE, 0)->ended_by, ENDED_BY_CALLEE);
	assert_int_equal(scene_leg(scene, PROXY, 0)->ended_by, ENDED_BY_CALLEE);
	assert_int_equal(scene_leg(scene, PROXY, 0)->ended, scene_time(3900));
	scene_free(scene);
}

/* A proxy calls two phones; Carol's is cancelled when Bob's answers. */
static void a_fork_is_a_leg_to_each_phone(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	/* clang-format off */
	static const struct says lines[] = {
		THROUGH_A_PROXY,
		{ 3, PROXY, CAROL, "INVITE", "1 INVITE", "a", NULL, NULL, NULL, NULL },
		{ 400, CAROL, PROXY, "180 Ringing", "1 INVITE", "a", "c", NULL, NULL,
		  NULL },
		{ 905, PROXY, CAROL, "CANCEL", "1 CANCEL", "a", NULL, NULL, NULL, NULL },
		{ 910, CAROL, PROXY, "200 OK", "1 CANCEL", "a", "c", NULL, NULL, NULL },
		{ 915, CAROL, PROXY, "487 Request Terminated", "1 INVITE", "a", "c", NULL,
		  NULL, NULL },
		{ 916, PROXY, CAROL, "ACK", "1 ACK", "a", "c", NULL, NULL, NULL },
		HOP1(2902, "BYE", "2 BYE", "b"),
		HOP2(2904, "BYE", "2 BYE", "b"),
	};
	/* clang-format on */
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 3);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	const struct endpoint carol = scene_endpoint(CAROL);
	for (size_t i = 0; i < 2; i++) {
		const struct leg_record *leg = scene_leg(scene, PROXY, i);
		const bool is_carol = endpoint_equal(&leg->dst, &carol);
		assert_int_equal(leg->state, is_carol ? LEG_CANCELLED : LEG_COMPLETED);
		assert_int_equal(leg->status, is_carol ? 487 : 200);
	}
	assert_int_equal(scene_call(scene)->state, LEG_COMPLETED);
	scene_free(scene);
}

/* The tap sees the BYE on one hop only: the other one is over with it. */
static void a_bye_seen_on_one_hop_ends_the_other(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { THROUGH_A_PROXY,
		                             HOP1(2902, "BYE", "2 BYE", "b"),
		                             BACK1(2910, "200 OK", "2 BYE", "b") };
	SCENE_SCRIPT(scene, lines);
	scene_bytes(scene, 120000, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	const struct leg_record *other = scene_leg(scene, PROXY, 0);
	assert_int_equal(other->state, LEG_COMPLETED);
	assert_int_equal(other->ended, scene_time(2902));
	assert_int_equal(other->ended_by, ENDED_BY_CALLER);
	assert_int_equal(scene_call(scene)->state, LEG_COMPLETED);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hops_are_two_legs_of_one_call),
		cmocka_unit_test(a_bye_that_passes_the_proxy_by_ends_both_legs),
		cmocka_unit_test(a_bye_seen_on_one_hop_ends_the_other),
		cmocka_unit_test(a_fork_is_a_leg_to_each_phone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
