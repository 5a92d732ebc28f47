/*
 * RTCP through the whole analyzer: round trips of either half, both witnesses of loss, and
 * what endpoints claim.  Rules: quality.md 7.2, 7.4, 7.5.
 */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define BOB_RTP "198.19.0.1:5000"
#define ALICE_RTCP "198.18.0.1:4001"
#define BOB_RTCP "198.19.0.1:5001"

enum { A = 0xa1, B = 0xb2 };

static bool near(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 0.02;
}

/* --- RTCP by hand ------------------------------------------------------------------ */

struct wire {
	uint8_t bytes[256];
	size_t len;
};

static void put(struct wire *w, unsigned int octets, uint64_t value)
{
	while (octets--)
		w->bytes[w->len++] = (uint8_t)(value >> (8 * octets));
}

/* NTP time of a scene's ms, with a clock that is wrong by years. */
static uint64_t ntp_of(double ms)
{
	return (uint64_t)((1234567 + ms / 1000) * 4294967296.0);
}

static uint32_t middle_of(double ms)
{
	return (uint32_t)(ntp_of(ms) >> 16);
}

static void add_sr(struct wire *w, uint32_t ssrc, unsigned int blocks, double ms,
                   uint32_t packets)
{
	put(w, 1, 0x80 | blocks);
	put(w, 1, 200);
	put(w, 2, 6 + 6 * (uint64_t)blocks);
	put(w, 4, ssrc);
	put(w, 8, ntp_of(ms));
	put(w, 4, 0);
	put(w, 4, packets);
	put(w, 4, (uint64_t)packets * 160);
}

static void add_rr(struct wire *w, uint32_t ssrc, unsigned int blocks)
{
	put(w, 1, 0x80 | blocks);
	put(w, 1, 201);
	put(w, 2, 1 + 6 * (uint64_t)blocks);
	put(w, 4, ssrc);
}

static void add_block(struct wire *w, uint32_t about, uint32_t highest, int lost,
                      uint32_t jitter, uint32_t lsr, double held_ms)
{
	put(w, 4, about);
	put(w, 4, (uint32_t)lost & 0xffffff);
	put(w, 4, highest);
	put(w, 4, jitter);
	put(w, 4, lsr);
	put(w, 4, (uint32_t)(held_ms * 65.536));
}

static void add_rrtr(struct wire *w, uint32_t ssrc, double ms)
{
	put(w, 4, 0x80cf0004); /* XR of 5 words */
	put(w, 4, ssrc);
	put(w, 4, 0x04000002);
	put(w, 8, ntp_of(ms));
}

static void add_dlrr(struct wire *w, uint32_t ssrc, uint32_t about, double ms,
                     double held_ms)
{
	put(w, 4, 0x80cf0005);
	put(w, 4, ssrc);
	put(w, 4, 0x05000003);
	put(w, 4, about);
	put(w, 4, middle_of(ms));
	put(w, 4, (uint32_t)(held_ms * 65.536));
}

/* Loss 10 %, discards 1 in 64; R 81, MOS 4.1 and 3.9; adaptive buffer of 40, 80, 200 ms. */
static void add_voip(struct wire *w, uint32_t ssrc, uint32_t about, uint8_t loss)
{
	put(w, 4, 0x80cf000a);
	put(w, 4, ssrc);
	put(w, 4, 0x07000008);
	put(w, 4, about);
	put(w, 1, loss);
	put(w, 3, 0x040000);
	put(w, 8, 0x00640190003200a0); /* 100, 400, 50, 160 ms */
	put(w, 4, 0xecba7f10);         /* -20, -70, n/a, 16 */
	put(w, 4, 0x517f2927);         /* 81, n/a, 41, 39 */
	put(w, 4, 0xf0000028);         /* standard PLC, adaptive */
	put(w, 4, 0x005000c8);
}

static void send(struct scene *scene, double ms, const char *src, const char *dst,
                 const struct wire *w)
{
	scene_bytes(scene, ms, src, dst, w->bytes, w->len);
}

/* --- calls ------------------------------------------------------------------------- */

static struct scene *call_of(const char *offer, const char *answer)
{
	struct scene *scene = scene_new();
	const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL, offer, NULL, NULL },
		{ 100, BOB, ALICE, "200 OK", "1 INVITE", "a", "b", answer, NULL, NULL },
		{ 8000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	return scene;
}

static struct scene *plain_call(void)
{
	return call_of(SDP("198.18.0.1", AUDIO("4000", "0")),
	               SDP("198.19.0.1", AUDIO("5000", "0")));
}

static void talk_both(struct scene *scene)
{
	const struct talk forward = { 200, ALICE_RTP, BOB_RTP, A, 350, 0, 0, 0, 0 };
	const struct talk reverse = { 200, BOB_RTP, ALICE_RTP, B, 350, 0, 0, 0, 0 };
	scene_talk(scene, &forward);
	scene_talk(scene, &reverse);
}

/* A reports at 1000; B, 90 ms away, answers after 500 ms; A, 40 ms away, that after 300. */
static void exchange(struct scene *scene, const char *alice, const char *bob)
{
	struct wire first = { 0 }, second = { 0 }, third = { 0 };
	add_sr(&first, A, 0, 1000, 41);
	send(scene, 1000, alice, bob, &first);
	add_sr(&second, B, 1, 1590, 70);
	add_block(&second, A, 60, 0, 8, middle_of(1000), 500);
	send(scene, 1590, bob, alice, &second);
	add_rr(&third, A, 1);
	add_block(&third, B, 60, 0, 8, middle_of(1590), 300);
	send(scene, 1930, alice, bob, &third);
}

static void check_trips(const struct scene *scene, double receiver, double sender)
{
	const struct stream_record *forward = scene_stream(scene, ALICE_RTP, 0);
	const struct stream_record *reverse = scene_stream(scene, BOB_RTP, 0);
	assert_true(near(forward->rtt_receiver_ms, receiver));
	assert_true(near(forward->rtt_sender_ms, sender));
	assert_true(near(reverse->rtt_receiver_ms, sender));
	assert_true(near(reverse->rtt_sender_ms, receiver));
	assert_true(near(forward->rtt_ms, receiver + sender));
	assert_false(forward->rtt_partial);
}

/* RTCP above RTP, with it, where a=rtcp says, and from a port that NAT chose. */
static void each_half_of_the_round_trip_is_measured(void **state)
{
	(void)state;
	static const struct {
		const char *offer, *answer, *alice, *bob;
	} ways[] = {
		{ "", "", ALICE_RTCP, BOB_RTCP },
		{ "", "", ALICE_RTP, BOB_RTP },
		{ "a=rtcp:7777\r\n", "", "198.18.0.1:7777", BOB_RTCP },
		{ "a=rtcp:7777\r\n", "a=rtcp:8888\r\n", "198.18.0.1:7777",
		  "198.19.0.1:8888" },
		{ "", "", "198.18.0.1:61234", BOB_RTCP },
	};
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		char offer[256], answer[256];
		snprintf(offer, sizeof offer, "%s%s", SDP("198.18.0.1", AUDIO("4000", "0")),
		         ways[i].offer);
		snprintf(answer, sizeof answer, "%s%s",
		         SDP("198.19.0.1", AUDIO("5000", "0")), ways[i].answer);
		struct scene *scene = call_of(offer, answer);
		talk_both(scene);
		exchange(scene, ways[i].alice, ways[i].bob);
		scene_run(scene);
		assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 0);
		check_trips(scene, 90, 40);
		scene_free(scene);
	}
}

/* Ta: 65 ms of network, 20 of a packet; PCMU looks not ahead and no buffer is emulated. */
static void a_measured_round_trip_gives_a_conversational_score(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	talk_both(scene);
	exchange(scene, ALICE_RTCP, BOB_RTCP);
	scene_run(scene);
	const struct stream_record *s = scene_stream(scene, ALICE_RTP, 0);
	const double buffer_ms = s->ta_ms - 65 - 20;
	assert_true(buffer_ms > -0.02); /* what the emulated buffer adds, if there is one */
	assert_true(s->mos_cq <= s->mos_lq && s->mos_cq > 3);
	assert_true(s->r_cq <= s->r);
	scene_free(scene);
}

/* Bob only listens: his receiver reference times are all that Alice can answer. */
static void who_sends_nothing_is_measured_by_xr(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	const struct talk forward = { 200, ALICE_RTP, BOB_RTP, A, 350, 0, 0, 0, 0 };
	struct wire sr = { 0 }, rr = { 0 }, answer = { 0 };
	scene_talk(scene, &forward);
	add_sr(&sr, A, 0, 1000, 41);
	send(scene, 1000, ALICE_RTCP, BOB_RTCP, &sr);
	add_rr(&rr, 0xbeef, 1);
	add_block(&rr, A, 60, 0, 8, middle_of(1000), 500);
	add_rrtr(&rr, 0xbeef, 1590);
	send(scene, 1590, BOB_RTCP, ALICE_RTCP, &rr);
	add_sr(&answer, A, 0, 1930, 87);
	add_dlrr(&answer, A, 0xbeef, 1590, 300);
	send(scene, 1930, ALICE_RTCP, BOB_RTCP, &answer);
	scene_run(scene);
	const struct stream_record *s = scene_stream(scene, ALICE_RTP, 0);
	assert_true(near(s->rtt_receiver_ms, 90));
	assert_true(near(s->rtt_sender_ms, 40));
	assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 0);
	scene_free(scene);
}

/* Without any answer of Alice's there is one half. */
static void one_half_is_marked(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	struct wire sr = { 0 }, rr = { 0 };
	talk_both(scene);
	add_sr(&sr, A, 0, 1000, 41);
	send(scene, 1000, ALICE_RTP, BOB_RTP, &sr);
	add_rr(&rr, B, 1);
	add_block(&rr, A, 60, 0, 8, middle_of(1000), 500);
	send(scene, 1590, BOB_RTP, ALICE_RTP, &rr);
	scene_run(scene);
	const struct stream_record *forward = scene_stream(scene, ALICE_RTP, 0);
	const struct stream_record *reverse = scene_stream(scene, BOB_RTP, 0);
	assert_true(near(forward->rtt_receiver_ms, 90));
	assert_true(isnan(forward->rtt_sender_ms));
	assert_true(near(forward->rtt_ms, 90) && forward->rtt_partial);
	assert_true(near(reverse->rtt_sender_ms, 90) && isnan(reverse->rtt_receiver_ms));
	assert_true(reverse->rtt_partial);
	scene_free(scene);
}

/* 350 packets, each tenth lost before the probe; Bob lacks five more. */
static void loss_is_told_apart_by_its_place(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	const struct wire none = { 0 };
	struct wire reports[2] = { none, none };
	for (unsigned int i = 0; i < 350; i++) {
		const struct rtp_says says = { .ms = 200 + 20.0 * i,
			                       .src = ALICE_RTP,
			                       .dst = BOB_RTP,
			                       .ssrc = A,
			                       .timestamp = 160 * i,
			                       .sequence = (uint16_t)(65300 + i) };
		if (i % 10 != 9)
			scene_rtp(scene, &says);
	}
	/* The first names packet 65300 + 150, three packets after it passed; 15 + 2 lost.
	 */
	add_rr(&reports[0], B, 1);
	add_block(&reports[0], A, 65450, 17, 16, 0, 0);
	send(scene, 200 + 20 * 153 + 1, BOB_RTCP, ALICE_RTCP, &reports[0]);
	add_rr(&reports[1], B, 1);
	add_block(&reports[1], A, 65536 + 65300 + 348 - 65536, 39, 48, 0, 0);
	send(scene, 7900, BOB_RTCP, ALICE_RTCP, &reports[1]);
	scene_run(scene);
	const struct stream_record *s = scene_stream(scene, ALICE_RTP, 0);
	assert_true(near(s->far_expected, 349));
	assert_true(near(s->far_lost, 39));
	assert_true(near(s->far_loss_pct, 100.0 * 39 / 349));
	assert_true(near(s->lost_at_report, 34));
	assert_true(near(s->lost_after, 5));
	assert_true(near(s->unconfirmed_lost, 0));
	assert_true(near(s->far_jitter_mean_ms, 4));
	assert_true(near(s->far_jitter_max_ms, 6));
	assert_true(near(s->rtcp_lost, 39));
	scene_free(scene);
}

static void without_reports_nothing_is_known(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	talk_both(scene);
	scene_run(scene);
	const struct stream_record *s = scene_stream(scene, ALICE_RTP, 0);
	const double none[] = { s->far_expected,    s->far_lost,           s->far_loss_pct,
		                s->lost_at_report,  s->lost_after,         s->rtt_ms,
		                s->rtt_sender_ms,   s->rtt_receiver_ms,    s->ta_ms,
		                s->mos_cq,          s->far_jitter_mean_ms, s->r_cq,
		                s->unconfirmed_lost };
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		assert_true(isnan(none[i]));
	assert_false(s->rtt_partial);
	scene_free(scene);
}

/* --- claims ------------------------------------------------------------------------ */

static void voip_metrics_are_kept_as_a_claim(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	struct wire w = { 0 }, other = { 0 };
	talk_both(scene);
	add_rr(&w, B, 0);
	add_voip(&w, B, A, 26);
	send(scene, 2000, BOB_RTCP, ALICE_RTCP, &w);
	send(scene, 2000.5, BOB_RTCP, ALICE_RTCP, &w); /* the mirror's copy */
	add_rr(&other, B, 0);
	add_voip(&other, B, 0xdead, 26);
	send(scene, 3000, BOB_RTCP, ALICE_RTCP, &other);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REPORT), 1);
	assert_int_equal(scene->counters.of[COUNT_REPORTS], 1);
	assert_int_equal(scene->counters.of[COUNT_REPORTS_REPEATED], 1);
	assert_int_equal(scene->counters.of[COUNT_RTCP_UNMATCHED], 1);
	const struct record *record = scene_record(scene, RECORD_REPORT, 0);
	const struct report_record *r = &record->report;
	const struct stream_record *s = scene_stream(scene, ALICE_RTP, 0);
	assert_int_equal(record->at, scene_time(2000));
	assert_int_equal(r->at, scene_time(2000));
	assert_true(r->stream == s->id && r->call == s->call && r->leg == s->leg);
	assert_int_equal(r->source, REPORT_XR);
	assert_int_equal(r->side, SIDE_LOCAL);
	assert_int_equal(r->ssrc, A);
	assert_true(near(r->loss_pct, 26 / 2.56) && near(r->discard_pct, 4 / 2.56));
	assert_true(near(r->burst_ms, 100) && near(r->gap_ms, 400) && near(r->rtt_ms, 50));
	assert_true(near(r->end_system_ms, 160) && near(r->signal_dbm0, -20));
	assert_true(near(r->noise_dbm0, -70) && isnan(r->echo_return_loss_db));
	assert_true(near(r->r_cq, 81) && isnan(r->external_r_in) && near(r->gmin, 16));
	assert_true(near(r->mos_lq, 4.1) && near(r->mos_cq, 3.9) && isnan(r->r_lq));
	assert_int_equal(r->concealment, CONCEALMENT_STANDARD);
	assert_int_equal(r->buffer, REPORT_BUFFER_ADAPTIVE);
	assert_true(near(r->buffer_nominal_ms, 40) && near(r->buffer_abs_max_ms, 200));
	assert_true(near(s->loss_pct, 0)); /* ours is ours */
	scene_free(scene);
}

/* Of one stream, and in a run; here a run of 20. */
static void claims_are_limited(void **state)
{
	(void)state;
	static const size_t limits[] = { 20, LIMIT_REPORTS_PER_STREAM + 20 };
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct scene *scene = plain_call();
		const size_t sent = LIMIT_REPORTS_PER_STREAM + 3;
		const size_t kept = limits[i] < sent ? limits[i] : LIMIT_REPORTS_PER_STREAM;
		talk_both(scene);
		scene->settings.limits.reports = limits[i];
		for (size_t k = 0; k < sent; k++) {
			struct wire w = { 0 };
			add_rr(&w, B, 0);
			add_voip(&w, B, A, (uint8_t)k);
			send(scene, 1000 + (double)k, BOB_RTCP, ALICE_RTCP, &w);
		}
		scene_run(scene);
		assert_int_equal(scene_count(scene, RECORD_REPORT), kept);
		assert_int_equal(scene->counters.of[COUNT_REPORTS_NOT_KEPT], sent - kept);
		scene_free(scene);
	}
}

static void broken_xr_is_counted(void **state)
{
	(void)state;
	struct scene *scene = plain_call();
	struct wire w = { 0 };
	talk_both(scene);
	add_rr(&w, B, 0);
	put(&w, 4, 0x80cf0003);
	put(&w, 4, B);
	put(&w, 4, 0x07000001); /* VoIP metrics of one word */
	put(&w, 4, A);
	send(scene, 2000, BOB_RTCP, ALICE_RTCP, &w);
	scene_run(scene);
	assert_int_equal(scene->counters.of[COUNT_REPORTS_MALFORMED], 1);
	assert_int_equal(scene_count(scene, RECORD_REPORT), 0);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_half_of_the_round_trip_is_measured),
		cmocka_unit_test(a_measured_round_trip_gives_a_conversational_score),
		cmocka_unit_test(who_sends_nothing_is_measured_by_xr),
		cmocka_unit_test(one_half_is_marked),
		cmocka_unit_test(loss_is_told_apart_by_its_place),
		cmocka_unit_test(without_reports_nothing_is_known),
		cmocka_unit_test(voip_metrics_are_kept_as_a_claim),
		cmocka_unit_test(claims_are_limited),
		cmocka_unit_test(broken_xr_is_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
