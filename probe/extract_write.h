/*
 * extract_write.h - frames to a capture file: pcap with nanoseconds, or pcapng when their
 * link types differ or a time does not fit pcap's 32 bits of seconds.
 */
#ifndef EARSHOT_PROBE_EXTRACT_WRITE_H
#define EARSHOT_PROBE_EXTRACT_WRITE_H

#include <stdio.h>

#include "probe/extract_picks.h"

enum { EXTRACT_LINK_TYPES = 64 }; /* told apart in one file */

struct extract_writer {
	FILE *out; /* borrowed */
	bool pcapng;
	uint16_t
	        link_types[EXTRACT_LINK_TYPES]; /* of pcapng's interfaces, in their order */
	size_t link_type_count;
};

/* Writes the head of the file; ERR_FULL: more link types than can be told apart. */
MUST_CHECK enum status extract_writer_begin(struct extract_writer *writer, FILE *out,
                                            const struct extract_picks *picks);

/* Whether it could be written, only the stream knows: ferror(out). */
void extract_writer_frame(const struct extract_writer *writer, const struct frame *frame);

#endif
