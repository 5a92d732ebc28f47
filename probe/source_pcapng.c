#include "probe/source_pcapng.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/base/text.h"

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
};
enum {
	OPTION_END = 0,
	OPTION_NAME = 2,
	OPTION_TIME_UNIT = 9,
	OPTION_TIME_OFFSET = 14
};                                                                      /* interface */
enum { OPTION_DROPPED_BY_INTERFACE = 5, OPTION_DROPPED_BY_SYSTEM = 7 }; /* statistics */
enum { BLOCK_HEAD_BYTES = 8, BLOCK_FRAME_BYTES = 12, SECTION_BYTES = 28 };
enum { MAGIC_NATIVE = 0x1a2b3c4d, VERSION_MAJOR = 1 };
enum { INTERFACES_MAX = 65536 };
#define TIME_MAX_S INT64_C(9000000000) /* the year 2255; nstime ends in 2262 */

/* A stamp counts ticks of 10^-n or 2^-n s since 1970, shifted by offset_s. */
struct pcapng_interface {
	uint32_t snap_length; /* 0 = no limit */
	uint16_t link_type;
	uint16_t number;
	uint64_t multiply, divide; /* decimal units: ns = ticks * multiply / divide */
	uint64_t plain_max;        /* up to here ticks * multiply is all there is to do */
	unsigned int binary_bits;  /* binary units: n, at most 63; else 0 */
	int64_t offset_s;
	uint64_t dropped;
	uint8_t point;
};

static void set_time_unit(struct pcapng_interface *i, uint8_t unit)
{
	i->multiply = i->divide = 1;
	i->plain_max = 0;
	i->binary_bits = 0;
	if (unit > 0x80) { /* 0x80, 2^0, is whole seconds like 0, 10^0 */
		const unsigned int bits = unit & 0x7f;
		i->binary_bits = bits < 63 ? bits : 63;
		return;
	}
	for (unit &= 0x7f; unit < 9; unit++)
		i->multiply *= 10;
	for (; unit > 9 && i->divide < UINT64_MAX / 10; unit--)
		i->divide *= 10;
	if (i->divide == 1)
		i->plain_max = (uint64_t)TIME_MAX_S * (uint64_t)NS_PER_SEC / i->multiply;
}

/* Ticks to ns, however absurd; what lies beyond the year 2255 is set to then. */
static nstime time_of(const struct pcapng_interface *i, uint64_t ticks)
{
	const uint64_t second = (uint64_t)NS_PER_SEC;
	uint64_t whole, part;
	if (ticks <= i->plain_max && i->offset_s == 0)
		return (nstime)(ticks * i->multiply);
	if (i->binary_bits) {
		whole = ticks >> i->binary_bits;
		part = ticks & ((UINT64_C(1) << i->binary_bits) - 1);
		const unsigned int excess = i->binary_bits > 32 ? i->binary_bits - 32 : 0;
		part = (part >> excess) * second >> (i->binary_bits - excess);
	} else if (i->divide == 1) {
		const uint64_t per_second = second / i->multiply;
		whole = ticks / per_second;
		part = ticks % per_second * i->multiply;
	} else {
		whole = ticks / i->divide / second;
		part = ticks / i->divide % second;
	}
	const uint64_t limit = TIME_MAX_S;
	int64_t at_s = (int64_t)(whole < limit ? whole : limit) + i->offset_s;
	at_s = at_s > TIME_MAX_S ? TIME_MAX_S : at_s < -TIME_MAX_S ? -TIME_MAX_S : at_s;
	return at_s * NS_PER_SEC + (nstime)part;
}

static int64_t clamp_seconds(uint64_t raw)
{
	const int64_t s = (int64_t)raw;
	return s > TIME_MAX_S ? TIME_MAX_S : s < -TIME_MAX_S ? -TIME_MAX_S : s;
}

static uint64_t read_order64(struct reader *r, bool big_endian)
{
	const uint64_t first = read_order32(r, big_endian);
	const uint64_t second = read_order32(r, big_endian);
	return big_endian ? first << 32 | second : second << 32 | first;
}

/* The next option's code and value, padding taken; OPTION_END when there is none. */
static uint16_t next_option(struct reader *r, bool big_endian, struct reader *value)
{
	const uint16_t code = read_order16(r, big_endian);
	const uint16_t len = read_order16(r, big_endian);
	*value = reader_of(take(r, len));
	if (r->ran_out)
		return OPTION_END; /* an option that runs past its block: as if it ended
		                      there */
	take(r, (size_t)(-len & 3));
	return code;
}

static bool fail(struct format_state *state, const char *why)
{
	snprintf(state->fault, sizeof state->fault, "%s", why);
	return false;
}

static bool read_section(struct pcapng_format *format, struct format_state *state,
                         struct reader *body)
{
	take(body, 4); /* the magic that told the byte order */
	const uint16_t major = read_order16(body, format->big_endian);
	if (body->ran_out || major != VERSION_MAJOR)
		return fail(state, "a pcapng section of a version that is not known");
	format->dropped = pcapng_format_dropped(format);
	format->interface_count = 0;
	return true;
}

static struct pcapng_interface *add_interface(struct pcapng_format *format)
{
	if (format->interface_count == format->interface_room) {
		const size_t room = format->interface_room ? 2 * format->interface_room : 4;
		struct pcapng_interface *grown =
		        realloc(format->interfaces, room * sizeof *grown);
		if (!grown)
			return NULL;
		format->interfaces = grown;
		format->interface_room = room;
	}
	return &format->interfaces[format->interface_count++];
}

/* Of the interface of that name; a NUL may end it. */
static uint8_t point_of(const struct format_state *state, struct text name)
{
	const struct text plain = text_head(name, text_find(name, '\0'));
	for (size_t i = 0; i < state->points.count; i++)
		if (text_equal(text_from(state->points.list[i].name), plain))
			return state->points.list[i].point;
	return 0;
}

static bool read_interface(struct pcapng_format *format, struct format_state *state,
                           struct reader *body)
{
	struct pcapng_interface interface = { 0 };
	struct reader value;
	interface.link_type = format_link_type(read_order16(body, format->big_endian));
	take(body, 2);
	interface.snap_length = read_order32(body, format->big_endian);
	if (body->ran_out)
		return fail(state, "an interface description cut short");
	if (format->interface_count == INTERFACES_MAX)
		return fail(state, "more than 65536 interfaces");
	set_time_unit(&interface, 6); /* us unless an option says otherwise */
	for (uint16_t code; (code = next_option(body, format->big_endian, &value));) {
		if (code == OPTION_TIME_UNIT && value.rest.len == 1)
			set_time_unit(&interface, read_u8(&value));
		else if (code == OPTION_TIME_OFFSET && value.rest.len == 8)
			interface.offset_s =
			        clamp_seconds(read_order64(&value, format->big_endian));
		else if (code == OPTION_NAME)
			interface.point = point_of(state, text_of(value.rest));
	}
	interface.number = format_new_interface(state);
	struct pcapng_interface *slot = add_interface(format);
	if (!slot)
		return fail(state, "memory ran out");
	*slot = interface;
	return true;
}

/* The counts are since the capture began: the last block of an interface holds. */
static bool read_statistics(struct pcapng_format *format, struct reader *body)
{
	const bool big_endian = format->big_endian;
	struct reader value;
	uint64_t dropped = 0;
	const uint32_t id = read_order32(body, big_endian);
	take(body, 8);
	if (body->ran_out || id >= format->interface_count)
		return true; /* harmless */
	for (uint16_t code; (code = next_option(body, big_endian, &value));) {
		if (code == OPTION_DROPPED_BY_INTERFACE || code == OPTION_DROPPED_BY_SYSTEM)
			dropped += read_order64(&value, big_endian);
	}
	format->interfaces[id].dropped = dropped;
	return true;
}

/*
 * Enhanced: | interface | stamp high | stamp low | captured | length | data, options
 * Old:      | interface (16) | drops (16) | as above
 * Simple:   | length | data
 */
static bool read_packet(struct pcapng_format *format, struct format_state *state,
                        uint32_t type, struct reader *body, struct frame *frame)
{
	const bool big_endian = format->big_endian, simple = type == BLOCK_SIMPLE_PACKET;
	uint32_t id = 0, captured, length;
	uint64_t ticks = 0;
	if (type == BLOCK_OLD_PACKET) {
		id = read_order16(body, big_endian);
		take(body, 2);
	} else if (!simple) {
		id = read_order32(body, big_endian);
	}
	if (!simple) {
		ticks = (uint64_t)read_order32(body, big_endian) << 32;
		ticks |= read_order32(body, big_endian);
	}
	captured = simple ? 0 : read_order32(body, big_endian);
	length = read_order32(body, big_endian);
	if (body->ran_out)
		return fail(state, "a packet block cut short");
	if (id >= format->interface_count)
		return fail(state, "a packet of an interface that was not described");
	const struct pcapng_interface *interface = &format->interfaces[id];
	if (simple) {
		captured = length < body->rest.len ? length : (uint32_t)body->rest.len;
		if (interface->snap_length && captured > interface->snap_length)
			captured = interface->snap_length;
	}
	if (captured > body->rest.len)
		return fail(state, "a packet longer than its block");
	if (captured > FORMAT_FRAME_MAX)
		return fail(state, "a packet longer than any frame");
	if (!simple)
		format->last_at = time_of(interface, ticks);
	frame->at = format->last_at;
	frame->bytes = take(body, captured);
	frame->length = length > captured ? length : captured;
	frame->link_type = interface->link_type;
	frame->interface = interface->number;
	frame->point = interface->point;
	frame->stays = state->frames_stay;
	frame->number = ++state->frames;
	return true;
}

struct block {
	uint32_t type, length;
	struct reader body;
};

static bool is_kept(uint32_t type)
{
	return type == BLOCK_SECTION || type == BLOCK_INTERFACE ||
	       type == BLOCK_OLD_PACKET || type == BLOCK_SIMPLE_PACKET ||
	       type == BLOCK_STATISTICS || type == BLOCK_PACKET;
}

static bool section_order(struct span magic, bool *big_endian)
{
	struct reader r = reader_of(magic);
	const uint32_t value = read_u32(&r);
	*big_endian = value == MAGIC_NATIVE;
	return !r.ran_out && (*big_endian || value == __builtin_bswap32(MAGIC_NATIVE));
}

enum next_block { NEXT_WHOLE, NEXT_SKIPPED, NEXT_PARTIAL, NEXT_BROKEN };

/* The block at the front of the window, | type | length | body | length again |. */
static enum next_block next_block(struct pcapng_format *format, struct span *window,
                                  struct format_state *state, struct block *block)
{
	struct reader r = reader_of(*window);
	const struct span raw_type = take(&r, 4);
	const struct span raw_length = take(&r, 4);
	if (window->len < BLOCK_FRAME_BYTES)
		return NEXT_PARTIAL;
	struct reader type = reader_of(raw_type), length = reader_of(raw_length);
	block->type = read_order32(&type, format->big_endian);
	struct reader ahead = r;
	if (block->type == BLOCK_SECTION &&
	    !section_order(take(&ahead, 4), &format->big_endian)) {
		fail(state, "a pcapng section without its byte-order mark");
		return NEXT_BROKEN;
	}
	block->length = read_order32(&length, format->big_endian);
	if (block->length < BLOCK_FRAME_BYTES || block->length % 4 != 0) {
		snprintf(state->fault, sizeof state->fault, "a block of %u bytes",
		         block->length);
		return NEXT_BROKEN;
	}
	if (!is_kept(block->type)) {
		const size_t here =
		        block->length < window->len ? block->length : window->len;
		state->skip = block->length - here;
		take(&r, here - BLOCK_HEAD_BYTES);
		*window = r.rest;
		return NEXT_SKIPPED;
	}
	if (block->length > FORMAT_WINDOW_MAX) {
		snprintf(state->fault, sizeof state->fault,
		         "a block of %u bytes is longer than any packet's", block->length);
		return NEXT_BROKEN;
	}
	if (block->length > window->len)
		return NEXT_PARTIAL;
	block->body = reader_of(take(&r, block->length - BLOCK_FRAME_BYTES));
	if (read_order32(&r, format->big_endian) != block->length) {
		fail(state, "a block whose two lengths differ");
		return NEXT_BROKEN;
	}
	*window = r.rest;
	return NEXT_WHOLE;
}

enum status pcapng_format_open(struct span window, struct pcapng_format *out)
{
	struct reader r = reader_of(window);
	struct pcapng_format format = { 0 };
	if (read_u32(&r) != BLOCK_SECTION)
		return ERR_MALFORMED;
	if (window.len < SECTION_BYTES)
		return ERR_TRUNCATED;
	take(&r, 4);
	if (!section_order(take(&r, 4), &format.big_endian))
		return ERR_MALFORMED;
	if (read_order16(&r, format.big_endian) != VERSION_MAJOR)
		return ERR_UNSUPPORTED;
	*out = format;
	return OK;
}

size_t pcapng_format_frames(struct pcapng_format *format, struct span *window,
                            struct format_state *state, struct frame *frames, size_t max)
{
	size_t n = 0;
	struct block block;
	bool sound = true;
	while (sound && n < max && state->skip == 0) {
		const enum next_block next = next_block(format, window, state, &block);
		if (next == NEXT_PARTIAL || next == NEXT_BROKEN)
			break;
		if (next == NEXT_SKIPPED)
			continue;
		if (block.type == BLOCK_SECTION)
			sound = read_section(format, state, &block.body);
		else if (block.type == BLOCK_INTERFACE)
			sound = read_interface(format, state, &block.body);
		else if (block.type == BLOCK_STATISTICS)
			sound = read_statistics(format, &block.body);
		else if ((sound = read_packet(format, state, block.type, &block.body,
		                              &frames[n])))
			n++;
	}
	return n;
}

uint64_t pcapng_format_dropped(const struct pcapng_format *format)
{
	uint64_t dropped = format->dropped;
	for (size_t i = 0; i < format->interface_count; i++)
		dropped += format->interfaces[i].dropped;
	return dropped;
}

void pcapng_format_close(struct pcapng_format *format)
{
	free(format->interfaces);
	*format = (struct pcapng_format){ 0 };
}
