#include "probe/extract_fragments.h"

#include <string.h>

#include "probe/extract_list.h"

/* RFC 8200 section 4: next headers that may stand before a fragment header. */
enum { NEXT_HOP_BY_HOP = 0, NEXT_ROUTING = 43, NEXT_FRAGMENT = 44, NEXT_DESTINATION = 60 };
enum { ADDRESSES_BYTES = 32 };

/* As long as the decoder waits for the rest of a datagram. */
static const nstime hold_limit = 30 * NS_PER_SEC;

enum status extract_fragments_init(struct extract_fragments *fragments)
{
	*fragments = (struct extract_fragments){ 0 };
	return decoder_new(0, &fragments->headers);
}

void extract_fragments_free(struct extract_fragments *fragments)
{
	decoder_free(fragments->headers);
	free(fragments->list);
}

/*
 * The decoder does not hand out the identification of an IPv6 fragment, so its header is
 * found again by the addresses: | next | hop limit | source, destination | ... |
 */
static uint32_t ipv6_id(struct span bytes, const struct packet *packet)
{
	uint8_t addresses[ADDRESSES_BYTES];
	memcpy(addresses, packet->src.address.bytes, 16);
	memcpy(addresses + 16, packet->dst.address.bytes, 16);
	const struct text needle = text_of((struct span){ addresses, sizeof addresses });
	const size_t at = text_find_text(text_of(bytes), needle);
	struct reader r = reader_of(bytes);
	take(&r, at < 2 ? bytes.len : at - 2);
	uint8_t next = read_u8(&r);
	take(&r, 1 + ADDRESSES_BYTES);
	while (!r.ran_out && (next == NEXT_HOP_BY_HOP || next == NEXT_ROUTING ||
	                      next == NEXT_DESTINATION)) {
		next = read_u8(&r);
		const size_t words = read_u8(&r);
		take(&r, words * 8 + 6);
	}
	take(&r, 1 + 1 + 2); /* next header, reserved, offset and M */
	return next == NEXT_FRAGMENT ? read_u32(&r) : 0;
}

/* What tells its datagram from others. */
static struct extract_fragment describe(struct extract_fragments *fragments,
                                        const struct frame *frame)
{
	struct decoded decoded;
	decode_frame(fragments->headers, frame, &decoded);
	const struct packet *packet = &decoded.packet;
	const bool ipv4 = address_is_ipv4(&packet->src.address);
	return (struct extract_fragment){
		.src = packet->src.address,
		.dst = packet->dst.address,
		.id = ipv4 ? packet->ip_id : ipv6_id(frame->bytes, packet),
		.pick = extract_pick_of(frame),
	};
}

static void remove_at(struct extract_fragments *fragments, size_t i)
{
	fragments->list[i] = fragments->list[--fragments->count];
}

static void drop_old(struct extract_fragments *fragments, nstime now)
{
	for (size_t i = fragments->count; i-- > 0;) {
		const nstime at = fragments->list[i].pick.at;
		if (now > at && now - at > hold_limit)
			remove_at(fragments, i);
	}
}

void extract_fragments_hold(struct extract_fragments *fragments, const struct frame *frame)
{
	if (fragments->count == fragments->room)
		drop_old(fragments, frame->at);
	void *moved = extract_list_grow(fragments->list, fragments->count, &fragments->room,
	                                sizeof *fragments->list);
	if (!moved) {
		fragments->no_memory = true;
		return;
	}
	fragments->list = moved;
	fragments->list[fragments->count++] = describe(fragments, frame);
}

void extract_fragments_settle(struct extract_fragments *fragments,
                              const struct frame *frame, bool wanted,
                              struct extract_picks *picks)
{
	const struct extract_fragment last = describe(fragments, frame);
	drop_old(fragments, frame->at);
	for (size_t i = fragments->count; i-- > 0;) {
		const struct extract_fragment *f = &fragments->list[i];
		if (f->id != last.id || !address_equal(&f->src, &last.src) ||
		    !address_equal(&f->dst, &last.dst))
			continue;
		if (wanted)
			extract_picks_add(picks, &f->pick);
		remove_at(fragments, i);
	}
}
