/* Calls as lines of syslog: both formats are what they say they are, whatever a stranger
 * wrote. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "probe/notify_call.h"
#include "tests/unit/unit.h"
#include "web/display.h"

static const struct notify_settings settings = { .enterprise = 32473, .sensor = "probe-1" };

static struct call_record call_of(void)
{
	return (struct call_record){
		.id = 0xabc,
		.legs = { 2, { 1, 2 } },
		.start = INT64_C(1709210096789012000),
		.ended = INT64_C(1709210106789012000),
		.state = LEG_COMPLETED,
		.mos_lq_min = 4.125,
	};
}

static struct leg_record leg_of(const char *words)
{
	struct leg_record leg = {
		.status = 200, .duration_s = 9.5, .pdd_ms = NAN, .transport = TRANSPORT_UDP
	};
	const struct text t = text_from(words);
	leg.src.port = leg.dst.port = 5060;
	assert_int_equal(address_parse(TEXT("198.18.0.1"), &leg.src.address), OK);
	assert_int_equal(address_parse(TEXT("2001:db8::2"), &leg.dst.address), OK);
	text_copy(leg.from, sizeof leg.from, t);
	text_copy(leg.to, sizeof leg.to, t);
	text_copy(leg.sip_call_id, sizeof leg.sip_call_id, t);
	text_copy(leg.reason, sizeof leg.reason, t);
	text_copy(leg.trunk_src, sizeof leg.trunk_src, t);
	return leg;
}

static void make(enum notify_format format, const struct call_record *call,
                 const struct leg_record *leg, struct buffer *out)
{
	const struct receiver receiver = {
		.name = "siem", .transport = RECEIVER_TCP, .facility = 16, .format = format
	};
	notify_call(&settings, &receiver, call, leg, out);
	assert_true(out->len <= SYSLOG_MAX);
	for (size_t i = 0; i < out->len; i++)
		if (out->at[i] < 0x20 || out->at[i] > 0x7e)
			fail_msg("octet %02x", (unsigned char)out->at[i]);
	buffer_add_char(out, '\0');
}

static void a_call_is_one_line(void **state)
{
	(void)state;
	const struct call_record call = call_of();
	struct leg_record leg = leg_of("sip:a@b");
	leg.reason[0] = leg.trunk_src[0] = '\0';
	struct buffer line = { 0 };
	make(FORMAT_RFC5424, &call, &leg, &line);
	assert_string_equal(
	        line.at,
	        "<134>1 2024-02-29T12:35:06.789012Z probe-1 earshot - CALL [call@32473 "
	        "id=\"0000000000000abc\" state=\"completed\" "
	        "start=\"2024-02-29T12:34:56.789012Z\" ended=\"2024-02-29T12:35:06.789012Z\" "
	        "mos_lq_min=\"4.125\" legs=\"2\" status=\"200\" duration_s=\"9.5\" "
	        "src=\"198.18.0.1\" src_port=\"5060\" dst=\"2001:db8::2\" dst_port=\"5060\" "
	        "transport=\"udp\" from=\"sip:a@b\" to=\"sip:a@b\" sip_call_id=\"sip:a@b\"] "
	        "call completed sip:a@b -> sip:a@b, MOS 4.12");
	line.len = 0;
	make(FORMAT_CEF, &call, &leg, &line);
	assert_string_equal(
	        line.at,
	        "<134>1 2024-02-29T12:35:06.789012Z probe-1 earshot - CALL - "
	        "CEF:0|Earshot|Earshot|0.1.0|call_completed|call completed|3|app=SIP "
	        "externalId=0000000000000abc outcome=completed start=1709210096789 "
	        "end=1709210106789 cfp1=4.125 cfp1Label=MOS-LQ, lowest cn2=2 cn2Label=legs "
	        "cn1=200 cn1Label=SIP status cfp2=9.5 cfp2Label=duration s src=198.18.0.1 "
	        "spt=5060 c6a3=2001:db8::2 c6a3Label=Destination IPv6 Address dpt=5060 "
	        "proto=udp suser=sip:a@b duser=sip:a@b cs1=sip:a@b cs1Label=SIP Call-ID");
	buffer_free(&line);
}

/* The value of a key of CEF: up to the next " KEY=", unescaped; its length, -1: none. */
static int cef_value(const char *extension, const char *key, char *to, size_t size)
{
	const size_t len = strlen(key);
	const char *at = extension;
	while ((at = strstr(at, key)) && !(at[len] == '=' && at[-1] == ' '))
		at++;
	if (!at)
		return -1;
	size_t out = 0;
	for (at += len + 1; *at && out < size - 1; at++) {
		if (*at == '\\') {
			assert_true(at[1] == '\\' || at[1] == '=');
			to[out++] = *++at;
			continue;
		}
		assert_true(*at != '='); /* a bare one belongs to a key */
		const char *word = at + 1;
		while (*at == ' ' && isalnum((unsigned char)*word))
			word++;
		if (*at == ' ' && *word == '=' && word > at + 1)
			break;
		to[out++] = *at;
	}
	to[out] = '\0';
	return (int)out;
}

static const char *const hostile[] = {
	"\"] x=\"1\"][evil@1 a=\"b\"",
	"a|b|c",
	"suser=root duser=root",
	"\\",
	"\\\\=\\|\\",
	"a\nb\r\n<0>1 - - - - - - next",
	"\x1b[2J\x07",
	"%s%n%x",
	"\xff\xfe\x80",
	"\xe2\x80\xae rtl",
	"\xef\xbb\xbf byte order",
	"=",
	"]",
	" x=y",
};

static void cef_is_read_back_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct call_record call = call_of();
		const struct leg_record leg = leg_of(hostile[i]);
		struct buffer line = { 0 };
		struct buffer shown = { 0 };
		char got[600];
		make(FORMAT_CEF, &call, &leg, &line);
		display_log(&shown, text_from(hostile[i]));
		buffer_add_char(&shown, '\0');
		const char *at = strstr(line.at, "|app=SIP") + 1;
		if (cef_value(at, "suser", got, sizeof got) < 0 ||
		    strcmp(got, shown.at) != 0)
			fail_msg("%s: %s, not %s", line.at, got, shown.at);
		buffer_free(&line);
		buffer_free(&shown);
	}
}

/* Behind the header: [name p="..." ...] with " \ ] escaped in values, then a blank. */
static void structured_data_is_closed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		const struct call_record call = call_of();
		const struct leg_record leg = leg_of(hostile[i]);
		struct buffer line = { 0 };
		bool quoted = false;
		make(FORMAT_RFC5424, &call, &leg, &line);
		const char *at = strchr(line.at, '[');
		for (; *at; at++) {
			if (quoted && *at == '\\')
				assert_true(*++at && strchr("\"\\]", *at));
			else if (*at == '"')
				quoted = !quoted;
			else if (*at == ']')
				break;
		}
		assert_true(!quoted && at[0] == ']' && at[1] == ' ');
		buffer_free(&line);
	}
}

static void what_does_not_fit_is_left_out_whole(void **state)
{
	(void)state;
	char longest[RECORD_TEXT];
	memset(longest, ']', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	const struct call_record call = call_of();
	const struct leg_record leg = leg_of(longest);
	struct buffer line = { 0 };
	make(FORMAT_RFC5424, &call, &leg, &line);
	assert_non_null(strstr(line.at, "\"] call completed "));
	line.len = 0;
	make(FORMAT_CEF, &call, &leg, &line);
	line.len = 0;
	make(FORMAT_RFC5424, &call, NULL, &line);
	assert_non_null(strstr(line.at, "legs=\"2\"] call completed, MOS 4.12"));
	buffer_free(&line);
}

static void which_are_bad(void **state)
{
	static const struct {
		enum leg_state state;
		double mos;
		bool one_way, bad;
	} cases[] = {
		{ LEG_COMPLETED, 4.2, false, false },  { LEG_COMPLETED, NAN, false, false },
		{ LEG_COMPLETED, 3.59, false, true },  { LEG_COMPLETED, 3.6, false, false },
		{ LEG_COMPLETED, 4.2, true, true },    { LEG_FAILED, NAN, false, true },
		{ LEG_NO_RESPONSE, NAN, false, true }, { LEG_CANCELLED, NAN, false, false },
		{ LEG_NO_ANSWER, NAN, false, false },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct call_record call = call_of();
		call.state = cases[i].state;
		call.mos_lq_min = cases[i].mos;
		call.one_way = cases[i].one_way;
		if (notify_call_is_bad(&call) != cases[i].bad)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_one_line),
		cmocka_unit_test(cef_is_read_back_as_it_was),
		cmocka_unit_test(structured_data_is_closed),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
		cmocka_unit_test(which_are_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
