#include "schema/timeline.h"

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
	*out = reader;
	return OK;
}

/* Applies the changes; a damaged blob may say anything, but not overflow. */
static bool read_changes(struct timeline_reader *reader)
{
	uint64_t changed;
	if (!read_varint(&reader->rest, &changed) || changed >> TIMELINE_VALUES)
		return false;
	for (; changed; changed &= changed - 1) {
		const int i = __builtin_ctzll(changed);
		int64_t by;
		int64_t sum;
		if (!read_signed(&reader->rest, &by) ||
		    __builtin_add_overflow(reader->values[i], by, &sum) ||
		    sum != (int32_t)sum)
			return false;
		reader->values[i] = (int32_t)sum;
	}
	return true;
}

enum status timeline_next(struct timeline_reader *reader, struct interval *out)
{
	if (reader->rest.rest.len == 0)
		return ERR_NOT_FOUND;
	if (!read_changes(reader))
		return ERR_MALFORMED;
	int64_t slot;
	int64_t at;
	if (reader->values[TIMELINE_SLOT] < 0 ||
	    __builtin_add_overflow(reader->slot, (int64_t)reader->values[TIMELINE_SLOT] + 1,
	                           &slot) ||
	    __builtin_mul_overflow(slot, reader->length, &at))
		return ERR_MALFORMED;
	reader->slot = slot;
	*out = (struct interval){ .at = at };
	timeline_restore(reader->values, out);
	return OK;
}
