#include "probe/record_wire.h"

#include <assert.h>

#include "probe/wire_put.h"
#include "schema/field_text.h"

enum { BUFFER_NAME = sizeof((struct buffer_record){ 0 }.name) };

/* --- out ------------------------------------------------------------------------------ */

static uint8_t *put_real(uint8_t *to, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return put_u64(to, bits);
}

static uint8_t *put_text(uint8_t *to, const char *string)
{
	const size_t len = strlen(string);
	to = put_u16(to, (uint16_t)len);
	return put_bytes(to, string, len);
}

static uint8_t *put_endpoint(uint8_t *to, const struct endpoint *endpoint)
{
	to = put_bytes(to, endpoint->address.bytes, sizeof endpoint->address.bytes);
	return put_u16(to, endpoint->port);
}

static uint8_t *put_ids(uint8_t *to, const struct id_list *ids)
{
	*to++ = ids->count;
	for (size_t i = 0; i < ids->count; i++)
		to = put_u64(to, ids->ids[i]);
	return to;
}

static uint8_t *put_codecs(uint8_t *to, const struct codec_list *codecs)
{
	*to++ = codecs->count;
	for (size_t i = 0; i < codecs->count; i++)
		to = put_u16(to, (uint16_t)codecs->codecs[i]);
	return to;
}

static uint8_t *put_payload_types(uint8_t *to, const struct payload_type_counts *counts)
{
	*to++ = counts->count;
	for (size_t i = 0; i < counts->count; i++) {
		*to++ = counts->types[i];
		to = put_u64(to, counts->packets[i]);
	}
	return to;
}

static uint8_t *put_buffers(uint8_t *to, const struct buffer_list *list)
{
	*to++ = list->count;
	for (size_t i = 0; i < list->count; i++) {
		to = put_bytes(to, list->buffers[i].name, BUFFER_NAME);
		for (size_t f = 0; f < BUFFER_FIELDS; f++)
			to = put_real(to, buffer_value(&list->buffers[i], f));
	}
	return to;
}

static uint8_t *put_histogram(uint8_t *to, const struct histogram *histogram)
{
	for (size_t i = 0; i < RECORD_PDV_BINS; i++)
		to = put_u32(to, histogram->counts[i]);
	return to;
}

static uint8_t *put_field(uint8_t *to, const struct field *field,
                          const struct record *record)
{
	const void *value = field_at(record, field);
	switch (field->type) {
	case FIELD_ID:
	case FIELD_COUNT:
	case FIELD_NUMBER:
		return put_u64(to, *(const uint64_t *)value);
	case FIELD_TIME:
		return put_u64(to, (uint64_t) * (const nstime *)value);
	case FIELD_SSRC_IF:
		return put_u64(to, (uint64_t) * (const int64_t *)value);
	case FIELD_REAL:
		return put_real(to, *(const double *)value);
	case FIELD_TEXT:
		return put_text(to, value);
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		return put_endpoint(to, value);
	case FIELD_NAME:
	case FIELD_CODEC:
		return put_u16(to, (uint16_t) * (const unsigned int *)value);
	case FIELD_FLAG:
		*to = *(const bool *)value;
		return to + 1;
	case FIELD_FLAGS:
	case FIELD_SSRC:
		return put_u32(to, *(const uint32_t *)value);
	case FIELD_IDS:
		return put_ids(to, value);
	case FIELD_CODECS:
		return put_codecs(to, value);
	case FIELD_PAYLOAD_TYPES:
		return put_payload_types(to, value);
	case FIELD_BUFFERS:
		return put_buffers(to, value);
	case FIELD_HISTOGRAM:
		return put_histogram(to, value);
	}
	return to;
}

size_t record_wire_encode(const struct record *record, uint8_t *to)
{
	const struct field_table table = record_fields(record->kind);
	uint8_t *end = to;
	for (size_t i = 0; i < table.count; i++)
		end = put_field(end, &table.fields[i], record);
	assert(end - to <= RECORD_WIRE_MAX);
	return (size_t)(end - to);
}

/* --- in ------------------------------------------------------------------------------- */

static double read_real(struct reader *r)
{
	const uint64_t bits = read_u64(r);
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

/* What the database's integers hold. */
static bool read_count(struct reader *r, uint64_t *out)
{
	*out = read_u64(r);
	return *out <= INT64_MAX;
}

static bool read_enum(struct reader *r, size_t count, unsigned int *out)
{
	*out = read_u16(r);
	return *out < count;
}

static bool read_text(struct reader *r, size_t room, char *out)
{
	const uint16_t len = read_u16(r);
	const struct span bytes = take(r, len);
	if (len >= room)
		return false;
	if (bytes.len)
		memcpy(out, bytes.at, bytes.len);
	return strlen(out) == bytes.len; /* *out was all zero */
}

static void read_endpoint(struct reader *r, struct endpoint *out)
{
	const struct span address = take(r, sizeof out->address.bytes);
	if (address.len)
		memcpy(out->address.bytes, address.at, address.len);
	out->port = read_u16(r);
}

static bool read_ids(struct reader *r, struct id_list *out)
{
	out->count = read_u8(r);
	if (out->count > RECORD_MAX_LEGS)
		return false;
	for (size_t i = 0; i < out->count; i++)
		out->ids[i] = read_u64(r);
	return true;
}

static bool read_codecs(struct reader *r, struct codec_list *out)
{
	out->count = read_u8(r);
	if (out->count > RECORD_MAX_CODECS)
		return false;
	for (size_t i = 0; i < out->count; i++) {
		unsigned int codec;
		if (!read_enum(r, CODEC_COUNT, &codec))
			return false;
		out->codecs[i] = (enum codec)codec;
	}
	return true;
}

static bool read_payload_types(struct reader *r, struct payload_type_counts *out)
{
	out->count = read_u8(r);
	if (out->count > RECORD_MAX_TYPES)
		return false;
	for (size_t i = 0; i < out->count; i++) {
		out->types[i] = read_u8(r);
		if (!read_count(r, &out->packets[i]))
			return false;
	}
	return true;
}

/* Small letters and digits, then NULs alone: it is shown as it is. */
static bool read_buffer_name(struct reader *r, char *out)
{
	const struct span name = take(r, BUFFER_NAME);
	bool ended = false;
	for (size_t i = 0; i < name.len; i++) {
		const char c = (char)name.at[i];
		const bool plain = (c >= 'a' && c <= 'z') || ascii_is_digit(c);
		if (c ? ended || !plain : false)
			return false;
		ended = ended || !c;
		out[i] = c;
	}
	return true;
}

static bool read_buffers(struct reader *r, struct buffer_list *out)
{
	out->count = read_u8(r);
	if (out->count > RECORD_MAX_BUFFERS)
		return false;
	for (size_t i = 0; i < out->count; i++) {
		if (!read_buffer_name(r, out->buffers[i].name))
			return false;
		for (size_t f = 0; f < BUFFER_FIELDS; f++) {
			const double value = read_real(r);
			memcpy((char *)&out->buffers[i] + record_buffer_field(f)->offset,
			       &value, sizeof value);
		}
	}
	return true;
}

static bool read_histogram(struct reader *r, struct histogram *out)
{
	for (size_t i = 0; i < RECORD_PDV_BINS; i++)
		out->counts[i] = read_u32(r);
	return true;
}

static bool read_flag(struct reader *r, bool *out)
{
	const uint8_t octet = read_u8(r);
	*out = octet == 1;
	return octet <= 1;
}

/* One bit for each name and no other. */
static bool read_flags(struct reader *r, size_t names, uint32_t *out)
{
	*out = read_u32(r);
	return names >= 32 || *out >> names == 0;
}

static bool read_ssrc_if(struct reader *r, int64_t *out)
{
	*out = (int64_t)read_u64(r);
	return *out >= -1 && *out <= UINT32_MAX;
}

static bool read_field(struct reader *r, const struct field *field, void *value)
{
	switch (field->type) {
	case FIELD_ID:
		*(uint64_t *)value = read_u64(r);
		return true;
	case FIELD_COUNT:
	case FIELD_NUMBER:
		return read_count(r, value);
	case FIELD_TIME:
		*(nstime *)value = (nstime)read_u64(r);
		return true;
	case FIELD_SSRC_IF:
		return read_ssrc_if(r, value);
	case FIELD_REAL:
		*(double *)value = read_real(r);
		return true;
	case FIELD_TEXT:
		return read_text(r, field->size, value);
	case FIELD_ENDPOINT:
	case FIELD_ADDRESS:
		read_endpoint(r, value);
		return true;
	case FIELD_NAME:
		return read_enum(r, field->name_count, value);
	case FIELD_CODEC:
		return read_enum(r, CODEC_COUNT, value);
	case FIELD_FLAG:
		return read_flag(r, value);
	case FIELD_FLAGS:
		return read_flags(r, field->name_count, value);
	case FIELD_SSRC:
		*(uint32_t *)value = read_u32(r);
		return true;
	case FIELD_IDS:
		return read_ids(r, value);
	case FIELD_CODECS:
		return read_codecs(r, value);
	case FIELD_PAYLOAD_TYPES:
		return read_payload_types(r, value);
	case FIELD_BUFFERS:
		return read_buffers(r, value);
	case FIELD_HISTOGRAM:
		return read_histogram(r, value);
	}
	return false;
}

enum status record_wire_decode(enum record_kind kind, struct span bytes, struct record *out)
{
	if ((unsigned int)kind >= RECORD_KIND_COUNT)
		return ERR_MALFORMED;
	struct reader r = reader_of(bytes);
	const struct field_table table = record_fields(kind);
	record_clear(out, kind);
	for (size_t i = 0; i < table.count; i++) {
		void *value = (char *)out + table.fields[i].offset;
		if (!read_field(&r, &table.fields[i], value))
			return ERR_MALFORMED;
		if (r.ran_out)
			return ERR_TRUNCATED;
	}
	return r.rest.len ? ERR_MALFORMED : OK;
}
