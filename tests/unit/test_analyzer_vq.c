/* Quality reports of phones in SIP (RFC 6035) through the whole analyzer. */
#include <math.h>

#include "tests/unit/scene.h"

#define ALICE "198.18.0.1:5060"
#define BOB "198.19.0.1:5060"
#define COLLECTOR "198.18.0.9:5060"
#define ALICE_RTP "198.18.0.1:4000"
#define BOB_RTP "198.19.0.1:5000"

static bool near(double a, double b)
{
	return isnan(b) ? isnan(a) : fabs(a - b) < 1e-6;
}

/* Alice hears Bob's stream (0xb2) and tells of hers (0xa1) what Bob told her. */
#define METRICS                                                                            \
	"CallID:one@test\r\nLocalID:<sip:alice@a.example>\r\n"                             \
	"RemoteID:<sip:bob@b.example>\r\n"                                                 \
	"LocalAddr:IP=198.18.0.1 PORT=4000 SSRC=0xa1\r\n"                                  \
	"RemoteAddr:IP=198.19.0.1 PORT=5000 SSRC=0xb2\r\n"                                 \
	"LocalMetrics:\r\nSessionDesc:PT=0 PD=PCMU SR=8000 PLC=3\r\n"                      \
	"JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120\r\n"                               \
	"PacketLoss:NLR=5.0 JDR=2.0\r\nDelay:RTD=200 ESD=140\r\n"                          \
	"QualityEst:RLQ=90 RCQ=85 MOSLQ=3.5 MOSCQ=3.7\r\n"
#define REMOTE "RemoteMetrics:\r\nPacketLoss:NLR=0.5 JDR=0.0\r\nDelay:RTD=201\r\n"
#define SESSION "VQSessionReport: CallTerm\r\n" METRICS REMOTE

#define VQ "application/vq-rtcpxr"

static void say_body(struct scene *scene, double ms, const char *method,
                     const char *call_id, const char *type, const char *body)
{
	char text[SCENE_PACKET_BYTES];
	const int len = snprintf(text, sizeof text,
	                         "%s sip:c@198.18.0.9 SIP/2.0\r\n"
	                         "Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK%g\r\n"
	                         "From: <sip:alice@a.example>;tag=z\r\n"
	                         "To: <sip:c@198.18.0.9>\r\nCall-ID: %s\r\n"
	                         "CSeq: 1 %s\r\nContent-Type: %s\r\n"
	                         "Content-Length: %zu\r\n\r\n%s",
	                         method, ms, call_id, method, type, strlen(body), body);
	assert_true(len > 0 && len < (int)sizeof text);
	scene_bytes(scene, ms, ALICE, COLLECTOR, text, (size_t)len);
}

static struct scene *call(void)
{
	struct scene *scene = scene_new();
	static const struct says lines[] = {
		{ 0, ALICE, BOB, "INVITE", "1 INVITE", "a", NULL,
		  SDP("198.18.0.1", AUDIO("4000", "0")), NULL, NULL },
		{ 100, BOB, ALICE, "200 OK", "1 INVITE", "a", "b",
		  SDP("198.19.0.1", AUDIO("5000", "0")), NULL, NULL },
		{ 3000, ALICE, BOB, "BYE", "2 BYE", "a", "b", NULL, NULL, NULL },
	};
	SCENE_SCRIPT(scene, lines);
	const struct talk forward = { 200, ALICE_RTP, BOB_RTP, 0xa1, 130, 0, 0, 0, 0 };
	const struct talk reverse = { 200, BOB_RTP, ALICE_RTP, 0xb2, 130, 0, 0, 0, 0 };
	scene_talk(scene, &forward);
	scene_talk(scene, &reverse);
	return scene;
}

static const struct report_record *report_of(const struct scene *scene, size_t n)
{
	return &scene_record(scene, RECORD_REPORT, n)->report;
}

static void both_sides_are_kept_and_joined(void **state)
{
	(void)state;
	struct scene *scene = call();
	say_body(scene, 3100, "PUBLISH", "publish@test", VQ, SESSION);
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REPORT), 2);
	const struct report_record *local = report_of(scene, 0);
	const struct report_record *remote = report_of(scene, 1);
	assert_int_equal(local->source, REPORT_VQ_SESSION);
	assert_int_equal(local->side, SIDE_LOCAL);
	assert_int_equal(remote->side, SIDE_REMOTE);
	assert_true(local->id != remote->id);
	/* What Alice measured came from Bob. */
	assert_int_equal(local->ssrc, 0xb2);
	assert_int_equal(remote->ssrc, 0xa1);
	assert_true(local->stream == scene_stream(scene, BOB_RTP, 0)->id);
	assert_true(remote->stream == scene_stream(scene, ALICE_RTP, 0)->id);
	assert_true(local->call == scene_call(scene)->id && local->call == remote->call);
	assert_true(local->leg == scene_leg(scene, ALICE, 0)->id);
	assert_string_equal(local->sip_call_id, "one@test");
	assert_string_equal(local->reporter, "<sip:alice@a.example>");
	assert_string_equal(local->peer, "<sip:bob@b.example>");
	assert_string_equal(local->codec, "PCMU");
	assert_true(near(local->loss_pct, 5) && near(local->discard_pct, 2));
	assert_true(near(local->rtt_ms, 200) && near(local->end_system_ms, 140));
	assert_true(near(local->r_lq, 90) && near(local->r_cq, 85));
	assert_true(near(local->mos_lq, 3.5) && near(local->mos_cq, 3.7));
	assert_int_equal(local->buffer, REPORT_BUFFER_ADAPTIVE);
	assert_int_equal(local->concealment, CONCEALMENT_STANDARD);
	assert_true(near(remote->loss_pct, 0.5) && near(remote->mos_lq, NAN));
	/* Never in ours. */
	assert_true(scene_stream(scene, BOB_RTP, 0)->loss_pct == 0);
	scene_free(scene);
}

/* Long after the streams the tombstone still knows the call; then nobody does. */
static void late_reports_know_less(void **state)
{
	(void)state;
	static const struct {
		double ms;
		bool call;
	} times[] = { { 20000, true }, { 90000, false } };
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct scene *scene = call();
		say_body(scene, times[i].ms, "PUBLISH", "publish@test", VQ, SESSION);
		scene_run(scene);
		const struct report_record *local = report_of(scene, 0);
		assert_true(local->stream == 0);
		assert_true((local->call != 0) == times[i].call);
		assert_true((local->leg != 0) == times[i].call);
		assert_true(near(local->mos_lq, 3.5));
		scene_free(scene);
	}
}

static void any_request_and_any_wrapping_will_do(void **state)
{
	(void)state;
	static const struct {
		const char *method, *type, *body;
		size_t reports;
	} ways[] = {
		{ "PUBLISH", VQ, SESSION, 2 },
		{ "NOTIFY", "Application/VQ-RTCPXR;x=1", SESSION, 2 },
		{ "MESSAGE", VQ, SESSION, 2 },
		{ "INFO", VQ, SESSION, 2 },
		{ "PUBLISH", "multipart/mixed;boundary=q",
		  "--q\r\nContent-Type: text/plain\r\n\r\nhi\r\n--q\r\nContent-Type: " VQ
		  "\r\n\r\n" SESSION "\r\n--q--\r\n",
		  2 },
		{ "PUBLISH", VQ, "VQIntervalReport\r\n" METRICS, 1 },
		{ "PUBLISH", "text/plain", SESSION, 0 },
	};
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		struct scene *scene = call();
		say_body(scene, 2000, ways[i].method, "other@test", ways[i].type,
		         ways[i].body);
		scene_run(scene);
		if (scene_count(scene, RECORD_REPORT) != ways[i].reports)
			fail_msg("%s %s: %zu", ways[i].method, ways[i].type,
			         scene_count(scene, RECORD_REPORT));
		assert_int_equal(scene->counters.of[COUNT_REPORTS_MALFORMED], 0);
		scene_free(scene);
	}
}

/* After a challenge, and on the next hop, the same body comes again. */
static void a_report_sent_again_is_one(void **state)
{
	(void)state;
	struct scene *scene = call();
	say_body(scene, 3100, "PUBLISH", "publish@test", VQ, SESSION);
	say_body(scene, 3150, "PUBLISH", "publish@test", VQ, SESSION);
	say_body(scene, 3160, "PUBLISH", "publish@test", VQ, "nothing of the kind\r\n");
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REPORT), 2);
	assert_int_equal(scene->counters.of[COUNT_REPORTS_REPEATED], 1);
	assert_int_equal(scene->counters.of[COUNT_REPORTS_MALFORMED], 1);
	scene_free(scene);
}

static void an_alert_needs_no_metrics(void **state)
{
	(void)state;
	struct scene *scene = call();
	say_body(scene, 2000, "PUBLISH", "publish@test", VQ,
	         "VQAlertReport: Type=NLR Severity=Critical Dir=local\r\n"
	         "CallID: one@test\r\n");
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REPORT), 1);
	const struct report_record *r = report_of(scene, 0);
	assert_int_equal(r->source, REPORT_VQ_ALERT);
	assert_string_equal(r->alert_type, "NLR");
	assert_string_equal(r->alert_severity, "Critical");
	assert_true(r->call != 0 && r->ssrc == -1);
	assert_true(isnan(r->loss_pct) && isnan(r->mos_lq) && isnan(r->gmin));
	scene_free(scene);
}

/* A phone that tells no SSRC: by the addresses. */
static void addresses_will_do(void **state)
{
	(void)state;
	struct scene *scene = call();
	say_body(scene, 2000, "PUBLISH", "publish@test", VQ,
	         "VQSessionReport\nCallID: one@test\nLocalAddr: IP=198.18.0.1 PORT=4000\n"
	         "RemoteAddr: IP=198.19.0.1 PORT=5000\nPacketLoss: NLR=1.5\n");
	scene_run(scene);
	const struct report_record *r = report_of(scene, 0);
	assert_true(r->stream == scene_stream(scene, BOB_RTP, 0)->id);
	assert_true(near(r->loss_pct, 1.5));
	scene_free(scene);
}

static void reports_of_one_call_are_limited(void **state)
{
	(void)state;
	struct scene *scene = call();
	for (unsigned int i = 0; i < LIMIT_REPORTS_PER_CALL + 5; i++) {
		char body[256];
		snprintf(body, sizeof body,
		         "VQIntervalReport\nCallID: one@test\nPacketLoss: NLR=%u.%u\n",
		         i / 10, i % 10);
		say_body(scene, 1000 + i, "PUBLISH", "publish@test", VQ, body);
	}
	scene_run(scene);
	assert_int_equal(scene_count(scene, RECORD_REPORT), LIMIT_REPORTS_PER_CALL);
	assert_int_equal(scene->counters.of[COUNT_REPORTS_NOT_KEPT], 5);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_are_kept_and_joined),
		cmocka_unit_test(late_reports_know_less),
		cmocka_unit_test(any_request_and_any_wrapping_will_do),
		cmocka_unit_test(a_report_sent_again_is_one),
		cmocka_unit_test(an_alert_needs_no_metrics),
		cmocka_unit_test(addresses_will_do),
		cmocka_unit_test(reports_of_one_call_are_limited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
