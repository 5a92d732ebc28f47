#include "probe/kept_bytes.h"

#include <stdlib.h>
#include <string.h>

enum status kept_bytes_init(struct kept_bytes *kept, size_t room)
{
	*kept = (struct kept_bytes){ malloc(room), 0, room };
	return kept->at ? OK : ERR_NOMEM;
}

void kept_bytes_free(struct kept_bytes *kept)
{
	free(kept->at);
	kept->at = NULL;
}

static void grow(struct kept_bytes *kept, size_t room)
{
	uint8_t *more = realloc(kept->at, room);
	if (!more)
		return;
	kept->at = more;
	kept->room = room;
}

struct span kept_bytes_add(struct kept_bytes *kept, struct span bytes)
{
	if (!kept_bytes_fit(kept, bytes.len)) {
		if (kept->len == 0)
			grow(kept, bytes.len);
		const size_t room = kept->room - kept->len;
		bytes.len = bytes.len < room ? bytes.len : room;
	}
	uint8_t *copy = kept->at + kept->len;
	if (bytes.len > 0)
		memcpy(copy, bytes.at, bytes.len);
	kept->len += bytes.len;
	return (struct span){ copy, bytes.len };
}
