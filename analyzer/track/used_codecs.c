#include "analyzer/track/used_codecs.h"

static bool is_before(nstime first_a, enum codec a, nstime first_b, enum codec b)
{
	return first_a != first_b ? first_a < first_b : a < b;
}

void used_codecs_add(struct used_codecs *used, enum codec codec, nstime first)
{
	uint8_t at = 0;
	while (at < used->count && used->codecs[at] != codec)
		at++;
	if (at == used->count) {
		if (used->count == RECORD_MAX_CODECS)
			return;
		used->count++;
	} else if (used->firsts[at] <= first) {
		return;
	}
	for (;
	     at > 0 && is_before(first, codec, used->firsts[at - 1], used->codecs[at - 1]);
	     at--) {
		used->firsts[at] = used->firsts[at - 1];
		used->codecs[at] = used->codecs[at - 1];
	}
	used->firsts[at] = first;
	used->codecs[at] = (uint8_t)codec;
}
