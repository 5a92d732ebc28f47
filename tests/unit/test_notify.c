/* Messages about alerts: RFC 5424 whatever a stranger wrote, and who is told what. */
#include <stdlib.h>
#include <string.h>

#include "probe/notify.h"
#include "tests/unit/unit.h"

static const struct notify_settings settings = { .enterprise = 32473, .sensor = "probe-1" };
static const struct receiver noc = { .name = "noc",
	                             .transport = RECEIVER_UDP,
	                             .address = "127.0.0.1:514",
	                             .least = SEVERITY_WARNING,
	                             .facility = 3 };

static struct alert_record alert_of(const char *text)
{
	struct alert_record alert = {
		.id = UINT64_C(0xfedcba9876543210),
		.at = INT64_C(1709210096789012000),
		.raised = INT64_C(1709210096789012000),
		.state = ALERT_FIRING,
		.severity = SEVERITY_MAJOR,
		.value = 3.2,
		.threshold = 3.6,
		.expected = 0,
		.window_s = 300,
		.samples = 25,
		.examples = { 1, { 7 } },
	};
	text_copy(alert.rule, sizeof alert.rule, TEXT("mos_low"));
	text_copy(alert.subject, sizeof alert.subject, text_from(text));
	text_copy(alert.trunk, sizeof alert.trunk, text_from(text));
	text_copy(alert.metric, sizeof alert.metric, TEXT("mos_nb_p50"));
	text_copy(alert.summary, sizeof alert.summary, text_from(text));
	return alert;
}

static void a_message_is_one_line_for_people_and_programs(void **state)
{
	(void)state;
	const struct alert_record alert = alert_of("trunk a");
	struct buffer line = { 0 };
	char wanted[1024];
	notify_line(&settings, &noc, &alert, false, &line);
	buffer_add_char(&line, '\0');
	snprintf(
	        wanted, sizeof wanted,
	        "<27>1 2024-02-29T12:34:56.789012Z probe-1 earshot - MOS_LOW [earshot@32473 "
	        "id=\"fedcba9876543210\" delivery=\"%016llx\" rule=\"mos_low\" "
	        "state=\"firing\" severity=\"major\" subject=\"trunk a\" trunk=\"trunk a\" "
	        "metric=\"mos_nb_p50\" value=\"3.2\" threshold=\"3.6\" window_s=\"300\" "
	        "samples=\"25\" example=\"0000000000000007\"] trunk a",
	        (unsigned long long)notify_delivery_id("probe-1", &alert));
	assert_string_equal(line.at, wanted);
	buffer_free(&line);
}

static void copies_have_one_id_and_others_another(void **state)
{
	(void)state;
	struct alert_record alert = alert_of("a");
	const uint64_t id = notify_delivery_id("s", &alert);
	assert_true(notify_delivery_id("s", &alert) == id);
	assert_false(notify_delivery_id("t", &alert) == id);
	alert.state = ALERT_OK;
	assert_false(notify_delivery_id("s", &alert) == id);
	alert.state = ALERT_FIRING;
	alert.at++;
	assert_false(notify_delivery_id("s", &alert) == id);
}

/* Behind the header: [name p="..." ...] with " \ ] escaped in values, then a blank. */
static void assert_grammar(const char *what, const struct buffer *line)
{
	bool quoted = false;
	size_t at = 0;
	assert_true(line->len <= SYSLOG_MAX);
	for (size_t i = 0; i < line->len; i++)
		if (line->at[i] < 0x20 || line->at[i] > 0x7e)
			fail_msg("%s: octet %02x", what, (unsigned char)line->at[i]);
	while (at < line->len && line->at[at] != '[')
		at++;
	for (; at < line->len; at++) {
		const char c = line->at[at];
		if (quoted && c == '\\') {
			assert_true(at + 1 < line->len &&
			            strchr("\"\\]", line->at[at + 1]));
			at++;
		} else if (c == '"') {
			quoted = !quoted;
		} else if (c == ']') {
			if (quoted)
				fail_msg("%s: a bare ] in a value", what);
			break;
		}
	}
	assert_true(at + 1 < line->len && line->at[at] == ']' && line->at[at + 1] == ' ');
}

static void what_a_stranger_wrote_breaks_nothing(void **state)
{
	static const char *const texts[] = {
		"\"] x=\"1\"][evil@1 a=\"b\"",
		"a\nb\r\n<0>1 - - - - - - next",
		"\x1b[2J\x07",
		"\\",
		"\\\\\"",
		"%s%n%x",
		"\xff\xfe\x80",
		"\xe2\x80\xae rtl",
		"]]]",
		"\t\x01\x7f",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct alert_record alert = alert_of(texts[i]);
		struct buffer line = { 0 };
		notify_line(&settings, &noc, &alert, false, &line);
		assert_grammar(texts[i], &line);
		buffer_free(&line);
	}
}

static void a_long_message_is_cut(void **state)
{
	(void)state;
	struct alert_record alert = alert_of("");
	struct buffer line = { 0 };
	memset(alert.subject, '\x01', sizeof alert.subject - 1);
	memset(alert.trunk, ']', sizeof alert.trunk - 1);
	memset(alert.summary, '\x02', sizeof alert.summary - 1);
	memset(alert.finding_sentence, '\x03', sizeof alert.finding_sentence - 1);
	alert.finding = FINDING_SIP_ALG;
	notify_line(&settings, &noc, &alert, false, &line);
	assert_grammar("long", &line);
	buffer_free(&line);
}

static void only_what_was_raised_is_told_and_its_end(void **state)
{
	static const struct {
		enum alert_state state;
		enum alert_severity severity;
		bool muted, raised, told;
	} cases[] = {
		{ ALERT_PENDING, SEVERITY_MAJOR, false, false, false },
		{ ALERT_FIRING, SEVERITY_MAJOR, false, true, true },
		{ ALERT_FIRING, SEVERITY_MAJOR, true, true, false },
		{ ALERT_FIRING, SEVERITY_INFO, false, true, false },
		{ ALERT_CLEARING, SEVERITY_MAJOR, false, true, false },
		{ ALERT_OK, SEVERITY_MAJOR, false, true, true },
		{ ALERT_OK, SEVERITY_MAJOR, false, false, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct alert_record alert = alert_of("a");
		alert.state = cases[i].state;
		alert.severity = cases[i].severity;
		alert.muted = cases[i].muted;
		alert.raised = cases[i].raised ? alert.at : NSTIME_NONE;
		if (notify_wants(&noc, &alert) != cases[i].told)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_one_line_for_people_and_programs),
		cmocka_unit_test(copies_have_one_id_and_others_another),
		cmocka_unit_test(what_a_stranger_wrote_breaks_nothing),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(only_what_was_raised_is_told_and_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
