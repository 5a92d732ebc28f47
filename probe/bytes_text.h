/*
 * bytes_text.h - sizes as people write them: "512MiB", "2G", "65536".  All units are powers
 * of 1024.
 */
#ifndef EARSHOT_PROBE_BYTES_TEXT_H
#define EARSHOT_PROBE_BYTES_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/base/text.h"
#include "web/buffer.h"

/* K, M, G or T, with or without "iB" or "B" behind it, in any case; none: bytes. */
bool bytes_read(struct text text, uint64_t *out);
/* In the largest unit of which it is a whole number. */
void bytes_show(uint64_t bytes, struct buffer *out);

#endif
