/*
 * The frame of the rules: what is kept of a call, in which order findings come, and which
 * of them are left out.  Whether the rules are right is what tests/findings asks.
 */
#include "analyzer/track/diagnosis.h"

#include <math.h>
#include <string.h>

#include "analyzer/track/trunk_ends.h"
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

/* --- what a trunk's operator expects -------------------------------------------------- */

static struct endpoint on_trunk(uint16_t port)
{
	struct endpoint at = { .port = port };
	assert_int_equal(address_parse(TEXT("198.51.100.1"), &at.address), OK);
	return at;
}

static struct trunks *demanding_trunk(void)
{
	struct trunks *trunks;
	struct trunk_conflict conflict;
	struct trunk_net net;
	struct trunk trunk = trunk_default();
	strcpy(trunk.name, "carrier");
	trunk.transports = 1u << TRANSPORT_TCP | 1u << TRANSPORT_TLS;
	trunk.dscp_signalling = 24;
	trunk.codecs[0] = CODEC_PCMA;
	trunk.codecs[1] = CODEC_G722;
	trunk.codec_count = 2;
	trunk.dscp = 46;
	trunk.media_security = MEDIA_SECURITY_SRTP;
	assert_int_equal(trunks_new(&trunks), OK);
	assert_int_equal(trunks_add(trunks, &trunk), OK);
	assert_int_equal(trunk_net_parse(TEXT("198.51.100.0/24"), &net), OK);
	assert_int_equal(trunks_add_net(trunks, TRUNK_SIGNALLING, &net), OK);
	assert_int_equal(trunks_seal(trunks, &conflict), OK);
	return trunks;
}

/* A leg and a stream that are as the trunk wants them. */
static struct record leg_as_expected(void)
{
	struct record leg = leg_of(1);
	leg.leg.dst = on_trunk(5060);
	leg.leg.transport = TRANSPORT_TCP;
	leg.leg.dscp_src = leg.leg.dscp_dst = 24;
	return leg;
}

static struct record stream_as_expected(void)
{
	struct record stream = stream_of(1, DIRECTION_FORWARD);
	stream.stream.dst = on_trunk(4000);
	stream.stream.codec = CODEC_PCMA;
	stream.stream.dscp = 46;
	stream.stream.encrypted = true;
	return stream;
}

/* The trunks are gone before the call is judged, as when they are configured anew. */
static size_t judge_on_trunk(struct record *leg, struct record *stream, bool configured,
                             struct stream_facts facts,
                             struct finding_record out[FINDINGS_PER_CALL])
{
	const struct leg_trace trace = trace_of_a_good_call();
	const struct settings settings = { .trunks =
		                                   configured ? demanding_trunk() : NULL };
	struct diagnosis *d = NULL;
	trunk_ends_of_leg(&settings, &leg->leg);
	trunk_ends_of_stream(&settings, &stream->stream);
	assert_int_equal(diagnosis_note_leg(&d, &leg->leg, &trace), OK);
	assert_int_equal(diagnosis_note_leg_trunks(&d, settings.trunks, &leg->leg), OK);
	assert_int_equal(diagnosis_note_stream(&d, &stream->stream, &facts), OK);
	assert_int_equal(diagnosis_note_stream_trunks(&d, settings.trunks, &stream->stream),
	                 OK);
	trunks_free((struct trunks *)settings.trunks);
	assert_int_equal(diagnosis_conclude(&d), OK);
	const size_t count = diagnosis_judge(d, out);
	diagnosis_free(d);
	return count;
}

static void what_a_trunk_does_not_expect_is_told(void **state)
{
	static const struct {
		enum transport transport;
		double dscp_src, dscp_dst;
		enum codec codec;
		uint64_t dscp, packets;
		bool clear;
		enum finding_code code; /* FINDING_NONE: nothing is found */
		const char *evidence;
	} cases[] = {
		{ TRANSPORT_TCP, 24, 24, CODEC_PCMA, 46, 3000, false, FINDING_NONE, "" },
		{ TRANSPORT_UDP, 24, 24, CODEC_PCMA, 46, 3000, false,
		  FINDING_TRUNK_TRANSPORT, "udp; expected tcp or tls" },
		{ TRANSPORT_TCP, 24, 0, CODEC_PCMA, 46, 3000, false, FINDING_TRUNK_SIP_DSCP,
		  "DSCP 24 from the caller; DSCP 0 from the callee; expected 24" },
		{ TRANSPORT_TCP, 26, NAN, CODEC_PCMA, 46, 3000, false,
		  FINDING_TRUNK_SIP_DSCP, "DSCP 26 from the caller; expected 24" },
		{ TRANSPORT_TCP, 24, 24, CODEC_PCMU, 46, 3000, false, FINDING_TRUNK_CODEC,
		  "PCMU, 3000 packets; expected PCMA or G722" },
		{ TRANSPORT_TCP, 24, 24, CODEC_PCMU, 46, 99, false, FINDING_NONE, "" },
		{ TRANSPORT_TCP, 24, 24, CODEC_PCMA, 0, 3000, false, FINDING_TRUNK_DSCP,
		  "DSCP 0; expected 46" },
		{ TRANSPORT_TCP, 24, 24, CODEC_PCMA, 46, 3000, true, FINDING_TRUNK_SECURITY,
		  "RTP in clear by its SDP; expected SRTP" },
	};
	struct finding_record out[FINDINGS_PER_CALL];
	const struct stream_facts facts = { 0 };
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct record leg = leg_as_expected(), stream = stream_as_expected();
		leg.leg.transport = cases[i].transport;
		leg.leg.dscp_src = cases[i].dscp_src;
		leg.leg.dscp_dst = cases[i].dscp_dst;
		stream.stream.codec = cases[i].codec;
		stream.stream.dscp = cases[i].dscp;
		stream.stream.packets = cases[i].packets;
		stream.stream.encrypted = !cases[i].clear;
		const bool any = cases[i].code != FINDING_NONE;
		assert_int_equal(judge_on_trunk(&leg, &stream, false, facts, out), 0);
		assert_int_equal(judge_on_trunk(&leg, &stream, true, facts, out), any);
		if (!any)
			continue;
		const bool media = cases[i].code != FINDING_TRUNK_TRANSPORT &&
		                   cases[i].code != FINDING_TRUNK_SIP_DSCP;
		const struct endpoint end = on_trunk(media ? 4000 : 5060);
		assert_int_equal(out[0].code, cases[i].code);
		assert_string_equal(out[0].evidence, cases[i].evidence);
		assert_int_equal(out[0].points_to, POINTS_TO_TRUNK);
		assert_true(endpoint_equal(&out[0].peer, &end));
		assert_int_equal(out[0].leg, 1);
		assert_int_equal(out[0].stream, media ? 77 : 0);
		assert_non_null(strstr(out[0].sentence, "trunk carrier."));
	}
}

/* All five are broken, and packets are lost: three are told, the one people hear first. */
static void a_fault_goes_before_what_a_trunk_does_not_expect(void **state)
{
	struct finding_record out[FINDINGS_PER_CALL];
	struct record leg = leg_as_expected(), stream = stream_as_expected();
	(void)state;
	leg.leg.transport = TRANSPORT_UDP;
	leg.leg.dscp_src = 0;
	stream.stream.codec = CODEC_PCMU;
	stream.stream.dscp = 0;
	stream.stream.encrypted = false;
	stream.stream.lost = 62;
	stream.stream.loss_pct = 100.0 * 62 / 3000;
	stream.stream.loss_verdict = LOSS_NETWORK;
	assert_int_equal(judge_on_trunk(&leg, &stream, true, facts_of_losses(), out), 3);
	assert_int_equal(out[0].code, FINDING_LOSS_RANDOM);
	assert_int_equal(out[1].code, FINDING_TRUNK_SECURITY);
	assert_int_equal(out[2].code, FINDING_TRUNK_TRANSPORT);
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
		cmocka_unit_test(what_a_trunk_does_not_expect_is_told),
		cmocka_unit_test(a_fault_goes_before_what_a_trunk_does_not_expect),
		cmocka_unit_test(every_finding_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
