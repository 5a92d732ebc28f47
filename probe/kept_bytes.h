/*
 * kept_bytes.h - copies of bytes that shall outlive what they were borrowed from, many at a
 * time, and gone all at once.
 */
#ifndef EARSHOT_PROBE_KEPT_BYTES_H
#define EARSHOT_PROBE_KEPT_BYTES_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

struct kept_bytes {
	uint8_t *at; /* owned; NULL: nothing can be kept */
	size_t len, room;
};

MUST_CHECK enum status kept_bytes_init(struct kept_bytes *kept,
                                       size_t room); /* ERR_NOMEM */
void kept_bytes_free(struct kept_bytes *kept);       /* what it owns; zeroed is fine */

static inline bool kept_bytes_fit(const struct kept_bytes *kept, size_t len)
{
	return len <= kept->room - kept->len;
}

/*
 * Copies bytes.  While nothing else is kept, room is made for what does not fit; if there
 * is no memory, less is kept.
 */
struct span kept_bytes_add(struct kept_bytes *kept, struct span bytes);

#endif
