/*
 * unit.h - what every unit test begins with: cmocka and the headers it wants before it,
 * and a generator of repeatable disorder.
 */
#ifndef EARSHOT_TESTS_UNIT_H
#define EARSHOT_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/base/status.h"

/* Marsaglia's xorshift64: the same numbers on every machine. */
static inline uint64_t disorder(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* 0 .. below - 1 */
static inline uint32_t disorder_below(uint64_t *state, uint32_t below)
{
	return (uint32_t)((disorder(state) >> 16) % below);
}

#endif
