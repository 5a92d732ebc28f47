/* frame_bytes.h - the layers of frames, written so that a row reads like the packet. */
#ifndef EARSHOT_TESTS_FRAME_BYTES_H
#define EARSHOT_TESTS_FRAME_BYTES_H

#include "analyzer/base/span.h"

#define BYTES(...)                                                                         \
	{                                                                                  \
		(const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }) \
	}

/* Lengths are of 4 bytes of data. */
#define MACS 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1
#define IPV4_IN(first, total, id, offset, protocol)                                        \
	first, 0xb8, (total) >> 8, (total)&255, (id) >> 8, (id)&255, (offset) >> 8,        \
	        (offset)&255, 63, protocol, 0, 0, 198, 18, 0, 1, 198, 19, 0, 1
#define IPV4(total, protocol) IPV4_IN(0x45, total, 0x1234, 0x4000, protocol)
#define A6 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define B6 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define IPV6(length, next) 0x6b, 0x80, 0, 0, (length) >> 8, (length)&255, next, 63, A6, B6
#define UDP_IN(from, to, length)                                                           \
	(from) >> 8, (from)&255, (to) >> 8, (to)&255, (length) >> 8, (length)&255, 0, 0
#define UDP UDP_IN(4000, 5004, 12), 'd', 'a', 't', 'a'
#define TCP 0x13, 0xc4, 0x0f, 0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 0x50, 0x12, 0, 9, 0, 0, 0, 0
#define OUTER_IPV4(total, protocol)                                                        \
	0x45, 0, 0, total, 0, 1, 0, 0, 5, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2
#define OUTER_A6 0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1
#define OUTER_B6 0xfc, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2
#define OUTER_IPV6(length, next) 0x60, 0, 0, 0, 0, length, next, 5, OUTER_A6, OUTER_B6

enum { ETHERNET = 1, PPP = 9, RAW = 101, CHDLC = 104, SLL = 113, ERF = 197, SLL2 = 276 };

#endif
