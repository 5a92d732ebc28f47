#include "probe/ladder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/field_text.h"

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint e = { 0 };
	assert_int_equal(endpoint_parse(text_from(text), &e), OK);
	return e;
}

static struct record message_of(nstime at, const char *src, const char *dst,
                                const char *summary)
{
	struct record record;
	record_clear(&record, RECORD_MESSAGE);
	record.message.at = at;
	record.message.src = endpoint_of(src);
	record.message.dst = endpoint_of(dst);
	text_copy(record.message.summary, RECORD_WORDS, text_from(summary));
	return record;
}

static void expect(struct ladder *ladder, const char *expected)
{
	struct buffer drawn = { 0 };
	ladder_draw(ladder, 0, &drawn);
	buffer_add_char(&drawn, '\0');
	assert_string_equal(drawn.at, expected);
	buffer_free(&drawn);
	ladder_free(ladder);
}

static void a_call_through_a_proxy(void **state)
{
	static const char a[] = "198.18.0.1:5060";
	static const char b[] = "198.18.0.2:5060";
	static const char c[] = "[2001:db8::3]:5060";
	struct ladder ladder = { 0 };
	struct record stream;
	struct record messages[] = {
		message_of(0, a, b, "INVITE"),
		message_of(NS_PER_MS, b, c, "INVITE"),
		message_of(501 * NS_PER_MS, b, c, "INVITE"),
		message_of(2 * NS_PER_SEC, c, a, "180 Ringing\x1b[2J"),
		message_of(3 * NS_PER_SEC, b, b, "OPTIONS"),
		message_of(4 * NS_PER_SEC, b, a,
		           "183 a reason so long that nobody has room for all of it"),
	};
	(void)state;
	messages[0].message.sdp = true;
	messages[2].message.retransmission = true;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++)
		ladder_add_message(&ladder, &messages[i]);
	record_clear(&stream, RECORD_STREAM);
	stream.stream.first = 2500 * NS_PER_MS;
	stream.stream.last = 5 * NS_PER_SEC;
	stream.stream.codec = CODEC_PCMA;
	stream.stream.src = endpoint_of(a);
	stream.stream.dst = endpoint_of(c);
	stream.stream.ssrc = 0xfeed;
	stream.stream.packets = 125;
	ladder_add_stream(&ladder, &stream);
	expect(&ladder,
	       "             198.18.0.1:5060               198.18.0.2:5060               "
	       "[2001:db8::3]:5060\n"
	       "      0.000  │─────── INVITE (SDP) ───────▶│                             │\n"
	       "      0.001  │                             │────────── INVITE ──────────▶│\n"
	       "      0.501  │                             │─────── INVITE again ───────▶│\n"
	       "      2.000  │◀─────────────────── 180 Ringing\\x1b[2J ───────────────────│\n"
	       "      2.500  media begins PCMA  198.18.0.1:5060 → [2001:db8::3]:5060  0x0000feed\n"
	       "      3.000  │                             │ to itself: OPTIONS\n"
	       "      4.000  │◀─ 183 a reason so long th ──│                             │\n"
	       "      5.000  media ends   PCMA  198.18.0.1:5060 → [2001:db8::3]:5060  0x0000feed  "
	       "125 packets\n");
}

static void too_many_addresses_are_counted(void **state)
{
	struct ladder ladder = { 0 };
	(void)state;
	for (unsigned int port = 1; port <= LADDER_MAX_COLUMNS + 3; port++) {
		struct record message =
		        message_of(0, "198.18.0.1:1", "198.18.0.1:2", "INVITE");
		message.message.dst.port = (uint16_t)port;
		ladder_add_message(&ladder, &message);
	}
	assert_int_equal(ladder.column_count, LADDER_MAX_COLUMNS);
	assert_int_equal(ladder.left_out, 3);
	ladder_free(&ladder);
}

/* A damaged or foreign database may hold any times. */
static void absurd_times_do_no_harm(void **state)
{
	struct ladder ladder = { 0 };
	const struct record none =
	        message_of(NSTIME_NONE, "198.18.0.1:1", "198.18.0.1:2", "A");
	const struct record late =
	        message_of(INT64_MAX, "198.18.0.1:1", "198.18.0.1:2", "B");
	struct buffer drawn = { 0 };
	(void)state;
	ladder_add_message(&ladder, &none);
	ladder_add_message(&ladder, &late);
	assert_int_equal(ladder.left_out, 1);
	ladder_draw(&ladder, -2, &drawn);
	assert_true(text_find_text(buffer_text(&drawn), TEXT("0.000")) < drawn.len);
	buffer_free(&drawn);
	ladder_free(&ladder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_through_a_proxy),
		cmocka_unit_test(too_many_addresses_are_counted),
		cmocka_unit_test(absurd_times_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
