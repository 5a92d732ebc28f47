/* What a glance keeps of an SDP, and that it is all or nothing. */
#include "analyzer/track/sip_glance.h"

#include <string.h>

#include "tests/unit/unit.h"

#define HEAD "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\nc=IN IP4 198.51.100.7\r\n"
#define AUDIO "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
#define VIDEO "m=video 4002 RTP/SAVPF 99\r\na=rtpmap:99 H264/90000\r\n"

static struct sdp scratch; /* too large for a stack */

static struct sdp_glance glance_at(const char *type, const char *body,
                                   const struct sdp_glance_room *room)
{
	const struct sip_message message = {
		.content_type = text_from(type),
		.body = { (const uint8_t *)body, strlen(body) },
	};
	struct sdp_glance glance;
	sdp_glance_at(&message, &scratch, room, &glance);
	return glance;
}

static const struct {
	const char *what, *type, *body;
	size_t lines, formats; /* that there is room for */
	enum status status;
} cases[] = {
	{ "all of it fits", "application/sdp", HEAD AUDIO VIDEO, 2, 3, OK },
	{ "a line too many", "application/sdp", HEAD AUDIO VIDEO, 1, 3, ERR_FULL },
	{ "a format too many", "application/sdp", HEAD AUDIO VIDEO, 2, 2, ERR_FULL },
	{ "an SDP without media", "application/sdp", HEAD, 0, 0, OK },
	{ "no SDP", "text/plain", HEAD AUDIO, 2, 3, ERR_NOT_FOUND },
	{ "no body", "application/sdp", "", 2, 3, ERR_NOT_FOUND },
	{ "no line of an SDP", "application/sdp", "nonsense", 2, 3, ERR_MALFORMED },
};

static void it_is_all_or_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sdp_glance_line lines[2];
		struct sdp_glance_format formats[3];
		const struct sdp_glance_room room = { lines, formats, cases[i].lines,
			                              cases[i].formats };
		const struct sdp_glance glance =
		        glance_at(cases[i].type, cases[i].body, &room);
		if (glance.status != cases[i].status)
			fail_msg("%s: %s", cases[i].what, status_name(glance.status));
	}
}

static void lines_have_their_formats(void **state)
{
	(void)state;
	struct sdp_glance_line lines[2];
	struct sdp_glance_format formats[4];
	const struct sdp_glance_room room = { lines, formats, ARRAY_LEN(lines),
		                              ARRAY_LEN(formats) };
	const uint8_t origin[4] = { 192, 0, 2, 1 };
	const struct address from = address_ipv4(origin);
	const struct sdp_glance glance =
	        glance_at("application/sdp", HEAD AUDIO VIDEO, &room);
	assert_int_equal(glance.status, OK);
	assert_int_equal(glance.line_count, 2);
	assert_true(address_equal(&glance.origin, &from));
	const struct sdp_glance_format *audio =
	        sdp_glance_formats(&glance, &glance.lines[0]);
	assert_int_equal(glance.lines[0].format_count, 2);
	assert_int_equal(audio[0].meaning.codec, CODEC_PCMA);
	assert_false(audio[0].is_event);
	assert_int_equal(audio[1].payload_type, 101);
	assert_true(audio[1].is_event);
	assert_false(glance.lines[0].is_secure);
	const struct sdp_glance_format *video =
	        sdp_glance_formats(&glance, &glance.lines[1]);
	assert_int_equal(glance.lines[1].format_count, 1);
	assert_int_equal(video[0].meaning.clock_hz, 90000);
	assert_true(glance.lines[1].is_secure);
	assert_int_equal(glance.lines[1].port, 4002);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_all_or_nothing),
		cmocka_unit_test(lines_have_their_formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
