/* field_size.h - how many bytes a field of a record takes. */
#ifndef EARSHOT_TESTS_FIELD_SIZE_H
#define EARSHOT_TESTS_FIELD_SIZE_H

#include "analyzer/model/record.h"

static inline size_t field_size(const struct field *field)
{
	static const size_t sizes[] = {
		[FIELD_ID] = sizeof(uint64_t),
		[FIELD_TEXT] = 0,
		[FIELD_TIME] = sizeof(nstime),
		[FIELD_ENDPOINT] = sizeof(struct endpoint),
		[FIELD_ADDRESS] = sizeof(struct endpoint),
		[FIELD_COUNT] = sizeof(uint64_t),
		[FIELD_NUMBER] = sizeof(uint64_t),
		[FIELD_REAL] = sizeof(double),
		[FIELD_NAME] = sizeof(unsigned int),
		[FIELD_FLAG] = sizeof(bool),
		[FIELD_FLAGS] = sizeof(uint32_t),
		[FIELD_SSRC] = sizeof(uint32_t),
		[FIELD_SSRC_IF] = sizeof(int64_t),
		[FIELD_IDS] = sizeof(struct id_list),
		[FIELD_CODEC] = sizeof(enum codec),
		[FIELD_CODECS] = sizeof(struct codec_list),
		[FIELD_PAYLOAD_TYPES] = sizeof(struct payload_type_counts),
		[FIELD_BUFFERS] = sizeof(struct buffer_list),
		[FIELD_HISTOGRAM] = sizeof(struct histogram),
	};
	return field->type == FIELD_TEXT ? field->size : sizes[field->type];
}

#endif
