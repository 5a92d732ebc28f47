/*
 * source_pcap.h - the classic capture file (draft-ietf-opsawg-pcap): stamps in us or ns,
 * either byte order, and Kuznetzov's variant with a longer record header.
 */
#ifndef EARSHOT_PROBE_SOURCE_PCAP_H
#define EARSHOT_PROBE_SOURCE_PCAP_H

#include "analyzer/base/status.h"
#include "probe/source_format.h"

struct pcap_format {
	bool big_endian;
	size_t record_extra; /* bytes of the record header that nobody needs */
	int64_t tick_ns;     /* unit of the stamps' fraction */
	uint16_t link_type;
	uint16_t interface;
};

/*
 * Takes the file header.  ERR_MALFORMED: not this format; ERR_UNSUPPORTED: another
 * version; ERR_TRUNCATED: the format, but the header is not complete.
 */
MUST_CHECK enum status pcap_format_open(struct span *window, struct format_state *state,
                                        struct pcap_format *out);

/* Takes up to max whole records; returns how many.  Damage is told in state->fault. */
size_t pcap_format_frames(const struct pcap_format *format, struct span *window,
                          struct format_state *state, struct frame *frames, size_t max);

#endif
