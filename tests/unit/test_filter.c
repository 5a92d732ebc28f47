/* What filters find, in the database and in memory alike; see docs/filter.md. */
#include "tests/unit/filtered.h"

/* clang-format off */
static const struct {
	const char *filter;
	bool matches;
} of_the_call[] = {
	/* its own fields */
	{ "mos_lq_min < 3.6", true },
	{ "mos_lq_min < 3.5", false },
	{ "mos_lq_min <= 3.5", true },
	{ "mos_lq_min > 3.5", false },
	{ "mos_lq_min >= 3.50", true },
	{ "mos_lq_min = 3.5", true },
	{ "mos_lq_min == 3.5", true },
	{ "mos_lq_min != 3.5", false },
	{ "mos_lq_min in (1, 3.5, 4)", true },
	{ "mos_lq_min not in (1, 3.5)", false },
	{ "mos_lq_min_band = nb", true },
	{ "mos_lq_min_band in (wb, fb)", false },
	{ "state = completed", true },
	{ "state = \"COMPLETED\"", true },
	{ "state != failed", true },
	{ "id = c0ffee0000000001", true },
	{ "id = c0ff", true },
	{ "id = C0FFEF", false },
	{ "legs = a000000000000002", true },
	{ "legs = a00000000000000", true },
	{ "legs = 000000000000002", false },
	/* true and false */
	{ "one_way", true },
	{ "not one_way", false },
	{ "!one_way", false },
	{ "one_way = true", true },
	{ "one_way = false", false },
	{ "one_way != false", true },
	{ "not not one_way", true },
	{ "capture_loss", false },
	{ "capture_loss = no", true },
	/* what is not known compares false, and its negation true */
	{ "ended = null", true },
	{ "ended != null", false },
	{ "start != null", true },
	{ "ended > 2000-01-01", false },
	{ "ended <= 2000-01-01", false },
	{ "not ended > 2000-01-01", true },
	{ "ended != 2000-01-01", false },
	{ "not ended = 2000-01-01", true },
	{ "not (ended = 2000-01-01 and one_way)", true },
	{ "not (ended = 2000-01-01 or one_way)", false },
	/* times; the start is 999 ns behind its second, which the database does not know */
	{ "start = 2026-01-31T10:00:00Z", true },
	{ "start = 2026-01-31T10:00", true },
	{ "start = \"2026-01-31 10:00:00\"", true },
	{ "start = 2026-01-31T11:30:00+01:30", true },
	{ "start = 2026-01-31T05:00:00-05:00", true },
	{ "start > 2026-01-31T10:00:00.000000Z", false },
	{ "start > 2026-01-31T09:59:59.999999Z", true },
	{ "start >= 2026-01-31", true },
	{ "start < 2026-02-01", true },
	{ "start < 2026-01-31", false },
	{ "start > -2h", true },
	{ "start > -59m", false },
	{ "start = -1h", true },
	{ "start = -59m60s", true },
	{ "start > -1w and start < now and start < +1d", true },
	/* words between */
	{ "one_way and capture_loss", false },
	{ "one_way or capture_loss", true },
	{ "capture_loss and one_way or one_way", true },
	{ "capture_loss and (one_way or one_way)", false },
	{ "one_way && !capture_loss || capture_loss", true },
	{ "not capture_loss and one_way", true },
	/* any of its legs */
	{ "status = 503", true },
	{ "status = 200", true },
	{ "status = 404", false },
	{ "status in (404, 503)", true },
	{ "status != 404", true },
	{ "status != 503", false },
	{ "status not in (404, 500)", true },
	{ "status >= 500", true },
	{ "status > 503", false },
	{ "status = 200 and status = 503", true },
	{ "leg(status = 200 and status = 503)", false },
	{ "leg(status = 200 and held)", true },
	{ "leg(status = 503 and held)", false },
	{ "leg(status = 200 and stream(loss_pct > 1%))", true },
	{ "leg(status = 503 and loss_pct >= 0)", false },
	{ "not leg(status = 404)", true },
	{ "leg.start > 2026-01-31T10:00:00.5Z", true },
	{ "leg.state = failed", true },
	{ "pdd_ms > 1400", true },
	{ "pdd_ms > 1.4s", true },
	{ "pdd_ms = 1.5s", true },
	{ "pdd_ms < 0.025m", false },
	{ "pdd_ms = null", false }, /* it is, of one leg; of another it is known */
	{ "duration_s = null", true },
	{ "duration_s != null", false },
	{ "codecs = pcma", true },
	{ "codecs = PCMU", false },
	{ "codecs != null", true },
	{ "held", true },
	{ "held = false", false },
	{ "t38", false },
	{ "not t38", true },
	{ "t38 = null", true }, /* a time of that name: when */
	{ "flags = srtp", true },
	{ "flags in (t38, held)", true },
	{ "flags != t38", true },
	{ "sip_call_id = \"two@host\"", true },
	{ "sip_call_id = two@host", true },
	{ "sip_call_id = two@hos", false },
	/* texts from the wire */
	{ "from ~ al", true },
	{ "to ~ \"^sip:.*@b\\.example$\"", true },
	{ "leg(from ~ \"^sip:al\" and from ~ \"ice@a\\.example$\")", true },
	{ "from ~ \"al.*ice\"", false }, /* nothing matches what is not UTF-8 */
	{ "from ~ \"^bob\"", false },
	{ "from ~ \"(?i)ALICE|\\+44\"", true },
	{ "from = \"sip:+4420\\\\1\\\"x@a.example\"", true },
	{ "from = 'sip:+4420\\1\"x@a.example'", true },
	{ "to != \"sip:bob@b.example\"", false },
	{ "party ~ bob", true },
	{ "party ~ carol", false },
	{ "user_agent = null", true },
	{ "number = \"+44 20 7946 0018\"", true },
	{ "leg(number = \"+44 20 7946 0018\" and status = 503)", true }, /* dialled at home */
	{ "number = 00442079460018", true },
	{ "number = 02079460018", true },
	{ "number in (5, 79460018)", true },
	{ "number = 79460019", false },
	{ "number = 123456 and number = 201", true },
	{ "leg(number = 123456 and number = 201)", false },
	{ "number = 201 or status = 999", true },
	{ "number != 201", false },
	{ "number != 999", true },
	{ "number ~ 'a.example'", true },
	{ "number != null", true },
	{ "not leg(number = 18)", false },
	{ "leg(not number = 201)", true },
	{ "trunk = \"carrier-a\"", true },
	{ "trunk = pbx and trunk_dst = carrier-a", true },
	{ "leg(trunk = pbx and trunk = carrier-a)", false },
	{ "trunk in (carrier-b, pbx)", true },
	{ "trunk != carrier-b", true },
	{ "trunk != carrier-a", false },
	{ "trunk = null or stream.trunk != null", false },
	{ "stream.trunk = null", true },
	{ "user_agent ~ \"\"", false },
	{ "from = \"sip:bob'; DROP TABLE call; --\"", false },
	{ "from in (\"x\", \"\\\" OR 1=1 --\", \"%\")", false },
	{ "to ~ \"'\\) OR 1=1 --\" ", false },
	/* addresses */
	{ "src = 198.18.0.1", true },
	{ "src = 198.18.0.1:5060", true },
	{ "src = 198.18.0.1:5061", false },
	{ "src = 198.18.0.10", false },
	{ "dst = 198.18.1.1", true },
	{ "src = 2001:db8::1", true },
	{ "src = 2001:DB8:0::1", true },
	{ "src = \"[2001:db8::1]:5060\"", true },
	{ "src = [2001:db8::1]:5060", true },
	{ "src in 198.18.0.0/16", true },
	{ "src in 198.18.0.0/31", true },
	{ "src in 198.18.0.2/31", false },
	{ "src in (10.0.0.0/8, 2001:db8::/32)", true },
	{ "src in ::/0", true },
	{ "leg(src in 0.0.0.0/0 and src in ::/0)", false },
	{ "src = 198.18.0.0/24", true },
	{ "address in 198.18.1.0/24", true },
	{ "address in 198.18.2.0/24", false },
	{ "address != 198.18.1.1", false },
	{ "address != 198.18.9.9", true },
	{ "dst != null", true },
	/* any of its streams */
	{ "codec = opus", true },
	{ "codec in (G729, PCMA)", true },
	{ "codec = G729", false },
	{ "codec != G729", true },
	{ "codec != opus", false },
	{ "codec ~ \"^(opus|EVS)$\"", true },
	{ "loss_pct > 1", true },
	{ "loss_pct > 1.25", false },
	{ "lost = 5", true },
	{ "lost = 5.5", false },
	{ "lost >= 4.5", true },
	{ "lost = 0", true },
	{ "stream(lost = 5 and codec = PCMA)", false },
	{ "stream(lost = 5 and codec = opus)", true },
	{ "stream.src in 198.18.7.0/24", true },
	{ "src in 198.18.7.0/24", false },
	{ "ssrc = 0x17CB308C", true },
	{ "ssrc = 399192204", true },
	{ "ssrc = 0", false },
	{ "payload_types = 111", true },
	{ "payload_types = 11", false },
	{ "direction = forward", true },
	{ "direction != reverse", true },
	{ "stream(direction = null)", true },
	{ "jitter_mean_ms = null", true },
	{ "clock_hz = 48kHz", true },
	{ "ended_by = null and not encrypted", true },
};
/* clang-format on */

static void test_of_the_call(void **state)
{
	(void)state;
	const struct record *const records[] = { &call };
	for (size_t i = 0; i < ARRAY_LEN(of_the_call); i++)
		check_truth(of_the_call[i].filter, RECORD_CALL, records, 1,
		            of_the_call[i].matches);
}

static void test_other_kinds(void **state)
{
	(void)state;
	const struct record *const legs[] = { &parts[0], &parts[1] };
	const struct record *const streams[] = { &parts[2], &parts[3] };
	const struct record *const registrations[] = { &registration };
	check_truth("status = 503", RECORD_LEG, legs, 2, 1);
	check_truth("src != null", RECORD_LEG, legs, 2, 2);
	check_truth("loss_pct > 1", RECORD_LEG, legs, 2, 1);
	check_truth("stream(codec = opus and lost = 0)", RECORD_LEG, legs, 2, 0);
	check_truth("call = c0ffee", RECORD_LEG, legs, 2, 2);
	check_truth("leg = a000000000000002", RECORD_STREAM, streams, 2, 2);
	check_truth("leg = a000000000000001", RECORD_STREAM, streams, 2, 0);
	check_truth("first > -2h and lost < 5", RECORD_STREAM, streams, 2, 1);
	check_truth("status = 200 and expires_s >= 1h", RECORD_REGISTRATION, registrations,
	            1, 1);
	check_truth("authenticated or aor ~ \"^sip:dave\"", RECORD_REGISTRATION,
	            registrations, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_the_call),
		cmocka_unit_test(test_other_kinds),
	};
	return cmocka_run_group_tests(tests, make_database, remove_database);
}
