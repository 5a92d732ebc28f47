/* Which stream belongs to what, and when it ends; rules: docs/figures.md "stream". */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define PROXY "198.18.0.9:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define ALICE_RTCP "198.18.0.1:4001"
#define BOB_RTP "198.19.0.1:5000"
#define BOB_RTCP "198.19.0.1:5001"
#define OFFER SDP("198.18.0.1", AUDIO("4000", "0"))
#define ANSWER SDP("198.19.0.1", AUDIO("5000", "0"))

#define INVITE(ms, sdp)                                                                    \
	{                                                                                  \
		ms, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, sdp, NULL, NULL           \
	}
#define OK_200(ms, sdp)                                                                    \
	{                                                                                  \
		ms, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", sdp, NULL, NULL            \
	}
#define ACK(ms, sdp)                                                                       \
	{                                                                                  \
		ms, ALICE, BOB, "ACK", "1 ACK", "a", "b", sdp, NULL, NULL                  \
	}
#define BYE(ms)                                                                            \
	{                                                                                  \
		ms, ALICE, BOB, "BYE", "9 BYE", "a", "b", NULL, NULL, NULL                 \
	}

static struct scene *call_scene(const char *offer, const char *answer)
{
	struct scene *scene = scene_new();
	const struct says lines[] = { INVITE(0, offer), OK_200(500, answer), ACK(510, NULL),
		                      BYE(10000) };
	SCENE_SCRIPT(scene, lines);
	return scene;
}

static void talk_both_ways(struct scene *scene, double ms, unsigned int count)
{
	const struct talk forward = { ms, ALICE_RTP, BOB_RTP, 1, count, 0, 0, 100, 0 };
	const struct talk reverse = { ms + 5, BOB_RTP, ALICE_RTP, 2, count, 0, 0, 200, 0 };
	scene_talk(scene, &forward);
	scene_talk(scene, &reverse);
}

static bool near(double a, double b)
{
	return isnan(a) ? isnan(b) : fabs(a - b) < 1e-9;
}

static void a_plain_call(void **state)
{
	(void)state;
	struct scene *scene = call_scene(OFFER, ANSWER);
	talk_both_ways(scene, 600, 200);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 2);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	const struct stream_record *forward = scene_stream(scene, ALICE_RTP, 0);
	const struct stream_record *reverse = scene_stream(scene, BOB_RTP, 0);
	assert_int_equal(forward->direction, DIRECTION_FORWARD);
	assert_int_equal(reverse->direction, DIRECTION_REVERSE);
	assert_int_equal(forward->leg, leg->id);
	assert_int_equal(forward->legs.count, 1);
	assert_int_equal(forward->codec, CODEC_PCMU);
	assert_int_equal(forward->clock_basis, CLOCK_SDP);
	assert_int_equal(forward->packets, 200);
	assert_int_equal(forward->expected, 200);
	assert_int_equal(forward->lost, 0);
	assert_true(near(forward->jitter_max_ms, 0));
	assert_true(near(forward->ptime_ms, 20));
	assert_int_equal(forward->first, scene_time(600));
	assert_int_equal(forward->last, scene_time(600 + 199 * 20));
	assert_int_equal(forward->flags, 0);
	assert_int_equal(leg->codecs.count, 1);
	assert_int_equal(leg->codecs.codecs[0], CODEC_PCMU);
	assert_int_equal(scene->claims[CLAIM_RTP], 400);
	assert_int_equal(scene->claims[CLAIM_SIP], 4);
	/* quality.md section 3: R 93.2 is a MOS of 4.41. */
	assert_true(fabs(scene_call(scene)->mos_lq_min - 4.41) < 0.005);
	assert_int_equal(scene_call(scene)->mos_lq_min_band, BAND_NB);
	scene_free(scene);
}

/* The worse direction is the call's, and by how much each direction lost. */
static void the_worst_stream_is_the_calls(void **state)
{
	(void)state;
	struct scene *scene = call_scene(OFFER, ANSWER);
	for (uint32_t n = 0; n < 200; n++) {
		const struct rtp_says forward = {
			600 + 20.0 * n, ALICE_RTP, BOB_RTP, 1,    160 * n,
			(uint16_t)n,    0,         false,   { 0 }
		};
		const struct rtp_says reverse = {
			600 + 20.0 * n, BOB_RTP, ALICE_RTP, 2,    160 * n,
			(uint16_t)n,    0,       false,     { 0 }
		};
		if (n % 10 != 5)
			scene_rtp(scene, &forward);
		if (n != 50)
			scene_rtp(scene, &reverse);
	}
	scene_run(scene);
	const struct stream_record *forward = scene_stream(scene, ALICE_RTP, 0);
	const struct stream_record *reverse = scene_stream(scene, BOB_RTP, 0);
	assert_int_equal(forward->lost, 20);
	assert_int_equal(reverse->lost, 1);
	assert_true(near(forward->loss_pct, 10));
	assert_true(near(reverse->loss_pct, 0.5));
	assert_int_equal(scene_call(scene)->mos_lq_min_stream, forward->id);
	assert_true(near(scene_call(scene)->mos_lq_min, forward->mos_lq));
	assert_true(forward->mos_lq < reverse->mos_lq);
	scene_free(scene);
}

/* --- joining ----------------------------------------------------------------------- */

static const struct {
	const char *what;
	const char *offer, *answer;
	const char *src, *dst;
	double from_ms;
	enum direction direction;
	uint32_t flags;
	bool encrypted;
} joins[] = {
	{ "media before the answer, to the caller", OFFER, ANSWER, BOB_RTP, ALICE_RTP, 100,
	  DIRECTION_REVERSE, STREAM_EARLY, false },
	{ "media before the answer, to an endpoint that the answer names", OFFER, ANSWER,
	  ALICE_RTP, BOB_RTP, 100, DIRECTION_FORWARD, STREAM_EARLY, false },
	{ "media before the answer from a translated caller", OFFER, ANSWER,
	  "203.0.113.1:777", BOB_RTP, 100, DIRECTION_FORWARD, STREAM_EARLY | STREAM_NAT,
	  false },
	{ "media from another address than the SDP says (NAT)", OFFER, ANSWER,
	  "203.0.113.1:777", BOB_RTP, 600, DIRECTION_FORWARD, STREAM_NAT, false },
	{ "media from another port is no NAT", OFFER, ANSWER, "198.18.0.1:4002", BOB_RTP,
	  600, DIRECTION_FORWARD, 0, false },
	{ "a callee that answers to where the media comes from", OFFER, ANSWER, BOB_RTP,
	  "203.0.113.1:777", 600, DIRECTION_REVERSE, 0, false },
	{ "SRTP", SDP("198.18.0.1", "m=audio 4000 RTP/SAVP 0\r\n"),
	  SDP("198.19.0.1", "m=audio 5000 RTP/SAVP 0\r\n"), ALICE_RTP, BOB_RTP, 600,
	  DIRECTION_FORWARD, 0, true },
	{ "the connection line of the media is the one that counts",
	  SDP("192.0.2.7", AUDIO("4000", "0") "c=IN IP4 198.18.0.1\r\n"), ANSWER, BOB_RTP,
	  ALICE_RTP, 600, DIRECTION_REVERSE, 0, false },
	{ "video behind a rejected audio line",
	  SDP("198.18.0.1", AUDIO("3998", "0") AUDIO("4000", "0")),
	  SDP("198.19.0.1", AUDIO("0", "0") AUDIO("5000", "0")), ALICE_RTP, BOB_RTP, 600,
	  DIRECTION_FORWARD, 0, false },
	{ "on hold from the start, and music comes all the same", OFFER,
	  SDP("198.19.0.1", AUDIO("5000", "0") "a=sendonly\r\n"), BOB_RTP, ALICE_RTP, 600,
	  DIRECTION_REVERSE, 0, false },
};

static void streams_find_their_leg(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(joins); i++) {
		struct scene *scene = call_scene(joins[i].offer, joins[i].answer);
		const struct talk talk = {
			joins[i].from_ms, joins[i].src, joins[i].dst, 7, 200, 0, 0, 0, 0
		};
		scene_talk(scene, &talk);
		scene_run(scene);
		const struct stream_record *stream = scene_stream(scene, joins[i].src, 0);
		if (stream->leg != scene_leg(scene, ALICE, 0)->id || stream->packets != 200)
			fail_msg("%s: not in the leg", joins[i].what);
		if (stream->direction != joins[i].direction ||
		    stream->flags != joins[i].flags ||
		    stream->encrypted != joins[i].encrypted)
			fail_msg("%s: direction %d, flags %#x", joins[i].what,
			         (int)stream->direction, stream->flags);
		scene_free(scene);
	}
}

/* Offer in the 200, answer in the ACK. */
static void a_late_offer_joins_both_ways(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = { INVITE(0, NULL), OK_200(500, ANSWER),
		                             ACK(510, OFFER), BYE(10000) };
	SCENE_SCRIPT(scene, lines);
	talk_both_ways(scene, 600, 150);
	scene_run(scene);
	assert_int_equal(scene_stream(scene, ALICE_RTP, 0)->direction, DIRECTION_FORWARD);
	assert_int_equal(scene_stream(scene, BOB_RTP, 0)->direction, DIRECTION_REVERSE);
	scene_free(scene);
}

static void several_media_lines(void **state)
{
	(void)state;
	struct scene *scene = call_scene(
	        SDP("198.18.0.1", AUDIO("4000", "0") "m=video 4100 RTP/AVP 99\r\n"
	                                             "a=rtpmap:99 H264/90000\r\n"),
	        SDP("198.19.0.1", AUDIO("5000", "0") "m=video 5100 RTP/AVP 99\r\n"
	                                             "a=rtpmap:99 H264/90000\r\n"));
	const struct talk video = {
		600, "198.18.0.1:4100", "198.19.0.1:5100", 3, 150, 99, 1800, 0, 0
	};
	talk_both_ways(scene, 600, 150);
	scene_talk(scene, &video);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 3);
	const struct stream_record *stream = scene_stream(scene, "198.18.0.1:4100", 0);
	assert_int_equal(stream->codec, CODEC_H264);
	assert_int_equal(stream->direction, DIRECTION_FORWARD);
	assert_true(isnan(stream->mos_lq));
	assert_true(isnan(stream->jitter_max_ms));
	/* Video is heard in no call. */
	assert_int_equal(scene_leg(scene, ALICE, 0)->codecs.count, 1);
	scene_free(scene);
}

static void an_accepted_fax_is_marked(void **state)
{
	(void)state;
	struct scene *scene =
	        call_scene(SDP("198.18.0.1", AUDIO("0", "0") "m=image 4000 udptl t38\r\n"),
	                   SDP("198.19.0.1", AUDIO("0", "0") "m=image 5000 udptl t38\r\n"));
	scene_run(scene);
	assert_true(scene_leg(scene, ALICE, 0)->flags & LEG_T38);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 0);
	scene_free(scene);
}

static void ipv6(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
#define SDP6(address, port)                                                                \
	"v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 " address                            \
	"\r\nt=0 0\r\n" AUDIO(port, "0")
	static const struct says lines[] = {
		{ 0, "[2001:db8::1]:5060", "[2001:db8::2]:5060", "INVITE", "1 INVITE", "a",
		  NULL, SDP6("2001:db8::1", "4000"), NULL, NULL },
		{ 100, "[2001:db8::2]:5060", "[2001:db8::1]:5060", "200 OK", "1 INVITE",
		  "a", "b", SDP6("2001:db8::2", "5000"), NULL, NULL },
	};
	const struct talk talk = {
		200, "[2001:db8::1]:4000", "[2001:db8::2]:5000", 1, 100, 0, 0, 0, 0
	};
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &talk);
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, "[2001:db8::1]:4000", 0);
	assert_int_equal(stream->leg, scene_leg(scene, "[2001:db8::1]:5060", 0)->id);
	assert_int_equal(stream->direction, DIRECTION_FORWARD);
	scene_free(scene);
}

/* Both hops name the same endpoints: the stream is the first hop's, and both claim it. */
static void two_hops_share_a_stream(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 0, ALICE, PROXY, "INVITE", "1 INVITE", "a", NULL, OFFER, NULL, NULL },
		{ 2, PROXY, BOB, "INVITE", "1 INVITE", "a", NULL, OFFER, NULL, NULL },
		{ 500, BOB, PROXY, "200 OK", "1 INVITE", "a", "b", ANSWER, NULL, NULL },
		{ 502, PROXY, ALICE, "200 OK", "1 INVITE", "a", "b", ANSWER, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	talk_both_ways(scene, 600, 100);
	scene_run(scene);
	const uint64_t first = scene_leg(scene, ALICE, 0)->id;
	const uint64_t second = scene_leg(scene, PROXY, 0)->id;
	static const char *const sources[] = { ALICE_RTP, BOB_RTP };
	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		const struct stream_record *stream = scene_stream(scene, sources[i], 0);
		assert_int_equal(stream->leg, first);
		assert_int_equal(stream->legs.count, 2);
		assert_int_equal(stream->legs.ids[0], first);
		assert_int_equal(stream->legs.ids[1], second);
	}
	scene_free(scene);
}

/* --- what stands for another codec ------------------------------------------------- */

static void a_codec_change_by_re_invite(void **state)
{
	(void)state;
	struct scene *scene = call_scene(OFFER, ANSWER);
	const struct says again[] = {
		{ 4900, ALICE, BOB, "INVITE", "2 INVITE", "a", "b",
		  SDP("198.18.0.1", AUDIO("4000", "3")), NULL, NULL },
		{ 4950, BOB, ALICE, "200 OK", "2 INVITE", "a", "b",
		  SDP("198.19.0.1", AUDIO("5000", "3")), NULL, NULL },
	};
	const struct talk before = { 600, ALICE_RTP, BOB_RTP, 1, 220, 0, 0, 0, 0 };
	const struct talk after = { 5000, ALICE_RTP, BOB_RTP, 1, 300, 3, 0, 220, 0 };
	SCENE_SCRIPT(scene, again);
	scene_talk(scene, &before);
	scene_talk(scene, &after);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	assert_int_equal(stream->packets, 520);
	assert_int_equal(stream->lost, 0);
	assert_int_equal(stream->payload_types.count, 2);
	assert_int_equal(stream->payload_types.packets[0], 220);
	assert_int_equal(stream->payload_types.packets[1], 300);
	assert_true(near(stream->jitter_max_ms, 0));
	assert_int_equal(stream->codec, CODEC_GSM); /* most packets */
	/* Each interval with its codec: R is 93.2 before, and of GSM, Ie 20, from 5 s on.
	 */
	assert_int_equal(stream->interval_min_at, scene_time(5000));
	assert_true(fabs(stream->interval_min_mos_lq - 3.7435) < 1e-4);
	const struct leg_record *leg = scene_leg(scene, ALICE, 0);
	assert_int_equal(leg->codecs.count, 2);
	assert_int_equal(leg->codecs.codecs[0], CODEC_PCMU);
	assert_int_equal(leg->codecs.codecs[1], CODEC_GSM);
	assert_int_equal(scene_count(scene, RECORD_LEG), 1);
	scene_free(scene);
}

/* RFC 2198: the primary block says what is heard. */
static void redundancy_is_heard_as_its_primary(void **state)
{
	(void)state;
	struct scene *scene = call_scene(
	        SDP("198.18.0.1", AUDIO("4000", "96 0") "a=rtpmap:96 red/8000\r\n"),
	        SDP("198.19.0.1", AUDIO("5000", "96 0") "a=rtpmap:96 red/8000\r\n"));
	static const uint8_t block[40] = { 0x80, 0x02, 0x80, 0x04,
		                           0x00 }; /* PCMU in PCMU */
	for (uint32_t n = 0; n < 100; n++) {
		const struct rtp_says says = { 600 + 20.0 * n,
			                       ALICE_RTP,
			                       BOB_RTP,
			                       1,
			                       160 * n,
			                       (uint16_t)n,
			                       96,
			                       false,
			                       { block, sizeof block } };
		scene_rtp(scene, &says);
	}
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	assert_int_equal(stream->codec, CODEC_PCMU);
	assert_int_equal(stream->flags, STREAM_FEC);
	assert_true(near(stream->jitter_max_ms, 0));
	assert_true(!isnan(stream->mos_lq));
	assert_int_equal(stream->payload_types.count, 1);
	assert_int_equal(stream->payload_types.types[0], 96);
	scene_free(scene);
}

/* A digit in the middle: frozen timestamp, sequence counts, no jitter (RFC 4733). */
static void a_digit_spoils_no_jitter(void **state)
{
	(void)state;
	struct scene *scene = call_scene(
	        SDP("198.18.0.1",
	            AUDIO("4000", "0 101") "a=rtpmap:101 telephone-event/8000\r\n"),
	        SDP("198.19.0.1",
	            AUDIO("5000", "0 101") "a=rtpmap:101 telephone-event/8000\r\n"));
	for (uint32_t n = 0; n < 100; n++) {
		const bool digit = n >= 40 && n < 58;
		const struct rtp_says says = { 600 + 20.0 * n,
			                       ALICE_RTP,
			                       BOB_RTP,
			                       1,
			                       (digit ? 40 : n) * 160u,
			                       (uint16_t)n,
			                       digit ? 101 : 0,
			                       n == 40,
			                       { 0 } };
		scene_rtp(scene, &says);
	}
	scene_run(scene);
	const struct stream_record *stream = scene_stream(scene, ALICE_RTP, 0);
	assert_true(near(stream->jitter_max_ms, 0));
	assert_int_equal(stream->ts_resync, 0);
	assert_int_equal(stream->expected, 100);
	assert_int_equal(stream->payload_types.packets[1], 18);
	assert_int_equal(scene_leg(scene, ALICE, 0)->codecs.count, 1);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_call),
		cmocka_unit_test(the_worst_stream_is_the_calls),
		cmocka_unit_test(streams_find_their_leg),
		cmocka_unit_test(a_late_offer_joins_both_ways),
		cmocka_unit_test(several_media_lines),
		cmocka_unit_test(an_accepted_fax_is_marked),
		cmocka_unit_test(ipv6),
		cmocka_unit_test(two_hops_share_a_stream),
		cmocka_unit_test(a_codec_change_by_re_invite),
		cmocka_unit_test(redundancy_is_heard_as_its_primary),
		cmocka_unit_test(a_digit_spoils_no_jitter),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
