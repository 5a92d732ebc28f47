#include "probe/source_pcap.h"

#include <stdio.h>

#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du
#define MAGIC_KUZNETZOV 0xa1b2cd34u

enum { RECORD_BYTES = 16, KUZNETZOV_EXTRA = 8, VERSION_MAJOR = 2 };

/*
 * |        magic        |  major  |  minor  |  zone (unused)  |  accuracy (unused)  |
 * |   snapshot length   |  link type and FCS length   |
 */
static bool read_magic(uint32_t magic, struct pcap_format *format)
{
	format->tick_ns = magic == MAGIC_NS ? 1 : NS_PER_US;
	format->record_extra = magic == MAGIC_KUZNETZOV ? KUZNETZOV_EXTRA : 0;
	return magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_KUZNETZOV;
}

enum status pcap_format_open(struct span *window, struct format_state *state,
                             struct pcap_format *out)
{
	struct reader r = reader_of(*window);
	struct pcap_format format = { 0 };
	const uint32_t magic = read_u32(&r);
	if (r.ran_out)
		return ERR_MALFORMED;
	format.big_endian = read_magic(magic, &format);
	if (!format.big_endian && !read_magic(__builtin_bswap32(magic), &format))
		return ERR_MALFORMED;
	const uint16_t major = read_order16(&r, format.big_endian);
	take(&r, 2 + 4 + 4 + 4);
	format.link_type = format_link_type(read_order32(&r, format.big_endian));
	if (r.ran_out)
		return ERR_TRUNCATED;
	if (major != VERSION_MAJOR)
		return ERR_UNSUPPORTED;
	format.interface = format_new_interface(state);
	*window = r.rest;
	*out = format;
	return OK;
}

/* | seconds | fraction | captured length | length on the wire |  all 32 bits */
size_t pcap_format_frames(const struct pcap_format *format, struct span *window,
                          struct format_state *state, struct frame *frames, size_t max)
{
	const bool big_endian = format->big_endian;
	const int64_t tick_ns = format->tick_ns;
	struct reader r = reader_of(*window);
	size_t n = 0;
	while (n < max && r.rest.len >= RECORD_BYTES + format->record_extra) {
		struct reader head = reader_of(take(&r, RECORD_BYTES));
		const uint32_t seconds = read_order32(&head, big_endian);
		const uint32_t fraction = read_order32(&head, big_endian);
		const uint32_t captured = read_order32(&head, big_endian);
		const uint32_t length = read_order32(&head, big_endian);
		take(&r, format->record_extra);
		if (captured > FORMAT_FRAME_MAX) {
			snprintf(state->fault, sizeof state->fault,
			         "record of %u bytes is longer than any frame", captured);
			break;
		}
		if (captured > r.rest.len)
			break;
		struct frame *frame = &frames[n++];
		frame->at = seconds * NS_PER_SEC + fraction * tick_ns;
		frame->bytes = take(&r, captured);
		frame->length = length > captured ? length : captured;
		frame->link_type = format->link_type;
		frame->interface = format->interface;
		frame->point = 0;
		frame->stays = state->frames_stay;
		frame->number = ++state->frames;
		*window = r.rest;
	}
	return n;
}
