/* How a stream begins and ends, what its types mean, and the reports about it. */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define ALICE_RTCP "198.18.0.1:4001"
#define BOB_RTP "198.19.0.1:5000"
#define BOB_RTCP "198.19.0.1:5001"
#define OFFER SDP("198.18.0.1", AUDIO("4000", "0"))
#define ANSWER SDP("198.19.0.1", AUDIO("5000", "0"))
#define OPUS "a=rtpmap:96 opus/48000/2\r\n"

#define INVITE(ms, id, sdp)                                                                \
	{                                                                                  \
		ms, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, sdp, id, NULL             \
	}
#define OK_200(ms, id, sdp)                                                                \
	{                                                                                  \
		ms, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", sdp, id, NULL              \
	}
#define BYE(ms, id)                                                                        \
	{                                                                                  \
		ms, ALICE, BOB, "BYE", "9 BYE", "a", "b", NULL, id, NULL                   \
	}

static void tick(struct scene *scene, double ms)
{
	scene_bytes(scene, ms, "198.18.7.7:7", "198.18.7.8:7", "tick", 4);
}

static bool same(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b;
}

/* --- beginning --------------------------------------------------------------------- */

static const struct {
	const char *what;
	uint16_t numbers[9];
	size_t count;
	uint64_t packets, pending, admitted; /* no stream: 0 packets */
} probations[] = {
	{ "four packets are not enough", { 1, 2, 3, 4 }, 4, 0, 4, 0 },
	{ "five are, and all five count", { 1, 2, 3, 4, 5 }, 5, 5, 4, 4 },
	{ "gaps up to 50 are fine", { 1, 51, 52, 53, 54 }, 5, 5, 4, 4 },
	{ "a gap of 51 begins anew", { 1, 52, 53, 54, 55 }, 5, 0, 5, 0 },
	{ "and may still succeed", { 1, 52, 53, 54, 55, 56 }, 6, 5, 5, 4 },
	{ "a step back begins anew", { 1, 2, 3, 2, 3, 4, 5 }, 7, 0, 7, 0 },
	{ "a copy is no step", { 1, 2, 3, 4, 4 }, 5, 0, 5, 0 },
	{ "a flow that was captured twice", { 1, 1, 2, 2, 3, 3, 4, 4, 5 }, 9, 9, 8, 8 },
	{ "numbers may wrap", { 65533, 65534, 65535, 0, 1 }, 5, 5, 4, 4 },
	{ "what follows is claimed at once", { 1, 2, 3, 4, 5, 6, 6 }, 7, 7, 4, 4 },
};

static void five_packets_make_a_stream_nobody_announced(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(probations); i++) {
		struct scene *scene = scene_new();
		for (size_t n = 0; n < probations[i].count; n++) {
			const struct rtp_says says = { 20.0 * (double)n,
				                       ALICE_RTP,
				                       BOB_RTP,
				                       1,
				                       160 * (uint32_t)n,
				                       probations[i].numbers[n],
				                       0,
				                       false,
				                       { 0 } };
			scene_rtp(scene, &says);
		}
		scene_run(scene);
		const bool any = scene_count(scene, RECORD_STREAM) == 1;
		const uint64_t packets =
		        any ? scene_stream(scene, ALICE_RTP, 0)->packets : 0;
		if (packets != probations[i].packets ||
		    scene->counters.of[COUNT_PENDING_PACKETS] != probations[i].pending ||
		    scene->counters.of[COUNT_ADMITTED_PACKETS] != probations[i].admitted)
			fail_msg("%s: %ju packets", probations[i].what, (uintmax_t)packets);
		if (any && (scene_stream(scene, ALICE_RTP, 0)->first != scene_time(0) &&
		            probations[i].numbers[1] != 52))
			fail_msg("%s: the first packet's time", probations[i].what);
		scene_free(scene);
	}
}

static void a_stream_without_sip_belongs_to_nothing(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct talk talk = { 0, ALICE_RTP, BOB_RTP, 1, 100, 8, 0, 0, 0 };
	scene_talk(scene, &talk);
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	assert_int_equal(stream->leg, 0);
	assert_int_equal(stream->direction, DIRECTION_NONE);
	assert_int_equal(stream->codec, CODEC_PCMA);
	assert_int_equal(stream->clock_basis, CLOCK_STATIC);
	assert_int_equal(scene_count(scene, RECORD_CALL), 0);
	scene_free(scene);
}

/* --- ending ------------------------------------------------------------------------ */

static void a_stream_ends_two_seconds_after_its_dialog(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { INVITE(0, NULL, OFFER),
		                             OK_200(100, NULL, ANSWER), BYE(3000, NULL) };
	SCENE_SCRIPT(scene, lines);
	const struct talk in_time = { 200, ALICE_RTP, BOB_RTP, 1, 230, 0, 0, 0, 0 };
	const struct talk too_late = { 5500, ALICE_RTP, BOB_RTP, 1, 10, 0, 0, 230, 0 };
	scene_talk(scene, &in_time); /* until 4780: the sender takes its time to stop */
	scene_talk(scene, &too_late);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 2);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 0)->packets, 230);
	assert_int_equal(scene_record(scene, RECORD_STREAM, 0)->at, scene_time(5000));
	assert_int_not_equal(scene_stream(scene, ALICE_RTP, 0)->leg, 0);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 1)->packets, 10);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 1)->leg, 0);
	scene_free(scene);
}

static void silence_ends_a_stream_only_without_a_dialog(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { INVITE(0, NULL, OFFER),
		                             OK_200(100, NULL, ANSWER) };
	SCENE_SCRIPT(scene, lines);
	static const struct {
		const char *src, *dst;
		size_t streams;
	} flows[] = { { ALICE_RTP, BOB_RTP, 1 },
		      { "192.0.2.1:6000", "192.0.2.2:6000", 2 } };
	for (size_t i = 0; i < ARRAY_LEN(flows); i++) {
		const struct talk before = {
			200, flows[i].src, flows[i].dst, 1, 50, 0, 0, 0, 0
		};
		const struct talk after = {
			1180 + 60000, flows[i].src, flows[i].dst, 1, 50, 0, 0, 50, 0
		};
		scene_talk(scene, &before); /* the last one at 1180 */
		scene_talk(scene, &after);
	}
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 3);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 0)->packets, 100);
	assert_int_equal(scene_stream(scene, "192.0.2.1:6000", 0)->packets, 50);
	assert_int_equal(scene_stream(scene, "192.0.2.1:6000", 1)->packets, 50);
	scene_free(scene);
}

static void less_silence_does_not(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct talk before = { 0, ALICE_RTP, BOB_RTP, 1, 50, 0, 0, 0, 0 };
	const struct talk after = { 980 + 59990, ALICE_RTP, BOB_RTP, 1, 50, 0, 0, 50, 0 };
	scene_talk(scene, &before);
	scene_talk(scene, &after);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 0)->packets, 100);
	scene_free(scene);
}

/* A phone calls twice in a row: same ports, same SSRC, numbers that go on. */
static void two_calls_on_one_flow_are_two_streams(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		INVITE(0, "one@test", OFFER),
		OK_200(100, "one@test", ANSWER),
		BYE(3000, "one@test"),
		INVITE(3500, "two@test", OFFER),
		OK_200(3600, "two@test", ANSWER),
		BYE(8000, "two@test"),
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk first = { 200, ALICE_RTP, BOB_RTP, 1, 140, 0, 0, 0, 0 };
	const struct talk second = { 3700, ALICE_RTP, BOB_RTP, 1, 200, 0, 0, 140, 0 };
	scene_talk(scene, &first);
	scene_talk(scene, &second);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 2);
	assert_int_equal(scene_count(scene, RECORD_CALL), 2);
	const struct stream_record *a = scene_stream(scene, ALICE_RTP, 0);
	const struct stream_record *b = scene_stream(scene, ALICE_RTP, 1);
	assert_int_equal(a->packets, 140);
	assert_int_equal(b->packets, 200);
	assert_int_not_equal(a->leg, b->leg);
	assert_int_not_equal(a->id, b->id);
	assert_int_equal(b->lost, 0);
	scene_free(scene);
}

/* --- what a type means ------------------------------------------------------------- */

/* Opus to the callee, whose 200 comes at `answer_ms`. */
static struct scene *explained_at(double answer_ms)
{
	struct scene *scene = scene_new();
	const struct says lines[] = {
		INVITE(0, NULL, NULL),
		OK_200(answer_ms, NULL, SDP("198.19.0.1", AUDIO("5000", "96") OPUS)),
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk talk = { 100, ALICE_RTP, BOB_RTP, 1, 300, 96, 960, 0, 18 };
	scene_talk(scene, &talk);
	scene_run(scene);
	return scene;
}

static void explained_late_is_as_good_as_explained_early(void **state)
{
	(void)state;
	static const double moments[] = { 110, 190, 500, 1300 };
	struct scene *early = explained_at(50);
	const struct stream_record *want = scene_stream(early, ALICE_RTP, 0);
	assert_int_equal(want->codec, CODEC_OPUS);
	assert_true(want->jitter_max_ms > 1);
	for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
		struct scene *late = explained_at(moments[i]);
		const struct stream_record *got = scene_stream(late, ALICE_RTP, 0);
		assert_int_equal(got->codec, CODEC_OPUS);
		assert_int_equal(got->clock_basis, CLOCK_SDP);
		assert_int_equal(got->clock_hz, 48000);
		assert_int_equal(got->packets, 300);
		assert_true(same(got->jitter_last_ms, want->jitter_last_ms));
		assert_true(same(got->jitter_max_ms, want->jitter_max_ms));
		assert_true(same(got->jitter_mean_ms, want->jitter_mean_ms));
		assert_true(same(got->delta_max_ms, want->delta_max_ms));
		assert_true(same(got->ptime_ms, 20));
		assert_true(same(got->mos_lq, want->mos_lq));
		assert_int_equal(got->leg, scene_leg(late, ALICE, 0)->id);
		scene_free(late);
	}
	scene_free(early);
}

/*
 * One SSRC goes to two destinations: in turn, nothing is lost; at the same time (media
 * that is forked), what one of them lacks is.
 */
static void numbers_sent_elsewhere_are_not_lost(void **state)
{
	static const char *const to[] = { "198.19.0.1:5000", "198.19.0.2:5000" };
	(void)state;
	struct scene *scene = scene_new();
	for (uint16_t turn = 0; turn < 4; turn++) {
		const struct talk talk = { .ms = 2000.0 * turn,
			                   .src = ALICE_RTP,
			                   .dst = to[turn % 2],
			                   .ssrc = 7,
			                   .count = 100,
			                   .from_sequence = (uint16_t)(100 * turn) };
		scene_talk(scene, &talk);
	}
	for (uint16_t i = 0; i < 3; i++) {
		const struct talk talk = { .ms = 20000.0 + (i == 2 ? 1400 : 0.5 * i),
			                   .src = BOB_RTP,
			                   .dst = to[i == 1],
			                   .ssrc = 8,
			                   .count = i == 0   ? 50
			                            : i == 1 ? 100
			                                     : 30,
			                   .from_sequence = i == 2 ? 70 : 0 };
		scene_talk(scene, &talk);
	}
	scene_run(scene);
	uint64_t lost[9] = { 0 };
	uint64_t restarts = 0;
	for (size_t i = 0; i < scene->record_count; i++) {
		const struct record *r = &scene->records[i];
		if (r->kind != RECORD_STREAM)
			continue;
		lost[r->stream.ssrc] += r->stream.lost;
		restarts += r->stream.restarts;
	}
	assert_int_equal(lost[7], 0);
	assert_int_equal(lost[8], 20);
	assert_int_equal(restarts, 0);
	scene_free(scene);
}

static void without_an_sdp_the_clock_is_guessed_or_told(void **state)
{
	(void)state;
	for (int told = 0; told < 2; told++) {
		struct scene *scene = scene_new();
		const struct talk talk = { 0, ALICE_RTP, BOB_RTP, 1, 300, 96, 960, 0, 0 };
		if (told)
			scene->settings.rtp_map[96] =
			        (struct rtp_map){ CODEC_OPUS, 48000, 96 };
		scene_talk(scene, &talk);
		scene_run(scene);
		const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
		assert_int_equal(stream->clock_hz, 48000);
		assert_int_equal(stream->clock_basis,
		                 told ? CLOCK_CONFIGURED : CLOCK_GUESSED);
		assert_int_equal(stream->codec, told ? CODEC_OPUS : CODEC_UNKNOWN);
		assert_int_equal(!(stream->flags & STREAM_GUESSED), told);
		assert_true(same(stream->jitter_max_ms, 0));
		assert_int_equal(!isnan(stream->mos_lq), told);
		scene_free(scene);
	}
}

/* RFC 3551 4.5.2, whatever a device writes. */
static void g722_counts_at_8000(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		INVITE(0, NULL,
		       SDP("198.18.0.1", AUDIO("4000", "9") "a=rtpmap:9 G722/16000\r\n")),
		OK_200(100, NULL, SDP("198.19.0.1", AUDIO("5000", "9"))),
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk talk = { 200, BOB_RTP, ALICE_RTP, 1, 150, 9, 160, 0, 0 };
	scene_talk(scene, &talk);
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, BOB_RTP, 0);
	assert_int_equal(stream->clock_hz, 8000);
	assert_int_equal(stream->band, BAND_WB);
	assert_true(same(stream->jitter_max_ms, 0));
	assert_true(same(stream->ptime_ms, 20));
	scene_free(scene);
}

/* --- RTCP -------------------------------------------------------------------------- */

#define SSRC_A 0, 0, 0, 1
#define SSRC_B 0, 0, 0, 2
/* SR of A: 100 packets, a block about B with 3 lost and a jitter of 80 ticks; SDES; BYE. */
static const uint8_t sender_report[] = {
	0x81, 200,  0,   12, SSRC_A, 0,      0, 0,  0,   0,   0,      0,   0,   0, 0,
	0,    0,    0,   0,  0,      100,    0, 0,  62,  128, SSRC_B, 8,   0,   0, 3,
	0,    0,    0,   99, 0,      0,      0, 80, 0,   0,   0,      0,   0,   0, 0,
	0,    0x81, 202, 0,  3,      SSRC_A, 1, 5,  'a', '@', 'h',    's', 't', 0,
};
static const uint8_t receiver_report[] = {
	0x81, 201, 0, 7, SSRC_B, SSRC_A, 0, 0, 0, 7, 0, 0, 0,
	99,   0,   0, 0, 16,     0,      0, 0, 0, 0, 0, 0, 0,
};
static const uint8_t goodbye[] = {
	0x80, 201, 0, 1, SSRC_A, 0x81, 203, 0, 1, SSRC_A,
};

static struct scene *reported(const char *alice, const char *bob)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = { INVITE(0, NULL, OFFER),
		                             OK_200(100, NULL, ANSWER) };
	SCENE_SCRIPT(scene, lines);
	const struct talk forward = { 200, ALICE_RTP, BOB_RTP, 1, 110, 0, 0, 0, 0 };
	const struct talk reverse = { 200, BOB_RTP, ALICE_RTP, 2, 110, 0, 0, 0, 0 };
	scene_talk(scene, &forward);
	scene_talk(scene, &reverse);
	scene_bytes(scene, 1000, alice, bob, sender_report, sizeof sender_report);
	scene_bytes(scene, 1100, bob, alice, receiver_report, sizeof receiver_report);
	scene_bytes(scene, 2390, alice, bob, goodbye, sizeof goodbye);
	scene_run(scene);
	return scene;
}

static void reports_join_the_stream_they_are_about(void **state)
{
	(void)state;
	static const char *const pairs[][2] = { { ALICE_RTCP, BOB_RTCP },
		                                { ALICE_RTP, BOB_RTP } }; /* RFC 5761 mux */
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct scene *scene = reported(pairs[i][0], pairs[i][1]);
		const struct stream_record *forward = scene_stream(scene, ALICE_RTP, 0);
		const struct stream_record *reverse = scene_stream(scene, BOB_RTP, 0);
		assert_int_equal(scene->counters.of[COUNT_RTCP_PACKETS], 3);
		assert_int_equal(scene->counters.of[COUNT_RTCP_MALFORMED], 0);
		assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 0);
		assert_int_equal(forward->packets, 110);
		assert_int_equal(forward->rtcp_sender_reports, 1);
		assert_true(same(forward->rtcp_sent_packets, 100));
		assert_string_equal(forward->rtcp_cname, "a@hst");
		assert_int_equal(forward->rtcp_receiver_reports, 1);
		assert_true(same(forward->rtcp_lost, 7));
		assert_true(same(forward->rtcp_jitter_ms, 2)); /* 16 ticks of 8000 Hz */
		assert_int_equal(forward->rtcp_bye, scene_time(2390));
		assert_int_equal(reverse->rtcp_sender_reports, 0);
		assert_true(isnan(reverse->rtcp_sent_packets));
		assert_true(same(reverse->rtcp_lost, 3));
		assert_true(same(reverse->rtcp_jitter_ms, 10));
		assert_int_equal(reverse->rtcp_bye, NSTIME_NONE);
		scene_free(scene);
	}
}

/* SRTCP: behind eight octets only those with the key can read (RFC 3711 3.4). */
static void encrypted_reports_are_claimed_and_not_read(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		INVITE(0, NULL, SDP("198.18.0.1", "m=audio 4000 RTP/SAVP 0\r\n")),
		OK_200(100, NULL, SDP("198.19.0.1", "m=audio 5000 RTP/SAVP 0\r\n")),
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk talk = { 200, ALICE_RTP, BOB_RTP, 1, 110, 0, 0, 0, 0 };
	scene_talk(scene, &talk);
	scene_bytes(scene, 1000, ALICE_RTCP, BOB_RTCP, sender_report, sizeof sender_report);
	scene_run(scene);
	assert_int_equal(scene->claims[CLAIM_RTCP], 1);
	assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 0);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	assert_true(stream->encrypted);
	assert_int_equal(stream->rtcp_sender_reports, 0);
	assert_true(scene_leg(scene, ALICE, 0)->flags & LEG_SRTP);
	scene_free(scene);
}

static void reports_about_nothing_are_counted(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene_bytes(scene, 0, ALICE_RTCP, BOB_RTCP, sender_report, sizeof sender_report);
	scene_run(scene);
	assert_int_equal(scene->claims[CLAIM_RTCP], 1);
	assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 2); /* sender, block */
	assert_int_equal(scene->record_count, 0);
	scene_free(scene);
}

/* --- order ------------------------------------------------------------------------- */

static bool is_before(const struct record *a, const struct record *b)
{
	if (a->at != b->at)
		return a->at < b->at;
	return a->kind != b->kind ? a->kind < b->kind : record_id(a) < record_id(b);
}

static void records_leave_by_time_kind_and_id(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const char *const ids[] = { "1@test", "2@test", "3@test", "4@test",
		                           "5@test" };
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) { /* all over at the same time */
		const struct says lines[] = { INVITE(0, ids[i], OFFER),
			                      OK_200(100, ids[i], ANSWER),
			                      BYE(3000, ids[i]) };
		SCENE_SCRIPT(scene, lines);
	}
	for (uint32_t ssrc = 1; ssrc < 6; ssrc++) {
		const struct talk talk = { 200, ALICE_RTP, BOB_RTP, ssrc, 20, 0, 0, 0, 0 };
		const struct talk other = {
			200, "192.0.2.1:6000", "192.0.2.2:6000", ssrc, 20, 0, 0, 0, 0
		};
		scene_talk(scene, &talk);
		scene_talk(scene, &other);
	}
	tick(scene, 4000);
	scene_run(scene);
	assert_int_equal(scene->record_count, 21); /* and the peer that was called */
	for (size_t i = 1; i < scene->record_count; i++)
		assert_true(is_before(&scene->records[i - 1], &scene->records[i]));
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_packets_make_a_stream_nobody_announced),
		cmocka_unit_test(a_stream_without_sip_belongs_to_nothing),
		cmocka_unit_test(a_stream_ends_two_seconds_after_its_dialog),
		cmocka_unit_test(silence_ends_a_stream_only_without_a_dialog),
		cmocka_unit_test(less_silence_does_not),
		cmocka_unit_test(two_calls_on_one_flow_are_two_streams),
		cmocka_unit_test(explained_late_is_as_good_as_explained_early),
		cmocka_unit_test(numbers_sent_elsewhere_are_not_lost),
		cmocka_unit_test(without_an_sdp_the_clock_is_guessed_or_told),
		cmocka_unit_test(g722_counts_at_8000),
		cmocka_unit_test(reports_join_the_stream_they_are_about),
		cmocka_unit_test(encrypted_reports_are_claimed_and_not_read),
		cmocka_unit_test(reports_about_nothing_are_counted),
		cmocka_unit_test(records_leave_by_time_kind_and_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
