/*
 * span.h - borrowed bytes, and the only way to read them.
 *
 * A reader walks a span front to back.  The first read past the end makes it
 * `ran_out` for good: that read and every later one yield zero.  So a decoder reads
 * its header straight through and asks once, before it believes any field.
 */
#ifndef EARSHOT_BASE_SPAN_H
#define EARSHOT_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/every_packet.h"

struct span {
	const uint8_t *at; /* borrowed; dies with its packet */
	size_t len;
};

struct reader {
	struct span rest;
	bool ran_out;
};

static inline struct reader reader_of(struct span bytes)
{
	return (struct reader){ .rest = bytes };
}

/* The next n bytes as a span; an empty one once the reader has run out. */
EVERY_PACKET static struct span take(struct reader *r, size_t n)
{
	if (r->ran_out || n > r->rest.len) {
		*r = (struct reader){ .ran_out = true };
		return (struct span){ 0 };
	}
	const struct span taken = { r->rest.at, n };
	if (n > 0) {
		r->rest.at += n;
		r->rest.len -= n;
	}
	return taken;
}

EVERY_PACKET static uint8_t read_u8(struct reader *r)
{
	const struct span b = take(r, 1);
	return b.len ? b.at[0] : 0;
}

/* Network byte order. */
EVERY_PACKET static uint16_t read_u16(struct reader *r)
{
	const struct span b = take(r, 2);
	return b.len ? (uint16_t)((unsigned int)b.at[0] << 8 | b.at[1]) : 0;
}

static inline uint32_t read_u24(struct reader *r)
{
	const struct span b = take(r, 3);
	return b.len ? (uint32_t)b.at[0] << 16 | (uint32_t)b.at[1] << 8 | b.at[2] : 0;
}

EVERY_PACKET static uint32_t read_u32(struct reader *r)
{
	const struct span b = take(r, 4);
	return b.len ? (uint32_t)b.at[0] << 24 | (uint32_t)b.at[1] << 16 |
	                       (uint32_t)b.at[2] << 8 | b.at[3]
	             : 0;
}

static inline uint64_t read_u64(struct reader *r)
{
	struct reader eight =
	        reader_of(take(r, 8)); /* all or none: half a number is no number */
	const uint64_t high = read_u32(&eight);
	const uint64_t low = read_u32(&eight);
	return high << 32 | low;
}

/*
 * The first eight octets as a number, the same on every machine; 0 when there are fewer.
 * Written so that compilers make one load of it: it is asked of every RTP packet.
 */
static inline uint64_t span_first_u64(struct span bytes)
{
	const uint8_t *at = bytes.at;
	if (bytes.len < 8)
		return 0;
	return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
	       (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
	       (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

/* Little-endian, for file formats. */
static inline uint16_t read_u16_le(struct reader *r)
{
	const struct span b = take(r, 2);
	return b.len ? (uint16_t)((unsigned int)b.at[1] << 8 | b.at[0]) : 0;
}

static inline uint32_t read_u32_le(struct reader *r)
{
	const struct span b = take(r, 4);
	return b.len ? (uint32_t)b.at[3] << 24 | (uint32_t)b.at[2] << 16 |
	                       (uint32_t)b.at[1] << 8 | b.at[0]
	             : 0;
}

#endif
