#include "probe/rtp_map.h"

#include <stdio.h>

enum { MAX_CLOCK_HZ = 384000 };

bool rtp_map_add(struct rtp_map table[128], const char *argument,
                 struct option_error *error)
{
	struct text rest = text_from(argument);
	const struct text type = text_cut(&rest, '=');
	const struct text name = text_cut(&rest, '/');
	uint64_t number, clock_hz;
	if (text_number(type, 127, &number) != OK || name.len == 0 ||
	    text_number(rest, MAX_CLOCK_HZ, &clock_hz) != OK || clock_hz == 0)
		return option_refuse(error,
		                     "'%s' is not PT=NAME/CLOCK, such as 97=opus/48000",
		                     argument);
	const enum codec codec = codec_by_name(name, (uint32_t)clock_hz);
	if (codec == CODEC_UNKNOWN)
		return option_refuse(error, "'%.*s' is no codec we know", (int)name.len,
		                     name.at);
	table[number] = (struct rtp_map){
		.codec = codec,
		.clock_hz = (uint32_t)clock_hz,
		.payload_type = (uint8_t)number,
	};
	return true;
}

void rtp_map_describe(const struct rtp_map table[128], char *to, size_t size)
{
	size_t used = 0;
	to[0] = '\0';
	for (unsigned int i = 0; i < 128 && used < size; i++) {
		if (table[i].clock_hz == 0)
			continue;
		const int wrote = snprintf(to + used, size - used, "%u=%s/%u,", i,
		                           codec_name(table[i].codec), table[i].clock_hz);
		used += wrote > 0 ? (size_t)wrote : 0;
	}
}
