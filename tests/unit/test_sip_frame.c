#include "analyzer/wire/sip_frame.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/unit.h"

#define T(literal)                                                                         \
	{                                                                                  \
		(literal), sizeof(literal) - 1                                             \
	}
#define BYE "BYE sip:b@h SIP/2.0\r\nl: 0\r\n\r\n"
#define MSG "MESSAGE sip:b@h SIP/2.0\r\nContent-Length: 3\r\n\r\nabc"

enum { BYE_LEN = sizeof BYE - 1, MSG_LEN = sizeof MSG - 1 };

static const struct {
	const char *what;
	struct text bytes;
	enum sip_frame_result result;
	size_t skip, len;
	bool resynchronised;
} rows[] = {
	/* clang-format off */
	{ "a message without body", T(BYE), SIP_FRAME_MESSAGE, 0, BYE_LEN, false },
	{ "a message with a body", T(MSG), SIP_FRAME_MESSAGE, 0, MSG_LEN, false },
	{ "the first of two", T(MSG BYE), SIP_FRAME_MESSAGE, 0, MSG_LEN, false },
	{ "keep-alives before it", T("\r\n\r\n" BYE), SIP_FRAME_MESSAGE, 4, BYE_LEN, false },
	{ "keep-alives alone can go", T("\r\n\r\n"), SIP_FRAME_MORE, 4, 0, false },
	{ "LF alone", T("BYE sip:b@h SIP/2.0\nl: 1\n\nxyz"), SIP_FRAME_MESSAGE, 0, 27, false },
	{ "no Content-Length is no body", T("BYE sip:b@h SIP/2.0\r\n\r\nv=0"), SIP_FRAME_MESSAGE, 0, 23, false },
	{ "an empty Content-Length too", T("BYE sip:b@h SIP/2.0\r\nl:\r\n\r\nv=0"), SIP_FRAME_MESSAGE, 0, 27, false },
	{ "a folded Content-Length", T("BYE sip:b@h SIP/2.0\r\nl:\r\n 2\r\n\r\nabc"), SIP_FRAME_MESSAGE, 0, 33, false },
	{ "the same length twice", T("BYE sip:b@h SIP/2.0\r\nl: 2\r\nl: 2\r\n\r\nabc"), SIP_FRAME_MESSAGE, 0, 37, false },
	{ "half a start line", T("INVI"), SIP_FRAME_MORE, 0, 0, false },
	{ "half a status line", T("SIP/2.0 2"), SIP_FRAME_MORE, 0, 0, false },
	{ "half the headers", T("BYE sip:b@h SIP/2.0\r\nl: 0\r\n"), SIP_FRAME_MORE, 0, 0, false },
	{ "half an empty line", T("BYE sip:b@h SIP/2.0\r\nl: 0\r\n\r"), SIP_FRAME_MORE, 0, 0, false },
	{ "half a body", T("BYE sip:b@h SIP/2.0\r\nl: 9\r\n\r\nabc"), SIP_FRAME_MORE, 0, 0, false },
	{ "foreign lines are skipped", T("v=0\r\no=x\r\n" BYE), SIP_FRAME_MESSAGE, 10, BYE_LEN, true },
	{ "half a line of a lost message", T("3f;tag=9\r\n" BYE), SIP_FRAME_MESSAGE, 10, BYE_LEN, true },
	{ "foreign lines, and what may become a start line", T("v=0\r\nBY"), SIP_FRAME_MORE, 5, 0, true },
	{ "foreign lines alone", T("v=0\r\no=x\r\n"), SIP_FRAME_MORE, 10, 0, true },
	{ "octets that are no text", T("\x80\x00\x01" BYE), SIP_FRAME_MORE, 3 + BYE_LEN, 0, true },
	{ "HTTP", T("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), SIP_FRAME_MORE, 27, 0, true },
	{ "a length that is no number: the headers alone", T("BYE sip:b@h SIP/2.0\r\nl: -9\r\n\r\nabc"), SIP_FRAME_MESSAGE, 0, 30, false },
	{ "two lengths", T("BYE sip:b@h SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\nabc"), SIP_FRAME_MESSAGE, 0, 35, false },
	{ "a length above 256 KiB", T("BYE sip:b@h SIP/2.0\r\nl: 262144\r\n\r\nabc"), SIP_FRAME_MESSAGE, 0, 34, false },
	{ "nothing", T(""), SIP_FRAME_MORE, 0, 0, false },
	/* clang-format on */
};

static void where_messages_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct sip_frame f = sip_frame_next(text_bytes(rows[i].bytes));
		const size_t len = f.result == SIP_FRAME_MESSAGE ? f.len : 0;
		if (f.result != rows[i].result || f.skip != rows[i].skip ||
		    len != rows[i].len || f.resynchronised != rows[i].resynchronised)
			fail_msg("%s: result %d, skip %zu, len %zu, resynchronised %d",
			         rows[i].what, f.result, f.skip, len, f.resynchronised);
	}
}

/* Whatever the cuts, the same messages come out (RFC 3261 section 18.3). */
static void a_stream_cut_anywhere_gives_the_same_messages(void **state)
{
	(void)state;
	static const char stream[] = "\r\n\r\n" MSG BYE "\r\n\r\n" MSG;
	static const size_t lengths[] = { MSG_LEN, BYE_LEN, MSG_LEN };
	for (size_t cut = 0; cut <= sizeof stream - 1; cut++) {
		size_t done = 0, messages = 0;
		const size_t ends[] = { cut, sizeof stream - 1 };
		for (size_t part = 0; part < 2; part++) {
			for (;;) {
				const struct text left = { stream + done,
					                   ends[part] - done };
				const struct sip_frame f = sip_frame_next(text_bytes(left));
				assert_false(f.resynchronised);
				done += f.skip;
				if (f.result == SIP_FRAME_MORE)
					break;
				assert_true(messages < ARRAY_LEN(lengths));
				assert_int_equal(f.len, lengths[messages++]);
				done += f.len;
			}
		}
		assert_int_equal(messages, ARRAY_LEN(lengths));
		assert_int_equal(done, sizeof stream - 1);
	}
}

/* 80 KiB of `line`, behind `start`, and a BYE at the end. */
static struct text flood(const char *start, const char *line)
{
	const size_t start_len = strlen(start), line_len = strlen(line);
	const size_t lines = (size_t)80 * 1024 / line_len;
	const size_t len = start_len + lines * line_len + BYE_LEN;
	char *all = malloc(len);
	assert_non_null(all);
	memcpy(all, start, start_len);
	for (size_t i = 0; i < lines; i++)
		memcpy(all + start_len + i * line_len, line, line_len);
	memcpy(all + len - BYE_LEN, BYE, BYE_LEN);
	return (struct text){ all, len };
}

static void headers_above_64_kib_are_passed_over(void **state)
{
	(void)state;
	static const char *const floods[][2] = {
		{ "BYE sip:b@h SIP/2.0\r\n",
		  "X: some header of a message that does not end\r\n" },
		{ "", "BYE sip:b@h SIP/2.0\r\n" },
	};
	for (size_t i = 0; i < ARRAY_LEN(floods); i++) {
		const struct text all = flood(floods[i][0], floods[i][1]);
		const struct sip_frame f = sip_frame_next(text_bytes(all));
		assert_int_equal(f.result, SIP_FRAME_MESSAGE);
		assert_true(f.resynchronised);
		assert_true(f.skip > (size_t)64 * 1024);
		assert_int_equal(f.skip + f.len, all.len);
		free((void *)all.at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_messages_are),
		cmocka_unit_test(a_stream_cut_anywhere_gives_the_same_messages),
		cmocka_unit_test(headers_above_64_kib_are_passed_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
