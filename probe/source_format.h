/*
 * source_format.h - what the parsers of capture file formats share.  They are given a
 * window on the file's bytes and take whole records from its front; what is not whole yet
 * stays until the window holds more.
 */
#ifndef EARSHOT_PROBE_SOURCE_FORMAT_H
#define EARSHOT_PROBE_SOURCE_FORMAT_H

#include "probe/frame.h"

enum {
	FORMAT_FRAME_MAX = 256 * 1024,  /* captured bytes of one frame; libpcap's limit */
	FORMAT_WINDOW_MAX = 512 * 1024, /* no record that must be held whole is longer */
};

/* What one capture file has told so far that goes beyond the single frame. */
struct format_state {
	uint64_t frames; /* given out so far */
	uint64_t skip;   /* bytes behind the window that nobody needs */
	uint32_t *
	        interfaces; /* of all files of the source: the next free number; borrowed */
	bool frames_stay;   /* what the window shows does not change when it moves on */
	char fault[160];    /* why the file cannot be read on; empty = it can */
	struct interface_points points; /* of interfaces that have names */
};

/* A fresh interface number, unique in the source; those past the 65,535th share one. */
static inline uint16_t format_new_interface(struct format_state *state)
{
	return (uint16_t)(*state->interfaces < UINT16_MAX ? (*state->interfaces)++
	                                                  : UINT16_MAX);
}

static inline uint16_t read_order16(struct reader *r, bool big_endian)
{
	return big_endian ? read_u16(r) : read_u16_le(r);
}

static inline uint32_t read_order32(struct reader *r, bool big_endian)
{
	return big_endian ? read_u32(r) : read_u32_le(r);
}

/* LINKTYPE_ values use 26 bits of which 16 are in use; 65,535 stands for what is beyond. */
static inline uint16_t format_link_type(uint32_t value)
{
	value &= 0x03ffffff; /* above: length of the frame check sequence, class */
	return (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

#endif
