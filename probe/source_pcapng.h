/*
 * source_pcapng.h - the pcapng capture file (draft-ietf-opsawg-pcapng): sections of either
 * byte order, several interfaces, enhanced, simple and the old packet blocks, interface
 * statistics.  Names, secrets and unknown blocks are passed over.
 */
#ifndef EARSHOT_PROBE_SOURCE_PCAPNG_H
#define EARSHOT_PROBE_SOURCE_PCAPNG_H

#include "analyzer/base/status.h"
#include "probe/source_format.h"

struct pcapng_interface;

struct pcapng_format {
	bool big_endian;
	struct pcapng_interface *interfaces; /* owned; of the present section */
	size_t interface_count, interface_room;
	uint64_t dropped; /* by the statistics of sections that are over */
	nstime last_at;   /* simple packet blocks carry no time: that of the frame before */
};

/*
 * Looks whether the file begins with a section header, which pcapng_format_frames takes.
 * ERR_MALFORMED: not this format; ERR_TRUNCATED: the format, but cut short;
 * ERR_UNSUPPORTED: another version.
 */
MUST_CHECK enum status pcapng_format_open(struct span window, struct pcapng_format *out);

/* Takes up to max packets; returns how many.  Damage is told in state->fault. */
size_t pcapng_format_frames(struct pcapng_format *format, struct span *window,
                            struct format_state *state, struct frame *frames, size_t max);

/* Frames lost before they were written, as far as interface statistics tell. */
uint64_t pcapng_format_dropped(const struct pcapng_format *format);

void pcapng_format_close(struct pcapng_format *format);

#endif
