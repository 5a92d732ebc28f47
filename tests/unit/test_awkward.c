/*
 * Rules: quality.md section 9, its rows in their order; all figures are worked out by hand.
 * (Of fragments only whole datagrams come this far: test_fragments.c.)
 *
 * R of PCMU is 93.2062 without loss; q = 15/16 is what a packet leaves of the jitter.
 */
#include "tests/unit/awkward.h"

/* MOS of 73.2062: 1 + 0.035 R + R (R - 60) (100 - R) 7e-6. */
static void the_lowest_interval_is_that_of_gsm(const struct scene *scene,
                                               const struct stream_record *stream)
{
	(void)scene;
	assert_true(fabs(stream->interval_min_mos_lq - 3.7436) < 0.001);
	assert_int_equal(stream->payload_types.count, 2);
	/* The slot of 10 to 15 s is PCMU's to 12.6 s, and ends with GSM. */
	assert_int_equal(stream->interval_min_at, scene_time(10000));
}

static void another_of_the_same_leg(const struct scene *scene,
                                    const struct stream_record *stream)
{
	assert_int_equal(scene_count(scene, RECORD_STREAM), 2);
	const struct stream_record *other = &scene_record(scene, RECORD_STREAM, 1)->stream;
	if (other == stream)
		other = &scene_record(scene, RECORD_STREAM, 0)->stream;
	assert_int_equal(other->leg, stream->leg);
	assert_int_not_equal(other->leg, 0);
	assert_int_equal(other->direction, stream->direction);
	assert_int_equal(other->expected, 150);
	assert_int_equal(other->lost, 0);
	assert_int_equal(other->restarts, 0);
}

static void fax_goes_on(struct scene *scene)
{
	say_again(scene, SDP("198.18.0.1", "m=image 4000 udptl t38\r\n"),
	          SDP("198.19.0.1", "m=image 5000 udptl t38\r\n"));
	for (uint8_t i = 0; i < 100; i++) {
		const uint8_t udptl[] = { 0, i, 1, 6, 0, 0 };
		if (i % 10)
			scene_bytes(scene, 3700 + 30.0 * i, ALICE_RTP, BOB_RTP, udptl,
			            sizeof udptl);
	}
}

static void it_is_a_fax(const struct scene *scene, const struct stream_record *stream)
{
	assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
	assert_int_equal(scene_leg(scene, ALICE, 0)->flags, LEG_T38);
	assert_int_equal(stream->last, scene_time(3580));
}

static void audio_is_refused(struct scene *scene)
{
	say_again(scene, SDP("198.18.0.1", AUDIO("0", "0")),
	          SDP("198.19.0.1", AUDIO("0", "0")));
}

static void audio_moves(struct scene *scene)
{
	say_again(scene, SDP("198.18.0.1", AUDIO("4002", "0")),
	          SDP("198.19.0.1", AUDIO("5002", "0")));
	const struct talk talk = {
		3600, "198.18.0.1:4002", "198.19.0.1:5002", 1, 150, 0, 160, 150, 0
	};
	scene_talk(scene, &talk);
}

static void it_began_early(const struct scene *scene, const struct stream_record *stream)
{
	assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
	assert_int_equal(stream->first, scene_time(100));
}

static void nothing_comes_back(const struct scene *scene,
                               const struct stream_record *stream)
{
	assert_int_equal(scene_count(scene, RECORD_STREAM), 1);
	assert_int_equal(scene_call(scene)->mos_lq_min_stream, stream->id);
}

static void it_is_encrypted(const struct scene *scene, const struct stream_record *stream)
{
	(void)scene;
	assert_true(stream->encrypted);
}

/* Its payload reads as mode 4.75, and must not be read. */
static void its_mode_is_assumed(const struct scene *scene,
                                const struct stream_record *stream)
{
	it_is_encrypted(scene, stream);
	assert_int_equal(stream->basis, BASIS_PROJECT);
	assert_true(fabs(stream->ie - 5) < 1e-9 && fabs(stream->bpl - 10) < 1e-9);
}

/* Five sender reports, and three packets that would be RTP of type 72 with a marker. */
static void reports_on_the_same_port(struct scene *scene)
{
	static const uint8_t report[28] = { 0x80, 200, 0, 6, 0, 0, 0, 1 };
	for (int i = 0; i < 5; i++)
		scene_bytes(scene, 1005 + 300.0 * i, ALICE_RTP, BOB_RTP, report,
		            sizeof report);
	const struct run illegal = {
		.count = 3, AT(8, 1007, 5000, 160), .type = 72, .kind = ALL_MARKED
	};
	say_run(scene, &illegal, (struct span){ 0 });
}

static void reports_are_no_media(const struct scene *scene,
                                 const struct stream_record *stream)
{
	assert_int_equal(stream->rtcp_sender_reports, 5);
	assert_int_equal(stream->payload_types.count, 1);
	assert_int_equal(scene->claims[CLAIM_RTP], 150);
}

/* RFC 2198 behind two CSRC and an extension of one word, 4 octets of padding at the end. */
static void wrapped_packets(struct scene *scene)
{
	for (uint32_t n = 0; n < 150; n++) {
		const uint8_t packet[] = { 0xb2,
			                   96,
			                   0,
			                   (uint8_t)n,
			                   0,
			                   0,
			                   (uint8_t)(n * 160 >> 8),
			                   (uint8_t)(n * 160),
			                   0,
			                   0,
			                   0,
			                   1,
			                   9,
			                   9,
			                   9,
			                   9,
			                   8,
			                   8,
			                   8,
			                   8, /* CSRC */
			                   0xbe,
			                   0xde,
			                   0,
			                   1,
			                   0x10,
			                   0x85,
			                   0,
			                   0,
			                   0x80,
			                   0,
			                   0,
			                   2,
			                   3,
			                   7,
			                   7,
			                   1, /* PCMU; GSM is primary */
			                   0,
			                   0,
			                   0,
			                   4 };
		scene_bytes(scene, MEDIA_MS + 20.0 * n, ALICE_RTP, BOB_RTP, packet,
		            sizeof packet);
	}
}

static void time_is_the_running_maximum(const struct scene *scene,
                                        const struct stream_record *stream)
{
	(void)scene;
	assert_int_equal(stream->first, scene_time(MEDIA_MS));
	assert_int_equal(stream->last, scene_time(MEDIA_MS + 4980));
}

static const struct awkward rows[] = {
	{ "G722: 160 ticks of 8 kHz are 20 ms; R is 129 - 13",
	  MEDIA("9", "a=rtpmap:9 G722/8000\r\n"), .runs = { { .count = 150, .type = 9 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, .codec = CODEC_G722,
	               .clock_hz = 8000, .basis = CLOCK_SDP, .band = BAND_WB, .r = 116 } },

	{ "opus: 48 kHz, and its silence of 400 ms steps is no loss; R is 148 - 10.2",
	  MEDIA("111", "a=rtpmap:111 opus/48000/2\r\n"),
	  .runs = { { .count = 100, .ticks = 960, .type = 111 },
	            { .count = 5, AT(48, 2380, 100, 19200), .every_ms = 400, .type = 111 },
	            { .count = 100, AT(48, 4000, 105, 960), .type = 111 } },
	  .payload = SPAN_OF(opus_fullband),
	  .figures = { 205, 205, .delta_max_ms = 400, .ptime_ms = 20, .codec = CODEC_OPUS,
	               .clock_hz = 48000, .basis = CLOCK_SDP, .band = BAND_FB,
	               .r = 137.8 } },

	{ "dynamic type without SDP: 320 ticks in 20 ms, one packet lost",
	  .runs = { { .count = 150, .ticks = 320, .type = 99 },
	            { .count = 149, AT(16, 3020, 151, 320), .type = 99 } },
	  .figures = { 299, 300, 1, .delta_max_ms = 40, .ptime_ms = 20, .clock_hz = 16000,
	               .basis = CLOCK_GUESSED, .ppl = 100 / 300.0, .r = UNKNOWN,
	               .flags = STREAM_GUESSED } },
	/* 15,702 Hz; D is 0.38 ms each time: J = 0.38 (1 - q^119). */
	{ "the same, 1.9 % off",
	  .runs = { { .count = 120, .ticks = 320, .every_ms = 20.38, .type = 99 } },
	  .figures = { 120, 120, .jitter_max_ms = 0.3798, .delta_max_ms = 20.38,
	               .ptime_ms = 20, .clock_hz = 16000, .basis = CLOCK_GUESSED,
	               .r = UNKNOWN, .flags = STREAM_GUESSED } },
	{ "the same, 2.4 % off: no clock, no jitter, no score; losses are counted",
	  .runs = { { .count = 100, .ticks = 320, .every_ms = 20.5, .type = 99 },
	            { .count = 99, AT(16, 2070, 101, 320), .every_ms = 20.5, .type = 99 } },
	  .figures = { 199, 200, 1, .delta_max_ms = 40.5, NO_CODEC, .ppl = 0.5 } },

	{ "type changes, same clock: 600 packets of PCMU, 300 of GSM (Ie 20)",
	  MEDIA("0 3", ""),
	  .runs = { { .count = 600 }, { .count = 300, AT(8, 12000, 600, 160), .type = 3 } },
	  .figures = { 900, 900, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = the_lowest_interval_is_that_of_gsm },

	/* 95 x 0.4 / 25.5 = 1.4902 */
	{ "clock changes to 16 kHz: the reference restarts, the lost packet between counts",
	  MEDIA("0 99", "a=rtpmap:99 speex/16000\r\n"),
	  .runs = { { .count = 150 },
	            { .count = 99,
	              .ms = 3020,
	              .sequence = 151,
	              .ticks = 320,
	              .type = 99 } },
	  .figures = { 249, 250, 1, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU, .ppl = 0.4,
	               .r = 91.7160 } },

	/* Played, its packets would be up to 340 ms late.  95 x 0.8333 / 25.9333 = 3.0527
	 */
	{ "telephone-event: in no jitter, no buffer; one of its packets is lost",
	  MEDIA("0 101", "a=rtpmap:101 telephone-event/8000\r\n"),
	  .runs = { { .count = 40 },
	            { .count = 9,
	              AT(8, 800, 40, 160),
	              .type = 101,
	              .kind = MARKED | FROZEN },
	            { .count = 8,
	              .ms = 1000,
	              .sequence = 50,
	              .origin = (uint32_t) - (10 * 160),
	              .type = 101,
	              .kind = FROZEN },
	            { .count = 62, AT(8, 1160, 58, 160) } },
	  .figures = { 119, 120, 1, .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU,
	               .ppl = 100 / 120.0, .r = 90.1535 } },

	{ "comfort noise, 37 ms late: in neither jitter nor delta", MEDIA("0 13", ""),
	  .runs = { { .count = 60, .kind = MARKED },
	            { .count = 1, AT(8, 1200, 60, 160), .type = 13 },
	            { .count = 3,
	              .ms = 1437,
	              .sequence = 61,
	              .ticks = 1600,
	              .origin = (uint32_t)(8 * 1400 - 61 * 1600),
	              .every_ms = 200,
	              .type = 13 },
	            { .count = 60, AT(8, 2000, 64, 160), .kind = MARKED } },
	  .figures = { 124, 124, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R } },

	{ "silence of 3 s, the timestamp follows, marker: neither loss nor jitter", PLAIN,
	  .runs = { { .count = 100, .kind = MARKED },
	            { .count = 100, AT(8, 5000, 100, 160), .kind = MARKED } },
	  .figures = { 200, 200, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R } },

	/* |D| = 160 once.  25 packets until the buffer of 50 ms gives up; the adaptive one,
	 * by then 40 ms, opens at the first.  95 x 0.5 / 25.6 = 1.8555 */
	{ "silence of 160 ms with a frozen timestamp looks like a stall, once", PLAIN,
	  .runs = { { .count = 100 }, { .count = 100, .ms = 2160, .sequence = 100 } },
	  .figures = { 200, 200, .jitter_max_ms = 10, .delta_max_ms = 180, .ptime_ms = 20,
	               .discarded = { 25, 0, 1 }, OF_PCMU, .ppl = 0.5, .r = 91.3507 } },

	/* D is 7 and then -7: 7/16 q + 7/16. */
	{ "marker on every packet: delta of all of them", PLAIN,
	  .runs = { { .count = 200, .kind = ALL_MARKED },
	            { .count = 1, .ms = 4007, .sequence = 200, .kind = ALL_MARKED },
	            { .count = 199, .ms = 4020, .sequence = 201, .kind = ALL_MARKED } },
	  .figures = { 400, 400, .jitter_max_ms = 0.8477, .delta_max_ms = 27,
	               .ptime_ms = 20, OF_PCMU, .r = LOSSLESS_R } },

	{ "new SSRC: another stream of the leg, no loss across", PLAIN,
	  .runs = { { .count = 150, .sequence = 1000 },
	            { .count = 150, .ms = 3000, .sequence = 40000, .ssrc = 2 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = another_of_the_same_leg },

	{ "same SSRC, numbers jump: a restart, no loss", PLAIN,
	  .runs = { { .count = 100, .sequence = 100 },
	            { .count = 100, .ms = 2000, .sequence = 20100 } },
	  .figures = { 200, 200, .restarts = 1, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R } },

	/* BurstR 3000 x 200 / 3200, of which 2: 95 x 93.75 / (46.875 + 25.1) = 123.7409 */
	{ "outage of 3000 packets: a restart, and charged", PLAIN,
	  .runs = { { .count = 100 }, { .count = 100, .ms = 62000, .sequence = 3100 } },
	  .figures = { 200, 200, .restarts = 1, .outage_lost = 3000, .delta_max_ms = 20,
	               .ptime_ms = 20, OF_PCMU, .ppl = 93.75, .r = -30.5347,
	               .flags = STREAM_EXTRAPOLATED } },
	/* 95 x 93.7461 / (46.8730 + 25.1) = 123.7391 */
	{ "a step of 2999 is loss", PLAIN,
	  .runs = { { .count = 100 }, { .count = 100, .ms = 61960, .sequence = 3098 } },
	  .figures = { 200, 3198, 2998, .delta_max_ms = 59980, .ptime_ms = 20, OF_PCMU,
	               .ppl = 93.7461, .r = -30.5329, .flags = STREAM_EXTRAPOLATED } },

	{ "T.38 is accepted: audio stops without loss, and UDPTL's own loss is not audio's",
	  PLAIN, .runs = { { .count = 150 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = it_is_a_fax, .more = fax_goes_on },
	{ "the audio port becomes 0", PLAIN, .runs = { { .count = 150 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .more = audio_is_refused },
	{ "the media move to other ports", PLAIN, .runs = { { .count = 150 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = another_of_the_same_leg, .more = audio_moves },

	{ "sequence and timestamp wrap at the same packet, which is lost", PLAIN,
	  .runs = { { .count = 40,
	              .sequence = 65496,
	              .origin = (uint32_t) - (65536 * 160) },
	            { .count = 159,
	              .ms = 820,
	              .sequence = 65537,
	              .origin = (uint32_t) - (65536 * 160) } },
	  .figures = { 199, 200, 1, .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU, .ppl = 0.5,
	               .r = 91.3507 } },

	/* BurstR 5 x 0.975, of which 2: 95 x 2.5 / (1.25 + 25.1) = 9.0133 */
	{ "40 duplicates do not hide five lost packets", PLAIN,
	  .runs = { { .count = 100 },
	            { .count = 95, .ms = 2100, .sequence = 105 },
	            { .count = 40, .ms = 5 } },
	  .figures = { 235, 200, 5, 40, .delta_max_ms = 120, .ptime_ms = 20, OF_PCMU,
	               .ppl = 2.5, .r = 84.1929 } },
	{ "everything twice within 2 ms: mirrored", PLAIN,
	  .runs = { { .count = 200, .kind = SAME_ID },
	            { .count = 200, .ms = 0.06, .kind = SAME_ID } },
	  .figures = { 400, 200, .duplicates = 200, .span_copies = 200, .delta_max_ms = 20,
	               .ptime_ms = 20, OF_PCMU, .r = LOSSLESS_R,
	               .flags = STREAM_MIRRORED } },
	{ "30 % twice within 2 ms: not yet", PLAIN,
	  .runs = { { .count = 200, .kind = SAME_ID },
	            { .count = 60, .ms = 0.06, .kind = SAME_ID } },
	  .figures = { 260, 200, .duplicates = 60, .span_copies = 60, .delta_max_ms = 20,
	               .ptime_ms = 20, OF_PCMU, .r = LOSSLESS_R } },
	{ "everything twice, 3 ms apart: the sender's doing", PLAIN,
	  .runs = { { .count = 200 }, { .count = 200, .ms = 3 } },
	  .figures = { 400, 200, .duplicates = 200, .delta_max_ms = 17, .ptime_ms = 20,
	               OF_PCMU, .r = LOSSLESS_R } },

	/* D is 30 and then -30: 30/16 q + 30/16. */
	{ "one packet behind its successor, 30 ms late: reordered, on time", PLAIN,
	  .runs = { { .count = 50 },
	            { .count = 1, .ms = 1030, .sequence = 50 },
	            { .count = 199, .ms = 1020, .sequence = 51 } },
	  .figures = { 250, 250, .reordered = 1, .jitter_max_ms = 3.6328,
	               .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU, .r = LOSSLESS_R } },
	/* D is 70 and then -70; the adaptive buffer is down at 49 ms. */
	{ "one packet behind three, 70 ms late: reordered, not lost, and discarded", PLAIN,
	  .runs = { { .count = 50 },
	            { .count = 1, .ms = 1070, .sequence = 50 },
	            { .count = 199, .ms = 1020, .sequence = 51 } },
	  .figures = { 250, 250, .reordered = 1, .jitter_max_ms = 8.4766,
	               .delta_max_ms = 40, .ptime_ms = 20, .discarded = { 1, 0, 1 },
	               OF_PCMU, .ppl = 0.4, .r = 91.7160 } },

	/* D is 2010 and then -2010: q 125.625 + 125.625.  95 x 0.1667 / 25.2667 = 0.6266 */
	{ "late by 100 packets: reordered", PLAIN,
	  .runs = { { .count = 250 },
	            { .count = 1, .ms = 7010, .sequence = 250 },
	            { .count = 349, .ms = 5020, .sequence = 251 } },
	  .figures = { 600, 600, .reordered = 1, .jitter_max_ms = 243.3984,
	               .delta_max_ms = 40, .ptime_ms = 20, .discarded = { 1, 1, 1 },
	               OF_PCMU, .ppl = 100 / 600.0, .r = 92.5796 } },
	{ "late by 101 packets: held, dropped, and lost", PLAIN,
	  .runs = { { .count = 250 },
	            { .count = 1, .ms = 7030, .sequence = 250 },
	            { .count = 349, .ms = 5020, .sequence = 251 } },
	  .figures = { 600, 600, 1, .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU,
	               .ppl = 100 / 600.0, .r = 92.5796 } },

	{ "media from before the answer: counted, one stream with those after it", PLAIN,
	  .runs = { { .count = 150, .ms = -500 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R, .flags = STREAM_EARLY },
	  .check = it_began_early },

	{ "99 packets are short, and scored", PLAIN, .runs = { { .count = 99 } },
	  .figures = { 99, 99, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU, .r = LOSSLESS_R,
	               .flags = STREAM_SHORT } },
	{ "100 packets are not short", PLAIN, .runs = { { .count = 100 } },
	  .figures = { 100, 100, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R } },

	{ "no packets in one direction: it has no stream and no part in the call's score",
	  PLAIN, .runs = { { .count = 150 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = nothing_comes_back },

	/* 95 x 0.6667 / 25.7667 = 2.4580 */
	{ "SRTP: all statistics of the header",
	  .offer = SDP("198.18.0.1", "m=audio 4000 RTP/SAVP 0\r\n"),
	  .answer = SDP("198.19.0.1", "m=audio 5000 RTP/SAVP 0\r\n"),
	  .runs = { { .count = 75 }, { .count = 74, .ms = 1520, .sequence = 76 } },
	  .figures = { 149, 150, 1, .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU,
	               .ppl = 100 / 150.0, .r = 90.7482 },
	  .check = it_is_encrypted },
	{ "SRTP: no mode of AMR, so 12.2 is assumed (Ie 5)",
	  .offer =
	          SDP("198.18.0.1", "m=audio 4000 RTP/SAVP 97\r\na=rtpmap:97 AMR/8000\r\n"),
	  .answer =
	          SDP("198.19.0.1", "m=audio 5000 RTP/SAVP 97\r\na=rtpmap:97 AMR/8000\r\n"),
	  .runs = { { .count = 150, .type = 97 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, .codec = CODEC_AMR,
	               .clock_hz = 8000, .basis = CLOCK_SDP, .band = BAND_NB,
	               .r = 88.2062 },
	  .check = its_mode_is_assumed },

	{ "RTCP on the same port", PLAIN, .runs = { { .count = 150 } },
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R },
	  .check = reports_are_no_media, .more = reports_on_the_same_port },

	{ "padding, CSRC and extension are skipped: GSM is what the payload says",
	  MEDIA("96 0 3", "a=rtpmap:96 red/8000\r\n"),
	  .figures = { 150, 150, .delta_max_ms = 20, .ptime_ms = 20, .codec = CODEC_GSM,
	               .clock_hz = 8000, .basis = CLOCK_SDP, .band = BAND_NB, .r = 73.2062,
	               .flags = STREAM_FEC },
	  .more = wrapped_packets },

	/* D is -40, and 40 fifty packets later: 2.5 q^49 q + 2.5 = 2.5992.  To the adaptive
	 * buffer, by then 30 ms long, the first after it is late; 60 ms pass in one step.
	 */
	{ "stamps run 40 ms behind for a second: jitter and delta take them as they are",
	  PLAIN,
	  .runs = { { .count = 100 },
	            { .count = 50, .ms = 1960, .sequence = 100 },
	            { .count = 100, .ms = 3000, .sequence = 150 } },
	  .figures = { 250, 250, .jitter_max_ms = 2.5992, .delta_max_ms = 60,
	               .ptime_ms = 20, .discarded = { 0, 0, 1 }, OF_PCMU, .ppl = 0.4,
	               .r = 91.7160, .flags = STREAM_TIME_BACKWARDS },
	  .check = time_is_the_running_maximum, .as_said = true },

	{ "RFC 2198: the primary type is the codec; what redundancy would recover stays lost",
	  MEDIA("96 0", "a=rtpmap:96 red/8000\r\n"),
	  .runs = { { .count = 100, .type = 96 },
	            { .count = 99, .ms = 2020, .sequence = 101, .type = 96 } },
	  .payload = SPAN_OF(pcmu_in_pcmu),
	  .figures = { 199, 200, 1, .delta_max_ms = 40, .ptime_ms = 20, OF_PCMU, .ppl = 0.5,
	               .r = 91.3507, .flags = STREAM_FEC } },
	{ "ULPFEC between the audio", MEDIA("0 100", "a=rtpmap:100 ulpfec/8000\r\n"),
	  .runs = { { .count = 100 },
	            { .count = 5,
	              AT(8, 1981, 100, 160),
	              .every_ms = 1,
	              .type = 100,
	              .kind = FROZEN },
	            { .count = 100, AT(8, 2000, 105, 160) } },
	  .figures = { 205, 205, .delta_max_ms = 20, .ptime_ms = 20, OF_PCMU,
	               .r = LOSSLESS_R, .flags = STREAM_FEC } },
};

static void each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		awkward_run(&rows[i]);
	assert_int_equal(awkward_wrong, 0);
}

/* Never 4.5, never 1. */
static void a_call_without_packets_has_no_score(void **state)
{
	(void)state;
	static const struct awkward silent = { "no packets at all", PLAIN };
	struct scene *scene = scene_new();
	say_call(scene, &silent);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_STREAM), 0);
	assert_true(isnan(scene_call(scene)->mos_lq_min));
	assert_int_equal(scene_call(scene)->mos_lq_min_stream, 0);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(a_call_without_packets_has_no_score),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
