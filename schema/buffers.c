#include "schema/buffers.h"

#include <endian.h>
#include <string.h>

enum { VERSION = 1 };

static uint8_t *put_double(uint8_t *to, double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	bits = htole64(bits);
	memcpy(to, &bits, sizeof bits);
	return to + sizeof bits;
}

static double read_double(struct reader *r)
{
	uint64_t bits = 0;
	double value;
	for (unsigned int i = 0; i < 8; i++)
		bits |= (uint64_t)read_u8(r) << (8 * i);
	memcpy(&value, &bits, sizeof value);
	return value;
}

size_t buffers_pack(const struct buffer_list *list, uint8_t to[BUFFERS_BLOB_MAX])
{
	uint8_t *at = to;
	*at++ = VERSION;
	for (size_t i = 0; i < list->count; i++) {
		const struct buffer_record *buffer = &list->buffers[i];
		memcpy(at, buffer->name, sizeof buffer->name);
		at += sizeof buffer->name;
		for (size_t f = 0; f < BUFFER_FIELDS; f++)
			at = put_double(at, buffer_value(buffer, f));
	}
	return (size_t)(at - to);
}

void buffers_unpack(struct span blob, struct buffer_list *out)
{
	struct reader r = reader_of(blob);
	*out = (struct buffer_list){ 0 };
	if (read_u8(&r) != VERSION)
		return;
	while (r.rest.len > 0 && out->count < RECORD_MAX_BUFFERS) {
		struct buffer_record buffer = { 0 };
		for (size_t i = 0; i < sizeof buffer.name; i++)
			buffer.name[i] = (char)read_u8(&r);
		for (size_t f = 0; f < BUFFER_FIELDS; f++) {
			void *at = (char *)&buffer + record_buffer_field(f)->offset;
			*(double *)at = read_double(&r);
		}
		if (r.ran_out)
			return;
		out->buffers[out->count++] = buffer;
	}
}
