#include "analyzer/track/context.h"

/* Fixed for ever: ids must be the same on every machine. */
static const struct hash_key id_key = { UINT64_C(0x0123456789abcdef),
	                                UINT64_C(0xfedcba9876543210) };

void context_count_failure(struct context *context, enum status status, enum counter full)
{
	if (status == ERR_NOMEM)
		count(context, COUNT_NO_MEMORY);
	if (status != OK)
		count(context, full);
}

static void mix(struct id_builder *id, const void *bytes, size_t len)
{
	const struct hash_key key = { id_key.k0 ^ id->state, id_key.k1 };
	id->state = hash_bytes(&key, bytes, len);
}

void context_init_ids(struct context *context)
{
	for (size_t kind = 0; kind < RECORD_KIND_COUNT; kind++) {
		struct id_builder id = { 0 };
		id_add_text(&id, text_from(context->settings.sensor));
		id_add_text(&id, text_from(record_kind_names[kind]));
		context->id_starts[kind] = id;
	}
}

void id_add_text(struct id_builder *id, struct text part)
{
	mix(id, part.at, part.len);
}

void id_add_endpoint(struct id_builder *id, const struct endpoint *endpoint)
{
	uint8_t bytes[18];
	for (size_t i = 0; i < 16; i++)
		bytes[i] = endpoint->address.bytes[i];
	bytes[16] = (uint8_t)(endpoint->port >> 8);
	bytes[17] = (uint8_t)endpoint->port;
	mix(id, bytes, sizeof bytes);
}

void id_add_number(struct id_builder *id, uint64_t number)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(number >> (8 * i));
	mix(id, bytes, sizeof bytes);
}

uint64_t id_end(const struct id_builder *id)
{
	return id->state ? id->state : 1;
}

void context_copy(struct context *context, char *to, size_t size, struct text from)
{
	if (!text_copy(to, size, from))
		count(context, COUNT_TEXT_CUT);
}
