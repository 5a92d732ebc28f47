/*
 * fuzz_tcp_stream.c - segments of two connections.  For each: a byte of flags (FIN 1,
 * SYN 2, RST 4, second connection 8, ACK 16, from the server 32, one minute later 64), an
 * offset from the side's first sequence number (16 bits), what the other side has (16
 * bits), a length (16 bits), bytes not captured (8 bits), and the data.
 */
#include "probe/tcp_stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/touch.h"

enum { LIMIT = 256 * 1024, SEGMENTS_MAX = 2000 };
static const uint32_t first_sequence = 0xffffff00;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct seen {
	uint64_t messages, frame;
	nstime at;
};

static void take_message(void *self, const struct packet *message)
{
	struct seen *seen = self;
	seen->messages++;
	assert(message->payload.len > 0 && message->payload.len == message->payload_len);
	assert(message->transport == TRANSPORT_TCP || message->transport == TRANSPORT_WS);
	assert(message->frame <= seen->frame && message->at <= seen->at);
	assert(!(message->flags & PACKET_TRUNCATED));
	touch(message->payload);
}

static struct decoded read_segment(struct reader *r, struct seen *seen)
{
	const uint8_t flags = read_u8(r);
	const uint16_t offset = read_u16(r);
	const uint16_t acknowledged = read_u16(r);
	const uint16_t wanted = read_u16(r);
	const uint8_t missing = read_u8(r);
	const struct endpoint client = { { { 1 } }, (uint16_t)(flags & 8 ? 40001 : 40000) };
	const struct endpoint server = { { { 2 } }, (uint16_t)(flags & 8 ? 80 : 5060) };
	struct decoded d = { .result = DECODED_SEGMENT };
	seen->at += flags & 64 ? 60 * NS_PER_SEC : 1;
	seen->frame++;
	d.packet.at = seen->at;
	d.packet.frame = seen->frame;
	d.packet.src = flags & 32 ? server : client;
	d.packet.dst = flags & 32 ? client : server;
	d.packet.payload = take(r, wanted < r->rest.len ? wanted : r->rest.len);
	d.packet.payload_len = (uint32_t)d.packet.payload.len + missing;
	d.packet.flags = missing ? PACKET_TRUNCATED : 0;
	d.tcp = (struct tcp_header){
		.sequence = first_sequence + offset,
		.acknowledgement = first_sequence + acknowledged,
		.fin = flags & 1,
		.syn = flags & 2,
		.rst = flags & 4,
		.ack = flags & 16,
	};
	return d;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint16_t port = 5060;
	struct reader r = reader_of((struct span){ data, len });
	struct seen seen = { 0 };
	const struct tcp_stream_sink sink = { take_message, &seen };
	struct tcp_streams *streams;
	if (tcp_streams_new(&port, 1, LIMIT, &streams) != OK)
		abort();
	for (size_t i = 0; r.rest.len > 0 && i < SEGMENTS_MAX; i++) {
		struct decoded d = read_segment(&r, &seen);
		uint8_t *copy = malloc(d.packet.payload.len ? d.packet.payload.len : 1);
		if (d.packet.payload.len)
			memcpy(copy, d.packet.payload.at, d.packet.payload.len);
		d.packet.payload.at = copy;
		tcp_streams_feed(streams, &d, &sink);
		free(copy);
		assert(tcp_streams_counters(streams).held_bytes <= LIMIT);
	}
	tcp_streams_finish(streams, &sink);
	const struct tcp_stream_counters counters = tcp_streams_counters(streams);
	assert(counters.messages == seen.messages);
	assert(counters.held == 0 && counters.held_bytes == 0);
	tcp_streams_free(streams);
	return 0;
}
