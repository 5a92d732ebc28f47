#include "schema/timeline.h"

#include <string.h>

enum { VARINT_MOST = 10 };

static bool read_varint(struct reader *r, uint64_t *out)
{
	uint64_t value = 0;
	for (unsigned int i = 0; i < VARINT_MOST; i++) {
		const uint8_t octet = read_u8(r);
		value |= (uint64_t)(octet & 0x7f) << (7 * i);
		if (!(octet & 0x80)) {
			*out = value;
			return !r->ran_out;
		}
	}
	return false;
}

static bool read_signed(struct reader *r, int64_t *out)
{
	uint64_t value;
	if (!read_varint(r, &value))
		return false;
	*out = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
	return true;
}

struct bits {
	struct reader *from;
	uint8_t octet;
	unsigned int left; /* bits of it */
};

static unsigned int read_bit(struct bits *bits)
{
	if (bits->left == 0) {
		bits->octet = read_u8(bits->from);
		bits->left = 8;
	}
	bits->left--;
	return bits->octet >> bits->left & 1;
}

/* False when it is cut short, or holds more than 32 bits. */
static bool read_code(struct bits *bits, unsigned int order, uint32_t *out)
{
	unsigned int more = 0;
	while (read_bit(bits) == 0)
		if (++more + order > 32 || bits->from->ran_out)
			return false;
	uint64_t value = 1;
	for (unsigned int i = 0; i < more + order; i++)
		value = value << 1 | read_bit(bits);
	value -= UINT64_C(1) << (order & 31); /* it is below 32 anyway */
	*out = (uint32_t)value;
	return !bits->from->ran_out && value <= UINT32_MAX;
}

static bool read_group(struct timeline_past *past, struct bits *bits, unsigned int group,
                       bool coded, int32_t *values)
{
	for (unsigned int i = timeline_groups[group]; i < timeline_groups[group + 1]; i++) {
		uint32_t zigzag = 0;
		if (coded) {
			if (!read_code(bits, timeline_order(past, i), &zigzag))
				return false;
			timeline_learn(past, i, zigzag);
		}
		const uint32_t error = zigzag >> 1 ^ (zigzag & 1 ? UINT32_MAX : 0);
		const uint32_t predicted = (uint32_t)timeline_predicted(past, values, i);
		values[i] = (int32_t)(predicted + error);
	}
	return true;
}

static bool at_suspects(const struct timeline_reader *reader)
{
	return reader->rest.rest.len > 0 && reader->rest.rest.at[0] == TIMELINE_SUSPECTS;
}

/* The values of the next interval, into reader->past. */
static bool read_values(struct timeline_reader *reader)
{
	struct timeline_past *past = &reader->past;
	struct bits bits = { .from = &reader->rest };
	int32_t values[TIMELINE_VALUES] = { 0 };
	bool coded[TIMELINE_GROUPS];
	if (read_bit(&bits) != 0)
		return false;
	for (unsigned int g = 0; g < TIMELINE_GROUPS; g++)
		coded[g] = read_bit(&bits) != 0;
	for (unsigned int g = 0; g < TIMELINE_GROUPS; g++)
		if (!read_group(past, &bits, g, coded[g], values))
			return false;
	memcpy(past->values, values, sizeof past->values);
	return !reader->rest.ran_out;
}

/* The next of the suspects, if there is one more that makes sense. */
static void next_suspect(struct timeline_reader *reader)
{
	int64_t by;
	uint64_t lost;
	reader->suspect_lost = 0;
	if (reader->suspects.rest.len > 0 && read_signed(&reader->suspects, &by) &&
	    read_varint(&reader->suspects, &lost) && lost <= UINT32_MAX &&
	    !__builtin_add_overflow(reader->suspect_slot, by, &reader->suspect_slot))
		reader->suspect_lost = (uint32_t)lost;
}

/* They stand behind all intervals. */
static void find_suspects(struct timeline_reader *reader)
{
	struct timeline_reader scan = *reader;
	while (scan.rest.rest.len > 0 && !at_suspects(&scan))
		if (!read_values(&scan))
			return;
	if (!at_suspects(&scan))
		return;
	reader->suspects = scan.rest;
	(void)read_u8(&reader->suspects);
	reader->suspect_slot = reader->slot;
	next_suspect(reader);
}

enum status timeline_open(struct span blob, struct timeline_reader *out)
{
	struct timeline_reader reader = { .rest = reader_of(blob) };
	uint64_t length_ms;
	const uint8_t version = read_u8(&reader.rest);
	if (reader.rest.ran_out)
		return ERR_MALFORMED;
	if (version != TIMELINE_VERSION)
		return ERR_UNSUPPORTED;
	if (!read_varint(&reader.rest, &length_ms) || length_ms == 0 ||
	    length_ms > (uint64_t)(INT64_MAX / NS_PER_MS) ||
	    !read_signed(&reader.rest, &reader.slot))
		return ERR_MALFORMED;
	reader.length = (nstime)length_ms * NS_PER_MS;
	timeline_begin(&reader.past);
	find_suspects(&reader);
	*out = reader;
	return OK;
}

enum status timeline_next(struct timeline_reader *reader, struct interval *out)
{
	if (reader->rest.rest.len == 0)
		return ERR_NOT_FOUND;
	if (at_suspects(reader)) {
		reader->rest = (struct reader){ .ran_out = false };
		return ERR_NOT_FOUND;
	}
	const int32_t *values = reader->past.values;
	int64_t slot;
	int64_t at;
	if (!read_values(reader) || values[TIMELINE_SLOT] < 0 ||
	    __builtin_add_overflow(reader->slot, (int64_t)values[TIMELINE_SLOT] + 1,
	                           &slot) ||
	    __builtin_mul_overflow(slot, reader->length, &at))
		return ERR_MALFORMED;
	reader->slot = slot;
	*out = (struct interval){ .at = at };
	timeline_restore(values, out);
	while (reader->suspect_lost > 0 && reader->suspect_slot < slot)
		next_suspect(reader);
	if (reader->suspect_lost > 0 && reader->suspect_slot == slot)
		out->suspect_lost = reader->suspect_lost;
	return OK;
}
