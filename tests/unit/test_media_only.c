/* test_media_only.c - calls of which nothing but their media was seen. */
#include <math.h>

#include "analyzer/quality/emodel.h"
#include "tests/unit/scene.h"

#define A "198.18.0.1:4000"
#define B "198.19.0.1:5000"
#define C "198.18.0.2:4000"
#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define OFFER SDP("198.18.0.1", AUDIO("4000", "0"))
#define ANSWER SDP("198.19.0.1", AUDIO("5000", "0"))

enum { TALKS = 6, STREAM_CALLS = 6 };

/* For each stream, by source and then by time of its end, the number of its call; -1: none.
 */
static const struct {
	const char *what;
	struct talk talks[TALKS];
	size_t calls;
	int call_of[TALKS]; /* by talk: streams with one number are one call */
} cases[] = {
	{ "both ways at once",
	  { { 0, A, B, 1, 50, 0 }, { 100, B, A, 2, 50, 0 } },
	  1,
	  { 1, 1 } },
	{ "one way", { { 0, A, B, 1, 50, 0 } }, 0, { -1 } },
	{ "one after the other",
	  { { 0, A, B, 1, 50, 0 }, { 1100, B, A, 2, 50, 0 } },
	  0,
	  { -1, -1 } },
	{ "the same way twice",
	  { { 0, A, B, 1, 50, 0 }, { 0, A, B, 2, 50, 0 } },
	  0,
	  { -1, -1 } },
	{ "from another port",
	  { { 0, A, B, 1, 50, 0 }, { 0, "198.19.0.1:5002", A, 2, 50, 0 } },
	  0,
	  { -1, -1 } },
	{ "another SSRC takes over",
	  { { 0, A, B, 1, 500, 0 }, { 0, B, A, 2, 250, 0 }, { 5100, B, A, 3, 250, 0 } },
	  1,
	  { 1, 1, 1 } },
	{ "it takes over after the idle time of the first",
	  { { 0, A, B, 1, 6000, 0 }, { 0, B, A, 2, 50, 0 }, { 90000, B, A, 3, 50, 0 } },
	  1,
	  { 1, 1, 1 } },
	{ "two calls of one relay",
	  { { 0, A, B, 1, 50, 0 },
	    { 0, B, A, 2, 50, 0 },
	    { 0, C, B, 3, 50, 0 },
	    { 0, B, C, 4, 50, 0 } },
	  2,
	  { 1, 1, 2, 2 } },
	{ "the same ends a minute later",
	  { { 0, A, B, 1, 50, 0 },
	    { 0, B, A, 2, 50, 0 },
	    { 30000, A, B, 3, 50, 0 },
	    { 30000, B, A, 4, 50, 0 } },
	  2,
	  { 1, 1, 2, 2 } },
};

static const struct stream_record *stream_of(const struct scene *scene, uint32_t ssrc)
{
	for (size_t i = 0; i < scene->record_count; i++)
		if (scene->records[i].kind == RECORD_STREAM &&
		    scene->records[i].stream.ssrc == ssrc)
			return &scene->records[i].stream;
	fail_msg("no stream %u", ssrc);
	return NULL;
}

static void opposite_streams_are_one_call(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		size_t count = 0;
		while (count < TALKS && cases[i].talks[count].count)
			scene_talk(scene, &cases[i].talks[count++]);
		scene_run(scene);
		if (scene_count(scene, RECORD_CALL) != cases[i].calls ||
		    scene_count(scene, RECORD_STREAM) != count ||
		    scene->counters.of[COUNT_CALLS] != cases[i].calls ||
		    scene->counters.of[COUNT_CALLS_MEDIA_ONLY] != cases[i].calls)
			fail_msg("%s: %zu calls", cases[i].what,
			         scene_count(scene, RECORD_CALL));
		for (size_t a = 0; a < count; a++) {
			const struct stream_record *one =
			        stream_of(scene, cases[i].talks[a].ssrc);
			const int number = cases[i].call_of[a];
			if ((one->call == 0) != (number < 0) || one->leg != 0)
				fail_msg("%s: stream %zu", cases[i].what, a);
			for (size_t b = 0; number > 0 && b < a; b++) {
				const struct stream_record *other =
				        stream_of(scene, cases[i].talks[b].ssrc);
				if ((one->call == other->call) !=
				    (number == cases[i].call_of[b]))
					fail_msg("%s: streams %zu and %zu", cases[i].what,
					         a, b);
			}
		}
		scene_free(scene);
	}
}

static void a_call_says_when_it_was_and_how_bad(void **state)
{
	struct scene *scene = scene_new();
	const struct talk good = { 1000, A, B, 1, 200, 0 };
	const struct talk bad_begin = { 2000, B, A, 2, 100, 0 };
	const struct talk bad_end = { 4000, B, A, 2, 100, 0, .from_sequence = 120 };
	(void)state;
	scene_talk(scene, &good);
	scene_talk(scene, &bad_begin);
	scene_talk(scene, &bad_end);
	scene_run(scene);
	const struct call_record *call = scene_call(scene);
	const struct stream_record *bad = scene_stream(scene, B, 0);
	assert_int_equal(call->state, CALL_MEDIA_ONLY);
	assert_int_equal(call->legs.count, 0);
	assert_int_equal(call->id, bad->call);
	assert_true(call->start == scene_time(1000));
	assert_true(call->ended == scene_time(4000 + 99 * 20));
	assert_int_equal(call->mos_lq_min_stream, bad->id);
	assert_true(call->mos_lq_min == bad->mos_lq);
	assert_int_equal(call->mos_lq_min_band, BAND_NB);
	/* It leaves behind its streams. */
	assert_int_equal(scene->records[scene->record_count - 1].kind, RECORD_CALL);
	scene_free(scene);
}

static void announced_media_is_of_its_leg(void **state)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, "x", NULL },
		{ 50, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", ANSWER, "x", NULL },
		{ 60, ALICE, BOB, "ACK", "1 ACK", "a", "b", NULL, "x", NULL },
		{ 5000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, "x", NULL },
		{ 5010, BOB, ALICE, "200 OK", "2 BYE", "a", "b", NULL, "x", NULL },
	};
	/* Both go on for ten seconds behind the BYE: those are streams of their own. */
	const struct talk there = { 100, A, B, 1, 750, 0 };
	const struct talk back = { 100, B, A, 2, 750, 0 };
	(void)state;
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &there);
	scene_talk(scene, &back);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_CALL), 1);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 4);
	assert_int_equal(scene_call(scene)->state, LEG_COMPLETED);
	assert_int_equal(scene_stream(scene, A, 0)->call, scene_call(scene)->id);
	assert_int_equal(scene_stream(scene, A, 1)->call, 0);
	assert_int_equal(scene_stream(scene, B, 1)->call, 0);
	scene_free(scene);
}

/* What was announced is remembered for ten seconds, not for ever. */
static void the_ends_of_a_call_may_be_those_of_the_next(void **state)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, "x", NULL },
		{ 50, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", ANSWER, "x", NULL },
		{ 60, ALICE, BOB, "ACK", "1 ACK", "a", "b", NULL, "x", NULL },
		{ 2000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, "x", NULL },
		{ 2010, BOB, ALICE, "200 OK", "2 BYE", "a", "b", NULL, "x", NULL },
	};
	const struct talk there = { 60000, A, B, 1, 100, 0 };
	const struct talk back = { 60000, B, A, 2, 100, 0 };
	(void)state;
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &there);
	scene_talk(scene, &back);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_CALL), 2);
	assert_int_equal(scene->counters.of[COUNT_CALLS_MEDIA_ONLY], 1);
	scene_free(scene);
}

/* An INVITE that is sent when the media flows already, as when it goes another way first.
 */
static void a_stream_that_is_announced_late_leaves_the_call(void **state)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 70000, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, "x", NULL },
		{ 70050, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", ANSWER, "x", NULL },
	};
	const struct talk there = { 0, A, B, 1, 4000, 0 };
	const struct talk back = { 0, B, A, 2, 100, 0 };
	(void)state;
	scene_talk(scene, &there);
	scene_talk(scene, &back);
	SCENE_SCRIPT(scene, lines);
	scene_run(scene);
	const struct stream_record *late = scene_stream(scene, A, 0);
	const struct stream_record *early = scene_stream(scene, B, 0);
	assert_true(early->call != 0 && early->leg == 0);
	size_t media_only = 0;
	for (size_t i = 0; i < scene_count(scene, RECORD_CALL); i++) {
		const struct call_record *call = &scene_record(scene, RECORD_CALL, i)->call;
		media_only += call->state == CALL_MEDIA_ONLY;
		if (call->state == CALL_MEDIA_ONLY)
			assert_int_equal(call->id, early->call);
	}
	assert_int_equal(media_only, 1);
	assert_true((late->leg != 0) == (late->call != early->call));
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opposite_streams_are_one_call),
		cmocka_unit_test(a_call_says_when_it_was_and_how_bad),
		cmocka_unit_test(announced_media_is_of_its_leg),
		cmocka_unit_test(the_ends_of_a_call_may_be_those_of_the_next),
		cmocka_unit_test(a_stream_that_is_announced_late_leaves_the_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
