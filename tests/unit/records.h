/*
 * records.h - records with every field set, for the tests of those who walk the field
 * tables.
 */
#ifndef EARSHOT_TESTS_RECORDS_H
#define EARSHOT_TESTS_RECORDS_H

#include <stdio.h>
#include <string.h>

#include "schema/field_text.h"
#include "tests/unit/field_size.h"

/* 2024-02-29T12:34:56.789012Z: whole microseconds, as the database keeps them. */
#define RECORDS_TIME INT64_C(1709210096789012000)

static inline void records_fill_buffers(struct buffer_list *list)
{
	static const char names[RECORD_MAX_BUFFERS][8] = { "f50", "f200", "adaptive" };
	for (size_t b = 0; b < RECORD_MAX_BUFFERS; b++) {
		struct buffer_record *buffer = &list->buffers[list->count++];
		memcpy(buffer->name, names[b], sizeof buffer->name);
		for (size_t f = 0; f < BUFFER_FIELDS; f++)
			memcpy((char *)buffer + record_buffer_field(f)->offset,
			       &(double){ 1.0 / (double)(7 + b * BUFFER_FIELDS + f) },
			       sizeof(double));
	}
}

static inline void records_fill_field(const struct field *field, const char *text, size_t i,
                                      struct record *to)
{
	static const uint8_t ipv4[4] = { 198, 18, 0, 1 };
	static const uint8_t ipv6[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	void *at = (char *)to + field->offset;
	struct endpoint endpoint = { i % 2 ? address_ipv6(ipv6) : address_ipv4(ipv4),
		                     (uint16_t)(5060 + i) };
	struct id_list *ids = at;
	struct codec_list *codecs = at;
	struct payload_type_counts *types = at;
	switch (field->type) {
	case FIELD_ID:
		/* Every record is of the call, and of the leg, whose id is its first field.
		 */
		if (strcmp(field->name, "call") == 0 || strcmp(field->name, "leg") == 0)
			i = 0;
		*(uint64_t *)at = UINT64_C(0xfedcba9876543210) + i;
		break;
	case FIELD_COUNT:
	case FIELD_NUMBER:
		*(uint64_t *)at = 100 + i;
		break;
	case FIELD_TEXT:
		memcpy(at, text, strlen(text) + 1);
		break;
	case FIELD_TIME:
		*(nstime *)at = RECORDS_TIME + (nstime)i * NS_PER_US;
		break;
	case FIELD_ADDRESS:
		endpoint.port = 0; /* fall through */
	case FIELD_ENDPOINT:
		memcpy(at, &endpoint, sizeof endpoint);
		break;
	case FIELD_REAL:
		*(double *)at = (double)(i + 1) / 7;
		break;
	case FIELD_NAME:
		*(unsigned int *)at = (unsigned int)field->name_count - 1;
		break;
	case FIELD_FLAG:
		*(bool *)at = true;
		break;
	case FIELD_FLAGS:
		*(uint32_t *)at = (UINT32_C(1) << field->name_count) - 1;
		break;
	case FIELD_SSRC:
		*(uint32_t *)at = 0x0badcafe;
		break;
	case FIELD_SSRC_IF:
		*(int64_t *)at = 0xfeedbabe;
		break;
	case FIELD_CODEC:
		*(enum codec *)at = CODEC_G722;
		break;
	case FIELD_IDS:
		for (ids->count = 0; ids->count < RECORD_MAX_LEGS; ids->count++)
			ids->ids[ids->count] = UINT64_MAX - ids->count;
		break;
	case FIELD_CODECS:
		*codecs = (struct codec_list){ 2, { CODEC_PCMA, CODEC_TELEPHONE_EVENT } };
		break;
	case FIELD_HISTOGRAM:
		for (size_t bin = 0; bin < RECORD_PDV_BINS; bin++)
			((struct histogram *)at)->counts[bin] =
			        (uint32_t)(bin * bin * 90001);
		break;
	case FIELD_BUFFERS:
		records_fill_buffers(at);
		break;
	case FIELD_PAYLOAD_TYPES:
		*types = (struct payload_type_counts){ 2, { 8, 101 }, { 4711, 12 } };
		break;
	}
}

/* `text` goes into every FIELD_TEXT; at most 15 bytes, the shortest of them. */
static inline void records_fill(struct record *to, enum record_kind kind, const char *text)
{
	const struct field_table table = record_fields(kind);
	record_clear(to, kind);
	for (size_t i = 0; i < table.count; i++)
		records_fill_field(&table.fields[i], text, i, to);
}

/* Compares all fields; the name of one that differs, or NULL. */
static inline const char *records_differ(const struct record *a, const struct record *b)
{
	const struct field_table table = record_fields(a->kind);
	for (size_t i = 0; i < table.count; i++) {
		const struct field *field = &table.fields[i];
		const void *left = field_at(a, field);
		const void *right = field_at(b, field);
		const bool equal =
		        field->type == FIELD_TEXT ? strcmp(left, right) == 0
		        : field->type == FIELD_ENDPOINT || field->type == FIELD_ADDRESS
		                ? endpoint_equal(left, right)
		                : memcmp(left, right, field_size(field)) == 0;
		if (!equal)
			return field->name;
	}
	return NULL;
}

#endif
