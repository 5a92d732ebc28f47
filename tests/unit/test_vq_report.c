#include "analyzer/wire/vq_report.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * The report at the end of a call of RFC 6035 section 4.7.3, its folds, its SSRC without 0x
 * and its call that ends before it begins included; addresses are those of RFC 5737.
 */
static const char rfc_report[] =
        "VQSessionReport: CallTerm\r\n"
        "CallID: 6dg37f1890463\r\n"
        "LocalID: Alice <sip:alice@example.org>\r\n"
        "RemoteID: Bill <sip:bill@example.net>\r\n"
        "OrigID: Alice <sip:alice@example.org>\r\n"
        "LocalGroup: example-phone-55671\r\n"
        "RemoteGroup: example-gateway-09871\r\n"
        "LocalAddr: IP=192.0.2.100 PORT=5000 SSRC=1a3b5c7d\r\n"
        "LocalMAC: 00:00:5e:00:53:01\r\n"
        "RemoteAddr:IP=198.51.100.150 PORT=5002 SSRC=0x2468abcd\r\n"
        "RemoteMAC: 00:00:5e:00:53:02\r\n"
        "LocalMetrics:\r\n"
        "Timestamps:START=2004-10-10T18:23:43Z STOP=2004-10-01T18:26:02Z\r\n"
        "SessionDesc:PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50\r\n"
        "                FMTP=\"annexb=no\" PLC=3 SSUP=on\r\n"
        "JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120\r\n"
        "PacketLoss:NLR=5.0 JDR=2.0\r\n"
        "BurstGapLoss:BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16\r\n"
        "Delay:RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10\r\n"
        "Signal:SL=-21 NL=-50 RERL=55\r\n"
        "QualityEst:RLQ=90 RCQ=85 EXTRI=90 MOSLQ=4.2 MOSCQ=4.3\r\n"
        "  QoEEstAlg=P.564\r\n"
        "RemoteMetrics:\r\n"
        "Timestamps:START=2004-10-10T18:23:43Z STOP=2004-10-01T18:26:02Z\r\n"
        "SessionDesc:PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50\r\n"
        "                FMTP=\"annexb=no\" PLC=3 SSUP=on\r\n"
        "JitterBuffer:JBA=3 JBR=2 JBN=40 JBM=80 JBX=120\r\n"
        "PacketLoss:NLR=5.0 JDR=2.0\r\n"
        "BurstGapLoss:BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16\r\n"
        "Delay:RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10\r\n"
        "Signal:SL=-21 NL=-45 RERL=55\r\n"
        "QualityEst:RLQ=90 RCQ=85 MOSLQ=4.3 MOSCQ=4.2 QoEEstAlg=P.564\r\n"
        "DialogID:1890463548@alice.example.org;to-tag=8472761;\r\n"
        "   from-tag=9123dh311\r\n";

static void assert_text(struct text is, const char *should_be)
{
	if (!text_equal(is, text_from(should_be)))
		fail_msg("\"%.*s\" is not \"%s\"", (int)is.len, is.at, should_be);
}

static void assert_endpoint(const struct endpoint *is, const char *should_be)
{
	char text[ENDPOINT_TEXT_SIZE];
	assert_string_equal(endpoint_format(is, text), should_be);
}

/* NAN equals NAN here. */
static bool is_same(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b;
}

static struct vq_report parse(const char *body)
{
	struct vq_report report;
	assert_int_equal(vq_report_parse(text_from(body), &report), OK);
	return report;
}

static void who_and_where_of_the_standards_report(void **state)
{
	(void)state;
	const struct vq_report report = parse(rfc_report);
	assert_int_equal(report.kind, VQ_SESSION);
	assert_true(report.call_ended);
	assert_text(report.call_id, "6dg37f1890463");
	assert_text(report.local.id, "Alice <sip:alice@example.org>");
	assert_text(report.remote.id, "Bill <sip:bill@example.net>");
	assert_text(report.orig_id, "Alice <sip:alice@example.org>");
	assert_text(report.dialog_id, "1890463548@alice.example.org;to-tag=8472761;\r\n"
	                              "   from-tag=9123dh311");
	assert_endpoint(&report.local.endpoint, "192.0.2.100:5000");
	assert_endpoint(&report.remote.endpoint, "198.51.100.150:5002");
	assert_true(report.local.has_ssrc && report.remote.has_ssrc);
	assert_int_equal(report.local.ssrc, 0x1a3b5c7d);
	assert_int_equal(report.remote.ssrc, 0x2468abcd);
}

static void metrics_of_the_standards_report(void **state)
{
	(void)state;
	const struct vq_report report = parse(rfc_report);
	const struct vq_side *sides[] = { &report.local, &report.remote };
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		const struct vq_metrics *m = &sides[i]->metrics;
		const double values[] = {
			m->payload_type,
			m->sample_rate_hz,
			m->frame_ms,
			m->frame_octets,
			m->frames_per_packet,
			m->packets_per_s,
			m->concealment,
			m->buffer_adaptive,
			m->buffer_rate,
			m->buffer_nominal_ms,
			m->buffer_max_ms,
			m->buffer_abs_max_ms,
			m->loss_pct,
			m->discard_pct,
			m->burst_density_pct,
			m->burst_ms,
			m->gap_density_pct,
			m->gap_ms,
			m->gmin,
			m->round_trip_ms,
			m->end_system_ms,
			m->one_way_ms,
			m->symmetric_one_way_ms,
			m->jitter_ms,
			m->mean_abs_jitter_ms,
			m->signal_dbm0,
			m->noise_dbm0,
			m->echo_return_loss_db,
			m->r_lq,
			m->r_cq,
			m->external_r_in,
			m->external_r_out,
			m->mos_lq,
			m->mos_cq,
		};
		const double right[] = {
			18,
			8000,
			20,
			20,
			2,
			50,
			3,
			3,
			2,
			40,
			80,
			120,
			5,
			2,
			0,
			0,
			2,
			500,
			16,
			200,
			140,
			NAN,
			200,
			2,
			10,
			-21,
			i ? -45 : -50,
			55,
			90,
			85,
			i ? NAN : 90,
			NAN,
			i ? 4.3 : 4.2,
			i ? 4.2 : 4.3,
		};
		assert_true(sides[i]->has_metrics);
		assert_int_equal(m->start, 1097432623 * NS_PER_SEC); /* date -u */
		assert_int_equal(m->stop, 1096655162 * NS_PER_SEC);
		assert_text(m->codec, "G729");
		assert_text(m->fmtp, "annexb=no");
		assert_text(m->silence_suppression, "on");
		for (size_t j = 0; j < ARRAY_LEN(values); j++)
			if (!is_same(values[j], right[j]))
				fail_msg("side %zu, value %zu: %f", i, j, values[j]);
	}
}

/* LF or CRLF, no blank after the colon, TimeStamps, FromID and ToID: Polycom. */
static void a_report_older_than_the_standard(void **state)
{
	(void)state;
	const struct vq_report report =
	        parse("VQIntervalReport\n"
	              "LocalMetrics:\n"
	              "TimeStamps:START=2015-11-20T10:59:33Z STOP=2015-11-20T11:03:12Z\n"
	              "SessionDesc:PT=9 PPS=50 SSUP=off\n"
	              "CallID:785c72a8@192.0.2.52\n"
	              "ToID:\"C M\" <sip:2087@example.org>\n"
	              "FromID:\"G N\" <sip:2012@example.org>\n"
	              "LocalAddr:IP=192.0.2.51 PORT=2270 SSRC=4209273062\n"
	              "RemoteAddr:IP=192.0.2.52 PORT=2298 SSRC=3536961311\n"
	              "BurstGapLoss:BLD=0.0 BD=0 GLD=0.0 GD=65535 GMIN=16\n"
	              "Delay:RTD=3 ESD=239 OWD=240 IAJ=0\n"
	              "Signal:RERL=127\n"
	              "QualityEst:RLQ=94 RCQ=83 MOSLQ=3.8 MOSCQ=3.4\n"
	              "DialogID:785c72a8@192.0.2.52;to-tag=9F03;from-tag=270B\n");
	assert_int_equal(report.kind, VQ_INTERVAL);
	assert_false(report.call_ended);
	assert_text(report.call_id, "785c72a8@192.0.2.52");
	assert_text(report.from_id, "\"G N\" <sip:2012@example.org>");
	assert_text(report.to_id, "\"C M\" <sip:2087@example.org>");
	assert_text(report.local.id, "");
	assert_int_equal(report.local.ssrc, 4209273062);
	assert_int_equal(report.remote.ssrc, 3536961311);
	assert_endpoint(&report.remote.endpoint, "192.0.2.52:2298");
	assert_int_equal(report.local.metrics.start, 1448017173 * NS_PER_SEC);
	assert_int_equal(report.local.metrics.stop, 1448017392 * NS_PER_SEC);
	assert_true(isnan(report.local.metrics.gap_ms));
	assert_true(isnan(report.local.metrics.echo_return_loss_db));
	assert_true(report.local.metrics.one_way_ms == 240);
	assert_true(report.local.metrics.jitter_ms == 0);
	assert_false(report.remote.has_metrics);
	assert_true(isnan(report.remote.metrics.mos_lq));
	assert_int_equal(report.remote.metrics.start, NSTIME_NONE);
}

static void an_alert_says_what_about(void **state)
{
	(void)state;
	static const char *const alerts[] = {
		"VQAlertReport: Type=NLR Severity=Critical Dir=local\r\n"
		"Metrics:\r\nPacketLoss: NLR=10.5\r\n",
		"VQAlertReport\nType=NLR Severity=Critical Dir=local\nMetrics:\n"
		"PacketLoss:NLR=10.5\n",
	};
	for (size_t i = 0; i < ARRAY_LEN(alerts); i++) {
		const struct vq_report report = parse(alerts[i]);
		assert_int_equal(report.kind, VQ_ALERT);
		assert_text(report.alert_type, "NLR");
		assert_text(report.alert_severity, "Critical");
		assert_text(report.alert_direction, "local");
		assert_true(report.local.metrics.loss_pct == 10.5);
	}
}

#define SAYS(field) offsetof(struct vq_report, field)

/* One figure of a body that begins with VQSessionReport. */
static const struct {
	const char *what, *body;
	size_t offset;
	double is;
} figures[] = {
	/* clang-format off */
	{ "no colon", "QualityEst MOSLQ=4.1", SAYS(local.metrics.mos_lq), 4.1 },
	{ "a blank before the colon", "QualityEst : MOSLQ=4.1", SAYS(local.metrics.mos_lq), 4.1 },
	{ "blanks around the sign", "QualityEst:MOSLQ = 4.1", SAYS(local.metrics.mos_lq), 4.1 },
	{ "no heading", "NLR=0.50 JDR=1.20", SAYS(local.metrics.discard_pct), 1.2 },
	{ "a heading nobody knows", "Quality:MOSLQ=4.1", SAYS(local.metrics.mos_lq), 4.1 },
	{ "names in lower case", "qualityest:moslq=4.1", SAYS(local.metrics.mos_lq), 4.1 },
	{ "a lone CR", "LocalMetrics:\rDelay:RTD=3", SAYS(local.metrics.round_trip_ms), 3 },
	{ "a blank line between", "LocalMetrics:\n\nDelay:RTD=3", SAYS(local.metrics.round_trip_ms),
	  3 },
	{ "the next name sticks to a number", "JitterBuffer:JBM=20JBX=240",
	  SAYS(local.metrics.buffer_max_ms), 20 },
	{ "and is read", "JitterBuffer:JBM=20JBX=240", SAYS(local.metrics.buffer_abs_max_ms), 240 },
	{ "a value missing", "Delay:RTD= ESD=4", SAYS(local.metrics.end_system_ms), 4 },
	{ "the missing value", "Delay:RTD= ESD=4", SAYS(local.metrics.round_trip_ms), NAN },
	{ "a share with its sign", "PacketLoss:NLR=2.5%", SAYS(local.metrics.loss_pct), 2.5 },
	{ "a number of many places", "QualityEst:MOSLQ=4.400", SAYS(local.metrics.mos_lq), 4.4 },
	{ "remote metrics", "RemoteMetrics\nDelay:IAJ=7", SAYS(remote.metrics.jitter_ms), 7 },
	{ "metrics of one side are not the other's", "RemoteMetrics:\nDelay:IAJ=7",
	  SAYS(local.metrics.jitter_ms), NAN },
	{ "local again", "RemoteMetrics:\nLocalMetrics:\nDelay:IAJ=7",
	  SAYS(local.metrics.jitter_ms), 7 },
	{ "a vendor's line", "x-SIPmetrics:SVA=RG RTD=310", SAYS(local.metrics.round_trip_ms), NAN },
	{ "a name within another name", "Delay:XRTD=310", SAYS(local.metrics.round_trip_ms), NAN },
	{ "a name within quotes", "SessionDesc:FMTP=\"RTD=9\"", SAYS(local.metrics.round_trip_ms),
	  NAN },
	{ "a quote that never closes", "SessionDesc:FMTP=\"a RTD=9", SAYS(local.metrics.round_trip_ms),
	  NAN },
	{ "a format without quotes", "SessionDesc:FMTP=annexb=no PLC=3",
	  SAYS(local.metrics.concealment), 3 },

	{ "no buffer limit", "JitterBuffer:JBX=65535", SAYS(local.metrics.buffer_abs_max_ms), NAN },
	{ "a long gap", "BurstGapLoss:GD=3600000", SAYS(local.metrics.gap_ms), 3600000 },
	{ "a gap too long", "BurstGapLoss:GD=3600001", SAYS(local.metrics.gap_ms), NAN },
	{ "a type that is no sentinel", "SessionDesc:PT=127", SAYS(local.metrics.payload_type), 127 },
	{ "a type out of range", "SessionDesc:PT=128", SAYS(local.metrics.payload_type), NAN },
	{ "no level", "Signal:SL=127 NL=-50", SAYS(local.metrics.signal_dbm0), NAN },
	{ "a level above the reference", "Signal:SL=3", SAYS(local.metrics.signal_dbm0), 3 },
	{ "no R", "QualityEst:RLQ=127", SAYS(local.metrics.r_lq), NAN },
	{ "a wideband R", "QualityEst:RLQ=120", SAYS(local.metrics.r_lq), 120 },
	{ "an R out of range", "QualityEst:RLQ=121", SAYS(local.metrics.r_lq), NAN },
	{ "no MOS, in tenths", "QualityEst:MOSLQ=12.7", SAYS(local.metrics.mos_lq), NAN },
	{ "no MOS, as it is", "QualityEst:MOSLQ=127", SAYS(local.metrics.mos_lq), NAN },
	{ "a MOS of nothing", "QualityEst:MOSLQ=0.0", SAYS(local.metrics.mos_lq), NAN },
	{ "the worst MOS", "QualityEst:MOSLQ=1", SAYS(local.metrics.mos_lq), 1 },
	{ "a share out of range", "PacketLoss:NLR=100.1", SAYS(local.metrics.loss_pct), NAN },
	{ "a share below nothing", "PacketLoss:NLR=-1", SAYS(local.metrics.loss_pct), NAN },
	{ "a comma for the point", "PacketLoss:NLR=2,5", SAYS(local.metrics.loss_pct), NAN },
	{ "two points", "PacketLoss:NLR=2.5.1", SAYS(local.metrics.loss_pct), NAN },
	{ "a point alone", "PacketLoss:NLR=.", SAYS(local.metrics.loss_pct), NAN },
	{ "a sign alone", "PacketLoss:NLR=-", SAYS(local.metrics.loss_pct), NAN },
	{ "a word", "PacketLoss:NLR=none", SAYS(local.metrics.loss_pct), NAN },
	{ "a number in hexadecimal", "Delay:RTD=0x10", SAYS(local.metrics.round_trip_ms), NAN },
	{ "an exponent", "Delay:RTD=1e3", SAYS(local.metrics.round_trip_ms), NAN },
	{ "too many digits", "Delay:RTD=0000000000000003", SAYS(local.metrics.round_trip_ms), NAN },
	{ "as many as are read", "Delay:RTD=000000000000003", SAYS(local.metrics.round_trip_ms), 3 },
	/* clang-format on */
};

static void figures_in_every_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(figures); i++) {
		char body[256];
		snprintf(body, sizeof body, "VQSessionReport\n%s", figures[i].body);
		const struct vq_report report = parse(body);
		double is;
		memcpy(&is, (const char *)&report + figures[i].offset, sizeof is);
		if (!is_same(is, figures[i].is))
			fail_msg("%s: %f", figures[i].what, is);
	}
}

static const struct {
	const char *what, *line, *endpoint;
	bool has_ssrc;
	uint32_t ssrc;
} addresses[] = {
	/* clang-format off */
	{ "three parameters", "LocalAddr:IP=192.0.2.1 PORT=60696 SSRC=0x2769A169",
	  "192.0.2.1:60696", true, 0x2769a169 },
	{ "a port behind the address", "LocalAddr: IP=192.0.2.1:60696", "192.0.2.1:60696", false,
	  0 },
	{ "IPv6", "LocalAddr:IP=2001:db8::1 PORT=4000", "[2001:db8::1]:4000", false, 0 },
	{ "IPv6 with a port behind it", "LocalAddr:IP=[2001:db8::1]:4000", "[2001:db8::1]:4000",
	  false, 0 },
	{ "without names", "LocalAddr: 192.0.2.1 5060", "192.0.2.1:5060", false, 0 },
	{ "without names, a colon", "LocalAddr: 192.0.2.1:5060", "192.0.2.1:5060", false, 0 },
	{ "blanks around the sign", "LocalAddr: IP = 192.0.2.1 PORT = 5060", "192.0.2.1:5060",
	  false, 0 },
	{ "no address", "LocalAddr:IP= PORT=62754 SSRC=0xCBE3450E", "[::]:62754", true,
	  0xcbe3450e },
	{ "a name", "LocalAddr:IP=phone.example.org PORT=5060", "[::]:5060", false, 0 },
	{ "a SIP address", "LocalAddr:from@example.com", "[::]:0", false, 0 },
	{ "a port out of range", "LocalAddr:IP=192.0.2.1 PORT=65536", "192.0.2.1:0", false, 0 },
	{ "an SSRC of letters", "LocalAddr:SSRC=2468abcd", "[::]:0", true, 0x2468abcd },
	{ "an SSRC of digits", "LocalAddr:SSRC=4294967295", "[::]:0", true, UINT32_MAX },
	{ "an SSRC of 0", "LocalAddr:SSRC=0", "[::]:0", true, 0 },
	{ "an SSRC too great", "LocalAddr:SSRC=4294967296", "[::]:0", false, 0 },
	{ "an SSRC below nothing", "LocalAddr:SSRC=-123", "[::]:0", false, 0 },
	/* clang-format on */
};

static void addresses_in_every_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		char body[256], is[ENDPOINT_TEXT_SIZE];
		snprintf(body, sizeof body, "VQSessionReport\n%s", addresses[i].line);
		const struct vq_report report = parse(body);
		endpoint_format(&report.local.endpoint, is);
		if (strcmp(is, addresses[i].endpoint) != 0 ||
		    report.local.has_ssrc != addresses[i].has_ssrc ||
		    report.local.ssrc != addresses[i].ssrc)
			fail_msg("%s: %s, SSRC %d %08x", addresses[i].what, is,
			         report.local.has_ssrc, report.local.ssrc);
	}
}

/* RFC 3339 section 5.8 has the first three; the numbers are those of `date -u +%s.%N -d`.
 */
static const struct {
	const char *time;
	nstime is;
} times[] = {
	/* clang-format off */
	{ "1985-04-12T23:20:50.52Z", 482196050520000000 },
	{ "1996-12-19T16:39:57-08:00", 851042397000000000 },
	{ "1990-12-31T23:59:60Z", 662688000000000000 },
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2000-02-29T12:00:00+05:30", 951805800000000000 },
	{ "2100-03-01T00:00:00Z", 4107542400000000000 },
	{ "2026-11-21T10:00:00.123456789123Z", 1795255200123456789 },
	{ "2026-11-21t10:00:00z", 1795255200000000000 },
	{ "2026-11-21T10:00:00", NSTIME_NONE },
	{ "2026-11-21", NSTIME_NONE },
	{ "2026-13-21T10:00:00Z", NSTIME_NONE },
	{ "2026-00-21T10:00:00Z", NSTIME_NONE },
	{ "2026-11-00T10:00:00Z", NSTIME_NONE },
	{ "2026-11-21T24:00:00Z", NSTIME_NONE },
	{ "2026-11-21T10:00:00.Z", NSTIME_NONE },
	{ "2026-11-21T10:00:00+1:00", NSTIME_NONE },
	{ "2026-11-21T10:00:00Zulu", NSTIME_NONE },
	{ "1969-12-31T23:59:59Z", NSTIME_NONE },
	{ "9999-12-31T23:59:59Z", NSTIME_NONE },
	{ "20112015.10.59.33", NSTIME_NONE }, /* seen, and nobody knows its month */
	/* clang-format on */
};

static void times_of_the_report(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		char body[128];
		snprintf(body, sizeof body, "VQSessionReport\nTimestamps:START=%s",
		         times[i].time);
		const struct vq_report report = parse(body);
		if (report.local.metrics.start != times[i].is)
			fail_msg("%s: %lld", times[i].time,
			         (long long)report.local.metrics.start);
	}
}

#define SAME(literal)                                                                      \
	{                                                                                  \
		literal, sizeof(literal) - 1                                               \
	}

static const struct {
	const char *what;
	struct text body;
	enum status status;
	enum vq_kind kind;
	bool call_ended;
} kinds[] = {
	/* clang-format off */
	{ "a session", SAME("VQSessionReport"), OK, VQ_SESSION, false },
	{ "its end", SAME("VQSessionReport:CallTerm"), OK, VQ_SESSION, true },
	{ "a blank before the colon", SAME("VQSessionReport : CallTerm"), OK, VQ_SESSION, true },
	{ "no colon", SAME("VQSessionReport CallTerm"), OK, VQ_SESSION, true },
	{ "not in the first line", SAME("CallID:1\n\nVQIntervalReport:"), OK, VQ_INTERVAL, false },
	{ "the first of two counts", SAME("VQAlertReport\nVQSessionReport"), OK, VQ_ALERT, false },
	{ "in lower case", SAME("vqsessionreport"), OK, VQ_SESSION, false },
	{ "a longer name", SAME("VQSessionReports"), ERR_NOT_FOUND, 0, false },
	{ "a NUL behind the name", SAME("VQSessionReport\0\0:\r\n:\r\n=\r\n"), ERR_NOT_FOUND, 0,
	  false },
	{ "in a folded line", SAME("CallID: 1\n VQSessionReport"), ERR_NOT_FOUND, 0, false },
	{ "nothing", { NULL, 0 }, ERR_NOT_FOUND, 0, false },
	{ "another body", SAME("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"), ERR_NOT_FOUND, 0, false },
	/* clang-format on */
};

static void kinds_of_report(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct vq_report report;
		const enum status status = vq_report_parse(kinds[i].body, &report);
		if (status != kinds[i].status ||
		    (status == OK && (report.kind != kinds[i].kind ||
		                      report.call_ended != kinds[i].call_ended)))
			fail_msg("%s: %s, kind %d", kinds[i].what, status_name(status),
			         report.kind);
	}
}

static void a_report_too_long_is_refused(void **state)
{
	(void)state;
	static char body[VQ_REPORT_MAX_BYTES + 1];
	struct vq_report report;
	memset(body, '\n', sizeof body);
	memcpy(body, rfc_report, strlen("VQSessionReport"));
	assert_int_equal(vq_report_parse((struct text){ body, sizeof body }, &report),
	                 ERR_TOO_LONG);
	assert_int_equal(vq_report_parse((struct text){ body, sizeof body - 1 }, &report),
	                 OK);
}

static void every_prefix_is_safe(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof rfc_report; n++) {
		char *copy = malloc(n + 1);
		struct vq_report report;
		assert_non_null(copy);
		memcpy(copy, rfc_report, n);
		const enum status status =
		        vq_report_parse((struct text){ copy, n }, &report);
		assert_int_equal(status, n < 15 ? ERR_NOT_FOUND : OK);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_and_where_of_the_standards_report),
		cmocka_unit_test(metrics_of_the_standards_report),
		cmocka_unit_test(a_report_older_than_the_standard),
		cmocka_unit_test(an_alert_says_what_about),
		cmocka_unit_test(figures_in_every_dialect),
		cmocka_unit_test(addresses_in_every_dialect),
		cmocka_unit_test(times_of_the_report),
		cmocka_unit_test(kinds_of_report),
		cmocka_unit_test(a_report_too_long_is_refused),
		cmocka_unit_test(every_prefix_is_safe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
