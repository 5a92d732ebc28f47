/*
 * buffers.h - the figures of a stream's de-jitter buffers as one blob (stream.buffers).
 *
 * Layout, version 1: an octet 1; then for each buffer its name, 8 octets padded with NUL,
 * and its figures in the order of the fields of struct buffer_record (discarded to
 * depth_ms), each an IEEE 754 double, least significant octet first, NaN for not known.
 */
#ifndef EARSHOT_SCHEMA_BUFFERS_H
#define EARSHOT_SCHEMA_BUFFERS_H

#include "analyzer/model/record.h"

enum { BUFFERS_BLOB_MAX = 1 + RECORD_MAX_BUFFERS * (8 + 8 * BUFFER_FIELDS) };

size_t buffers_pack(const struct buffer_list *list, uint8_t to[BUFFERS_BLOB_MAX]);

/* What is no such blob gives an empty list. */
void buffers_unpack(struct span blob, struct buffer_list *out);

#endif
