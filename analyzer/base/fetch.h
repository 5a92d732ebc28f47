/*
 * fetch.h - asks the processor for memory that will be needed soon, and goes on meanwhile.
 */
#ifndef EARSHOT_BASE_FETCH_H
#define EARSHOT_BASE_FETCH_H

#include <stddef.h>

#include "analyzer/base/every_packet.h"

enum { CACHE_LINE = 64 };

/*
 * The line of `at` and those behind it, as far as the bytes reach.  Nothing is touched.
 *
 * To a compiler that does nothing, so it would drop the calls of a function that does no
 * more than this: the empty statement is what it must not drop.
 */
EVERY_PACKET static void fetch(const void *at, size_t bytes)
{
	for (size_t byte = 0; byte < bytes; byte += CACHE_LINE)
		__builtin_prefetch((const char *)at + byte);
	__asm__ volatile("");
}

/* May be NULL. */
EVERY_PACKET static void fetch_line(const void *at)
{
	__builtin_prefetch(at);
	__asm__ volatile("");
}

#endif
