/*
 * The frame of the rules: what is kept of a call, in which order findings come, and which
 * of them are left out.  Whether the rules are right is what tests/findings asks.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <string.h>

#include "schema/field_text.h"
#include "tests/unit/unit.h"

static struct record leg_of(uint64_t id)
{
	struct record record;
	record_clear(&record, RECORD_LEG);
	record.leg.id = id;
	record.leg.start = NS_PER_SEC;
	record.leg.answered = 2 * NS_PER_SEC;
	record.leg.ended = 62 * NS_PER_SEC;
	record.leg.duration_s = 60;
	record.leg.status = 200;
	record.leg.state = LEG_COMPLETED;
	record.leg.ended_by = ENDED_BY_CALLER;
	return record;
}

static struct record stream_of(uint64_t leg, enum direction direction)
{
	struct record record;
	record_clear(&record, RECORD_STREAM);
	record.stream.id = 77;
	record.stream.leg = leg;
	record.stream.direction = direction;
	record.stream.first = 2 * NS_PER_SEC;
	record.stream.last = 62 * NS_PER_SEC;
	record.stream.packets = record.stream.expected = 3000;
	record.stream.pdv_p50_ms = 1;
	record.stream.pdv_p95_ms = record.stream.pdv_p99_ms = 3;
	return record;
}

static struct leg_trace trace_of_a_good_call(void)
{
	struct leg_trace trace;
	leg_trace_begin(&trace);
	trace.trying = trace.ringing = true;
	trace.invited = NS_PER_SEC;
	trace.ok_first = trace.ok_last = trace.refreshed = 2 * NS_PER_SEC;
	trace.ack_first = 2 * NS_PER_SEC + 5 * NS_PER_MS;
	trace.acks = 1;
	return trace;
}

static struct stream_facts facts_of_losses(void)
{
	return (struct stream_facts){ .losses = { .runs = 60,
		                                  .lost = 62,
		                                  .longest = 2,
		                                  .period_ms = NAN,
		                                  .before_ms = 1,
		                                  .after_ms = 1,
		                                  .clumping = 1 } };
}

static void a_call_of_which_nothing_is_known_has_no_finding(void **state)
{
	struct finding_record out[FINDINGS_PER_CALL];
	(void)state;
	assert_int_equal(diagnosis_judge(NULL, out), 0);
	diagnosis_free(NULL);
}

static void a_good_call_has_none(void **state)
{
	struct finding_record out[FINDINGS_PER_CALL];
	struct diagnosis *d = NULL;
	const struct record leg = leg_of(1);
	const struct leg_trace trace = trace_of_a_good_call();
	const struct stream_facts facts = { 0 };
	(void)state;
	assert_int_equal(diagnosis_note_leg(&d, &leg.leg, &trace), OK);
	for (enum direction way = DIRECTION_FORWARD; way < DIRECTION_COUNT; way++) {
		const struct record stream = stream_of(1, way);
		assert_int_equal(diagnosis_note_stream(&d, &stream.stream, &facts), OK);
	}
	assert_int_equal(diagnosis_judge(d, out), 0);
	diagnosis_free(d);
}

static void a_loss_is_named_with_its_way_and_its_side(void **state)
{
	struct finding_record out[FINDINGS_PER_CALL];
	struct diagnosis *d = NULL;
	struct record stream = stream_of(1, DIRECTION_REVERSE);
	const struct stream_facts facts = facts_of_losses();
	(void)state;
	stream.stream.lost = 62;
	stream.stream.loss_pct = 100.0 * 62 / 3000;
	stream.stream.loss_verdict = LOSS_NETWORK;
	assert_int_equal(diagnosis_note_stream(&d, &stream.stream, &facts), OK);
	assert_int_equal(diagnosis_judge(d, out), 1);
	assert_int_equal(out[0].code, FINDING_LOSS_RANDOM);
	assert_int_equal(out[0].points_to, POINTS_TO_CALLEE_SIDE);
	assert_int_equal(out[0].stream, 77);
	assert_int_equal(out[0].leg, 1);
	assert_non_null(strstr(out[0].sentence, "from callee to caller"));
	assert_non_null(strstr(out[0].evidence, "62 of 3000 packets"));
	assert_true(out[0].confidence > 0 && out[0].confidence <= 1);
	assert_true(out[0].first == 2 * NS_PER_SEC && out[0].last == 62 * NS_PER_SEC);
	diagnosis_free(d);
}

static void what_chance_explains_is_no_loss(void **state)
{
	static const struct {
		double lost, expected;
		bool lossy;
	} cases[] = {
		{ 0, 3000, false },   { 9, 3000, false },   { 2, 100, false },
		{ 4, 500, false },    { 40, 3000, true },   { 30, 500, true },
		{ 60, 30000, false }, { 400, 30000, true }, { 0, 0, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct diagnosis_stream s = { .lost = cases[i].lost,
			                            .expected = cases[i].expected,
			                            .loss_pct = 100 * cases[i].lost /
			                                        cases[i].expected };
		if (diagnosis_is_lossy(&s) != cases[i].lossy)
			fail_msg("%.0f of %.0f", cases[i].lost, cases[i].expected);
	}
}

/* More faults than places: the surest come first, and what they explain is left out. */
static void the_three_surest_come_first(void **state)
{
	struct finding_record out[FINDINGS_PER_CALL];
	struct diagnosis *d = NULL;
	struct record leg = leg_of(1);
	struct record stream = stream_of(1, DIRECTION_FORWARD);
	struct leg_trace trace = trace_of_a_good_call();
	struct stream_facts facts = facts_of_losses();
	(void)state;
	trace.ok_copies = 10; /* ACK lost, which explains the other repetitions */
	trace.ok_last = 33 * NS_PER_SEC;
	trace.ack_first = NSTIME_NONE;
	trace.acks = 0;
	trace.again_challenged = 4; /* an authentication loop */
	trace.challenges = 5;
	trace.unanswered_copies = trace.most_copies = 6;
	facts.unlisted.audio = 2000; /* another codec */
	stream.stream.lost = 62;     /* and losses */
	stream.stream.loss_pct = 2;
	assert_int_equal(diagnosis_note_leg(&d, &leg.leg, &trace), OK);
	assert_int_equal(diagnosis_note_stream(&d, &stream.stream, &facts), OK);
	assert_int_equal(diagnosis_judge(d, out), 3);
	assert_int_equal(out[0].code, FINDING_ACK_LOST);
	assert_int_equal(out[1].code, FINDING_AUTH_LOOP);
	assert_int_equal(out[2].code, FINDING_CODEC_MISMATCH);
	for (size_t i = 1; i < FINDINGS_PER_CALL; i++)
		assert_true(out[i - 1].confidence >= out[i].confidence);
	diagnosis_free(d);
}

static void what_is_kept_of_a_call_is_bounded(void **state)
{
	struct diagnosis *d = NULL;
	const struct leg_trace trace = trace_of_a_good_call();
	const struct stream_facts facts = { 0 };
	(void)state;
	for (unsigned int i = 1; i <= 3 * DIAGNOSIS_STREAMS; i++) {
		const struct record leg = leg_of(i);
		const struct record stream = stream_of(i, DIRECTION_FORWARD);
		assert_int_equal(diagnosis_note_leg(&d, &leg.leg, &trace), OK);
		assert_int_equal(diagnosis_note_stream(&d, &stream.stream, &facts), OK);
	}
	assert_int_equal(d->leg_count, DIAGNOSIS_LEGS);
	assert_int_equal(d->stream_count, DIAGNOSIS_STREAMS);
	assert_int_equal(d->legs[0].id, 1);
	diagnosis_free(d);
}

static void every_finding_has_a_name(void **state)
{
	(void)state;
	for (unsigned int code = FINDING_NONE + 1; code < FINDING_CODE_COUNT; code++)
		assert_non_null(finding_code_names[code]);
	for (unsigned int party = POINTS_TO_NONE + 1; party < POINTS_TO_COUNT; party++)
		assert_non_null(finding_party_names[party]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_of_which_nothing_is_known_has_no_finding),
		cmocka_unit_test(a_good_call_has_none),
		cmocka_unit_test(a_loss_is_named_with_its_way_and_its_side),
		cmocka_unit_test(what_chance_explains_is_no_loss),
		cmocka_unit_test(the_three_surest_come_first),
		cmocka_unit_test(what_is_kept_of_a_call_is_bounded),
		cmocka_unit_test(every_finding_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
