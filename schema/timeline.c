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

/* Applies the changes; a damaged blob may say anything, but not overflow. */
static bool apply_changes(struct timeline_reader *reader, uint64_t changed)
{
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
	uint64_t changed;
	while (scan.rest.rest.len > 0 && read_varint(&scan.rest, &changed)) {
		if (changed == UINT64_C(1) << TIMELINE_VALUES) {
			reader->suspects = scan.rest;
			reader->suspect_slot = reader->slot;
			next_suspect(reader);
			return;
		}
		if (changed >> TIMELINE_VALUES || !apply_changes(&scan, changed))
			return;
	}
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
	find_suspects(&reader);
	*out = reader;
	return OK;
}

enum status timeline_next(struct timeline_reader *reader, struct interval *out)
{
	uint64_t changed;
	if (reader->rest.rest.len == 0)
		return ERR_NOT_FOUND;
	if (!read_varint(&reader->rest, &changed))
		return ERR_MALFORMED;
	if (changed == UINT64_C(1) << TIMELINE_VALUES) {
		reader->rest = (struct reader){ .ran_out = false };
		return ERR_NOT_FOUND;
	}
	int64_t slot;
	int64_t at;
	if (changed >> TIMELINE_VALUES || !apply_changes(reader, changed) ||
	    reader->values[TIMELINE_SLOT] < 0 ||
	    __builtin_add_overflow(reader->slot, (int64_t)reader->values[TIMELINE_SLOT] + 1,
	                           &slot) ||
	    __builtin_mul_overflow(slot, reader->length, &at))
		return ERR_MALFORMED;
	reader->slot = slot;
	*out = (struct interval){ .at = at };
	timeline_restore(reader->values, out);
	while (reader->suspect_lost > 0 && reader->suspect_slot < slot)
		next_suspect(reader);
	if (reader->suspect_lost > 0 && reader->suspect_slot == slot)
		out->suspect_lost = reader->suspect_lost;
	return OK;
}
