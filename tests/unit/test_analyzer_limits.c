/* Full tables: what goes first, and that a counter tells. */
#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"

/* An INVITE at `ms`, answered unless told otherwise. */
static void begin_call(struct scene *scene, double ms, const char *id, bool answered)
{
	const struct says lines[] = {
		{ ms, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, id, NULL },
		{ ms + 50, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", NULL, id, NULL },
	};
	scene_script(scene, lines, answered ? 2 : 1);
}

static const struct leg_record *leg_of(const struct scene *scene, const char *id)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_LEG &&
		    strcmp(scene->records[i].leg.sip_call_id, id) == 0)
			return &scene->records[i].leg;
	return NULL;
}

/* The INVITE that finds the table full is not tracked; the room it makes is the next one's.
 */
static void an_unanswered_call_makes_room(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.calls = 2;
	begin_call(scene, 0, "answered@test", true);
	begin_call(scene, 100, "unanswered@test", false);
	begin_call(scene, 200, "refused@test", false);
	begin_call(scene, 300, "new@test", true);
	scene_run(scene);
	assert_int_equal(leg_of(scene, "answered@test")->state, LEG_IN_PROGRESS);
	assert_int_equal(leg_of(scene, "answered@test")->flags & LEG_EVICTED, 0);
	assert_int_not_equal(leg_of(scene, "unanswered@test")->flags & LEG_EVICTED, 0);
	assert_null(leg_of(scene, "refused@test"));
	assert_int_equal(leg_of(scene, "new@test")->status, 200);
	assert_int_equal(scene->counters.of[COUNT_CALLS_EVICTED], 1);
	assert_int_equal(scene->counters.of[COUNT_CALLS_NOT_TRACKED], 1);
	assert_int_equal(scene->counters.of[COUNT_CALLS], scene_count(scene, RECORD_CALL));
	scene_free(scene);
}

static void answered_calls_are_never_evicted(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.calls = 2;
	begin_call(scene, 0, "one@test", true);
	begin_call(scene, 100, "two@test", true);
	begin_call(scene, 200, "three@test", false);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	assert_null(leg_of(scene, "three@test"));
	assert_int_equal(scene->counters.of[COUNT_CALLS_EVICTED], 0);
	assert_int_equal(scene->counters.of[COUNT_CALLS_NOT_TRACKED], 1);
	scene_free(scene);
}

/* Floods of strangers' media: the oldest makes room, counted; the new one loses nothing. */
static void streams_above_the_cap_are_counted(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.streams = 3;
	for (uint32_t ssrc = 1; ssrc <= 5; ssrc++) {
		const struct talk talk = { 1000.0 * ssrc,
			                   "192.0.2.1:6000",
			                   "192.0.2.2:6000",
			                   ssrc,
			                   20,
			                   0,
			                   0,
			                   0,
			                   0 };
		scene_talk(scene, &talk);
	}
	scene_run(scene);
	const uint64_t *of = scene->counters.of;
	assert_int_equal(of[COUNT_STREAMS_EVICTED],
	                 3); /* of three places one is kept free */
	assert_int_equal(of[COUNT_STREAMS_NOT_TRACKED], 0);
	assert_int_equal(of[COUNT_RTP_PACKETS] + of[COUNT_ADMITTED_PACKETS], 5 * 20);
	assert_int_equal(of[COUNT_STREAMS], scene_count(scene, RECORD_STREAM));
	assert_int_equal(scene->record_count, 5);
	scene_free(scene);
}

static void probations_above_the_cap_are_counted(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.probations = 4;
	for (uint32_t ssrc = 1; ssrc <= 10; ssrc++) {
		const struct talk talk = {
			ssrc, "192.0.2.1:6000", "192.0.2.2:6000", ssrc, 2, 0, 0, 0, 0
		};
		scene_talk(scene, &talk);
	}
	scene_run(scene);
	assert_true(scene->counters.of[COUNT_PROBATIONS_EVICTED] > 0);
	assert_int_equal(scene->claims[CLAIM_PENDING], 20);
	scene_free(scene);
}

/* A capture begins amid more streams than may be on probation: these pass in turn. */
static void streams_above_the_cap_of_probations_are_known_after_a_while(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.limits.probations = 4;
	for (uint32_t ssrc = 1; ssrc <= 16; ssrc++) {
		const struct talk talk = {
			ssrc, "192.0.2.1:6000", "192.0.2.2:6000", ssrc, 60, 0, 0, 0, 0
		};
		scene_talk(scene, &talk);
	}
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 16);
	scene_free(scene);
}

/* Longer than what is stored: cut, counted, and still told apart by all of it. */
static void long_call_ids_are_cut_and_told_apart(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	char ids[2][400];
	for (size_t i = 0; i < 2; i++) {
		memset(ids[i], 'x', sizeof ids[i]);
		ids[i][390] = (char)('0' + i);
		ids[i][391] = '\0';
		begin_call(scene, 10.0 * (double)i, ids[i], true);
	}
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_CALL), 2);
	assert_int_equal(strlen(scene_leg(scene, ALICE, 0)->sip_call_id), RECORD_TEXT - 1);
	assert_int_not_equal(scene->counters.of[COUNT_TEXT_CUT], 0);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unanswered_call_makes_room),
		cmocka_unit_test(answered_calls_are_never_evicted),
		cmocka_unit_test(streams_above_the_cap_are_counted),
		cmocka_unit_test(probations_above_the_cap_are_counted),
		cmocka_unit_test(
		        streams_above_the_cap_of_probations_are_known_after_a_while),
		cmocka_unit_test(long_call_ids_are_cut_and_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
