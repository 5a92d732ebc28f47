/* Memory that runs out anywhere is "table full": counted, and nothing breaks or leaks. */
#include "tests/failing_alloc.h"

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define BOB_RTP "198.19.0.1:5000"

/* Everything that allocates: a leg with texts and SDP, media known, guessed and unknown,
 * and a codec with modes. */
static struct scene *everything(void)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "REGISTER", "1 REGISTER", "r", NULL, NULL, "reg@test",
		  "Contact: <sip:alice@198.18.0.1>\r\n" },
		{ 10, BOB, ALICE, "200 OK", "1 REGISTER", "r", "s", NULL, "reg@test",
		  NULL },
		{ 20, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL,
		  SDP("198.18.0.1", AUDIO("4000", "0")), NULL, "User-Agent: phone\r\n" },
		{ 90, BOB, ALICE, "200 OK", "1 INVITE", "a", "b",
		  SDP("198.19.0.1", AUDIO("5000", "0")), NULL, "Server: pbx\r\n" },
		{ 700, ALICE, BOB, "INVITE", "2 INVITE", "a", "b",
		  SDP("198.18.0.1", AUDIO("4000", "0 8")), NULL, NULL },
		{ 900, ALICE, BOB, "BYE", "3 BYE", "a", "b", NULL, NULL, NULL },
		{ 1000, ALICE, BOB, "INVITE", "1 INVITE", "z", NULL, NULL, "two@test",
		  NULL },
		{ 1010, BOB, ALICE, "486 Busy Here", "1 INVITE", "z", "y", NULL, "two@test",
		  NULL },
	};
	static const uint8_t receiver_report[] = { 0x81, 201, 0, 7, 0, 0, 0, 2, 0,  0, 0,
		                                   1,    0,   0, 0, 7, 0, 0, 0, 99, 0, 0,
		                                   0,    16,  0, 0, 0, 0, 0, 0, 0,  0 };
	SCENE_SCRIPT(scene, lines);
	const struct talk forward = { 100, ALICE_RTP, BOB_RTP, 1, 20, 0, 0, 0, 0 };
	const struct talk unknown = {
		0, "192.0.2.1:6000", "192.0.2.2:6000", 3, 90, 97, 960, 0, 0
	};
	const struct talk modes = {
		0, "192.0.2.3:6000", "192.0.2.4:6000", 4, 20, 98, 960, 0, 0
	};
	scene->settings.keep_kpis = true;
	scene->settings.rtp_map[98] = (struct rtp_map){ CODEC_OPUS, 48000, 98 };
	scene_talk(scene, &forward);
	scene_talk(scene, &unknown);
	scene_talk(scene, &modes);
	scene_bytes(scene, 450, "198.19.0.1:5001", "198.18.0.1:4001", receiver_report,
	            sizeof receiver_report);
	scene_sort(scene);
	return scene;
}

/* Everything that says "here something is missing". */
static uint64_t complaints(const struct counters *counters)
{
	static const enum counter which[] = {
		COUNT_NO_MEMORY,
		COUNT_CALLS_NOT_TRACKED,
		COUNT_LEGS_NOT_TRACKED,
		COUNT_STREAMS_NOT_TRACKED,
		COUNT_EXPECTATIONS_EVICTED,
		COUNT_HEADERS_NOT_KEPT,
		COUNT_PROBATIONS_EVICTED,
		COUNT_REGISTRATIONS_EVICTED,
		COUNT_BINDINGS_EVICTED,
		COUNT_ASKS_EVICTED,
		COUNT_PEERS_EVICTED,
		COUNT_ROUTES_EVICTED,
		COUNT_FAILOVERS_NOT_TRACKED,
		COUNT_EVENTS_DROPPED,
		COUNT_WATCHED_EVICTED,
		COUNT_ACCOUNTS_EVICTED,
	};
	uint64_t sum = 0;
	for (size_t i = 0; i < ARRAY_LEN(which); i++)
		sum += counters->of[which[i]];
	return sum;
}

/* Runs the scene with that failure; how many allocations failed. */
static size_t run(struct scene *scene, size_t nth, bool and_all_after)
{
	const struct sink sink = { scene_accept, scene };
	struct analyzer *analyzer = NULL;
	scene->record_count = 0;
	failing_alloc_arm(nth, and_all_after);
	const enum status status = analyzer_new(&scene->settings, &sink, &analyzer);
	if (status != OK) {
		const size_t failures = failing_alloc_disarm();
		assert_int_equal(status, ERR_NOMEM);
		assert_null(analyzer);
		return failures;
	}
	for (size_t i = 0; i < scene->packet_count; i++) {
		enum claim claim;
		analyzer_feed(analyzer, &scene->packets[i].packet, 1, &claim);
	}
	analyzer_finish(analyzer);
	const size_t failures = failing_alloc_disarm();
	const uint64_t complained = complaints(analyzer_counters(analyzer));
	analyzer_free(analyzer);
	if (failures > 0 && complained == 0)
		fail_msg("allocation %zu failed, and no counter tells", nth);
	if (failures == 0)
		assert_int_equal(complained, 0);
	return failures;
}

static void one_allocation_after_the_other_fails(void **state)
{
	(void)state;
	struct scene *scene = everything();
	size_t nth = 1;
	while (run(scene, nth, false))
		nth++;
	assert_true(nth > 30); /* the scene does allocate */
	assert_int_equal(scene_count(scene, RECORD_STREAM), 3);
	assert_int_equal(scene_count(scene, RECORD_LEG), 2);
	assert_int_equal(scene_count(scene, RECORD_REGISTRATION), 1);
	scene_free(scene);
}

static void memory_runs_out_for_good(void **state)
{
	(void)state;
	struct scene *scene = everything();
	size_t nth = 1;
	while (run(scene, nth, true))
		nth++;
	assert_true(nth > 30);
	scene_free(scene);
}

int main(void)
{
	if (!FAILING_ALLOC_WORKS) {
		puts("skipped: allocation cannot be made to fail under this sanitizer");
		return 0;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_allocation_after_the_other_fails),
		cmocka_unit_test(memory_runs_out_for_good),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
