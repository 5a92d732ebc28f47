/* Which streams of a scene are listened to; what they sound like is tests/audio's. */
#include <math.h>

#include "tests/unit/scene.h"

#define A "198.18.0.1"
#define B "198.18.0.2"

enum { PACKETS = 50 };

/* One second each way of A-law silence: a code stands for 1 of 4032 or its negative. */
static void talk_silence(struct scene *scene, const char *src, const char *dst,
                         uint32_t ssrc, uint8_t payload_type)
{
	uint8_t bytes[160];
	memset(bytes, 0xd5, sizeof bytes);
	for (unsigned int i = 0; i < PACKETS; i++)
		scene_rtp(scene, &(struct rtp_says){ .ms = 400 + 20.0 * i,
		                                     .src = src,
		                                     .dst = dst,
		                                     .ssrc = ssrc,
		                                     .timestamp = 160 * i,
		                                     .sequence = (uint16_t)i,
		                                     .payload_type = payload_type,
		                                     .payload = { bytes, sizeof bytes } });
}

static struct scene *call_of(const char *offer, const char *answer)
{
	const struct says lines[] = {
		{ 0, A ":5060", B ":5060", "INVITE", "1 INVITE", "a", NULL, offer, NULL,
		  NULL },
		{ 200, B ":5060", A ":5060", "200 OK", "1 INVITE", "a", "b", answer, NULL,
		  NULL },
		{ 300, A ":5060", B ":5060", "ACK", "1 ACK", "a", "b", NULL, NULL, NULL },
	};
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	return scene;
}

static struct scene *plain_call(void)
{
	struct scene *scene =
	        call_of(SDP(A, AUDIO("4000", "8")), SDP(B, AUDIO("4002", "8")));
	talk_silence(scene, A ":4000", B ":4002", 1, 8);
	talk_silence(scene, B ":4002", A ":4000", 2, 8);
	return scene;
}

static bool nothing_known(const struct stream_record *s)
{
	return isnan(s->audio_heard_s) && isnan(s->audio_speech_pct) &&
	       isnan(s->audio_silence_pct) && isnan(s->audio_dead_air_s) &&
	       isnan(s->audio_dead_air_total_s) && isnan(s->audio_clipping_pct) &&
	       isnan(s->audio_level_dbov) && isnan(s->audio_rms_dbov) &&
	       isnan(s->audio_peak_dbov) && isnan(s->audio_dtmf) &&
	       s->audio_dtmf_first == NSTIME_NONE && s->audio_fax == FAX_TONE_NONE;
}

static void off_unless_asked(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	scene_run(scene);
	assert_true(nothing_known(scene_stream(scene, A ":4000", 0)));
	scene->settings.audio_facts = true;
	scene_run(scene);
	for (size_t i = 0; i < 2; i++) {
		const struct stream_record *s =
		        scene_stream(scene, i ? B ":4002" : A ":4000", 0);
		assert_true(fabs(s->audio_heard_s - 1) < 1e-9);
		assert_true(s->audio_silence_pct == 100 && s->audio_speech_pct == 0);
		assert_true(fabs(s->audio_rms_dbov - 20 * log10(1 / 4032.0)) < 1e-6);
		assert_true(s->audio_dtmf == 0 && s->audio_dead_air_s == 0);
	}
	scene_free(scene);
}

/* What is over the cap is not heard, said once a stream, and a place is given back. */
static void cap(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	scene->settings.audio_facts = true;
	scene->settings.limits.audio = 1;
	scene->settings.limits.stream_idle = NS_PER_SEC;
	talk_silence(scene, "198.18.0.3:7000", "198.18.0.4:7002", 3, 8);
	scene_run(scene);
	assert_int_equal(scene->counters.of[COUNT_AUDIO_NOT_HEARD], 2);
	size_t heard = 0;
	for (size_t i = 0; i < 3; i++)
		heard += !nothing_known(&scene_record(scene, RECORD_STREAM, i)->stream);
	assert_int_equal(heard, 1);
	scene_free(scene);
}

static void a_place_is_given_back(void **state)
{
	(void)state;
	struct scene *scene = scene_new();
	scene->settings.audio_facts = true;
	scene->settings.limits.audio = 1;
	talk_silence(scene, "198.18.0.3:7000", "198.18.0.4:7002", 3, 8);
	const size_t first = scene->packet_count;
	talk_silence(scene, "198.18.0.5:7000", "198.18.0.6:7002", 4, 8);
	for (size_t i = first; i < scene->packet_count; i++)
		scene->packets[i].packet.at += 100 * NS_PER_SEC; /* the first is over */
	scene_run(scene);
	assert_int_equal(scene->counters.of[COUNT_AUDIO_NOT_HEARD], 0);
	assert_false(nothing_known(scene_stream(scene, "198.18.0.3:7000", 0)));
	assert_false(nothing_known(scene_stream(scene, "198.18.0.5:7000", 0)));
	scene_free(scene);
}

static const struct {
	const char *what;
	const char *media;
	uint8_t payload_type;
} unheard[] = {
	{ "SRTP", "m=audio 4000 RTP/SAVP 8\r\n", 8 },
	{ "another codec", "m=audio 4000 RTP/AVP 18\r\n", 18 },
	{ "comfort noise", "m=audio 4000 RTP/AVP 8 13\r\n", 13 },
	{ "RFC 2198 around it", "m=audio 4000 RTP/AVP 121 8\r\na=rtpmap:121 red/8000\r\n",
	  121 },
};

static void what_is_not_heard(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unheard); i++) {
		char sdp[256];
		snprintf(sdp, sizeof sdp, "%s%s", SDP(A, ""), unheard[i].media);
		struct scene *scene = call_of(sdp, sdp);
		scene->settings.audio_facts = true;
		talk_silence(scene, B ":4000", A ":4000", 1, unheard[i].payload_type);
		scene_run(scene);
		if (!nothing_known(scene_stream(scene, B ":4000", 0)))
			fail_msg("%s", unheard[i].what);
		scene_free(scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(off_unless_asked),
		cmocka_unit_test(cap),
		cmocka_unit_test(a_place_is_given_back),
		cmocka_unit_test(what_is_not_heard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
