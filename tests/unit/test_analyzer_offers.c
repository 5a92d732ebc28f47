/*
 * What the two sides offered and took, and what was used of it: codecs, keys, digits, fax,
 * DSCP.  RFC 3264, RFC 4568, RFC 5763, RFC 4733, ITU-T T.38 D.
 */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.18.0.2:5060"
#define A_RTP "198.18.0.1:4000"
#define B_RTP "198.18.0.2:6000"

/* clang-format off */
#define OFFER(ms, cseq, to, sdp) { ms, ALICE, BOB, "INVITE", cseq, "a", to, sdp, NULL, NULL }
#define REPLY(ms, what, cseq, sdp) { ms, BOB, ALICE, what, cseq, "a", "b", sdp, NULL, NULL }
#define ANSWER(ms, cseq, sdp) REPLY(ms, "200 OK", cseq, sdp)
#define ACK(ms, sdp) { ms, ALICE, BOB, "ACK", "1 ACK", "a", "b", sdp, NULL, NULL }
#define BYE(ms) { ms, ALICE, BOB, "BYE", "9 BYE", "a", "b", NULL, NULL, NULL }
/* clang-format on */

#define EVENTS(type) "a=rtpmap:" type " telephone-event/8000\r\n"
#define A_SAYS(media) SDP("198.18.0.1", media)
#define B_SAYS(media) SDP("198.18.0.2", media)
#define A_PLAIN A_SAYS(AUDIO("4000", "8"))
#define B_PLAIN B_SAYS(AUDIO("6000", "8"))
#define SAVP(port) "m=audio " port " RTP/SAVP 8\r\n"
#define KEY                                                                                \
	"a=crypto:1 AES_CM_128_HMAC_SHA1_80 "                                              \
	"inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"
#define PRINT "a=fingerprint:sha-256 00:11:22\r\n"

/* clang-format off */
static const struct {
	const char *what;
	struct says lines[6];
	enum codec offered[4], answered[4];
	uint32_t keys_offered, keys_accepted;
	unsigned int events_offered, events_answered, changes;
	double t38_ms; /* NAN: never */
} cases[] = {
	{ "codecs of both, in their order; events and comfort noise are none",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(AUDIO("4000", "96 8 0 13 101")
	          "a=rtpmap:96 opus/48000/2\r\n" EVENTS("101"))),
	    ANSWER(500, "1 INVITE", B_SAYS(AUDIO("6000", "0 8 102") EVENTS("102"))), BYE(9000) },
	  { CODEC_OPUS, CODEC_PCMA, CODEC_PCMU }, { CODEC_PCMU, CODEC_PCMA }, 0, 0,
	  101, 102, 0, NAN },
	{ "offered late, answered in the ACK",
	  { OFFER(0, "1 INVITE", NULL, NULL), ANSWER(500, "1 INVITE", B_SAYS(AUDIO("6000", "18 8"))),
	    ACK(550, A_SAYS(AUDIO("4000", "18"))), BYE(9000) },
	  { CODEC_G729, CODEC_PCMA }, { CODEC_G729 }, 0, 0, 0, 0, 0, NAN },
	{ "refused: nothing was taken",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(AUDIO("4000", "18"))),
	    REPLY(90, "488 Not Acceptable Here", "1 INVITE", NULL) },
	  { CODEC_G729 }, { 0 }, 0, 0, 0, 0, 0, NAN },
	{ "the audio line refused",
	  { OFFER(0, "1 INVITE", NULL, A_PLAIN), ANSWER(500, "1 INVITE", B_SAYS(AUDIO("0", "8"))),
	    BYE(9000) },
	  { CODEC_PCMA }, { 0 }, 0, 0, 0, 0, 0, NAN },
	{ "the answer in a 183, and again in the 200",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(AUDIO("4000", "8 0"))),
	    REPLY(300, "183 Session Progress", "1 INVITE", B_PLAIN),
	    ANSWER(500, "1 INVITE", B_PLAIN), BYE(9000) },
	  { CODEC_PCMA, CODEC_PCMU }, { CODEC_PCMA }, 0, 0, 0, 0, 0, NAN },
	{ "another codec by a re-INVITE; the first offer is told",
	  { OFFER(0, "1 INVITE", NULL, A_PLAIN), ANSWER(500, "1 INVITE", B_PLAIN),
	    OFFER(2000, "2 INVITE", "b", A_SAYS(AUDIO("4000", "18"))),
	    ANSWER(2500, "2 INVITE", B_SAYS(AUDIO("6000", "18"))), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, 0, 0, 0, 0, 1, NAN },
	{ "the same codec by a re-INVITE is no change",
	  { OFFER(0, "1 INVITE", NULL, A_PLAIN), ANSWER(500, "1 INVITE", B_PLAIN),
	    OFFER(2000, "2 INVITE", "b", A_PLAIN), ANSWER(2500, "2 INVITE", B_PLAIN), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, 0, 0, 0, 0, 0, NAN },
	{ "keys by SDES, taken",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(SAVP("4000") KEY)),
	    ANSWER(500, "1 INVITE", B_SAYS(SAVP("6000") KEY)), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, KEYS_SDES, KEYS_SDES, 0, 0, 0, NAN },
	{ "keys offered both ways on a plain line, none taken",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(AUDIO("4000", "8") KEY PRINT)),
	    ANSWER(500, "1 INVITE", B_PLAIN), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, KEYS_SDES | KEYS_DTLS, 0, 0, 0, 0, NAN },
	{ "two audio lines of which the clear one is taken",
	  { OFFER(0, "1 INVITE", NULL, A_SAYS(SAVP("4000") KEY AUDIO("4002", "8"))),
	    ANSWER(500, "1 INVITE", B_SAYS(SAVP("0") KEY AUDIO("6002", "8"))), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, KEYS_SDES, 0, 0, 0, 0, NAN },
	{ "fax",
	  { OFFER(0, "1 INVITE", NULL, A_PLAIN), ANSWER(500, "1 INVITE", B_PLAIN),
	    OFFER(2000, "2 INVITE", "b", A_SAYS("m=image 4000 udptl t38\r\n")),
	    ANSWER(2500, "2 INVITE", B_SAYS("m=image 6000 udptl t38\r\n")), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, 0, 0, 0, 0, 0, 2500 },
	{ "fax refused",
	  { OFFER(0, "1 INVITE", NULL, A_PLAIN), ANSWER(500, "1 INVITE", B_PLAIN),
	    OFFER(2000, "2 INVITE", "b", A_SAYS("m=image 4000 udptl t38\r\n")),
	    ANSWER(2500, "2 INVITE", B_SAYS("m=image 0 udptl t38\r\n")), BYE(9000) },
	  { CODEC_PCMA }, { CODEC_PCMA }, 0, 0, 0, 0, 0, NAN },
};
/* clang-format on */

static bool same_codecs(const struct codec_list *list, const enum codec *expected)
{
	for (uint8_t i = 0; i < 4; i++)
		if ((i < list->count ? list->codecs[i] : CODEC_UNKNOWN) != expected[i])
			return false;
	return true;
}

static void offers_and_answers_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t count = 0;
		while (count < ARRAY_LEN(cases[i].lines) && cases[i].lines[count].what)
			count++;
		struct scene *scene = scene_new();
		scene_script(scene, cases[i].lines, count);
		scene_run(scene);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		const nstime t38 =
		        isnan(cases[i].t38_ms) ? NSTIME_NONE : scene_time(cases[i].t38_ms);
		if (!same_codecs(&leg->codecs_offered, cases[i].offered) ||
		    !same_codecs(&leg->codecs_answered, cases[i].answered))
			fail_msg("%s: codecs", cases[i].what);
		if (leg->keys_offered != cases[i].keys_offered ||
		    leg->keys_accepted != cases[i].keys_accepted)
			fail_msg("%s: keys %#x %#x", cases[i].what, leg->keys_offered,
			         leg->keys_accepted);
		if (leg->dtmf_offered != cases[i].events_offered ||
		    leg->dtmf_answered != cases[i].events_answered ||
		    leg->codec_changes != cases[i].changes || leg->t38 != t38)
			fail_msg("%s: events %ju %ju, %ju changes", cases[i].what,
			         (uintmax_t)leg->dtmf_offered,
			         (uintmax_t)leg->dtmf_answered,
			         (uintmax_t)leg->codec_changes);
		scene_free(scene);
	}
}

/* --- digits ------------------------------------------------------------------------- */

#define WITH_EVENTS(port) AUDIO(port, "8 101") EVENTS("101")

static struct scene *talking(bool events)
{
	struct scene *scene = scene_new();
	const struct says lines[] = {
		OFFER(0, "1 INVITE", NULL, events ? A_SAYS(WITH_EVENTS("4000")) : A_PLAIN),
		ANSWER(500, "1 INVITE", events ? B_SAYS(WITH_EVENTS("6000")) : B_PLAIN),
		BYE(9000)
	};
	SCENE_SCRIPT(scene, lines);
	return scene;
}

/* One digit out of Alice's RTP, 60 ms, and its end three times (RFC 4733 2.5.1). */
static void say_digit(struct scene *scene)
{
	static const uint8_t payload[] = { 5, 0x8a, 0x01, 0xe0 };
	scene_talk(scene, &(struct talk){ .ms = 500,
	                                  .src = A_RTP,
	                                  .dst = B_RTP,
	                                  .ssrc = 7,
	                                  .count = 100,
	                                  .payload_type = 8 });
	for (unsigned int i = 0; i < 3; i++)
		scene_rtp(scene, &(struct rtp_says){ .ms = 2500 + 20 * i,
		                                     .src = A_RTP,
		                                     .dst = B_RTP,
		                                     .ssrc = 7,
		                                     .timestamp = 16000,
		                                     .sequence = (uint16_t)(100 + i),
		                                     .payload_type = 101,
		                                     .payload = { payload, 4 } });
}

static void ask(struct scene *scene, const char *method, const char *type)
{
	char text[512];
	const int len = snprintf(text, sizeof text,
	                         "%s sip:bob@198.18.0.2 SIP/2.0\r\n"
	                         "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK-%s\r\n"
	                         "From: <sip:alice@a.example>;tag=a\r\n"
	                         "To: <sip:bob@b.example>;tag=b\r\n"
	                         "Call-ID: one@test\r\nCSeq: 5 %s\r\n"
	                         "Content-Type: %s\r\n\r\nSignal=5\r\nDuration=160\r\n",
	                         method, method, method, type);
	scene_bytes(scene, 3000, ALICE, BOB, text, (size_t)len);
}

static const struct {
	const char *what;
	bool agreed, by_rtp;
	const char *method, *type;
	uint32_t seen;
	bool mismatch;
} digits[] = {
	{ "none", true, false, NULL, NULL, 0, false },
	{ "events as agreed", true, true, NULL, NULL, DTMF_RFC4733, false },
	{ "INFO, and events were agreed", true, false, "INFO", "application/dtmf-relay",
	  DTMF_INFO, true },
	{ "INFO, and nothing was agreed", false, false, "INFO", "Application/DTMF",
	  DTMF_INFO, false },
	{ "events as agreed, and INFO too", true, true, "INFO",
	  "application/dtmf-relay; x=y", DTMF_RFC4733 | DTMF_INFO, false },
	{ "NOTIFY of Cisco", false, false, "NOTIFY", "audio/telephone-event", DTMF_NOTIFY,
	  false },
	{ "an INFO about something else", false, false, "INFO", "application/broadsoft", 0,
	  false },
};

static void ways_of_digits_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(digits); i++) {
		struct scene *scene = talking(digits[i].agreed);
		if (digits[i].by_rtp)
			say_digit(scene);
		if (digits[i].method)
			ask(scene, digits[i].method, digits[i].type);
		scene_run(scene);
		const struct leg_record *leg = scene_leg(scene, ALICE, 0);
		if (leg->dtmf_seen != digits[i].seen ||
		    leg->dtmf_mismatch != digits[i].mismatch)
			fail_msg("%s: %#x, mismatch %d", digits[i].what, leg->dtmf_seen,
			         leg->dtmf_mismatch);
		scene_free(scene);
	}
}

/* --- what was heard ----------------------------------------------------------------- */

static void early_rtp_is_what_the_caller_hears_before_the_answer(void **state)
{
	(void)state;
	static const struct says lines[] = { OFFER(0, "1 INVITE", NULL, A_PLAIN),
		                             REPLY(300, "183 Session Progress", "1 INVITE",
		                                   B_PLAIN),
		                             ANSWER(3000, "1 INVITE", B_PLAIN), BYE(9000) };
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	scene_talk(scene, &(struct talk){ .ms = 400,
	                                  .src = A_RTP,
	                                  .dst = B_RTP,
	                                  .ssrc = 7,
	                                  .count = 300,
	                                  .payload_type = 8 });
	scene_talk(scene, &(struct talk){ .ms = 700,
	                                  .src = B_RTP,
	                                  .dst = A_RTP,
	                                  .ssrc = 8,
	                                  .count = 300,
	                                  .payload_type = 8 });
	scene_run(scene);
	assert_int_equal(scene_leg(scene, ALICE, 0)->early_rtp, scene_time(700));
	scene_free(scene);
}

static void a_codec_may_change_without_a_word(void **state)
{
	(void)state;
	static const struct says lines[] = {
		OFFER(0, "1 INVITE", NULL, A_SAYS(AUDIO("4000", "8 0"))),
		ANSWER(500, "1 INVITE", B_SAYS(AUDIO("6000", "8 0"))), BYE(9000)
	};
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	for (uint8_t i = 0; i < 2; i++)
		scene_talk(scene, &(struct talk){ .ms = 1000 + 2000.0 * i,
		                                  .src = A_RTP,
		                                  .dst = B_RTP,
		                                  .ssrc = 7,
		                                  .count = 100,
		                                  .payload_type = i ? 0 : 8,
		                                  .from_sequence = (uint16_t)(100 * i) });
	scene_run(scene);
	assert_int_equal(scene_leg(scene, ALICE, 0)->codec_changes, 1);
	assert_int_equal(scene_leg(scene, ALICE, 0)->early_rtp, NSTIME_NONE);
	scene_free(scene);
}

static void signalling_has_a_dscp_from_each_side(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	const struct says invite = OFFER(0, "1 INVITE", NULL, A_PLAIN);
	const struct says again = OFFER(500, "1 INVITE", NULL, A_PLAIN);
	const struct says ringing = REPLY(600, "180 Ringing", "1 INVITE", NULL);
	scene_say(scene, &invite)->dscp = 24; /* CS3 */
	scene_say(scene, &again)->dscp = 26;
	scene_say(scene, &ringing);
	scene_run(scene);
	assert_true(scene_leg(scene, ALICE, 0)->dscp_src == 24);
	assert_true(scene_leg(scene, ALICE, 0)->dscp_dst == 0);
	scene_free(scene);
	scene = scene_new();
	scene_say(scene, &invite);
	scene_run(scene);
	assert_true(isnan(scene_leg(scene, ALICE, 0)->dscp_dst));
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_and_answers_are_told),
		cmocka_unit_test(ways_of_digits_are_told),
		cmocka_unit_test(early_rtp_is_what_the_caller_hears_before_the_answer),
		cmocka_unit_test(a_codec_may_change_without_a_word),
		cmocka_unit_test(signalling_has_a_dscp_from_each_side),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
