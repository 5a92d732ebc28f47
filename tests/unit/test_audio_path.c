/*
 * What became of a direction's audio: each row is a leg that was answered at 10 s, what was
 * seen of it, and the fates by the comments of record.h.
 */
#include "analyzer/quality/audio_path.h"

#include <math.h>

#include "tests/unit/unit.h"

#define S NS_PER_SEC
#define ANSWERED (10 * S)

#define W AUDIO_WANTED
#define H AUDIO_WANT_HELD
#define M AUDIO_WANT_MOVED
#define N AUDIO_WANT_NOTHING
#define NO AUDIO_FATE_UNKNOWN
#define OKAY AUDIO_FATE_OK
#define F_NONE AUDIO_FATE_NONE
#define F_EARLY_ONLY AUDIO_FATE_EARLY_ONLY
#define F_STOPPED AUDIO_FATE_STOPPED
#define F_SILENT AUDIO_FATE_SILENT
#define F_CLOSED_PORT AUDIO_FATE_CLOSED_PORT
#define F_PRIVATE_ADDRESS AUDIO_FATE_PRIVATE_ADDRESS
#define F_HELD AUDIO_FATE_HELD
#define F_MOVED AUDIO_FATE_MOVED
#define F_NOT_SEEN AUDIO_FATE_NOT_SEEN

/* clang-format off */
#define TALK { { 0, W, W } }
#define ALL { 10, 30 }
#define ERRORS(count, first, last) \
	{ .unreachable = (count), .unreachable_first = (first), .unreachable_last = (last) }
/* clang-format on */

/* Seconds; a direction without packets has to_s 0. */
struct way {
	double from_s, to_s;
	struct audio_path more; /* what is not packets: copied over */
};

static const struct row {
	const char *what;
	double ended_s;
	struct {
		double at_s;
		enum audio_want forward, reverse;
	} changes[4];
	struct way forward, reverse;
	enum audio_fate forward_fate, reverse_fate;
	bool one_way;
	bool stranded; /* the callee named a private address */
} rows[] = {
	/* clang-format off */
	{ "all is well", 30, TALK, ALL, ALL, OKAY, OKAY, false },
	{ "nothing comes back", 30, TALK, ALL, { 0 }, OKAY, F_NONE, true },
	{ "nothing goes", 30, TALK, { 0 }, ALL, F_NONE, OKAY, true },
	{ "nothing at all goes another way",
	  30, TALK, { 0 }, { 0 }, F_NOT_SEEN, F_NOT_SEEN, false },
	{ "only the ringing tone", 30, TALK, ALL, { 4, 10.1 }, OKAY, F_EARLY_ONLY, true },
	{ "early media goes on", 30, TALK, ALL, { 4, 30 }, OKAY, OKAY, false },
	{ "it starts late", 30, TALK, ALL, { 22, 30 }, OKAY, OKAY, false },
	{ "it stops", 30, TALK, ALL, { 10, 20 }, OKAY, F_STOPPED, true },
	{ "it stops shortly before the end",
	  30, TALK, ALL, { 10, 27.1 }, OKAY, OKAY, false },
	{ "both stop at once",
	  30, TALK, { 10, 20 }, { 10, 21 }, F_STOPPED, F_STOPPED, false },
	{ "both stop, one first",
	  30, TALK, { 10, 24 }, { 10, 17 }, F_STOPPED, F_STOPPED, true },
	{ "it stops with comfort noise",
	  60, TALK, { 10, 60 }, { 10, 20, { .pausing = true } }, OKAY, OKAY, false },
	{ "who pauses may pause again",
	  45, TALK, { 10, 45 }, { 10, 20, { .pauses = true } }, OKAY, OKAY, false },
	{ "but not for ever",
	  60, TALK, { 10, 60 }, { 10, 20, { .pauses = true } }, OKAY, F_STOPPED,
	  true },
	{ "a short call is not judged", 12.9, TALK, { 10, 12.9 }, { 0 }, OKAY, NO, false },
	{ "one of three seconds is", 13, TALK, { 10, 13 }, { 0 }, OKAY, F_NONE, true },
	{ "silence that flows",
	  30, TALK, { 10, 30, { .heard_s = 19, .silent_s = 2 } },
	  { 10, 30, { .heard_s = 19, .silent_s = 19 } }, OKAY, F_SILENT, false },
	{ "of which too little was heard",
	  30, TALK, ALL, { 10, 30, { .heard_s = 2, .silent_s = 2 } }, OKAY, OKAY,
	  false },
	{ "hold to the end",
	  30, { { 0, W, W }, { 20, H, H } }, { 10, 20 }, { 10, 20 }, F_HELD,
	  F_HELD, false },
	{ "hold, and music",
	  30, { { 0, W, W }, { 20, H, H } }, ALL, { 10, 20 }, OKAY, F_HELD, false },
	{ "hold and resume",
	  30, { { 0, W, W }, { 15, H, H }, { 20, W, W } }, ALL, ALL, OKAY, OKAY,
	  false },
	{ "it does not come back from hold",
	  30, { { 0, W, W }, { 15, H, H }, { 20, W, W } }, ALL, { 10, 15 }, OKAY,
	  F_STOPPED, true },
	{ "nothing asked for: recvonly",
	  30, { { 0, W, H } }, ALL, { 0 }, OKAY, F_HELD, false },
	{ "nothing asked for: inactive",
	  30, { { 0, H, H } }, { 0 }, { 0 }, F_HELD, F_HELD, false },
	{ "a fax",
	  60, { { 0, W, W }, { 20, M, M } }, { 10, 20 }, { 10, 20 }, F_MOVED,
	  F_MOVED, false },
	{ "one way before the fax",
	  60, { { 0, W, W }, { 20, M, M } }, { 10, 20 }, { 0 }, F_MOVED, F_NONE,
	  true },
	{ "there never was audio", 60, { { 0, N, N } }, { 0 }, { 0 }, NO, NO, false },
	{ "no SDP was seen", 60, { { 0 } }, { 0 }, { 0 }, F_NOT_SEEN, F_NOT_SEEN, false },
	{ "no SDP was seen, but RTP",
	  60, { { 0 } }, { 10, 60 }, { 0 }, OKAY, F_NOT_SEEN, false },
	{ "a port that is closed",
	  30, TALK,
	  { 10, 30, ERRORS(20, 10 * S, 29 * S) },
	  ALL, F_CLOSED_PORT, OKAY, true },
	{ "it closes in mid-call",
	  30, TALK,
	  { 10, 30, ERRORS(5, 24 * S, 29 * S) },
	  { 10, 24 }, F_CLOSED_PORT, F_STOPPED, true },
	{ "it closes as the call ends",
	  30, TALK,
	  { 10, 30, ERRORS(5, 30 * S - S / 10, 30 * S) },
	  ALL, OKAY, OKAY, false },
	{ "it opens late",
	  30, TALK,
	  { 8, 30, ERRORS(5, 8 * S, 11 * S) },
	  ALL, OKAY, OKAY, false },
	{ "it was closed before the answer",
	  16, TALK,
	  { 8, 16, ERRORS(9, 8 * S, 9 * S) },
	  { 10, 16 }, OKAY, OKAY, false },
	{ "the sender gives up at the first error",
	  30, TALK,
	  { 10, 10.5, ERRORS(1, 10 * S + S / 2, 10 * S + S / 2) },
	  ALL, F_CLOSED_PORT, OKAY, true },
	{ "a stray error or two",
	  13.5, TALK,
	  { 10, 13.5, ERRORS(2, 11 * S, 11 * S) },
	  { 10, 13.5 }, OKAY, OKAY, false },
	{ "errors about RTP that is not seen",
	  30, TALK,
	  { .more = ERRORS(9, 10 * S, 29 * S) },
	  { 0 }, F_CLOSED_PORT, F_NOT_SEEN, true },
	{ "a closed port on hold",
	  30, { { 0, W, W }, { 15, H, H } },
	  { 10, 30, ERRORS(9, 16 * S, 29 * S) },
	  { 10, 15 }, OKAY, F_HELD, false },
	{ "a private address that nothing is sent to",
	  30, TALK, { 0 }, ALL, F_PRIVATE_ADDRESS, OKAY, true, true },
	{ "one that everything is sent to",
	  30, TALK, { 10, 30, { .astray = 1 } }, ALL, F_PRIVATE_ADDRESS, OKAY,
	  true, true },
	{ "one that a relay knows better", 30, TALK, ALL, ALL, OKAY, OKAY, false, true },
	{ "one that sends, here",
	  30, TALK, { 10, 30, { .astray = 1 } },
	  { 10, 30, { .from_private = true } }, OKAY, OKAY, false, true },
	{ "one that receives: its reports say so",
	  30, TALK, { .more = { .received = true } }, ALL, F_NOT_SEEN, OKAY, false,
	  true },
	{ "one of a short call", 12, TALK, { 0 }, { 10, 12 }, NO, OKAY, false, true },
	{ "the receiver's reports have it",
	  30, TALK, ALL, { .more = { .received = true } }, OKAY, F_NOT_SEEN, false },
	{ "the sender's reports count up",
	  30, TALK, ALL,
	  { .more = { .sent_reports = 3, .sent_first = 200, .sent_last = 700 } },
	  OKAY, F_NOT_SEEN, false },
	{ "they count, and nobody hears it",
	  30, TALK, ALL,
	  { .more = { .sent_reports = 3, .sent_first = 200, .sent_last = 700, .unheard = 3 } },
	  OKAY, F_NONE, true },
	{ "they do not count up",
	  30, TALK, ALL, { .more = { .sent_reports = 3 } }, OKAY, F_NONE, true },
	{ "one report counts nothing",
	  30, TALK, ALL, { .more = { .sent_reports = 1, .sent_last = 700 } }, OKAY,
	  F_NONE, true },
	{ "nothing ever came from there",
	  30, TALK, ALL, { .more = { .unseen_host = true } }, OKAY, F_NOT_SEEN,
	  false },
	/* clang-format on */
};

static struct audio_path path_of(const struct way *way)
{
	struct audio_path path = way->more;
	path.first = path.last = NSTIME_NONE;
	if (way->to_s > 0) {
		path.first = (nstime)(way->from_s * (double)S);
		path.last = (nstime)(way->to_s * (double)S);
		path.packets = 1;
	}
	return path;
}

static struct audio_plan plan_of(const struct row *row)
{
	struct audio_plan plan;
	audio_plan_init(&plan);
	plan.answered = ANSWERED;
	plan.ended = (nstime)(row->ended_s * (double)S);
	plan.unroutable[AUDIO_FORWARD] = row->stranded;
	for (size_t i = 0; i < ARRAY_LEN(row->changes); i++) {
		const enum audio_want want[] = { row->changes[i].forward,
			                         row->changes[i].reverse };
		if (want[0] != AUDIO_WANT_UNKNOWN)
			audio_plan_change(&plan, (nstime)(row->changes[i].at_s * (double)S),
			                  want);
	}
	return plan;
}

static void every_leg_has_its_fates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		const struct audio_path paths[] = { path_of(&row->forward),
			                            path_of(&row->reverse) };
		const struct audio_plan plan = plan_of(row);
		const struct audio_outcome outcome = audio_judge(&plan, paths);
		if (outcome.fates[AUDIO_FORWARD] != row->forward_fate ||
		    outcome.fates[AUDIO_REVERSE] != row->reverse_fate ||
		    outcome.one_way != row->one_way)
			fail_msg("%s: %d, %d, %d", row->what, outcome.fates[AUDIO_FORWARD],
			         outcome.fates[AUDIO_REVERSE], outcome.one_way);
	}
}

static void who_was_never_answered_has_none(void **state)
{
	(void)state;
	const struct audio_path paths[] = { path_of(&(struct way){ 1, 30, { 0 } }),
		                            path_of(&(struct way){ 0 }) };
	struct audio_plan plan = plan_of(&rows[0]);
	plan.answered = NSTIME_NONE;
	const struct audio_outcome outcome = audio_judge(&plan, paths);
	assert_int_equal(outcome.fates[AUDIO_FORWARD], NO);
	assert_int_equal(outcome.fates[AUDIO_REVERSE], NO);
	assert_false(outcome.one_way);
	assert_true(isnan(outcome.coverage_pct[AUDIO_FORWARD]));
	assert_int_equal(outcome.until[AUDIO_FORWARD], 30 * S);
	assert_int_equal(outcome.until[AUDIO_REVERSE], NSTIME_NONE);
}

static void coverage_leaves_out_hold(void **state)
{
	(void)state;
	struct audio_plan plan;
	audio_plan_init(&plan);
	plan.answered = ANSWERED;
	plan.ended = 50 * S;
	const enum audio_want both[] = { W, W };
	const enum audio_want held[] = { H, H };
	audio_plan_change(&plan, 0, both);
	audio_plan_change(&plan, 20 * S, held);
	audio_plan_change(&plan, 30 * S, both);
	assert_int_equal(audio_plan_time(&plan, AUDIO_FORWARD, AUDIO_WANTED, 0, 100 * S),
	                 30 * S);
	assert_int_equal(audio_plan_time(&plan, AUDIO_FORWARD, H, 25 * S, 28 * S), 3 * S);
	const struct coverage none = { 0 };
	/* Early, over the hold, and beyond the end. */
	assert_int_equal(audio_plan_covered(&plan, AUDIO_FORWARD, &none, 5 * S, 60 * S),
	                 30 * S);
	assert_int_equal(audio_plan_covered(&plan, AUDIO_FORWARD, &none, 15 * S, 35 * S),
	                 10 * S);
	struct audio_path paths[AUDIO_DIRECTIONS];
	audio_path_init(&paths[AUDIO_FORWARD]);
	audio_path_init(&paths[AUDIO_REVERSE]);
	const struct audio_seen seen[] = {
		{ .first = 15 * S, .last = 35 * S, .packets = 500, .covered = 10 * S },
		{ .first = 10 * S, .last = 50 * S, .packets = 999, .covered = 30 * S },
	};
	audio_path_add(&paths[AUDIO_FORWARD], &seen[0]);
	audio_path_add(&paths[AUDIO_REVERSE], &seen[1]);
	const struct audio_outcome outcome = audio_judge(&plan, paths);
	assert_true(fabs(outcome.coverage_pct[AUDIO_FORWARD] - 100.0 / 3) < 1e-9);
	assert_true(outcome.coverage_pct[AUDIO_REVERSE] == 100);
}

static void of_many_changes_the_first_are_forgotten(void **state)
{
	(void)state;
	struct audio_plan plan;
	audio_plan_init(&plan);
	plan.answered = 0;
	plan.ended = 100 * S;
	for (nstime i = 0; i < 10; i++) {
		const enum audio_want want[] = { i % 2 ? H : W, W };
		audio_plan_change(&plan, i * 10 * S, want);
		audio_plan_change(&plan, i * 10 * S + S, want); /* no change at all */
	}
	assert_int_equal(plan.change_count, AUDIO_PLAN_CHANGES);
	/* Known from 40 s on; what held there counts for what was before, too. */
	assert_int_equal(audio_plan_time(&plan, AUDIO_FORWARD, W, 0, 100 * S), 70 * S);
	assert_int_equal(audio_plan_time(&plan, AUDIO_FORWARD, H, 0, 100 * S), 30 * S);
}

static void streams_of_a_direction_add_up(void **state)
{
	(void)state;
	struct audio_path path;
	audio_path_init(&path);
	const struct audio_seen seen[] = {
		{ .first = 20,
		  .last = 40,
		  .packets = 3,
		  .pausing = true,
		  .to_private = true,
		  .heard_s = 4,
		  .silence_pct = 100,
		  .covered = 5 },
		{ .first = 10,
		  .last = 30,
		  .packets = 4,
		  .pauses = true,
		  .heard_s = NAN,
		  .silence_pct = NAN,
		  .covered = 6 },
		{ .first = 50,
		  .last = 60,
		  .packets = 5,
		  .to_private = true,
		  .from_private = true,
		  .heard_s = 4,
		  .silence_pct = 25,
		  .covered = 7 },
	};
	audio_path_add(&path, &seen[0]);
	audio_path_add(&path, &seen[1]);
	assert_true(path.pausing); /* the later of the two ends so */
	audio_path_add(&path, &seen[2]);
	assert_false(path.pausing);
	assert_true(path.pauses && path.from_private);
	assert_int_equal(path.first, 10);
	assert_int_equal(path.last, 60);
	assert_int_equal(path.packets, 12);
	assert_int_equal(path.astray, 3);
	assert_int_equal(path.covered, 18);
	assert_true(path.heard_s == 8 && path.silent_s == 5);
}

static void errors_with_a_pause_between_are_two_faults(void **state)
{
	(void)state;
	struct audio_path path;
	audio_path_init(&path);
	for (int i = 0; i < 4; i++)
		audio_path_unreachable(&path, i * S);
	assert_int_equal(path.unreachable, 4);
	assert_int_equal(path.unreachable_first, 0);
	audio_path_unreachable(&path, 8 * S);
	assert_int_equal(path.unreachable, 5);
	audio_path_unreachable(&path, 14 * S);
	assert_int_equal(path.unreachable, 1);
	assert_int_equal(path.unreachable_first, 14 * S);
	assert_int_equal(path.unreachable_last, 14 * S);
}

static const struct {
	const char *text;
	bool is_private;
} addresses[] = {
	{ "10.0.0.1", true },
	{ "9.255.255.255", false },
	{ "11.0.0.0", false },
	{ "172.16.0.0", true },
	{ "172.31.255.255", true },
	{ "172.32.0.0", false },
	{ "172.15.255.255", false },
	{ "192.168.255.1", true },
	{ "192.169.0.1", false },
	{ "127.0.0.1", true },
	{ "169.254.9.9", true },
	{ "169.253.0.1", false },
	{ "198.18.0.1", false },
	{ "100.63.255.255", false },
	{ "100.64.0.1", true },
	{ "100.127.255.255", true },
	{ "100.128.0.1", false },
	{ "8.8.8.8", false },
	{ "fd12:3456::1", true },
	{ "fc00::1", true },
	{ "fe80::1", true },
	{ "febf::1", true },
	{ "fec0::1", false },
	{ "::1", true },
	{ "::2", false },
	{ "2001:db8::1", false },
};

static void private_addresses_are_those_of_the_standards(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct address address;
		assert_int_equal(address_parse(text_from(addresses[i].text), &address), OK);
		if (audio_address_is_private(&address) != addresses[i].is_private)
			fail_msg("%s", addresses[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_leg_has_its_fates),
		cmocka_unit_test(who_was_never_answered_has_none),
		cmocka_unit_test(coverage_leaves_out_hold),
		cmocka_unit_test(of_many_changes_the_first_are_forgotten),
		cmocka_unit_test(streams_of_a_direction_add_up),
		cmocka_unit_test(errors_with_a_pause_between_are_two_faults),
		cmocka_unit_test(private_addresses_are_those_of_the_standards),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
