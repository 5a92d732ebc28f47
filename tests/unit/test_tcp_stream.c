#include "probe/tcp_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Each side sends messages 1, 2, 3 ... of equal length, one behind the other.  A place in
 * its stream is counted in hundredths of a message: 150 is the middle of the second.
 */
enum { MESSAGES = 4, SEGMENTS_MAX = 12, LIMIT = 4 * 1024 * 1024 };
enum {
	SYN = 1,
	ACK = 2,
	FIN = 4,
	RST = 8,
	LATE = 16
}; /* LATE: 11 s after the one before */
enum { CLIENT = 0, SERVER = 1 };
#define FIRST_SEQUENCE 0xffffffa0u /* wraps on its way */

static char streams[2][2048];
static size_t message_len;

static int write_streams(void **state)
{
	(void)state;
	for (unsigned int side = 0; side < 2; side++) {
		streams[side][0] = '\0';
		for (unsigned int i = 1; i <= MESSAGES; i++)
			snprintf(streams[side] + strlen(streams[side]), 256,
			         "OPTIONS sip:b@198.18.0.9 SIP/2.0\r\nCall-ID: %c%u\r\n"
			         "Content-Length: 12\r\n\r\nfour\r\n\r\nto\r\n",
			         side == CLIENT ? 'c' : 's', i);
		message_len = strlen(streams[side]) / MESSAGES;
	}
	return 0;
}

static size_t place(unsigned int hundredths)
{
	return hundredths * message_len / 100;
}

/* Writes "c1 s1 ", the Call-IDs of what was delivered. */
static void note_message(void *self, const struct packet *message)
{
	char *log = self;
	const struct text text = text_of(message->payload);
	const struct text id = text_skip(text, text_find_text(text, TEXT("Call-ID: ")) + 9);
	assert_int_equal(message->payload.len, message_len);
	assert_int_equal(message->payload_len, message_len);
	assert_int_equal(message->transport, TRANSPORT_TCP);
	assert_int_equal(message->src.port == 5060, id.at[0] == 's');
	assert_int_equal(message->flags, 0);
	snprintf(log + strlen(log), 8, "%.2s ", id.at);
}

struct segment {
	unsigned int side, flags;
	unsigned int begin, end;   /* what it carries of the side's stream */
	unsigned int acknowledged; /* of the other side's, with ACK */
	unsigned int captured;     /* where the capture cuts it; 0 = nowhere */
};

/* clang-format off */
static const struct {
	const char *what;
	struct segment segments[SEGMENTS_MAX]; /* up to one that is all zero */
	const char *before_finish, *in_all;
	uint64_t gaps, incomplete;
} cases[] = {
	{ "a message in each segment",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 100, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "two messages in three segments",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 50, 150, 0, 0 },
	    { CLIENT, ACK, 150, 200, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "both directions",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { SERVER, SYN | ACK, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 100, 0, 0 },
	    { SERVER, ACK, 0, 50, 100, 0 }, { CLIENT, ACK, 100, 200, 50, 0 }, { SERVER, ACK, 50, 100, 200, 0 } },
	  "c1 c2 s1 ", "c1 c2 s1 ", 0, 0 },
	{ "segments that changed places",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 150, 200, 0, 0 }, { CLIENT, ACK, 50, 150, 0, 0 },
	    { CLIENT, ACK, 0, 50, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "segments sent again",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 },
	    { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 50, 100, 0, 0 }, { CLIENT, ACK, 0, 100, 0, 0 } },
	  "c1 ", "c1 ", 0, 0 },
	{ "segments that overlap",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 60, 0, 0 }, { CLIENT, ACK, 120, 200, 0, 0 },
	    { CLIENT, ACK, 40, 130, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "a connection older than the capture",
	  { { CLIENT, ACK, 50, 120, 0, 0 }, { CLIENT, ACK, 120, 200, 0, 0 }, { CLIENT, ACK, 200, 300, 0, 0 } },
	  "c2 c3 ", "c2 c3 ", 0, 0 },
	{ "a segment lost by the capture: the receiver has confirmed it, twice",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { SERVER, ACK, 0, 0, 200, 0 }, { SERVER, ACK, 0, 0, 200, 0 }, { CLIENT, ACK, 200, 300, 0, 0 } },
	  "c2 c3 ", "c2 c3 ", 1, 1 },
	{ "a mirror port that lets the confirmation pass",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { SERVER, ACK, 0, 0, 200, 0 }, { CLIENT, ACK, 50, 100, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "a segment lost by the network: the receiver asks for it, and it comes",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { SERVER, ACK, 0, 0, 50, 0 }, { SERVER, ACK, 0, 0, 50, 0 }, { SERVER, ACK, 0, 0, 50, 0 },
	    { CLIENT, ACK, 50, 100, 0, 0 } },
	  "c1 c2 ", "c1 c2 ", 0, 0 },
	{ "no confirmation in sight: the end of the input decides",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 } },
	  "", "c2 ", 1, 1 },
	{ "no confirmation in sight: ten seconds decide",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { CLIENT, ACK | LATE, 200, 300, 0, 0 } },
	  "c2 c3 ", "c2 c3 ", 1, 1 },
	{ "both sides have closed",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK | FIN, 100, 200, 0, 0 },
	    { SERVER, ACK | FIN, 0, 0, 0, 0 } },
	  "c2 ", "c2 ", 1, 1 },
	{ "one side has reset",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 50, 0, 0 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { SERVER, RST, 0, 0, 0, 0 } },
	  "c2 ", "c2 ", 1, 1 },
	{ "what is sent again after the close was there already",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK | FIN, 0, 100, 0, 0 }, { SERVER, ACK | FIN, 0, 0, 100, 0 },
	    { CLIENT, ACK, 0, 100, 0, 0 }, { CLIENT, ACK | FIN, 0, 100, 0, 0 } },
	  "c1 ", "c1 ", 0, 0 },
	{ "a message whose end never came",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 190, 0, 0 } }, "c1 ", "c1 ", 0, 1 },
	{ "a segment that the capture cut short",
	  { { CLIENT, SYN, 0, 0, 0, 0 }, { CLIENT, ACK, 0, 100, 0, 80 }, { CLIENT, ACK, 100, 200, 0, 0 },
	    { SERVER, ACK, 0, 0, 200, 0 }, { SERVER, ACK, 0, 0, 200, 0 } },
	  "c2 ", "c2 ", 1, 1 },
};
/* clang-format on */

static struct tcp_streams *new_streams(size_t limit)
{
	static const uint16_t ports[] = { 5060, 5080 };
	struct tcp_streams *streams_table = NULL;
	assert_int_equal(tcp_streams_new(ports, 2, limit, &streams_table), OK);
	return streams_table;
}

/* Feeds bytes that end where the memory ends. */
static enum tcp_stream_claim feed(struct tcp_streams *table, struct decoded *d, char *log)
{
	const struct tcp_stream_sink sink = { note_message, log };
	const size_t len = d->packet.payload.len;
	uint8_t *copy = malloc(len ? len : 1);
	assert_non_null(copy);
	if (len)
		memcpy(copy, d->packet.payload.at, len);
	d->packet.payload.at = copy;
	const enum tcp_stream_claim claim = tcp_streams_feed(table, d, &sink);
	free(copy);
	return claim;
}

static struct decoded segment_from(unsigned int side, uint16_t client_port)
{
	const struct endpoint client = { { { 1 } }, client_port },
	                      server = { { { 2 } }, 5060 };
	struct decoded d = { .result = DECODED_SEGMENT };
	d.packet.src = side == CLIENT ? client : server;
	d.packet.dst = side == CLIENT ? server : client;
	d.packet.transport = TRANSPORT_TCP;
	return d;
}

static enum tcp_stream_claim play(struct tcp_streams *table, const struct segment *s,
                                  nstime at, char *log)
{
	struct decoded d = segment_from(s->side, 40000);
	const size_t begin = place(s->begin), end = place(s->end);
	const size_t captured = s->captured ? place(s->captured) : end;
	d.packet.at = at;
	d.packet.payload = (struct span){ (const uint8_t *)streams[s->side] + begin,
		                          captured - begin };
	d.packet.payload_len = (uint32_t)(end - begin);
	d.packet.flags = captured < end ? PACKET_TRUNCATED : 0;
	d.tcp = (struct tcp_header){
		.sequence = FIRST_SEQUENCE + (uint32_t)begin + (s->flags & SYN ? 0 : 1),
		.acknowledgement = FIRST_SEQUENCE + 1 + (uint32_t)place(s->acknowledged),
		.syn = s->flags & SYN,
		.fin = s->flags & FIN,
		.rst = s->flags & RST,
		.ack = s->flags & ACK,
	};
	return feed(table, &d, log);
}

static void messages_come_out_of_segments(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tcp_streams *table = new_streams(LIMIT);
		char log[128] = "";
		const struct tcp_stream_sink sink = { note_message, log };
		nstime at = 0;
		for (const struct segment *s = cases[i].segments; s->flags; s++) {
			at += s->flags & LATE ? 11 * NS_PER_SEC : NS_PER_MS;
			if (play(table, s, at, log) != TCP_STREAM_OURS)
				fail_msg("%s: not ours", cases[i].what);
		}
		if (strcmp(log, cases[i].before_finish) != 0)
			fail_msg("%s: %s", cases[i].what, log);
		tcp_streams_finish(table, &sink);
		const struct tcp_stream_counters counters = tcp_streams_counters(table);
		if (strcmp(log, cases[i].in_all) != 0)
			fail_msg("%s: in all %s", cases[i].what, log);
		if (counters.gaps != cases[i].gaps ||
		    counters.incomplete != cases[i].incomplete)
			fail_msg("%s: %u gaps, %u incomplete", cases[i].what,
			         (unsigned int)counters.gaps,
			         (unsigned int)counters.incomplete);
		assert_int_equal(counters.held_bytes, 0);
		assert_int_equal(counters.messages, strlen(log) / 3);
		tcp_streams_free(table);
	}
}

static void the_message_is_as_late_as_the_segment_that_completed_it(void **state)
{
	struct tcp_streams *table = new_streams(LIMIT);
	struct packet last = { 0 };
	(void)state;
	for (unsigned int i = 0; i < message_len; i++) {
		struct decoded d = segment_from(CLIENT, 40000);
		char log[16] = "";
		d.tcp.sequence = FIRST_SEQUENCE + i; /* one byte each */
		d.packet.at = i * NS_PER_MS;
		d.packet.frame = i + 1;
		d.packet.payload = (struct span){ (const uint8_t *)streams[CLIENT] + i, 1 };
		d.packet.payload_len = 1;
		feed(table, &d, log);
		assert_string_equal(log, i + 1 < message_len ? "" : "c1 ");
		last = d.packet;
	}
	assert_int_equal(last.frame, message_len);
	tcp_streams_free(table);
}

static void a_port_used_again_is_a_new_connection(void **state)
{
	struct tcp_streams *table = new_streams(LIMIT);
	char log[64] = "";
	(void)state;
	for (uint32_t connection = 0; connection < 3; connection++) {
		struct decoded d = segment_from(CLIENT, 40000);
		d.tcp = (struct tcp_header){ .sequence = connection * 77, .syn = true };
		feed(table, &d, log);
		d.tcp = (struct tcp_header){ .sequence = connection * 77 + 1 };
		d.packet.payload =
		        (struct span){ (const uint8_t *)streams[CLIENT], place(150) };
		d.packet.payload_len = (uint32_t)place(150);
		feed(table, &d, log);
	}
	assert_string_equal(log, "c1 c1 c1 ");
	assert_int_equal(tcp_streams_counters(table).incomplete, 2);
	assert_int_equal(tcp_streams_counters(table).held, 1);
	tcp_streams_free(table);
}

/* clang-format off */
static const struct {
	const char *what;
	uint16_t port;
	bool syn;
	const char *text;
	enum tcp_stream_claim claim;
	uint64_t messages, held;
} strangers[] = {
	{ "SIP on the SIP port", 5060, true, NULL, TCP_STREAM_OURS, 1, 1 },
	{ "SIP on another configured port", 5080, true, NULL, TCP_STREAM_OURS, 1, 1 },
	{ "SIP on any port", 12345, false, NULL, TCP_STREAM_OURS, 1, 1 },
	{ "nothing on any port is remembered", 12345, true, "hello\r\n\r\n", TCP_STREAM_NOT_OURS, 0, 0 },
	{ "a method that HTTP knows too", 12345, false, "OPTIONS /a HTTP/1.1\r\n\r\n", TCP_STREAM_NOT_OURS, 0, 0 },
	{ "RTSP on the SIP port", 5060, true, "OPTIONS rtsp://a RTSP/1.0\r\n\r\n", TCP_STREAM_NOT_OURS, 0, 1 },
	{ "HTTP on the SIP port", 5060, true, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", TCP_STREAM_NOT_OURS, 0, 1 },
	{ "HTTP on the SIP port, in the middle", 5060, false, "HTTP/1.1 200 OK\r\n\r\n", TCP_STREAM_NOT_OURS, 0, 1 },
	{ "TLS on the SIP port", 5060, true, "\x16\x03\x01\x02", TCP_STREAM_NOT_OURS, 0, 1 },
	{ "a first line that is not SIP's", 5060, true, "EHLO example.com\r\n", TCP_STREAM_NOT_OURS, 0, 1 },
	{ "half a first line may still become SIP", 5060, true, "OPTIONS sip:", TCP_STREAM_OURS, 0, 1 },
	{ "a method may begin with any character of a token", 5060, true, "!interesting", TCP_STREAM_OURS, 0, 1 },
	{ "the middle of something on the SIP port may be SIP", 5060, false, "lorem ipsum", TCP_STREAM_OURS, 0, 1 },
};
/* clang-format on */

static void only_sip_is_followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		struct tcp_streams *table = new_streams(LIMIT);
		struct decoded d = segment_from(CLIENT, 40000);
		char log[32] = "";
		d.packet.dst.port = strangers[i].port;
		if (strangers[i].syn) {
			d.tcp.syn = true;
			feed(table, &d, log);
			d.tcp = (struct tcp_header){ .sequence = 1 };
		}
		const char *text = strangers[i].text;
		d.packet.payload.at = (const uint8_t *)(text ? text : streams[CLIENT]);
		d.packet.payload.len = text ? strlen(text) : message_len;
		d.packet.payload_len = (uint32_t)d.packet.payload.len;
		const enum tcp_stream_claim claim = feed(table, &d, log);
		const struct tcp_stream_counters counters = tcp_streams_counters(table);
		if (claim != strangers[i].claim ||
		    counters.messages != strangers[i].messages ||
		    counters.held != strangers[i].held)
			fail_msg("%s: claim %d, %u messages", strangers[i].what, claim,
			         (unsigned int)counters.messages);
		tcp_streams_free(table);
	}
}

static void what_is_no_sip_between_messages_is_passed_over(void **state)
{
	struct tcp_streams *table = new_streams(LIMIT);
	char log[64] = "", bytes[1024];
	const size_t len = (size_t)snprintf(
	        bytes, sizeof bytes, "\r\n\r\n%.*snonsense\r\n\r\n%.*s", (int)message_len,
	        streams[CLIENT], (int)message_len, streams[CLIENT] + message_len);
	(void)state;
	struct decoded d = segment_from(CLIENT, 40000);
	d.tcp.syn = true;
	feed(table, &d, log);
	d.tcp = (struct tcp_header){ .sequence = 1 };
	d.packet.payload = (struct span){ (const uint8_t *)bytes, len };
	d.packet.payload_len = (uint32_t)len;
	feed(table, &d, log);
	assert_string_equal(log, "c1 c2 ");
	assert_int_equal(tcp_streams_counters(table).resynchronised, 1);
	tcp_streams_free(table);
}

static void too_much_behind_a_gap_ends_the_wait(void **state)
{
	static uint8_t filler[1000];
	struct tcp_streams *table = new_streams(LIMIT);
	char log[64] = "";
	struct decoded d = segment_from(CLIENT, 40000);
	(void)state;
	memset(filler, 'x', sizeof filler);
	d.tcp.syn = true;
	feed(table, &d, log);
	for (uint32_t i = 0; i < 300; i++) { /* 300 kB behind a missing byte */
		d.tcp = (struct tcp_header){ .sequence = 2 + i * 1000 };
		d.packet.payload = (struct span){ filler, sizeof filler };
		d.packet.payload_len = sizeof filler;
		feed(table, &d, log);
		assert_true(tcp_streams_counters(table).held_bytes < (size_t)512 * 1024);
	}
	assert_int_equal(tcp_streams_counters(table).gaps, 1);
	assert_int_equal(tcp_streams_counters(table).lost_bytes, 1);
	tcp_streams_free(table);
}

static void a_flood_of_half_messages_stays_within_the_limit(void **state)
{
	enum { COUNT = 20000, ROOM = 1024 * 1024 };
	struct tcp_streams *table = new_streams(ROOM);
	char log[64] = "";
	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		struct decoded d = segment_from(CLIENT, (uint16_t)(1024 + i % 50000));
		d.packet.payload =
		        (struct span){ (const uint8_t *)streams[CLIENT], place(50) };
		d.packet.payload_len = (uint32_t)place(50);
		assert_int_equal(feed(table, &d, log), TCP_STREAM_OURS);
		assert_true(tcp_streams_counters(table).held_bytes <= ROOM);
	}
	const struct tcp_stream_counters counters = tcp_streams_counters(table);
	assert_int_equal(counters.connections, COUNT);
	assert_int_equal(counters.held + counters.evicted, COUNT);
	assert_int_equal(counters.incomplete, counters.evicted);
	tcp_streams_free(table);
}

static void an_idle_connection_is_let_go(void **state)
{
	struct tcp_streams *table = new_streams(LIMIT);
	char log[64] = "";
	struct decoded d = segment_from(CLIENT, 40000);
	(void)state;
	d.tcp.syn = true;
	feed(table, &d, log);
	d.packet.at = 601 * NS_PER_SEC;
	d.packet.src.port = 40001;
	feed(table, &d, log);
	assert_int_equal(tcp_streams_counters(table).held, 1);
	tcp_streams_free(table);
}

#define UPGRADE                                                                            \
	"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"     \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n"   \
	"Sec-WebSocket-Version: 13\r\n\r\n"
#define ACCEPT                                                                              \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n"

/* RFC 6455 section 5.2: a text frame below 126 bytes, masked as a client does. */
static size_t write_frame(char *to, const char *text, size_t len, bool masked)
{
	static const char mask[] = { 0x37, (char)0xfa, 0x21, 0x3d };
	size_t n = 0;
	to[n++] = (char)0x81;
	to[n++] = (char)(len | (masked ? 0x80u : 0));
	for (size_t i = 0; masked && i < 4; i++)
		to[n++] = mask[i];
	for (size_t i = 0; i < len; i++)
		to[n++] = (char)(masked ? text[i] ^ mask[i % 4] : text[i]);
	return n;
}

static void note_unwrapped(void *self, const struct packet *message)
{
	char *log = self;
	const struct text text = text_of(message->payload);
	assert_int_equal(message->transport, TRANSPORT_WS);
	assert_int_equal(message->payload.len, message_len);
	snprintf(log + strlen(log), 8, "%.2s ",
	         text_skip(text, text_find_text(text, TEXT("Call-ID: ")) + 9).at);
}

/* Both sides in segments of `step` bytes. */
static void play_websocket(uint16_t port, size_t step, char *log)
{
	const struct tcp_stream_sink sink = { note_unwrapped, log };
	struct tcp_streams *table = new_streams(LIMIT);
	for (unsigned int side = 0; side < 2; side++) {
		char bytes[1024];
		size_t len = (size_t)snprintf(bytes, sizeof bytes, "%s",
		                              side ? ACCEPT : UPGRADE);
		for (size_t i = 0; i < 2; i++)
			len += write_frame(bytes + len, streams[side] + i * message_len,
			                   message_len, side == CLIENT);
		size_t n = 0;
		for (size_t at = 0; at < len; at += n) {
			struct decoded d = segment_from(side, 40000);
			*(side ? &d.packet.src.port : &d.packet.dst.port) = port;
			d.tcp.sequence = (uint32_t)at;
			n = len - at < step ? len - at : step;
			d.packet.payload = (struct span){ (const uint8_t *)bytes + at, n };
			d.packet.payload_len = (uint32_t)n;
			assert_int_equal(tcp_streams_feed(table, &d, &sink),
			                 TCP_STREAM_OURS);
		}
	}
	tcp_streams_free(table);
}

static void messages_come_out_of_websocket_frames(void **state)
{
	(void)state;
	for (size_t step = 1; step < 600; step += 7) {
		char log[64] = "";
		play_websocket(5060, step, log);
		assert_string_equal(log, "c1 c2 s1 s2 ");
	}
	char log[64] = "";
	play_websocket(8080, sizeof UPGRADE - 1, log);
	assert_string_equal(log, "c1 c2 s1 s2 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_out_of_segments),
		cmocka_unit_test(the_message_is_as_late_as_the_segment_that_completed_it),
		cmocka_unit_test(a_port_used_again_is_a_new_connection),
		cmocka_unit_test(only_sip_is_followed),
		cmocka_unit_test(what_is_no_sip_between_messages_is_passed_over),
		cmocka_unit_test(too_much_behind_a_gap_ends_the_wait),
		cmocka_unit_test(a_flood_of_half_messages_stays_within_the_limit),
		cmocka_unit_test(an_idle_connection_is_let_go),
		cmocka_unit_test(messages_come_out_of_websocket_frames),
	};
	return cmocka_run_group_tests(tests, write_streams, NULL);
}
