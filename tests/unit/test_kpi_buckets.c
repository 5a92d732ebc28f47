/* Buckets of the analyzer: how often they are given makes no difference to what they add up
 * to, and their table is bounded. */
#include <stdlib.h>

#include "analyzer/model/kpi_sum.h"
#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"

enum { CALLS = 40, GIVEN_MAX = 20000 };

/* Takes KPI records in, and holds that they come behind all others of their time. */
struct taker {
	struct kpi_sum sums[KPI_VIEW_COUNT];
	struct record records[GIVEN_MAX];
	uint8_t *tails[GIVEN_MAX];
	size_t count;
	struct record last;
	bool crowded; /* no room: then what must go goes at once */
};

static void take_record(void *self, const struct record *record)
{
	struct taker *taker = self;
	if (!taker->crowded &&
	    (taker->last.kind != RECORD_KPI || record->kind != RECORD_KPI))
		assert_true(record->at > taker->last.at ||
		            taker->last.kind <= record->kind);
	taker->last = *record;
	if (record->kind != RECORD_KPI)
		return;
	assert_true(taker->count < GIVEN_MAX);
	taker->records[taker->count] = *record;
	taker->tails[taker->count] = malloc(record->tail.len + 1);
	memcpy(taker->tails[taker->count++], record->tail.at, record->tail.len);
}

static int compare_starts(const void *left, const void *right)
{
	const struct record *a = *(const struct record *const *)left;
	const struct record *b = *(const struct record *const *)right;
	return (a->kpi.key.start > b->kpi.key.start) -
	       (a->kpi.key.start < b->kpi.key.start);
}

static void add_up(struct taker *taker)
{
	const struct record **order = calloc(taker->count, sizeof(*order));
	for (size_t i = 0; i < taker->count; i++) {
		taker->records[i].tail.at = taker->tails[i];
		order[i] = &taker->records[i];
	}
	qsort(order, taker->count, sizeof *order, compare_starts);
	for (unsigned int view = 0; view < KPI_VIEW_COUNT; view++)
		kpi_sum_begin(&taker->sums[view]);
	for (size_t i = 0; i < taker->count; i++)
		assert_int_equal(kpi_sum_add(&taker->sums[order[i]->kpi.key.view],
		                             &order[i]->kpi, order[i]->tail),
		                 OK);
	for (unsigned int view = 0; view < KPI_VIEW_COUNT; view++)
		kpi_sum_finish(&taker->sums[view]);
	free(order);
}

/* Calls of 7 s and more, one each 11 s, some over hours. */
static struct scene *calls(void)
{
	struct scene *scene = scene_new();
	for (int i = 0; i < CALLS; i++) {
		char call_id[16], tag[16];
		const double at = i * 11000.0;
		const double end = at + (i % 10 == 3 ? 7.3e6 : 7000 + i * 300);
		snprintf(call_id, sizeof call_id, "call%d", i);
		snprintf(tag, sizeof tag, "t%d", i);
		const struct says lines[] = {
			{ at, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, call_id,
			  NULL },
			{ at + 50, BOB, ALICE, "180 Ringing", "1 INVITE", "a", tag, NULL,
			  call_id, NULL },
			{ at + 2000, BOB, ALICE, i % 4 ? "200 OK" : "486 Busy Here",
			  "1 INVITE", "a", tag, NULL, call_id, NULL },
			{ i % 4 ? end : at + 2010, ALICE, BOB, i % 4 ? "BYE" : "ACK",
			  i % 4 ? "2 BYE" : "1 ACK", "a", tag, NULL, call_id, NULL },
		};
		SCENE_SCRIPT(scene, lines);
	}
	scene_sort(scene);
	scene->settings.keep_kpis = true;
	return scene;
}

static struct taker *run(struct scene *scene, struct counters *counters)
{
	struct taker *taker = calloc(1, sizeof *taker);
	const struct sink sink = { take_record, taker };
	struct analyzer *analyzer;
	taker->last.at = INT64_MIN;
	taker->crowded = scene->settings.limits.kpi_cells < 16;
	assert_int_equal(analyzer_new(&scene->settings, &sink, &analyzer), OK);
	for (size_t i = 0; i < scene->packet_count; i++) {
		enum claim claim;
		analyzer_feed(analyzer, &scene->packets[i].packet, 1, &claim);
	}
	analyzer_finish(analyzer);
	*counters = *analyzer_counters(analyzer);
	analyzer_free(analyzer);
	add_up(taker);
	return taker;
}

static void taker_free(struct taker *taker)
{
	for (unsigned int view = 0; view < KPI_VIEW_COUNT; view++)
		kpi_sum_free(&taker->sums[view]);
	for (size_t i = 0; i < taker->count; i++)
		free(taker->tails[i]);
	free(taker);
}

static void assert_same(const struct taker *a, const struct taker *b)
{
	for (unsigned int view = 0; view < KPI_VIEW_COUNT; view++) {
		const struct kpi_sum *left = &a->sums[view];
		const struct kpi_sum *right = &b->sums[view];
		assert_memory_equal(left->counts, right->counts, sizeof left->counts);
		assert_memory_equal(left->peaks, right->peaks, sizeof left->peaks);
		assert_int_equal(left->histograms.count, right->histograms.count);
		for (size_t i = 0; i < left->histograms.count; i++)
			assert_true(left->histograms.list[i].key ==
			                    right->histograms.list[i].key &&
			            left->histograms.list[i].n ==
			                    right->histograms.list[i].n);
		assert_true(left->busy_hour == right->busy_hour);
	}
}

static void giving_often_adds_up_to_the_same(void **state)
{
	static const struct {
		size_t cells;
		nstime every;
	} cases[] = { { 32768, 60 * NS_PER_SEC }, { 7, 0 }, { 1, 0 }, { 800, NS_PER_SEC } };
	struct counters counters;
	struct scene *scene = calls();
	struct taker *whole = run(scene, &counters);
	(void)state;
	assert_int_equal(counters.of[COUNT_KPI_GIVEN_EARLY], 0);
	assert_int_equal(whole->sums[KPI_VIEW_LEG].counts[KPI_SEEN], CALLS);
	assert_int_equal(whole->sums[KPI_VIEW_CALL].counts[KPI_ANSWERED], CALLS * 3 / 4);
	assert_int_equal(whole->sums[KPI_VIEW_TRUNK].counts[KPI_BUSY], CALLS / 4);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		scene->settings.limits.kpi_cells = cases[i].cells;
		scene->settings.kpi_every = cases[i].every;
		struct taker *parts = run(scene, &counters);
		assert_same(whole, parts);
		assert_true(parts->count > whole->count);
		assert_int_equal(counters.of[COUNT_KPI_GIVEN_EARLY] > 0,
		                 cases[i].cells < 16);
		taker_free(parts);
	}
	taker_free(whole);
	scene_free(scene);
}

static void no_bucket_leaves_unasked(void **state)
{
	struct scene *scene = calls();
	struct counters counters;
	(void)state;
	scene->settings.keep_kpis = false;
	struct taker *taker = run(scene, &counters);
	assert_int_equal(taker->count, 0);
	taker_free(taker);
	scene_free(scene);
}

/* A caller who tries again is one pair, and pairs beyond the cap make room. */
static void who_dials_again_is_remembered_for_a_minute(void **state)
{
	static const struct {
		double gap_ms;
		size_t pairs;
		uint64_t redials;
	} cases[] = { { 1, 10, 1 }, { 60000, 10, 1 }, { 60001, 10, 0 }, { 5000, 1, 0 } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		const double again = 110 + cases[i].gap_ms;
		const struct says lines[] = {
			{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, "one",
			  NULL },
			{ 110, BOB, ALICE, "486 Busy Here", "1 INVITE", "a", "b", NULL,
			  "one", NULL },
			{ again, ALICE, BOB, "INVITE", "1 INVITE", "c", NULL, NULL, "two",
			  NULL },
			{ again + 9, BOB, ALICE, "486 Busy Here", "1 INVITE", "c", "d",
			  NULL, "two", NULL },
		};
		struct counters counters;
		SCENE_SCRIPT(scene, lines);
		scene_sort(scene);
		scene->settings.keep_kpis = true;
		scene->settings.limits.kpi_pairs = cases[i].pairs;
		struct taker *taker = run(scene, &counters);
		if (cases[i].pairs > 1)
			assert_int_equal(taker->sums[KPI_VIEW_CALL].counts[KPI_REDIALS],
			                 cases[i].redials);
		taker_free(taker);
		scene_free(scene);
	}
}

/* Buckets of that peer and direction, and what was seen there. */
static uint64_t seen_at(const struct taker *taker, const char *peer,
                        enum kpi_direction direction)
{
	uint64_t seen = 0;
	for (size_t i = 0; i < taker->count; i++) {
		const struct kpi_record *kpi = &taker->records[i].kpi;
		if (kpi->key.view == KPI_VIEW_PEER && kpi->key.direction == direction &&
		    strcmp(kpi->key.peer, peer) == 0)
			seen += kpi->counts[KPI_SEEN];
	}
	return seen;
}

/* Five callers, a minute apart, with room for three addresses, of which BOB's is one. */
static void strangers_beyond_the_cap_are_the_rest(void **state)
{
	static const struct {
		double apart_ms;
		size_t peers;
		uint64_t first, second, fifth, rest;
	} cases[] = {
		{ 60000, 3, 1, 1, 0, 3 },
		{ 60000, 6, 1, 1, 1, 0 },
		{ 3700e3, 3, 1, 1, 1, 0 }, /* who has been silent for an hour makes room */
		{ 60000, 0, 0, 0, 0, 5 },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		struct counters counters;
		for (int n = 1; n <= 5; n++) {
			char from[32], call_id[16];
			const double at = n * cases[i].apart_ms;
			snprintf(from, sizeof from, "192.0.2.%d:5060", n);
			snprintf(call_id, sizeof call_id, "call%d", n);
			const struct says lines[] = {
				{ at, from, BOB, "INVITE", "1 INVITE", "a", NULL, NULL,
				  call_id, NULL },
				{ at + 110, BOB, from, "486 Busy Here", "1 INVITE", "a",
				  "b", NULL, call_id, NULL },
			};
			SCENE_SCRIPT(scene, lines);
		}
		scene_sort(scene);
		scene->settings.keep_kpis = true;
		scene->settings.limits.kpi_peers = cases[i].peers;
		struct taker *taker = run(scene, &counters);
		assert_int_equal(seen_at(taker, "192.0.2.1", KPI_INBOUND), cases[i].first);
		assert_int_equal(seen_at(taker, "192.0.2.2", KPI_INBOUND), cases[i].second);
		assert_int_equal(seen_at(taker, "192.0.2.5", KPI_INBOUND), cases[i].fifth);
		assert_int_equal(seen_at(taker, KPI_PEER_REST, KPI_INBOUND), cases[i].rest);
		assert_int_equal(counters.of[COUNT_KPI_PEERS_IN_REST] > 0,
		                 cases[i].rest > 0);
		taker_free(taker);
		scene_free(scene);
	}
}

/* Time that jumps by a century must not keep anybody busy for as long. */
static void what_lasts_longer_than_a_day_counts_for_a_day(void **state)
{
	struct scene *scene = scene_new();
	struct counters counters;
	const struct says lines[] = {
		{ 4e12, ALICE, BOB, "OPTIONS", "1 OPTIONS", "x", NULL, NULL, "ping", NULL },
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, "one", NULL },
		{ 10, BOB, ALICE, "180 Ringing", "1 INVITE", "a", "b", NULL, "one", NULL },
	};
	(void)state;
	SCENE_SCRIPT(scene, lines);
	scene->settings.keep_kpis = true;
	struct taker *taker = run(scene, &counters);
	assert_true(taker->sums[KPI_VIEW_LEG].counts[KPI_OCCUPIED_US] <=
	            KPI_LONGEST_S * UINT64_C(1000000));
	taker_free(taker);
	scene_free(scene);
}

/*
 * What was going on when the clock jumped says nothing of delays, and little of load; nor
 * does what goes on while it is a century behind what one packet said.
 */
static void a_clock_that_jumps_makes_no_figures(void **state)
{
	static const struct {
		double jump_ms;
		bool ahead; /* a packet from the next century goes before all */
	} cases[] = { { 30e3, false }, { 40e3, false }, { 7.3e6, false }, { 3.2e10, false },
		      { 1000, true },  { 40e3, true },  { -500, true },   { 7.3e6, true } };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene = scene_new();
		struct counters counters;
		const double later = 1000 + cases[i].jump_ms;
		const struct says century[] = {
			{ 4e12, BOB, ALICE, "OPTIONS", "1 OPTIONS", "x", NULL, NULL, "far",
			  NULL },
		};
		const struct says lines[] = {
			{ 600, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, NULL, "one",
			  NULL },
			{ 610, ALICE, BOB, "REGISTER", "1 REGISTER", "r", NULL, NULL, "reg",
			  NULL },
			{ 620, ALICE, BOB, "INVITE", "1 INVITE", "c", NULL, NULL, "two",
			  NULL },
			{ 630, BOB, ALICE, "200 OK", "1 INVITE", "c", "d", NULL, "two",
			  NULL },
			{ later, BOB, ALICE, "200 OK", "1 REGISTER", "r", "s", NULL, "reg",
			  NULL },
			{ later + 1, BOB, ALICE, "180 Ringing", "1 INVITE", "a", "b", NULL,
			  "one", NULL },
			{ later + 2, ALICE, BOB, "BYE", "2 BYE", "c", "d", NULL, "two",
			  NULL },
		};
		if (cases[i].ahead)
			SCENE_SCRIPT(scene, century);
		SCENE_SCRIPT(scene, lines);
		scene->settings.keep_kpis = true;
		struct taker *taker = run(scene, &counters);
		const uint64_t *counts = taker->sums[KPI_VIEW_LEG].counts;
		assert_true(counts[KPI_RRD_US] <= 32000000);
		assert_true(counts[KPI_PDD_US] <= KPI_LONGEST_DELAY_S * UINT64_C(1000000));
		assert_true(counts[KPI_OCCUPIED_US] <=
		            (KPI_LONGEST_S + KPI_LONGEST_UNANSWERED_S) * UINT64_C(1000000));
		assert_int_equal(counters.of[COUNT_KPI_LEGS_CUT], cases[i].ahead);
		assert_int_equal(counters.of[COUNT_DELAYS_NOT_BELIEVED],
		                 cases[i].ahead &&
		                         (cases[i].jump_ms > 32e3 || cases[i].jump_ms < 0));
		taker_free(taker);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(giving_often_adds_up_to_the_same),
		cmocka_unit_test(no_bucket_leaves_unasked),
		cmocka_unit_test(who_dials_again_is_remembered_for_a_minute),
		cmocka_unit_test(strangers_beyond_the_cap_are_the_rest),
		cmocka_unit_test(a_clock_that_jumps_makes_no_figures),
		cmocka_unit_test(what_lasts_longer_than_a_day_counts_for_a_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
