/* What SDP and payload together say of a codec's mode: RFC 4867, RFC 5577, TS 26.445. */
#include <stdio.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define BOB_RTP "198.19.0.1:5000"

enum { TYPE = 96, PACKETS = 20 };

struct sends {
	uint8_t head[4]; /* zeros follow */
	uint8_t length;
	uint8_t cut; /* octets behind the RTP header that were captured; 0: all */
};

/*
 * One frame of 7.95 kbit/s; but with octets aligned an empty one and one of 7.4.  A compact
 * EVS frame of 13.2 kbit/s, but one of 9.6 behind a header.
 */
#define AMR_BOTH                                                                           \
	{                                                                                  \
		{ 0xf2, 0xfc, 0x24 }, 22, 0                                                \
	}
#define EVS_BOTH                                                                           \
	{                                                                                  \
		{ 0x03 }, 33, 0                                                            \
	}

static const struct {
	const char *what, *profile, *map, *fmtp;
	struct sends sends;
	uint32_t bit_rate_bps, audio_hz;
	bool assumed;
	double ie;
} cases[] = {
	{ "AMR", "AVP", "AMR/8000", NULL, AMR_BOTH, 7950, 0, false, 10 },
	{ "octet-align=0", "AVP", "AMR/8000", "octet-align=0", AMR_BOTH, 7950, 0, false,
	  10 },
	{ "octet-align=1", "AVP", "AMR/8000", "mode-change-period=2; octet-align=1",
	  AMR_BOTH, 7400, 0, false, 12 },
	{ "a single mode", "AVP", "AMR/8000", "mode-set=2", AMR_BOTH, 5900, 0, false,
	  16.5 },
	{ "two modes", "AVP", "AMR/8000", "mode-set=2,5", AMR_BOTH, 7950, 0, false, 10 },
	{ "encrypted", "SAVP", "AMR/8000", NULL, AMR_BOTH, 0, 0, true, 5 },
	{ "encrypted, a single mode", "SAVP", "AMR/8000", "mode-set=2", AMR_BOTH, 5900, 0,
	  false, 16.5 },
	{ "EVS", "AVP", "EVS/16000", NULL, EVS_BOTH, 13200, 0, false, 17.1 },
	{ "EVS, both formats", "AVP", "EVS/16000", "hf-only=0", EVS_BOTH, 13200, 0, false,
	  17.1 },
	{ "EVS with header", "AVP", "EVS/16000", "hf-only=1", EVS_BOTH, 9600, 0, false,
	  22.7 },
	{ "EVS, wide", "AVP", "EVS/16000", "bw=wb", EVS_BOTH, 13200, 8000, false, 32 },
	{ "EVS up to wide", "AVP", "EVS/16000", "bw=nb-wb", EVS_BOTH, 13200, 8000, false,
	  32 },
	{ "EVS, narrow", "AVP", "EVS/16000", "bw=nb", EVS_BOTH, 13200, 4000, false, 60 },
	{ "EVS up to superwide", "AVP", "EVS/16000", "bw=nb-swb", EVS_BOTH, 13200, 0, false,
	  17.1 },
	{ "G.722.1",
	  "AVP",
	  "G7221/16000",
	  "bitrate=24000",
	  { { 0 }, 60, 0 },
	  24000,
	  0,
	  false,
	  19 },
	{ "Opus of which an octet was captured",
	  "AVP",
	  "opus/48000/2",
	  NULL,
	  { { 9 << 3 }, 60, 1 },
	  0,
	  8000,
	  false,
	  24 },
	{ "a type of which the SDP says nothing", "AVP", "PCMA/8000", NULL, EVS_BOTH, 0, 0,
	  false, 0 },
};

static struct scene *scene_of(const char *profile, const char *map, const char *fmtp)
{
	struct scene *scene = scene_new();
	char sdp[512];
	snprintf(sdp, sizeof sdp,
	         "v=0\r\no=- 1 1 IN IP4 198.19.0.1\r\ns=-\r\nc=IN IP4 198.19.0.1\r\n"
	         "t=0 0\r\nm=audio 5000 RTP/%s 96\r\na=rtpmap:96 %s\r\n%s%s%s",
	         profile, map, fmtp ? "a=fmtp:96 " : "", fmtp ? fmtp : "",
	         fmtp ? "\r\n" : "");
	const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL,
		  SDP("198.18.0.1", AUDIO("4000", "0")), NULL, NULL },
		{ 50, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", sdp, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	return scene;
}

static void send(struct scene *scene, const struct sends *sends)
{
	uint8_t payload[64] = { 0 };
	memcpy(payload, sends->head, sizeof sends->head);
	for (uint32_t i = 0; i < PACKETS; i++) {
		const struct rtp_says says = { 100 + 20.0 * i,
			                       ALICE_RTP,
			                       BOB_RTP,
			                       1,
			                       i * 160,
			                       (uint16_t)i,
			                       TYPE,
			                       false,
			                       { payload, sends->length } };
		struct packet *packet = scene_rtp(scene, &says);
		if (sends->cut)
			packet->payload.len = 12U + sends->cut;
	}
}

static void sdp_and_payload_say_the_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scene *scene =
		        scene_of(cases[i].profile, cases[i].map, cases[i].fmtp);
		send(scene, &cases[i].sends);
		scene_run(scene);
		const struct stream_record *got = scene_stream(scene, ALICE_RTP, 0);
		if (got->packets != PACKETS ||
		    got->codec_bit_rate_bps != cases[i].bit_rate_bps ||
		    got->codec_audio_hz != cases[i].audio_hz ||
		    got->codec_mode_assumed != cases[i].assumed || got->ie != cases[i].ie)
			fail_msg("%s: %u packets, %u bit/s, %u Hz, assumed %d, Ie %g",
			         cases[i].what, (unsigned)got->packets,
			         (unsigned)got->codec_bit_rate_bps,
			         (unsigned)got->codec_audio_hz, got->codec_mode_assumed,
			         got->ie);
		scene_free(scene);
	}
}

/* Media ahead of the answer is rated by what the answer says. */
static void an_answer_that_comes_late(void **state)
{
	(void)state;
	static const struct sends amr = AMR_BOTH;
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL,
		  SDP("198.18.0.1", AUDIO("4000", "96") "a=rtpmap:96 AMR/8000\r\n"), NULL,
		  NULL },
		{ 5000, BOB, ALICE, "200 OK", "1 INVITE", "a", "b",
		  SDP("198.19.0.1", AUDIO("5000", "96") "a=rtpmap:96 AMR/8000\r\n"
		                                        "a=fmtp:96 mode-set=0\r\n"),
		  NULL, NULL },
	};
	struct scene *scene = scene_new();
	SCENE_SCRIPT(scene, lines);
	send(scene, &amr);
	scene_run(scene);
	const struct stream_record *got = scene_stream(scene, ALICE_RTP, 0);
	assert_int_equal(got->packets, PACKETS);
	assert_int_equal(got->codec_bit_rate_bps, 4750);
	assert_true(got->ie == 21);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sdp_and_payload_say_the_mode),
		cmocka_unit_test(an_answer_that_comes_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
