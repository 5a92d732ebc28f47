/*
 * fuzz_decode.c - a few frames of one link type through one decoder.  First two bytes: the
 * link type.  Then, for each frame, its length (16 bits), bytes not captured (8 bits), and
 * the frame.
 */
#include "probe/decode.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/touch.h"

enum { FRAGMENT_BYTES = 64 * 1024, FRAMES_MAX = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct decoded *d, const struct frame *frame)
{
	const struct packet *p = &d->packet;
	assert(d->reason < REASON_COUNT && decode_reason_names[d->reason]);
	assert((d->result == DECODED_MALFORMED) ==
	       (d->reason > REASON_NONE && d->reason < REASON_FRAGMENTS_FULL));
	if (d->result != DECODED_DATAGRAM && d->result != DECODED_SEGMENT)
		return;
	assert(p->at == frame->at && p->frame == frame->number);
	assert(p->payload.len <= p->payload_len &&
	       p->payload_len <= UINT16_MAX + frame->length);
	assert((p->payload.len < p->payload_len) == !!(p->flags & PACKET_TRUNCATED));
	assert((p->transport == TRANSPORT_TCP) == (d->result == DECODED_SEGMENT));
	assert(p->transport != TRANSPORT_ICMP || p->payload_len == 0);
	assert(!p->vlan[1] || p->vlan[0]);
	assert(!d->reassembled || p->flags & PACKET_FRAGMENTED);
	if (p->payload.len && !d->reassembled)
		assert(p->payload.at >= frame->bytes.at &&
		       p->payload.at + p->payload.len <=
		               frame->bytes.at + frame->bytes.len);
	touch(p->payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct reader r = reader_of((struct span){ data, len });
	const uint16_t link_type = read_u16(&r);
	struct decoder *decoder;
	struct decoded d;
	uint64_t held = 0;
	if (decoder_new(FRAGMENT_BYTES, &decoder) != OK)
		abort();
	for (uint64_t number = 1; r.rest.len > 0 && number <= FRAMES_MAX; number++) {
		const uint16_t wanted = read_u16(&r);
		const uint8_t missing = read_u8(&r);
		const struct span bytes =
		        take(&r, wanted < r.rest.len ? wanted : r.rest.len);
		uint8_t *copy = malloc(bytes.len ? bytes.len : 1);
		if (bytes.len)
			memcpy(copy, bytes.at, bytes.len);
		const struct frame frame = {
			.at = (nstime)number * NS_PER_SEC,
			.bytes = { copy, bytes.len },
			.length = (uint32_t)bytes.len + missing,
			.link_type = link_type,
			.number = number,
		};
		decode_frame(decoder, &frame, &d);
		check(&d, &frame);
		held += d.result == DECODED_HELD;
		free(copy);
	}
	const struct decoder_held h = decoder_held(decoder);
	assert(h.waiting + h.joined + h.timed_out + h.evicted + h.refused == held);
	decoder_free(decoder);
	return 0;
}
