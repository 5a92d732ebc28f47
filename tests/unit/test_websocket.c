#include "analyzer/wire/websocket.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/text.h"

#include "tests/unit/unit.h"

#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((uint8_t[]){ __VA_ARGS__ })       \
	}
#define MASK 0x37, 0xfa, 0x21, 0x3d
#define MASKED_HELLO 0x7f, 0x9f, 0x4d, 0x51, 0x58
#define PING 0x89, 0x05, 'H', 'e', 'l', 'l', 'o'

/* Frames of RFC 6455 section 5.7 where it has them. */
static const struct {
	const char *what;
	struct span bytes;
	enum websocket_result result;
	size_t skip;
	const char *message;
} rows[] = {
	/* clang-format off */
	{ "a single unmasked text", BYTES(0x81, 5, 'H', 'e', 'l', 'l', 'o'), WEBSOCKET_MESSAGE, 7, "Hello" },
	{ "a single masked text", BYTES(0x81, 0x85, MASK, MASKED_HELLO), WEBSOCKET_MESSAGE, 11, "Hello" },
	{ "a binary message", BYTES(0x82, 2, 'H', 'i'), WEBSOCKET_MESSAGE, 4, "Hi" },
	{ "two fragments", BYTES(0x01, 3, 'H', 'e', 'l', 0x80, 2, 'l', 'o'), WEBSOCKET_MESSAGE, 9, "Hello" },
	{ "a ping between fragments", BYTES(0x01, 3, 'H', 'e', 'l', PING, 0x80, 2, 'l', 'o'), WEBSOCKET_MESSAGE, 16, "Hello" },
	{ "a ping before a message", BYTES(PING, 0x81, 2, 'H', 'i'), WEBSOCKET_MESSAGE, 11, "Hi" },
	{ "a ping alone can go", BYTES(PING), WEBSOCKET_MORE, 7, "" },
	{ "an empty message is passed over", BYTES(0x81, 0, 0x81, 2, 'H', 'i'), WEBSOCKET_MESSAGE, 6, "Hi" },
	{ "an empty last fragment", BYTES(0x01, 2, 'H', 'i', 0x80, 0), WEBSOCKET_MESSAGE, 6, "Hi" },
	{ "the first of two messages", BYTES(0x81, 1, 'a', 0x81, 1, 'b'), WEBSOCKET_MESSAGE, 3, "a" },
	{ "a length of 16 bits", BYTES(0x81, 126, 0, 2, 'H', 'i'), WEBSOCKET_MESSAGE, 6, "Hi" },
	{ "a length of 64 bits", BYTES(0x81, 127, 0, 0, 0, 0, 0, 0, 0, 2, 'H', 'i'), WEBSOCKET_MESSAGE, 12, "Hi" },
	{ "half a payload", BYTES(0x81, 5, 'H', 'e'), WEBSOCKET_MORE, 0, "" },
	{ "half a message behind a ping", BYTES(PING, 0x01, 2, 'H', 'i'), WEBSOCKET_MORE, 7, "" },
	{ "half a header", BYTES(0x81), WEBSOCKET_MORE, 0, "" },
	{ "half a length", BYTES(0x81, 126, 0), WEBSOCKET_MORE, 0, "" },
	{ "half a mask", BYTES(0x81, 0x85, 1, 2), WEBSOCKET_MORE, 0, "" },
	{ "nothing", { 0 }, WEBSOCKET_MORE, 0, "" },
	{ "a compressed message", BYTES(0xc1, 1, 'a'), WEBSOCKET_BROKEN, 0, "" },
	{ "an unknown opcode", BYTES(0x83, 1, 'a'), WEBSOCKET_BROKEN, 0, "" },
	{ "an unknown control opcode", BYTES(0x8b, 1, 'a'), WEBSOCKET_BROKEN, 0, "" },
	{ "a continuation of nothing", BYTES(0x80, 1, 'a'), WEBSOCKET_BROKEN, 0, "" },
	{ "a message inside a message", BYTES(0x01, 1, 'a', 0x81, 1, 'b'), WEBSOCKET_BROKEN, 0, "" },
	{ "a ping in fragments", BYTES(0x09, 1, 'a'), WEBSOCKET_BROKEN, 0, "" },
	{ "a ping above 125 bytes", BYTES(0x89, 126, 0, 126), WEBSOCKET_BROKEN, 0, "" },
	{ "a message above the buffer, before it is there", BYTES(0x81, 17), WEBSOCKET_BROKEN, 0, "" },
	{ "a length that would wrap", BYTES(0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255), WEBSOCKET_BROKEN, 0, "" },
	{ "fragments above the buffer together", BYTES(0x01, 3, 'a', 'b', 'c', 0x80, 14), WEBSOCKET_BROKEN, 0, "" },
	/* clang-format on */
};

static void frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t to[16];
		const struct websocket ws = websocket_next(rows[i].bytes, to, sizeof to);
		if (ws.result != rows[i].result)
			fail_msg("%s: result %d", rows[i].what, ws.result);
		if (ws.result == WEBSOCKET_BROKEN)
			continue;
		if (ws.skip != rows[i].skip)
			fail_msg("%s: skip %zu", rows[i].what, ws.skip);
		const struct text message = { (const char *)to, ws.len };
		if (ws.result == WEBSOCKET_MESSAGE &&
		    !text_equal(message, text_from(rows[i].message)))
			fail_msg("%s: \"%.*s\"", rows[i].what, (int)ws.len, message.at);
	}
}

/* RFC 7118 section 8.1 (alice's REGISTER over wss), shortened; and what is not for us. */
#define GET "GET / HTTP/1.1\r\nHost: proxy.example.com\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define SIP_PROTOCOL "Sec-WebSocket-Protocol: sip\r\n"

static const struct {
	const char *what, *bytes;
	enum status status;
	size_t behind;
} handshakes[] = {
	{ "a client's", GET UPGRADE KEY SIP_PROTOCOL "\r\n", OK, 0 },
	{ "a server's",
	  "HTTP/1.1 101 Switching Protocols\r\n" UPGRADE SIP_PROTOCOL "\r\nabc", OK, 3 },
	{ "sip among others, any case",
	  GET "upgrade: WebSocket\r\nSEC-WEBSOCKET-PROTOCOL: chat, SIP\r\n\r\n", OK, 0 },
	{ "another protocol", GET UPGRADE "Sec-WebSocket-Protocol: sipx\r\n\r\n",
	  ERR_NOT_FOUND, 0 },
	{ "no protocol", GET UPGRADE "\r\n", ERR_NOT_FOUND, 0 },
	{ "no upgrade", GET SIP_PROTOCOL "\r\n", ERR_NOT_FOUND, 0 },
	{ "not switching", "HTTP/1.1 200 OK\r\n" UPGRADE SIP_PROTOCOL "\r\n", ERR_NOT_FOUND,
	  0 },
	{ "another method", "POST / HTTP/1.1\r\n" UPGRADE SIP_PROTOCOL "\r\n",
	  ERR_NOT_FOUND, 0 },
	{ "an old version", "GET / HTTP/1.0\r\n" UPGRADE SIP_PROTOCOL "\r\n", ERR_NOT_FOUND,
	  0 },
	{ "SIP itself", "SIP/2.0 200 OK\r\n\r\n", ERR_NOT_FOUND, 0 },
	{ "no end yet", GET UPGRADE SIP_PROTOCOL, ERR_TRUNCATED, 0 },
	{ "half a first line", "GET / HT", ERR_TRUNCATED, 0 },
	{ "half a word", "HTTP/1", ERR_TRUNCATED, 0 },
	{ "nothing yet", "", ERR_TRUNCATED, 0 },
};

static void opening_handshakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(handshakes); i++) {
		const struct text bytes = text_from(handshakes[i].bytes);
		size_t len = 0;
		const enum status status = websocket_handshake(text_bytes(bytes), &len);
		if (status != handshakes[i].status)
			fail_msg("%s: %s", handshakes[i].what, status_name(status));
		if (status == OK && len != bytes.len - handshakes[i].behind)
			fail_msg("%s: %zu bytes", handshakes[i].what, len);
	}
}

static void a_handshake_does_not_go_on_for_ever(void **state)
{
	(void)state;
	static char bytes[WEBSOCKET_MAX_HANDSHAKE];
	size_t len;
	memset(bytes, 'x', sizeof bytes);
	memcpy(bytes, GET, sizeof GET - 1);
	const struct text all = { bytes, sizeof bytes };
	assert_int_equal(websocket_handshake(text_bytes(all), &len), ERR_NOT_FOUND);
	const struct text less = { bytes, sizeof bytes - 1 };
	assert_int_equal(websocket_handshake(text_bytes(less), &len), ERR_TRUNCATED);
}

static void every_prefix_waits_for_more(void **state)
{
	(void)state;
	static const uint8_t whole[] = { 0x01, 0x83, MASK, 1, 2,   3,  PING,
		                         0x80, 126,  0,    2, 'l', 'o' };
	for (size_t n = 0; n < sizeof whole; n++) {
		uint8_t to[16];
		uint8_t *copy = malloc(n + 1);
		assert_non_null(copy);
		memcpy(copy, whole, n);
		const struct websocket ws =
		        websocket_next((struct span){ copy, n }, to, sizeof to);
		assert_int_equal(ws.result, WEBSOCKET_MORE);
		assert_int_equal(ws.skip, 0);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames),
		cmocka_unit_test(opening_handshakes),
		cmocka_unit_test(a_handshake_does_not_go_on_for_ever),
		cmocka_unit_test(every_prefix_waits_for_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
